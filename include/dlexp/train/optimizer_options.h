/*
 * optimizer_options.h - the optimizers' constants as command-line options, for every command that optimizes.
 */
#ifndef DLEXP_OPTIMIZER_OPTIONS_H
#define DLEXP_OPTIMIZER_OPTIONS_H

#include "dlexp/cli/options.h"
#include "dlexp/kernels/optimizer.h"

struct optimizer_options {
    double momentum, alpha, eps;
    struct reals betas;
};

/* The rows for a command's table: OPTIMIZER_OPTIONS(struct batchnorm_config, constants). */
#define OPTIMIZER_OPTIONS(config, field)                                                                               \
    {.name = "momentum",                                                                                               \
     .type = OPTION_REAL,                                                                                              \
     .offset = offsetof(config, field.momentum),                                                                       \
     .value = "M",                                                                                                     \
     .initial = "0.9",                                                                                                 \
     .low = 0,                                                                                                         \
     .high = 1,                                                                                                        \
     .high_open = true,                                                                                                \
     .help = "momentum: decay of the sum of gradients"},                                                               \
        {.name = "alpha",                                                                                              \
         .type = OPTION_REAL,                                                                                          \
         .offset = offsetof(config, field.alpha),                                                                      \
         .value = "A",                                                                                                 \
         .initial = "0.99",                                                                                            \
         .low = 0,                                                                                                     \
         .high = 1,                                                                                                    \
         .high_open = true,                                                                                            \
         .help = "rmsprop: decay of the mean square"},                                                                 \
        {.name = "betas",                                                                                              \
         .type = OPTION_REALS,                                                                                         \
         .offset = offsetof(config, field.betas),                                                                      \
         .value = "B1,B2",                                                                                             \
         .initial = "0.9,0.999",                                                                                       \
         .low = 0,                                                                                                     \
         .high = 1,                                                                                                    \
         .high_open = true,                                                                                            \
         .exactly = 2,                                                                                                 \
         .help = "adam: decays of the mean gradient and of the mean square"},                                          \
    {                                                                                                                  \
        .name = "eps", .type = OPTION_REAL, .offset = offsetof(config, field.eps), .value = "E", .initial = "1e-8",    \
        .low = 0, .low_open = true, .high = 1, .help = "rmsprop, adam: added to the root mean square"                  \
    }

/*
 * optimizer_options_read - the constants as the rules take them.
 *
 * ERROR_USAGE if one stood on the command line that none of the chosen optimizers uses: it would silently do nothing.
 */
int optimizer_options_read(const struct optimizer_options *options, const struct invocation *invocation,
                           const struct integers *optimizers, struct hyperparameters *hyper, struct error *err);

/*
 * optimizer_options_check_single - ERROR_USAGE, naming the option, where the optimizer's constants or the rates, read
 * as doubles, are others in the single precision that networks are trained in: one that is not 0 becomes 0 or infinite,
 * a decay below 1 becomes 1, or two rates become one.
 */
int optimizer_options_check_single(size_t optimizer, const struct reals *lrs, const struct hyperparameters *hyper,
                                   struct error *err);

#endif
