#include "sgd_mean_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/csv.h"
#include "dlexp/json.h"
#include "dlexp/number.h"
#include "dlexp/statistics.h"
#include "dlexp/table.h"

/* Columns of the record's tables. */
enum { TRAJECTORY_Y, TRAJECTORY_OBJECTIVE, TRAJECTORY_ERROR, TRAJECTORY_COLUMNS };
enum { BANDS_MEAN, BANDS_STANDARD_ERROR, BANDS_COLUMNS = 7 };

#define SHOWN "%.4g" /* a squared error for a person */

enum { Z_TRIALS = 100 }; /* fewer trials give no z-score */

/* ---- rows ---- */

static double cell(const struct record_table *table, size_t row, size_t column)
{
    return table && row < table->rows ? table->cells[row * table->columns + column] : (double)NAN;
}

/* The squared error at an iteration: the mean over the trials, or the one trial's; nan past the end. */
static double error_at(const struct sgd_mean_row *row, size_t iteration)
{
    return row->bands ? cell(row->bands, iteration, BANDS_MEAN) : cell(row->trajectory, iteration, TRAJECTORY_ERROR);
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

    const double start =
        (report->config->start - report->points->mean) * (report->config->start - report->points->mean);
    row->half = measured_fall(row, 0.5 * start);
    row->expected_half = expected_fall(row, 0.5 * start);
    /* Without a floor, or with one at 0, there is no "10 times" to reach. */
    row->near = row->floor > 0 ? measured_fall(row, 10 * row->floor) : (double)NAN;
    row->expected_near = row->floor > 0 ? expected_fall(row, 10 * row->floor) : (double)NAN;
    /* Trials that differ by nothing but rounding (equal points) say nothing about chance. */
    if (trials >= Z_TRIALS && row->terminal_error > 1e-12 * row->terminal)
        row->z = (row->terminal - row->expected_terminal) / row->terminal_error;
    return 0;
}

