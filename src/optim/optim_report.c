#include "optim_report.h"

#include <math.h>
#include <string.h>

#include "dlexp/formats/flow.h"
#include "dlexp/formats/json.h"
#include "dlexp/run/claim_table.h"
#include "optim_claims.h"
#include "optim_comparison.h"
#include "optim_judgement.h"
#include "optim_landscape.h"
#include "optim_phases.h"
#include "optim_ranking.h"
#include "optim_rotation.h"
#include "optim_twice.h"

int optim_report_conclude(void *context, const struct plan *plan, struct error *err)
{
    return optim_results_make(context, plan, err) < 0 ? -1 : optim_twice_make(context, err);
}

/* Mean log-slope over the first (or last) tenth of the run. */
static double tenth_slope(const struct optim_problem *p, bool last)
{
    const size_t steps = p->rows > 0 ? p->rows - 1 : 0, tenth = steps < 10 ? 1 : steps / 10;
    if (steps == 0)
        return NAN;
    return descent_slope(p->cells, p->descent->objective->minimum, last ? steps - tenth : 0, last ? steps : tenth);
}

static bool is_rotating(const void *context)
{
    return ((const struct optim_results *)context)->rotating;
}

static bool is_not_rotating(const void *context)
{
    return !is_rotating(context);
}

static const struct frame_column trajectory_columns[] = {
    {.name = "fn", .type = FRAME_TEXT},        {.name = "optimizer", .type = FRAME_TEXT},
    {.name = "lr", .type = FRAME_REAL},        {.name = "iteration", .type = FRAME_INTEGER},
    {.name = "x", .type = FRAME_REAL},         {.name = "y", .type = FRAME_REAL},
    {.name = "objective", .type = FRAME_REAL}, {.name = NULL},
};

static void fill_trajectory(const void *context, struct frame *frame)
{
    const struct optim_results *report = context;
    for (size_t i = 0; i < report->count; i++) {
        const struct optim_problem *p = &report->problems[i];
        for (size_t k = 0; k < p->rows; k++) {
            if (k % report->config->log_every != 0 && k + 1 < p->rows)
                continue;
            frame_text(frame, p->fn);
            frame_text(frame, p->optimizer);
            frame_real(frame, p->descent->lr);
            grid_fill(frame, p->run->config);
            frame_integer(frame, (int64_t)k);
            frame_reals(frame, p->cells + k * DESCENT_COLUMNS, DESCENT_COLUMNS);
        }
    }
}

