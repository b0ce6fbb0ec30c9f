#include "batchnorm_claims.h"

#include <math.h>
#include <stdlib.h>

#include "batchnorm_groups.h"

/* Rows [*first, *end) of a norm and lr; false if there are none. */
static bool find_group(const struct batchnorm *report, enum mlp_norm norm, double lr, size_t *first, size_t *end)
{
    for (*first = 0; *first < report->count; *first = *end) {
        *end = report_group_end(report, *first);
        if (report->rows[*first].norm == norm && report->rows[*first].lr == lr)
            return true;
    }
    return false;
}

/* Compare the two norms at this rate, seed by seed; false if one of them was not run. */
static bool compare_norms(const struct batchnorm *report, double lr, report_measure_fn *measure, size_t column,
                          size_t epoch, struct report_answer *answer)
{
    size_t first[2], end[2], count = 0;
    if (!find_group(report, MLP_NORM_NONE, lr, &first[0], &end[0]) ||
        !find_group(report, MLP_NORM_BATCHNORM, lr, &first[1], &end[1]))
        return false;
    double *differences = malloc((end[0] - first[0]) * sizeof *differences);
    for (size_t i = 0; differences && i < end[0] - first[0]; i++) {
        double d =
            measure(&report->rows[first[1] + i], column, epoch) - measure(&report->rows[first[0] + i], column, epoch);
        if (!isnan(d))
            differences[count++] = d;
    }
    answer->lr = lr;
    answer->none = report_group_statistics(report, first[0], end[0], measure, column, epoch);
    answer->batchnorm = report_group_statistics(report, first[1], end[1], measure, column, epoch);
    answer->difference = (struct statistics){0, NAN, NAN, NAN};
    if (count > 0)
        answer->difference = statistics_of(differences, count);
    free(differences);
    return true;
}

/* By the 95 % interval of the paired difference. */
static const char *verdict_of(const struct statistics *difference)
{
    if (difference->count == 0)
        return "no pair of runs to compare";
    if (difference->count == 1)
        return "one seed, no interval: add --seeds 1..10";
    if (difference->mean - difference->half_width > 0)
        return "holds";
    if (difference->mean + difference->half_width < 0)
        return "fails: it is the other way round";
    return "undecided: the interval holds 0";
}

static const char *const claims[REPORT_CLAIMS] = {"converges faster", "permits larger rates", "ends better"};

/*
 * Nets that learnt: their final accuracy lies in the upper half of what is between always naming the largest class and
 * 100 %.  Runs that diverged have no final accuracy.
 */
static bool learnt(const struct batchnorm *report, const struct statistics *final)
{
    return final->count > 0 && final->mean > (100 + report->chance_percent) / 2;
}

bool report_answer_claim(const struct batchnorm *report, size_t claim, double lr, struct report_answer *answer)
{
    bool found = claim == REPORT_CLAIM_FASTER
                     ? compare_norms(report, lr, report_epoch_cell, EPOCH_TEST_ACCURACY, 1, answer)
                     : compare_norms(report, lr, report_final_cell, EPOCH_TEST_ACCURACY, 0, answer);
    if (!found)
        return false;
    bool none = learnt(report, &answer->none), batchnorm = learnt(report, &answer->batchnorm);
    answer->claim = claims[claim];
    if (claim == REPORT_CLAIM_RATES) {
        /* A rate says something here where one of the nets fails at it, or both do. */
        if (batchnorm && none)
            return false;
        answer->verdict = !batchnorm && !none            ? "neither learns"
                          : none                         ? "fails: only the net without BatchNorm learns"
                          : answer->batchnorm.count <= 1 ? "holds, for this one seed"
                                                         : "holds";
        return true;
    }
    answer->verdict = verdict_of(&answer->difference);
    return none && batchnorm;
}
