/*
 * train_config.h - what decides a training run: protocol, nets, rates, optimizer, batches, seed; its options and its
 * limits.  The place to add a setting of training.
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
#include "dlexp/train/batching.h"
#include "dlexp/train/optimizer_options.h"
#include "dlexp/train/schedule.h"
#include "dlexp/train/selection.h"
#include "dlexp/train/train_protocol.h"

/*
 * All that decides a run's numbers, beside the data: FIELD(type, member, check, settings), one row for each member of
 * struct train_config, in the order of a run's spec.
 *
 * settings: the rows in a command's table of options, for a struct train_config at this offset of the configuration.
 * check: what train_check asks, given its `config`, `data` and `err`; negative: refused.  What needs more than a row
 * stands in a header of its own, with its struct, its settings and its check.
 */
#define TRAIN_FIELDS(FIELD, at)                                                                                        \
    FIELD(size_t, protocol, 0, TRAIN_SETTING_PROTOCOL(at))                                                             \
    FIELD(struct indices, norms, check_norms(config, data, err), TRAIN_SETTING_NORM(at))                               \
    FIELD(struct reals, lrs, 0, TRAIN_SETTING_LR(at))                                                                  \
    FIELD(size_t, optimizer, 0, TRAIN_SETTING_OPTIMIZER(at, OPTION_AXIS))                                              \
    FIELD(struct hyperparameters, hyper, 0, TRAIN_SETTING_HYPER(at, OPTION_AXIS))                                      \
    FIELD(struct schedule, schedule, schedule_check(&config->schedule, err),                                           \
          SCHEDULE_SETTINGS(TRAIN_AT(at, schedule)))                                                                   \
    FIELD(size_t, activation, 0, TRAIN_SETTING_ACTIVATION(at, OPTION_AXIS))                                            \
    FIELD(struct integers, hidden, check_hidden(config, err), TRAIN_SETTING_HIDDEN(at, OPTION_AXIS))                   \
    FIELD(struct batching, batching, batching_check(&config->batching, data->train.count, err),                        \
          BATCHING_SETTINGS(TRAIN_AT(at, batching)))                                                                   \
    FIELD(                                                                                                             \
        struct selection, selection,                                                                                   \
        selection_check(&config->selection, train_protocol_row(config->protocol), config->batching.batch, data, err),  \
        SELECTION_SETTINGS(TRAIN_AT(at, selection)))                                                                   \
    FIELD(size_t, epochs, 0, TRAIN_SETTING_EPOCHS(at))                                                                 \
    FIELD(int64_t, seed, 0, TRAIN_SETTING_SEED(at))

#define TRAIN_AT(at, member) ((at) + offsetof(struct train_config, member))

/*
 * norms: numbers of norms, lrs: rates; one of each in a fair run.  hidden: widths; none: a softmax regression.
 * schedule: of the rate, in each segment from its first epoch on.  Names are numbers in their table: protocol of
 * train_protocol.h, optimizer of kernels/optimizer.h, norms and activation of net/layer.h.
 */
struct train_config {
#define TRAIN_MEMBER(type, member, check, ...) type member;
    TRAIN_FIELDS(TRAIN_MEMBER, 0)
#undef TRAIN_MEMBER
    /* These do not change the numbers, so they are not in the spec: */
    size_t threads; /* (0 is 1) that share one run's work */
    bool layers;    /* note what the hidden layers do (train_layers.h) */
};

/* TRAIN_SETTINGS(offsetof(struct batchnorm_config, train)) - all the rows, each with the comma behind it. */
#define TRAIN_SETTINGS(at) TRAIN_FIELDS(TRAIN_ROWS_, at)
#define TRAIN_ROWS_(type, member, check, ...) __VA_ARGS__,

#define TRAIN_SETTING_PROTOCOL(at)                                                                                     \
    {                                                                                                                  \
        .name = "protocol", .key = "protocol", .type = OPTION_NAME, .offset = TRAIN_AT(at, protocol), .value = "NAME", \
        .initial = "fair", .choice = train_protocol_name,                                                              \
        .help =                                                                                                        \
            "fair: every (norm, lr, seed) is a fresh net, tested in eval mode; notebook: as the homework's notebook "  \
            "did, going on from lr to lr without eval(), its accuracies averages over epochs 1..k",                    \
        .group = "Experiment"                                                                                          \
    }

#define TRAIN_SETTING_NORM(at)                                                                                         \
    {                                                                                                                  \
        .name = "norm", .key = "norm", .type = OPTION_NAME, .flags = OPTION_AXIS | OPTION_CHAIN | OPTION_KEY,          \
        .offset = TRAIN_AT(at, norms), .value = "LIST", .initial = "none,batchnorm", .choice = layer_norm_name,        \
        .help = "what stands between a hidden layer and its activation", .group = "Network",                           \
        .owner = TRAIN_AT(at, hidden), .applies = train_layered                                                        \
    }

