/*
 * fma.h - a * b + c with one rounding, made of additions and multiplications: for CPUs without FMA, where the C
 * library's fma() takes a hundred times as long.  The bits are those of fmaf() and fma(); only which NaN results, where
 * several operands are NaN, is left open.
 *
 * Round to nearest is assumed, and that double arithmetic is double's (FLT_EVAL_METHOD 0).
 */
#ifndef DLEXP_FMA_H
#define DLEXP_FMA_H

#include <float.h>
#include <math.h>
#include <stdint.h>

#if FLT_EVAL_METHOD != 0
#error "floats and doubles must be computed as such: on 32-bit x86 compile with -msse2 -mfpmath=sse"
#endif

/*
 * fma_round_odd - a + b rounded to odd; sum is a + b rounded to nearest.  Where sum is exact, the result is sum.
 * Otherwise the exact value lies between two doubles, and the result is the one whose last bit is odd.  Rounded again,
 * to a shorter format, it gives what the exact value would have given (Boldo & Melquiond 2008, "Emulation of a FMA and
 * correctly rounded sums: proved algorithms using rounding to odd").
 */
static inline double fma_round_odd(double a, double b, double sum)
{
    const double b_share = sum - a, rest = (a - (sum - b_share)) + (b - b_share); /* exact (Knuth 1969) */
    union {
        double value;
        uint64_t bits;
    } odd = {.value = sum};
    if (rest > 0 || rest < 0) { /* not when undefined: then sum is infinite or undefined, and right */
        odd.bits -= (rest < 0) != (sum < 0);
        odd.bits |= 1;
    }
    return odd.value;
}

/*
 * fma_may_round_twice - whether two roundings may differ from one: sum is an exact value rounded to double, `rounded`
 * is sum rounded to float, and the question is whether the float nearest to the exact value may be another.  It may
 * where sum lies in the middle between two floats.  Among subnormal floats the middles lie elsewhere, so there every
 * result but zero is suspected, and so is FLT_MIN, to which a middle may have been rounded.  A sum that becomes zero is
 * so small that it is exact.
 */
static inline int fma_may_round_twice(double sum, float rounded)
{
    const union {
        double value;
        uint64_t bits;
    } u = {.value = sum};
    return (u.bits & 0x1fffffff) == 0x10000000 || (rounded != 0 && fabsf(rounded) <= FLT_MIN);
}

/* fma_float - as fmaf(a, b, c): the product is exact in double, and only the sum is rounded before the result is. */
static inline float fma_float(float a, float b, float c)
{
    const double product = (double)a * (double)b, sum = product + (double)c;
    const float rounded = (float)sum;
    return fma_may_round_twice(sum, rounded) ? (float)fma_round_odd(product, c, sum) : rounded;
}

/* fma_product_rest - a * b - product, where product is a * b rounded; exact where fma_product_splits says so. */
static inline double fma_product_rest(double a, double b, double product)
{
    const double splitter = 0x1p27 + 1; /* halves of 26 bits, whose products are exact (Dekker 1971) */
    const double a_part = splitter * a, a_high = a_part - (a_part - a), a_low = a - a_high;
    const double b_part = splitter * b, b_high = b_part - (b_part - b), b_low = b - b_high;
    return a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low);
}

/* fma_product_splits - whether nothing overflows in fma_product_rest, and the rest is itself a double. */
static inline int fma_product_splits(double a, double b, double product)
{
    return fabs(a) < 0x1p990 && fabs(b) < 0x1p990 && fabs(product) < 0x1p1000 && fabs(product) > 0x1p-900;
}

/*
 * fma_double - as fma(a, b, c).  The exact a * b is the sum of two doubles, the product and its rest; c is a third.
 * The smaller parts are added with rounding to odd, the last sum to nearest (Boldo & Melquiond 2008).  Products near
 * the ends of the range are left to fma().
 */
static inline double fma_double(double a, double b, double c)
{
    const double product = a * b;
    if (a == 0 || b == 0)
        return product + c;
    if (!fma_product_splits(a, b, product) || !(fabs(c) < 0x1p1000))
        return fma(a, b, c);
    const double product_rest = fma_product_rest(a, b, product);
    const double low = product_rest + c, low_share = low - product_rest;
    const double low_rest = (product_rest - (low - low_share)) + (c - low_share);
    const double sum = product + low, sum_share = sum - product;
    const double sum_rest = (product - (sum - sum_share)) + (low - sum_share);
    return sum + fma_round_odd(low_rest, sum_rest, low_rest + sum_rest);
}

#endif
