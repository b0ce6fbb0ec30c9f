#include "dlexp/formats/csv.h"

#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"
#include "dlexp/base/number.h"

char csv_separator(const char *line, size_t length)
{
    static const char separators[] = ";,\t";
    for (const char *separator = separators; *separator; separator++) {
        bool quoted = false;
        for (size_t i = 0; i < length; i++) {
            quoted ^= line[i] == '"';
            if (!quoted && line[i] == *separator)
                return *separator;
        }
    }
    return ',';
}

/* "0,5" becomes "0.5"; what is no number then stays as it is. */
static void mend_decimal(char *cell)
{
    char *comma = strchr(cell, ',');
    double value;
    const char *why;
    if (!comma)
        return;
    *comma = '.';
    const size_t blanks = strspn(cell, " \t");
    size_t length = strlen(cell + blanks);
    while (length > 0 && strchr(" \t", cell[blanks + length - 1]))
        length--;
    if (number_parse_real(cell + blanks, length, &value, &why) < 0)
        *comma = ',';
}

/* Cuts one line into cells in place; returns their number, -1 for an unterminated quote, -2 for text behind a quoted
 * cell.  cells may be NULL to count. */
static long split_line(char *line, char separator, const char **cells)
{
    const char ends[] = {separator, '\0'};
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
            if (*p != separator && *p != '\0')
                return -2;
        } else {
            p += strcspn(p, ends);
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
    size_t lines = 0, separators = 0;
    *csv = (struct csv){.text = data};
    if (memchr(data, '\0', size))
        return error_set(err, ERROR_DATA, "cannot read '%s': expected CSV text, got binary data", path);
    for (size_t i = 0; i < size; i++) {
        lines += data[i] == '\n';
    }
    lines += size > 0 && data[size - 1] != '\n';
    if (lines == 0)
        return error_set(err, ERROR_DATA, "cannot read '%s': expected a header line, got an empty file", path);

    char *line = csv->text;
    if (strncmp(line, "\xEF\xBB\xBF", 3) == 0) /* a byte-order mark is no part of the first name */
        line += 3;
    const char separator = csv_separator(line, strcspn(line, "\n"));
    for (size_t i = 0; i < size; i++)
        separators += data[i] == separator;
    for (size_t number = 1; number <= lines; number++) {
        char *next = line + strcspn(line, "\n");
        if (*next)
            *next++ = '\0';
        size_t length = strlen(line);
        if (length > 0 && line[length - 1] == '\r')
            line[length - 1] = '\0';
        long cells = split_line(line, separator, NULL);
        if (cells < 0)
            return error_set(err, ERROR_DATA, "cannot read '%s', line %zu: expected a %s", path, number,
                             cells == -1         ? "closing quote"
                             : separator == ';'  ? "semicolon behind the closing quote"
                             : separator == '\t' ? "tab behind the closing quote"
                                                 : "comma behind the closing quote");
        if (number == 1) {
            csv->columns = (size_t)cells;
            csv->names = malloc(csv->columns * sizeof *csv->names);
            csv->cells = malloc((separators + lines) * sizeof *csv->cells); /* no file has more cells */
            if (!csv->names || !csv->cells)
                return error_out_of_memory(err, path);
            split_line(line, separator, csv->names);
        } else {
            const char **row = csv->cells + csv->rows * csv->columns;
            if ((size_t)cells != csv->columns)
                return error_set(err, ERROR_DATA, "cannot read '%s', line %zu: expected %zu cells, got %ld%s", path,
                                 number, csv->columns, cells,
                                 separator == ',' && (size_t)cells > csv->columns
                                     ? "; if commas are decimal, separate cells with semicolons"
                                     : "");
            split_line(line, separator, row);
            for (size_t i = 0; separator == ';' && i < csv->columns; i++)
                mend_decimal((char *)row[i]); /* in csv->text */
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
