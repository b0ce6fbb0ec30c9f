/*
 * batchnorm_claims.h - whether what is said of BatchNorm holds: differences batchnorm - none, taken seed by seed.
 *
 * Every claim has its line: a verdict, or why there is none and what to do.  Judged is the test accuracy of single
 * epochs, in the notebook protocol too.  No run is left out: one that diverged counts as chance, which is what the test
 * set's largest class has.  A net has learnt at a rate if its mean final accuracy lies in the upper half between chance
 * and 100 %.
 */
#ifndef DLEXP_BATCHNORM_CLAIMS_H
#define DLEXP_BATCHNORM_CLAIMS_H

#include "batchnorm_rows.h"
#include "dlexp/statistics/statistics.h"

enum report_claim { CLAIM_FASTER, CLAIM_RATES, CLAIM_BETTER };

enum report_verdict { VERDICT_NOT_COMPARABLE, VERDICT_UNDECIDED, VERDICT_HOLDS, VERDICT_FAILS };

enum { CLAIM_PAIRS = 6 }; /* with fewer seeds no claim is decided */

/* A claim, at one rate or as a whole. */
struct report_answer {
    enum report_claim claim;
    double lr; /* nan: of no single rate */
    /* Of the test accuracy in %, after epoch 1 (CLAIM_FASTER) or the last one; count 0 where lr is nan. */
    struct statistics batchnorm, none, difference;
    size_t batchnorm_diverged, none_diverged; /* runs that count as chance there */
    enum report_verdict verdict;
    char why[192]; /* "" where the verdict says all */
};

/* report_claim_name - "converges faster"; report_verdict_name - "not comparable". */
const char *report_claim_name(enum report_claim claim);
const char *report_verdict_name(enum report_verdict verdict);

/* report_learnt_percent - the mean final accuracy above which a net has learnt. */
double report_learnt_percent(const struct batchnorm *report);

/* report_make_answers - from the groups: one line of each claim at least. */
int report_make_answers(struct batchnorm *report, struct error *err);

#endif
