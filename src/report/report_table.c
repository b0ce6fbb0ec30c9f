/* Tables of the folders as tables of the page; see report.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"
#include "dlexp/base/number.h"
#include "report.h"

enum file_presence report_look(const char *path, struct error *err)
{
    errno = 0;
    if (file_exists(path))
        return FILE_PRESENT;
    if (errno == ENOENT || errno == ENOTDIR)
        return FILE_ABSENT;
    error_set_errno(err, "cannot look for '%s'", path);
    return FILE_UNKNOWN;
}

/* malloc'ed, where there is such a file in the folder; else NULL, and what the system refused fails the document. */
static char *find_file(struct report *report, const struct report_folder *folder, const char *name)
{
    struct error err;
    char *path = path_join(folder->path, name);
    enum file_presence presence = FILE_UNKNOWN;
    if (path)
        presence = report_look(path, &err);
    else
        error_out_of_memory(&err, "a path");
    if (presence == FILE_PRESENT)
        return path;
    if (presence == FILE_UNKNOWN)
        document_fail(&report->document, &err);
    free(path);
    return NULL;
}

bool report_has(struct report *report, const struct report_folder *folder, const char *name)
{
    char *path = find_file(report, folder, name);
    free(path);
    return path != NULL;
}

bool report_read(struct report *report, const struct report_folder *folder, const char *name, struct csv *csv)
{
    struct error err;
    *csv = (struct csv){0};
    char *path = find_file(report, folder, name);
    const bool read = path && csv_read(csv, path, &err) == 0;
    if (path && !read) {
        document_fail(&report->document, &err);
        csv_free(csv);
    }
    free(path);
    return read;
}

struct shown_table {
    const struct csv *csv;
    const char *path, *name;
};

static void fail_cell(struct frame *frame, const struct shown_table *table, size_t row, const char *column,
                      const char *text)
{
    struct error err;
    error_set(&err, ERROR_DATA,
              "cannot read '%s/%s', line %zu: expected a number in the column %s, got '%.40s'; the command that wrote "
              "it writes it again",
              table->path, table->name, row + 2, column, text);
    frame_fail(frame, &err);
}

static void fill_cell(struct frame *frame, const struct shown_table *table, size_t row)
{
    const struct frame_column *column = frame_next(frame);
    const int index = csv_column(table->csv, column->name);
    const char *text = index < 0 ? "" : csv_cell(table->csv, row, (size_t)index), *why;
    double value;
    if (!*text) {
        frame_none(frame);
    } else if (column->type != FRAME_REAL) {
        frame_text(frame, text);
    } else if (number_parse_real(text, strlen(text), &value, &why) == 0) {
        frame_real(frame, value);
    } else if (strcmp(text, "inf") == 0 || strcmp(text, "-inf") == 0 || strcmp(text, "nan") == 0) {
        frame_note(frame, "%s", strcmp(text, "inf") == 0 ? "never" : text);
        frame_none(frame);
    } else {
        fail_cell(frame, table, row, column->name, text);
        frame_none(frame);
    }
}

static void fill_rows(const void *context, struct frame *frame)
{
    const struct shown_table *table = context;
    for (size_t row = 0; row < table->csv->rows && row < REPORT_ROWS; row++)
        for (const struct frame_column *column = frame->columns; column->name; column++)
            fill_cell(frame, table, row);
}

/* `columns` with those that tell the rows apart, behind the settings that it begins with; malloc'ed, or NULL. */
static struct frame_column *make_columns(const struct report_folder *folder, const struct csv *csv,
                                         const struct frame_column *columns)
{
    struct frame_column varied[REPORT_VARIED];
    const size_t more = report_varied(folder, csv, columns, varied);
    size_t count = 0, first = 0;
    while (columns[count].name)
        count++;
    while (first < count && report_is_setting(folder, columns[first].name))
        first++;
    struct frame_column *all = calloc(count + more + 1, sizeof *all);
    for (size_t i = 0; all && i < count + more; i++)
        all[i] = i < first ? columns[i] : i < first + more ? varied[i - first] : columns[i - more];
    return all;
}

bool report_table(struct report *report, const struct report_folder *folder, const char *name, const char *caption,
                  const struct frame_column *columns)
{
    struct csv csv;
    struct error err;
    char text[900], other[REPORT_OTHER];
    if (!report_read(report, folder, name, &csv))
        return false;
    const struct shown_table table = {&csv, folder->path, name};
    report_other(other, folder);
    if (csv.rows > REPORT_ROWS)
        snprintf(text, sizeof text, "%s The first %d of %zu rows; all: %s/%s%s", caption, REPORT_ROWS, csv.rows,
                 folder->name, name, other);
    else
        snprintf(text, sizeof text, "%s From %s/%s%s", caption, folder->name, name, other);
    struct frame_column *all = make_columns(folder, &csv, columns);
    if (all)
        document_table(&report->document, text, all, fill_rows, &table);
    else if (error_out_of_memory(&err, "a table") < 0)
        document_fail(&report->document, &err);
    free(all);
    csv_free(&csv);
    return true;
}
