#include "dlexp/run/experiment.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "dlexp/base/clock.h"
#include "dlexp/base/file.h"
#include "dlexp/base/interrupt.h"
#include "dlexp/formats/flow.h"
#include "dlexp/formats/json.h"
#include "dlexp/run/plan_json.h"
#include "dlexp/run/run_json.h"
#include "dlexp/run/task.h"
#include "dry_run.h"
#include "shard_plan.h"

/* What the parts of a call share. */
struct call {
    const struct experiment *experiment;
    struct plan *plan;
    struct experiment_tables tables; /* of both */
    const struct run_options *options;
    const struct invocation *invocation;
    const void *config;
    double start_s;
    FILE *plan_out;
    size_t listed;   /* runs that a dry run has told */
    double seconds;  /* that the pending runs take, as print_time said */
    bool unfinished; /* run.json says that it runs */
    struct looks_rules rules;
    struct shard_plan shards; /* with --shard */
};

static bool is_sharded(const struct call *call)
{
    return call->shards.shard.count > 0;
}

/* What the run.json of a finished call has beside the experiment's own members: the tables that are kept there. */
static void add_kept(const void *call_, cJSON *root)
{
    const struct call *call = call_;
    const struct experiment *experiment = call->experiment;
    struct error ignored;
    if (experiment->add_json)
        experiment->add_json(experiment->context, root);
    for (const struct experiment_table *table = experiment->tables; table->name; table++)
        if (table->kept && experiment_table_wanted(&call->tables, table) &&
            experiment_table_add(root, &call->tables, table, &ignored) < 0)
            json_add(root, table->json, NULL); /* the document remembers that it could not be had */
}

/* Before anything is written: what killed processes left is removed. */
static int clean(const struct experiment *experiment, const struct plan *plan, struct error *err)
{
    directory_clean(plan->directory);
    if (!experiment->extra_output)
        return 0;
    char *path = path_join(plan->directory, experiment->extra_output);
    if (!path)
        return error_out_of_memory(err, "a path");
    directory_clean(path);
    free(path);
    return 0;
}

static int write_run_json(struct call *call, enum run_json_status status, struct error *err)
{
    const struct experiment *experiment = call->experiment;
    const bool completed = status == RUN_JSON_COMPLETED;
    const struct run_json_more more = {.kernels = experiment->kernels,
                                       .add = completed ? add_kept : experiment->add_json,
                                       .context = completed ? call : experiment->context,
                                       .looks = completed && experiment->looks ? &call->rules : NULL};
    if (run_json_write(call->plan, call->invocation, call->config, &more, status, call->start_s, err) < 0)
        return -1;
    call->unfinished = !completed;
    return plan_json_remove(call->plan->directory, call->plan->count, call->invocation, call->config, err);
}

/*
 * Before the first run: what is to be done, and by which rules its results will be judged.  Also where no run is
 * pending: while tables are being written they are of two calls, and run.json says so (run_json_unfinished).
 */
static int begin(struct call *call, struct error *err)
{
    const char *directory = call->plan->directory;
    if (clean(call->experiment, call->plan, err) < 0)
        return -1;
    if (is_sharded(call))
        return directory_create(directory, err) < 0
                   ? -1
                   : plan_json_write(directory, call->shards.runs, call->invocation, call->config, err);
    return directory_create(directory, err) < 0 ? -1 : write_run_json(call, RUN_JSON_RUNNING, err);
}

/* A call that ends before its end leaves the times of its runs in run.json: they are nowhere else. */
static void leave(struct call *call)
{
    struct error second;
    if (call->unfinished && write_run_json(call, RUN_JSON_INTERRUPTED, &second) < 0)
        fprintf(stderr, "dlexp: note: %s\n", second.message);
}

static void print_round(const struct call *call, size_t number, const char *why)
{
    char label[32];
    snprintf(label, sizeof label, "round %zu:", number);
    flow_print(call->plan_out, label, PLAN_COLUMN, why);
}

int experiment_seconds(const struct experiment *experiment, struct plan *plan, const struct run_options *options,
                       bool whole, double *seconds, struct error *err)
{
    double rest_s, sum_s = 0;
    *seconds = NAN;
    if (!experiment->seconds)
        return 0;
    if (experiment->seconds(experiment->context, plan, &rest_s, err) < 0)
        return -1;
    for (size_t i = 0; i < plan->count; i++)
        sum_s += plan->runs[i].done ? 0 : plan->runs[i].expected_s;
    *seconds = runner_seconds(plan, options, plan_pending(plan), sum_s) + (whole ? rest_s : 0);
    return 0;
}

