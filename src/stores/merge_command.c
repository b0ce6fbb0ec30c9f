/* dlexp merge: joins stores of runs. */
#include <stdlib.h>

#include "dlexp/base/counted.h"
#include "dlexp/cli/commands.h"
#include "dlexp/cli/shared_options.h"
#include "dlexp/formats/flow.h"
#include "dlexp/formats/frame.h"
#include "dlexp/formats/json.h"
#include "merge.h"

struct merge_config {
    const char *destination;
    bool dry_run, quiet, json;
};

#define FIELD(name) offsetof(struct merge_config, name)

static const struct option options[] = {
    {.name = "dry-run",
     .letter = 'n',
     .type = OPTION_FLAG,
     .offset = FIELD(dry_run),
     .help = "read and compare everything and write nothing",
     .group = "Output"},
    {QUIET_OPTION(FIELD(quiet))},
    {JSON_OPTION(FIELD(json))},
    {.name = NULL},
};

/* ---- what is said ---- */

static const struct frame_column columns[] = {
    {.name = "store", .type = FRAME_TEXT, .title = "store", .names_row = true},
    {.name = "records", .type = FRAME_INTEGER, .title = "records"},
    {.name = "added", .type = FRAME_INTEGER, .title = "new"},
    {.name = "same", .type = FRAME_INTEGER, .title = "there"},
    {.name = "replaced", .type = FRAME_INTEGER, .title = "fuller"},
    {.name = "left_out", .type = FRAME_INTEGER, .title = "left out"},
    {.name = "models", .type = FRAME_INTEGER, .title = "models"},
    {.name = "models_added", .type = FRAME_INTEGER, .title = "new"},
    {.name = "models_same", .type = FRAME_INTEGER, .title = "there"},
    {.name = "models_left_out", .type = FRAME_INTEGER, .title = "left out"},
    {.name = NULL},
};

static void fill(const void *merge_, struct frame *frame)
{
    const struct merge *merge = merge_;
    for (size_t i = 0; i < merge->count; i++) {
        const struct merge_source *source = &merge->sources[i];
        const struct merge_counts *records = &source->records, *models = &source->models;
        const size_t cells[] = {records->found, records->added, records->same, records->replaced, records->left_out,
                                models->found,  models->added,  models->same,  models->left_out};
        frame_text(frame, source->given);
        for (size_t c = 0; c < sizeof cells / sizeof *cells; c++)
            frame_integer(frame, (int64_t)cells[c]);
    }
}

static void add(struct merge_counts *sum, const struct merge_counts *counts)
{
    sum->found += counts->found;
    sum->added += counts->added;
    sum->same += counts->same;
    sum->replaced += counts->replaced;
    sum->left_out += counts->left_out;
}

/* What all sources come to. */
static struct merge_source sum_up(const struct merge *merge)
{
    struct merge_source sum = {0};
    for (size_t i = 0; i < merge->count; i++) {
        add(&sum.records, &merge->sources[i].records);
        add(&sum.ends, &merge->sources[i].ends);
        add(&sum.models, &merge->sources[i].models);
    }
    return sum;
}

enum { INDENT = 10, MOST = 20 };

static void say(const char *label, const struct merge_counts *counts, const char *noun, const struct merge *merge)
{
    char fuller[96] = "", left_out[48] = "";
    if (counts->replaced > 0)
        snprintf(fuller, sizeof fuller, ", %zu in the place of one that says less", counts->replaced);
    if (counts->left_out > 0)
        snprintf(left_out, sizeof left_out, ", %zu left out", counts->left_out);
    flow_say(stdout, label, INDENT, "%s of %s into '%s': %zu new, %zu there already%s%s",
             counted(counts->found, noun).text, counted(merge->count, "store").text, merge->given, counts->added,
             counts->same, fuller, left_out);
}

static int print_text(const struct merge *merge, struct error *err)
{
    const struct merge_source sum = sum_up(merge);
    if (!merge->quiet && merge->count > 1 && merge->count <= MOST) {
        if (frame_print(&frame_terminal, stdout, columns, fill, merge, err) < 0)
            return -1;
        putchar('\n');
    }
    for (size_t i = 0; i < merge->told_count; i++)
        fprintf(stderr, "dlexp: left out: %s\n", merge->told[i]);
    if (merge->plan)
        flow_say(stdout, "plan:", INDENT, "plan.json of '%s'", merge->plan);
    if (sum.ends.found > 0)
        say("ends:", &sum.ends, "kept end", merge);
    if (sum.models.found > 0)
        say("models:", &sum.models, "model", merge);
    say(merge->dry_run ? "would be:" : "merged:", &sum.records, "record", merge);
    return 0;
}

