#include "dlexp/formats/csv.h"

#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"

/* Cuts one line into cells in place; returns their number, -1 for an unterminated quote, -2 for text behind a quoted
 * cell.  cells may be NULL to count. */
static long split_line(char *line, const char **cells)
{
    long count = 0;
    char *p = line;
    for (;;) {
        char *start = p, *end = p;
        if (*p == '"') {
            for (p++, start = end = p; *p; p++) {
                if (*p == '"' && p[1] == '"')
                    p++;
                else if (*p == '"')
                    break;
                if (cells)
                    *end = *p;
                end++;
            }
            if (*p != '"')
                return -1;
            p++;
            if (*p != ',' && *p != '\0')
                return -2;
        } else {
            p += strcspn(p, ",");
            end = p;
        }
        bool last = *p == '\0';
        if (cells) {
            *end = '\0';
            cells[count] = start;
        }
        count++;
        if (last)
            return count;
        p++;
    }
}

int csv_read(struct csv *csv, const char *path, struct error *err)
{
    unsigned char *data;
    size_t size;
    *csv = (struct csv){0};
    return file_read(path, &data, &size, err) < 0 ? -1 : csv_parse(csv, (char *)data, size, path, err);
}

int csv_parse(struct csv *csv, char *data, size_t size, const char *path, struct error *err)
{
    size_t lines = 0, commas = 0;
    *csv = (struct csv){.text = data};
    if (memchr(data, '\0', size))
        return error_set(err, ERROR_DATA, "cannot read '%s': expected CSV text, got binary data", path);
    for (size_t i = 0; i < size; i++) {
        lines += data[i] == '\n';
        commas += data[i] == ',';
    }
    lines += size > 0 && data[size - 1] != '\n';
    if (lines == 0)
        return error_set(err, ERROR_DATA, "cannot read '%s': expected a header line, got an empty file", path);

    char *line = csv->text;
    if (strncmp(line, "\xEF\xBB\xBF", 3) == 0) /* a byte-order mark is no part of the first name */
        line += 3;
    for (size_t number = 1; number <= lines; number++) {
        char *next = line + strcspn(line, "\n");
        if (*next)
            *next++ = '\0';
        size_t length = strlen(line);
        if (length > 0 && line[length - 1] == '\r')
            line[length - 1] = '\0';
        long cells = split_line(line, NULL);
        if (cells < 0)
            return error_set(err, ERROR_DATA, "cannot read '%s', line %zu: expected a %s", path, number,
                             cells == -1 ? "closing quote" : "comma behind the closing quote");
        if (number == 1) {
            csv->columns = (size_t)cells;
            csv->names = malloc(csv->columns * sizeof *csv->names);
            csv->cells = malloc((commas + lines) * sizeof *csv->cells); /* no file has more cells */
            if (!csv->names || !csv->cells)
                return error_out_of_memory(err, path);
            split_line(line, csv->names);
        } else {
            if ((size_t)cells != csv->columns)
                return error_set(err, ERROR_DATA, "cannot read '%s', line %zu: expected %zu cells, got %ld", path,
                                 number, csv->columns, cells);
            split_line(line, csv->cells + csv->rows * csv->columns);
            csv->rows++;
        }
        line = next;
    }
    return 0;
}

void csv_free(struct csv *csv)
{
    free(csv->text);
    free(csv->cells);
    free(csv->names);
    *csv = (struct csv){0};
}

int csv_column(const struct csv *csv, const char *name)
{
    for (size_t i = 0; i < csv->columns; i++)
        if (strcmp(csv->names[i], name) == 0)
            return (int)i;
    return -1;
}

const char *csv_cell(const struct csv *csv, size_t row, size_t column)
{
    return csv->cells[row * csv->columns + column];
}
