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
};

struct sgd_mean_report {
    const struct sgd_mean_options *options;
    const struct sgd_mean_config *config;
    const struct points *points;
    struct sgd_mean_row *rows; /* by lr */
    size_t count;
    double t95; /* half width of a 95 % interval in standard errors; nan for one trial */
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

/* The result for a person, for a program. */
int sgd_mean_print_result(const void *context, FILE *out, struct error *err);
struct cJSON *sgd_mean_result_to_json(const void *context);

#endif
