/* chi_square.c - see chi_square.h. */
#include "dlexp/statistics/chi_square.h"

#include "stirling.h"

#include <assert.h>
#include <math.h>

/* x^a e^-x / Gamma(a). */
static double term(double a, double x)
{
    return exp(a * stirling_log((x - a) / a, x / a) - stirling_rest(a)) * sqrt(a / STIRLING_TWO_PI);
}

/* P(a, x) for x below about a: a series of positive terms. */
static double lower(double a, double x)
{
    double sum = 1 / a, part = sum;
    for (double n = 1; part > 1e-17 * sum; n++) {
        part *= x / (a + n);
        sum += part;
    }
    return term(a, x) * sum;
}

/* 1 - P(a, x) for x above about a: a continued fraction by Lentz's method. */
static double upper(double a, double x)
{
    double b = x + 1 - a, c = 1e300, d = 1 / b, value = d;
    for (double n = 1; n < 1e6; n++) {
        const double numerator = -n * (n - a);
        b += 2;
        d = 1 / (numerator * d + b);
        c = b + numerator / c;
        value *= c * d;
        if (fabs(c * d - 1) <= 3e-16)
            break;
    }
    return term(a, x) * value;
}

double chi_square_cdf(double x, double freedom)
{
    const double a = freedom / 2;
    assert(freedom > 0 && x >= 0);
    if (x == 0)
        return 0;
    return x / 2 < a + 1 ? lower(a, x / 2) : 1 - upper(a, x / 2);
}

double chi_square_quantile(double p, double freedom)
{
    double low = -700, high = 700; /* of ln(x / freedom) */
    assert(p > 0 && p < 1 && freedom > 0);
    for (int i = 0; i < 64; i++) {
        const double middle = (low + high) / 2, x = freedom * exp(middle);
        if (x < 1e5 * (freedom + 1) && chi_square_cdf(x, freedom) < p)
            low = middle;
        else
            high = middle;
    }
    return freedom * exp((low + high) / 2);
}

double chi_square_deviation_limit(double deviation, double freedom, double level)
{
    return deviation * sqrt(freedom / chi_square_quantile(1 - level, freedom));
}
