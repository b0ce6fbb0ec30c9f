/*
 * sgd_mean_report.h - what `dlexp sgd-mean` says of its records: tables, theory beside the measurement, the answers.
 */
#ifndef DLEXP_SGD_MEAN_REPORT_H
#define DLEXP_SGD_MEAN_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "dlexp/options.h"
#include "dlexp/points.h"
#include "dlexp/runner.h"
#include "dlexp/sgd_mean.h"

struct cJSON;

/* The options of the command. */
struct sgd_mean_options {
    struct run_options run;
    struct reals lrs;
    int64_t points, iterations, trials, seed, sampling;
    const char *points_file;
    double start;
};

/* One rate: a row of summary.csv.  A number that does not exist is nan. */
struct sgd_mean_row {
    const struct run *run;
    double lr;
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

struct sgd_mean_report {
    const struct sgd_mean_options *options;
    const struct sgd_mean_config *config;
    const struct points *points;
    struct sgd_mean_row *rows; /* by lr */
    size_t count;
    double start_error; /* (start - y*)^2 */
    double t95;         /* half width of a 95 % interval in standard errors; nan for fewer than SGD_MEAN_TRIALS */
};

/* report_make - from the plan's records, a run a rate, ascending. */
int sgd_mean_report_make(struct sgd_mean_report *report, const struct plan *plan, struct error *err);
void sgd_mean_report_free(struct sgd_mean_report *report);

/* The tables; context is the report. */
void sgd_mean_print_trajectory(const void *context, FILE *out);
void sgd_mean_print_bands(const void *context, FILE *out);
void sgd_mean_print_theory(const void *context, FILE *out);
void sgd_mean_print_summary(const void *context, FILE *out);
bool sgd_mean_has_bands(const void *context);
bool sgd_mean_has_theory(const void *context);

/* sgd_mean_error_at - the squared error at an iteration: the mean over the trials, or the one trial's; nan past the
 * end. sgd_mean_terminal - its mean over the last half. */
struct sgd_mean_measure sgd_mean_error_at(const struct sgd_mean_report *report, const struct sgd_mean_row *row,
                                          size_t iteration);
struct sgd_mean_measure sgd_mean_terminal(const struct sgd_mean_report *report, const struct sgd_mean_row *row);

/* How they are shown: "0.00931", "0.00931 ± 0.00004", or "-"; an iteration, or "-". */
#define SGD_MEAN_SHOWN "%.4g" /* a squared error for a person */
const char *sgd_mean_format_measure(char buffer[64], struct sgd_mean_measure m);
const char *sgd_mean_format_iteration(char buffer[64], double iteration);
void sgd_mean_add_measure(struct cJSON *object, const char *name, struct sgd_mean_measure m);

/* The result for a person, for a program. */
int sgd_mean_print_result(const void *context, FILE *out, struct error *err);
struct cJSON *sgd_mean_result_to_json(const void *context);

#endif
