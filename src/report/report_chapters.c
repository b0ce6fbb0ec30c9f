/* The chapters of a report: the questions of the homework, the data, and where all comes from; see report.h. */
#include <cJSON.h>
#include <string.h>

#include "report.h"

const struct report_chapter report_chapters[] = {{.experiment = "batchnorm",
                                                  .id = "batchnorm",
                                                  .title = "Question 1: BatchNorm",
                                                  .command = "dlexp batchnorm --seeds 1..10 --eval-every 50",
                                                  .length = "epochs",
                                                  .open = "norm lr epochs seeds eval-every validation",
                                                  .homework = 15,
                                                  .write = report_write_batchnorm},
                                                 {.experiment = "sgd-mean",
                                                  .id = "sgd-mean",
                                                  .title = "Question 2: SGD for the mean",
                                                  .command = "dlexp sgd-mean --trials 10000 --iterations 400",
                                                  .length = "iterations",
                                                  .homework = 200,
                                                  .open = "iterations trials seed",
                                                  .figures_of_each = true,
                                                  .write = report_write_sgd_mean},
                                                 {.experiment = "optim",
                                                  .id = "optim",
                                                  .title = "Question 3: four optimizers, two quadratics",
                                                  .command = "dlexp optim",
                                                  .length = "iterations",
                                                  .homework = 2000,
                                                  .open = "iterations",
                                                  .write = report_write_optim},
                                                 {.experiment = "data",
                                                  .id = "data",
                                                  .title = "The data",
                                                  .command = "dlexp data",
                                                  .table = "samples.csv",
                                                  .write = report_write_data},
                                                 {.experiment = "",
                                                  .id = "provenance",
                                                  .title = "Where all this comes from",
                                                  .command = "",
                                                  .write = report_write_provenance},
                                                 {0}};

const struct report_chapter *report_chapter_of(const char *experiment)
{
    for (const struct report_chapter *chapter = report_chapters; experiment && chapter->title; chapter++)
        if (strcmp(chapter->experiment, experiment) == 0)
            return chapter;
    return NULL;
}

/* ---- the data ---- */

static const struct frame_column class_columns[] = {
    {.name = "class", .type = FRAME_NUMBER, .title = "class"},
    {.name = "train", .type = FRAME_NUMBER, .title = "training images"},
    {.name = "test", .type = FRAME_NUMBER, .title = "test images"},
    {.name = NULL},
};

void report_write_data(struct report *report, const struct report_chapter *chapter)
{
    document_paragraph(&report->document,
                       "Question 1 is about images of handwritten digits: 28 x 28 pixels from 0 to 255, which are "
                       "divided by 255 and given to the nets as 784 numbers.");
    report_commands(report, chapter);
    const struct report_folder *folder = report->answers ? report_next(report, chapter->experiment, NULL) : NULL;
    report_figures(report, chapter, "", NULL);
    if (folder)
        report_table(report, folder, "classes.csv", "Images of each class.", class_columns);
}

/* ---- provenance ---- */

static const struct frame_column call_columns[] = {
    {.name = "command", .type = FRAME_TEXT, .title = "command"},
    {.name = "seeds", .type = FRAME_TEXT, .title = "seeds", .optional = true},
    {.name = "runs", .type = FRAME_NUMBER, .title = "runs"},
    {.name = "status", .type = FRAME_TEXT, .title = "status", .optional = true},
    {.name = "finished", .type = FRAME_TEXT, .title = "finished", .optional = true},
    {.name = NULL},
};

static const struct frame_column machine_columns[] = {
    {.name = "folder", .type = FRAME_TEXT, .title = "folder, and those after it"},
    {.name = "version", .type = FRAME_TEXT, .title = "dlexp"},
    {.name = "machine", .type = FRAME_TEXT, .title = "machine"},
    {.name = NULL},
};

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text(const cJSON *object, const char *name)
{
    const char *value = cJSON_GetStringValue(member(object, name));
    return value ? value : "";
}

static int shown_number(char *out, size_t size, const cJSON *number)
{
    return cJSON_IsNumber(number) ? snprintf(out, size, "%.17g", number->valuedouble) : 0;
}

