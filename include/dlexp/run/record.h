/*
 * record.h - what one run found: its spec, named values, tables of numbers.  Its text is the run store's file.
 *
 * The text is a head, complete in itself and small, and behind it the bulk: the rows of those tables that were added as
 * bulk (batch losses), which are read only by who asks for them.  The head is verified without the bulk; as it tells
 * the size of both, a file that was cut shows at once, and as it tells the bulk's SHA-256, any other damage to that
 * when it is read.  Numbers stand in their shortest exact form.
 *
 *     dlexp record 2 HEAD BULK SHA256-OF-BULK       bytes of the head behind this line, of the bulk behind the head
 *     [spec]
 *     key=value ...
 *     [values]
 *     key=value ...
 *     [table NAME ROWS real|single]
 *     column,column,...
 *     number,number,...
 *     [bulk NAME ROWS real|single]
 *     column,column,...
 *     [end SHA256]                                  of all before; the head ends here
 *     number,number,...                             the bulk: the rows of every [bulk ...], one table after the other
 *
 * Format 1, of earlier versions, is read: it has "dlexp record 1" as its first line, [table ...] only, and no bulk.
 *
 * Adding never fails visibly: when memory runs out the record remembers, and record_text refuses.
 */
#ifndef DLEXP_RECORD_H
#define DLEXP_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "dlexp/base/error.h"
#include "dlexp/base/sha256.h"

enum record_table_flags {
    RECORD_SINGLE = 1, /* every number is a float */
    RECORD_BULK = 2    /* large, and few ask for it */
};

struct record_table {
    char *name;
    char *header; /* column names, comma-separated */
    size_t columns, rows, capacity;
    unsigned flags;
    double *cells; /* (rows, columns); NULL: of a bulk table that was not read, or was dropped */
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
    unsigned format; /* of the text it was read from; 0: it was not */
    size_t bulk_size;
    char bulk_sha256[SHA256_HEX_SIZE]; /* of the bulk's text, if the record was read from format 2 */
    bool failed;                       /* memory ran out */
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

/* record_change, record_drop - another text for the value, no such value any more; it must be there (asserted). */
void record_change(struct record *record, const char *name, const char *text);
void record_drop(struct record *record, const char *name);

/* record_get - the value's text, or NULL; record_get_real - as a number, nan where there is none. */
const char *record_get(const struct record *record, const char *name);
double record_get_real(const struct record *record, const char *name);

/* record_table_add - a new empty table with these flags (enum record_table_flags, or 0); the pointer is valid until the
 * next one is added.  Never NULL. */
struct record_table *record_table_add(struct record *record, const char *name, const char *header, unsigned flags);

/* record_table_reserve - room for this many rows in all, so that adding them allocates nothing. */
void record_table_reserve(struct record *record, struct record_table *table, size_t rows);

/* record_table_row - append a row of table->columns numbers. */
void record_table_row(struct record *record, struct record_table *table, const double *cells);

/* record_table_find - the named table, or NULL. */
const struct record_table *record_table_find(const struct record *record, const char *name);

/* record_column - the index of a named column; it must be there (asserted). */
size_t record_column(const struct record_table *table, const char *name);

/* record_take - the values and tables of another record, read with its bulk or made, take the place of this one's; the
 * other one is then empty.  The spec stays. */
void record_take(struct record *record, struct record *from);

/* record_drop_bulk - free the rows of bulk tables; how many they were stays. */
void record_drop_bulk(struct record *record);

/* record_text - the record as malloc'ed text; its bulk must be here (asserted). */
int record_text(const struct record *record, char **text, size_t *size, struct error *err);

/* record_head_text - the head alone, to which the bulk need not be here if it was read from format 2. */
int record_head_text(const struct record *record, char **text, size_t *size, struct error *err);

/*
 * record_parse - the reverse of record_text; ERROR_DATA for anything that it would not have written.  name: for
 * messages.
 */
int record_parse(struct record *record, const char *text, size_t size, const char *name, struct error *err);

/* record_newer_format - the format, if text[0..size) begins as a record that a newer version wrote; 0: it does not. */
unsigned long record_newer_format(const char *text, size_t size);

/*
 * record_head_size - where the head ends in a file that begins with text[0..size), and what size the file should have,
 * by its first line; 0: it has no head of its own (format 1), or was damaged.
 *
 * record_parse_head - the record but for the rows of bulk tables, from text[0..size), which is the head (asserted) of a
 * file of file_size bytes.  ERROR_DATA also if the file has not the size it should have.
 */
size_t record_head_size(const char *text, size_t size, size_t *file_size);
int record_parse_head(struct record *record, const char *text, size_t size, size_t file_size, const char *name,
                      struct error *err);

#endif
