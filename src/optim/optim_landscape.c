/* optim_landscape.c - see optim_landscape.h. */
#include "optim_landscape.h"

#include <math.h>

enum { HESSIAN_DIGITS = 6 };

/* A function's window, and the points of the grid over it on each axis. */
struct window {
    double low[2], high[2];
    size_t points;
};

/*
 * Widened to hold a finite start; an odd number of points, so that its middle is one.  The curved, narrow valleys of
 * functions that are no quadratic want the finer grid.
 */
static struct window window_of(const struct optim_problem *p)
{
    enum { COARSE = 61, FINE = 101 };
    const struct objective *objective = p->descent->objective;
    struct window window = {.points = p->is_quadratic ? COARSE : FINE};
    for (size_t i = 0; i < 2; i++) {
        const double start = p->rows > 0 ? p->descent->init[i] : objective->window[2 * i];
        window.low[i] = fmin(objective->window[2 * i], start);
        window.high[i] = fmax(objective->window[2 * i + 1], start);
    }
    return window;
}

static double point_of(const struct window *window, size_t axis, size_t index)
{
    return window->low[axis] + (window->high[axis] - window->low[axis]) * (double)index / (double)(window->points - 1);
}

/* Nine digits are enough to draw from. */
const struct frame_column optim_landscape_columns[] = {
    {.name = "fn", .type = FRAME_TEXT},
    {.name = "x", .type = FRAME_REAL, .digits = 9},
    {.name = "y", .type = FRAME_REAL, .digits = 9},
    {.name = "objective", .type = FRAME_REAL, .digits = 9},
    {.name = NULL},
};

void optim_landscape_fill(const void *context, struct frame *frame)
{
    const struct optim_results *report = context;
    const struct optim_problem *p;
    for (size_t f = 0; (p = optim_results_function(report, f)) != NULL; f++) {
        const struct window window = window_of(p);
        for (size_t r = 0; r < window.points; r++)
            for (size_t c = 0; c < window.points; c++) {
                const double x = point_of(&window, 0, c), y = point_of(&window, 1, r);
                frame_text(frame, p->fn);
                grid_fill(frame, p->run->config);
                frame_real(frame, x);
                frame_real(frame, y);
                frame_real(frame, p->descent->objective->value(&p->descent->shape, x, y));
            }
    }
}

const struct frame_column optim_landscape_cuts_columns[] = {
    {.name = "fn", .type = FRAME_TEXT},
    {.name = "along", .type = FRAME_TEXT},
    {.name = "distance", .type = FRAME_REAL, .digits = 9}, /* from the minimum */
    {.name = "objective", .type = FRAME_REAL, .digits = 9},
    {.name = NULL},
};

void optim_landscape_fill_cuts(const void *context, struct frame *frame)
{
    const struct optim_results *report = context;
    const struct optim_problem *p;
    for (size_t f = 0; (p = optim_results_function(report, f)) != NULL; f++) {
        const struct window window = window_of(p);
        const double *minimum = p->descent->objective->minima_at[0];
        for (size_t axis = 0; axis < 2; axis++)
            for (size_t i = 0; i < window.points; i++) {
                double at[2] = {minimum[0], minimum[1]};
                at[axis] = point_of(&window, axis, i);
                frame_text(frame, p->fn);
                grid_fill(frame, p->run->config);
                frame_text(frame, axis ? "y" : "x");
                frame_real(frame, at[axis] - minimum[axis]);
                frame_real(frame, p->descent->objective->value(&p->descent->shape, at[0], at[1]));
            }
    }
}

const struct frame_column optim_landscape_minima_columns[] = {
    {.name = "fn", .type = FRAME_TEXT},
    {.name = "x", .type = FRAME_REAL},
    {.name = "y", .type = FRAME_REAL},
    {.name = "objective", .type = FRAME_REAL},
    {.name = "hessian_xx", .type = FRAME_REAL, .digits = HESSIAN_DIGITS},
    {.name = "hessian_xy", .type = FRAME_REAL, .digits = HESSIAN_DIGITS},
    {.name = "hessian_yy", .type = FRAME_REAL, .digits = HESSIAN_DIGITS},
    {.name = NULL},
};

/*
 * xx, xy, yy of the second derivatives at a point, by central differences of the gradient: exact for a quadratic but
 * for rounding (1e-11 of the largest), and to 1e-9 for the others.  What is nothing but rounding is 0.
 */
static void hessian_at(const struct descent_config *descent, const double at[2], double hessian[3])
{
    static const double step = 1e-5;
    double columns[2][2];
    for (size_t axis = 0; axis < 2; axis++) {
        double forward[2], backward[2], near[2] = {at[0], at[1]};
        near[axis] = at[axis] + step;
        descent->objective->gradient(&descent->shape, forward, near[0], near[1]);
        near[axis] = at[axis] - step;
        descent->objective->gradient(&descent->shape, backward, near[0], near[1]);
        for (size_t i = 0; i < 2; i++)
            columns[axis][i] = (forward[i] - backward[i]) / (2 * step);
    }
    const double xx = columns[0][0], yy = columns[1][1], xy = 0.5 * (columns[0][1] + columns[1][0]);
    hessian[0] = xx;
    hessian[1] = fabs(xy) < 1e-8 * fmax(fabs(xx), fabs(yy)) ? 0 : xy;
    hessian[2] = yy;
}

void optim_landscape_fill_minima(const void *context, struct frame *frame)
{
    const struct optim_results *report = context;
    const struct optim_problem *p;
    for (size_t f = 0; (p = optim_results_function(report, f)) != NULL; f++)
        for (size_t m = 0; m < p->descent->objective->minima; m++) {
            frame_text(frame, p->fn);
            grid_fill(frame, p->run->config);
            frame_reals(frame, p->descent->objective->minima_at[m], 2);
            frame_real(frame, p->descent->objective->minimum);
            double hessian[3];
            hessian_at(p->descent, p->descent->objective->minima_at[m], hessian);
            frame_reals(frame, hessian, 3);
        }
}
