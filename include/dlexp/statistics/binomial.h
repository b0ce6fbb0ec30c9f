/* binomial.h - tails of the binomial law, and the interval of a share. */
#ifndef DLEXP_BINOMIAL_H
#define DLEXP_BINOMIAL_H

#include <stddef.h>

/*
 * binomial_lower - P(X <= k); binomial_upper - P(X >= k): X of n trials, each with probability p, 0 <= p <= 1.
 *
 * Through the incomplete beta function: relative error below 1e-12 for n up to 1e6.
 */
double binomial_lower(size_t k, size_t n, double p);
double binomial_upper(size_t k, size_t n, double p);

/* binomial_half_lower - P(X <= k) at p = 1/2: without any rounding for n <= 52, so that a tie with a level is one. */
double binomial_half_lower(size_t k, size_t n);

/*
 * binomial_interval - of the probability behind k of n, by Clopper & Pearson 1934; n >= 1, level in (0, 1).
 *
 * low is the p with P(X >= k) = (1 - level) / 2, 0 for k = 0; high the p with P(X <= k) = (1 - level) / 2, 1 for k = n.
 * Covers at least `level` for every p.
 */
void binomial_interval(size_t k, size_t n, double level, double *low, double *high);

#endif
