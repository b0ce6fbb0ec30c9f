/*
 * optimizer_options.h - the optimizers' constants as command-line options, for every command that optimizes.
 */
#ifndef DLEXP_OPTIMIZER_OPTIONS_H
#define DLEXP_OPTIMIZER_OPTIONS_H

#include <math.h>

#include "dlexp/cli/options.h"
#include "dlexp/kernels/optimizer.h"

/*
 * The rows for a command's table: OPTIMIZER_OPTIONS(struct batchnorm_config, train.hyper, uses, decay), the field being
 * a struct hyperparameters.  uses(config, row) calls optimizer_options_used for the optimizer of the command's
 * configuration, decay(config, row) returns that optimizer's weight_decay.
 */
#define OPTIMIZER_OPTION(config, field, uses, type_, member, value_, help_)                                            \
    .type = type_, .flags = OPTION_AXIS, .offset = offsetof(config, field.member), .value = value_, .help = help_,     \
    .group = "Optimizer", .applies = uses, .applies_to = "an optimizer that uses it"

#define OPTIMIZER_OPTIONS(config, field, uses, decay)                                                                  \
    {.name = "momentum",                                                                                               \
     .key = "momentum",                                                                                                \
     .initial = "0.9",                                                                                                 \
     .low = 0,                                                                                                         \
     .high = 1,                                                                                                        \
     .high_open = true,                                                                                                \
     OPTIMIZER_OPTION(config, field, uses, OPTION_REAL, momentum, "LIST",                                              \
                      "momentum, nesterov: decay of the sum of gradients")},                                           \
        {.name = "alpha",                                                                                              \
         .key = "alpha",                                                                                               \
         .initial = "0.99",                                                                                            \
         .low = 0,                                                                                                     \
         .high = 1,                                                                                                    \
         .high_open = true,                                                                                            \
         OPTIMIZER_OPTION(config, field, uses, OPTION_REAL, alpha, "LIST", "rmsprop: decay of the mean square")},      \
        {.name = "betas",                                                                                              \
         .key = "beta1,beta2",                                                                                         \
         .initial = "0.9,0.999",                                                                                       \
         .low = 0,                                                                                                     \
         .high = 1,                                                                                                    \
         .high_open = true,                                                                                            \
         .exactly = 2,                                                                                                 \
         OPTIMIZER_OPTION(                                                                                             \
             config, field, uses, OPTION_REALS, beta1, "B1,B2",                                                        \
             "adam, adamw: decays of the mean gradient and of the mean square; given again: another pair")},           \
        {.name = "weight-decay",                                                                                       \
         .key = "weight_decay",                                                                                        \
         .type = OPTION_REAL,                                                                                          \
         .flags = OPTION_AXIS | OPTION_QUIET,                                                                          \
         .offset = offsetof(config, field.weight_decay),                                                               \
         .value = "LIST",                                                                                              \
         .initial = "0",                                                                                               \
         .low = 0,                                                                                                     \
         .high = INFINITY,                                                                                             \
         .initial_of = decay,                                                                                          \
         .help =                                                                                                       \
             "decay D of the weights w: D w is added to their gradient; adamw takes lr D w off them instead, and has " \
             "D = 0.01 by default",                                                                                    \
         .group = "Optimizer",                                                                                         \
         .applies = uses,                                                                                              \
         .applies_to = "an optimizer that uses it"},                                                                   \
    {                                                                                                                  \
        .name = "eps", .key = "eps", .initial = "1e-8", .low = 0, .low_open = true, .high = 1,                         \
        OPTIMIZER_OPTION(config, field, uses, OPTION_REAL, eps, "LIST",                                                \
                         "rmsprop, adam, adamw: added to the root mean square")                                        \
    }

/* optimizer_options_used - whether the optimizer has the constant of this row. */
bool optimizer_options_used(size_t optimizer, const struct option *row);

/*
 * optimizer_options_check_single - ERROR_USAGE, naming the option, where a constant of the optimizer or the rate, read
 * as doubles, are others in the single precision that networks are trained in: one that is not 0 becomes 0 or infinite,
 * a decay below 1 becomes 1.  optimizer_options_check_rates - for two rates (ascending) that become one.
 */
int optimizer_options_check_single(size_t optimizer, double lr, const struct hyperparameters *hyper, struct error *err);
int optimizer_options_check_rates(const double *lrs, size_t count, struct error *err);

#endif
