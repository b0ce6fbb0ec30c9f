/* shard_plan.c - see shard_plan.h. */
#include "shard_plan.h"

#include <math.h>
#include <stdlib.h>

#include "dlexp/base/counted.h"
#include "dlexp/base/file.h"
#include "dlexp/formats/flow.h"
#include "dlexp/formats/json.h"
#include "dlexp/run/grid.h"
#include "dlexp/run/plan_json.h"

enum {
    SHOWN = 16, /* shards that have a line each */
    JSON_LISTED = 1000
};

int shard_plan_take(struct shard_plan *shards, struct plan *plan, const struct run_options *options, struct error *err)
{
    const struct shard *shard = &shards->shard;
    const struct option *rows = plan->grid->invocation->command->options;
    size_t kept = 0;
    shards->runs = plan->count;
    shards->costs = calloc(shard->count, sizeof *shards->costs);
    if (!shards->costs)
        return error_out_of_memory(err, "the shards");
    for (size_t i = 0; i < plan->count; i++) {
        struct run *run = &plan->runs[i];
        const size_t index = shard_of(run->spec, rows, run->config, shard->count);
        struct shard_cost *cost = &shards->costs[index - 1];
        cost->runs++;
        cost->pending += !run->done;
        if (!run->done)
            cost->expected_s += run->expected_s > 0 ? run->expected_s : (double)NAN;
        if (index == shard->index)
            plan->runs[kept++] = *run;
        else
            run_free(run);
    }
    plan->count = kept;
    for (size_t i = 0; i < shard->count; i++) {
        struct shard_cost *cost = &shards->costs[i];
        if (cost->pending > 0) /* of very many shards most are empty, and each answer asks for the CPUs again */
            cost->expected_s = runner_seconds(plan, options, cost->pending, cost->expected_s);
    }
    return 0;
}

void shard_plan_free(struct shard_plan *shards)
{
    free(shards->costs);
    shards->costs = NULL;
}

/* ---- in the plan ---- */

/* "4 runs, 3 to compute, about 12 s" */
static void format_cost(char text[128], const struct shard_cost *cost)
{
    char time[32];
    const int used = snprintf(text, 128, "%s, %zu to compute", counted(cost->runs, "run").text, cost->pending);
    if (cost->pending > 0 && isfinite(cost->expected_s))
        snprintf(text + used, 128 - (size_t)used, ", about %s", progress_time(time, cost->expected_s));
}

static void print_cost(const struct shard_plan *shards, const char *label, size_t shard, FILE *out)
{
    char text[128], number[48];
    snprintf(number, sizeof number, "%s%zu: ", label, shard + 1);
    format_cost(text, &shards->costs[shard]);
    flow_say(out, " ", PLAN_COLUMN, "%s%s", number, text);
}

/* Which takes more: by time, or where that is not known by runs. */
static bool is_less(const struct shard_cost *a, const struct shard_cost *b)
{
    return isfinite(a->expected_s) && isfinite(b->expected_s) && a->expected_s != b->expected_s
               ? a->expected_s < b->expected_s
               : a->runs < b->runs;
}

static void print_extremes(const struct shard_plan *shards, FILE *out)
{
    size_t least = 0, most = 0;
    for (size_t i = 1; i < shards->shard.count; i++) {
        least = is_less(&shards->costs[i], &shards->costs[least]) ? i : least;
        most = is_less(&shards->costs[most], &shards->costs[i]) ? i : most;
    }
    print_cost(shards, "the least, shard ", least, out);
    print_cost(shards, "the most, shard ", most, out);
}

void shard_plan_print(const struct shard_plan *shards, FILE *out)
{
    const struct shard *shard = &shards->shard;
    char text[128];
    format_cost(text, &shards->costs[shard->index - 1]);
    flow_say(out, "shard:", PLAN_COLUMN, "%zu of %zu%s%s: %s", shard->index, shard->count,
             *shard->source ? ", from " : "", shard->source, text);
    flow_say(out, "shards:", PLAN_COLUMN, "%s of %s, each with the CPUs that this one has",
             counted(shard->count, "part").text, counted(shards->runs, "run").text);
    for (size_t i = 0; i < shard->count && shard->count <= SHOWN; i++)
        print_cost(shards, "", i, out);
    if (shard->count > SHOWN)
        print_extremes(shards, out);
}

/* ---- as JSON ---- */

static void add_shard(const struct shard_plan *shards, cJSON *root)
{
    cJSON *object = json_add_object(root, "shard");
    json_add_number(object, "index", (double)shards->shard.index);
    json_add_number(object, "count", (double)shards->shard.count);
    json_add(object, "source", *shards->shard.source ? cJSON_CreateString(shards->shard.source) : cJSON_CreateNull());
    json_add_number(object, "runs_of_all", (double)shards->runs);
}

void shard_plan_add_json(const struct shard_plan *shards, cJSON *root)
{
    add_shard(shards, root);
    cJSON *list = json_add_array(root, "shards");
    for (size_t i = 0; i < shards->shard.count && i < JSON_LISTED; i++) {
        const struct shard_cost *cost = &shards->costs[i];
        cJSON *entry = json_append(list, cJSON_CreateObject());
        json_add_number(entry, "index", (double)(i + 1));
        json_add_number(entry, "runs", (double)cost->runs);
        json_add_number(entry, "runs_to_compute", (double)cost->pending);
        json_add_number(entry, "expected_seconds", cost->expected_s);
    }
}

/* ---- at the end ---- */

/* malloc'ed; NULL without memory. */
static char *tables_call(const struct plan *plan, const struct command *command, struct error *err)
{
    struct output output;
    if (output_open(&output, err) < 0)
        return NULL;
    fprintf(output.stream, "dlexp %s --config %s/" PLAN_JSON " --out %s", command_typed(command), plan->directory,
            plan->directory);
    return output_take(&output, err);
}

int shard_plan_print_end(const struct shard_plan *shards, const struct plan *plan, const struct command *command,
                         struct error *err)
{
    const struct shard *shard = &shards->shard;
    char *call = tables_call(plan, command, err);
    if (!call)
        return -1;
    printf("wrote %s/" PLAN_JSON "\n\n", plan->directory);
    flow_say(stdout, "", 0, "shard %zu of %zu is done: %s of %zu, %zu computed now, kept in %s/runs", shard->index,
             shard->count, counted(plan->count, "run").text, shards->runs, plan_computed(plan), plan->directory);
    flow_say(stdout, "", 0,
             "when all shards are done, this makes the tables; where they are in folders of their own, join these by "
             "dlexp merge, and name the joined folder in place of '%s':",
             plan->directory);
    printf("  %s\n", call);
    free(call);
    return 0;
}

int shard_plan_print_json(const struct shard_plan *shards, const struct plan *plan, const struct command *command,
                          struct error *err)
{
    char *call = tables_call(plan, command, err), *path = path_join(plan->directory, PLAN_JSON);
    cJSON *root = json_document("shard");
    json_add_string(root, "experiment", command->name);
    json_add_string(root, "directory", plan->directory);
    add_shard(shards, root);
    json_add_number(root, "runs_done", (double)(plan->count - plan_pending(plan)));
    json_add_number(root, "runs_computed_now", (double)plan_computed(plan));
    json_add(root, "tables_by", call ? cJSON_CreateString(call) : NULL);
    json_append(json_add_array(root, "files"), path ? cJSON_CreateString(path) : NULL);
    free(call);
    free(path);
    return json_print(root, stdout, "the result", err);
}
