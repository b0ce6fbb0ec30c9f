/*
 * sgd_mean_results.h - what `dlexp sgd-mean` works with: its options, and what is read off its records and off theory,
 * a row for each rate.
 */
#ifndef DLEXP_SGD_MEAN_RESULTS_H
#define DLEXP_SGD_MEAN_RESULTS_H

#include <stdbool.h>
#include <stdio.h>

#include "dlexp/cli/options.h"
#include "dlexp/data/points.h"
#include "dlexp/run/runner.h"
#include "dlexp/sgd_mean/sgd_mean.h"
#include "dlexp/sgd_mean/sgd_mean_theory.h"
#include "dlexp/statistics/claim.h"

/*
 * A z-score takes SGD_MEAN_Z_TRIALS trials.
 *
 * The interval of the mean terminal error over the trials, A:
 *
 *   chi-square   m f A / c_(1 - alpha/2) .. m f A / c_(alpha/2): m trials with f = sgd_mean_terminal_freedom each, c
 * the quantiles of chi-square with m f degrees of freedom; from 2 trials on, where f is known Student t    elsewhere,
 * from SGD_MEAN_T_TRIALS trials on: squared errors are skewed, and a 95 % t interval of one normal error's square
 * covers 93.3 % with 100 trials, 94.1 % with 200
 *
 * unit.sgd_mean_interval simulates that both cover.
 */
enum { SGD_MEAN_Z_TRIALS = 100, SGD_MEAN_T_TRIALS = 200 };

/* Columns of the record's table `trajectory`. */
enum { TRAJECTORY_Y, TRAJECTORY_OBJECTIVE, TRAJECTORY_ERROR, TRAJECTORY_COLUMNS };

/* The options of the command; a run's are one of these with its own settings (run/grid.h). */
struct sgd_mean_options {
    size_t log_every; /* iterations between rows of tables */
    struct run_options run;
    size_t points;
    const char *points_file;
    double level, margin; /* of the claims, and level of all intervals; the margin is a ratio of squared errors */
    struct sgd_mean_config config;
};

/* sgd_mean_config_of - what decides the run. */
const struct sgd_mean_config *sgd_mean_config_of(const struct run *run);

/* One rate: a row of summary.csv.  A number that does not exist is nan. */
struct sgd_mean_row {
    const struct run *run;
    double lr;
    double start_error;                            /* (start - y*)^2 */
    const struct record_table *trajectory, *bands; /* bands: NULL for one trial */
    const char *diverged;                          /* the iteration, or NULL */
    double *expected;                              /* theory's squared error by iteration; malloc'ed */
    size_t expected_count;                         /* of its finite numbers */
    double floor;                                  /* what it goes to; shuffled: at the ends of passes */
    double half;                                   /* iterations until the squared error is half of the start's */
    double expected_half;                          /* by theory, however many that are */
    double near, expected_near;                    /* the same until it is 10 floors, in this run */
    struct measure terminal;                       /* mean over the last half, and over the trials */
    const char *method;                            /* of its interval, for a person; NULL: there is none */
    double terminal_error, expected_terminal;      /* its standard error; theory's */
    double z;
    double transient, settling; /* of the terminal error, by theory: the share that is still the start's; iterations
                                   until that is little (sgd_mean_theory.h) */
};

enum sgd_mean_claim { SGD_MEAN_FASTER, SGD_MEAN_WIDER, SGD_MEAN_CLAIMS };

/* Two claims about a rate and the next larger one, of the same block of the grid; or about a rate that has no other. */
struct sgd_mean_pair {
    const struct sgd_mean_row *smaller, *larger; /* larger: NULL for a rate alone */
    size_t at;                                   /* the iteration at which `faster` is judged; SIZE_MAX: at none */
    struct claim claims[SGD_MEAN_CLAIMS];        /* a is the larger rate */
};

struct sgd_mean_results {
    const struct sgd_mean_options *options;
    const struct sgd_mean_config *config; /* of the first run; all have its iterations, trials and seed */
    const struct points *points;
    const struct grid *grid;
    struct sgd_mean_draws *draws; /* by sampling; those that are missing are made */
    struct sgd_mean_row *rows;    /* by block of the grid, lr */
    size_t count;
    struct sgd_mean_pair *pairs; /* in the order of the rows */
    size_t pair_count;
};

/* sgd_mean_results_make - from the plan's records, a run for each rate, ascending; without pairs (sgd_mean_claims.h).
 * Call sgd_mean_results_free after success and failure alike. */
int sgd_mean_results_make(struct sgd_mean_results *results, const struct plan *plan, struct error *err);
void sgd_mean_results_free(struct sgd_mean_results *results);

/* sgd_mean_has_bands - over trials; context is the results. */
bool sgd_mean_has_bands(const void *context);

/* sgd_mean_cell - a number of a record's table; nan past its end, and without a table. */
double sgd_mean_cell(const struct record_table *table, size_t row, size_t column);

/* sgd_mean_mean_interval - chi-square's, as above, of a mean with `freedom` degrees of freedom in all (nan: none). */
struct measure sgd_mean_mean_interval(double mean, double freedom, double level);

/* A squared error for a person, in a text and in a table. */
#define SGD_MEAN_SHOWN "%.4g"
enum { SGD_MEAN_DIGITS = 4 };

#endif
