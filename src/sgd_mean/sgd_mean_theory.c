/* The exact law of SGD for the mean. */
#include "dlexp/sgd_mean/sgd_mean_theory.h"

#include <assert.h>
#include <math.h>

double sgd_mean_start_error(const struct sgd_mean_config *config, const struct points *points)
{
    return (config->start - points->mean) * (config->start - points->mean);
}

/* 1 - a^m without losing the digits of a small lr, m an integer. */
static double one_minus_power(double lr, double m)
{
    return lr < 0.5 ? -expm1(m * log1p(-2 * lr)) : 1 - pow(1 - 2 * lr, m);
}

/* a^m itself: 1 - one_minus_power loses it below 1e-16, which of a far start is much. */
static double power(double lr, double m)
{
    return lr < 0.5 ? exp(m * log1p(-2 * lr)) : pow(1 - 2 * lr, m);
}

/* ---- one iteration after the other ---- */

/*
 * Draws of a pass.  In units of 2 lr the weights are a^i = 1 - u_i, whose spread is that of u_i: `mean` and `spread`
 * (sum of squares about it) are of u_0 .. u_(k-1), by Welford's recurrence.
 */
struct pass {
    double k, u, mean, spread, left; /* u = u_k, left = a^k */
};

/* One draw more; returns V_k. */
static double pass_draw(struct pass *pass, double lr, const struct points *points)
{
    const double n = (double)points->count, d = pass->u - pass->mean;
    pass->k++;
    pass->mean += d / pass->k;
    pass->spread += d * (pass->u - pass->mean);
    pass->u = (1 - 2 * lr) * pass->u + 2 * lr;
    pass->left *= 1 - 2 * lr;
    if (points->variance == 0) /* also n = 1, of which S would be 0 / 0 */
        return 0;
    const double sum = pass->k * (1 - pass->mean), s = points->variance * (n / (n - 1));
    return 4 * lr * lr * s * (pass->spread + sum * sum * ((n - pass->k) / (n * pass->k)));
}

/* E e_t from one iteration to the next. */
struct walk {
    double lr, expected, before; /* before: E e at the start of the pass */
    bool shuffled;
    struct pass pass;
};

static void walk_on(struct walk *walk, const struct points *points)
{
    const double lr = walk->lr, a = 1 - 2 * lr;
    if (!walk->shuffled) {
        walk->expected = a * a * walk->expected + 4 * lr * lr * points->variance;
        return;
    }
    if (walk->pass.k == 0)
        walk->pass.left = 1;
    const double noise = pass_draw(&walk->pass, lr, points);
    walk->expected = walk->pass.left * walk->pass.left * walk->before + noise;
    if (walk->pass.k == (double)points->count) {
        walk->before = walk->expected;
        walk->pass = (struct pass){0, 0, 0, 0, 0};
    }
}

static struct walk walk_from(const struct sgd_mean_config *config, double expected)
{
    return (struct walk){
        .lr = config->lr, .expected = expected, .before = expected, .shuffled = config->sampling == SGD_MEAN_SHUFFLE};
}

void sgd_mean_expected(double *expected, size_t iterations, const struct sgd_mean_config *config,
                       const struct points *points)
{
    struct walk walk = walk_from(config, sgd_mean_start_error(config, points));
    expected[0] = walk.expected;
    for (size_t t = 1; t <= iterations; t++) {
        walk_on(&walk, points);
        expected[t] = walk.expected;
    }
}

double sgd_mean_floor(const struct sgd_mean_config *config, const struct points *points)
{
    const double lr = config->lr;
    struct pass pass = {.left = 1};
    double noise = 0;
    if (!(lr < 1))
        return (double)NAN;
    if (config->sampling != SGD_MEAN_SHUFFLE)
        return points->variance * lr / (1 - lr);
    for (size_t i = 0; i < points->count; i++)
        noise = pass_draw(&pass, lr, points);
    return noise > 0 ? noise / (pass.u * (2 - pass.u)) : 0; /* 1 - a^(2n) */
}

double sgd_mean_halving(const struct sgd_mean_config *config, const struct points *points)
{
    const double lr = config->lr, start = sgd_mean_start_error(config, points);
    const double floor_ = sgd_mean_floor(config, points), left = (0.5 * start - floor_) / (start - floor_);
    if (!(left > 0) || !(start > floor_) || isinf(start)) /* nan among them: no floor, no error */
        return (double)NAN;
    /* floor + left (e_0 - floor) is half: after so many iterations, or at the end of so many passes. */
    const double rate = 2 * (lr < 0.5 ? log1p(-2 * lr) : log(2 * lr - 1));
    const double iterations = fmax(1, ceil(log(left) / rate * (1 - 1e-14))), n = (double)points->count;
    if (config->sampling != SGD_MEAN_SHUFFLE)
        return iterations;
    const double passes = fmax(0, ceil(iterations / n) - 1), share = power(lr, 2 * n * passes);
    struct walk walk = walk_from(config, start * share + floor_ * one_minus_power(lr, 2 * n * passes));
    size_t draws = 0;
    do {
        walk_on(&walk, points);
        draws++;
    } while (walk.expected > 0.5 * start && draws < points->count); /* at the last one it is there, but for rounding */
    return passes * n + (double)draws;
}

