/*
 * verify_pool.h - stored runs trained again on a pool of threads, and compared with their records; see verify.h.
 */
#ifndef DLEXP_VERIFY_POOL_H
#define DLEXP_VERIFY_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/error.h"
#include "dlexp/run/record_compare.h"
#include "dlexp/run/task.h"

/* A stored run and what became of it. */
struct verified {
    const struct run *run;
    bool damaged;                        /* its record cannot be read, or is none that its run writes */
    bool agrees;                         /* in all that was compared */
    struct record_comparison comparison; /* stored, now; of a damaged one only `where`: what is wrong */
    size_t models;                       /* files that were compared */
};

/*
 * verify_pool_run - each of the runs that is not damaged; those and no others of the plan are not done, so that jobs
 * and progress are theirs.  Progress on stderr, unless quiet.  128 + n after a signal.
 */
int verify_pool_run(struct verified *runs, size_t count, const struct run_task_call *call, bool quiet,
                    struct error *err);

#endif
