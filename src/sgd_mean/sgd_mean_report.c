#include "sgd_mean_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/counted.h"
#include "dlexp/base/number.h"
#include "dlexp/formats/flow.h"
#include "dlexp/formats/json.h"
#include "dlexp/run/claim_table.h"
#include "sgd_mean_answers.h"

/* ---- tables ---- */

static const struct frame_column trajectory_columns[] = {
    {.name = "lr", .type = FRAME_REAL},
    {.name = "trial", .type = FRAME_INTEGER},
    {.name = "iteration", .type = FRAME_INTEGER},
    {.name = "y", .type = FRAME_REAL},
    {.name = "objective", .type = FRAME_REAL},
    {.name = "squared_error", .type = FRAME_REAL},
    {.name = NULL},
};

/* --log-every: the first, every N-th and the last. */
static bool is_logged(const struct sgd_mean_row *row, size_t t, size_t rows)
{
    const struct sgd_mean_options *options = row->run->config;
    return t % options->log_every == 0 || t + 1 == rows;
}

/* The table of each record, row t of which is iteration t, behind the rate and `integer`. */
static void fill_iterations(const struct sgd_mean_row *row, const struct record_table *table, int64_t integer,
                            struct frame *frame)
{
    for (size_t t = 0; t < table->rows; t++) {
        if (!is_logged(row, t, table->rows))
            continue;
        frame_real(frame, row->lr);
        grid_fill(frame, row->run->config);
        frame_integer(frame, integer);
        frame_integer(frame, (int64_t)t);
        frame_reals(frame, table->cells + t * table->columns, table->columns);
    }
}

static void fill_trajectory(const void *context, struct frame *frame)
{
    const struct sgd_mean_results *report = context;
    for (size_t i = 0; i < report->count; i++)
        fill_iterations(&report->rows[i], report->rows[i].trajectory, 0, frame);
}

static const struct frame_column bands_columns[] = {
    {.name = "lr", .type = FRAME_REAL},
    {.name = "trials", .type = FRAME_INTEGER},
    {.name = "iteration", .type = FRAME_INTEGER},
    {.name = "mean", .type = FRAME_REAL},
    {.name = "standard_error", .type = FRAME_REAL},
    {.name = "q5", .type = FRAME_REAL},
    {.name = "q25", .type = FRAME_REAL},
    {.name = "q50", .type = FRAME_REAL},
    {.name = "q75", .type = FRAME_REAL},
    {.name = "q95", .type = FRAME_REAL},
    {.name = NULL},
};

static void fill_bands(const void *context, struct frame *frame)
{
    const struct sgd_mean_results *report = context;
    for (size_t i = 0; i < report->count; i++)
        fill_iterations(&report->rows[i], report->rows[i].bands, (int64_t)report->config->trials, frame);
}

static const struct frame_column theory_columns[] = {
    {.name = "lr", .type = FRAME_REAL},
    {.name = "iteration", .type = FRAME_INTEGER},
    {.name = "expected_squared_error", .type = FRAME_REAL},
    {.name = "expected_objective", .type = FRAME_REAL},
    {.name = "stationary_squared_error", .type = FRAME_REAL},
    {.name = NULL},
};

static void fill_theory(const void *context, struct frame *frame)
{
    const struct sgd_mean_results *report = context;
    for (size_t i = 0; i < report->count; i++)
        for (size_t t = 0; t < report->rows[i].expected_count; t++) {
            const struct sgd_mean_row *row = &report->rows[i];
            if (!is_logged(row, t, row->expected_count))
                continue;
            frame_real(frame, row->lr);
            grid_fill(frame, row->run->config);
            frame_integer(frame, (int64_t)t);
            frame_real(frame, row->expected[t]);
            frame_real(frame, row->expected[t] + report->points->variance);
            frame_real(frame, row->floor);
        }
}

