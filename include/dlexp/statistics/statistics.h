/*
 * statistics.h - means with intervals over seeds, and quantiles.
 */
#ifndef DLEXP_STATISTICS_H
#define DLEXP_STATISTICS_H

#include <stddef.h>

struct statistics {
    size_t count;
    double mean, deviation; /* sample standard deviation (divisor count - 1); nan for one value */
    double half_width;      /* of the 95 % interval of the mean: t * deviation / sqrt(count); nan for one value */
};

/* statistics_of - of `count` >= 1 values; two passes. */
struct statistics statistics_of(const double *values, size_t count);

/* statistics_median - of values (count >= 1), which are sorted for it. */
double statistics_median(double *values, size_t count);

/* statistics_t95 - the 0.975 quantile of Student's t with `freedom` >= 1 degrees of freedom: student_critical(0.95). */
double statistics_t95(size_t freedom);

/*
 * statistics_quantiles - quantiles[k] = the probabilities[k] quantile of `count` >= 1 values, linear between order
 * statistics (at (count - 1) p; numpy.quantile's default).
 *
 * probabilities lie in 0..1 and ascend; there are at most STATISTICS_QUANTILES_MAX.  The values are put into another
 * order; none may be nan.  Takes linear time.
 */
enum { STATISTICS_QUANTILES_MAX = 16 };
void statistics_quantiles(double *values, size_t count, const double *probabilities, size_t quantile_count,
                          double *quantiles);

#endif
