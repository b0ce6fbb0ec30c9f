/*
 * shard_plan.h - what a call with --shard makes of its plan: what each shard costs, the runs of this one, and what is
 * told of them.
 */
#ifndef DLEXP_SHARD_PLAN_H
#define DLEXP_SHARD_PLAN_H

#include <stdio.h>

#include "dlexp/run/runner.h"
#include "dlexp/run/shard.h"

struct cJSON;

struct shard_plan {
    struct shard shard;
    size_t runs; /* of the whole plan */
    struct shard_cost {
        size_t runs, pending;
        double expected_s; /* of what is pending, with as many runs at a time as this process would take; nan: nobody
                              knows */
    } * costs;             /* [shard.count]; shard i is costs[i - 1] */
};

/*
 * shard_plan_take - find what each shard costs, by expected_s of the pending runs, and leave this one's runs in the
 * plan, in their order: it may then have none.  Call shard_plan_free after success and failure alike.
 */
int shard_plan_take(struct shard_plan *shards, struct plan *plan, const struct run_options *options, struct error *err);
void shard_plan_free(struct shard_plan *shards);

/* shard_plan_print - in the plan: which shard this is and what each costs; of many, the least and the most. */
void shard_plan_print(const struct shard_plan *shards, FILE *out);

/* shard_plan_add_json - the same as members "shard" and "shards" (the first 1,000). */
void shard_plan_add_json(const struct shard_plan *shards, struct cJSON *root);

/* shard_plan_print_end, shard_plan_print_json - on standard output, when the shard is computed: what was done and
 * where, and which call makes the tables. */
int shard_plan_print_end(const struct shard_plan *shards, const struct plan *plan, const struct command *command,
                         struct error *err);
int shard_plan_print_json(const struct shard_plan *shards, const struct plan *plan, const struct command *command,
                          struct error *err);

#endif
