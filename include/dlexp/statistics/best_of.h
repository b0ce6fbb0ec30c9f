/* best_of.h - what the best of b trials is worth: tuning curves. */
#ifndef DLEXP_BEST_OF_H
#define DLEXP_BEST_OF_H

#include <stddef.h>

/*
 * best_of - E[largest of b], unbiased, from `count` values in ascending order (infinite ones allowed, none nan), 1 <= b
 * <= count (asserted): sum_i C(i - 1, b - 1) / C(count, b) v_(i), the mean over all b of them without repetition.
 *
 * Tang et al. 2020, who show that Dodge et al. 2019, with repetition, is biased.  Its variance grows with b: curves go
 * up to count / 2.
 */
double best_of(const double *ascending, size_t count, size_t b);

#endif
