/*
 * optim_results.h - what `dlexp optim` works with: its options, and what is read off its records, a problem for each
 * run.
 */
#ifndef DLEXP_OPTIM_RESULTS_H
#define DLEXP_OPTIM_RESULTS_H

#include <stdbool.h>
#include <stdio.h>

#include "dlexp/cli/options.h"
#include "dlexp/run/experiment.h"
#include "dlexp/run/grid.h"
#include "dlexp/train/optimizer_options.h"
#include "optim_problem.h"

/* The options of the command; a run's configuration is one of these with its own settings (run/grid.h). */
struct optim_config {
    size_t log_every; /* iterations between rows of tables */
    struct run_options run;
    size_t fn; /* row */
    double eigen[2], angle;
    double rotate;                 /* of --rotate there is an axis only */
    struct descent_config descent; /* its objective and shape follow from the three above */
};

/* optim_descent - what decides the run. */
const struct descent_config *optim_descent(const struct run *run);

/* fn, angle, optimizer, lr: the columns of optim_problem_fill_key. */
#define OPTIM_PROBLEM_KEYS                                                                                             \
    {                                                                                                                  \
        .count = 4                                                                                                     \
    }

struct optim_results {
    const struct optim_config *config;
    struct grid grid;
    bool rotating;                  /* --rotate: quad at many angles */
    struct optim_problem *problems; /* in the plan's order: by block of the grid, fn or angle, optimizer, lr */
    size_t count;
    size_t *functions; /* (function_count) the first problem on each */
    size_t function_count;
    struct optim_twice *twices; /* of the homework's runs, where optim_twice_make was called */
};

/* optim_results_make - from the records of the plan.  Call optim_results_free after success and failure alike. */
int optim_results_make(struct optim_results *results, const struct plan *plan, struct error *err);
void optim_results_free(struct optim_results *results);

/* optim_results_find - the run on another function that has the optimizer of `like`, its constants and rate; or NULL.
 */
const struct optim_problem *optim_results_find(const struct optim_results *results, const char *fn,
                                               const struct optim_problem *like);

/* optim_results_function - the first run on the index-th function there is (of one shape, from one start); NULL past
 * the last. */
const struct optim_problem *optim_results_function(const struct optim_results *results, size_t index);

/*
 * optim_results_optimizers - the optimizers among the runs, as "gd and momentum": those that turn with the function
 * (they have a recurrence, optimizer.h), or the others; returns how many.
 */
enum { OPTIM_OPTIMIZERS_SIZE = 128 };
size_t optim_results_optimizers(char text[OPTIM_OPTIMIZERS_SIZE], const struct optim_results *results, bool turning);

/* optim_results_label - what tells the run from others on its function: "momentum", "momentum lr 0.1". */
enum { OPTIM_LABEL_SIZE = 128 };
const char *optim_results_label(char buffer[OPTIM_LABEL_SIZE], const struct optim_results *results,
                                const struct optim_problem *p);

#endif
