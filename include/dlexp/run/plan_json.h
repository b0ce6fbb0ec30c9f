/*
 * plan_json.h - plan.json: what the shards of a call compute together, beside their store.
 *
 * It holds the experiment and the configuration of the whole call, but nothing of how one process goes about it: no
 * option with OPTION_CALL (--shard, --out, --jobs, ...), no time, no host.  So every shard writes the same bytes, and
 * `dlexp EXPERIMENT --config DIR/plan.json --out DIR` is the call that makes the tables.
 */
#ifndef DLEXP_PLAN_JSON_H
#define DLEXP_PLAN_JSON_H

#include <stddef.h>

#include "dlexp/base/error.h"
#include "dlexp/cli/options.h"

#define PLAN_JSON "plan.json"

/* plan_json_write - DIR/plan.json; runs: of the whole plan.  A file that already holds these bytes is left alone. */
int plan_json_write(const char *directory, size_t runs, const struct invocation *invocation, const void *config,
                    struct error *err);

/* plan_json_remove - of a call without shards, whose run.json says from now on what DIR holds: removes a plan.json of
 * another configuration.  One that says the same may stay, as the call may have been read from it (--config). */
int plan_json_remove(const char *directory, size_t runs, const struct invocation *invocation, const void *config,
                     struct error *err);

#endif
