/*
 * task.h - something else to do with the plan of an experiment than to compute it: tell what is there, compute some of
 * it again and compare.
 *
 * A call whose invocation has a task goes as far as a dry run: the plan is made, every run that the store has is
 * loaded, round after round (experiment.h), nothing is moved or written.  Records are read whole, so that a run that
 * counts as done is.  Then the task is given the plan, and the call
 * ends.  So it works for every experiment, with its check of records, its estimate of time and its `compute`, and no
 * experiment knows of it.
 */
#ifndef DLEXP_TASK_H
#define DLEXP_TASK_H

#include "dlexp/base/error.h"
#include "dlexp/run/experiment.h"
#include "dlexp/run/runner.h"

/* What a task is given. */
struct run_task_call {
    const struct experiment *experiment;
    struct plan *plan;                 /* its runs are done, or missing in the store */
    const struct run_options *options; /* those of the call, but quiet, without force, and a dry run */
    const struct invocation *invocation;
};

struct run_task {
    int (*run)(void *context, const struct run_task_call *call, struct error *err);
    void *context;
};

#endif
