/* dlexp verify: trains stored runs again and compares. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "dlexp/base/counted.h"
#include "dlexp/cli/commands.h"
#include "dlexp/cli/progress.h"
#include "dlexp/cli/shared_options.h"
#include "dlexp/formats/flow.h"
#include "dlexp/formats/json.h"
#include "stored_call.h"
#include "verify.h"

struct verify_config {
    const char *directory, *data, *kernels;
    int64_t jobs;
    size_t sample, seed;
    bool all, quiet, json;
};

#define FIELD(name) offsetof(struct verify_config, name)

static const struct option options[] = {
    {.name = "sample",
     .type = OPTION_COUNT,
     .offset = FIELD(sample),
     .value = "K",
     .initial = "0",
     .low = 0,
     .high = 1e9,
     .help = "train so many, drawn at random; 0: 10, or fewer where these would take more than a minute",
     .group = "Runs"},
    {.name = "all", .type = OPTION_FLAG, .offset = FIELD(all), .help = "train all"},
    {.name = "seed",
     .type = OPTION_COUNT,
     .offset = FIELD(seed),
     .value = "S",
     .initial = "0",
     .low = 0,
     .high = UINT32_MAX,
     .help = "which runs are drawn; 0: others each time, and the number is said"},
    {STORED_DATA_OPTION(FIELD(data))},
    {.name = "jobs",
     .letter = 'j',
     .type = OPTION_INTEGER,
     .offset = FIELD(jobs),
     .value = "N",
     .initial = "0",
     .low = 0,
     .high = 1024,
     .help = "runs at the same time; 0 is one for each CPU that may be used",
     .group = "Running"},
    {.name = "kernels",
     .type = OPTION_TEXT,
     .offset = FIELD(kernels),
     .value = "NAME",
     .initial = NULL,
     .help = "instruction set of the hot loops, as of dlexp batchnorm: all give the same bytes"},
    {QUIET_OPTION(FIELD(quiet)), .group = "Output"},
    {JSON_OPTION(FIELD(json))},
    {.name = NULL},
};

enum { LISTED = 20 }; /* runs that differ, for a person */

/* What the parts of one call share. */
struct telling {
    const struct verify_config *config;
    struct stored_call *stored;
    struct verify_wanted wanted;
};

/* ---- for a person ---- */

static void begin(const struct verify *verify)
{
    const struct run_task_call *call = verify->call;
    const size_t trained = plan_pending(call->plan);
    char time[32], jobs[80];
    if (verify->wanted.quiet)
        return;
    flow_say(stderr, "runs:", PLAN_COLUMN, "%zu of %zu in the store%s", trained, verify->stored,
             trained < verify->stored ? ", drawn at random" : "");
    if (trained < verify->stored)
        flow_say(stderr, "seed:", PLAN_COLUMN, "%llu, for the same ones again",
                 (unsigned long long)verify->wanted.seed);
    flow_say(stderr, "time:", PLAN_COLUMN, "about %s with %s%s%s%s", progress_time(time, verify->seconds),
             runner_jobs_text(jobs, call->plan, call->options), call->experiment->kernels ? ", " : "",
             call->experiment->kernels ? call->experiment->kernels : "", call->experiment->kernels ? " kernels" : "");
}

static void print_others(const struct scan *scan)
{
    enum { NAMED = 3 };
    char ids[NAMED * (STORE_ID_SIZE + 2) + 8] = "";
    size_t used = 0;
    if (scan->others == 0)
        return;
    for (size_t i = 0; i < scan->others && i < NAMED; i++)
        used += (size_t)snprintf(ids + used, sizeof ids - used, "%s%s", i > 0 ? ", " : "", scan->some[i].id);
    flow_say(stdout, "others:", PLAN_COLUMN, "%s of other calls, not looked at: %s%s",
             counted(scan->others, "record").text, ids, scan->others > NAMED ? ", ..." : "");
}

static void print_text(const struct verify *verify)
{
    char text[VERIFY_TEXT];
    size_t listed = 0;
    for (size_t i = 0; i < verify->count && listed < LISTED; i++) {
        const struct verified *run = &verify->runs[i];
        if (run->agrees)
            continue;
        listed++;
        flow_say(stdout, "differs:", PLAN_COLUMN, "%s, %s: %s", run->run->label, run->run->id,
                 verify_differs(text, run));
    }
    const size_t differ = verify->count - verify->agree;
    if (differ > listed)
        flow_say(stdout, " ", PLAN_COLUMN, "and %s; --json lists them", counted(differ - listed, "other").text);
    for (size_t i = 0; i < verify->count; i++)
        if (*verify->runs[i].comparison.lacking) {
            flow_say(stdout, "lacking:", PLAN_COLUMN, "not compared, as one side has none: %s, and the like",
                     verify->runs[i].comparison.lacking);
            break;
        }
    print_others(&verify->scan);
    flow_say(stdout, "verified:", PLAN_COLUMN, "%zu of %s agree: %s, %s, %s; the store has %s of this call",
             verify->agree, counted(verify->count, "run").text, counted(verify->values, "value").text,
             counted(verify->numbers, "number").text, counted(verify->models, "model file").text,
             counted(verify->stored, "run").text);
}