static const struct frame_column summary_columns[] = {
    {.name = "fn", .type = FRAME_TEXT, .title = "fn"},
    {.name = "angle", .type = FRAME_REAL},
    {.name = "optimizer", .type = FRAME_TEXT, .title = "optimizer"},
    {.name = "lr", .type = FRAME_REAL, .title = "lr"},
    {.name = "status", .type = FRAME_TEXT},
    {.name = "diverged_iteration", .type = FRAME_INTEGER},
    {.name = "iterations", .type = FRAME_INTEGER},
    {.name = "final_x", .type = FRAME_REAL},
    {.name = "final_y", .type = FRAME_REAL},
    {.name = "final_objective", .type = FRAME_REAL, .title = "final f", .shown = SHOWN_DIGITS, .places = 4},
    OPTIM_ITERATIONS_COLUMNS("iterations_to"),
    OPTIM_SHOWN_COLUMNS("stays_below_from"),
    {.name = "initial_log_slope", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "final_log_slope", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    OPTIM_ITERATIONS_COLUMNS("crossings_of"),
    {.name = "ending", .type = FRAME_TEXT, .title = "ending"},
    {.name = "ending_period", .type = FRAME_INTEGER},
    {.name = "ending_height", .type = FRAME_REAL},
    {.name = NULL},
};

/* A person reads the first touch behind it, where it is another iteration. */
static void fill_stays_below(struct frame *frame, const struct optim_problem *p)
{
    char touch[OPTIM_TOUCH_SIZE];
    for (size_t t = 0; t < OPTIM_THRESHOLDS; t++) {
        frame_note(frame, "%s", optim_problem_touch(touch, &p->passages[t]));
        optim_problem_fill_count(frame, p->passages[t].settled);
    }
}

static void fill_ending(struct frame *frame, const struct optim_problem *p)
{
    if (p->diverged >= 0)
        frame_note(frame, " at iteration %lld", (long long)p->diverged);
    frame_text(frame, ending_name(p->ending.kind));
    optim_problem_fill_count(frame, p->ending.period > 0 ? (int64_t)p->ending.period : -1);
    frame_real(frame, p->ending.height);
}

static void fill_summary(const void *context, struct frame *frame)
{
    const struct optim_results *report = context;
    for (size_t i = 0; i < report->count; i++) {
        const struct optim_problem *p = &report->problems[i];
        optim_problem_fill_key(frame, p);
        grid_fill(frame, p->run->config);
        frame_text(frame, p->diverged < 0 ? "completed" : "diverged");
        optim_problem_fill_count(frame, p->diverged);
        frame_integer(frame, p->rows > 0 ? (int64_t)p->rows - 1 : 0);
        for (size_t c = 0; c < DESCENT_COLUMNS; c++)
            frame_real(frame, p->rows > 0 ? p->cells[(p->rows - 1) * DESCENT_COLUMNS + c] : (double)NAN);
        optim_problem_fill_passages(frame, p, OPTIM_ITERATIONS_TO);
        fill_stays_below(frame, p);
        frame_real(frame, tenth_slope(p, false));
        frame_real(frame, tenth_slope(p, true));
        optim_problem_fill_passages(frame, p, OPTIM_CROSSINGS_OF);
        fill_ending(frame, p);
    }
}

/* Rows are of a function, whatever optimizes it. */
#define FUNCTION_KEYS                                                                                                  \
    {                                                                                                                  \
        .count = 1, .only = "eigen angle init"                                                                         \
    }

const struct experiment_table optim_report_tables[] = {
    {.name = "trajectory.csv",
     .columns = trajectory_columns,
     .keys = {.count = 3},
     .fill = fill_trajectory,
     .wanted = is_not_rotating},
    {.name = "summary.csv",
     .json = "results",
     .columns = summary_columns,
     .keys = OPTIM_PROBLEM_KEYS,
     .fill = fill_summary},
    {.name = "phases.csv",
     .json = "phases",
     .columns = optim_phases_columns,
     .keys = OPTIM_PROBLEM_KEYS,
     .fill = optim_phases_fill,
     .wanted = optim_phases_exist},
    {.name = "comparison.csv",
     .json = "comparison",
     .columns = optim_comparison_columns,
     .keys = OPTIM_COMPARISON_KEYS,
     .fill = optim_comparison_fill,
     .wanted = optim_comparison_exists},
    {.name = "claims.csv", .columns = claim_columns, .fill = optim_claims_fill, .wanted = optim_claims_exist},
    {.name = "",
     .json = "answers",
     .columns = optim_answers_columns,
     .fill = optim_answers_fill,
     .wanted = optim_claims_exist,
     .kept = true},
    {.name = "landscape.csv",
     .columns = optim_landscape_columns,
     .keys = FUNCTION_KEYS,
     .fill = optim_landscape_fill,
     .wanted = is_not_rotating},
    {.name = "minima.csv",
     .columns = optim_landscape_minima_columns,
     .keys = FUNCTION_KEYS,
     .fill = optim_landscape_fill_minima,
     .wanted = is_not_rotating},
    {.name = "cuts.csv",
     .columns = optim_landscape_cuts_columns,
     .keys = FUNCTION_KEYS,
     .fill = optim_landscape_fill_cuts,
     .wanted = is_not_rotating},
    {.name = "rotation.csv",
     .json = "angles",
     .columns = optim_rotation_columns,
     .keys = {.count = 3, .without = "fn"},
     .fill = optim_rotation_fill,
     .wanted = is_rotating},
    {.name = NULL},
};

/* A sentence for each of the runs that do not converge, as far as they are few. */
static void show_endings(const struct optim_results *report, FILE *out)
{
    enum { SHOWN = 4 };
    size_t shown = 0;
    for (const struct optim_problem *p = report->problems; p < report->problems + report->count; p++) {
        const enum ending_kind kind = p->ending.kind;
        char label[OPTIM_LABEL_SIZE];
        if ((kind != ENDING_LIMIT_CYCLE && kind != ENDING_OSCILLATING && kind != ENDING_RISING) || shown++ >= SHOWN)
            continue;
        optim_results_label(label, report, p);
        if (kind == ENDING_LIMIT_CYCLE)
            flow_say(out, "  ", 2, "%s on %s ends in a limit cycle of period %zu, with f - f* at %.4g", label, p->fn,
                     p->ending.period, p->ending.height);
        else
            flow_say(out, "  ", 2, "%s on %s is %s: f - f* up to %.4g in the last quarter", label, p->fn,
                     ending_name(kind), p->ending.height);
    }
    if (shown > SHOWN)
        flow_say(out, "  ", 2, "and %zu more that do not converge (summary.csv: ending)", shown - SHOWN);
}

static int show_problems(const struct optim_results *report, FILE *out, struct error *err)
{
    const struct grid_keys problem_keys = OPTIM_PROBLEM_KEYS;
    bool touched = false;
    flow_print(out, "", 0, "The runs, and the iteration from which f - f* stays below 1e-1, 1e-2, ...");
    if (grid_print(&report->grid, out, summary_columns, problem_keys, fill_summary, report, err) < 0)
        return -1;
    for (size_t i = 0; i < report->count; i++)
        for (size_t t = 0; t < OPTIM_THRESHOLDS; t++)
            touched |= report->problems[i].passages[t].reached != report->problems[i].passages[t].settled;
    if (touched)
        flow_print(out, "  ", 2, "(N): first below at N, but above again; alone: and not below at the end");
    show_endings(report, out);
    return 0;
}

/* Of other functions the homework said nothing. */
static bool is_about_homework(const struct optim_results *report)
{
    bool about = false;
    for (size_t i = 0; i < report->count; i++)
        about |= strcmp(report->problems[i].fn, "f1") == 0 || strcmp(report->problems[i].fn, "f2") == 0;
    return about;
}

int optim_report_print(const void *context, FILE *out, struct error *err)
{
    const struct optim_results *report = context;
    if (report->rotating)
        return optim_rotation_show(report, out, err);
    if (show_problems(report, out, err) < 0)
        return -1;
    if ((optim_phases_exist(report) && optim_phases_show(report, out, err) < 0) ||
        (optim_comparison_exists(report) && optim_comparison_show(report, out, err) < 0))
        return -1;
    optim_ranking_show(report, out);
    if (is_about_homework(report)) /* the answers stand last */
        optim_claims_show(report, out);
    return 0;
}

void optim_add_judgement(const void *context, struct cJSON *root)
{
    (void)context;
    cJSON *judgement = json_add_object(root, "judgement");
    cJSON *thresholds = json_add_array(judgement, "thresholds");
    for (size_t i = 0; i < OPTIM_THRESHOLDS; i++)
        json_append(thresholds, cJSON_CreateNumber(optim_thresholds[i].value));
    json_add_string(judgement, "measure",
                    "the iteration from which f stays below the threshold; also at twice as many");
    json_add_number(judgement, "margin_iterations", OPTIM_MARGIN_LEAST);
    json_add_number(judgement, "margin_share", OPTIM_MARGIN_SHARE);
}

struct cJSON *optim_report_json(const void *context)
{
    const struct optim_results *report = context;
    cJSON *root = json_document("result");
    json_add_string(root, "experiment", "optim");
    optim_add_judgement(report, root);
    if (report->rotating) {
        optim_rotation_add(root, report);
        return root;
    }
    optim_claims_add(root, report);
    optim_ranking_add(root, report);
    return root;
}
