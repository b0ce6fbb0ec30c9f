/* beta.c - see beta.h. */
#include "dlexp/statistics/beta.h"

#include "stirling.h"

#include <assert.h>
#include <math.h>

double beta_term(double a, double b, double x, double y)
{
    const double sum = a + b, away = x * b - y * a; /* x = a / sum + away / sum */
    const double exponent = a * stirling_log(away / a, x * sum / a) + b * stirling_log(-away / b, y * sum / b);
    const double rest = stirling_rest(a) + stirling_rest(b) - stirling_rest(sum);
    return exp(exponent - rest) * sqrt(a / sum * b / STIRLING_TWO_PI);
}

double beta_log(double a, double b)
{
    const double sum = a + b;
    const double rest = stirling_rest(a) + stirling_rest(b) - stirling_rest(sum);
    return rest - a * log1p(b / a) - b * log1p(a / b) - log(a / sum * b / STIRLING_TWO_PI) / 2;
}

/* The continued fraction times the term in front of it, by Lentz's method; it converges fast for x below the mean. */
static double fraction(double a, double b, double x, double y)
{
    const double least = 1e-300; /* in the place of a 0, by which would be divided */
    double c = 1, d = 1 - (a + b) * x / (a + 1), value;
    d = 1 / (fabs(d) < least ? least : d);
    value = d;
    for (int i = 1; i < 1000000; i++) {
        const double m = i;
        const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 + even * d;
        c = 1 + even / c;
        d = 1 / (fabs(d) < least ? least : d);
        c = fabs(c) < least ? least : c;
        value *= d * c;
        d = 1 + odd * d;
        c = 1 + odd / c;
        d = 1 / (fabs(d) < least ? least : d);
        c = fabs(c) < least ? least : c;
        value *= d * c;
        if (fabs(d * c - 1) <= 3e-16)
            break;
    }
    return beta_term(a, b, x, y) * value / a;
}

double beta_cdf(double a, double b, double x, double y)
{
    assert(a > 0 && b > 0 && x >= 0 && y >= 0);
    if (x == 0 || y == 0)
        return x == 0 ? 0 : 1;
    if (x * (b + 1) <= y * (a + 1)) /* x <= (a + 1) / (a + b + 2) */
        return fraction(a, b, x, y);
    return 1 - fraction(b, a, y, x);
}

double beta_quantile(double a, double b, double p)
{
    double low = -745, high = 745; /* of ln(x / y): both ends keep their digits */
    assert(p > 0 && p < 1);
    for (int i = 0; i < 64; i++) {
        const double z = (low + high) / 2, x = 1 / (1 + exp(-z)), y = 1 / (1 + exp(z));
        /* The smaller tail is the one that tells. */
        if (p <= 0.5 ? beta_cdf(a, b, x, y) < p : beta_cdf(b, a, y, x) > 1 - p)
            low = z;
        else
            high = z;
    }
    return 1 / (1 + exp(-(low + high) / 2));
}
