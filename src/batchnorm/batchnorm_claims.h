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
#include "dlexp/statistics/claim.h"
#include "dlexp/statistics/statistics.h"

enum report_claim { CLAIM_FASTER, CLAIM_RATES, CLAIM_BETTER };

enum { CLAIM_PAIRS = 6 };       /* with fewer seeds no claim is decided */
#define CLAIM_BETTER_MARGIN 0.2 /* points of accuracy: what is surely less makes no difference */

/* A claim, at one rate or as a whole (lr nan): of the test accuracy in %, after epoch 1 (CLAIM_FASTER) or the last one,
 * a is batchnorm's, b none's, the effect their difference. */
struct report_answer {
    const struct run *run; /* one of those that it is judged by: what they have in common */
    enum report_claim about;
    struct claim claim;
    struct statistics batchnorm, none, difference; /* count 0 where lr is nan */
    size_t batchnorm_diverged, none_diverged;      /* runs that count as chance there */
};

/* report_learnt_percent - the mean final accuracy above which a net has learnt. */
double report_learnt_percent(const struct batchnorm *report);

/* report_make_answers - from the groups: one line of each claim at least. */
int report_make_answers(struct batchnorm *report, struct error *err);

/* The answers as JSON has them; report_fill_claims - claims.csv. */
extern const struct frame_column report_answers_columns[];
void report_fill_answers(const void *batchnorm, struct frame *frame);
void report_fill_claims(const void *batchnorm, struct frame *frame);

#endif
