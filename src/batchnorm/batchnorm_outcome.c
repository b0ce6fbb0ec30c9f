/* What became of each run: did it train, and after how many steps; see batchnorm_evidence.h. */
#include <math.h>

#include "batchnorm_evidence_parts.h"
#include "dlexp/statistics/order.h"

/* Of the training loss within the last epoch: what falls by more still learns. */
static const double falling = 0.01;

const char *evidence_outcome_name(enum evidence_outcome outcome)
{
    static const char *const names[EVIDENCE_OUTCOMES] = {
        [EVIDENCE_MISSING] = "missing", [EVIDENCE_TRAINED] = "trained",   [EVIDENCE_COLLAPSED] = "collapsed",
        [EVIDENCE_SLOW] = "slow",       [EVIDENCE_DIVERGED] = "diverged", [EVIDENCE_FAILED] = "failed"};
    return names[outcome];
}

const struct evidence_run *evidence_run_at(const struct evidence *evidence, enum evidence_net net, size_t rate,
                                           size_t seed)
{
    const struct evidence_run *runs = evidence->grid.runs[net];
    if (!runs || rate == EVIDENCE_NO_RATE || !runs[rate * evidence->grid.seeds + seed].present)
        return NULL;
    return &runs[rate * evidence->grid.seeds + seed];
}

const struct evidence_verdict *evidence_verdict_at(const struct evidence *evidence, enum evidence_net net, size_t rate,
                                                   size_t seed)
{
    return &evidence->verdicts[net][rate * evidence->grid.seeds + seed];
}

double evidence_selection(const struct evidence *evidence, const struct evidence_run *run)
{
    return run->diverged || isnan(run->selection) ? evidence->rules.chance_selection : run->selection;
}

double evidence_test(const struct evidence *evidence, const struct evidence_run *run)
{
    return run->diverged || isnan(run->test) ? evidence->rules.chance_test : run->test;
}

/* Over the first `seeds` seeds; nan where the net has no such run. */
static double median_selection(const struct evidence *evidence, enum evidence_net net, size_t rate, size_t seeds,
                               double *scratch)
{
    size_t count = 0;
    for (size_t s = 0; s < seeds && s < evidence->grid.seeds; s++) {
        const struct evidence_run *run = evidence_run_at(evidence, net, rate, s);
        if (run)
            scratch[count++] = evidence_selection(evidence, run);
    }
    order_sort(scratch, count);
    return count > 0 ? order_median(scratch, count) : (double)NAN;
}

void evidence_find_thresholds(struct evidence *evidence, size_t seeds, double *scratch)
{
    const double chance = evidence->rules.chance_selection;
    double best = (double)NAN;
    for (int net = 0; net < EVIDENCE_NETS; net++)
        for (size_t r = 0; r < evidence->grid.rate_count; r++) {
            if (evidence->grid.rates[r].refined)
                continue;
            const double median = median_selection(evidence, (enum evidence_net)net, r, seeds, scratch);
            if (!isnan(median) && !(median <= best))
                best = median;
        }
    evidence->best_median = best;
    /* Not "best < ...": where there are no runs, none trains. */
    evidence->trained = best >= chance + 0.1 * (100 - chance) ? chance + 0.9 * (best - chance) : (double)INFINITY;
    if (!isnan(evidence->rules.trained))
        evidence->trained = evidence->rules.trained;
    evidence->target = isnan(evidence->rules.target) ? evidence->trained : evidence->rules.target;
    number_format_real(evidence->trained_text, evidence->trained);
    number_format_real(evidence->target_text, evidence->target);
}

bool evidence_trains(const struct evidence *evidence, const struct evidence_run *run)
{
    return !run->diverged && run->selection >= evidence->trained;
}

/* The largest rate of the grid at which some run of the net trained; EVIDENCE_NO_RATE. */
static size_t largest_trained(const struct evidence *evidence, enum evidence_net net)
{
    for (size_t r = evidence->grid.rate_count; r-- > 0;)
        for (size_t s = 0; s < evidence->grid.seeds && !evidence->grid.rates[r].refined; s++) {
            const struct evidence_run *run = evidence_run_at(evidence, net, r, s);
            if (run && evidence_trains(evidence, run))
                return r;
        }
    return EVIDENCE_NO_RATE;
}

/* Also how it went: highest is the best accuracy of its evaluations. */
static struct evidence_verdict walk(const struct evidence_run *run, double target, double *highest)
{
    struct evidence_verdict verdict = {.steps = (double)INFINITY};
    *highest = -1;
    for (size_t e = 0; e < run->evaluation_count; e++) {
        const struct evidence_evaluation *at = &run->evaluations[e];
        *highest = at->accuracy > *highest ? at->accuracy : *highest;
        if (at->accuracy >= target && isinf(verdict.steps)) {
            verdict.steps = (double)at->step;
            verdict.before = e > 0 ? (double)run->evaluations[e - 1].step : 0;
        }
    }
    return verdict;
}

struct evidence_verdict evidence_judge(const struct evidence *evidence, const struct evidence_run *run,
                                       bool larger_trains)
{
    double highest;
    struct evidence_verdict verdict = walk(run, evidence->target, &highest);
    verdict.outcome = run->diverged                                                      ? EVIDENCE_DIVERGED
                      : evidence_trains(evidence, run)                                   ? EVIDENCE_TRAINED
                      : highest >= evidence->trained                                     ? EVIDENCE_COLLAPSED
                      : larger_trains && run->losses[1] < (1 - falling) * run->losses[0] ? EVIDENCE_SLOW
                                                                                         : EVIDENCE_FAILED;
    return verdict;
}

void evidence_find_outcomes(struct evidence *evidence)
{
    const struct evidence_grid *grid = &evidence->grid;
    for (int n = 0; n < EVIDENCE_NETS; n++) {
        const enum evidence_net net = (enum evidence_net)n;
        const size_t largest = largest_trained(evidence, net);
        for (size_t i = 0; i < grid->rate_count * grid->seeds; i++) {
            const struct evidence_run *run = evidence_run_at(evidence, net, i / grid->seeds, i % grid->seeds);
            if (run) /* else missing, as calloc left it */
                evidence->verdicts[net][i] =
                    evidence_judge(evidence, run, largest != EVIDENCE_NO_RATE && largest > i / grid->seeds);
        }
    }
}