/* "1234", or "1..10" of the first and the last of many. */
static void format_seeds(char *out, size_t size, const cJSON *seeds)
{
    const int count = cJSON_GetArraySize(seeds);
    char first[32] = "", last[32] = "";
    out[0] = '\0';
    if (!cJSON_IsArray(seeds)) {
        shown_number(out, size, seeds);
    } else if (count > 0) {
        shown_number(first, sizeof first, cJSON_GetArrayItem(seeds, 0));
        shown_number(last, sizeof last, cJSON_GetArrayItem(seeds, count - 1));
        snprintf(out, size, count == 1 ? "%s" : count == 2 ? "%s, %s" : "%s to %s (%d)", first, last, count);
    }
}

static void fill_calls(const void *context, struct frame *frame)
{
    const struct report *report = context;
    for (size_t i = 0; i < report->count; i++) {
        const struct report_folder *folder = &report->folders[i];
        const cJSON *run = folder->run;
        char seeds[96], runs[64] = "";
        if (!report->folders[i].command)
            continue;
        const cJSON *config = member(run, "config");
        format_seeds(seeds, sizeof seeds, member(config, "seeds") ? member(config, "seeds") : member(config, "seed"));
        shown_number(runs, sizeof runs, member(run, "runs_done"));
        frame_text(frame, folder->command);
        frame_text(frame, seeds);
        frame_text(frame, runs);
        frame_text(frame, text(run, "status"));
        frame_text(frame, text(run, "finished_at"));
    }
}

/* Only where program or machine are others than those of the folder before. */
static void fill_machines(const void *context, struct frame *frame)
{
    const struct report *report = context;
    char version[2][160] = {"", ""}, machine[2][320] = {"", ""};
    for (size_t i = 0; i < report->count; i++) {
        const cJSON *run = report->folders[i].run, *host = member(run, "host");
        if (!run)
            continue;
        snprintf(version[1], sizeof version[1], "%s, %s", text(run, "version"), text(run, "revision"));
        snprintf(machine[1], sizeof machine[1], "%s, %s, %s%s%s", text(host, "cpu"), text(host, "system"),
                 text(host, "compiler"), *text(host, "kernels") ? ", kernels " : "", text(host, "kernels"));
        if (strcmp(version[0], version[1]) == 0 && strcmp(machine[0], machine[1]) == 0)
            continue;
        frame_text(frame, report->folders[i].name);
        frame_text(frame, version[1]);
        frame_text(frame, machine[1]);
        memcpy(version[0], version[1], sizeof version[0]);
        memcpy(machine[0], machine[1], sizeof machine[0]);
    }
}

static const struct frame_column file_columns[] = {
    {.name = "file", .type = FRAME_TEXT, .title = "file"},
    {.name = "sha256", .type = FRAME_TEXT, .title = "SHA-256"},
    {.name = NULL},
};

/* The data of the folder, unless one before it has the same. */
static const cJSON *find_data(const struct report *report, size_t at)
{
    const cJSON *data = member(report->folders[at].run, "data");
    for (size_t i = 0; data && i < at; i++)
        if (strcmp(text(member(report->folders[i].run, "data"), "sha256"), text(data, "sha256")) == 0)
            return NULL;
    return data;
}

static void fill_files(const void *context, struct frame *frame)
{
    const cJSON *data = context, *file;
    frame_text(frame, text(data, "name"));
    frame_text(frame, text(data, "sha256"));
    cJSON_ArrayForEach(file, data) if (*text(file, "sha256"))
    {
        const char *path = text(file, "path"), *slash = strrchr(path, '/');
        frame_text(frame, slash ? slash + 1 : path);
        frame_text(frame, text(file, "sha256"));
    }
}

void report_write_provenance(struct report *report, const struct report_chapter *chapter)
{
    struct document *document = &report->document;
    (void)chapter;
    document_paragraph(
        document,
        "Each folder holds `run.json`, which tells the call, its configuration and its machine, and the "
        "tables that stand here. The same command gives the same tables on any machine, byte for byte. `dlexp plot "
        "FOLDER --figure NAME` draws each figure as a file; `dlexp plot FOLDER --list` has the names.");
    document_records(document,
                     "The calls behind this page. Runs are counted as they are stored: in the notebook protocol one "
                     "holds all nets and rates of its seed.",
                     call_columns, fill_calls, report);
    document_table(document, "Program and machine.", machine_columns, fill_machines, report);
    for (size_t at = 0; at < report->count; at++) {
        char caption[600];
        const cJSON *data = find_data(report, at);
        if (!data)
            continue;
        snprintf(caption, sizeof caption,
                 "The data of %s by their hashes; the first is that of all four files together.",
                 report->folders[at].name);
        document_table(document, caption, file_columns, fill_files, data);
    }
}
