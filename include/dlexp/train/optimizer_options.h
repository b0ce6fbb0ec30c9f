/*
 * optimizer_options.h - the optimizers' constants as command-line options, for every command that optimizes.
 */
#ifndef DLEXP_OPTIMIZER_OPTIONS_H
#define DLEXP_OPTIMIZER_OPTIONS_H

#include "dlexp/cli/options.h"
#include "dlexp/kernels/optimizer.h"

/*
 * OPTIMIZER_OPTIONS(optimizer, hyper, axis) - the rows for a command's table: of the constants in a configuration that
 * has the optimizer's number and the struct hyperparameters at these offsets.  axis: OPTION_AXIS for a run of each of
 * several values, or 0.
 */
#define OPTIMIZER_OPTIONS(optimizer, hyper, axis)                                                                      \
    HYPERPARAMETERS(OPTIMIZER_OPTION_ONE_, OPTIMIZER_OPTION_TWO_, (optimizer, hyper, axis))

#define OPTIMIZER_OPTION_ONE_(at, member, option, initial_, quiet, help_, ...)                                         \
    {                                                                                                                  \
        .name = option, .key = #member, .type = OPTION_REAL, .value = OPTIMIZER_OPTION_AXIS_ at ? "LIST" : "X",        \
        .initial = #initial_, .initial_of = optimizer_option_initial, OPTIMIZER_OPTION_(at, member, quiet, help_),     \
        __VA_ARGS__                                                                                                    \
    }

#define OPTIMIZER_OPTION_TWO_(at, first, second, option, initial_, initial_2, quiet, help_, ...)                       \
    {                                                                                                                  \
        .name = option, .key = #first "," #second, .type = OPTION_REALS, .exactly = 2, .value = "A,B",                 \
        .initial = #initial_ "," #initial_2,                                                                           \
        OPTIMIZER_OPTION_(at, first, quiet, OPTIMIZER_OPTION_AXIS_ at ? help_ "; given again: another pair" : help_),  \
        __VA_ARGS__                                                                                                    \
    }

#define OPTIMIZER_OPTION_(at, member, quiet, help_)                                                                    \
    .flags = OPTIMIZER_OPTION_AXIS_ at | ((quiet) ? OPTION_QUIET : 0), .group = "Optimizer", .help = help_,            \
    .owner = OPTIMIZER_OPTION_FIRST_ at, .applies = optimizer_option_applies,                                          \
    .applies_to = "an optimizer that uses it",                                                                         \
    .offset = OPTIMIZER_OPTION_SECOND_ at + offsetof(struct hyperparameters, member)
#define OPTIMIZER_OPTION_FIRST_(optimizer, hyper, axis) (optimizer)
#define OPTIMIZER_OPTION_SECOND_(optimizer, hyper, axis) (hyper)
#define OPTIMIZER_OPTION_AXIS_(optimizer, hyper, axis) (axis)

/* optimizer_option_applies - whether the optimizer (a size_t) has the constant of this row.  optimizer_option_initial -
 * the default that the constant has with it. */
bool optimizer_option_applies(const void *optimizer, const struct option *row);
double optimizer_option_initial(const void *optimizer, const struct option *row);

/*
 * optimizer_options_check_single - ERROR_USAGE, naming the option, where a constant of the optimizer or the rate, read
 * as doubles, are others in the single precision that networks are trained in: one that is not 0 becomes 0 or infinite,
 * a decay below 1 becomes 1.  optimizer_options_check_rates - for two rates (ascending) that become one.
 */
int optimizer_options_check_single(size_t optimizer, double lr, const struct hyperparameters *hyper, struct error *err);
int optimizer_options_check_rates(const double *lrs, size_t count, struct error *err);

#endif
