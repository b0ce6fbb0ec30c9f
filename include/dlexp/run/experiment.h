/*
 * experiment.h - the way every experiment goes, from its plan to the files it leaves and what it prints.
 *
 *   load what the store has -> say what will be done -> compute the rest -> conclude -> more runs? -> again, until it
 * is enough -> tables, run.json -> their paths -> the result, of which the answers stand last
 *
 * What is appended to the plan because of results is another round.  It follows from the records alone, so that a call
 * that was stopped and is given again, or meets a store that has more, comes to the same runs and the same tables.
 *
 * A call that a signal stops leaves the runs that are done in the store and run.json, and every table whole: as it was,
 * or, when the signal comes between two tables, as it is to be.
 *
 * A command fills in a plan (runner.h) and this table of the functions that are its own.  `context` is handed to each
 * function.
 */
#ifndef DLEXP_EXPERIMENT_H
#define DLEXP_EXPERIMENT_H

#include <stdbool.h>
#include <stdio.h>

#include "dlexp/base/error.h"
#include "dlexp/cli/options.h"
#include "dlexp/formats/frame_file.h"
#include "dlexp/run/grid.h"
#include "dlexp/run/looks.h"
#include "dlexp/run/runner.h"

struct cJSON;

/* A table of the result: a file below --out, an array of JSON's, or both. */
struct experiment_table {
    const char *name; /* its file, "epochs.csv"; "": it is none.  NULL ends a list of tables */
    const char *json; /* the array, empty where the table is not wanted; NULL: too long for one, the file has it */
    const struct frame_column *columns;
    const struct frame_column *(*make_columns)(const void *context); /* where `columns` is NULL: they hang on the run */
    struct grid_keys keys;               /* further columns, of settings that have several values in the call */
    frame_fill_fn *fill;                 /* its rows */
    bool (*wanted)(const void *context); /* NULL: always; one that is not wanted is removed, so that no old one stays */
    bool kept; /* the array stands in run.json, too: sentences, which no CSV has and reports need (src/report) */
};

enum {
    EXPERIMENT_WHY = 256,
    PLAN_COLUMN = 10 /* where the texts of the plan's lines begin (flow_say) */
};

/* How a run that is done ended: as it was to, with a number that is not finite, or without having learnt. */
enum run_ending { RUN_ENDED, RUN_DIVERGED, RUN_UNTRAINED };

struct experiment {
    void *context;
    const struct experiment_table *tables; /* up to one with a NULL name */
    const char *kernels;                   /* name of the kernel set, for run.json; NULL: none is used */
    const char *extra_output; /* a path below --out that compute wrote to, or NULL: printed with the tables' */

    /* What will be done, in some lines "key:   text" (PLAN_COLUMN); called before anything is computed. */
    int (*print_plan)(const void *context, const struct plan *plan, FILE *out, struct error *err);
    /*
     * Called once all records are there: append runs to the plan (grid_extend, grid_add_cell), or take some out
     * (grid_keep).  *changed: it did either, so there is another round, which `why` tells ("4 more seeds (11..14):
     * ...";
     * "": it is not told).  Decides by the plan's records alone.  NULL: there is one round.
     */
    int (*more)(void *context, struct plan *plan, bool *changed, char why[EXPERIMENT_WHY], struct error *err);
    /* Called when there are no more, before tables are printed: derive what the tables and the result need.  May be
     * NULL. */
    int (*conclude)(void *context, const struct plan *plan, struct error *err);
    /* How long the plan's pending runs, and what follows them, take; NULL: nobody knows. */
    int (*seconds)(const void *context, const struct plan *plan, double *seconds, struct error *err);
    /* How each run of the plan that is done ended, into endings[plan->count], for `dlexp status`; NULL: nobody knows.
     * What counts as untrained may follow from the other runs that are done. */
    int (*endings)(const void *context, const struct plan *plan, enum run_ending *endings, struct error *err);
    /* Verdicts over seeds: found before tables are written, for the result to tell which interval holds; NULL: none are
     * given.  look - what this call is to keep of itself (looks.h). */
    struct looks *looks;
    struct looks_rules (*look)(const void *context);
    /* The result: tables a person reads and the answers. */
    int (*print)(const void *context, FILE *out, struct error *err);
    /* The same for a program: a new object, to which the tables and files are added; json.h tells when memory ran out.
     */
    struct cJSON *(*to_json)(const void *context);
    /* Adds members to run.json beside the common ones.  May be NULL. */
    void (*add_json)(const void *context, struct cJSON *root);
};

/* experiment_endings - `endings` of an experiment whose records, which the plan keeps, tell by the value `status`. */
int experiment_endings(const void *context, const struct plan *plan, enum run_ending *endings, struct error *err);

/* experiment_execute - all of the above, or the task of the invocation (task.h).  Prints the plan and progress on
 * stderr, the result on stdout. */
int experiment_execute(const struct experiment *experiment, struct plan *plan, const struct run_options *options,
                       const struct invocation *invocation, const void *config, struct error *err);

#endif
