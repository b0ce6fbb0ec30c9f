#include "sgd_mean_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/csv.h"
#include "dlexp/json.h"
#include "dlexp/number.h"
#include "dlexp/statistics.h"
#include "dlexp/table.h"
#include "sgd_mean_answers.h"

/* Columns of the record's tables. */
enum { TRAJECTORY_Y, TRAJECTORY_OBJECTIVE, TRAJECTORY_ERROR, TRAJECTORY_COLUMNS };
enum { BANDS_MEAN, BANDS_STANDARD_ERROR, BANDS_COLUMNS = 7 };

/* ---- rows ---- */

static double cell(const struct record_table *table, size_t row, size_t column)
{
    return table && row < table->rows ? table->cells[row * table->columns + column] : (double)NAN;
}

static double error_at(const struct sgd_mean_row *row, size_t iteration)
{
    return row->bands ? cell(row->bands, iteration, BANDS_MEAN) : cell(row->trajectory, iteration, TRAJECTORY_ERROR);
}

struct sgd_mean_measure sgd_mean_error_at(const struct sgd_mean_report *report, const struct sgd_mean_row *row,
                                          size_t iteration)
{
    return (struct sgd_mean_measure){error_at(row, iteration),
                                     report->t95 * cell(row->bands, iteration, BANDS_STANDARD_ERROR)};
}

struct sgd_mean_measure sgd_mean_terminal(const struct sgd_mean_report *report, const struct sgd_mean_row *row)
{
    return (struct sgd_mean_measure){row->terminal, report->t95 * row->terminal_error};
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

static int make_theory(struct sgd_mean_row *row, const struct sgd_mean_report *report, struct error *err)
{
    const struct sgd_mean_config *config = report->config;
    const size_t first = sgd_mean_last_half(config->iterations), count = config->iterations + 1;
    row->expected = malloc(count * sizeof *row->expected);
    if (!row->expected)
        return error_out_of_memory(err, "the theory");
    sgd_mean_expected(row->expected, config->iterations, row->lr, config->start, report->points);
    while (row->expected_count < count && isfinite(row->expected[row->expected_count] + report->points->variance))
        row->expected_count++;
    row->floor = sgd_mean_floor(row->lr, report->points);
    if (row->expected_count == count) {
        row->expected_terminal = 0;
        for (size_t t = first; t < count; t++)
            row->expected_terminal += row->expected[t] / (double)(count - first);
    }
    return 0;
}

static int make_row(struct sgd_mean_row *row, const struct run *run, double lr, const struct sgd_mean_report *report,
                    struct error *err)
{
    const size_t trials = report->config->trials, iterations = report->config->iterations;
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
    if (report->config->sampling == SGD_MEAN_WITH_REPLACEMENT && make_theory(row, report, err) < 0)
        return -1;

    row->half = measured_fall(row, 0.5 * report->start_error);
    row->expected_half = expected_fall(row, 0.5 * report->start_error);
    row->start_share =
        lr < 1 ? sgd_mean_start_share(report->config, (double)iterations, lr, report->points) : (double)NAN;
    row->settling = lr < 1 ? sgd_mean_settling(report->config, lr, report->points) : (double)NAN;
    /* Without a floor, or with one at 0, there is no "10 times" to reach. */
    row->near = row->floor > 0 ? measured_fall(row, 10 * row->floor) : (double)NAN;
    row->expected_near = row->floor > 0 ? expected_fall(row, 10 * row->floor) : (double)NAN;
    /* Trials that differ by nothing but rounding (equal points) say nothing about chance. */
    if (trials >= SGD_MEAN_TRIALS && row->terminal_error > 1e-12 * row->terminal)
        row->z = (row->terminal - row->expected_terminal) / row->terminal_error;
    return 0;
}

int sgd_mean_report_make(struct sgd_mean_report *report, const struct plan *plan, struct error *err)
{
    report->t95 = report->config->trials >= SGD_MEAN_TRIALS ? statistics_t95(report->config->trials - 1) : (double)NAN;
    report->start_error =
        (report->config->start - report->points->mean) * (report->config->start - report->points->mean);
    report->rows = calloc(plan->count, sizeof *report->rows);
    if (!report->rows)
        return error_out_of_memory(err, "the tables");
    for (; report->count < plan->count; report->count++)
        if (make_row(&report->rows[report->count], &plan->runs[report->count],
                     report->options->lrs.values[report->count], report, err) < 0) {
            report->count++; /* it may own something */
            return -1;
        }
    return 0;
}

void sgd_mean_report_free(struct sgd_mean_report *report)
{
    for (size_t i = 0; i < report->count; i++)
        free(report->rows[i].expected);
    free(report->rows);
    report->rows = NULL;
    report->count = 0;
}

/* ---- tables ---- */

static void print_cells(FILE *out, const double *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fputc(',', out);
        csv_print_real(out, cells[i]);
    }
}

