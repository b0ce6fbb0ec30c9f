/* dry_run.c - see dry_run.h. */
#include "dry_run.h"

#include <string.h>

#include "dlexp/base/counted.h"
#include "dlexp/formats/flow.h"
#include "dlexp/formats/json.h"

enum {
    MOST = 40,         /* runs that are listed all */
    FIRST = 10,        /* of more of them, listed */
    JSON_LISTED = 1000 /* as in run.json */
};

/* A line is the label and where the run is; its name before them where there is room for all three. */
static void list_run(const struct run *run, size_t widest, FILE *out)
{
    const char *state = run->done ? "in the store" : "to compute";
    const size_t whole = 2 + 32 + 2 + widest + 2 + 12;
    if (whole <= screen_width(out))
        fprintf(out, "  %s  %-*s  %s\n", run->id, (int)widest, run->label, state);
    else
        flow_say(out, "  ", 2, "%s, %s, %s", run->id, run->label, state);
}

size_t dry_run_list(const struct plan *plan, size_t listed, FILE *out)
{
    const size_t left = plan->count > listed ? plan->count - listed : 0;
    const size_t end = left > MOST ? listed + FIRST : plan->count;
    size_t widest = 0, stored = 0;
    for (size_t i = listed; i < end; i++) {
        const size_t width = strlen(plan->runs[i].label);
        widest = width > widest ? width : widest;
    }
    for (size_t i = listed; i < end; i++)
        list_run(&plan->runs[i], widest, out);
    for (size_t i = end; i < plan->count; i++)
        stored += plan->runs[i].done;
    if (end < plan->count)
        flow_say(out, "  ", 2, "and %s: %zu in the store, %zu to compute; --json lists the first %d",
                 counted(plan->count - end, "other").text, stored, plan->count - end - stored, JSON_LISTED);
    return plan->count;
}

int dry_run_json(const struct plan *plan, double seconds, const struct shard_plan *shards,
                 const struct invocation *invocation, const void *config, struct error *err)
{
    const size_t pending = plan_pending(plan);
    cJSON *root = json_document("plan");
    json_add_string(root, "experiment", invocation->command->name);
    json_add_string(root, "directory", plan->directory);
    json_add_number(root, "runs_planned", (double)plan->count);
    json_add_number(root, "runs_done", (double)(plan->count - pending));
    json_add_number(root, "runs_to_compute", (double)pending);
    json_add_number(root, "expected_seconds", seconds);
    if (shards)
        shard_plan_add_json(shards, root);
    options_add_json(root, invocation, config);
    cJSON *runs = json_add_array(root, "runs");
    for (size_t i = 0; i < plan->count && i < JSON_LISTED; i++) {
        cJSON *run = json_append(runs, cJSON_CreateObject());
        json_add_string(run, "id", plan->runs[i].id);
        json_add_string(run, "label", plan->runs[i].label);
        json_add_bool(run, "done", plan->runs[i].done);
    }
    return json_print(root, stdout, "the plan", err);
}
