/*
 * schedule.h - the learning rate of each epoch: one table.
 *
 * A schedule steps after each epoch, and computes the rate from the rate before, as torch.optim.lr_scheduler does:
 * a closed form would round differently.
 */
#ifndef DLEXP_SCHEDULE_H
#define DLEXP_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>

struct schedule {
    size_t type;          /* row of the table */
    size_t step_size;     /* step: epochs at the same rate; 0: not given */
    double gamma, lr_min; /* step: the factor between two steps; cosine: what the rate would be after all epochs */
};

/* The row in which nothing changes. */
enum { SCHEDULE_CONSTANT };

/* schedule_name - walks the names (constant, step, cosine), for an option table. */
bool schedule_name(size_t index, const char **name);

/* schedule_uses - whether the schedule of this row has the constant that this option sets ("step-size"). */
bool schedule_uses(size_t type, const char *option);

/*
 * schedule_next - the rate of epoch t = 1, 2, ... below `epochs`, all that there are, from the rate `lr` of epoch
 * t - 1; that of epoch 0 is the learning rate itself.
 */
double schedule_next(const struct schedule *schedule, double lr, size_t t, size_t epochs);

#endif
