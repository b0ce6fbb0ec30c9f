/*
 * record.h - what one run found: its spec, named values, tables of numbers.  Its text is the run store's file.
 *
 * Adding never fails visibly: when memory runs out the record remembers, and record_text refuses.  The text holds
 * numbers in their shortest exact form and ends in a SHA-256 of all before it, so that any damage shows:
 *
 *     dlexp record 1
 *     [spec]
 *     key=value ...
 *     [values]
 *     key=value ...
 *     [table NAME ROWS real|single]
 *     column,column,...
 *     number,number,...
 *     [end SHA256]
 */
#ifndef DLEXP_RECORD_H
#define DLEXP_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "dlexp/base/error.h"

struct record_table {
    char *name;
    char *header; /* column names, comma-separated */
    size_t columns, rows, capacity;
    bool single;   /* every number is a float */
    double *cells; /* (rows, columns) */
};

struct record_value {
    char *name, *text;
};

struct record {
    char *spec; /* lines key=value: all that decides the numbers below */
    struct record_value *values;
    size_t value_count;
    struct record_table *tables;
    size_t table_count;
    bool failed; /* memory ran out */
};

/* record_init - an empty record of this spec (copied). */
void record_init(struct record *record, const char *spec);
void record_free(struct record *record);

/*
 * Names of values, tables and columns are words of letters, digits, '_', '-' and '.', each of its kind once (asserted).
 * record_set, record_set_real - add a named value: one line of less than 512 bytes (asserted), or an exact number.
 */
void record_set(struct record *record, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
void record_set_real(struct record *record, const char *name, double value);

/* record_get - the value's text, or NULL; record_get_real - as a number, nan where there is none. */
const char *record_get(const struct record *record, const char *name);
double record_get_real(const struct record *record, const char *name);

/* record_table_add - a new empty table; the pointer is valid until the next one is added. Never NULL. */
struct record_table *record_table_add(struct record *record, const char *name, const char *header, bool single);

/* record_table_reserve - room for this many rows in all, so that adding them allocates nothing. */
void record_table_reserve(struct record *record, struct record_table *table, size_t rows);

/* record_table_row - append a row of table->columns numbers. */
void record_table_row(struct record *record, struct record_table *table, const double *cells);

/* record_table_find - the named table, or NULL. */
const struct record_table *record_table_find(const struct record *record, const char *name);

/* record_column - the index of a named column; it must be there (asserted). */
size_t record_column(const struct record_table *table, const char *name);

/* record_text - the record as malloc'ed text. */
int record_text(const struct record *record, char **text, size_t *size, struct error *err);

/* record_parse - the reverse; ERROR_DATA for anything that record_text would not have written. name: for messages. */
int record_parse(struct record *record, const char *text, size_t size, const char *name, struct error *err);

#endif
