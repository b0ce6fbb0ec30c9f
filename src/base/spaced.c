#include "dlexp/base/spaced.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define LN2 0.693147180559945309417232121458

/* ln x: x = m 2^e with m in [sqrt(1/2), sqrt(2)), ln m = 2 atanh((m - 1) / (m + 1)). */
static double logarithm(double x)
{
    int exponent;
    double m = frexp(x, &exponent); /* exact */
    if (m < 0.70710678118654752) {
        m *= 2;
        exponent--;
    }
    const double s = (m - 1) / (m + 1), square = s * s; /* square < 0.03 */
    double sum = 0;
    for (int k = 27; k >= 1; k -= 2)
        sum = sum * square + 1.0 / k;
    return exponent * LN2 + 2 * s * sum;
}

/* e^x: x = n ln 2 + r, |r| <= ln 2 / 2, by Taylor's series of e^r. */
static double exponential(double x)
{
    const double n = floor(x / LN2 + 0.5), r = x - n * LN2;
    double sum = 1;
    for (int k = 18; k >= 1; k--)
        sum = 1 + sum * r / k;
    return ldexp(sum, (int)n);
}

double spaced_geometric(double a, double b, size_t i, size_t count)
{
    char text[32];
    if (i == 0)
        return a;
    if (i == count - 1)
        return b;
    const double from = logarithm(a), to = logarithm(b);
    snprintf(text, sizeof text, "%.6g", exponential(from + (to - from) * (double)i / (double)(count - 1)));
    return strtod(text, NULL);
}
