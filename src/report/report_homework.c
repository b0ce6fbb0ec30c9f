/* Which folders are the homework's, and what makes the others other experiments; see report.h. */
#include <cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/cli/options.h"
#include "dlexp/data/known.h"
#include "dlexp/formats/output.h"
#include "report.h"

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

const cJSON *report_config(const struct report_folder *folder, const char *name)
{
    return member(member(folder->run, "config"), name);
}

/* Whether `word` is one of the words, parted by blanks. */
static bool is_among(const char *word, const char *words)
{
    const size_t length = strlen(word);
    for (const char *at = words; at; at = strchr(at, ' '), at = at ? at + 1 : NULL)
        if (strncmp(at, word, length) == 0 && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

/* ---- the data ---- */

/* Whether run.json tells the data by its hashes, and whether they are the homework's, the first that are known. */
static bool is_hashed(const struct report_folder *folder)
{
    return cJSON_IsObject(member(folder->run, "data"));
}

static bool has_homework_data(const struct report_folder *folder)
{
    static const char *const parts[KNOWN_FILES] = {"train_images", "train_labels", "test_images", "test_labels"};
    const char *hashes[KNOWN_FILES];
    for (size_t i = 0; i < KNOWN_FILES; i++) {
        hashes[i] = cJSON_GetStringValue(member(member(member(folder->run, "data"), parts[i]), "sha256"));
        if (!hashes[i])
            return false;
    }
    return known_genuine(hashes) == known_row(0);
}

/* ---- settings ---- */

/* The defaults as a run.json has them, read from its text: numbers that need all their digits are raw until then. */
static int make_defaults(cJSON **defaults, const struct command *command, struct error *err)
{
    struct invocation invocation = {.command = command};
    void *config = calloc(1, command->config_size + 1);
    *defaults = NULL;
    if (!config)
        return error_out_of_memory(err, "the configuration");
    int result = options_parse(&invocation, 0, NULL, config, err);
    cJSON *made = result == 0 ? options_to_json(&invocation, config) : NULL;
    char *text = cJSON_PrintUnformatted(made);
    if (result == 0 && (!text || !(*defaults = cJSON_Parse(text))))
        result = error_out_of_memory(err, "the configuration");
    cJSON_free(text);
    cJSON_Delete(made);
    options_free(&invocation, config);
    free(config);
    return result;
}

/* A value as one would type it. */
static void print_value(FILE *out, const cJSON *value)
{
    const cJSON *element;
    if (cJSON_IsNumber(value))
        fprintf(out, " %g", value->valuedouble);
    else if (cJSON_IsString(value))
        fprintf(out, " %s", value->valuestring);
    else if (cJSON_IsFalse(value))
        fputs(" off", out);
    cJSON_ArrayForEach(element, value)
    {
        print_value(out, element);
        if (element->next)
            putc(',', out);
    }
}

static void print_difference(FILE *out, size_t *count, const char *name, const cJSON *value)
{
    fprintf(out, "%s%s", (*count)++ ? ", " : "", name);
    print_value(out, value);
}

static void print_data(FILE *out, size_t *count, const struct report_folder *folder)
{
    const cJSON *directory = report_config(folder, "data");
    if (!is_hashed(folder) || has_homework_data(folder))
        return;
    print_difference(out, count, "data",
                     cJSON_IsString(directory) ? directory : member(member(folder->run, "data"), "name"));
}

/* What decides the numbers, and no data that are told by their hashes. */
static bool is_compared(const struct option *option, const struct report_folder *folder, const char *open)
{
    return (option->key || (option->flags & OPTION_DATA && !is_hashed(folder))) && !is_among(option->name, open);
}

int report_differences(struct report_folder *folder, struct error *err)
{
    const struct report_chapter *chapter = report_chapter_of(folder->experiment);
    const cJSON *config = member(folder->run, "config"), *value;
    cJSON *defaults = NULL;
    struct output text;
    size_t count = 0;
    if (output_open(&text, err) < 0)
        return -1;
    int result = 0;
    if (config && folder->made_by && chapter && chapter->open) {
        result = make_defaults(&defaults, folder->made_by, err);
        print_data(text.stream, &count, folder);
        for (const struct option *option = folder->made_by->options; result == 0 && option->name; option++)
            if (is_compared(option, folder, chapter->open) && (value = member(config, option->name)) != NULL &&
                !cJSON_Compare(value, member(defaults, option->name), true))
                print_difference(text.stream, &count, option->name, value);
    }
    cJSON_Delete(defaults);
    struct error ignored;
    folder->differs = output_take(&text, result == 0 ? err : &ignored);
    return result == 0 && folder->differs ? 0 : -1;
}

const struct report_folder *report_homework(const struct report *report, const char *experiment,
                                            const struct report_folder *folder)
{
    do
        folder = report_next(report, experiment, folder);
    while (folder && *folder->differs);
    return folder;
}

const char *report_other(char text[REPORT_OTHER], const struct report_folder *folder)
{
    text[0] = '\0';
    if (*folder->differs)
        snprintf(text, REPORT_OTHER, " (not the homework's: %.200s)", folder->differs);
    return text;
}

/* ---- length ---- */

double report_length(const struct report_folder *folder)
{
    const struct report_chapter *chapter = report_chapter_of(folder->experiment);
    const cJSON *length = chapter && chapter->length ? report_config(folder, chapter->length) : NULL;
    return cJSON_IsNumber(length) ? length->valuedouble : (double)NAN;
}

double report_distance(const struct report_folder *folder)
{
    const struct report_chapter *chapter = report_chapter_of(folder->experiment);
    const double length = report_length(folder);
    return isnan(length) || length <= 0 ? HUGE_VAL : fabs(log(length / chapter->homework));
}

/* ---- what tells rows apart ---- */

bool report_is_setting(const struct report_folder *folder, const char *column)
{
    return folder->made_by && command_has_setting(folder->made_by, column);
}

static bool is_in(const struct frame_column *columns, const char *name)
{
    while (columns->name && strcmp(columns->name, name) != 0)
        columns++;
    return columns->name != NULL;
}

static bool is_equal(const struct csv *csv, size_t column, size_t a, size_t b)
{
    return strcmp(csv_cell(csv, a, column), csv_cell(csv, b, column)) == 0;
}

/* Whether two of the rows that are shown differ in this column and in none of the settings beside them. */
static bool tells_apart(const struct report_folder *folder, const struct csv *csv, size_t column,
                        const struct frame_column *shown, const struct frame_column *varied)
{
    for (size_t a = 0; a < csv->rows && a < REPORT_ROWS; a++)
        for (size_t b = 0; b < a; b++) {
            bool apart = is_equal(csv, column, a, b);
            for (size_t i = 0; i < csv->columns && !apart; i++)
                apart = report_is_setting(folder, csv->names[i]) &&
                        (is_in(shown, csv->names[i]) || is_in(varied, csv->names[i])) && !is_equal(csv, i, a, b);
            if (!apart)
                return true;
        }
    return false;
}

size_t report_varied(const struct report_folder *folder, const struct csv *csv, const struct frame_column *shown,
                     struct frame_column varied[REPORT_VARIED])
{
    size_t count = 0;
    varied[0] = (struct frame_column){.name = NULL};
    for (size_t i = 0; i < csv->columns && count + 1 < REPORT_VARIED; i++)
        if (!is_in(shown, csv->names[i]) && report_is_setting(folder, csv->names[i]) &&
            tells_apart(folder, csv, i, shown, varied)) {
            varied[count++] =
                (struct frame_column){.name = csv->names[i], .type = FRAME_NUMBER, .title = csv->names[i]};
            varied[count] = (struct frame_column){.name = NULL};
        }
    return count;
}
