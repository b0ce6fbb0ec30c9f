/*
 * csv.h - read a CSV of named columns (RFC 4180 without quoted line breaks).  Lines end in \n or \r\n, and a
 * byte-order mark (UTF-8) is skipped.  Cells may also be separated by semicolons, as spreadsheets write where the comma
 * is decimal: then "0,5" is the number 0.5, and its cell holds "0.5"; or by tabs.  Tables are written as frames
 * (frame.h).
 */
#ifndef DLEXP_CSV_H
#define DLEXP_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/error.h"

/* csv_separator - of the cells of a file whose first line this is: the first of ; , and tab that stands there outside
 * quotes, else a comma. */
char csv_separator(const char *line, size_t length);

struct csv {
    char *text;         /* the file's content, cut into cells in place */
    const char **cells; /* rows x columns, row-major; the header is not among them */
    const char **names; /* columns */
    size_t rows, columns;
};

/*
 * csv_read - read the file; the first line is the header; every row must have as many cells.  ERROR_DATA names the
 * line. csv_free after success and failure alike.
 */
int csv_read(struct csv *csv, const char *path, struct error *err);
/*
 * csv_parse - the same of text that was read before: `size` bytes and a NUL, malloc'ed and taken over, also on failure;
 * path is for messages.
 */
int csv_parse(struct csv *csv, char *text, size_t size, const char *path, struct error *err);
void csv_free(struct csv *csv);

/* csv_column - the index of a named column, or -1. */
int csv_column(const struct csv *csv, const char *name);

/* csv_cell - the text at (row, column). */
const char *csv_cell(const struct csv *csv, size_t row, size_t column);

#endif
