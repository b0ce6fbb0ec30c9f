/*
 * begun.h - runs of a plan that are taken up where a checkpoint left them.
 */
#ifndef DLEXP_BEGUN_H
#define DLEXP_BEGUN_H

#include "dlexp/run/checkpoint.h"
#include "dlexp/run/runner.h"

/* begun_look - run->begun and run->spoilt of one that is not done; nothing where the plan has no checkpoints. */
int begun_look(const struct plan *plan, const struct store *store, struct run *run, struct error *err);

/* A run's checkpoint while it is computed, and what it points to. */
struct begun {
    struct checkpoint checkpoint;
    char *stem;
    char stem_id[STORE_ID_SIZE];
};

/*
 * begun_start - of a run that is about to be computed.  force: what is there is not looked at, and where the store has
 * a record, which is then only computed once more, none is written.  The clock and who reads notes are for the caller
 * to add.  begun_free - what it points to.
 */
int begun_start(struct begun *begun, const struct plan *plan, const struct store *store, const struct run *run,
                bool force, struct error *err);
void begun_free(struct begun *begun);

#endif