static int estimate(struct call *call, struct error *err)
{
    return experiment_seconds(call->experiment, call->plan, call->options, !is_sharded(call), &call->seconds, err);
}

/* How long what is pending takes, and what makes it take longer. */
static int print_time(struct call *call, struct error *err)
{
    const struct experiment *experiment = call->experiment;
    const struct plan *plan = call->plan;
    char time[32], jobs[80], crowd[RUNNER_CROWD_SIZE];
    call->seconds = plan_pending(plan) > 0 ? (double)NAN : 0;
    if (plan_pending(plan) == 0)
        return 0;
    if (estimate(call, err) < 0)
        return -1;
    flow_say(call->plan_out, "time:", PLAN_COLUMN, "about %s with %s%s%s%s", progress_time(time, call->seconds),
             runner_jobs_text(jobs, plan, call->options), experiment->kernels ? ", " : "",
             experiment->kernels ? experiment->kernels : "", experiment->kernels ? " kernels" : "");
    if (runner_crowd_text(crowd, plan, call->options))
        flow_print(call->plan_out, "note:", PLAN_COLUMN, crowd);
    return 0;
}

/* The whole plan is told; with --shard, it is then that of the shard. */
static int begin_plan(struct call *call, bool told, struct error *err)
{
    const struct experiment *experiment = call->experiment;
    struct plan *plan = call->plan;
    if (told && experiment->print_plan(experiment->context, plan, call->plan_out, err) < 0)
        return -1;
    if (!is_sharded(call))
        return 0;
    if ((told && estimate(call, err) < 0) || shard_plan_take(&call->shards, plan, call->options, err) < 0)
        return -1;
    if (told)
        shard_plan_print(&call->shards, call->plan_out);
    return 0;
}

/* One round before it is computed: number 1 is the whole plan, which later ones add to. */
static int prepare_round(struct call *call, size_t number, const char *why, struct error *err)
{
    struct plan *plan = call->plan;
    const bool told = !call->options->quiet || call->options->dry_run;
    if (runner_load(plan, call->options, err) < 0)
        return -1;
    if (call->invocation->task)
        return 0;
    if ((number == 1 && begin_plan(call, told, err) < 0) || runner_fit_memory(plan, call->options, err) < 0)
        return -1;
    call->seconds = NAN;
    if (!told)
        return 0;
    if (number > 1 && *why)
        print_round(call, number, why);
    if ((number == 1 || *why) && print_time(call, err) < 0)
        return -1;
    runner_print_memory(plan, call->plan_out);
    if (number == 1)
        flow_print(call->plan_out, "results:", PLAN_COLUMN, plan->directory);
    if (call->options->dry_run)
        call->listed = dry_run_list(plan, call->listed, call->plan_out);
    fflush(call->plan_out);
    return 0;
}

/* Compute, and again, until there is nothing to add.  A dry run goes as far as the store has the runs. */
static int compute_rounds(struct call *call, struct error *err)
{
    const struct experiment *experiment = call->experiment;
    const struct run_options *options = call->options;
    struct plan *plan = call->plan;
    char why[EXPERIMENT_WHY] = "";
    bool changed = true, nothing_to_do = true;
    for (size_t number = 1; changed; number++) {
        if (prepare_round(call, number, why, err) < 0)
            return -1;
        nothing_to_do &= plan_pending(plan) == 0;
        if (options->dry_run && (plan_pending(plan) > 0 || !experiment->more))
            return 0;
        if (number == 1 && !options->dry_run && begin(call, err) < 0)
            return -1;
        if (!options->dry_run && runner_compute(plan, options, err) < 0)
            return -1;
        if (!is_sharded(call) && experiment_tables_signal(&call->tables, experiment->tables, options->force, err) < 0)
            return -1;
        changed = false;
        why[0] = '\0';
        if (experiment->more && experiment->more(experiment->context, plan, &changed, why, err) < 0)
            return -1;
    }
    if (nothing_to_do && !options->quiet && !options->dry_run)
        fprintf(stderr, "nothing to compute: every run is in the store\n");
    return 0;
}

