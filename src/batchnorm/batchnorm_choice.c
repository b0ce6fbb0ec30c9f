/* The rate at which each seed is tested, chosen by other seeds; see batchnorm_evidence.h. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "batchnorm_evidence_parts.h"

/* Means that differ by less are equal: sums of the same numbers in another order. */
static const double equal = 1e-9;

/* What others say of a rate, for each seed; larger is better, nan: nobody says anything. */
struct opinion {
    double score, tie;
};

struct ranked {
    double value;
    size_t seed;
};

/* One rate of one net, a value for each seed that has a run. */
struct work {
    struct ranked *ranked; /* [seeds]: values in order of seeds, then ascending */
    struct opinion *rate, *best;
    size_t seeds, count; /* values */
    enum evidence_choice choice;
    size_t choosers; /* by others: only the first so many seeds choose */
};

static int compare(const void *a_, const void *b_)
{
    const struct ranked *a = a_, *b = b_;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return (a->seed > b->seed) - (a->seed < b->seed);
}

/* The i-th value where that at place `without` is left out. */
static double value_without(const struct work *work, size_t i, size_t without)
{
    return work->ranked[i < without ? i : i + 1].value;
}

static double median_without(const struct work *work, size_t without)
{
    const size_t count = work->count - (without < work->count);
    if (count == 0)
        return (double)NAN;
    return (value_without(work, (count - 1) / 2, without) + value_without(work, count / 2, without)) / 2;
}

/* -median, so that fewer steps are better. */
static void medians_of_others(struct work *work)
{
    qsort(work->ranked, work->count, sizeof *work->ranked, compare);
    for (size_t s = 0; s < work->seeds; s++)
        work->rate[s].score = -median_without(work, SIZE_MAX); /* of a seed that has no run */
    for (size_t i = 0; i < work->count; i++)
        work->rate[work->ranked[i].seed].score = -median_without(work, work->seeds == 1 ? SIZE_MAX : i);
}

/* The values before each seed, kept in order by insertion. */
static void medians_of_earlier(struct work *work)
{
    const size_t all = work->count;
    size_t next = 0;
    work->count = 0;
    for (size_t s = 0; s < work->seeds; s++) {
        work->rate[s].score = s < EVIDENCE_CHOOSERS ? (double)NAN : -median_without(work, SIZE_MAX);
        if (next == all || work->ranked[next].seed != s)
            continue;
        const struct ranked added = work->ranked[next++];
        size_t place = work->count++;
        while (place > 0 && work->ranked[place - 1].value > added.value)
            place--;
        memmove(work->ranked + place + 1, work->ranked + place, (work->count - 1 - place) * sizeof added);
        work->ranked[place] = added;
    }
}

/* Of values in order of seeds, into the score or the tie. */
static void means_of_others(struct work *work, bool tie)
{
    double sum = 0, before = 0;
    size_t next = 0, earlier = 0, others = 0;
    for (size_t i = 0; i < work->count; i++)
        if (work->ranked[i].seed < work->choosers) {
            sum += work->ranked[i].value;
            others++;
        }
    for (size_t s = 0; s < work->seeds; s++) {
        const bool own = next < work->count && work->ranked[next].seed == s;
        const double value = own ? work->ranked[next++].value : 0;
        double mean = (double)NAN;
        if (work->choice == EVIDENCE_BY_EARLIER) {
            mean = s < EVIDENCE_CHOOSERS ? (double)NAN : before / (double)earlier;
            before += value;
            earlier += own;
        } else if (work->seeds == 1 || s >= work->choosers) {
            mean = sum / (double)others;
        } else {
            mean = (sum - value) / (double)(others - own);
        }
        *(tie ? &work->rate[s].tie : &work->rate[s].score) = mean;
    }
}

static double value_of(const struct evidence *evidence, enum evidence_net net, size_t rate, size_t seed,
                       enum evidence_criterion criterion, bool tie)
{
    const struct evidence_run *run = evidence_run_at(evidence, net, rate, seed);
    if (criterion == EVIDENCE_BY_ACCURACY)
        return evidence_selection(evidence, run);
    if (!tie)
        return evidence_verdict_at(evidence, net, rate, seed)->steps;
    return run->evaluation_count > 0 ? run->evaluations[0].accuracy : evidence->rules.chance_selection;
}

