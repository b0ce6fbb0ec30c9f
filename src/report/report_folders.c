/* What lies in the folders that a report is made of; see report.h. */
#include <cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"
#include "dlexp/formats/json.h"
#include "dlexp/formats/output.h"
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

/* A word as a shell reads it. */
static void print_word(FILE *out, const char *word)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+.,:/@%";
    if (*word && word[strspn(word, safe)] == '\0') {
        fputs(word, out);
        return;
    }
    putc('\'', out);
    for (; *word; word++)
        if (*word == '\'')
            fputs("'\\''", out);
        else
            putc(*word, out);
    putc('\'', out);
}

/* The call's words, but for what only says how it is to be told; --out is where the folder lies now. */
static int make_command(struct report_folder *folder, struct error *err)
{
    const cJSON *words = cJSON_GetObjectItemCaseSensitive(folder->run, "command_line"), *word;
    struct output text;
    bool skip = false;
    int index = 0;
    if (!folder->run)
        return 0;
    if (output_open(&text, err) < 0)
        return -1;
    fputs("dlexp", text.stream);
    cJSON_ArrayForEach(word, words)
    {
        const char *said = cJSON_GetStringValue(word);
        if (index++ == 0 || !said || skip || strncmp(said, "--out=", 6) == 0 || strcmp(said, "--quiet") == 0 ||
            strcmp(said, "-q") == 0 || strcmp(said, "--json") == 0 || strcmp(said, "--force") == 0) {
            skip = false;
            continue;
        }
        skip = strcmp(said, "--out") == 0 || strcmp(said, "-o") == 0;
        if (skip)
            continue;
        putc(' ', text.stream);
        print_word(text.stream, said);
    }
    fputs(" --out ", text.stream);
    print_word(text.stream, folder->path);
    folder->command = output_take(&text, err);
    return folder->command ? 0 : -1;
}

/* "dlexp data --out results/data" */
static int make_default(struct report_folder *folder, const char *command, struct error *err)
{
    struct output text;
    if (output_open(&text, err) < 0)
        return -1;
    fprintf(text.stream, "%s --out ", command);
    print_word(text.stream, folder->path);
    folder->command = output_take(&text, err);
    return folder->command ? 0 : -1;
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
        return make_default(folder, chapter->command, err);
    }
    return 0;
}

static int open_folder(struct report_folder *folder, const char *path, struct error *err)
{
    const char *slash = strrchr(path, '/');
    *folder = (struct report_folder){.path = path, .name = slash && slash[1] ? slash + 1 : path};
    if (read_run(&folder->run, path, err) < 0 || make_command(folder, err) < 0)
        return -1;
    folder->experiment = text_of(folder->run, "experiment");
    return folder->run ? 0 : find_experiment(folder, err);
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
            if (open_folder(&report->folders[report->count++], lists[i].paths[k], err) < 0)
                return -1;
    name_apart(report);
    return 0;
}

void report_close(struct report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        cJSON_Delete(report->folders[i].run);
        free(report->folders[i].command);
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
