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

/*
 * The continued fraction of DLMF 8.17.22 times the term in front of it, for x below the mean.  Its even part (Didonato
 * & Morris 1992, BFRAC), whose terms do not cancel where x is near 1.
 */
static double fraction(double a, double b, double x, double y)
{
    const double c = 1 - (x * b - y * a), c1 = 1 + 1 / a;
    double p = 1, s = a + 1, before[2] = {0, 1}, now[2] = {1, c / c1}, value = c1 / c;
    for (double n = 1; n < 1e6; n++) {
        const double t = n / a, w = n * (b - n) * x;
        const double alpha = p * (p + b / a) * (a / s) * (a / s) * w * x;
        const double beta = n + w / s + (t + 1) / (c1 + 2 * t) * (c + n * (1 + y));
        const double next[2] = {alpha * before[0] + beta * now[0], alpha * before[1] + beta * now[1]};
        const double last = value;
        p = t + 1;
        s += 2;
        value = next[0] / next[1];
        if (fabs(value - last) <= 1e-16 * value)
            break;
        before[0] = now[0] / next[1];
        before[1] = now[1] / next[1];
        now[0] = value;
        now[1] = 1;
    }
    return beta_term(a, b, x, y) * value;
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