void sgd_mean_print_trajectory(const void *context, FILE *out)
{
    const struct sgd_mean_report *report = context;
    fputs("lr,trial,iteration,y,objective,squared_error\n", out);
    for (size_t i = 0; i < report->count; i++) {
        const struct record_table *table = report->rows[i].trajectory;
        for (size_t t = 0; t < table->rows; t++) {
            csv_print_real(out, report->rows[i].lr);
            fprintf(out, ",0,%zu", t);
            print_cells(out, table->cells + t * table->columns, table->columns);
            fputc('\n', out);
        }
    }
}

bool sgd_mean_has_bands(const void *context)
{
    const struct sgd_mean_report *report = context;
    return report->config->trials > 1;
}

void sgd_mean_print_bands(const void *context, FILE *out)
{
    const struct sgd_mean_report *report = context;
    fputs("lr,trials,iteration,mean,standard_error,q5,q25,q50,q75,q95\n", out);
    for (size_t i = 0; i < report->count; i++) {
        const struct record_table *table = report->rows[i].bands;
        for (size_t t = 0; t < table->rows; t++) {
            csv_print_real(out, report->rows[i].lr);
            fprintf(out, ",%zu,%zu", report->config->trials, t);
            print_cells(out, table->cells + t * table->columns, table->columns);
            fputc('\n', out);
        }
    }
}

bool sgd_mean_has_theory(const void *context)
{
    const struct sgd_mean_report *report = context;
    return report->config->sampling == SGD_MEAN_WITH_REPLACEMENT;
}

void sgd_mean_print_theory(const void *context, FILE *out)
{
    const struct sgd_mean_report *report = context;
    fputs("lr,iteration,expected_squared_error,expected_objective,stationary_squared_error\n", out);
    for (size_t i = 0; i < report->count; i++)
        for (size_t t = 0; t < report->rows[i].expected_count; t++) {
            const struct sgd_mean_row *row = &report->rows[i];
            csv_print_real(out, row->lr);
            fprintf(out, ",%zu", t);
            print_cells(out,
                        (const double[]){row->expected[t], row->expected[t] + report->points->variance, row->floor}, 3);
            fputc('\n', out);
        }
}

void sgd_mean_print_summary(const void *context, FILE *out)
{
    const struct sgd_mean_report *report = context;
    const char *sampling = "";
    sgd_mean_sampling_name(report->config->sampling, &sampling);
    fputs("lr,sampling,seed,trials,status,diverged_iteration,points,y_star,variance,final_y,final_objective,"
          "iterations_to_half,expected_iterations_to_half,iterations_to_10_floors,expected_iterations_to_10_floors,"
          "terminal_error,terminal_standard_error,expected_terminal_error,stationary_error,z_score,run\n",
          out);
    for (size_t i = 0; i < report->count; i++) {
        const struct sgd_mean_row *row = &report->rows[i];
        const size_t last = row->diverged ? SIZE_MAX : row->trajectory->rows - 1; /* past the end: nan */
        csv_print_real(out, row->lr);
        fprintf(out, ",%s,%lu,%zu,%s,%s,%zu", sampling, (unsigned long)report->config->seed, report->config->trials,
                row->diverged ? "diverged" : "completed", row->diverged ? row->diverged : "", report->points->count);
        print_cells(out,
                    (const double[]){report->points->mean, report->points->variance,
                                     cell(row->trajectory, last, TRAJECTORY_Y),
                                     cell(row->trajectory, last, TRAJECTORY_OBJECTIVE), row->half, row->expected_half,
                                     row->near, row->expected_near, row->terminal, row->terminal_error,
                                     row->expected_terminal, row->floor, row->z},
                    13);
        fprintf(out, ",%s\n", row->run->id);
    }
}

/* ---- for a person ---- */

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

static const char *format_number(char buffer[64], double value)
{
    return sgd_mean_format_measure(buffer, (struct sgd_mean_measure){value, NAN});
}

const char *sgd_mean_format_iteration(char buffer[64], double iteration)
{
    if (isnan(iteration))
        strcpy(buffer, "-");
    else
        snprintf(buffer, 64, "%.0f", iteration);
    return buffer;
}

static int print_rows(const struct sgd_mean_report *report, FILE *out, struct error *err)
{
    const bool theory = sgd_mean_has_theory(report), z = theory && report->config->trials >= SGD_MEAN_TRIALS;
    struct table table;
    char buffer[64];
    if (z)
        table_begin(&table, 9, "lr", "to half", "theory", "to 10 floors", "theory", "terminal squared error", "theory",
                    "floor", "z");
    else if (theory)
        table_begin(&table, 8, "lr", "to half", "theory", "to 10 floors", "theory", "terminal squared error", "theory",
                    "floor");
    else
        table_begin(&table, 3, "lr", "to half", "terminal squared error");
    for (size_t i = 0; i < report->count; i++) {
        const struct sgd_mean_row *row = &report->rows[i];
        table_cell(&table, "%s", number_format_real(buffer, row->lr));
        table_cell(&table, "%s", sgd_mean_format_iteration(buffer, row->half));
        if (theory) {
            table_cell(&table, "%s", sgd_mean_format_iteration(buffer, row->expected_half));
            table_cell(&table, "%s", sgd_mean_format_iteration(buffer, row->near));
            table_cell(&table, "%s", sgd_mean_format_iteration(buffer, row->expected_near));
        }
        if (row->diverged)
            table_cell(&table, "- (diverged at iteration %s)", row->diverged);
        else
            table_cell(&table, "%s", sgd_mean_format_measure(buffer, sgd_mean_terminal(report, row)));
        if (theory) {
            table_cell(&table, "%s", format_number(buffer, row->expected_terminal));
            table_cell(&table, "%s", format_number(buffer, row->floor));
        }
        if (z && isnan(row->z))
            table_cell(&table, "-");
        else if (z)
            table_cell(&table, "%s", number_format_signed(buffer, row->z, 2));
    }
    return table_end(&table, out, err);
}

