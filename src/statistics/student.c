/* student.c - see student.h. */
#include "dlexp/statistics/student.h"

#include "dlexp/statistics/beta.h"
#include "dlexp/statistics/normal.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

double student_cdf(double t, double freedom)
{
    assert(freedom > 0);
    if (isinf(freedom) || isinf(t))
        return isinf(t) ? (double)(t > 0) : normal_cdf(t);
    const double sum = freedom + t * t, x = freedom / sum, y = t * t / sum;
    if (t <= 0)
        return beta_cdf(freedom / 2, 0.5, x, y) / 2;
    return 0.5 + beta_cdf(0.5, freedom / 2, y, x) / 2;
}

/* The t > 0 with P(T > t) = tail < 1/2: Newton's method, within a bracket. */
static double upper_quantile(double tail, double freedom)
{
    /* Near the middle P(0 < T < t) has the digits, in the tail P(T > t); the logarithm of the latter is nearly a line.
     */
    const bool middle = tail > 0.25;
    double low = 0, high = 1;
    while (student_cdf(-high, freedom) > tail) {
        low = high;
        high *= 2;
    }
    double t = (low + high) / 2;
    for (int i = 0; i < 200; i++) {
        const double sum = freedom + t * t, x = freedom / sum, y = t * t / sum;
        const double density = beta_term(freedom / 2, 0.5, x, y) / t;
        const double step = middle ? ((0.5 - tail) - beta_cdf(0.5, freedom / 2, y, x) / 2) / density
                                   : log(student_cdf(-t, freedom) / tail) * student_cdf(-t, freedom) / density;
        *(step > 0 ? &low : &high) = t;
        if (fabs(step) <= 1e-9 * t)
            return t + step; /* a step squares the error; the next ones would only follow rounding */
        t = t + step > low && t + step < high ? t + step : (low + high) / 2;
    }
    return t;
}

double student_quantile(double p, double freedom)
{
    assert(p > 0 && p < 1 && freedom > 0);
    if (p == 0.5)
        return 0;
    if (freedom > 1e6) { /* Cornish & Fisher (Abramowitz & Stegun 26.7.5); the next term is of order freedom^-4 */
        const double z = normal_quantile(p), s = z * z, v = 1 / freedom;
        const double third = (((3 * s + 19) * s + 17) * s - 15) / 384;
        return z * (1 + v * ((s + 1) / 4 + v * (((5 * s + 16) * s + 3) / 96 + v * third)));
    }
    return p < 0.5 ? -upper_quantile(p, freedom) : upper_quantile(1 - p, freedom);
}

double student_critical(double level, double freedom)
{
    assert(level > 0 && level < 1);
    return -student_quantile((1 - level) / 2, freedom);
}

double student_noncentral_cdf(double t, double freedom, double shift)
{
    assert(freedom > 0);
    if (isinf(freedom))
        return normal_cdf(t - shift);
    /* ln W has the density exp(freedom (u - expm1(2 u) / 2)) but for a factor: about normal with this deviation. */
    const double deviation = 1 / sqrt(2 * freedom), steepest = fmax(fabs(t), fabs(shift));
    const double step = fmin(fmin(0.1, deviation / 2), fmax(1e-5, 0.5 / (1 + steepest)));
    double sum = 0, weights = 0;
    for (int side = -1; side <= 1; side += 2)
        for (double i = side < 0 ? 1 : 0;; i++) {
            const double u = side * i * step, exponent = freedom * (u - expm1(2 * u) / 2);
            if (exponent < -45)
                break;
            const double weight = exp(exponent);
            weights += weight;
            sum += weight * normal_cdf(t * exp(u) - shift);
        }
    return sum / weights;
}
