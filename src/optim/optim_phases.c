#include "optim_phases.h"

#include <math.h>

#include "dlexp/formats/flow.h"

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
    char optimizers[OPTIM_OPTIMIZERS_SIZE];
    optim_results_optimizers(optimizers, report, true);
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
        flow_say(out, "  ", 2,
                 "rates: factor of one step, fitted to the runs of %s; they differ from those the Hessian predicts by "
                 "at most %.1e of them",
                 optimizers, error);
    if (untold)
        flow_print(out, "  ", 2,
                   "a rate that the run does not tell to 1e-9, as it is too short or the coordinate is lost in "
                   "rounding, is left out");
}

static void fill_rates(struct frame *frame, bool known, const struct rates *rates)
{
    frame_real(frame, known ? rates->modulus[0] : (double)NAN);
    frame_real(frame, known ? rates->modulus[1] : (double)NAN);
    frame_real(frame, known ? rates->angle : (double)NAN);
}

#define RATES_COLUMNS(object, first, second, turn)                                                                     \
    {.of = object,                                                                                                     \
     .name = "rate_1",                                                                                                 \
     .type = FRAME_REAL,                                                                                               \
     .digits = FRAME_SURE_DIGITS,                                                                                      \
     .title = first,                                                                                                   \
     .shown = SHOWN_DIGITS,                                                                                            \
     .places = 6},                                                                                                     \
        {.of = object,                                                                                                 \
         .name = "rate_2",                                                                                             \
         .type = FRAME_REAL,                                                                                           \
         .digits = FRAME_SURE_DIGITS,                                                                                  \
         .title = second,                                                                                              \
         .optional = true,                                                                                             \
         .shown = SHOWN_DIGITS,                                                                                        \
         .places = 6},                                                                                                 \
    {                                                                                                                  \
        .of = object, .name = "angle", .type = FRAME_REAL, .digits = FRAME_SURE_DIGITS, .title = turn,                 \
        .optional = true, .shown = SHOWN_DIGITS, .places = 3                                                           \
    }

const struct frame_column optim_phases_columns[] = {
    {.name = "fn", .type = FRAME_TEXT, .title = "fn"},
    {.name = "angle", .type = FRAME_REAL},
    {.name = "optimizer", .type = FRAME_TEXT, .title = "optimizer"},
    {.name = "lr", .type = FRAME_REAL, .title = "lr"},
    {.name = "phase", .type = FRAME_INTEGER},
    {.name = "direction", .type = FRAME_TEXT, .title = "direction"},
    {.name = "curvature", .type = FRAME_REAL},
    {.name = "first_iteration", .type = FRAME_INTEGER, .title = "from"},
    {.name = "last_iteration", .type = FRAME_INTEGER, .title = "to"},
    {.name = "log_slope",
     .type = FRAME_REAL,
     .digits = FRAME_SURE_DIGITS,
     .title = "d ln f/dk",
     .shown = SHOWN_DIGITS,
     .places = 4},
    RATES_COLUMNS("measured", "rate", "second", "angle"),
    RATES_COLUMNS("predicted", NULL, NULL, NULL),
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
            grid_fill(frame, p->run->config);
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

int optim_phases_show(const struct optim_results *report, FILE *out, struct error *err)
{
    const struct grid_keys keys = OPTIM_PROBLEM_KEYS;
    fputc('\n', out);
    flow_say(out, "", 0, "Phases: the first until %g %% of the steep direction's part of f is left", 100 * PHASE_SHARE);
    if (grid_print(&report->grid, out, optim_phases_columns, keys, optim_phases_fill, report, err) < 0)
        return -1;
    optim_phases_show_rate_error(report, out);
    return 0;
}
