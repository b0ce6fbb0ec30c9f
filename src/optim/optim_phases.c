#include "optim_phases.h"

#include <math.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/cli/table.h"
#include "dlexp/formats/json.h"

/* The steep direction has decayed when this much of its part of the objective is left. */
#define PHASE_SHARE 1e-3

struct phase {
    size_t first, last;      /* iterations; last <= first: there is no such phase */
    size_t direction;        /* eigen-coordinate that decides it: the steep one in the first phase */
    double curvature, slope; /* 2 eigen; mean log-slope of f */
    bool measured, predicted;
    struct rates measure, prediction;
};

/* Both phases of a quadratic's run; false if there is no second one. */
static bool find_phases(const struct optim_problem *p, struct phase phases[2])
{
    const size_t last = p->rows > 0 ? p->rows - 1 : 0, steep = descent_steep(&p->quadratic);
    const int64_t end = descent_phase_end(p->cells, p->rows, &p->quadratic, PHASE_SHARE);
    for (size_t i = 0; i < 2; i++) {
        struct phase *phase = &phases[i];
        *phase = (struct phase){.direction = i == 0 ? steep : 1 - steep};
        phase->first = i == 0 ? 0 : end < 0 ? last : (size_t)end;
        phase->last = i == 1 || end < 0 ? last : (size_t)end;
        phase->curvature = 2 * p->quadratic.eigen[phase->direction];
        phase->slope = p->rows > 0 ? descent_slope(p->cells, 0, phase->first, phase->last) : (double)NAN;
        phase->measured =
            descent_measure(&phase->measure, p->descent, p->cells, p->rows, &p->quadratic, phase->direction);
        phase->predicted = descent_predict(&phase->prediction, p->descent, phase->curvature);
    }
    return end >= 0;
}

bool optim_phases_exist(const void *context)
{
    const struct optim_results *report = context;
    for (size_t i = 0; i < report->count; i++)
        if (report->problems[i].is_quadratic)
            return true;
    return false;
}

/* Relative to the prediction; a rate of 0 has no relative error. */
static double deviation(double measured, double predicted)
{
    return fabs(measured - predicted) / (measured == 0 || predicted == 0 ? 1 : predicted);
}

void optim_phases_show_rate_error(const struct optim_results *report, FILE *out)
{
    double error = NAN;
    bool untold = false;
    struct phase phases[2];
    for (size_t i = 0; i < report->count; i++) {
        if (!report->problems[i].is_quadratic)
            continue;
        find_phases(&report->problems[i], phases);
        for (size_t d = 0; d < 2; d++)
            for (size_t r = 0; r < 2 && phases[d].measured; r++) {
                const double measured = phases[d].measure.modulus[r], predicted = phases[d].prediction.modulus[r];
                if (!isnan(measured))
                    error = fmax(error, deviation(measured, predicted));
                else if (r == 0 || predicted > 0) /* at momentum 0 there is no second one */
                    untold = true;
            }
    }
    if (!isnan(error))
        fprintf(out,
                "  rates: factor a step, fitted to the gd and momentum runs; they differ from those the Hessian "
                "predicts by at most\n  %.1e of them\n",
                error);
    if (untold)
        fputs(
            "  a rate that the run does not tell to 1e-9, as it is too short or the coordinate is lost in rounding, is "
            "left out\n",
            out);
}

static void fill_rates(struct frame *frame, bool known, const struct rates *rates)
{
    frame_real(frame, known ? rates->modulus[0] : (double)NAN);
    frame_real(frame, known ? rates->modulus[1] : (double)NAN);
    frame_real(frame, known ? rates->angle : (double)NAN);
}

const struct frame_column optim_phases_columns[] = {
    {.name = "fn", .type = FRAME_TEXT},
    {.name = "angle", .type = FRAME_REAL},
    {.name = "optimizer", .type = FRAME_TEXT},
    {.name = "lr", .type = FRAME_REAL},
    {.name = "phase", .type = FRAME_INTEGER},
    {.name = "direction", .type = FRAME_TEXT},
    {.name = "curvature", .type = FRAME_REAL},
    {.name = "first_iteration", .type = FRAME_INTEGER},
    {.name = "last_iteration", .type = FRAME_INTEGER},
    {.name = "log_slope", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "measured_rate_1", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "measured_rate_2", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "measured_angle", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "predicted_rate_1", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "predicted_rate_2", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = "predicted_angle", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS},
    {.name = NULL},
};

