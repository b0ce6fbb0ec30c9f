/*
 * check.h - a CSV that somebody else computed, held against a table of ours.
 *
 *     FILE, tables of a folder -> the table with its columns -> rows joined by the table's keys -> cells that differ
 *
 * The keys are the first columns of our table that tell its rows apart, as few as do.  Those in which all rows of ours
 * are the same may be missing from FILE.
 */
#ifndef DLEXP_CHECK_H
#define DLEXP_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/error.h"
#include "dlexp/cli/option.h"
#include "dlexp/formats/csv.h"
#include "dlexp/formats/frame.h"

struct check_config {
    const char *file, *against, *table;
    double relative; /* of our number, allowed beside rounding */
    size_t shown;    /* cells that differ which are kept */
    bool quiet, json;
};

/* One cell that differs, or (column NULL) a row that we do not have. */
struct check_difference {
    size_t line; /* in FILE, from 1 */
    size_t row;  /* of FILE, from 0 */
    const char *column;
    const char *yours, *ours;
    double allowed; /* of the two numbers; nan where they are not both numbers */
};

struct check {
    const struct check_config *config;
    const struct command *const *commands; /* of the program, up to a NULL */
    struct csv yours, ours;
    char *path;    /* of our table */
    int *ours_of;  /* for each column of FILE that of ours, or -1 */
    size_t *order; /* rows of ours, ascending in their keys */
    size_t keys;   /* the first so many columns of ours */
    struct check_difference *differences;
    size_t count;          /* of these */
    size_t cells, rows;    /* cells and rows of FILE that differ */
    size_t missing;        /* rows of FILE that ours lacks, of these */
    size_t compared;       /* columns that were compared */
    size_t unmatched_rows; /* rows of ours that FILE does not have */
    /* The first row of FILE that ours lacks although only the case of letters differs: "None" for "none". */
    struct {
        size_t line; /* 0: there is none */
        const char *column, *yours, *ours;
    } spelled;
};

/* check_run - read and compare; what differs is no failure.  check_free must follow, also after a failure. */
int check_run(struct check *check, const struct check_config *config, const struct command *const *commands,
              struct error *err);
void check_free(struct check *check);

/* check_find - the path of our table: the one in the folder (or its folders) with most of FILE's columns. */
int check_find(struct check *check, struct error *err);

/*
 * check_remedy - which command of the program writes a table with FILE's columns, and that it is to be run, as
 * "'dlexp optim' writes summary.csv with 3 of its columns: run it with ..."; no commands: of whoever's table it is.
 */
enum { CHECK_REMEDY_SIZE = 512 };
void check_remedy(const struct check *check, char text[CHECK_REMEDY_SIZE]);

/* check_allowed - half a unit of the last place of the number as it is written: 0.005 for 1.23, 50 for 1.2e3. */
double check_allowed(const char *text);

/* check_order - below, equal to or above 0, as strcmp; numbers by their value, before texts. */
int check_order(const char *a, const char *b);

extern const struct frame_column check_columns[];
void check_fill(const void *check, struct frame *frame);

#endif
