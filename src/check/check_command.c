/* dlexp check: a table that somebody else computed, held against ours. */
#include <stdlib.h>

#include "check.h"
#include "dlexp/base/counted.h"
#include "dlexp/cli/commands.h"
#include "dlexp/cli/shared_options.h"
#include "dlexp/formats/flow.h"
#include "dlexp/formats/json.h"

#define FIELD(name) offsetof(struct check_config, name)

static const struct option options[] = {
    {.name = "against",
     .type = OPTION_TEXT,
     .flags = OPTION_FOLDER,
     .offset = FIELD(against),
     .value = "DIR",
     .initial = "results",
     .help = "the folder of our tables, one that holds such folders, or one table; the one with most of FILE's columns "
             "is taken",
     .group = "Check"},
    {.name = "table",
     .type = OPTION_TEXT,
     .offset = FIELD(table),
     .value = "NAME",
     .help = "look at tables of this name only, as epochs.csv"},
    {.name = "relative",
     .type = OPTION_REAL,
     .offset = FIELD(relative),
     .value = "SHARE",
     .initial = "0",
     .low = 0,
     .high = 1,
     .help = "allow numbers to differ by this share of ours, beside their rounding"},
    {.name = "show",
     .type = OPTION_COUNT,
     .offset = FIELD(shown),
     .value = "N",
     .initial = "10",
     .low = 1,
     .high = 100000,
     .help = "the first so many differences are listed",
     .group = "Output"},
    {QUIET_OPTION(FIELD(quiet))},
    {JSON_OPTION(FIELD(json))},
    {0},
};

/* Columns of FILE that are keys, were compared, or are not ours. */
enum use { USE_KEY, USE_COMPARED, USE_UNKNOWN };

static bool has_use(const struct check *check, size_t column, enum use use)
{
    const int ours = check->ours_of[column];
    return use == (ours < 0 ? USE_UNKNOWN : ours < (int)check->keys ? USE_KEY : USE_COMPARED);
}

static void say_columns(const struct check *check, const char *label, enum use use)
{
    struct flow flow = flow_begin(stdout, label, 2);
    bool any = false;
    for (size_t i = 0; i < check->yours.columns; i++)
        if (has_use(check, i, use)) {
            flow_text(&flow, any ? ", " : " ");
            flow_text(&flow, check->yours.names[i]);
            any = true;
        }
    flow_text(&flow, any ? "" : " none");
    flow_end(&flow);
}

static int print_text(const struct check *check, struct error *err)
{
    if (!check->config->quiet) {
        flow_say(stdout, "our table:", 2, " %s", check->path);
        say_columns(check, "rows joined by:", USE_KEY);
        say_columns(check, "compared:", USE_COMPARED);
        say_columns(check, "not ours, not compared:", USE_UNKNOWN);
        if (check->unmatched_rows > 0 && check->unmatched_rows <= check->ours.rows)
            flow_say(stdout, "", 2, "%s of ours not in the file.", counted(check->unmatched_rows, "row").text);
        printf("\n");
    }
    if (check->cells > 0) {
        if (frame_print(&frame_terminal, stdout, check_columns, check_fill, check, err) < 0)
            return -1;
        printf("\n");
    } else {
        flow_say(stdout, "", 2, "'%s' agrees: %s, %s.", check->config->file, counted(check->yours.rows, "row").text,
                 counted(check->compared, "column").text);
    }
    return 0;
}

static void add_columns(cJSON *root, const char *name, const struct check *check, enum use use)
{
    cJSON *list = json_add_array(root, name);
    for (size_t i = 0; i < check->yours.columns; i++)
        if (has_use(check, i, use))
            json_append(list, cJSON_CreateString(check->yours.names[i]));
}

static int print_json(const struct check *check, struct error *err)
{
    cJSON *root = json_document("check");
    json_add_string(root, "file", check->config->file);
    json_add_string(root, "table", check->path);
    json_add_bool(root, "agrees", check->cells == 0);
    json_add_number(root, "rows", (double)check->yours.rows);
    json_add_number(root, "rows_that_differ", (double)check->rows);
    add_columns(root, "joined_by", check, USE_KEY);
    add_columns(root, "compared", check, USE_COMPARED);
    add_columns(root, "not_compared", check, USE_UNKNOWN);
    frame_add_json(root, "differences", check_columns, check_fill, check);
    return json_print(root, stdout, "the JSON text", err);
}

static int run(const void *configuration, const struct invocation *invocation, struct error *err)
{
    struct check check;
    int status = check_run(&check, configuration, invocation->commands, err);
    if (status == 0)
        status = check.config->json ? print_json(&check, err) : print_text(&check, err);
    if (status == 0 && check.cells > 0) {
        char remedy[CHECK_REMEDY_SIZE], lacking[CHECK_REMEDY_SIZE + 64] = "";
        check_remedy(&check, remedy);
        if (check.spelled.line > 0)
            snprintf(lacking, sizeof lacking,
                     "; ours lacks %zu of them: the case of letters counts, in line %zu the %s is '%.80s', ours is "
                     "'%.80s'",
                     check.missing, check.spelled.line, check.spelled.column, check.spelled.yours, check.spelled.ours);
        else if (check.missing > 0)
            snprintf(lacking, sizeof lacking, "; ours lacks %zu of them: %s", check.missing, remedy);
        status = error_set(err, ERROR_CHECK, "'%s' differs from '%s' in %zu of %s, first in line %zu%s",
                           check.config->file, check.path, check.rows, counted(check.yours.rows, "row").text,
                           check.differences[0].line, lacking);
    }
    check_free(&check);
    return status;
}

const struct command command_check = {
    .name = "check",
    .summary = "hold somebody's table against one of ours",
    .operand = "FILE",
    .operand_offset = FIELD(file),
    .operand_flags = OPTION_FILE,
    .description =
        "FILE is a CSV with a header, computed elsewhere: a student's, a colleague's, another program's. Its columns "
        "that one of our tables has under the same name are held against that table, row by row, and the first that "
        "differ are named; exit status 5 then. Columns that we do not have are left out, and said.\n"
        "\n"
        "Rows are joined by the first columns of our table that tell its rows apart (as norm, lr, seed, epoch), in any "
        "order; 0.10 and 1e-1 are the same number. A column in which all rows of ours are the same may be missing.\n"
        "\n"
        "A number is right within half a unit of its last place: 97.3 stands for 97.25 to 97.35, 1.2e3 for 1150 to "
        "1250. --relative allows more. Empty cells, nan and NA are the same.\n"
        "\n"
        "Our tables must be there: run the command whose table it is with the settings that FILE was made with.",
    .examples = "dlexp check mine.csv                        against the tables below results\n"
                "dlexp check mine.csv --against results/optim --relative 1e-6    with another tolerance\n"
                "dlexp check mine.csv --against theirs.csv   against one table",
    .options = options,
    .config_size = sizeof(struct check_config),
    .run = run,
};
