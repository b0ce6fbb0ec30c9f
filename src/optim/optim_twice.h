/*
 * optim_twice.h - the homework's runs once more, for twice their iterations, so that no verdict hangs on where a run
 * stops.
 *
 * Nothing is kept but when thresholds are passed and how the curves on f1 and f2 compare; nothing is written.  It takes
 * the time of two descents a run, on one thread: about 0.2 s for each million iterations of a run.
 */
#ifndef DLEXP_OPTIM_TWICE_H
#define DLEXP_OPTIM_TWICE_H

#include "optim_results.h"

struct optim_twice {
    int64_t iterations;
    struct descent_passage passages[OPTIM_THRESHOLDS]; /* of a run that diverges by then none is settled */
    /* Of a run on f1 with the one on f2, in their own iterations and in twice as many; no rows: there is none. */
    struct optim_curves curves_before, curves;
};

/* optim_twice_make - of all runs of the homework; optim_results_free frees it, after success and failure alike. */
int optim_twice_make(struct optim_results *results, struct error *err);

#endif
