/* dlexp status: how far the call of a results folder is. */
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/counted.h"
#include "dlexp/cli/commands.h"
#include "dlexp/cli/progress.h"
#include "dlexp/cli/shared_options.h"
#include "dlexp/formats/flow.h"
#include "dlexp/formats/json.h"
#include "dlexp/run/setting.h"
#include "status.h"
#include "stored_call.h"

struct status_config {
    const char *directory, *data;
    bool quiet, json;
};

#define FIELD(name) offsetof(struct status_config, name)

static const struct option options[] = {
    {STORED_DATA_OPTION(FIELD(data)), .group = "Runs"},
    {.name = "quiet",
     .letter = 'q',
     .type = OPTION_FLAG,
     .offset = FIELD(quiet),
     .help = "print nothing: the exit status tells",
     .group = "Output"},
    {JSON_OPTION(FIELD(json))},
    {.name = NULL},
};

enum {
    ALL_LISTED = 12,  /* so many configurations are listed all; of more of them those that are not complete */
    MOST_LISTED = 40, /* and no more of these either */
    COUNTS = 6
};

/* What the parts of printing share. */
struct telling {
    const struct status_config *config;
    struct stored_call *stored;
    const struct status *status;
    bool all; /* configurations are listed, whatever their number */
};

/* ---- the table ---- */

static const struct frame_column count_columns[COUNTS + 1] = {
    {.name = "runs", .type = FRAME_INTEGER, .title = "runs"},
    {.name = "done", .type = FRAME_INTEGER, .title = "done"},
    {.name = "begun", .type = FRAME_INTEGER, .title = "begun"},
    {.name = "missing", .type = FRAME_INTEGER, .title = "missing"},
    {.name = "diverged", .type = FRAME_INTEGER, .title = "diverged"},
    {.name = "failed", .type = FRAME_INTEGER, .title = "failed"},
    {.name = NULL},
};

/* Those of the settings that tell configurations apart, and the counts; malloc'ed, NULL without memory. */
static struct frame_column *make_columns(const struct grid *grid)
{
    const struct option *row;
    size_t settings = 0;
    while (grid_configuration(grid, settings))
        settings++;
    struct frame_column *columns = malloc((settings + COUNTS + 1) * sizeof *columns);
    for (size_t i = 0; columns && (row = grid_configuration(grid, i)) != NULL; i++) {
        columns[i] = setting_column(row);
        columns[i].title = columns[i].name;
        columns[i].names_row = true;
    }
    if (columns)
        memcpy(columns + settings, count_columns, sizeof count_columns);
    return columns;
}

static bool is_complete(const struct status_configuration *configuration)
{
    return configuration->counts.done == configuration->counts.runs;
}

/* Whether the configuration has a row, of which there are `listed` before it. */
static bool is_listed(const struct telling *telling, const struct status_configuration *configuration, size_t listed)
{
    return telling->all || telling->status->count <= ALL_LISTED ||
           (!is_complete(configuration) && listed < MOST_LISTED);
}

static void fill(const void *telling_, struct frame *frame)
{
    const struct telling *telling = telling_;
    const struct status *status = telling->status;
    for (size_t i = 0, listed = 0; i < status->count; i++) {
        const struct status_configuration *configuration = &status->configurations[i];
        const struct status_counts *counts = &configuration->counts;
        const size_t cells[COUNTS] = {counts->runs,    counts->done,     counts->begun,
                                      counts->missing, counts->diverged, counts->failed};
        if (!is_listed(telling, configuration, listed))
            continue;
        listed++;
        grid_fill(frame, configuration->run->config);
        for (size_t c = 0; c < COUNTS; c++)
            frame_integer(frame, (int64_t)cells[c]);
    }
}

/* ---- for a person ---- */