static const struct frame_column summary_columns[] = {
    {.name = "lr", .type = FRAME_REAL, .title = "lr"},
    {.name = "sampling", .type = FRAME_TEXT},
    {.name = "seed", .type = FRAME_INTEGER},
    {.name = "trials", .type = FRAME_INTEGER},
    {.name = "status", .type = FRAME_TEXT},
    {.name = "diverged_iteration", .type = FRAME_NUMBER},
    {.name = "points", .type = FRAME_INTEGER},
    {.name = "y_star", .type = FRAME_REAL},
    {.name = "variance", .type = FRAME_REAL},
    {.name = "final_y", .type = FRAME_REAL},
    {.name = "final_objective", .type = FRAME_REAL},
    {.name = "iterations_to_half", .type = FRAME_REAL, .title = "half the start's", .shown = SHOWN_DECIMALS},
    {.name = "expected_iterations_to_half",
     .type = FRAME_REAL,
     .title = "by theory",
     .optional = true,
     .shown = SHOWN_DECIMALS},
    {.name = "iterations_to_10_floors",
     .type = FRAME_REAL,
     .title = "10 floors",
     .optional = true,
     .shown = SHOWN_DECIMALS},
    {.name = "expected_iterations_to_10_floors",
     .type = FRAME_REAL,
     .title = "by theory",
     .optional = true,
     .shown = SHOWN_DECIMALS},
    {.of = "terminal_error",
     .name = "mean",
     .type = FRAME_REAL,
     .csv = "terminal_error",
     .title = "terminal squared error",
     .shown = SHOWN_DIGITS,
     .places = SGD_MEAN_DIGITS},
    {.of = "terminal_error", .name = "low", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.of = "terminal_error", .name = "high", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.of = "terminal_error", .name = "level", .type = FRAME_REAL},
    {.of = "terminal_error", .name = "method", .type = FRAME_TEXT},
    {.name = "terminal_standard_error", .type = FRAME_REAL},
    {.name = "expected_terminal_error",
     .type = FRAME_REAL,
     .title = "theory",
     .optional = true,
     .shown = SHOWN_DIGITS,
     .places = SGD_MEAN_DIGITS},
    {.name = "stationary_error",
     .type = FRAME_REAL,
     .title = "floor",
     .optional = true,
     .shown = SHOWN_DIGITS,
     .places = SGD_MEAN_DIGITS},
    {.name = "z_score", .type = FRAME_REAL, .title = "z", .optional = true, .shown = SHOWN_SIGNED, .places = 2},
    {.name = "run", .type = FRAME_TEXT},
    {.name = "transient",
     .type = FRAME_REAL,
     .digits = FRAME_SURE_DIGITS,
     .title = "still the start's",
     .unit = "%",
     .optional = true,
     .scale = 100,
     .shown = SHOWN_THREE},
    {.name = "settled", .type = FRAME_BOOL},
    {.name = "settles_in_iterations", .type = FRAME_REAL},
    {.name = NULL},
};

static void fill_summary(const void *context, struct frame *frame)
{
    const struct sgd_mean_results *report = context;
    for (size_t i = 0; i < report->count; i++) {
        const struct sgd_mean_row *row = &report->rows[i];
        const char *sampling = "";
        sgd_mean_sampling_name(sgd_mean_config_of(row->run)->sampling, &sampling);
        const size_t last = row->diverged ? SIZE_MAX : row->trajectory->rows - 1; /* past the end: nan */
        const struct measure *terminal = &row->terminal;
        frame_real(frame, row->lr);
        grid_fill(frame, row->run->config);
        frame_text(frame, sampling);
        frame_integer(frame, (int64_t)report->config->seed);
        frame_integer(frame, (int64_t)report->config->trials);
        frame_text(frame, row->diverged ? "diverged" : "completed");
        frame_text(frame, row->diverged);
        frame_integer(frame, (int64_t)report->points->count);
        frame_reals(frame,
                    (const double[]){report->points->mean, report->points->variance,
                                     sgd_mean_cell(row->trajectory, last, TRAJECTORY_Y),
                                     sgd_mean_cell(row->trajectory, last, TRAJECTORY_OBJECTIVE), row->half,
                                     row->expected_half, row->near, row->expected_near},
                    8);
        if (!isnan(terminal->low))
            frame_note(frame, " [%.*g, %.*g]", SGD_MEAN_DIGITS, terminal->low, SGD_MEAN_DIGITS, terminal->high);
        if (row->diverged)
            frame_note(frame, "diverged at iteration %s", row->diverged);
        frame_reals(frame,
                    (const double[]){terminal->estimate, terminal->low, terminal->high,
                                     row->method ? report->options->level : (double)NAN},
                    4);
        frame_text(frame, row->method);
        frame_reals(frame, (const double[]){row->terminal_error, row->expected_terminal, row->floor, row->z}, 4);
        frame_text(frame, row->run->id);
        frame_real(frame, row->transient);
        frame_bool(frame, row->transient < SGD_MEAN_SETTLED);
        frame_real(frame, row->settling);
    }
}

#define RATE_KEYS                                                                                                      \
    {                                                                                                                  \
        .count = 1                                                                                                     \
    }

const struct experiment_table sgd_mean_tables[] = {
    {.name = "trajectory.csv", .columns = trajectory_columns, .keys = RATE_KEYS, .fill = fill_trajectory},
    {.name = "bands.csv",
     .columns = bands_columns,
     .keys = RATE_KEYS,
     .fill = fill_bands,
     .wanted = sgd_mean_has_bands},
    {.name = "theory.csv", .columns = theory_columns, .keys = RATE_KEYS, .fill = fill_theory},
    {.name = "summary.csv", .json = "results", .columns = summary_columns, .keys = RATE_KEYS, .fill = fill_summary},
    {.name = "claims.csv",
     .json = "claims",
     .columns = claim_columns,
     .keys = {.count = CLAIM_KEYS, .without = "lr"},
     .fill = sgd_mean_fill_claims},
    {.name = "",
     .json = "answers",
     .columns = sgd_mean_answers_columns,
     .keys = {.count = 5, .without = "lr"},
     .fill = sgd_mean_fill_answers,
     .kept = true},
    {.name = NULL},
};