/* ---- for a program ---- */

static int print_json(const struct telling *telling, const struct verify *verify, struct error *err)
{
    char text[VERIFY_TEXT];
    cJSON *root = json_document("verify");
    json_add_string(root, "experiment", telling->stored->command->name);
    json_add_string(root, "directory", telling->config->directory);
    json_add_string(root, "document", telling->stored->document);
    if (verify->call->experiment->kernels)
        json_add_string(root, "kernels", verify->call->experiment->kernels);
    json_add_number(root, "seed", (double)verify->wanted.seed);
    json_add_number(root, "runs_stored", (double)verify->stored);
    json_add_number(root, "runs_verified", (double)verify->count);
    json_add_number(root, "runs_agree", (double)verify->agree);
    json_add_number(root, "values", (double)verify->values);
    json_add_number(root, "numbers", (double)verify->numbers);
    json_add_number(root, "models", (double)verify->models);
    json_add_number(root, "records_of_other_calls", (double)verify->scan.others);
    cJSON *runs = json_add_array(root, "runs");
    for (size_t i = 0; i < verify->count; i++) {
        const struct verified *run = &verify->runs[i];
        cJSON *entry = json_append(runs, cJSON_CreateObject());
        json_add_string(entry, "id", run->run->id);
        json_add_string(entry, "label", run->run->label);
        json_add_bool(entry, "agrees", run->agrees);
        if (!run->agrees)
            json_add_string(entry, "differs", verify_differs(text, run));
        if (*run->comparison.lacking)
            json_add_string(entry, "not_compared", run->comparison.lacking);
    }
    return json_print(root, stdout, "what was verified", err);
}

/* ---- the command ---- */

static int tell(void *telling_, const struct run_task_call *call, struct error *err)
{
    const struct telling *telling = telling_;
    char text[VERIFY_TEXT];
    struct verify verify;
    int result = verify_run(&verify, call, &telling->wanted, begin, err);
    if (result == 0 && telling->config->json)
        result = print_json(telling, &verify, err);
    else if (result == 0)
        print_text(&verify);
    for (size_t i = 0; i < verify.count && result == 0; i++)
        if (!verify.runs[i].agrees)
            result = error_set(err, ERROR_CHECK,
                               "'%s': expected %s to agree with what is computed here, got %zu that %s, first %s: %s",
                               telling->config->directory, counted(verify.count, "run").text,
                               verify.count - verify.agree, verify.count - verify.agree == 1 ? "does not" : "do not",
                               verify.runs[i].run->label, verify_differs(text, &verify.runs[i]));
    verify_free(&verify);
    return result;
}

static uint64_t seed_of(const struct verify_config *config)
{
    struct timespec now = {0};
    if (config->seed > 0)
        return config->seed;
    clock_gettime(CLOCK_REALTIME, &now);
    return 1 + ((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000) % 999983;
}

static int run(const void *configuration, const struct invocation *invocation, struct error *err)
{
    const struct verify_config *config = configuration;
    char jobs[24];
    const struct stored_option given[] = {
        {"--data", config->data}, {"--kernels", config->kernels}, {"--jobs", jobs}, {NULL, NULL}};
    struct stored_call stored = {.directory = config->directory, .options = given};
    struct telling telling = {
        config, &stored, {config->all, config->sample, seed_of(config), config->quiet || config->json}};
    const struct run_task task = {tell, &telling};
    if (config->all && config->sample > 0)
        return error_set(err, ERROR_USAGE, "--all and --sample: expected one of them, got both");
    snprintf(jobs, sizeof jobs, "%lld", (long long)config->jobs);
    return stored_call_run(&stored, &task, invocation, err);
}

const struct command command_verify = {
    .name = "verify",
    .summary = "train stored runs again and compare",
    .operand = "DIR",
    .operand_offset = FIELD(directory),
    .operand_flags = OPTION_FOLDER,
    .description =
        "Trains some of the runs in DIR again, or all, and compares every value, every number and every weight hash "
        "with their records, and the bytes of their model files: a run is the same on every machine, with every "
        "instruction set and number of jobs, so one that differs was not computed as it says, or was changed since. "
        "Nothing is written in DIR. Exit status 5 when a run does not agree; then the first difference of each is "
        "told: "
        "where it is, what is stored, and what is computed now.\n"
        "\n"
        "DIR is what an experiment wrote to with --out, or what stores were merged into; its call is that of "
        "DIR/plan.json, which calls with --shard write, or else of DIR/run.json. Records of other calls in the same "
        "store are counted and not looked at. Relative paths in the call count from where this command is given; with "
        "--data the data may lie elsewhere, but must be the same. Records of earlier versions, which say less, are "
        "compared in what they say. Every record of the call is read whole, and one that is damaged does not agree.",
    .examples = "dlexp verify results/batchnorm               ten runs, or as many as a minute allows\n"
                "dlexp verify published --data mnist --all    every run of somebody's store\n"
                "dlexp verify results/optim --sample 3 --seed 7",
    .options = options,
    .config_size = sizeof(struct verify_config),
    .run = run,
};