/* Configurations without a row of their own, in a line; `rows`: there are some that have one. */
static void print_others(const struct telling *telling, bool rows)
{
    const struct status *status = telling->status;
    struct status_counts complete = {0}, others = {0};
    size_t complete_count = 0, other_count = 0;
    for (size_t i = 0, listed = 0; i < status->count; i++) {
        const struct status_configuration *configuration = &status->configurations[i];
        const bool whole = is_complete(configuration);
        if (is_listed(telling, configuration, listed)) {
            listed++;
            continue;
        }
        struct status_counts *sum = whole ? &complete : &others;
        *(whole ? &complete_count : &other_count) += 1;
        sum->runs += configuration->counts.runs;
        sum->done += configuration->counts.done;
        sum->diverged += configuration->counts.diverged;
        sum->failed += configuration->counts.failed;
    }
    if (other_count > 0)
        flow_say(stdout, "  ", 2, "and %s that %s not complete: %zu of %s done; --json lists them",
                 counted(other_count, "configuration").text, other_count == 1 ? "is" : "are", others.done,
                 counted(others.runs, "run").text);
    if (complete_count > 0)
        flow_say(stdout, rows ? "  " : "", rows ? 2 : 0, "%s%s that %s complete: %s, %zu diverged, %zu failed",
                 rows ? "and " : "", counted(complete_count, "configuration").text, complete_count == 1 ? "is" : "are",
                 counted(complete.runs, "run").text, complete.diverged, complete.failed);
}

static void print_unfinished(const struct scan *scan)
{
    for (size_t i = 0; i < scan->host_count; i++) {
        const struct scan_host *host = &scan->hosts[i];
        const size_t working = host->files - host->abandoned;
        if (!host->here)
            flow_say(stdout, "files:", PLAN_COLUMN,
                     "%s of host %s unfinished (*.tmp-*): whether they are still written shows only there; the next "
                     "command there that writes here removes what is left",
                     counted(host->files, "file").text, host->name);
        else if (working > 0)
            flow_say(stdout, "files:", PLAN_COLUMN, "%s being written now by processes of this host",
                     counted(working, "file").text);
        if (host->abandoned > 0)
            flow_say(stdout, "files:", PLAN_COLUMN,
                     "%s unfinished, as processes of this host were killed; the next command that writes here removes "
                     "them",
                     counted(host->abandoned, "file").text);
    }
}

static int print_text(const struct telling *telling, struct error *err)
{
    const struct status *status = telling->status;
    const struct status_counts *all = &status->all;
    const struct plan *plan = status->call->plan;
    char time[32], jobs[80];
    const bool rows = status->count <= ALL_LISTED || all->done < all->runs;
    struct frame_column *columns = make_columns(plan->grid);
    if (!columns)
        return error_out_of_memory(err, "a table to print");
    const int result = rows ? frame_print(&frame_terminal, stdout, columns, fill, telling, err) : 0;
    free(columns);
    if (result < 0)
        return -1;
    print_others(telling, rows);
    putchar('\n');
    flow_say(stdout, "call:", PLAN_COLUMN, "dlexp %s, of %s/%s", telling->stored->command->name,
             telling->config->directory, telling->stored->document);
    if (status->scan.others > 0)
        flow_say(stdout, "others:", PLAN_COLUMN, "%s in the store that %s not of this call",
                 counted(status->scan.others, "record").text, status->scan.others == 1 ? "is" : "are");
    print_unfinished(&status->scan);
    if (status->lacking > 0)
        flow_say(stdout, "lacking:", PLAN_COLUMN,
                 "%zu of those missing: the store has their results, but not all that the call asks for",
                 status->lacking);
    if (status->spoilt > 0)
        flow_say(stdout, "damaged:", PLAN_COLUMN,
                 "%zu of those missing: what was kept of them cannot be used, so that they begin anew", status->spoilt);
    if (plan_pending(plan) > 0)
        flow_say(stdout, "time:", PLAN_COLUMN, "about %s left with %s on this machine",
                 progress_time(time, status->seconds), runner_jobs_text(jobs, plan, status->call->options));
    flow_say(stdout, "runs:", PLAN_COLUMN, "%zu: %zu done (%zu diverged, %zu failed), %zu begun, %zu missing",
             all->runs, all->done, all->diverged, all->failed, all->begun, all->missing);
    return 0;
}

/* ---- for a program ---- */