#define TRAIN_SETTING_LR(at)                                                                                           \
    {                                                                                                                  \
        .name = "lr", .key = "lr", .type = OPTION_REAL, .flags = OPTION_AXIS | OPTION_CHAIN | OPTION_KEY,              \
        .offset = TRAIN_AT(at, lrs), .value = "LIST", .initial = "0.01,0.5", .low_open = true,                         \
        .help = "learning rates; A..B:N is N of them from A to B, each the same factor above the one before",          \
        .group = "Experiment"                                                                                          \
    }

/* axis, here and below: OPTION_AXIS for a run of each of several, or 0. */
#define TRAIN_SETTING_OPTIMIZER(at, axis)                                                                              \
    {                                                                                                                  \
        .name = "optimizer", .key = "optimizer", .type = OPTION_NAME, .flags = axis,                                   \
        .offset = TRAIN_AT(at, optimizer), .value = axis ? "LIST" : "NAME", .initial = "momentum",                     \
        .choice = optimizer_name, .help = axis ? "update rules" : "update rule", .group = "Optimizer"                  \
    }

#define TRAIN_SETTING_HYPER(at, axis) OPTIMIZER_OPTIONS(TRAIN_AT(at, optimizer), TRAIN_AT(at, hyper), axis)

#define TRAIN_SETTING_ACTIVATION(at, axis)                                                                             \
    {                                                                                                                  \
        .name = "activation", .key = "activation", .type = OPTION_NAME, .flags = axis | OPTION_QUIET,                  \
        .offset = TRAIN_AT(at, activation), .value = axis ? "LIST" : "NAME", .initial = "relu",                        \
        .choice = layer_activation_name, .help = "what ends a hidden layer", .group = "Network",                       \
        .owner = TRAIN_AT(at, hidden), .applies = train_layered, .applies_to = "a hidden layer, which it ends"         \
    }

#define TRAIN_SETTING_HIDDEN(at, axis)                                                                                 \
    {                                                                                                                  \
        .name = "hidden", .key = "hidden", .type = OPTION_INTEGERS, .flags = axis | OPTION_MAY_EMPTY,                  \
        .offset = TRAIN_AT(at, hidden), .value = "LIST", .initial = "128,64", .low = 1, .high = 65536,                 \
        .help = axis ? "widths of the hidden layers; none: softmax regression; given again: another net"               \
                     : "widths of the hidden layers; none: softmax regression",                                        \
        .group = "Network"                                                                                             \
    }

#define TRAIN_SETTING_EPOCHS(at)                                                                                       \
    {                                                                                                                  \
        .name = "epochs", .key = "epochs", .type = OPTION_COUNT, .flags = OPTION_LENGTH,                               \
        .offset = TRAIN_AT(at, epochs), .value = "N", .initial = "15", .low = 1, .high = 1e6,                          \
        .help = "passes over the training set", .group = "Experiment"                                                  \
    }

#define TRAIN_SETTING_SEED(at)                                                                                         \
    {                                                                                                                  \
        .name = "seeds", .key = "seed", .alias = "seed", .type = OPTION_SEED, .flags = OPTION_AXIS | OPTION_KEY,       \
        .offset = TRAIN_AT(at, seed), .value = "LIST", .initial = "1234",                                              \
        .help =                                                                                                        \
            "seeds of the initial weights and the shuffles, as torch.manual_seed takes them (-2^63 to 2^64 - 1; -1 "   \
            "is 2^64 - 1, and tables name it -1); ranges as in 1,2,5..9",                                              \
        .group = "Experiment"                                                                                          \
    }

/* train_layered - whether these widths (struct integers) are of a hidden layer. */
bool train_layered(const void *hidden, const struct option *row);

/* train_shape - the net of this norm on this data.  train_largest_norm - the norm whose net takes most memory. */
struct mlp_shape train_shape(const struct train_config *config, size_t norm, const struct dataset *data);
size_t train_largest_norm(const struct train_config *config, const struct dataset *data);

/* train_sparse - whether the first layer reads pixels and skips zeros among them: there are many, and it is not the
 * only one (layer.h). */
bool train_sparse(const struct train_config *config, const struct dataset *data);

/* train_images - that an epoch is trained on.  train_epoch_steps - training steps of an epoch. */
size_t train_images(const struct train_config *config, const struct dataset *data);
size_t train_epoch_steps(const struct train_config *config, const struct dataset *data);

/* train_segments - (norm, lr) pairs of the run; train_steps - training steps of all of it. */
size_t train_segments(const struct train_config *config);
uint64_t train_steps(const struct train_config *config, const struct dataset *data);

/*
 * train_check - ERROR_USAGE if there is a norm without a hidden layer, the net has more layers than there may be, a
 * norm gets batches that it has no result for, or a part does not fit (the checks of TRAIN_FIELDS).
 */
int train_check(const struct train_config *config, const struct dataset *data, struct error *err);

#endif
