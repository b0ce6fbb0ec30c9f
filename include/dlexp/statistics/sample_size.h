/* sample_size.h - how many runs a statement about a mean needs. */
#ifndef DLEXP_SAMPLE_SIZE_H
#define DLEXP_SAMPLE_SIZE_H

#include <stddef.h>

/* No more than this is searched for. */
enum { SAMPLE_SIZE_MAX = 1000000000 };

/*
 * sample_size_power - the chance that the two-sided t test at 1 - level rejects "no effect" with n >= 2 normal values
 * whose mean is `effect` of their standard deviations: P(|T| > t_(n-1)), T noncentral with shift effect sqrt(n).
 */
double sample_size_power(double effect, size_t n, double level);

/*
 * sample_size_seeds - the least n >= 2 with power 80 % or more at a mean of `margin` > 0, after `seeds` >= 2 values
 * with sample deviation `deviation`; 0: more than SAMPLE_SIZE_MAX.
 *
 * The margin that matters, never the effect seen: the power at the effect seen only says p once more (Hoenig & Heisey
 * 2001).  The deviation is taken at its one-sided upper 80 % limit, as a few values may show too little of it (Browne
 * 1995).
 */
size_t sample_size_seeds(double margin, double deviation, size_t seeds, double level);

/*
 * sample_size_sign - the least number of untied pairs with which the exact two-sided sign test at 1 - level has power
 * 80 % or more where a pair is won with probability `share` in (1/2, 1]; 0: more than SAMPLE_SIZE_SIGN_MAX.  The power
 * is a saw: with a few pairs more it can be below 80 % once again.
 */
enum { SAMPLE_SIZE_SIGN_MAX = 1000000 };
size_t sample_size_sign(double share, double level);

/*
 * sample_size_width - Stein's two-stage number of values for an interval of half width `half_width` > 0 or less, after
 * `first` >= 2 ones: N = max(first, ceil((t_(first-1) deviation / half_width)^2)); 0: more than SAMPLE_SIZE_MAX.
 *
 * The interval of all N is mean +- t_(first-1) deviation / sqrt(N), with the deviation of the first ones: it covers
 * exactly `level` for normal values (Stein 1945).
 */
size_t sample_size_width(double half_width, double deviation, size_t first, double level);

#endif
