/*
 * train_settings.h - what decides a training run (struct train_config), as rows of a command's table of options.
 *
 * Each macro takes the command's configuration and the field of it that is the struct train_config.  In a table they
 * stand in the order of TRAIN_SETTINGS, which is that of a run's spec.
 */
#ifndef DLEXP_TRAIN_SETTINGS_H
#define DLEXP_TRAIN_SETTINGS_H

#include "dlexp/cli/options.h"
#include "dlexp/net/mlp.h"
#include "dlexp/train/optimizer_options.h"
#include "dlexp/train/train_config.h"

#define TRAIN_SETTING_PROTOCOL(config, field)                                                                          \
    {                                                                                                                  \
        .name = "protocol", .key = "protocol", .type = OPTION_NAME, .offset = offsetof(config, field.protocol),        \
        .value = "NAME", .initial = "fair", .choice = train_protocol_name,                                             \
        .help =                                                                                                        \
            "fair: every (norm, lr, seed) is a fresh net, tested in eval mode; notebook: as the homework's notebook "  \
            "did, going on from lr to lr without eval(), its accuracies averages over epochs 1..k",                    \
        .group = "Experiment"                                                                                          \
    }

/* layered: whether the net has a hidden layer; NULL: it is not asked. */
#define TRAIN_SETTING_NORM(config, field, layered)                                                                     \
    {                                                                                                                  \
        .name = "norm", .key = "norm", .type = OPTION_NAME, .flags = OPTION_AXIS | OPTION_CHAIN | OPTION_KEY,          \
        .offset = offsetof(config, field.norms), .value = "LIST", .initial = "none,batchnorm",                         \
        .choice = layer_norm_name, .help = "what stands between a hidden layer and its activation",                    \
        .group = "Network", .applies = layered                                                                         \
    }

#define TRAIN_SETTING_LR(config, field)                                                                                \
    {                                                                                                                  \
        .name = "lr", .key = "lr", .type = OPTION_REAL, .flags = OPTION_AXIS | OPTION_CHAIN | OPTION_KEY,              \
        .offset = offsetof(config, field.lrs), .value = "LIST", .initial = "0.01,0.5", .low_open = true,               \
        .help = "learning rates; A..B:N is N of them from A to B, each the same factor above the one before",          \
        .group = "Experiment"                                                                                          \
    }

#define TRAIN_SETTING_OPTIMIZER(config, field)                                                                         \
    {                                                                                                                  \
        .name = "optimizer", .key = "optimizer", .type = OPTION_NAME, .flags = OPTION_AXIS,                            \
        .offset = offsetof(config, field.optimizer), .value = "LIST", .initial = "momentum", .choice = optimizer_name, \
        .help = "update rules", .group = "Optimizer"                                                                   \
    }

/* uses: as in TRAIN_SETTINGS. */
#define TRAIN_SETTING_SCHEDULE(config, field, uses)                                                                    \
    {.name = "schedule",                                                                                               \
     .key = "schedule",                                                                                                \
     .type = OPTION_NAME,                                                                                              \
     .flags = OPTION_AXIS | OPTION_QUIET,                                                                              \
     .offset = offsetof(config, field.schedule.type),                                                                  \
     .value = "LIST",                                                                                                  \
     .initial = "constant",                                                                                            \
     .choice = schedule_name,                                                                                          \
     .help =                                                                                                           \
         "how the learning rate changes after an epoch: step multiplies it by gamma after every step-size epochs, "    \
         "cosine takes it down to lr-min along half a wave over all epochs",                                           \
     .group = "Optimizer"},                                                                                            \
        {TRAIN_SETTING_OF_SCHEDULE(config, field, uses, OPTION_COUNT, step_size, "step-size"), .low = 1, .high = 1e6,  \
         .help = "step: epochs at the same rate"},                                                                     \
        {TRAIN_SETTING_OF_SCHEDULE(config, field, uses, OPTION_REAL, gamma, "gamma"), .initial = "0.1",                \
         .low_open = true, .help = "step: what the rate is multiplied by"},                                            \
    {                                                                                                                  \
        TRAIN_SETTING_OF_SCHEDULE(config, field, uses, OPTION_REAL, lr_min, "lr-min"),                                 \
            .initial = "0", .low = 0, .high = INFINITY, .help = "cosine: the rate that it goes down to"                \
    }

#define TRAIN_SETTING_OF_SCHEDULE(config, field, uses, type_, member, option)                                          \
    .name = option, .key = #member, .type = type_, .flags = OPTION_AXIS,                                               \
    .offset = offsetof(config, field.schedule.member), .value = "LIST", .group = "Optimizer", .applies = uses,         \
    .applies_to = "a schedule that uses it"

/* axis: OPTION_AXIS for a run of each of several, or 0. */
#define TRAIN_SETTING_ACTIVATION(config, field, axis, layered)                                                         \
    {                                                                                                                  \
        .name = "activation", .key = "activation", .type = OPTION_NAME, .flags = axis | OPTION_QUIET,                  \
        .offset = offsetof(config, field.activation), .value = axis ? "LIST" : "NAME", .initial = "relu",              \
        .choice = layer_activation_name, .help = "what ends a hidden layer", .group = "Network", .applies = layered,   \
        .applies_to = "a hidden layer, which it ends"                                                                  \
    }

