/*
 * batchnorm_endings.h - how the runs of `dlexp batchnorm` ended that are done, while others may be missing.
 */
#ifndef DLEXP_BATCHNORM_ENDINGS_H
#define DLEXP_BATCHNORM_ENDINGS_H

#include "batchnorm_rows.h"

/*
 * batchnorm_endings - of each run of the plan that is done (experiment.h): diverged where one of its segments did,
 * untrained where one of them has the outcome `failed` (batchnorm_evidence.h) among the runs of its block that are
 * done: once all are, that of summary.csv.
 */
int batchnorm_endings(const void *batchnorm, const struct plan *plan, enum run_ending *endings, struct error *err);

#endif
