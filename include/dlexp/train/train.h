/*
 * train.h - train and evaluate networks on a data set, as torch would with the same seed: one run of `dlexp batchnorm`.
 *
 * The protocols and what they draw are in train_protocol.h, the measures of an epoch in train_measure.h.
 *
 * The unit (norm, lr) within a run is a segment; a fair run has one.
 *
 * A run's record: values `segment.N.norm|lr|status|diverged_step|...`; table `epochs`, a row for each epoch of each
 * segment; with config->layers table `layers`, a row for each hidden layer of each row of that (train_layers.h); with
 * config->selection.eval_every table `evals` (train_evals.h); tables `steps.N` (train_loss: each batch's mean, as
 * float32) and, where it did not diverge, `bits.N` (train_bits.h).  With a validation split `epochs` has its loss and
 * accuracy in place of the test set's, which are values: `segment.N.test_*`, and of the best epoch's parameters
 * `segment.N.best_test_*` (train_record.h).
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

#endif
