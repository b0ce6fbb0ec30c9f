/* sign_flip.h - the sign-flip (one-sample permutation) test of a mean. */
#ifndef DLEXP_SIGN_FLIP_H
#define DLEXP_SIGN_FLIP_H

#include <stddef.h>

#include "dlexp/base/error.h"

enum { SIGN_FLIP_EXACT_MAX = 20, SIGN_FLIP_FLIPS = 100000 };

/*
 * sign_flip_p - two-sided p of "the law of the differences is symmetric around 0"; all values finite (asserted).
 *
 * The share of the 2^count assignments of signs whose sum is at least as far from 0 as the sum seen; count 0: 1.  Exact
 * up to SIGN_FLIP_EXACT_MAX values, where every assignment counts.  Beyond, (1 + hits) / (1 + flips) over
 * SIGN_FLIP_FLIPS random ones (Phipson & Smyth 2010), the same in every call: the bits of Mersenne Twister words,
 * seeded as Python's random.seed(1), ceil(count / 32) words per flip, the least bit of the first word for the first
 * value, 1 flips it.
 *
 * Sums that differ by less than 1e-10 of the sum of sizes are equal: decimal fractions are rounded before they come
 * here. Exact: below 0.1 ms.  Else 10 ns per flip for up to 32 values, and about 1 ns
 * per flip and value beyond 128.
 */
double sign_flip_p(const double *differences, size_t count);

/*
 * sign_flip_interval - the centres of symmetry that the test does not reject: every x for which sign_flip_p of the
 * differences - x is above 1 - level; nan where no x is rejected, count below 6 at 95 %.
 *
 * The signs split the values in two; the mean x is within reach of the flipped sum as long as it is no further out than
 * the outer one of the two parts' means.  So the ends are order statistics of these means (Hartigan 1969), over the
 * assignments that the test counts.  An end nearer to 0 than 1e-10 of the mean size is 0.  Needs memory, 8 MB at most.
 */
int sign_flip_interval(double *low, double *high, const double *differences, size_t count, double level,
                       struct error *err);

#endif