#define TRAIN_SETTING_NET(config, field, axis)                                                                         \
    {.name = "hidden",                                                                                                 \
     .key = "hidden",                                                                                                  \
     .type = OPTION_INTEGERS,                                                                                          \
     .flags = axis | OPTION_MAY_EMPTY,                                                                                 \
     .offset = offsetof(config, field.hidden),                                                                         \
     .value = "LIST",                                                                                                  \
     .initial = "128,64",                                                                                              \
     .low = 1,                                                                                                         \
     .high = 65536,                                                                                                    \
     .help = axis ? "widths of the hidden layers; none: softmax regression; given again: another net"                  \
                  : "widths of the hidden layers; none: softmax regression",                                           \
     .group = "Network"},                                                                                              \
    {                                                                                                                  \
        .name = "batch", .key = "batch", .type = OPTION_COUNT, .flags = axis, .offset = offsetof(config, field.batch), \
        .value = axis ? "LIST" : "N", .initial = "60", .low = 1, .high = 1e9, .help = "images per training step",      \
        .group = "Network"                                                                                             \
    }

#define TRAIN_SETTING_DROP_LAST(config, field)                                                                         \
    {                                                                                                                  \
        .name = "drop-last", .key = "drop_last", .type = OPTION_FLAG, .flags = OPTION_QUIET,                           \
        .offset = offsetof(config, field.drop_last),                                                                   \
        .help = "leave out the images at the end of an epoch that make no whole batch", .group = "Network"             \
    }

#define TRAIN_SETTING_VALIDATION(config, field)                                                                        \
    {.name = "validation",                                                                                             \
     .key = "validation",                                                                                              \
     .type = OPTION_COUNT,                                                                                             \
     .flags = OPTION_QUIET,                                                                                            \
     .offset = offsetof(config, field.validation),                                                                     \
     .value = "N",                                                                                                     \
     .initial = "0",                                                                                                   \
     .low = 0,                                                                                                         \
     .high = 1e9,                                                                                                      \
     .help = "hold the last N training images out: they are evaluated after each epoch and choose the best one, the "  \
             "test set is looked at once, at the end; 0: the test set takes their place",                              \
     .group = "Experiment"},                                                                                           \
    {                                                                                                                  \
        .name = "eval-every", .key = "eval_every", .type = OPTION_COUNT, .flags = OPTION_QUIET,                        \
        .offset = offsetof(config, field.eval_every), .value = "N", .initial = "0", .low = 0, .high = 1e9,             \
        .help = "evaluate after every N-th step, too, the validation images or without any the test set, into "        \
                "evals.csv; the runs' other numbers stay what they are without; 0: after each epoch only",             \
        .group = "Experiment"                                                                                          \
    }

#define TRAIN_SETTING_EPOCHS(config, field)                                                                            \
    {                                                                                                                  \
        .name = "epochs", .key = "epochs", .type = OPTION_COUNT, .offset = offsetof(config, field.epochs),             \
        .value = "N", .initial = "15", .low = 1, .high = 1e6, .help = "passes over the training set",                  \
        .group = "Experiment"                                                                                          \
    }

#define TRAIN_SETTING_SEED(config, field)                                                                              \
    {                                                                                                                  \
        .name = "seeds", .key = "seed", .alias = "seed", .type = OPTION_SEED, .flags = OPTION_AXIS | OPTION_KEY,       \
        .offset = offsetof(config, field.seed), .value = "LIST", .initial = "1234",                                    \
        .help =                                                                                                        \
            "seeds of the initial weights and the shuffles, as torch.manual_seed takes them (-2^63 to 2^64 - 1; -1 "   \
            "is 2^64 - 1, and tables name it -1); ranges as in 1,2,5..9",                                              \
        .group = "Experiment"                                                                                          \
    }

/* All of them.  uses: whether the run's optimizer (optimizer_options.h) or schedule (schedule.h) has a constant; decay:
 * the optimizer's default weight decay. */
#define TRAIN_SETTINGS(config, field, uses, decay, layered)                                                            \
    TRAIN_SETTING_PROTOCOL(config, field), TRAIN_SETTING_NORM(config, field, layered),                                 \
        TRAIN_SETTING_LR(config, field), TRAIN_SETTING_OPTIMIZER(config, field),                                       \
        OPTIMIZER_OPTIONS(config, field.hyper, uses, decay), TRAIN_SETTING_SCHEDULE(config, field, uses),              \
        TRAIN_SETTING_ACTIVATION(config, field, OPTION_AXIS, layered), TRAIN_SETTING_NET(config, field, OPTION_AXIS),  \
        TRAIN_SETTING_DROP_LAST(config, field), TRAIN_SETTING_VALIDATION(config, field),                               \
        TRAIN_SETTING_EPOCHS(config, field), TRAIN_SETTING_SEED(config, field)

#endif