static void print_legend(const struct sgd_mean_report *report, FILE *out)
{
    char lr[NUMBER_TEXT_SIZE];
    const size_t last = report->config->iterations, first = sgd_mean_last_half(last);
    if (report->config->trials >= SGD_MEAN_TRIALS)
        fprintf(out, "Squared error (y - y*)^2: mean over %zu trials with its 95 %% interval.\n",
                report->config->trials);
    else if (report->config->trials > 1)
        fprintf(out, "Squared error (y - y*)^2: mean over %zu trials; its interval takes %d.\n", report->config->trials,
                SGD_MEAN_TRIALS);
    else
        fputs("Squared error (y - y*)^2 of one trial.\n", out);
    fprintf(
        out,
        "to half: iterations until it is half of the start's; terminal squared error: mean over iterations %zu to %zu",
        first, last);
    if (sgd_mean_has_theory(report))
        fputs(";\nfloor: the stationary level, variance lr / (1 - lr)", out);
    else
        fputs(";\nfor shuffled draws theory only tells whether a rate has settled", out);
    if (sgd_mean_has_theory(report) && report->config->trials >= SGD_MEAN_TRIALS)
        fputs("; z: (measured - theory) / standard error", out);
    fprintf(out, ".\nsettled: less than %g %% of the expected terminal error are still the start's.\n",
            100 * SGD_MEAN_SETTLED);
    for (size_t i = 0; i < report->count; i++)
        if (report->rows[i].lr >= 1)
            fprintf(out, "lr %s has no floor: |1 - 2 lr| >= 1, the error does not settle.\n",
                    number_format_real(lr, report->rows[i].lr));
}

int sgd_mean_print_result(const void *context, FILE *out, struct error *err)
{
    const struct sgd_mean_report *report = context;
    fprintf(
        out, "y* = %.10g, the mean of %zu point%s (closed form); their variance, the smallest objective, is %.6g\n\n",
        report->points->mean, report->points->count, report->points->count == 1 ? "" : "s", report->points->variance);
    if (print_rows(report, out, err) < 0)
        return -1;
    print_legend(report, out);
    sgd_mean_print_answers(report, out);
    return 0;
}

/* ---- for a program ---- */

/* A number that does not exist is null. */
void sgd_mean_add_measure(cJSON *object, const char *name, struct sgd_mean_measure m)
{
    cJSON *entry = json_add_object(object, name);
    json_add_number(entry, "mean", m.value);
    json_add_number(entry, "half_width_95", m.half_width);
}

cJSON *sgd_mean_result_to_json(const void *context)
{
    const struct sgd_mean_report *report = context;
    cJSON *root = cJSON_CreateObject();
    json_add_string(root, "experiment", "sgd-mean");
    json_add_number(root, "points", (double)report->points->count);
    json_add_number(root, "y_star", report->points->mean);
    json_add_number(root, "variance", report->points->variance);
    json_add_number(root, "trials", (double)report->config->trials);
    cJSON *results = json_add_array(root, "results");
    for (size_t i = 0; i < report->count; i++) {
        const struct sgd_mean_row *row = &report->rows[i];
        cJSON *entry = json_append(results, cJSON_CreateObject());
        json_add_number(entry, "lr", row->lr);
        json_add_string(entry, "status", row->diverged ? "diverged" : "completed");
        if (row->diverged)
            json_add_number(entry, "diverged_iteration", strtod(row->diverged, NULL));
        json_add_number(entry, "iterations_to_half", row->half);
        json_add_number(entry, "expected_iterations_to_half", row->expected_half);
        json_add_number(entry, "iterations_to_10_floors", row->near);
        json_add_number(entry, "expected_iterations_to_10_floors", row->expected_near);
        sgd_mean_add_measure(entry, "terminal_error", sgd_mean_terminal(report, row));
        json_add_number(entry, "expected_terminal_error", row->expected_terminal);
        json_add_number(entry, "stationary_error", row->floor);
        json_add_number(entry, "z_score", row->z);
        json_add_number(entry, "start_share_of_terminal_error", row->start_share);
        json_add_bool(entry, "settled", row->start_share < SGD_MEAN_SETTLED);
        json_add_number(entry, "settles_in_iterations", row->settling);
    }
    sgd_mean_add_answers(root, report);
    return root;
}
