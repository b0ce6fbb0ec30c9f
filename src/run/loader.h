/*
 * loader.h - one run of a plan taken from the store.
 */
#ifndef DLEXP_LOADER_H
#define DLEXP_LOADER_H

#include "dlexp/run/runner.h"

/*
 * loader_look_up - takes the run from the store if that has it with all that is asked for; a damaged record is
 * described in err and set aside, unless it is a dry run.
 */
enum store_found loader_look_up(const struct plan *plan, struct run *run, const struct store *store, bool dry_run,
                                struct error *err);

#endif
