/*
 * kept.h - the end of the message of a call that ended before its plan was done: what is kept, and what the same
 * command does with it.
 */
#ifndef DLEXP_KEPT_H
#define DLEXP_KEPT_H

#include "dlexp/run/runner.h"

struct kept {
    const struct plan *plan;
    const char *directory; /* the store's */
    bool force;
    uint64_t lost; /* units that runs under way had done since where they will be taken up */
};

/* kept_add_stopped - after "stopped by signal N".  kept_add_failed - after what a run failed of. */
void kept_add_stopped(const struct kept *kept, struct error *err);
void kept_add_failed(const struct kept *kept, struct error *err);

#endif
