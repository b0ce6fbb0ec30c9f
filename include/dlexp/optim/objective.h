/*
 * objective.h - functions of two variables to minimise: one table, from which options, help, figures and tests come.
 *
 * To add a function: its row, value and gradient in src/optim/objective.c.
 */
#ifndef DLEXP_OBJECTIVE_H
#define DLEXP_OBJECTIVE_H

#include <stdbool.h>
#include <stddef.h>

enum { OBJECTIVE_MINIMA_MAX = 4 };

/*
 * A quadratic with its minimum 0 at the origin:
 *
 *   f(x,y) = eigen[0] u^2 + eigen[1] v^2,   u = x cos(angle) - y sin(angle),   v = x sin(angle) + y cos(angle)
 *
 * Its Hessian has the eigenvalues 2 eigen[i]; u and v are its eigen-coordinates.
 */
struct quadratic {
    double eigen[2]; /* > 0 */
    double angle;    /* in degrees */
    double cosine, sine;
};

struct objective {
    const char *name;    /* as typed: "f1" */
    const char *formula; /* for people */
    double (*value)(const struct quadratic *shape, double x, double y);
    void (*gradient)(const struct quadratic *shape, double gradient[2], double x, double y);
    bool shaped;            /* the shape decides the function; the others ignore it (it may be NULL) */
    double eigen[2], angle; /* of a quadratic that is not shaped; zeros: no quadratic */
    double minimum;         /* the least value */
    size_t minima;          /* points where it is taken */
    double minima_at[OBJECTIVE_MINIMA_MAX][2];
    double start[2];  /* where descents usually start; of a shaped one: in eigen-coordinates */
    double window[4]; /* to draw: x from [0] to [1], y from [2] to [3] */
};

/* objective_row - the i-th function; NULL past the last. */
const struct objective *objective_row(size_t index);

/* objective_name - walks the names, for an option table. */
bool objective_name(size_t index, const char **name);

/* objective_start - the usual start. */
void objective_start(const struct objective *objective, const struct quadratic *shape, double start[2]);

/* objective_quadratic - whether it is a quadratic; then *quadratic is the one that it is: `shape` for a shaped
 * function. */
bool objective_quadratic(const struct objective *objective, const struct quadratic *shape, struct quadratic *quadratic);

/* quadratic_make - cosine and sine of multiples of 45 degrees are exact, so that 0, 90, ... give no spurious cross
 * terms. */
struct quadratic quadratic_make(double eigen_u, double eigen_v, double angle);

/* quadratic_coordinates - uv = (u, v) of the point. */
void quadratic_coordinates(const struct quadratic *quadratic, double uv[2], double x, double y);

#endif