static int print_json(const struct telling *telling, struct error *err)
{
    const struct status *status = telling->status;
    const struct status_counts *all = &status->all;
    const struct {
        const char *name;
        size_t count;
    } counts[] = {{"runs_planned", all->runs},
                  {"runs_done", all->done},
                  {"runs_begun", all->begun},
                  {"runs_missing", all->missing},
                  {"runs_diverged", all->diverged},
                  {"runs_failed", all->failed},
                  {"runs_lacking", status->lacking},
                  {"runs_spoilt", status->spoilt},
                  {"records_of_other_calls", status->scan.others}};
    struct frame_column *columns = make_columns(status->call->plan->grid);
    if (!columns)
        return error_out_of_memory(err, "the status");
    cJSON *root = json_document("status");
    json_add_string(root, "experiment", telling->stored->command->name);
    json_add_string(root, "directory", telling->config->directory);
    json_add_string(root, "document", telling->stored->document);
    json_add_bool(root, "complete", all->done == all->runs);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        json_add_number(root, counts[i].name, (double)counts[i].count);
    json_add_number(root, "expected_seconds", status->seconds);
    frame_add_json(root, "configurations", columns, fill, telling);
    cJSON *hosts = json_add_array(root, "unfinished_files");
    for (size_t i = 0; i < status->scan.host_count; i++) {
        const struct scan_host *host = &status->scan.hosts[i];
        cJSON *entry = json_append(hosts, cJSON_CreateObject());
        json_add_string(entry, "host", host->name);
        json_add_bool(entry, "this_host", host->here);
        json_add_number(entry, "files", (double)host->files);
        json_add_number(entry, "abandoned", (double)host->abandoned);
    }
    free(columns);
    return json_print(root, stdout, "the status", err);
}

/* ---- the command ---- */

static int tell(void *telling_, const struct run_task_call *call, struct error *err)
{
    struct telling *telling = telling_;
    const struct status_config *config = telling->config;
    struct status status;
    int result = status_make(&status, call, err);
    telling->status = &status;
    telling->all = config->json;
    if (result == 0 && !config->quiet)
        result = config->json ? print_json(telling, err) : print_text(telling, err);
    const struct status_counts *all = &status.all;
    if (result == 0 && all->done < all->runs)
        result = error_set(err, ERROR_CHECK,
                           "'%s' is not complete: %zu of %s %s not done; the command that began them computes the rest",
                           config->directory, all->runs - all->done, counted(all->runs, "run").text,
                           all->runs - all->done == 1 ? "is" : "are");
    if (result < 0 && status.unseen > 0 && all->done < all->runs)
        error_add(err, ", but %zu of them maybe only once their damaged files, named above, are removed",
                  status.unseen);
    status_free(&status);
    return result;
}

static int run(const void *configuration, const struct invocation *invocation, struct error *err)
{
    const struct status_config *config = configuration;
    const struct stored_option given[] = {{"--data", config->data}, {NULL, NULL}};
    struct stored_call stored = {.directory = config->directory, .options = given};
    struct telling telling = {.config = config, .stored = &stored};
    const struct run_task task = {tell, &telling};
    return stored_call_run(&stored, &task, invocation, err);
}

const struct command command_status = {
    .name = "status",
    .summary = "tell which runs of a call are done, begun and missing",
    .operand = "DIR",
    .operand_offset = FIELD(directory),
    .operand_flags = OPTION_FOLDER,
    .description =
        "Holds the runs in DIR against the call that DIR is of, and counts them by configuration, which is all "
        "settings "
        "but the seed. DIR is what an experiment wrote to with --out, or what stores were merged into; the call is "
        "that "
        "of DIR/plan.json, which calls with --shard write, or else of DIR/run.json. Nothing is written. Relative paths "
        "in the call count from where this command is given; --data says where the data are now.\n"
        "\n"
        "A run is done when its record is in the store, whole, for which all of it is read; begun, when it is not, but "
        "a sound checkpoint is there from which it goes on; missing otherwise. Among those done, diverged: a number "
        "was not finite; failed: the network "
        "did not learn (dlexp help batchnorm says what counts as trained), judged by the runs that are done, so that "
        "others may change it.\n"
        "\n"
        "The time left is that of the dry run, for this machine and the call's --jobs. Exit status 5 when the call is "
        "not complete.",
    .examples =
        "dlexp status results/batchnorm         what is done, what is missing\n"
        "dlexp status all --quiet && dlexp batchnorm --config all/plan.json --out all   tables once all is there\n"
        "dlexp status results/optim --json      for a program",
    .options = options,
    .config_size = sizeof(struct status_config),
    .run = run,
};
