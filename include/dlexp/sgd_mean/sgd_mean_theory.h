/*
 * sgd_mean_theory.h - the exact law of the squared error e_t = (y_t - y*)^2 of SGD for the mean (sgd_mean.h), for both
 * ways to draw.
 *
 *   a = 1 - 2 lr,  y_t - y* = a (y_(t-1) - y*) + 2 lr (x_i - y*),  sigma^2 = variance of the n points (1/n)
 *
 * With replacement an index does not depend on y_(t-1):
 *
 *   E e_t = a^2 E e_(t-1) + 4 lr^2 sigma^2,  which goes to sigma^2 lr / (1 - lr)
 *
 * Shuffled, the draws of a pass correlate by -1 / (n - 1), and those of two passes not at all.  The draw i iterations
 * ago has the weight w_i = 2 lr a^i.  k draws into a pass that began at iteration t:
 *
 *   E e_(t+k) = a^(2k) E e_t + V_k,  V_k = S (sum_(i<k) w_i^2 - (sum_(i<k) w_i)^2 / n),  S = sigma^2 n / (n - 1)
 *
 * so that at the ends of passes it goes to V_n / (1 - a^(2n)).  V_k is computed as S (sum_(i<k) (w_i - their mean)^2
 * + (sum_(i<k) w_i)^2 (1/k - 1/n)), whose terms are positive: the other one loses all digits of a small lr.
 *
 * Of a configuration lr, start and sampling are looked at.
 */
#ifndef DLEXP_SGD_MEAN_THEORY_H
#define DLEXP_SGD_MEAN_THEORY_H

#include "dlexp/data/points.h"
#include "dlexp/sgd_mean/sgd_mean.h"

/* sgd_mean_start_error - e_0 = (start - y*)^2. */
double sgd_mean_start_error(const struct sgd_mean_config *config, const struct points *points);

/* sgd_mean_expected - expected[t] = E e_t for t = 0..iterations; not finite from where it overflows. */
void sgd_mean_expected(double *expected, size_t iterations, const struct sgd_mean_config *config,
                       const struct points *points);

/*
 * sgd_mean_floor - the level that E e_t goes to; of shuffled draws, that at the ends of passes.  nan for lr >= 1, where
 * |1 - 2 lr| >= 1: there is none.
 */
double sgd_mean_floor(const struct sgd_mean_config *config, const struct points *points);

/*
 * sgd_mean_halving - the first iteration with E e_t <= e_0 / 2; nan: there is none (the floor is not below half), or
 * e_0 is 0.  Shuffled, it is looked for in the first pass whose end is that low: with lr > 1/2 the error goes up and
 * down within a pass, and may be there once before.
 */
double sgd_mean_halving(const struct sgd_mean_config *config, const struct points *points);

/*
 * sgd_mean_transient - the share of the expected terminal error, the mean of E e_t over the last half of `iterations`,
 * that is still the start's: the mean of a^(2t) e_0 over that half (lr < 1).  nan where that error is 0.
 *
 * sgd_mean_settling - the fewest iterations with a share below SGD_MEAN_SETTLED; infinity where there are none:
 * where all points are equal, so that the start's error is all there is.
 */
#define SGD_MEAN_SETTLED 0.05
double sgd_mean_transient(const struct sgd_mean_config *config, double iterations, const struct points *points);
double sgd_mean_settling(const struct sgd_mean_config *config, const struct points *points);

/*
 * sgd_mean_terminal_freedom - degrees of freedom of one trial's terminal error A, drawn with replacement:
 * 2 (E A)^2 / Var A, with the exact moments.  A times them over E A is distributed nearly as chi-square: the same mean
 * and variance, and exactly so for one normal error.
 *
 * With b = a^t (start - y*), and N_k the central moments of y_t:
 *   Var e_t = 4 b^2 N_2 + 4 b N_3 + N_4 - N_2^2,  Cov(e_s, e_t) = a^(2 (t - s)) Var e_s  for s <= t
 *
 * nan: not known (shuffled), without meaning (lr >= 1), no spread (Var A = 0), or not near enough to chi-square: a last
 * half of fewer than SGD_MEAN_FREEDOM_LEAST iterations, or points whose kurtosis m_4 / m_2^2 is above
 * SGD_MEAN_KURTOSIS_MOST (that of exponential ones is 9).
 */
enum { SGD_MEAN_FREEDOM_LEAST = 10, SGD_MEAN_KURTOSIS_MOST = 10 };
double sgd_mean_terminal_freedom(const struct sgd_mean_config *config, size_t iterations, const struct points *points);

#endif
