/*
 * train_config.h - what decides a training run: protocol, nets, rates, optimizer, batches, seed; and its canonical
 * text.
 */
#ifndef DLEXP_TRAIN_CONFIG_H
#define DLEXP_TRAIN_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "dlexp/base/error.h"
#include "dlexp/base/lists.h"
#include "dlexp/data/dataset.h"
#include "dlexp/kernels/optimizer.h"
#include "dlexp/net/mlp.h"
#include "dlexp/train/schedule.h"
#include "dlexp/train/train_protocol.h"

/* All that decides a run's numbers, beside the data: the fields of the settings (train_settings.h). */
struct train_config {
    size_t protocol;      /* row of train_protocol.h */
    struct indices norms; /* numbers of norms (layer.h); one in a fair run */
    struct reals lrs;     /* one in a fair run */
    size_t optimizer;     /* row of the optimizer table */
    struct hyperparameters hyper;
    struct schedule schedule; /* of the rate, in each segment from its first epoch on */
    struct integers hidden;   /* widths; none: a softmax regression */
    size_t activation;        /* its number (layer.h) */
    size_t batch, epochs;
    bool drop_last;    /* of each epoch's order, the images that make no whole batch are left out, of training alone */
    size_t validation; /* images held out of training, the last of its file: what is evaluated between epochs and
                          chooses the best of them; 0: none, that is the test set */
    size_t eval_every; /* steps between further evaluations; 0: none */
    int64_t seed;
    size_t threads; /* (0 is 1) that share one run's work; the numbers do not depend on it, so it is not in the spec */
    bool layers;    /* note what the hidden layers do (train_layers.h); the same for it */
};

/* train_shape - the net of this norm on this data.  train_largest_norm - the norm whose net takes most memory. */
struct mlp_shape train_shape(const struct train_config *config, size_t norm, const struct dataset *data);
size_t train_largest_norm(const struct train_config *config, const struct dataset *data);

/* train_batches - batches that `rows` images make, the last one perhaps smaller. */
size_t train_batches(size_t rows, size_t batch);

/* train_sparse - whether the first layer reads pixels and skips zeros among them: there are many, and it is not the
 * only one (layer.h). */
bool train_sparse(const struct train_config *config, const struct dataset *data);

/* train_kept - training images that are not held out: the first of the file.  train_selection - the split that is
 * evaluated between epochs and chooses the best of them: those that are held out, or without any the test set; its
 * images and labels are the data's. */
size_t train_kept(const struct train_config *config, const struct dataset *data);
struct dataset_part train_selection(const struct train_config *config, const struct dataset *data);

/* train_images - that an epoch is trained on.  train_epoch_steps - training steps of an epoch. */
size_t train_images(const struct train_config *config, const struct dataset *data);
size_t train_epoch_steps(const struct train_config *config, const struct dataset *data);

/* train_segments - (norm, lr) pairs of the run; train_steps - training steps of all of it. */
size_t train_segments(const struct train_config *config);
uint64_t train_steps(const struct train_config *config, const struct dataset *data);

/*
 * train_check - ERROR_USAGE if there is a norm without a hidden layer, the net has more layers than there may be, the
 * schedule lacks its step size, the batch size does not fit the images that are kept (it is larger, or leaves a last
 * batch of one row under BatchNorm), or the protocol has no place for a validation split.
 */
int train_check(const struct train_config *config, const struct dataset *data, struct error *err);

#endif
