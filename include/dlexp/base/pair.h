/*
 * pair.h - some 105 bits of precision of plain arithmetic: an unevaluated sum of two doubles (Dekker 1971).
 *
 * high is high + low rounded, so it is what the pair is as one double: correctly rounded, but for values that lie that
 * close to the middle between two doubles.  The same bits on every machine.  Round to nearest is assumed, and that
 * nothing overflows.
 */
#ifndef DLEXP_PAIR_H
#define DLEXP_PAIR_H

#include "dlexp/base/fma.h"

struct pair {
    double high, low;
};

/* pair_renormalized - high + low, where low is the smaller one. */
static inline struct pair pair_renormalized(double high, double low)
{
    const double sum = high + low;
    return (struct pair){sum, low - (sum - high)};
}

/* pair_sum - a + b. */
static inline struct pair pair_sum(struct pair a, struct pair b)
{
    const double sum = a.high + b.high, share = sum - a.high;
    const double rest = (a.high - (sum - share)) + (b.high - share); /* exact (Knuth 1969) */
    return pair_renormalized(sum, rest + (a.low + b.low));
}

/* pair_product - a * b. */
static inline struct pair pair_product(struct pair a, struct pair b)
{
    const double product = a.high * b.high;
    const double rest = fma_product_rest(a.high, b.high, product) + (a.high * b.low + a.low * b.high);
    return pair_renormalized(product, rest);
}

/* pair_quotient - a / b. */
static inline struct pair pair_quotient(struct pair a, double b)
{
    const double quotient = a.high / b, product = quotient * b;
    const double left = (a.high - product) - fma_product_rest(quotient, b, product);
    return pair_renormalized(quotient, (left + a.low) / b);
}

#endif
