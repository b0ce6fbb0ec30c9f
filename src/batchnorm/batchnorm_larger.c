/* Claim (b), BatchNorm permits larger rates: where each net's rates end; see batchnorm_evidence.h. */
#include <math.h>

#include "batchnorm_evidence_parts.h"
#include "dlexp/base/counted.h"

/* A rate's mean accuracy is usable within so many points of the best one. */
static const double usable = 1;

static struct evidence_limit find_limit(const struct evidence *evidence, enum evidence_net net, size_t seed,
                                        size_t from)
{
    struct evidence_limit limit = {(double)NAN, (double)INFINITY};
    if (!evidence_run_at(evidence, net, from, seed))
        return limit;
    limit.largest = 0;
    for (size_t r = from; r < evidence->grid.rate_count; r++) {
        const enum evidence_outcome outcome = evidence_verdict_at(evidence, net, r, seed)->outcome;
        if (outcome == EVIDENCE_MISSING)
            continue;
        if (outcome != EVIDENCE_TRAINED) {
            limit.next = evidence->grid.rates[r].lr;
            break;
        }
        limit.largest = evidence->grid.rates[r].lr;
    }
    return limit;
}

void evidence_find_limits(struct evidence *evidence, enum evidence_net net, const size_t *from)
{
    for (size_t s = 0; s < evidence->grid.seeds; s++)
        evidence->limits[net][s] = find_limit(evidence, net, s, from ? from[s] : evidence->best_rate[net]);
}

/* From a rate as far as the mean stays usable, in steps of `step`; the end of the grid is told. */
static size_t walk(const struct evidence *evidence, enum evidence_net net, size_t from, bool up, double least,
                   bool *open)
{
    size_t last = from;
    for (size_t r = from; up ? ++r < evidence->grid.rate_count : r-- > 0;) {
        if (evidence->grid.rates[r].refined)
            continue;
        if (!(evidence_mean_selection(evidence, net, r) >= least))
            return last;
        last = r;
    }
    *open = true;
    return last;
}

void evidence_find_width(struct evidence *evidence, enum evidence_net net)
{
    const size_t best = evidence->best_rate[net];
    evidence->width[net] = (double)NAN;
    if (best == EVIDENCE_NO_RATE)
        return;
    const double least = evidence_mean_selection(evidence, net, best) - usable;
    const size_t low = walk(evidence, net, best, false, least, &evidence->width_open[net]),
                 high = walk(evidence, net, best, true, least, &evidence->width_open[net]);
    evidence->width[net] = log10(evidence->grid.rates[high].lr / evidence->grid.rates[low].lr);
}

enum evidence_limits evidence_limits_compare(const struct evidence_limit *a, const struct evidence_limit *b)
{
    if (a->largest == 0 && b->largest == 0)
        return EVIDENCE_NEITHER;
    if (isinf(a->next) && isinf(b->next))
        return EVIDENCE_BEYOND;
    if (a->largest != b->largest && !(a->largest > b->largest ? a->largest >= b->next : b->largest >= a->next))
        return EVIDENCE_OVERLAP;
    return EVIDENCE_COMPARED;
}

static void add_pair(struct evidence_answer *answer, struct evidence_ratios *ratios, const struct evidence_limit *a,
                     const struct evidence_limit *b)
{
    switch (evidence_limits_compare(a, b)) {
    case EVIDENCE_NEITHER:
        answer->never++;
        break;
    case EVIDENCE_BEYOND:
        answer->beyond++;
        break;
    case EVIDENCE_OVERLAP:
        answer->uncertain++;
        break;
    case EVIDENCE_COMPARED:
        evidence_ratios_add(ratios, a->largest, b->largest, a->largest / b->largest,
                            isinf(b->next) ? 0 : a->largest / b->next,
                            b->largest == 0 ? (double)INFINITY : a->next / b->largest);
        break;
    }
}

