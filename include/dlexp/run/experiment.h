/*
 * experiment.h - the way every experiment goes, from its plan to the files it leaves and what it prints.
 *
 *   load what the store has -> say what will be done -> compute the rest -> conclude -> more runs? -> again, until it
 * is enough -> tables, run.json -> their paths -> the result, of which the answers stand last
 *
 * With --shard (shard.h) the runs of other shards leave the plan once it is told; the call ends when its own are
 * computed, and writes plan.json (plan_json.h) in place of tables and run.json.
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
#include "dlexp/run/experiment_table.h"
#include "dlexp/run/looks.h"
#include "dlexp/run/runner.h"

struct cJSON;

enum { EXPERIMENT_WHY = 256 };

/* How a run that is done ended: as it was to, with a number that is not finite, or without having learnt. */
enum run_ending { RUN_ENDED, RUN_DIVERGED, RUN_UNTRAINED };

struct experiment {
    void *context;
    const struct experiment_table *tables;
    const char *kernels;      /* name of the kernel set, for run.json; NULL: none is used */
    const char *extra_output; /* a path below --out that compute wrote to, or NULL: printed with the tables' */
    const char *needs_all;    /* an option of this call that asks for something of all runs together, "--refine", and so
                               * does not go with --shard; set wherever `more` is.  NULL: there is none */

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
    /* How long each of the plan's pending runs takes on one CPU (expected_s of struct run), and how long all that is
     * not a run takes (*rest_s: tables).  NULL: nobody knows. */
    int (*seconds)(const void *context, struct plan *plan, double *rest_s, struct error *err);
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

/* experiment_seconds - how long the plan's pending runs take with these options and, if `whole`, what is not a run, by
 * `seconds`; nan: nobody knows. */
int experiment_seconds(const struct experiment *experiment, struct plan *plan, const struct run_options *options,
                       bool whole, double *seconds, struct error *err);

/* experiment_execute - all of the above, or the task of the invocation (task.h).  Prints the plan and progress on
 * stderr, the result on stdout. */
int experiment_execute(const struct experiment *experiment, struct plan *plan, const struct run_options *options,
                       const struct invocation *invocation, const void *config, struct error *err);

#endif