void optim_phases_fill(const void *context, struct frame *frame)
{
    const struct optim_results *report = context;
    struct phase phases[2];
    for (size_t i = 0; i < report->count; i++) {
        const struct optim_problem *p = &report->problems[i];
        if (!p->is_quadratic)
            continue;
        const bool both = find_phases(p, phases);
        for (size_t n = 0; n < 2; n++) {
            const struct phase *phase = &phases[n];
            optim_problem_fill_key(frame, p);
            frame_integer(frame, (int64_t)n + 1);
            frame_text(frame, n ? "flat" : "steep");
            frame_real(frame, phase->curvature);
            optim_problem_fill_count(frame, n == 0 || both ? (int64_t)phase->first : -1);
            optim_problem_fill_count(frame, n == 0 || both ? (int64_t)phase->last : -1);
            frame_real(frame, phase->slope);
            fill_rates(frame, phase->measured, &phase->measure);
            fill_rates(frame, phase->predicted, &phase->prediction);
        }
    }
}

/* "0.998" or "0.9735, 0.9245", or a complex pair "0.949 e^(+-0.11 i)". */
static const char *format_rates(char buffer[64], const struct rates *rates)
{
    if (isnan(rates->modulus[0]))
        strcpy(buffer, "-");
    else if (isnan(rates->modulus[1]))
        snprintf(buffer, 64, "%s%.6g", rates->angle > 3 ? "-" : "", rates->modulus[0]);
    else if (rates->angle > 0 && rates->angle < 3.14159265)
        snprintf(buffer, 64, "%.6g e^(+-%.3gi)", rates->modulus[0], rates->angle);
    else
        snprintf(buffer, 64, "%s%.6g, %s%.6g", rates->angle > 3 ? "-" : "", rates->modulus[0],
                 rates->angle > 3 ? "-" : "", rates->modulus[1]);
    return buffer;
}

int optim_phases_show(const struct optim_results *report, FILE *out, struct error *err)
{
    struct table table;
    struct phase phases[2];
    char rates[2][64], number[NUMBER_TEXT_SIZE];
    fprintf(out, "\nPhases: the first until %g %% of the steep direction's part of f is left\n", 100 * PHASE_SHARE);
    table_begin(&table, 8, "fn", "optimizer", "lr", "ends at", "d ln f/dk, first", "second",
                "rate of the steep direction", "of the flat one");
    for (size_t i = 0; i < report->count; i++) {
        const struct optim_problem *p = &report->problems[i];
        if (!p->is_quadratic)
            continue;
        const bool both = find_phases(p, phases);
        table_cell(&table, "%s", p->fn);
        table_cell(&table, "%s", p->optimizer);
        table_cell(&table, "%s", number_format_real(number, p->descent->lr));
        table_cell(&table, both ? "%zu" : "-", phases[0].last);
        for (size_t n = 0; n < 2; n++)
            table_cell(&table, isnan(phases[n].slope) ? "-" : "%.4g", phases[n].slope);
        for (size_t n = 0; n < 2; n++)
            table_cell(&table, "%s", phases[n].measured ? format_rates(rates[n], &phases[n].measure) : "-");
    }
    if (table_end(&table, out, err) < 0)
        return -1;
    optim_phases_show_rate_error(report, out);
    return 0;
}

static void add_rates(cJSON *entry, const char *name, bool known, const struct rates *rates)
{
    if (!known)
        return;
    cJSON *object = json_add_object(entry, name);
    json_add_number(object, "rate_1", rates->modulus[0]);
    json_add_number(object, "rate_2", rates->modulus[1]);
    json_add_number(object, "angle", rates->angle);
}

void optim_phases_add(cJSON *array, const struct optim_problem *p)
{
    struct phase phases[2];
    const bool both = find_phases(p, phases);
    for (size_t n = 0; n < 2; n++) {
        cJSON *entry = json_append(array, cJSON_CreateObject());
        optim_problem_add_key(entry, p);
        json_add_number(entry, "phase", (double)n + 1);
        json_add_string(entry, "direction", n ? "flat" : "steep");
        json_add_number(entry, "curvature", phases[n].curvature);
        optim_problem_add_count(entry, "first_iteration", n == 0 || both ? (int64_t)phases[n].first : -1);
        optim_problem_add_count(entry, "last_iteration", n == 0 || both ? (int64_t)phases[n].last : -1);
        json_add_number(entry, "log_slope", phases[n].slope);
        add_rates(entry, "measured", phases[n].measured, &phases[n].measure);
        add_rates(entry, "predicted", phases[n].predicted, &phases[n].prediction);
    }
}