static int print_json(const struct merge *merge, struct error *err)
{
    const struct merge_source sum = sum_up(merge);
    cJSON *root = json_document("merge");
    json_add_string(root, "destination", merge->given);
    json_add_bool(root, "dry_run", merge->dry_run);
    json_add_number(root, "records", (double)sum.records.found);
    json_add_number(root, "added", (double)sum.records.added);
    json_add_number(root, "same", (double)sum.records.same);
    json_add_number(root, "replaced", (double)sum.records.replaced);
    json_add_number(root, "left_out", (double)merge->left_out);
    if (merge->plan)
        json_add_string(root, "plan_of", merge->plan);
    frame_add_json(root, "stores", columns, fill, merge);
    cJSON *why = json_add_array(root, "why");
    for (size_t i = 0; i < merge->told_count; i++)
        json_append(why, cJSON_CreateString(merge->told[i]));
    return json_print(root, stdout, "what was merged", err);
}

/* ---- the command ---- */

static int tell(const struct merge *merge, bool json, struct error *err)
{
    if ((json ? print_json(merge, err) : print_text(merge, err)) < 0)
        return -1;
    const size_t left_out = merge->left_out;
    if (left_out == 0)
        return 0;
    return error_set(err, ERROR_DATA,
                     "%s %s left out, %s%s; all others are %s. Once these are mended or removed, the same command "
                     "merges the rest",
                     counted(left_out, "file").text, left_out == 1 ? "was" : "were",
                     left_out > merge->told_count ? "the first of which are named" : "named",
                     json ? " as \"why\"" : " above", merge->dry_run ? "whole" : "merged");
}

static int run(const void *configuration, const struct invocation *invocation, struct error *err)
{
    const struct merge_config *config = configuration;
    struct merge merge;
    if (invocation->further_count == 0)
        return error_set(err, ERROR_USAGE,
                         "expected a destination and one or more stores to merge into it, got '%s' alone; see 'dlexp "
                         "help merge'",
                         config->destination);
    int result = merge_init(&merge, config->destination, (const char *const *)invocation->further,
                            invocation->further_count, err);
    merge.dry_run = config->dry_run;
    merge.quiet = config->quiet;
    if (result == 0)
        result = merge_run(&merge, err);
    if (result == 0)
        result = tell(&merge, config->json, err);
    merge_free(&merge);
    return result;
}

const struct command command_merge = {
    .name = "merge",
    .summary = "join stores of runs into one",
    .operand = "DEST STORE...",
    .operands = true,
    .operand_offset = FIELD(destination),
    .operand_flags = OPTION_FOLDER,
    .description =
        "Brings the runs of every STORE into DEST, with their model files. Each is a results folder, as --out, or its "
        "store 'runs'; DEST is made where there is none. The stores are only read. The tables of a call are then the "
        "bytes of one that computed all runs itself: give its command with --out DEST.\n"
        "\n"
        "Every record is read whole and checked. One that is damaged, of a format that a newer version writes, or not "
        "of "
        "the run that it is named after is left out and named, and so is one of a run of which DEST has other numbers "
        "(both files are named, and where they differ); everything else is merged, and the exit status is 3. Records "
        "of "
        "the same run with the same numbers are one; where an earlier version, or a call without --bits, noted less, "
        "the one that says more stays. Records of format 1, also flat in 'runs', are read. Damaged records in DEST are "
        "set aside, those of a newer version stay.\n"
        "\n"
        "Models come along where the record of their run does not say otherwise, and DEST has no other bytes of the "
        "same name. The ends that --keep-last kept come along, too, and of two the longer one stays; checkpoints of "
        "begun runs stay where they are: the process there goes on from them. plan.json, which says what all runs are, "
        "is copied from the first STORE whose can be read, unless DEST has one, or a run.json, that can. What is left "
        "out of these is named, too, with exit status 3.\n"
        "\n"
        "A merge that was stopped is finished by the same command, and several at once into one DEST come to the same "
        "store. Memory does not grow with the number of records.",
    .examples = "dlexp merge results/all node1/results node2/results   two stores into a third\n"
                "dlexp merge results/all shards/*                      those of an array of jobs\n"
                "dlexp merge results/all other --dry-run               is the other one whole, and what would be new?",
    .options = options,
    .config_size = sizeof(struct merge_config),
    .run = run,
};
