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

/*
 * Fewer trials give no verdict, interval or z-score: squared errors are skewed, and a t interval of few of them misses
 * more often than it says.  A 95 % one covers 83 % at 5 trials, 91 % at 30, from 93 % on at 100 (simulated, at the
 * worst a single iteration's error near the floor).
 */
enum { SGD_MEAN_TRIALS = 100 };

/* Columns of the record's table `trajectory`. */
enum { TRAJECTORY_Y, TRAJECTORY_OBJECTIVE, TRAJECTORY_ERROR, TRAJECTORY_COLUMNS };

/* The options of the command; a run's are one of these with its own settings (run/grid.h). */
struct sgd_mean_options {
    struct run_options run;
    size_t points;
    const char *points_file;
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
    double *expected;           /* theory's squared error by iteration, or NULL where there is no theory */
    size_t expected_count;      /* of its finite numbers */
    double floor;               /* what it goes to */
    double half, expected_half; /* iterations until the squared error is half of the start's */
    double near, expected_near; /* the same until it is 10 floors */
    double terminal, terminal_error, expected_terminal, z; /* mean over the last half, its standard error, theory's */
    double start_share, settling; /* of the terminal error, by theory: what is still the start's; iterations until that
                                     is little (sgd_mean.h) */
};

/* A mean and the half width of its 95 % interval; nan: there is none. */
struct sgd_mean_measure {
    double value, half_width;
};

struct sgd_mean_results {
    const struct sgd_mean_options *options;
    const struct sgd_mean_config *config; /* of the first run; all have its iterations, trials and seed */
    const struct points *points;
    const struct grid *grid;
    struct sgd_mean_row *rows; /* by block of the grid, lr */
    size_t count;
    double t95; /* half width of a 95 % interval in standard errors; nan for fewer than SGD_MEAN_TRIALS */
};

/* sgd_mean_results_make - from the plan's records, a run for each rate, ascending.  Call sgd_mean_results_free after
 * success and failure alike. */
int sgd_mean_results_make(struct sgd_mean_results *results, const struct plan *plan, struct error *err);
void sgd_mean_results_free(struct sgd_mean_results *results);

/* Whether there are bands over trials, whether theory is claimed; context is the results. */
bool sgd_mean_has_bands(const void *context);
bool sgd_mean_has_theory(const void *context);

/* sgd_mean_row_has_theory - of the row alone.  sgd_mean_is_pair - whether rows i and i + 1 differ in their rate alone.
 */
bool sgd_mean_row_has_theory(const struct sgd_mean_row *row);
bool sgd_mean_is_pair(const struct sgd_mean_results *results, size_t i);

/* sgd_mean_cell - a number of a record's table; nan past its end, and without a table. */
double sgd_mean_cell(const struct record_table *table, size_t row, size_t column);

/* sgd_mean_error_at - the squared error at an iteration: the mean over the trials, or the one trial's; nan past the
 * end. sgd_mean_terminal - its mean over the last half. */
struct sgd_mean_measure sgd_mean_error_at(const struct sgd_mean_results *results, const struct sgd_mean_row *row,
                                          size_t iteration);
struct sgd_mean_measure sgd_mean_terminal(const struct sgd_mean_results *results, const struct sgd_mean_row *row);

/* How they are shown: "0.00931", "0.00931 ± 0.00004", or "-"; an iteration, or "-". */
#define SGD_MEAN_SHOWN "%.4g" /* a squared error for a person */
enum { SGD_MEAN_DIGITS = 4 }; /* the same in a table */
const char *sgd_mean_format_measure(char buffer[64], struct sgd_mean_measure m);
const char *sgd_mean_format_iteration(char buffer[64], double iteration);

#endif
