/* stirling.c - see stirling.h. */
#include "stirling.h"

#include <math.h>

double stirling_rest(double x)
{
    double rest = 0;
    /* Gamma(x + 1) = x Gamma(x) moves it to where the series gives all digits. */
    for (; x < 15; x += 1)
        rest += x * stirling_log(1 / x, (x + 1) / x) + log1p(1 / x) / 2;
    const double s = 1 / (x * x);
    /* B_2k / (2k (2k - 1) x^(2k-1)): DLMF 5.11.1. */
    const double series =
        1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s * (1.0 / 1188 - s * (691.0 / 360360)))));
    return rest + series / x;
}

double stirling_log(double excess, double ratio)
{
    if (!(fabs(excess) <= 0.5))
        return log(ratio) - excess;
    /* ln(1 + e) = 2 (s + s^3/3 + s^5/5 + ...), s = e / (2 + e), and 2 s - e = -e s. */
    const double s = excess / (2 + excess), square = s * s;
    double power = s * square, sum = 0;
    for (int k = 3; k < 60; k += 2) {
        const double before = sum;
        sum += power / k;
        if (sum == before)
            break;
        power *= square;
    }
    return 2 * sum - excess * s;
}