static void gather(struct evidence_answer *answer, struct evidence_ratios *ratios, const struct evidence *evidence)
{
    for (size_t s = 0; s < evidence->grid.seeds; s++) {
        const struct evidence_limit *limit[EVIDENCE_NETS] = {&evidence->limits[EVIDENCE_NONE][s],
                                                             &evidence->limits[EVIDENCE_BATCHNORM][s]};
        const size_t before = ratios->n;
        if (isnan(limit[EVIDENCE_NONE]->largest) || isnan(limit[EVIDENCE_BATCHNORM]->largest))
            continue;
        add_pair(answer, ratios, limit[EVIDENCE_BATCHNORM], limit[EVIDENCE_NONE]);
        for (int net = 0; net < EVIDENCE_NETS && ratios->n > before; net++)
            ratios->failed += limit[net]->largest == 0; /* at its best rate */
    }
}

/* The widest bracket of a pair whose two rates are equal, as a ratio; rates that were refined have 6 digits. */
static double widest_tie(const struct evidence *evidence)
{
    double widest = 1;
    for (size_t s = 0; s < evidence->grid.seeds; s++) {
        const struct evidence_limit *a = &evidence->limits[EVIDENCE_BATCHNORM][s],
                                    *b = &evidence->limits[EVIDENCE_NONE][s];
        if (a->largest > 0 && a->largest == b->largest && !(isinf(a->next) && isinf(b->next)))
            widest = fmax(widest, fmin(a->next, b->next) / a->largest / (1 + 1e-5));
    }
    return widest;
}

/* What no number can answer, with the remedy. */
static void settle(struct evidence_answer *answer, const struct evidence *evidence)
{
    if (isinf(evidence->trained) && answer->never > 0)
        evidence_settle(answer, "no net learns at any of these rates; give more epochs or other rates");
    else if (answer->beyond > 0 && answer->never > 0)
        evidence_settle(answer,
                        "both nets train up to the largest rate (%s) or neither trains at its best one (%zu); "
                        "give larger and smaller rates",
                        counted(answer->beyond, "pair").text, answer->never);
    else if (answer->beyond > 0)
        evidence_settle(answer, "both nets train up to the largest rate; give larger ones");
    else if (answer->never > 0)
        evidence_settle(answer, "neither net trains, even at its best rate; give smaller rates or more epochs");
    else if (answer->uncertain > 0)
        evidence_settle(answer, "the brackets of both nets overlap; refine all seeds by the same --refine");
    else
        evidence_settle(answer, "no seed has runs of both nets");
}

static void add_asides(struct evidence_answer *answer, const struct evidence *evidence)
{
    const double margin = evidence->rules.ratio_margin, widest = widest_tie(evidence);
    if (answer->paired.ties == answer->paired.n && widest > 1) {
        answer->step = log2(widest);
        if (widest > margin)
            evidence_add_aside(answer, "give --refine %.0f", ceil(log2(log(widest) / log(margin))));
    }
    if (answer->beyond > 0)
        evidence_add_aside(answer,
                           "%zu pair%s left out, in which both nets train up to the largest rate: give larger ones",
                           answer->beyond, plural_end(answer->beyond, "pair"));
    if (answer->never > 0)
        evidence_add_aside(answer, "%zu left out, in which neither net trains at its best rate: give smaller ones",
                           answer->never);
    if (answer->uncertain > 0)
        evidence_add_aside(answer, "%zu left out, whose brackets overlap", answer->uncertain);
}

int evidence_larger(struct evidence_answer *answer, const struct evidence *evidence, const struct paired_rules *rules,
                    struct error *err)
{
    struct evidence_ratios ratios;
    if (evidence_ratios_init(&ratios, evidence->grid.seeds, err) < 0)
        return -1;
    gather(answer, &ratios, evidence);
    const int result = evidence_ratio_judge(answer, &ratios, rules, err);
    answer->bracket = evidence_ratios_bracket(&ratios);
    evidence_ratios_free(&ratios);
    if (answer->paired.n == 0)
        settle(answer, evidence);
    else
        add_asides(answer, evidence);
    return result;
}
