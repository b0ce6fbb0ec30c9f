/* exponential.h - a part of body.h: exp and tanh. */

/*
 * As SLEEF's single precision functions of 1.0 ulp have them (Shibata & Petrogalli 2020), which PyTorch calls: own,
 * because the C libraries' differ in the last bit.
 */
#ifdef DLEXP_REAL_DOUBLE
#define v_exp(a) exp(a)
#define v_logistic(a) (1 / (1 + exp(-(a))))
#define v_tanh(a) tanh(a)
#define one_fma(a, b, c) fma(a, b, c)
#else
static inline V v_at_most(V a, V limit)
{
    return -v_at_least(-a, -limit);
}

/* a / ln 2 to the nearest integer, which is left in the low bits: 1.5 * 2^23 was added. */
static inline V rounded_power(V a)
{
    return a * v_splat(1.44269504088896341f) + v_splat(12582912.0f);
}

/* exp(a) / 2^n for rounded = rounded_power(a). */
static inline V exp_mantissa(V a, V rounded)
{
    const V n = rounded - v_splat(12582912.0f);
    V r = v_fma(n, v_splat(-0.693145751953125f), a); /* ln 2 in two parts; n times the first is exact */
    r = v_fma(n, v_splat(-1.42860676533018704e-6f), r);
    V p = v_splat(1.98527617612853646e-4f);
    p = v_fma(p, r, v_splat(1.39304355252534151e-3f));
    p = v_fma(p, r, v_splat(8.33336077630519867e-3f));
    p = v_fma(p, r, v_splat(4.16664853692054749e-2f));
    p = v_fma(p, r, v_splat(1.66666671633720398e-1f));
    p = v_fma(p, r, v_splat(0.5f));
    return v_splat(1) + v_fma(r * r, p, r);
}

/*
 * exp of arguments <= 0.  Those below -87 count as -87 (1.6e-38, just above the smallest normal number): no sum of a
 * softmax, which has a term 1, sees it.
 */
static inline V v_exp(V a)
{
    a = v_at_least(a, v_splat(-87));
    const V rounded = rounded_power(a);
    return exp_mantissa(a, rounded) * v_power_of_two(rounded);
}

/* 1 / (1 + exp(-a)).  From exp(-80) on the sum is 1; exp(89) overflows, as it must. */
static inline V v_logistic(V a)
{
    a = v_at_least(v_at_most(-a, v_splat(89)), v_splat(-80));
    const V rounded = rounded_power(a);
    /* Half the power, as 2^128 is none. */
    const V exponential = exp_mantissa(a, rounded) * v_power_of_two(rounded - v_splat(1)) * v_splat(2);
    return v_splat(1) / (v_splat(1) + exponential);
}

/* An unevaluated sum of two vectors, the second one the rounding error of the first, and arithmetic with it. */
struct two {
    V high, low;
};

static inline struct two two_times(struct two a, struct two b)
{
    const V high = a.high * b.high;
    return (struct two){high, v_fma(a.high, b.low, v_fma(a.low, b.high, v_fma(a.high, b.high, -high)))};
}

static inline struct two two_times_one(struct two a, V b)
{
    const V high = a.high * b;
    return (struct two){high, v_fma(a.low, b, v_fma(a.high, b, -high))};
}

static inline struct two two_square(struct two a)
{
    const V high = a.high * a.high;
    return (struct two){high, v_fma(a.high + a.high, a.low, v_fma(a.high, a.high, -high))};
}

static inline struct two two_plus(struct two a, struct two b)
{
    const V high = a.high + b.high, part = high - a.high;
    return (struct two){high, ((a.high - (high - part)) + (b.high - part)) + (a.low + b.low)};
}

static inline struct two two_plus_one(struct two a, V b)
{
    const V high = a.high + b, part = high - a.high;
    return (struct two){high, ((a.high - (high - part)) + (b - part)) + a.low};
}

/* The same where a is the larger one. */
static inline struct two two_plus_less(struct two a, struct two b)
{
    const V high = a.high + b.high;
    return (struct two){high, (((a.high - high) + b.high) + a.low) + b.low};
}

static inline struct two two_inverse(struct two a)
{
    const V high = v_splat(1) / a.high;
    return (struct two){high, high * v_fma(-a.low, high, v_fma(-a.high, high, v_splat(1)))};
}

static inline struct two two_over(struct two a, struct two b)
{
    const V inverse = v_splat(1) / b.high, high = a.high * inverse;
    const V rest = v_fma(-b.low, inverse, v_fma(-b.high, inverse, v_splat(1)));
    return (struct two){high, v_fma(high, rest, v_fma(a.low, inverse, v_fma(inverse, a.high, -high)))};
}

/* exp(a), 0 <= a <= 20 */
static inline struct two two_exp(V a)
{
    const V rounded = rounded_power(a), n = rounded - v_splat(12582912.0f), power = v_power_of_two(rounded);
    struct two r = two_plus_one((struct two){a, v_splat(0)}, n * v_splat(-0.693145751953125f));
    r = two_plus_one(r, n * v_splat(-1.428606765330187045e-6f));
    V p = v_splat(0.1980960224e-3f);
    p = v_fma(p, r.high, v_splat(0.1394256484e-2f));
    p = v_fma(p, r.high, v_splat(0.8333456703e-2f));
    p = v_fma(p, r.high, v_splat(0.4166637361e-1f));
    struct two sum = two_plus_one(two_times_one(r, p), v_splat(0.166666659414234244790680580464f));
    sum = two_plus_one(two_times(r, sum), v_splat(0.5f));
    sum = two_plus(r, two_times(two_square(r), sum));
    const V high = v_splat(1) + sum.high, low = ((v_splat(1) - high) + sum.high) + sum.low;
    return (struct two){high * power, low * power};
}

/* (e^y - e^-y) / (e^y + e^-y) of y = |a|, which is taken for 1 above 8.66. */
static inline V v_tanh(V a)
{
    const V largest = v_splat(20);
    a = v_at_least(v_at_most(a, largest), -largest);
    V y = v_at_least(a, -a);
    y = v_at_most(y + v_where_positive(y - v_splat(8.664339742f), largest), largest);
    const struct two up = two_exp(y), down = two_inverse(up), minus_down = {-down.high, -down.low};
    const struct two ratio = two_over(two_plus_less(up, minus_down), two_plus_less(up, down));
    y = ratio.high + ratio.low;
    return (v_where_positive(a, y) - v_where_positive(-a, y)) + a * v_splat(0); /* nan is kept */
}
#endif
