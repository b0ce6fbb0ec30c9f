/* What lies in the folders that a report is made of; see report.h. */
#include <cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"
#include "dlexp/cli/options.h"
#include "dlexp/formats/json.h"
#include "dlexp/run/run_json.h"
#include "report.h"

/* *run: the folder's run.json, or NULL where there is none. */
static int read_run(cJSON **run, const char *folder, struct error *err)
{
    unsigned char *text = NULL;
    size_t size;
    const char *end = NULL;
    *run = NULL;
    char *path = path_join(folder, RUN_JSON);
    if (!path)
        return error_out_of_memory(err, "a path");
    const enum file_presence presence = report_look(path, err);
    int result = presence == FILE_UNKNOWN ? -1 : 0;
    if (presence == FILE_PRESENT && (result = file_read(path, &text, &size, err)) == 0) {
        result = json_parse(run, (const char *)text, &end, path, err);
        if (result == 0 && !cJSON_IsObject(*run))
            result = error_set(err, ERROR_DATA,
                               "cannot read '%s': expected the JSON that a dlexp command wrote, got something else at "
                               "byte %zu; give that command again, which computes nothing anew, or remove the folder",
                               path, end ? (size_t)(end - (const char *)text) : 0);
    }
    free(text);
    free(path);
    return result;
}

static const char *text_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* "dlexp data --out results/data" */
static int make_default(struct report_folder *folder, const char *experiment, struct error *err)
{
    cJSON *run = json_document("run");
    cJSON *words = json_add_array(run, "command_line");
    json_append(words, cJSON_CreateString("dlexp"));
    json_append(words, cJSON_CreateString(experiment));
    const int result = run_json_call(&folder->command, run, folder->path, err);
    cJSON_Delete(run);
    return result;
}

/* Of a folder without run.json: the chapter whose table lies there. */
static int find_experiment(struct report_folder *folder, struct error *err)
{
    for (const struct report_chapter *chapter = report_chapters; chapter->title; chapter++) {
        if (!chapter->table)
            continue;
        char *path = path_join(folder->path, chapter->table);
        if (!path)
            return error_out_of_memory(err, "a path");
        const enum file_presence presence = report_look(path, err);
        free(path);
        if (presence == FILE_UNKNOWN)
            return -1;
        if (presence == FILE_ABSENT)
            continue;
        folder->experiment = chapter->experiment;
        return make_default(folder, chapter->experiment, err);
    }
    return 0;
}

static int open_folder(struct report *report, struct report_folder *folder, const char *path, struct error *err)
{
    const char *slash = strrchr(path, '/');
    *folder = (struct report_folder){.path = path, .name = slash && slash[1] ? slash + 1 : path};
    if (read_run(&folder->run, path, err) < 0 ||
        (folder->run && run_json_call(&folder->command, folder->run, path, err) < 0))
        return -1;
    folder->experiment = text_of(folder->run, "experiment");
    if (!folder->run && find_experiment(folder, err) < 0)
        return -1;
    folder->made_by = folder->experiment ? command_find(report->commands, folder->experiment) : NULL;
    return report_differences(folder, err);
}

static bool is_before(const struct report_folder *a, const struct report_folder *b)
{
    const struct report_chapter *of_a = report_chapter_of(a->experiment), *of_b = report_chapter_of(b->experiment);
    if (of_a != of_b)
        return of_a && (!of_b || of_a < of_b);
    if (!*a->differs != !*b->differs)
        return !*a->differs;
    return report_distance(a) < report_distance(b);
}

/* Insertion, which leaves equals as they are. */
static void sort(struct report *report)
{
    for (size_t i = 1; i < report->count; i++)
        for (size_t k = i; k > 0 && is_before(&report->folders[k], &report->folders[k - 1]); k--) {
            const struct report_folder folder = report->folders[k];
            report->folders[k] = report->folders[k - 1];
            report->folders[k - 1] = folder;
        }
}

/* Of two whose paths end alike, the whole paths. */
static void name_apart(struct report *report)
{
    for (size_t i = 0; i < report->count; i++)
        for (size_t k = 0; k < report->count; k++) {
            const char *slash = strrchr(report->folders[k].path, '/');
            if (k != i && strcmp(report->folders[i].name, slash && slash[1] ? slash + 1 : report->folders[k].path) == 0)
                report->folders[i].name = report->folders[i].path;
        }
}

int report_open(struct report *report, const struct folders *lists, size_t count, struct error *err)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += lists[i].count;
    report->folders = calloc(total + 1, sizeof *report->folders);
    if (!report->folders)
        return error_out_of_memory(err, "the folders");
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < lists[i].count; k++)
            if (open_folder(report, &report->folders[report->count++], lists[i].paths[k], err) < 0)
                return -1;
    name_apart(report);
    sort(report);
    report->lists = lists;
    report->list_count = count;
    return 0;
}

void report_close(struct report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        cJSON_Delete(report->folders[i].run);
        free(report->folders[i].command);
        free(report->folders[i].differs);
    }
    free(report->folders);
    document_free(&report->document);
}

const struct report_folder *report_next(const struct report *report, const char *experiment,
                                        const struct report_folder *folder)
{
    const struct report_folder *end = report->folders + report->count;
    for (folder = folder ? folder + 1 : report->folders; folder < end; folder++)
        if (folder->experiment && strcmp(folder->experiment, experiment) == 0)
            return folder;
    return NULL;
}
