/*
 * hooks.h - what a running computation gets from outside: a request to stop, where to report progress, and where its
 * state may be kept.
 */
#ifndef DLEXP_HOOKS_H
#define DLEXP_HOOKS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct checkpoint; /* checkpoint.h */

struct run_hooks {
    const atomic_bool *stop;                  /* set: return as soon as possible, with any result */
    atomic_uint_fast64_t *done;               /* finished units of work are added to it, not those of a checkpoint */
    void (*report)(void *, const char *text); /* last metrics, for the progress line; NULL: nobody listens */
    void *report_to;
    bool record_only;              /* files that a run leaves beside its record (models) are not wanted */
    struct checkpoint *checkpoint; /* NULL: no state is kept, or the run takes so little time that it has none */
};

#endif
