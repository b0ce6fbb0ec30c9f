/*
 * sgd_mean.h - stochastic gradient descent for the mean: one run of `dlexp sgd-mean`.  sgd_mean_theory.h: what is known
 * of its errors without any run.
 *
 *   minimise over y   f(y) = (1/n) sum_i (y - x_i)^2 = (y - y*)^2 + sigma^2,   y* = mean, sigma^2 = variance of x (1/n)
 *   y_t = y_(t-1) - lr * 2 (y_(t-1) - x_i),   i = the index drawn for iteration t = 1, 2, ...
 *
 * Draws of a trial, for a seed S of 0..2^32 - 1, so that anyone can repeat it in Python:
 *
 *   trial 0             random.seed(S)
 *   trial t             random.seed(S + t * 2**32)
 *   with-replacement    i = random.choice(range(n)) for each iteration
 *   shuffle             for each pass: order = list(range(n)); random.shuffle(order); i goes through order
 *
 * All rates see the same draws.
 */
#ifndef DLEXP_SGD_MEAN_H
#define DLEXP_SGD_MEAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "dlexp/base/error.h"
#include "dlexp/data/points.h"
#include "dlexp/run/hooks.h"
#include "dlexp/run/record.h"

enum sgd_mean_sampling { SGD_MEAN_WITH_REPLACEMENT, SGD_MEAN_SHUFFLE, SGD_MEAN_SAMPLINGS };

/* sgd_mean_sampling_name - walks the names in enum order, for an option table. */
bool sgd_mean_sampling_name(size_t index, const char **name);

/* All that decides a run's numbers, beside the points. */
struct sgd_mean_config {
    double lr;
    size_t iterations, trials; /* both >= 1 */
    double start;              /* y_0 */
    size_t seed;               /* 32 bits */
    size_t sampling;           /* enum sgd_mean_sampling */
};

/* The indices of all trials, shared by all rates. */
struct sgd_mean_draws {
    uint32_t *index; /* (iterations, trials) */
};

enum { SGD_MEAN_DRAWS_MAX = 1 << 28 }; /* iterations * trials, at most: 1 GB */

/*
 * sgd_mean_draw - draw the indices 0..points - 1 of every trial.  Ends early, with success, once *stop is set (NULL:
 * never). After a failure there is nothing to free.
 */
int sgd_mean_draw(struct sgd_mean_draws *draws, const struct sgd_mean_config *config, size_t points,
                  const atomic_bool *stop, struct error *err);
void sgd_mean_draws_free(struct sgd_mean_draws *draws);

/*
 * sgd_mean_run - all trials of a rate, from draws to record.  Thread-safe; points and draws are shared and only read.
 *
 * The record's tables have one row per iteration, 0 (the start) first:
 *
 *   trajectory   y, objective, squared_error = (y - y*)^2 of trial 0
 *   bands        (trials > 1) mean, standard_error, q5, q25, q50, q75, q95 of squared_error over the trials
 *
 * Its values: status; iteration, where status is diverged; terminal_error and terminal_standard_error, where it is
 * completed: mean over the trials, and its standard error (trials > 1), of each trial's mean squared_error over the
 * last half of the iterations.
 *
 * A squared error that is not finite, in any trial, ends the run there: status diverged and that iteration, a result
 * and no error; both tables end before it.
 */
int sgd_mean_run(const struct sgd_mean_config *config, const struct points *points, const struct sgd_mean_draws *draws,
                 const struct run_hooks *hooks, struct record *record, struct error *err);

/* sgd_mean_check_record - ERROR_DATA unless the record holds what sgd_mean_run writes. */
int sgd_mean_check_record(const struct sgd_mean_config *config, const struct record *record, struct error *err);

/* sgd_mean_last_half - the first iteration of the last half: iterations / 2 + 1 (of one iteration, that one). */
size_t sgd_mean_last_half(size_t iterations);

/*
 * sgd_mean_trial_errors - of every trial the squared error at iteration `at`, and its mean over the last half: what
 * two rates are compared by, trial by trial.  The numbers are sgd_mean_run's; where that would say diverged, they are
 * not finite (infinity, never nan).  at <= iterations; both arrays: (trials).
 */
int sgd_mean_trial_errors(double *error_at, double *terminal, size_t at, const struct sgd_mean_config *config,
                          const struct points *points, const struct sgd_mean_draws *draws, struct error *err);

#endif