/* ---- what of the terminal error is still the start's ---- */

/* The mean of a^(2t) over t = first..first + count - 1. */
static double mean_left(double lr, double first, double count)
{
    return power(lr, 2 * first) * one_minus_power(lr, 2 * count) / (4 * lr * (1 - lr) * count);
}

/*
 * Shuffled draws, once the start is forgotten: k draws into a pass the expected error is a^(2k) B + V_k, with
 *
 *   V_k = S (r (1 - a^(2k)) - (1 - a^k)^2 / n),   r = lr / (1 - lr),   B = V_n / (1 - a^(2n))
 *
 * Returns the sum of it over the first `count` iterations; *level is B.  Rounding of a small lr is small beside what is
 * then left of the start.
 */
static double shuffled_sum(double lr, const struct points *points, double count, double *level)
{
    const double n = (double)points->count, s = points->variance * n / (n - 1), r = lr / (1 - lr);
    const double to_q = one_minus_power(lr, n), rest = fmod(count, n), passes = (count - rest) / n;
    double sum = 0;
    *level = fmax(0, s * (r - to_q / (2 - to_q) / n));
    for (int whole = 0; whole < 2; whole++) {
        const double m = whole ? n : rest;
        const double powers = one_minus_power(lr, m) / (2 * lr),
                     squares = one_minus_power(lr, 2 * m) / (4 * lr * (1 - lr));
        const double part = *level * squares + s * (r * (m - squares) - (m - 2 * powers + squares) / n);
        sum += (whole ? passes : 1) * fmax(0, part);
    }
    return sum;
}

double sgd_mean_transient(const struct sgd_mean_config *config, double iterations, const struct points *points)
{
    const double lr = config->lr, first = floor(iterations / 2) + 1, count = iterations - first + 1;
    assert(lr < 1);
    const double left = mean_left(lr, first, count), start = left * sgd_mean_start_error(config, points);
    double noise = 0, level;
    if (points->variance > 0 && config->sampling == SGD_MEAN_SHUFFLE)
        noise = fmax(0, (shuffled_sum(lr, points, first + count, &level) - shuffled_sum(lr, points, first, &level)) /
                                count -
                            left * level);
    else
        noise = sgd_mean_floor(config, points) * (1 - left);
    return start / (start + noise);
}

double sgd_mean_settling(const struct sgd_mean_config *config, const struct points *points)
{
    double low = 0, high = 1; /* not settled at low, settled at high */
    if (points->variance == 0)
        return INFINITY;
    while (!(sgd_mean_transient(config, high, points) < SGD_MEAN_SETTLED)) {
        low = high;
        high *= 2;
        if (isinf(high))
            return INFINITY;
    }
    while (high - low > fmax(1, 1e-15 * high)) {
        const double middle = floor((low + high) / 2);
        *(sgd_mean_transient(config, middle, points) < SGD_MEAN_SETTLED ? &high : &low) = middle;
    }
    return high;
}

/* ---- how much the terminal error of a trial varies ---- */

struct moments {
    double m2, m3, m4; /* about the mean */
};

static struct moments moments_of(const struct points *points)
{
    const double n = (double)points->count;
    struct moments m = {0, 0, 0};
    for (size_t i = 0; i < points->count; i++) {
        const double d = points->x[i] - points->mean;
        m.m2 += d * d / n;
        m.m3 += d * d * d / n;
        m.m4 += d * d * d * d / n;
    }
    return m;
}

double sgd_mean_terminal_freedom(const struct sgd_mean_config *config, size_t iterations, const struct points *points)
{
    const double lr = config->lr, a = 1 - 2 * lr, a2 = a * a, c2 = 4 * lr * lr;
    const size_t first = sgd_mean_last_half(iterations);
    const double count = (double)(iterations - first + 1);
    const struct moments x = moments_of(points);
    struct moments y = {0, 0, 0};
    double b = config->start - points->mean, mean = 0, variance = 0;
    if (config->sampling == SGD_MEAN_SHUFFLE || !(lr < 1) || count < SGD_MEAN_FREEDOM_LEAST || !(x.m2 > 0) ||
        !(x.m4 <= SGD_MEAN_KURTOSIS_MOST * x.m2 * x.m2))
        return (double)NAN;
    for (size_t t = 1; t <= iterations; t++) {
        y.m4 = a2 * a2 * y.m4 + 6 * a2 * c2 * y.m2 * x.m2 + c2 * c2 * x.m4;
        y.m3 = a * a2 * y.m3 + 2 * lr * c2 * x.m3;
        y.m2 = a2 * y.m2 + c2 * x.m2;
        b *= a;
        if (t < first)
            continue;
        const double here = 4 * b * b * y.m2 + 4 * b * y.m3 + y.m4 - y.m2 * y.m2;
        const double later = one_minus_power(lr, 2 * (double)(iterations - t)) * a2 / (4 * lr * (1 - lr));
        mean += (b * b + y.m2) / count;
        variance += here * (1 + 2 * later) / (count * count);
    }
    /* Rounding leaves something of a spread that is none: two points and lr 1/2 are always as far from their mean. */
    return variance > 1e-12 * mean * mean ? 2 * mean * mean / variance : (double)NAN;
}
