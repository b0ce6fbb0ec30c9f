/*
 * run_json.h - run.json: everything about a call that is not in its tables - program, command line, configuration,
 * host, times.
 */
#ifndef DLEXP_RUN_JSON_H
#define DLEXP_RUN_JSON_H

#include <stdbool.h>

#include "dlexp/base/error.h"
#include "dlexp/cli/options.h"
#include "dlexp/run/looks.h"
#include "dlexp/run/runner.h"

struct cJSON;

#define RUN_JSON "run.json"

/* What an experiment adds of its own. */
struct run_json_more {
    const char *kernels;                                  /* name of the kernel set; NULL: none is used */
    void (*add)(const void *context, struct cJSON *root); /* adds members beside the common ones; may be NULL */
    const void *context;
    const struct looks_rules *looks; /* of a call that came to its end, or NULL */
};

/* How far the call is. */
enum run_json_status {
    RUN_JSON_RUNNING,     /* its rules are written before its first run; the tables beside it may be older, or none */
    RUN_JSON_INTERRUPTED, /* it ended before its end: so are they */
    RUN_JSON_COMPLETED
};

/* run_json_status_name - as "status" has it. */
const char *run_json_status_name(enum run_json_status status);

/*
 * run_json_read - the document DIR/name, run.json or plan.json; NULL where there is none or it is not JSON: that tells
 * nothing.  What the system refuses is an error, as the times of earlier runs stand there.
 */
int run_json_read(struct cJSON **document, const char *directory, const char *name, struct error *err);

/*
 * run_json_call - the call of a run.json as a shell reads it, but for what only says how it is told: *call is
 * "dlexp optim --lr 0.1 --out DIR" with the directory where it lies now; malloc'ed.
 *
 * run_json_unfinished - *call: NULL where the tables in DIR are those of its run.json, or it has none; otherwise, of a
 * call that runs or was stopped, that call.  Then whatever tables lie there are an earlier call's, whose configuration
 * is not known any more, or of both: nobody may show them under this one.  The same call again ends that.
 */
int run_json_call(char **call, const struct cJSON *run, const char *directory, struct error *err);
int run_json_unfinished(char **call, const char *directory, struct error *err);

/*
 * run_json_check - ERROR_USAGE if the run.json or plan.json in the plan's directory is of another experiment: its
 * tables would stand among the new ones as if they belonged together.  A note on stderr, unless RUN_JSON_QUIET, where
 * it is of runs of the same one that are not in the plan; RUN_JSON_GROWS: which gets more runs later.
 */
enum run_json_tell { RUN_JSON_QUIET, RUN_JSON_WHOLE, RUN_JSON_GROWS };
int run_json_check(const struct plan *plan, const struct invocation *invocation, const void *config,
                   enum run_json_tell tell, struct error *err);

/* run_json_looks - the looks that the run.json of the plan's directory holds (looks.h). */
int run_json_looks(struct looks *looks, const struct plan *plan, const struct looks_rules *rules, struct error *err);

/*
 * run_json_write - DIR/run.json of the plan.
 *
 * Times of runs that were loaded from the store are carried over from the run.json that stands there; a call that is
 * not completed keeps all of its runs.  Looks are carried over, too.  started_s is of clock.h.
 *
 * Beside their counts (runs_planned, runs_done, runs_computed_now) the runs are listed one by one up to 1,000 of them.
 * Of a larger plan only those are listed that this call computed, the first 1,000 of them in the plan's order: which
 * runs there are stands in the tables.
 */
int run_json_write(const struct plan *plan, const struct invocation *invocation, const void *config,
                   const struct run_json_more *more, enum run_json_status status, double started_s, struct error *err);

#endif
