/*
 * order.h - what the order of values says: median, interquartile mean, the interval of the median.
 *
 * All take `count` values in ascending order (order_sort; not checked), infinite ones among them: a run that never
 * reaches its target takes an infinite number of steps.  No value is nan.
 */
#ifndef DLEXP_ORDER_H
#define DLEXP_ORDER_H

#include <stddef.h>

/* order_sort - puts values, none of them nan (asserted), into ascending order. */
void order_sort(double *values, size_t count);

/* order_median - the middle value, or the mean of the two middle ones; nan where these are -inf and inf.  count >= 1.
 */
double order_median(const double *ascending, size_t count);

/*
 * order_interquartile_mean - the mean of what is left when floor(count / 4) values are dropped on each side; count
 * >= 1. Agarwal et al. 2021 recommend it for few runs.
 */
double order_interquartile_mean(const double *ascending, size_t count);

/* order_rank - the largest k with 2 P(Bin(count, 1/2) <= k - 1) <= 1 - level; 0: there is none. */
size_t order_rank(size_t count, double level);

/*
 * The interval x_(rank) .. x_(count + 1 - rank) of the median, whatever the law of independent values; rank is
 * order_rank at the asked level, level = 1 - 2 P(Bin(count, 1/2) <= rank - 1) what it covers at least (exactly, where
 * the law is continuous).
 *
 * rank 0: too few values (fewer than 6 at 95 %); low, high and level are then nan.
 */
struct order_interval {
    size_t rank;
    double low, high, level;
};

/* order_interval_of - level in (0, 1). */
struct order_interval order_interval_of(const double *ascending, size_t count, double level);

#endif