static void gather(struct work *work, const struct evidence *evidence, enum evidence_net net, size_t rate,
                   enum evidence_criterion criterion, bool tie)
{
    work->count = 0;
    for (size_t s = 0; s < work->seeds; s++)
        if (evidence_run_at(evidence, net, rate, s))
            work->ranked[work->count++] = (struct ranked){value_of(evidence, net, rate, s, criterion, tie), s};
}

static void ask(struct work *work, const struct evidence *evidence, enum evidence_net net, size_t rate,
                enum evidence_criterion criterion)
{
    memset(work->rate, 0, work->seeds * sizeof *work->rate);
    gather(work, evidence, net, rate, criterion, true);
    if (criterion == EVIDENCE_BY_ACCURACY) {
        means_of_others(work, false);
        return;
    }
    means_of_others(work, true);
    gather(work, evidence, net, rate, criterion, false);
    if (work->choice == EVIDENCE_BY_EARLIER)
        medians_of_earlier(work);
    else
        medians_of_others(work);
}

static bool same(double a, double b)
{
    return a == b || fabs(a - b) <= equal;
}

static bool is_better(const struct opinion *a, const struct opinion *b)
{
    return same(a->score, b->score) ? a->tie > b->tie && !same(a->tie, b->tie) : a->score > b->score;
}

int evidence_choose(size_t *chosen, const struct evidence *evidence, enum evidence_net net,
                    enum evidence_criterion criterion, enum evidence_choice choice, struct error *err)
{
    const size_t seeds = evidence->grid.seeds;
    struct work work = {.seeds = seeds, .choice = choice, .choosers = SIZE_MAX};
    if (criterion == EVIDENCE_BY_ACCURACY && evidence->rules.first > 0)
        work.choosers = evidence->rules.first;
    work.ranked = calloc(seeds, sizeof *work.ranked);
    work.rate = calloc(2 * seeds, sizeof *work.rate);
    const bool ready = work.ranked && work.rate;
    for (size_t s = 0; s < seeds; s++)
        chosen[s] = EVIDENCE_NO_RATE;
    for (size_t r = 0; r < evidence->grid.rate_count && ready; r++) {
        const struct evidence_rate *rate = &evidence->grid.rates[r];
        work.best = work.rate + seeds;
        if (rate->refined || (criterion == EVIDENCE_BY_STEPS && rate->carried))
            continue;
        ask(&work, evidence, net, r, criterion);
        for (size_t s = 0; s < seeds; s++)
            if (!isnan(work.rate[s].score) &&
                (chosen[s] == EVIDENCE_NO_RATE || is_better(&work.rate[s], &work.best[s]))) {
                chosen[s] = r;
                work.best[s] = work.rate[s];
            }
    }
    free(work.ranked);
    free(work.rate);
    return ready ? 0 : error_out_of_memory(err, "the claims");
}

double evidence_mean_selection(const struct evidence *evidence, enum evidence_net net, size_t rate)
{
    double sum = 0;
    size_t count = 0;
    for (size_t s = 0; s < evidence->grid.seeds; s++) {
        const struct evidence_run *run = evidence_run_at(evidence, net, rate, s);
        if (run) {
            sum += evidence_selection(evidence, run);
            count++;
        }
    }
    return sum / (double)count;
}

size_t evidence_best_rate(const struct evidence *evidence, enum evidence_net net)
{
    size_t best = EVIDENCE_NO_RATE;
    double highest = (double)NAN;
    for (size_t r = 0; r < evidence->grid.rate_count; r++) {
        const double mean = evidence->grid.rates[r].refined ? (double)NAN : evidence_mean_selection(evidence, net, r);
        if (!isnan(mean) && (best == EVIDENCE_NO_RATE || (mean > highest && !same(mean, highest)))) {
            best = r;
            highest = mean;
        }
    }
    return best;
}
