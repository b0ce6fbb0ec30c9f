/*
 * frame.h - a result as a table: named columns, rows of cells.
 *
 * The code that knows a result fills a frame once, cell by cell, and says nothing of formats: names, types and digits
 * stand in the frame's list of columns.  A format is a frame_writer, one file each, so that no two formats can differ
 * in what they say. Filling cannot fail visibly: the writer remembers what it was refused, and frame_print tells.
 */
#ifndef DLEXP_FRAME_H
#define DLEXP_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "dlexp/base/error.h"

struct cJSON;

enum frame_type {
    FRAME_TEXT,    /* const char * */
    FRAME_INTEGER, /* int64_t */
    FRAME_REAL,    /* double; written so that it reads back to the same bits */
    FRAME_SINGLE,  /* double that holds a float; the same */
    FRAME_NUMBER,  /* const char *: a number with its own spelling ("1e-3"), which tables keep */
    FRAME_BOOL     /* yes or no */
};

/* How a real stands before a person; `places` counts decimals or digits. */
enum frame_shown {
    SHOWN_EXACT,    /* 0.1 */
    SHOWN_DECIMALS, /* 97.50 */
    SHOWN_SIGNED,   /* +1.25 */
    SHOWN_DIGITS,   /* 2.975e-05 */
    SHOWN_THREE     /* 0.05, 3.14, 12.7, 123: three that count, of what is above 0 */
};

/* Digits of a real for which the C library's log, atan2 or sin may round differently elsewhere. */
enum { FRAME_SURE_DIGITS = 9 };

struct frame_column {
    /* What it is a part of, as "mean" of "loss": a member of the object "loss" in JSON, "loss_mean" in CSV.  NULL: of
     * nothing. */
    const char *of;
    const char *name; /* units are suffixes ("_percent"); NULL ends a list of columns */
    enum frame_type type;
    int digits;      /* FRAME_REAL: significant digits to write; 0: as many as it takes */
    bool quoted;     /* FRAME_TEXT in CSV: always in quotes; otherwise only where it must be */
    const char *csv; /* its header in CSV where that is not made as above; "": it is not in CSV */
    bool not_json;   /* another column says the same there */

    /* For a person (terminal and HTML). */
    const char *title, *unit; /* heading; no title: not shown */
    double scale;             /* to the unit shown; 0 stands for 1 */
    enum frame_shown shown;
    int places;
    bool optional;     /* left out where no row has a value */
    bool names_row;    /* a setting that tells rows apart: the first columns of a table */
    const void *maker; /* for whoever adds columns to a table's own: what it is filled from */
    bool interval;     /* half width of the interval around the column before, behind which it is shown: 97.5 ± 0.1 */
};

/* What a writer is given of a cell; texts are not kept by who filled it. */
struct frame_cell {
    bool none;
    const char *text;
    int64_t integer; /* of a FRAME_BOOL: 0 or 1 */
    double real;
    const char *note; /* for a person, "" if there is none (frame_note) */
};

struct frame {
    const struct frame_writer *writer;
    const struct frame_column *columns;
    size_t column;        /* of the next cell */
    size_t rows;          /* whole ones */
    bool failed;          /* memory ran out, or as `failure` says */
    struct error failure; /* code 0: there is none (frame_fail) */
    char note[96];        /* of the next cell */
    FILE *out;            /* where the rows go, or */
    struct cJSON *array;  /* for JSON, the array that they are added to */
    size_t written;       /* the writer's: cells of this row, */
    void *state;          /* and whatever it needs */
};

/* A format.  A failure is remembered as frame->failed. */
struct frame_writer {
    const char *name;
    void (*begin)(struct frame *frame); /* what stands before the rows */
    void (*cell)(struct frame *frame, const struct frame_column *column, const struct frame_cell *cell);
    void (*end_row)(struct frame *frame);
    void (*end)(struct frame *frame); /* what stands behind them; frees its state, after failures too */
};

/*
 * csv: RFC 4180, lines end in \n; as the cells come, so that a table may be of any length.
 * terminal: aligned columns, numbers to the right, headings above a rule; two spaces between columns.  Where the table
 * would be wider than the screen (screen.h), headings stand in several lines; if that does not do, settings that are
 * the same in all rows stand below it; and if that does not do either, the columns stand in several bands, one below
 * the other, each behind those that name the row (`names_row`, or the first column).
 * html: a <table>.
 * markdown: a table as GitHub has it.  latex: a tabular with booktabs' rules.
 * json: an array
 * with an object for each row; it has also the columns that CSV and screens leave out; no value is null.
 */
extern const struct frame_writer frame_csv, frame_terminal, frame_html, frame_json, frame_markdown, frame_latex;

/* Fills the rows of a frame; it cannot fail visibly. */
typedef void frame_fill_fn(const void *context, struct frame *frame);

/*
 * The next cell, of the type of its column (asserted); a NULL text, a nan and frame_none stand for no value.  A text
 * need only live until the call returns.
 */
void frame_text(struct frame *frame, const char *text); /* FRAME_TEXT, FRAME_NUMBER */
void frame_integer(struct frame *frame, int64_t value);
void frame_real(struct frame *frame, double value);
void frame_reals(struct frame *frame, const double *values, size_t count);
void frame_bool(struct frame *frame, bool value);
void frame_none(struct frame *frame);

/* frame_next - the next cell's column. */
const struct frame_column *frame_next(const struct frame *frame);

/*
 * frame_note - what a person reads right behind the value of the next cell, or in its place where it has none: "120*",
 * "never".  It may only say what other columns hold, as no file has it.
 */
void frame_note(struct frame *frame, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* frame_fail - a row cannot be had, for this reason: the table is not to be used.  The first one is kept. */
void frame_fail(struct frame *frame, const struct error *failure);

/*
 * frame_print - the whole frame in a format other than JSON.  Fails where memory runs out or a row cannot be had; then
 * nothing of a terminal or HTML table was printed.  What `out` refuses is for `out` to remember, as an output
 * (output.h) does.
 */
int frame_print(const struct frame_writer *writer, FILE *out, const struct frame_column *columns, frame_fill_fn *fill,
                const void *context, struct error *err);

/* frame_add_json - the frame as a member of an object; failures are the document's (json.h). */
void frame_add_json(struct cJSON *object, const char *name, const struct frame_column *columns, frame_fill_fn *fill,
                    const void *context);

#endif
