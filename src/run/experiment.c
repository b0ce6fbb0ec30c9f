#include "dlexp/run/experiment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/clock.h"
#include "dlexp/base/file.h"
#include "dlexp/base/interrupt.h"
#include "dlexp/formats/flow.h"
#include "dlexp/formats/json.h"
#include "dlexp/formats/output.h"
#include "dlexp/run/run_json.h"
#include "dlexp/run/task.h"
#include "dry_run.h"

static bool is_wanted(const struct experiment *experiment, const struct experiment_table *table)
{
    return !table->wanted || table->wanted(experiment->context);
}

static bool is_file(const struct experiment *experiment, const struct experiment_table *table)
{
    return *table->name && is_wanted(experiment, table);
}

/* malloc'ed; NULL without memory. */
static struct frame_column *columns_of(const struct experiment *experiment, const struct experiment_table *table,
                                       const struct plan *plan)
{
    const struct frame_column *own = table->columns ? table->columns : table->make_columns(experiment->context);
    return grid_columns(plan->grid, own, table->keys);
}

/* A signal that came after the last run: which tables are those of this call. */
static int check_signal(const struct experiment *experiment, const struct plan *plan,
                        const struct experiment_table *next, bool force, struct error *err)
{
    size_t written = 0, count = 0;
    char tables[64] = "no table was written"; /* which tables there are to be is not known before the first */
    if (interrupt_check(err) == 0)
        return 0;
    for (const struct experiment_table *table = experiment->tables; table->name; table++)
        if (is_file(experiment, table)) {
            written += table < next;
            count++;
        }
    if (written > 0)
        snprintf(tables, sizeof tables, "%zu of %zu tables were written", written, count);
    const size_t length = strlen(err->message);
    snprintf(err->message + length, sizeof err->message - length,
             " after the last run; all %zu are kept in '%s/runs', %s: give the same command again%s for the tables, it "
             "computes no run",
             plan->count, plan->directory, tables, force ? " without --force" : "");
    return -1;
}

static int write_table(const struct experiment *experiment, const struct experiment_table *table,
                       const struct plan *plan, struct error *err)
{
    struct frame_column *columns = columns_of(experiment, table, plan);
    if (!columns)
        return error_out_of_memory(err, "a table");
    const int result = frame_file_csv(plan->directory, table->name, columns, table->fill, experiment->context, err);
    free(columns);
    return result;
}

static int write_tables(const struct experiment *experiment, const struct plan *plan, bool force, struct error *err)
{
    const char *directory = plan->directory;
    for (const struct experiment_table *table = experiment->tables; table->name; table++) {
        if (!*table->name)
            continue;
        if (check_signal(experiment, plan, table, force, err) < 0)
            return -1;
        if (!is_wanted(experiment, table)) {
            char *path = path_join(directory, table->name);
            int result = path ? file_remove(path, err) : error_out_of_memory(err, "a path");
            free(path);
            if (result < 0)
                return -1;
            continue;
        }
        if (write_table(experiment, table, plan, err) < 0)
            return -1;
    }
    return 0;
}

/* Every path written, in order; false past the last. */
static bool written(const struct experiment *experiment, size_t index, const char **name)
{
    for (const struct experiment_table *table = experiment->tables; table->name; table++)
        if (is_file(experiment, table) && index-- == 0) {
            *name = table->name;
            return true;
        }
    *name = index == 0 ? "run.json" : experiment->extra_output;
    return index == 0 || (index == 1 && experiment->extra_output);
}

static int add_table(cJSON *root, const struct experiment *experiment, const struct experiment_table *table,
                     const struct plan *plan, struct error *err)
{
    struct frame_column *columns = columns_of(experiment, table, plan);
    if (!columns)
        return error_out_of_memory(err, "a table");
    frame_add_json(root, table->json, columns, table->fill, experiment->context);
    free(columns);
    return 0;
}

static int print_json(const struct experiment *experiment, const struct plan *plan, struct error *err)
{
    const char *name, *directory = plan->directory;
    cJSON *root = experiment->to_json(experiment->context);
    for (const struct experiment_table *table = experiment->tables; table->name; table++) {
        if (table->json && !is_wanted(experiment, table)) {
            json_add_array(root, table->json);
        } else if (table->json && add_table(root, experiment, table, plan, err) < 0) {
            cJSON_Delete(root);
            return -1;
        }
    }
    cJSON *files = json_add_array(root, "files");
    for (size_t i = 0; written(experiment, i, &name); i++) {
        char *path = path_join(directory, name);
        json_append(files, path ? cJSON_CreateString(path) : NULL);
        free(path);
    }
    return json_print(root, stdout, "the result", err);
}

