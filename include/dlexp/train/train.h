/*
 * train.h - train and evaluate networks on a data set, as torch would with the same seed: one run of `dlexp batchnorm`.
 *
 * Protocol fair: one (norm, lr, seed), a fresh net.  Each epoch shuffles and trains, then evaluates in eval mode on the
 * whole test set in its order.  Draws as torch.manual_seed(seed), the net, one shuffled and one plain DataLoader.
 *
 * Protocol notebook: one seed, all norms and rates, as the homework's notebook did it.  The nets are made once, in the
 * order of norms; for each lr and within it each norm, a fresh optimizer goes on from the net's weights.  The test
 * loader is shuffled, and a first batch of it is drawn before everything; the test pass is in training mode (batch
 * statistics, and the running ones move); accuracies are averages over the epochs so far; the loss is the sum of batch
 * losses / 1000.
 *
 * The unit (norm, lr) within a run is a segment; a fair run has one.
 *
 * A run's record: values `segment.N.norm|lr|status|diverged_step|...`; table `epochs` (segment, epoch, train_loss,
 * train_accuracy_percent, test_loss, test_accuracy_percent); tables `steps.N` (train_loss: each batch's mean, as
 * float32).
 */
#ifndef DLEXP_TRAIN_H
#define DLEXP_TRAIN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "dlexp/base/error.h"
#include "dlexp/data/dataset.h"
#include "dlexp/kernels/kernels.h"
#include "dlexp/net/mlp.h"
#include "dlexp/run/hooks.h"
#include "dlexp/run/record.h"
#include "dlexp/train/train_config.h"

/* Takes the parameters of a segment's best epoch as a safetensors image. */
typedef int train_model_fn(void *context, size_t segment, const unsigned char *data, size_t size, struct error *err);

/*
 * train_run - the run, from seed to record.
 *
 * A non-finite training loss ends its segment with status diverged and the step (1, 2, ...), a non-finite test loss
 * with status diverged_in_test after the epochs of its table: results, and no errors.  save_model
 * may be NULL.  Thread-safe; the data set is shared and only read.  Batches of one row need a net without BatchNorm
 * (see train_check).
 */
int train_run(const struct train_config *config, const struct dataset *data, const struct kernels *kernels,
              const struct run_hooks *hooks, train_model_fn *save_model, void *context, struct record *record,
              struct error *err);

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
 *
 * ERROR_RUN if the loss diverged.
 */
int train_epochs(const struct train_config *config, const struct dataset *data, const struct kernels *kernels,
                 size_t epochs, double *seconds, double *accuracy_percent, struct error *err);

/* The parts of a training step. */
enum train_phase { TRAIN_GATHER, TRAIN_FORWARD, TRAIN_LOSS, TRAIN_BACKWARD, TRAIN_UPDATE, TRAIN_PHASES };

/* train_phase_name - walks the names in enum order. */
bool train_phase_name(size_t index, const char **name);

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
