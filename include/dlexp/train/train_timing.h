/*
 * train_timing.h - what a run costs: the memory it takes, the time it will take, and where the time of a step goes.
 */
#ifndef DLEXP_TRAIN_TIMING_H
#define DLEXP_TRAIN_TIMING_H

#include "dlexp/base/error.h"
#include "dlexp/data/dataset.h"
#include "dlexp/kernels/kernels.h"
#include "dlexp/run/hooks.h"
#include "dlexp/train/train_config.h"
#include "dlexp/train/trainer.h"

/*
 * train_memory - bytes that a run takes: while it trains (nets, gradients, optimizer, batch, best parameters and their
 * file), and what its record holds from then on.  For any norm: that of the largest.
 */
void train_memory(const struct train_config *config, const struct dataset *data, double *running, double *kept);

/*
 * train_seconds - an estimate of the run's time on this machine now, from some of its first steps (about 50 ms).  Of a
 * net that is large, a smaller one is timed and its arithmetic counted up.
 */
int train_seconds(const struct train_config *config, const struct dataset *data, const struct kernels *kernels,
                  double *seconds, struct error *err);

/*
 * train_epochs - `epochs` whole epochs of the first norm and rate, as a fair run trains them: seconds[i] is what epoch
 * i took, its shuffle and steps without the evaluation; *accuracy_percent is the test set's after the last.
 * hooks->report, if there are hooks, is called after each.
 *
 * ERROR_RUN if the loss diverged.
 */
int train_epochs(const struct train_config *config, const struct dataset *data, const struct kernels *kernels,
                 size_t epochs, const struct run_hooks *hooks, double *seconds, double *accuracy_percent,
                 struct error *err);

struct train_profile {
    double start_s;               /* memory and initial weights: all that comes before the first step, the data apart */
    double phase_s[TRAIN_PHASES]; /* median over the steps */
    double step_s;                /* median of whole steps */
    size_t steps;                 /* that were timed */
};

/*
 * train_profile - the steps of an epoch of the first norm and rate with the clock read between their phases, until
 * `limit_s` seconds have gone by (at least three steps).
 */
int train_profile(const struct train_config *config, const struct dataset *data, const struct kernels *kernels,
                  double limit_s, struct train_profile *profile, struct error *err);

#endif
