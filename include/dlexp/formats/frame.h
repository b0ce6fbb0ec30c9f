/*
 * frame.h - a result as a table: named columns, rows of cells.
 *
 * Who knows a result fills a frame, cell by cell, and says nothing of formats: names, types and digits stand in its
 * list of columns, and how they are written stands here alone.  Filling cannot fail visibly: what fails is remembered.
 */
#ifndef DLEXP_FRAME_H
#define DLEXP_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "dlexp/base/error.h"

enum frame_type {
    FRAME_TEXT,    /* const char * */
    FRAME_INTEGER, /* int64_t */
    FRAME_REAL,    /* double; written so that it reads back to the same bits */
    FRAME_SINGLE   /* double that holds a float; the same */
};

struct frame_column {
    const char *name; /* as in a CSV's header; units are suffixes ("_percent"); NULL ends a list of columns */
    enum frame_type type;
    int digits;  /* FRAME_REAL: significant digits to write; 0: as many as it takes */
    bool quoted; /* FRAME_TEXT in CSV: always in quotes; otherwise only where it must be */
};

struct frame {
    const struct frame_column *columns;
    size_t column_count, column; /* column: of the next cell */
    size_t rows;                 /* whole ones */
    FILE *csv;                   /* where they go */
    bool failed;                 /* its rows could not be had: see frame_fail */
    struct error failure;
};

/*
 * frame_open_csv - an empty frame whose cells are written as CSV (RFC 4180, lines end in \n) as they come, so that a
 * table may be of any length; the header is written at once.  `columns` must outlive it.  What `out` refuses is for
 * `out` to remember, as an output (output.h) does.
 */
void frame_open_csv(struct frame *frame, const struct frame_column *columns, FILE *out);

/* The next cell, of the type of its column (asserted); a NULL text, a nan and frame_none stand for no value. */
void frame_text(struct frame *frame, const char *text);
void frame_integer(struct frame *frame, int64_t value);
void frame_real(struct frame *frame, double value);
void frame_reals(struct frame *frame, const double *values, size_t count);
void frame_none(struct frame *frame);

/* frame_next - the name of the next cell's column. */
const char *frame_next(const struct frame *frame);

/* frame_fail - a row cannot be had, for this reason: the table is not to be used.  The first one is kept. */
void frame_fail(struct frame *frame, const struct error *failure);

/* frame_close - no row may be half filled (asserted). */
void frame_close(const struct frame *frame);

#endif