/* ---- for a person ---- */

/* Which sampling some row has. */
static bool has_sampling(const struct sgd_mean_results *report, enum sgd_mean_sampling sampling)
{
    for (size_t i = 0; i < report->count; i++)
        if (sgd_mean_config_of(report->rows[i].run)->sampling == sampling)
            return true;
    return false;
}

/* The summary's columns stand in two tables on the screen: those before the terminal error, and those from it on. */
static int print_part(const struct sgd_mean_results *report, bool end, FILE *out, struct error *err)
{
    struct frame_column columns[sizeof summary_columns / sizeof *summary_columns];
    const struct grid_keys keys = RATE_KEYS;
    bool behind = false;
    memcpy(columns, summary_columns, sizeof columns);
    for (struct frame_column *column = columns + keys.count; column->name; column++) {
        behind |= column->of != NULL; /* the terminal error alone has parts */
        column->title = behind == end ? column->title : NULL;
    }
    return grid_print(report->grid, out, columns, keys, fill_summary, report, err);
}

/* "mean over 1000 trials, with its 95 % interval (chi-square ...)" */
static void print_what(const struct sgd_mean_results *report, FILE *out)
{
    const size_t last = report->config->iterations, trials = report->config->trials;
    const char *method = NULL, *other = NULL; /* texts of the same method are the same pointer */
    char interval[256] = "";
    for (size_t i = 0; i < report->count; i++) {
        const char *of_row = report->rows[i].method;
        if (!method)
            method = of_row;
        else if (of_row && of_row != method)
            other = of_row;
    }
    if (method)
        snprintf(interval, sizeof interval, ", with its %.4g %% interval (%s%s%s)", 100 * report->options->level,
                 method, other ? "; " : "", other ? other : "");
    else if (trials > 1)
        snprintf(interval, sizeof interval, "; its interval takes %d", SGD_MEAN_T_TRIALS);
    fputc('\n', out);
    flow_say(out, "", 0, "Where it ends: the mean of it over iterations %zu to %zu, of %s%s", sgd_mean_last_half(last),
             last, counted(trials, "trial").text, interval);
}

static void print_legend(const struct sgd_mean_results *report, FILE *out)
{
    char lr[NUMBER_TEXT_SIZE];
    struct flow flow = flow_begin(out, "  ", 2);
    flow_text(&flow, "floor: the level it goes to");
    if (has_sampling(report, SGD_MEAN_WITH_REPLACEMENT))
        flow_text(&flow, ", variance lr / (1 - lr)");
    if (has_sampling(report, SGD_MEAN_SHUFFLE))
        flow_text(&flow, "; shuffled, that at the ends of passes");
    if (report->config->trials >= SGD_MEAN_Z_TRIALS)
        flow_text(&flow, "; z: (measured - theory) / standard error");
    flow_end(&flow);
    flow_say(out, "  ", 2,
             "still the start's: share of the expected terminal error; a rate has settled where it is below %g %%",
             100 * SGD_MEAN_SETTLED);
    for (size_t i = 0; i < report->count; i++)
        if (report->rows[i].lr >= 1)
            flow_say(out, "  ", 2, "lr %s has no floor: |1 - 2 lr| >= 1, the error does not settle",
                     number_format_real(lr, report->rows[i].lr));
}

int sgd_mean_print_result(const void *context, FILE *out, struct error *err)
{
    const struct sgd_mean_results *report = context;
    flow_say(out, "", 0, "y* = %.10g, the mean of %s (closed form); their variance, the smallest objective, is %.6g",
             report->points->mean, counted(report->points->count, "point").text, report->points->variance);
    fputs("\nHow fast: iterations until the squared error (y - y*)^2 is\n", out);
    if (print_part(report, false, out, err) < 0)
        return -1;
    print_what(report, out);
    if (print_part(report, true, out, err) < 0)
        return -1;
    print_legend(report, out);
    sgd_mean_print_answers(report, out);
    return 0;
}

/* ---- for a program ---- */

void sgd_mean_add_judgement(const void *context, cJSON *root)
{
    const struct sgd_mean_results *report = context;
    cJSON *judgement = json_add_object(root, "judgement");
    json_add_number(judgement, "level", report->options->level);
    json_add_number(judgement, "margin_ratio", report->options->margin);
    json_add_number(judgement, "settled_share", SGD_MEAN_SETTLED);
    json_add_string(judgement, "family", "the two claims of a pair of rates, by Holm");
}

cJSON *sgd_mean_result_to_json(const void *context)
{
    const struct sgd_mean_results *report = context;
    cJSON *root = json_document("result");
    json_add_string(root, "experiment", "sgd-mean");
    json_add_number(root, "points", (double)report->points->count);
    json_add_number(root, "y_star", report->points->mean);
    json_add_number(root, "variance", report->points->variance);
    json_add_number(root, "trials", (double)report->config->trials);
    sgd_mean_add_judgement(report, root);
    return root;
}