int sgd_mean_report_make(struct sgd_mean_report *report, const struct plan *plan, struct error *err)
{
    report->t95 = report->config->trials > 1 ? statistics_t95(report->config->trials - 1) : (double)NAN;
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

/* ---- answers: a larger rate against the next smaller one ---- */

/* A mean and the half width of its 95 % interval; nan: there is none. */
struct measure {
    double value, half_width;
};

/*
 * Neither answer takes the two rates' errors for independent (they share their draws): the standard error of a
 * difference is at most the sum of the two.
 */
struct answer {
    const struct sgd_mean_row *smaller, *larger;
    struct measure at_smaller, at_larger; /* squared errors: once the larger rate has halved its; terminal ones */
    bool supported;
    char verdict[200];
};

static void judge(struct answer *answer, const struct sgd_mean_report *report, bool higher)
{
    const double difference = answer->at_larger.value - answer->at_smaller.value;
    const double lead = higher ? difference : -difference;
    const double half_width =
        report->config->trials > 1 ? answer->at_larger.half_width + answer->at_smaller.half_width : 0;
    char larger[64], smaller[64];
    snprintf(larger, sizeof larger, SHOWN, answer->at_larger.value);
    snprintf(smaller, sizeof smaller, SHOWN, answer->at_smaller.value);
    if (strcmp(larger, smaller) == 0) { /* the figures beside a verdict must bear it out */
        snprintf(answer->verdict, sizeof answer->verdict, "cannot tell: too close");
        return;
    }
    answer->supported = lead > half_width;
    if (answer->supported)
        snprintf(answer->verdict, sizeof answer->verdict, "%s",
                 report->config->trials > 1 ? "holds" : "holds in this one trial (for an interval: --trials 1000)");
    else
        snprintf(answer->verdict, sizeof answer->verdict, "not supported%s",
                 lead > 0 ? ": the difference lies within its 95 % interval" : "");
}

/* A run that diverged decides nothing; says so. */
static bool compare_diverged(struct answer *answer)
{
    const struct sgd_mean_row *row = answer->smaller->diverged ? answer->smaller : answer->larger;
    char lr[NUMBER_TEXT_SIZE];
    if (row->diverged)
        snprintf(answer->verdict, sizeof answer->verdict, "cannot tell: lr %s diverged at iteration %s",
                 number_format_real(lr, row->lr), row->diverged);
    return row->diverged != NULL;
}

/* From lr 1 on |1 - 2 lr| >= 1: the error settles in no range that could be wide or narrow; says so. */
static bool compare_unsettled(struct answer *answer)
{
    const struct sgd_mean_row *row = answer->smaller->lr >= 1 ? answer->smaller : answer->larger;
    char lr[NUMBER_TEXT_SIZE];
    if (row->lr >= 1)
        snprintf(answer->verdict, sizeof answer->verdict,
                 "cannot tell: lr %s %s (|1 - 2 lr| %s 1), no range to compare", number_format_real(lr, row->lr),
                 row->lr > 1 ? "diverges" : "does not settle", row->lr > 1 ? ">" : "=");
    return row->lr >= 1;
}

static struct answer answer_faster(const struct sgd_mean_report *report, size_t smaller)
{
    struct answer answer = {.smaller = &report->rows[smaller], .larger = &report->rows[smaller + 1]};
    const double reached = answer.larger->half;
    answer.at_smaller = answer.at_larger = (struct measure){NAN, NAN};
    if (!isnan(reached)) {
        const size_t t = (size_t)reached;
        answer.at_smaller = (struct measure){error_at(answer.smaller, t),
                                             report->t95 * cell(answer.smaller->bands, t, BANDS_STANDARD_ERROR)};
        answer.at_larger = (struct measure){error_at(answer.larger, t),
                                            report->t95 * cell(answer.larger->bands, t, BANDS_STANDARD_ERROR)};
    }
    if (isnan(reached) && isnan(answer.smaller->half))
        snprintf(answer.verdict, sizeof answer.verdict, "neither got there in %zu iterations: cannot tell",
                 report->config->iterations);
    else if (isnan(reached))
        snprintf(answer.verdict, sizeof answer.verdict,
                 "not supported: the larger rate did not get there in %zu iterations", report->config->iterations);
    else if (answer.smaller->half < reached)
        snprintf(answer.verdict, sizeof answer.verdict, "not supported");
    else if (isnan(answer.at_smaller.value)) /* only where it ended before */
        compare_diverged(&answer);
    else
        judge(&answer, report, false); /* also where both take as many: then by how far they are */
    return answer;
}

static struct answer answer_wider(const struct sgd_mean_report *report, size_t smaller)
{
    struct answer answer = {.smaller = &report->rows[smaller], .larger = &report->rows[smaller + 1]};
    answer.at_smaller = (struct measure){answer.smaller->terminal, report->t95 * answer.smaller->terminal_error};
    answer.at_larger = (struct measure){answer.larger->terminal, report->t95 * answer.larger->terminal_error};
    /* The rate first: whether a run that grows overflows is a matter of how long it is. */
    if (!compare_unsettled(&answer) && !compare_diverged(&answer))
        judge(&answer, report, true);
    return answer;
}

/* ---- for a person ---- */

/* "0.00931", "0.00931 ± 0.00004", or "-". */
static const char *format_measure(char buffer[64], struct measure m)
{
    if (isnan(m.value))
        strcpy(buffer, "-");
    else if (isnan(m.half_width))
        snprintf(buffer, 64, SHOWN, m.value);
    else
        snprintf(buffer, 64, SHOWN " \302\261 %.2g", m.value, m.half_width);
    return buffer;
}

static const char *format_number(char buffer[64], double value)
{
    return format_measure(buffer, (struct measure){value, NAN});
}

static const char *format_iteration(char buffer[64], double iteration)
{
    if (isnan(iteration))
        strcpy(buffer, "-");
    else
        snprintf(buffer, 64, "%.0f", iteration);
    return buffer;
}

static int print_rows(const struct sgd_mean_report *report, FILE *out, struct error *err)
{
    const bool theory = sgd_mean_has_theory(report), z = theory && report->config->trials >= Z_TRIALS;
    struct table table;
    char buffer[64];
    if (z)
        table_begin(&table, 9, "lr", "to half", "theory", "to 10 floors", "theory", "terminal error", "theory", "floor",
                    "z");
    else if (theory)
        table_begin(&table, 8, "lr", "to half", "theory", "to 10 floors", "theory", "terminal error", "theory",
                    "floor");
    else
        table_begin(&table, 3, "lr", "to half", "terminal error");
    for (size_t i = 0; i < report->count; i++) {
        const struct sgd_mean_row *row = &report->rows[i];
        const struct measure terminal = {row->terminal, report->t95 * row->terminal_error};
        table_cell(&table, "%s", number_format_real(buffer, row->lr));
        table_cell(&table, "%s", format_iteration(buffer, row->half));
        if (theory) {
            table_cell(&table, "%s", format_iteration(buffer, row->expected_half));
            table_cell(&table, "%s", format_iteration(buffer, row->near));
            table_cell(&table, "%s", format_iteration(buffer, row->expected_near));
        }
        if (row->diverged)
            table_cell(&table, "- (diverged at iteration %s)", row->diverged);
        else
            table_cell(&table, "%s", format_measure(buffer, terminal));
        if (theory) {
            table_cell(&table, "%s", format_number(buffer, row->expected_terminal));
            table_cell(&table, "%s", format_number(buffer, row->floor));
        }
        if (z && isnan(row->z))
            table_cell(&table, "-");
        else if (z)
            table_cell(&table, "%+.2f", row->z);
    }
    return table_end(&table, out, err);
}

static void print_legend(const struct sgd_mean_report *report, FILE *out)
{
    char lr[NUMBER_TEXT_SIZE];
    const size_t last = report->config->iterations, first = sgd_mean_last_half(last);
    if (report->config->trials > 1)
        fprintf(out, "Squared error (y - y*)^2: mean over %zu trials with its 95 %% interval.\n",
                report->config->trials);
    else
        fputs("Squared error (y - y*)^2 of one trial.\n", out);
    fprintf(out, "to half: iterations until it is half of the start's; terminal error: mean over iterations %zu to %zu",
            first, last);
    if (sgd_mean_has_theory(report))
        fputs(";\nfloor: the stationary level, variance lr / (1 - lr)", out);
    else
        fputs(";\nno theory is claimed for shuffled draws", out);
    if (sgd_mean_has_theory(report) && report->config->trials >= Z_TRIALS)
        fputs("; z: (measured - theory) / standard error", out);
    fputs(".\n", out);
    for (size_t i = 0; i < report->count; i++)
        if (report->rows[i].lr >= 1)
            fprintf(out, "lr %s has no floor: |1 - 2 lr| >= 1, the error does not settle.\n",
                    number_format_real(lr, report->rows[i].lr));
}

static void print_faster(const struct sgd_mean_report *report, size_t smaller, FILE *out)
{
    const struct answer answer = answer_faster(report, smaller);
    char a[64], b[64], large[NUMBER_TEXT_SIZE], small[NUMBER_TEXT_SIZE];
    number_format_real(large, answer.larger->lr);
    number_format_real(small, answer.smaller->lr);
    fprintf(out,
            "  faster at first  lr %s against %s: half of the start's squared error after %s against %s iterations",
            large, small, format_iteration(a, answer.larger->half), format_iteration(b, answer.smaller->half));
    if (sgd_mean_has_theory(report))
        fprintf(out, " (theory %s, %s)", format_iteration(a, answer.larger->expected_half),
                format_iteration(b, answer.smaller->expected_half));
    if (!isnan(answer.larger->half))
        fprintf(out, ";\n                   at iteration %.0f it is %s against %s", answer.larger->half,
                format_measure(a, answer.at_larger), format_measure(b, answer.at_smaller));
    fprintf(out, "%s%s\n", isnan(answer.larger->half) ? ":\n                   " : ": ", answer.verdict);
}

static void print_wider(const struct sgd_mean_report *report, size_t smaller, FILE *out)
{
    const struct answer answer = answer_wider(report, smaller);
    char a[64], b[64], large[NUMBER_TEXT_SIZE], small[NUMBER_TEXT_SIZE];
    number_format_real(large, answer.larger->lr);
    number_format_real(small, answer.smaller->lr);
    fprintf(out, "  ends wider       lr %s against %s: terminal error %s against %s", large, small,
            format_measure(a, answer.at_larger), format_measure(b, answer.at_smaller));
    const bool settles = answer.larger->lr < 1; /* else a ratio would say nothing */
    if (settles && answer.at_smaller.value > 0 && !isnan(answer.at_larger.value))
        fprintf(out, ",\n                   ratio %.4g", answer.at_larger.value / answer.at_smaller.value);
    if (settles && answer.smaller->expected_terminal > 0 && !isnan(answer.larger->expected_terminal))
        fprintf(out, ", by theory %.4g", answer.larger->expected_terminal / answer.smaller->expected_terminal);
    if (answer.smaller->floor > 0 && !isnan(answer.larger->floor))
        fprintf(out, ", of the floors %.4g", answer.larger->floor / answer.smaller->floor);
    fprintf(out, ": %s\n", answer.verdict);
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
    fputs("\nIs the larger rate faster at first, and does it end in a wider range?\n", out);
    if (report->count == 1)
        fputs("  one rate: nothing to compare; give two, as in --lr 0.01,0.1\n", out);
    for (size_t i = 0; i + 1 < report->count; i++)
        print_faster(report, i, out);
    for (size_t i = 0; i + 1 < report->count; i++)
        print_wider(report, i, out);
    return 0;
}

/* ---- for a program ---- */

/* A number that does not exist is null. */
static void add_measure(cJSON *object, const char *name, struct measure m)
{
    cJSON *entry = json_add_object(object, name);
    json_add_number(entry, "mean", m.value);
    json_add_number(entry, "half_width_95", m.half_width);
}

static void add_answer(cJSON *answers, const char *claim, const struct answer *answer)
{
    cJSON *entry = json_append(answers, cJSON_CreateObject());
    json_add_string(entry, "claim", claim);
    json_add_number(entry, "larger_lr", answer->larger->lr);
    json_add_number(entry, "smaller_lr", answer->smaller->lr);
    add_measure(entry, "squared_error_of_larger", answer->at_larger);
    add_measure(entry, "squared_error_of_smaller", answer->at_smaller);
    json_add_bool(entry, "supported", answer->supported);
    json_add_string(entry, "verdict", answer->verdict);
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
        add_measure(entry, "terminal_error", (struct measure){row->terminal, report->t95 * row->terminal_error});
        json_add_number(entry, "expected_terminal_error", row->expected_terminal);
        json_add_number(entry, "stationary_error", row->floor);
        json_add_number(entry, "z_score", row->z);
    }
    cJSON *answers = json_add_array(root, "answers");
    for (size_t i = 0; i + 1 < report->count; i++) {
        const struct answer faster = answer_faster(report, i), wider = answer_wider(report, i);
        add_answer(answers, "faster at first", &faster);
        add_answer(answers, "ends wider", &wider);
    }
    return root;
}
