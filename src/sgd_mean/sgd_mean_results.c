/* What dlexp sgd-mean reads off its records, and holds theory against. */
#include "sgd_mean_results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/statistics/chi_square.h"
#include "dlexp/statistics/normal.h"
#include "dlexp/statistics/student.h"

enum { BANDS_MEAN, BANDS_COLUMNS = 7 };

double sgd_mean_cell(const struct record_table *table, size_t row, size_t column)
{
    return table && row < table->rows ? table->cells[row * table->columns + column] : (double)NAN;
}

static double error_at(const struct sgd_mean_row *row, size_t iteration)
{
    return row->bands ? sgd_mean_cell(row->bands, iteration, BANDS_MEAN)
                      : sgd_mean_cell(row->trajectory, iteration, TRAJECTORY_ERROR);
}

/* The first iteration with an error of at most `level`; nan if there is none. */
static double measured_fall(const struct sgd_mean_row *row, double level)
{
    for (size_t t = 0; t < row->trajectory->rows; t++)
        if (error_at(row, t) <= level)
            return (double)t;
    return (double)NAN;
}

static double expected_fall(const struct sgd_mean_row *row, double level)
{
    for (size_t t = 0; t < row->expected_count; t++)
        if (row->expected[t] <= level)
            return (double)t;
    return (double)NAN;
}

static int make_theory(struct sgd_mean_row *row, const struct sgd_mean_results *results, struct error *err)
{
    const struct sgd_mean_config *config = sgd_mean_config_of(row->run);
    const size_t first = sgd_mean_last_half(config->iterations), count = config->iterations + 1;
    row->expected = malloc(count * sizeof *row->expected);
    if (!row->expected)
        return error_out_of_memory(err, "the theory");
    sgd_mean_expected(row->expected, config->iterations, config, results->points);
    while (row->expected_count < count && isfinite(row->expected[row->expected_count] + results->points->variance))
        row->expected_count++;
    row->floor = sgd_mean_floor(config, results->points);
    if (row->expected_count == count) {
        row->expected_terminal = 0;
        for (size_t t = first; t < count; t++)
            row->expected_terminal += row->expected[t] / (double)(count - first);
    }
    return 0;
}

const struct sgd_mean_config *sgd_mean_config_of(const struct run *run)
{
    return &((const struct sgd_mean_options *)run->config)->config;
}

/* Trials that differ by nothing but rounding (equal points) say nothing about chance. */
static bool has_spread(const struct sgd_mean_row *row, double mean)
{
    return row->terminal_error > 1e-12 * mean; /* nan: no */
}

/* Beyond this many degrees of freedom Wilson and Hilferty's normal law is exact to 1e-7, and takes no series. */
#define FREEDOM_MANY 1e4

/* The p quantile of chi-square over its degrees of freedom. */
static double mean_quantile(double p, double freedom)
{
    const double ninth = 2 / (9 * freedom);
    return freedom <= FREEDOM_MANY ? chi_square_quantile(p, freedom) / freedom
                                   : pow(1 - ninth + normal_quantile(p) * sqrt(ninth), 3);
}

struct measure sgd_mean_mean_interval(double mean, double freedom, double level)
{
    const double tail = (1 - level) / 2;
    if (isnan(freedom))
        return measure_around(mean, (double)NAN);
    return (struct measure){mean, mean / mean_quantile(1 - tail, freedom), mean / mean_quantile(tail, freedom)};
}

/* The mean terminal error with its interval. */
static void set_terminal(struct sgd_mean_row *row, double mean, const struct sgd_mean_config *config,
                         const struct sgd_mean_results *results)
{
    const double trials = (double)config->trials, level = results->options->level;
    const double freedom = trials > 1 && !isnan(mean)
                               ? trials * sgd_mean_terminal_freedom(config, config->iterations, results->points)
                               : (double)NAN;
    row->terminal = sgd_mean_mean_interval(mean, freedom, level);
    if (!isnan(freedom)) {
        row->method = "chi-square with the exact law's degrees of freedom";
    } else if (trials >= SGD_MEAN_T_TRIALS && has_spread(row, mean)) {
        row->terminal = measure_around(mean, student_critical(level, trials - 1) * row->terminal_error);
        row->method = "Student t";
    }
}

static int read_record(struct sgd_mean_row *row, const struct run *run, const struct sgd_mean_results *results,
                       struct error *err)
{
    const struct sgd_mean_config *config = sgd_mean_config_of(run);
    const char *status = record_get(&run->record, "status");
    const double terminal = record_get_real(&run->record, "terminal_error");
    row->trajectory = record_table_find(&run->record, "trajectory");
    row->bands = record_table_find(&run->record, "bands");
    row->diverged = status && strcmp(status, "diverged") == 0 ? record_get(&run->record, "iteration") : NULL;
    row->terminal_error = record_get_real(&run->record, "terminal_standard_error");
    if (!status || !row->trajectory || row->trajectory->columns != TRAJECTORY_COLUMNS ||
        (config->trials > 1 &&
         (!row->bands || row->bands->columns != BANDS_COLUMNS || row->bands->rows != row->trajectory->rows)) ||
        (!row->diverged && (row->trajectory->rows != config->iterations + 1 || isnan(terminal))))
        return error_set(err, ERROR_DATA, "the record of run %s lacks its results; remove it and run again", run->id);
    set_terminal(row, terminal, config, results);
    return 0;
}

static int make_row(struct sgd_mean_row *row, const struct run *run, const struct sgd_mean_results *results,
                    struct error *err)
{
    const struct sgd_mean_config *config = sgd_mean_config_of(run);
    const struct points *points = results->points;
    *row = (struct sgd_mean_row){.run = run, .lr = config->lr, .floor = NAN, .expected_terminal = NAN, .z = NAN};
    row->start_error = sgd_mean_start_error(config, points);
    if (read_record(row, run, results, err) < 0 || make_theory(row, results, err) < 0)
        return -1;
    row->half = measured_fall(row, 0.5 * row->start_error);
    row->expected_half = sgd_mean_halving(config, points);
    row->transient = row->settling = (double)NAN;
    if (row->lr < 1) {
        row->transient = sgd_mean_transient(config, (double)config->iterations, points);
        row->settling = sgd_mean_settling(config, points);
    }
    /* Without a floor, or with one at 0, there is no "10 times" to reach. */
    row->near = row->floor > 0 ? measured_fall(row, 10 * row->floor) : (double)NAN;
    row->expected_near = row->floor > 0 ? expected_fall(row, 10 * row->floor) : (double)NAN;
    if (config->trials >= SGD_MEAN_Z_TRIALS && has_spread(row, row->terminal.estimate))
        row->z = (row->terminal.estimate - row->expected_terminal) / row->terminal_error;
    return 0;
}

int sgd_mean_results_make(struct sgd_mean_results *results, const struct plan *plan, struct error *err)
{
    results->rows = calloc(plan->count, sizeof *results->rows);
    if (!results->rows)
        return error_out_of_memory(err, "the tables");
    for (; results->count < plan->count; results->count++)
        if (make_row(&results->rows[results->count], &plan->runs[results->count], results, err) < 0) {
            results->count++; /* it may own something */
            return -1;
        }
    return 0;
}

void sgd_mean_results_free(struct sgd_mean_results *results)
{
    for (size_t i = 0; i < results->count; i++)
        free(results->rows[i].expected);
    free(results->rows);
    free(results->pairs);
    results->rows = NULL;
    results->pairs = NULL;
    results->count = results->pair_count = 0;
}

bool sgd_mean_has_bands(const void *context)
{
    const struct sgd_mean_results *results = context;
    return results->config->trials > 1;
}