/* What is done with the plan in the place of computing it (task.h). */
static int do_task(struct call *call, struct error *err)
{
    const struct run_task *task = call->invocation->task;
    const struct run_task_call given = {call->experiment, call->plan, call->options, call->invocation};
    return compute_rounds(call, err) < 0 ? -1 : task->run(task->context, &given, err);
}

/* ERROR_USAGE where --shard says nothing that can be done, or something else asks for all runs together. */
static int check_shard(struct call *call, struct error *err)
{
    const struct experiment *experiment = call->experiment;
    assert(!experiment->more || experiment->needs_all);
    if (shard_parse(&call->shards.shard, call->options->shard, err) < 0)
        return -1;
    if (!is_sharded(call) || !experiment->needs_all)
        return 0;
    return error_set(err, ERROR_USAGE,
                     "--shard: expected no %s beside it, which needs the results of all runs; leave it out here, and "
                     "give it to the call without --shard that makes the tables when all shards are done",
                     experiment->needs_all);
}

/* In place of tables and run.json, which are of all shards. */
static int finish_shard(struct call *call, struct error *err)
{
    const struct command *command = call->invocation->command;
    return call->options->json ? shard_plan_print_json(&call->shards, call->plan, command, err)
                               : shard_plan_print_end(&call->shards, call->plan, command, err);
}

static int execute(struct call *call, struct error *err)
{
    const struct experiment *experiment = call->experiment;
    const struct run_options *options = call->options;
    struct plan *plan = call->plan;
    const char *name;

    if (call->invocation->task)
        return do_task(call, err);
    const enum run_json_tell tell = options->quiet || options->dry_run || is_sharded(call) ? RUN_JSON_QUIET
                                    : experiment->more                                     ? RUN_JSON_GROWS
                                                                                           : RUN_JSON_WHOLE;
    if (check_shard(call, err) < 0 || run_json_check(plan, call->invocation, call->config, tell, err) < 0 ||
        compute_rounds(call, err) < 0)
        return -1;
    if (options->dry_run)
        return options->json ? dry_run_json(plan, call->seconds, is_sharded(call) ? &call->shards : NULL,
                                            call->invocation, call->config, err)
                             : 0;
    if (is_sharded(call))
        return finish_shard(call, err);
    if (experiment->conclude && experiment->conclude(experiment->context, plan, err) < 0)
        return -1;
    if (experiment->looks) {
        call->rules = experiment->look(experiment->context);
        if (run_json_looks(experiment->looks, plan, &call->rules, err) < 0)
            return -1;
    }
    if (experiment_tables_write(&call->tables, options->force, err) < 0)
        return -1;
    if (write_run_json(call, RUN_JSON_COMPLETED, err) < 0)
        return -1;
    if (options->json)
        return experiment_tables_print_json(experiment->to_json(experiment->context), &call->tables, err);
    for (size_t i = 0; experiment_tables_path(&call->tables, i, &name); i++)
        printf("wrote %s/%s\n", plan->directory, name);
    putchar('\n');
    return experiment->print(experiment->context, stdout, err); /* the answer stands last */
}

int experiment_execute(const struct experiment *experiment, struct plan *plan, const struct run_options *options,
                       const struct invocation *invocation, const void *config, struct error *err)
{
    interrupt_watch();
    screen_set_color((enum screen_color)options->color);
    plan->grid->all_columns = options->columns == RUN_COLUMNS_ALL;
    struct run_options quiet = *options;
    quiet.force = false;
    quiet.quiet = quiet.dry_run = true;
    struct call call = {.experiment = experiment,
                        .plan = plan,
                        .tables = {experiment->tables, experiment->context, plan, experiment->extra_output},
                        .options = invocation->task ? &quiet : options,
                        .invocation = invocation,
                        .config = config,
                        .start_s = clock_now_s(),
                        .plan_out = options->dry_run && !options->json ? stdout : stderr};
    /* A call that writes nothing cannot mend what it meets late: where it goes on from results, or tells what is there,
     * it looks at all of every record first. */
    plan->read_only = call.options->dry_run;
    plan->reads_whole = call.options->dry_run && (invocation->task || experiment->more);
    const int result = execute(&call, err);
    if (result < 0)
        leave(&call);
    shard_plan_free(&call.shards);
    /* One that came since the last table is told too. */
    if (result == 0 && interrupt_check(err) < 0) {
        error_add(err, "%s", options->dry_run ? " while the plan was printed" : " when all was written");
        return -1;
    }
    return result;
}
