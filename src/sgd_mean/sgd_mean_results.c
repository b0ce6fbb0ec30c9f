/* What dlexp sgd-mean reads off its records, and holds theory against. */
#include "sgd_mean_results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/formats/json.h"
#include "dlexp/statistics/statistics.h"

enum { BANDS_MEAN, BANDS_STANDARD_ERROR, BANDS_COLUMNS = 7 };

double sgd_mean_cell(const struct record_table *table, size_t row, size_t column)
{
    return table && row < table->rows ? table->cells[row * table->columns + column] : (double)NAN;
}

static double error_at(const struct sgd_mean_row *row, size_t iteration)
{
    return row->bands ? sgd_mean_cell(row->bands, iteration, BANDS_MEAN)
                      : sgd_mean_cell(row->trajectory, iteration, TRAJECTORY_ERROR);
}

struct sgd_mean_measure sgd_mean_error_at(const struct sgd_mean_results *results, const struct sgd_mean_row *row,
                                          size_t iteration)
{
    return (struct sgd_mean_measure){error_at(row, iteration),
                                     results->t95 * sgd_mean_cell(row->bands, iteration, BANDS_STANDARD_ERROR)};
}

struct sgd_mean_measure sgd_mean_terminal(const struct sgd_mean_results *results, const struct sgd_mean_row *row)
{
    return (struct sgd_mean_measure){row->terminal, results->t95 * row->terminal_error};
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
    sgd_mean_expected(row->expected, config->iterations, row->lr, config->start, results->points);
    while (row->expected_count < count && isfinite(row->expected[row->expected_count] + results->points->variance))
        row->expected_count++;
    row->floor = sgd_mean_floor(row->lr, results->points);
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

static int make_row(struct sgd_mean_row *row, const struct run *run, const struct sgd_mean_results *results,
                    struct error *err)
{
    const double lr = sgd_mean_config_of(run)->lr;
    const struct sgd_mean_config *config = sgd_mean_config_of(run);
    const size_t trials = config->trials, iterations = config->iterations;
    const char *status = record_get(&run->record, "status");
    *row = (struct sgd_mean_row){.run = run, .lr = lr, .floor = NAN, .expected_terminal = NAN, .z = NAN};
    row->trajectory = record_table_find(&run->record, "trajectory");
    row->bands = record_table_find(&run->record, "bands");
    row->diverged = status && strcmp(status, "diverged") == 0 ? record_get(&run->record, "iteration") : NULL;
    row->terminal = record_get_real(&run->record, "terminal_error");
    row->terminal_error = record_get_real(&run->record, "terminal_standard_error");
    if (!status || !row->trajectory || row->trajectory->columns != TRAJECTORY_COLUMNS ||
        (trials > 1) != (row->bands != NULL) ||
        (row->bands && (row->bands->columns != BANDS_COLUMNS || row->bands->rows != row->trajectory->rows)) ||
        (!row->diverged && (row->trajectory->rows != iterations + 1 || isnan(row->terminal))))
        return error_set(err, ERROR_DATA, "the record of run %s lacks its results; remove it and run again", run->id);
    row->start_error = (config->start - results->points->mean) * (config->start - results->points->mean);
    if (sgd_mean_row_has_theory(row) && make_theory(row, results, err) < 0)
        return -1;

    row->half = measured_fall(row, 0.5 * row->start_error);
    row->expected_half = expected_fall(row, 0.5 * row->start_error);
    row->start_share = lr < 1 ? sgd_mean_start_share(config, (double)iterations, lr, results->points) : (double)NAN;
    row->settling = lr < 1 ? sgd_mean_settling(config, lr, results->points) : (double)NAN;
    /* Without a floor, or with one at 0, there is no "10 times" to reach. */
    row->near = row->floor > 0 ? measured_fall(row, 10 * row->floor) : (double)NAN;
    row->expected_near = row->floor > 0 ? expected_fall(row, 10 * row->floor) : (double)NAN;
    /* Trials that differ by nothing but rounding (equal points) say nothing about chance. */
    if (trials >= SGD_MEAN_TRIALS && row->terminal_error > 1e-12 * row->terminal)
        row->z = (row->terminal - row->expected_terminal) / row->terminal_error;
    return 0;
}

int sgd_mean_results_make(struct sgd_mean_results *results, const struct plan *plan, struct error *err)
{
    results->t95 =
        results->config->trials >= SGD_MEAN_TRIALS ? statistics_t95(results->config->trials - 1) : (double)NAN;
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
    results->rows = NULL;
    results->count = 0;
}

bool sgd_mean_has_bands(const void *context)
{
    const struct sgd_mean_results *results = context;
    return results->config->trials > 1;
}

bool sgd_mean_has_theory(const void *context)
{
    const struct sgd_mean_results *results = context;
    for (size_t i = 0; i < results->count; i++)
        if (sgd_mean_row_has_theory(&results->rows[i]))
            return true;
    return false;
}

bool sgd_mean_row_has_theory(const struct sgd_mean_row *row)
{
    return sgd_mean_config_of(row->run)->sampling == SGD_MEAN_WITH_REPLACEMENT;
}

bool sgd_mean_is_pair(const struct sgd_mean_results *results, size_t i)
{
    return i + 1 < results->count && results->rows[i].run->block == results->rows[i + 1].run->block;
}

const char *sgd_mean_format_measure(char buffer[64], struct sgd_mean_measure m)
{
    if (isnan(m.value))
        strcpy(buffer, "-");
    else if (isnan(m.half_width))
        snprintf(buffer, 64, SGD_MEAN_SHOWN, m.value);
    else
        snprintf(buffer, 64, SGD_MEAN_SHOWN " \302\261 %.2g", m.value, m.half_width);
    return buffer;
}

const char *sgd_mean_format_iteration(char buffer[64], double iteration)
{
    if (isnan(iteration))
        strcpy(buffer, "-");
    else
        snprintf(buffer, 64, "%.0f", iteration);
    return buffer;
}
