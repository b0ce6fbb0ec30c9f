/*
 * optim_results.h - what `dlexp optim` works with: its options, and what is read off its records, a problem for each
 * run.
 */
#ifndef DLEXP_OPTIM_RESULTS_H
#define DLEXP_OPTIM_RESULTS_H

#include <stdbool.h>
#include <stdio.h>

#include "dlexp/cli/options.h"
#include "dlexp/run/runner.h"
#include "dlexp/train/optimizer_options.h"
#include "optim_problem.h"

/* The options of the command. */
struct optim_config {
    struct run_options run;
    struct integers fns, optimizers; /* rows of the tables once the command has sorted them */
    struct reals lrs, init, eigen;
    double angle;
    int64_t iterations;
    const char *rotate;
    struct optimizer_options constants;
};

struct optim_results {
    const struct optim_config *config;
    const struct descent_config *descents; /* one per run of the plan, in its order */
    bool rotating;                         /* --rotate: quad at many angles */
    struct optim_problem *problems;        /* in the plan's order: by fn or angle, optimizer, lr */
    size_t count;
};

/* optim_results_make - from the records of the plan.  Call optim_results_free after success and failure alike. */
int optim_results_make(struct optim_results *results, const struct plan *plan, struct error *err);
void optim_results_free(struct optim_results *results);

/* optim_results_find - the run, or NULL. */
const struct optim_problem *optim_results_find(const struct optim_results *report, const char *fn,
                                               const char *optimizer, double lr);

#endif
