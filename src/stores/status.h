/*
 * status.h - how far the call of a results folder is: its runs counted by configuration, which is all but the seed.
 */
#ifndef DLEXP_STATUS_H
#define DLEXP_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/error.h"
#include "dlexp/run/task.h"
#include "scan.h"

/* runs = done + begun + missing; diverged and failed are among those done. */
struct status_counts {
    size_t runs, done;
    size_t begun; /* not done, but a checkpoint takes it up */
    size_t missing;
    size_t diverged, failed; /* RUN_DIVERGED, RUN_UNTRAINED of experiment.h */
};

struct status_configuration {
    const struct run *run; /* the first of its runs */
    struct status_counts counts;
};

struct status {
    const struct run_task_call *call;
    struct status_configuration *configurations; /* in the plan's order */
    size_t count;
    struct status_counts all;
    size_t lacking; /* runs that are missing as the store has them, but not all that the call asks for */
    size_t spoilt;  /* runs that are missing, and whose checkpoint cannot be used */
    size_t unseen;  /* runs that are missing as the bulk of their record is damaged, which the call does not look at */
    struct scan scan;
    double seconds; /* that what is not done takes here; nan: nobody knows */
};

/* status_make - from the plan of a task; status_free after success and failure alike. */
int status_make(struct status *status, const struct run_task_call *call, struct error *err);
void status_free(struct status *status);

#endif
