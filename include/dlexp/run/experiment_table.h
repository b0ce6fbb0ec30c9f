/*
 * experiment_table.h - the tables of an experiment's result, as files and as JSON.
 */
#ifndef DLEXP_EXPERIMENT_TABLE_H
#define DLEXP_EXPERIMENT_TABLE_H

#include <stdbool.h>

#include "dlexp/base/error.h"
#include "dlexp/formats/frame_file.h"
#include "dlexp/run/grid.h"
#include "dlexp/run/runner.h"

struct cJSON;

/* A table of the result: a file below --out, an array of JSON's, or both. */
struct experiment_table {
    const char *name; /* its file, "epochs.csv"; "": it is none.  NULL ends a list of tables */
    const char *json; /* the array, empty where the table is not wanted; NULL: too long for one, the file has it */
    const struct frame_column *columns;
    /* Where `columns` is NULL: they hang on the run.  Of a NULL context all that the table of some run may have, for
     * who looks for a table by its columns. */
    const struct frame_column *(*make_columns)(const void *context);
    struct grid_keys keys;               /* further columns, of settings that have several values in the call */
    frame_fill_fn *fill;                 /* its rows */
    bool (*wanted)(const void *context); /* NULL: always; one that is not wanted is removed, so that no old one stays */
    bool kept; /* the array stands in run.json, too: sentences, which no CSV has and reports need (src/report) */
};

/* What the functions below are given: the tables, up to one with a NULL name, and what their functions get. */
struct experiment_tables {
    const struct experiment_table *list;
    const void *context;
    const struct plan *plan;
    const char *extra_output; /* a path below --out that the runs wrote to, or NULL */
};

/* experiment_table_wanted - whether the table is one of this call. */
bool experiment_table_wanted(const struct experiment_tables *tables, const struct experiment_table *table);

/* experiment_tables_signal - whether a signal came after the last run: then the error says how many tables are those of
 * this call, `next` being the first that is not written. */
int experiment_tables_signal(const struct experiment_tables *tables, const struct experiment_table *next, bool force,
                             struct error *err);

/* experiment_tables_write - the files that are wanted; those that are not are removed. */
int experiment_tables_write(const struct experiment_tables *tables, bool force, struct error *err);

/* experiment_tables_path - the i-th path that a call writes, below --out, run.json behind the tables; false past the
 * last. */
bool experiment_tables_path(const struct experiment_tables *tables, size_t index, const char **name);

/* experiment_table_add - the table as a member of the document.  experiment_tables_print_json - the document, which is
 * taken, with the tables and paths on standard output. */
int experiment_table_add(struct cJSON *root, const struct experiment_tables *tables,
                         const struct experiment_table *table, struct error *err);
int experiment_tables_print_json(struct cJSON *root, const struct experiment_tables *tables, struct error *err);

#endif
