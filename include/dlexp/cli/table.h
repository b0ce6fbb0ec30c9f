/*
 * table.h - a table for a person to read on a terminal: aligned columns, nothing else.
 */
#ifndef DLEXP_TABLE_H
#define DLEXP_TABLE_H

#include <stddef.h>
#include <stdio.h>

#include "dlexp/base/error.h"

struct table {
    size_t columns;
    char **cells; /* row by row; row 0 is the header */
    size_t count, capacity;
    int failed; /* memory ran out; table_end then fails */
};

/* table_begin - start a table of `columns` columns whose headings follow as const char * arguments. */
void table_begin(struct table *table, size_t columns, ...);

/* table_cell - append the next cell, formatted as by printf; a row is full after `columns` of them. */
void table_cell(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * table_end - print the table and free it, also after a failure, which is that memory ran out: then nothing is printed.
 *
 * Two spaces between columns, a rule under the header; a column whose cells all start like a number
 * (digit, sign, or "-" for no value) is aligned right.  Width is counted in UTF-8 characters.
 */
int table_end(struct table *table, FILE *out, struct error *err);

#endif
