/*
 * batchnorm_plan.h - the plan of `dlexp batchnorm`: its runs, what they need, what is said before they begin.
 */
#ifndef DLEXP_BATCHNORM_PLAN_H
#define DLEXP_BATCHNORM_PLAN_H

#include "batchnorm_rows.h"

/*
 * batchnorm_plan_make - the runs in the order of the tables: by block of the grid, norm, lr, seed.  In the notebook
 * protocol one run goes through all norms and rates in the order given.
 */
int batchnorm_plan_make(struct plan *plan, struct batchnorm *batchnorm, const struct invocation *invocation,
                        struct error *err);

/* batchnorm_plan_measure - the room and memory that a run takes at most. */
void batchnorm_plan_measure(struct plan *plan, const struct batchnorm *batchnorm);

/* batchnorm_plan_print - what will be done; batchnorm_plan_seconds - how long it takes (experiment.h). */
int batchnorm_plan_print(const void *batchnorm, const struct plan *plan, FILE *out, struct error *err);
int batchnorm_plan_seconds(const void *batchnorm, struct plan *plan, double *rest_s, struct error *err);

#endif
