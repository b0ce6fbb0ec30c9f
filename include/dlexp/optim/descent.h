/*
 * descent.h - one optimizer on one function of two variables, in double: its trajectory, and what can be read off it.
 *
 * Knows no files: the result is a record (record.h) with the values
 *
 *   status = completed | diverged,   diverged_iteration (where the point or its objective was not finite; else missing)
 *
 * and the table trajectory (x, y, objective), whose row k is iteration k; row 0 is the start.  A diverged run's table
 * ends before that iteration.
 */
#ifndef DLEXP_DESCENT_H
#define DLEXP_DESCENT_H

#include <stdbool.h>
#include <stdint.h>

#include "dlexp/base/error.h"
#include "dlexp/kernels/optimizer.h"
#include "dlexp/optim/objective.h"
#include "dlexp/run/hooks.h"
#include "dlexp/run/record.h"

struct descent_config {
    const struct objective *objective;
    struct quadratic shape; /* of a shaped objective */
    size_t optimizer;       /* row */
    struct hyperparameters hyper;
    double lr, init[2];
    size_t iterations;
};

/* Columns of the table trajectory. */
enum { DESCENT_X, DESCENT_Y, DESCENT_OBJECTIVE, DESCENT_COLUMNS };

/*
 * A descent as it goes, of which nothing is kept but where it is: for whoever looks further than the record.
 *
 * descent_begin - at the start; descent_step - one iteration on.  Neither fails; a descent that is not finite any more
 * (descent_is_finite: its point or its objective) is not to be stepped.  The configuration must outlive it.
 */
struct descent {
    const struct descent_config *config;
    uint64_t iteration;
    double w[2], objective, memory[OPTIMIZER_STATES_MAX][2];
};
void descent_begin(struct descent *descent, const struct descent_config *config);
void descent_step(struct descent *descent);
bool descent_is_finite(const struct descent *descent);

/* descent_run - fill in the record.  hooks may be NULL.  Fails only where memory ran out (seen in record_text). */
void descent_run(const struct descent_config *config, const struct run_hooks *hooks, struct record *record);

/* descent_check_record - ERROR_DATA unless the record holds what descent_run writes for this run. */
int descent_check_record(const struct descent_config *config, const struct record *record, struct error *err);

/* ---- what a trajectory of `rows` iterations (start included) says; cells as in the record ---- */

/* How an objective passes a threshold, over the iterations so far. */
struct descent_passage {
    int64_t reached;   /* the first iteration below; -1: none */
    int64_t settled;   /* the one from which on it stays below; -1: it is not below now */
    int64_t crossings; /* how often it was on the other side than the iteration before */
};
#define DESCENT_PASSAGE_NONE                                                                                           \
    {                                                                                                                  \
        -1, -1, 0                                                                                                      \
    }

/* descent_pass - what iteration k adds, the iterations being told in their order from 0. */
void descent_pass(struct descent_passage *passage, uint64_t k, bool below);

/* descent_passage - of a whole trajectory; below: objective - minimum < threshold. */
struct descent_passage descent_passage(const double *cells, size_t rows, double minimum, double threshold);

/*
 * descent_slope - mean change of ln(objective - minimum) per iteration between the two: (ln last - ln first) / (last -
 * first). nan where first = last or the minimum is hit exactly.
 */
double descent_slope(const double *cells, double minimum, size_t first, size_t last);

/*
 * descent_phase_end - where the first phase of a descent on a quadratic ends: the steep direction has decayed.
 *
 * The first iteration from which on the steep direction's part of the objective, eigen * coordinate^2, stays at or
 * below `share` of what it was at the start; "stays", because a coordinate that oscillates passes zero long before it
 * has decayed.  -1 if there is no such iteration before the last.
 */
int64_t descent_phase_end(const double *cells, size_t rows, const struct quadratic *quadratic, double share);

/* descent_steep - which eigen-coordinate is the steep one: 0 for u, 1 for v. */
size_t descent_steep(const struct quadratic *quadratic);

/*
 * How an eigen-coordinate contracts: w[k] is a sum of powers r^k of one or two numbers.
 *
 * modulus[0] >= modulus[1] are their moduli (nan: there is no second one, or nothing to tell them by); angle is the
 * argument of the first in radians: 0 positive, pi negative, between them a complex pair, for which the coordinate
 * oscillates.
 */
struct rates {
    double modulus[2], angle;
};

/*
 * descent_predict - from the theory, for the curvature 2 eigen: the roots of r^2 - a r - b = 0, a and b being the
 * optimizer's recurrence (kernels/optimizer.h).  False where it has none.
 */
bool descent_predict(struct rates *rates, const struct descent_config *config, double curvature);

/*
 * descent_measure - from the trajectory, for eigen-coordinate i of the quadratic.
 *
 * Least squares for a, b in w[k+1] = a w[k] + b w[k-1] over the run (b = 0 for gd); the rates are the roots of
 * r^2 - a r - b = 0.  Each equation is divided by the larger of the two eigen-coordinates there, as its rounding error
 * grows with that one; so where the other direction grows past this one, the iterations before that decide.  A rate
 * that rounding may have moved by more than 1e-9 of itself is nan.  So is the second rate where the run shows nothing
 * of it, and so are both where there are fewer equations than numbers to fit.  False for optimizers without such a
 * recurrence.
 */
bool descent_measure(struct rates *rates, const struct descent_config *config, const double *cells, size_t rows,
                     const struct quadratic *quadratic, size_t i);

#endif
