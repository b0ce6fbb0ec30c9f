/*
 * dry_run.h - what a dry run tells of a plan: its runs, for a person or a program.
 */
#ifndef DLEXP_DRY_RUN_H
#define DLEXP_DRY_RUN_H

#include <stdio.h>

#include "shard_plan.h"

/*
 * dry_run_list - the plan's runs from number `listed` on, a line each; of many the first ones, and how many others
 * there are.  Returns how many have been told, listed or counted: where the next round goes on.
 */
size_t dry_run_list(const struct plan *plan, size_t listed, FILE *out);

/*
 * dry_run_json - the plan as a JSON document on standard output: its counts, how long it takes (seconds; nan: nobody
 * knows), the configuration, and up to the 1,000 first runs.  shards: NULL without --shard.
 */
int dry_run_json(const struct plan *plan, double seconds, const struct shard_plan *shards,
                 const struct invocation *invocation, const void *config, struct error *err);

#endif
