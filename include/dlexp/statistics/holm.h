/* holm.h - several claims tested at once. */
#ifndef DLEXP_HOLM_H
#define DLEXP_HOLM_H

#include <stddef.h>

/*
 * holm_adjust - adjusted[i] = max over the p[j] <= p[i] of min(1, (family - number of p below p[j]) p[j]): Holm 1979.
 *
 * Rejecting what is <= alpha keeps the chance of any wrong rejection in the family below alpha, however the tests
 * depend on each other.  A claim without a test has p nan, which stays nan and counts only in `family`, the number of
 * claims that were made (>= those with a p; asserted).  adjusted may not be p.  Time grows as count squared.
 */
void holm_adjust(const double *p, double *adjusted, size_t count, size_t family);

#endif
