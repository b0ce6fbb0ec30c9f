/*
 * pool_parts.h - what the threads of a pool share (pool.c), and how one of them computes a run (pool_run.c).
 */
#ifndef DLEXP_POOL_PARTS_H
#define DLEXP_POOL_PARTS_H

#include "dlexp/base/file.h"
#include "dlexp/base/workers.h"
#include "dlexp/run/reports.h"
#include "dlexp/run/runner.h"
#include "saver.h"

/* What the threads of one runner_compute share; everything but the atomics is under the lock. */
struct pool {
    struct plan *plan;
    struct store store;
    struct progress progress;
    bool force;
    uint64_t own_order; /* seed of runner_position; 0: the plan's order, as claims keep processes apart */
    struct workers workers;
    size_t next;      /* run to look at next */
    size_t *deferred; /* runs that another process had under way when they were looked at */
    size_t deferred_count;
    bool duplicating;             /* a thread computes what another process has under way */
    struct saver saver;           /* of runs that were computed and are not in the store yet */
    size_t failed_run;            /* first run that failed, in the plan's order; plan->count: none */
    struct error failure;         /* its error */
    size_t *finished;             /* runs ended since the drawing thread last looked, in order of ending */
    size_t finished_count, shown; /* shown: of them, to the person */
    struct reports reports;
    char *notes;                   /* lines that are to be shown; NULL: none, or there was no memory for them */
    uint64_t lost;                 /* units of runs that were stopped, since where they will be taken up */
    atomic_bool told;              /* that no checkpoint can be written */
    double start_s;                /* when the pool began, by clock.h */
    atomic_uint_fast64_t clock_ms; /* since then, set by the drawing thread */
};

/* pool_compute - the run, without the lock.  *whole: it was not stopped half way, and *draft is its file. */
int pool_compute(struct pool *pool, struct run *run, bool *whole, struct file_draft *draft, struct error *err);

#endif