/* What the parts of a call share. */
struct call {
    const struct experiment *experiment;
    struct plan *plan;
    const struct run_options *options;
    const struct invocation *invocation;
    const void *config;
    double start_s;
    FILE *plan_out;
    size_t listed;   /* runs that a dry run has told */
    double seconds;  /* that the pending runs take, as print_time said */
    bool unfinished; /* run.json says that it runs */
    struct looks_rules rules;
};

/* What the run.json of a finished call has beside the experiment's own members: the tables that are kept there. */
static void add_kept(const void *call_, cJSON *root)
{
    const struct call *call = call_;
    const struct experiment *experiment = call->experiment;
    struct error ignored;
    if (experiment->add_json)
        experiment->add_json(experiment->context, root);
    for (const struct experiment_table *table = experiment->tables; table->name; table++)
        if (table->kept && is_wanted(experiment, table) && add_table(root, experiment, table, call->plan, &ignored) < 0)
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
    return 0;
}

/* Before the first run: what is to be done, and by which rules its results will be judged. */
static int begin(struct call *call, struct error *err)
{
    if (clean(call->experiment, call->plan, err) < 0)
        return -1;
    if (plan_pending(call->plan) == 0)
        return 0;
    return directory_create(call->plan->directory, err) < 0 ? -1 : write_run_json(call, RUN_JSON_RUNNING, err);
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

/* How long what is pending takes, and what makes it take longer. */
static int print_time(struct call *call, struct error *err)
{
    const struct experiment *experiment = call->experiment;
    const struct plan *plan = call->plan;
    char time[32], jobs[80], crowd[RUNNER_CROWD_SIZE];
    call->seconds = plan_pending(plan) > 0 ? (double)NAN : 0;
    if (plan_pending(plan) == 0)
        return 0;
    if (experiment->seconds && experiment->seconds(experiment->context, plan, &call->seconds, err) < 0)
        return -1;
    flow_say(call->plan_out, "time:", PLAN_COLUMN, "about %s with %s%s%s%s", progress_time(time, call->seconds),
             runner_jobs_text(jobs, plan, call->options), experiment->kernels ? ", " : "",
             experiment->kernels ? experiment->kernels : "", experiment->kernels ? " kernels" : "");
    if (runner_crowd_text(crowd, plan, call->options))
        flow_print(call->plan_out, "note:", PLAN_COLUMN, crowd);
    return 0;
}

/* One round before it is computed: number 1 is the whole plan, which later ones add to. */
static int prepare_round(struct call *call, size_t number, const char *why, struct error *err)
{
    const struct experiment *experiment = call->experiment;
    struct plan *plan = call->plan;
    if (runner_load(plan, call->options, err) < 0)
        return -1;
    if (call->invocation->task)
        return 0;
    if (runner_fit_memory(plan, call->options, err) < 0)
        return -1;
    call->seconds = NAN;
    if (call->options->quiet && !call->options->dry_run)
        return 0;
    if (number > 1 && *why)
        print_round(call, number, why);
    if (number == 1 && experiment->print_plan(experiment->context, plan, call->plan_out, err) < 0)
        return -1;
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
        if (check_signal(experiment, plan, experiment->tables, options->force, err) < 0)
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

static int execute(struct call *call, struct error *err)
{
    const struct experiment *experiment = call->experiment;
    const struct run_options *options = call->options;
    struct plan *plan = call->plan;
    const char *name;

    if (call->invocation->task)
        return do_task(call, err);
    if (run_json_check(plan->directory, call->invocation, call->config, options->quiet || options->dry_run, err) < 0 ||
        compute_rounds(call, err) < 0)
        return -1;
    if (options->dry_run)
        return options->json ? dry_run_json(plan, call->seconds, call->invocation, call->config, err) : 0;
    if (experiment->conclude && experiment->conclude(experiment->context, plan, err) < 0)
        return -1;
    if (experiment->looks) {
        call->rules = experiment->look(experiment->context);
        if (run_json_looks(experiment->looks, plan, &call->rules, err) < 0)
            return -1;
    }
    if (write_tables(experiment, plan, options->force, err) < 0)
        return -1;
    if (write_run_json(call, RUN_JSON_COMPLETED, err) < 0)
        return -1;
    if (options->json)
        return print_json(experiment, plan, err);
    for (size_t i = 0; written(experiment, i, &name); i++)
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
                        .options = invocation->task ? &quiet : options,
                        .invocation = invocation,
                        .config = config,
                        .start_s = clock_now_s(),
                        .plan_out = options->dry_run && !options->json ? stdout : stderr};
    const int result = execute(&call, err);
    if (result < 0)
        leave(&call);
    /* One that came since the last table is told too. */
    if (result == 0 && interrupt_check(err) < 0) {
        strcat(err->message, options->dry_run ? " while the plan was printed" : " when all was written");
        return -1;
    }
    return result;
}
