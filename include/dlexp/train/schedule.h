/*
 * schedule.h - the learning rate of each epoch: one table.
 *
 * A schedule steps after each epoch, and computes the rate from the rate before, as torch.optim.lr_scheduler does:
 * a closed form would round differently.
 */
#ifndef DLEXP_SCHEDULE_H
#define DLEXP_SCHEDULE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "dlexp/cli/option.h"

struct schedule {
    size_t type;          /* row of the table */
    size_t step_size;     /* step: epochs at the same rate; 0: not given */
    double gamma, lr_min; /* step: the factor between two steps; cosine: what the rate would be after all epochs */
};

/* Its rows in a table of options, for a struct schedule at this offset of the configuration. */
#define SCHEDULE_SETTINGS(at)                                                                                          \
    {.name = "schedule",                                                                                               \
     .key = "schedule",                                                                                                \
     .type = OPTION_NAME,                                                                                              \
     .flags = OPTION_AXIS | OPTION_QUIET,                                                                              \
     .offset = (at) + offsetof(struct schedule, type),                                                                 \
     .value = "LIST",                                                                                                  \
     .initial = "constant",                                                                                            \
     .choice = schedule_name,                                                                                          \
     .help =                                                                                                           \
         "how the learning rate changes after an epoch: step multiplies it by gamma after every step-size epochs, "    \
         "cosine takes it down to lr-min along half a wave over all epochs; epochs.csv then has the rate of each",     \
     .group = "Optimizer"},                                                                                            \
        {SCHEDULE_CONSTANT_OF(at, OPTION_COUNT, step_size, "step-size"), .low = 1, .high = 1e6,                        \
         .help = "epochs at the same rate"},                                                                           \
        {SCHEDULE_CONSTANT_OF(at, OPTION_REAL, gamma, "gamma"), .initial = "0.1", .low_open = true,                    \
         .help = "what the rate is multiplied by"},                                                                    \
    {                                                                                                                  \
        SCHEDULE_CONSTANT_OF(at, OPTION_REAL, lr_min, "lr-min"), .initial = "0", .low = 0, .high = INFINITY,           \
                                                                 .help = "the rate that it goes down to"               \
    }

#define SCHEDULE_CONSTANT_OF(at, type_, member, option)                                                                \
    .name = option, .key = #member, .type = type_, .flags = OPTION_AXIS,                                               \
    .offset = (at) + offsetof(struct schedule, member), .value = "LIST", .group = "Optimizer",                         \
    .owner = (at) + offsetof(struct schedule, type), .applies = schedule_applies,                                      \
    .applies_to = "a schedule that uses it"

/* The row in which nothing changes. */
enum { SCHEDULE_CONSTANT };

/* schedule_name - walks the names, for an option table.  schedule_applies - whether the schedule (its row, a size_t)
 * has the constant that this option sets. */
bool schedule_name(size_t index, const char **name);
bool schedule_applies(const void *type, const struct option *row);

/* schedule_by_epochs - whether the rates depend on how many epochs there are. */
bool schedule_by_epochs(const struct schedule *schedule);

/* schedule_check - ERROR_USAGE if it lacks a constant that has no default. */
int schedule_check(const struct schedule *schedule, struct error *err);

/*
 * schedule_next - the rate of epoch t = 1, 2, ... below `epochs`, all that there are, from the rate `lr` of epoch
 * t - 1; that of epoch 0 is the learning rate itself.
 */
double schedule_next(const struct schedule *schedule, double lr, size_t t, size_t epochs);

#endif
