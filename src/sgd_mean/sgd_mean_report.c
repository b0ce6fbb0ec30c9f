#include "sgd_mean_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/cli/table.h"
#include "dlexp/formats/csv.h"
#include "dlexp/formats/json.h"
#include "dlexp/statistics/statistics.h"
#include "sgd_mean_answers.h"

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
    const struct sgd_mean_results *report = context;
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

void sgd_mean_print_bands(const void *context, FILE *out)
{
    const struct sgd_mean_results *report = context;
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

void sgd_mean_print_theory(const void *context, FILE *out)
{
    const struct sgd_mean_results *report = context;
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
    const struct sgd_mean_results *report = context;
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
                                     sgd_mean_cell(row->trajectory, last, TRAJECTORY_Y),
                                     sgd_mean_cell(row->trajectory, last, TRAJECTORY_OBJECTIVE), row->half,
                                     row->expected_half, row->near, row->expected_near, row->terminal,
                                     row->terminal_error, row->expected_terminal, row->floor, row->z},
                    13);
        fprintf(out, ",%s\n", row->run->id);
    }
}

/* ---- for a person ---- */

static const char *format_number(char buffer[64], double value)
{
    return sgd_mean_format_measure(buffer, (struct sgd_mean_measure){value, NAN});
}

static int print_rows(const struct sgd_mean_results *report, FILE *out, struct error *err)
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

static void print_legend(const struct sgd_mean_results *report, FILE *out)
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
    const struct sgd_mean_results *report = context;
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

cJSON *sgd_mean_result_to_json(const void *context)
{
    const struct sgd_mean_results *report = context;
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
