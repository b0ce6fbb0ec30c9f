/* binomial.c - see binomial.h. */
#include "dlexp/statistics/binomial.h"

#include "dlexp/statistics/beta.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>

double binomial_lower(size_t k, size_t n, double p)
{
    assert(p >= 0 && p <= 1);
    return k >= n ? 1 : beta_cdf((double)(n - k), (double)k + 1, 1 - p, p);
}

double binomial_upper(size_t k, size_t n, double p)
{
    assert(p >= 0 && p <= 1);
    if (k == 0 || k > n)
        return k == 0;
    return beta_cdf((double)k, (double)(n - k) + 1, p, 1 - p);
}

double binomial_half_lower(size_t k, size_t n)
{
    uint64_t ways = 1, sum = 1; /* n over i, and the sum of those up to it: at most 2^52, and ways (n - i) below 2^58 */
    if (k >= n || n > 52)
        return binomial_lower(k, n, 0.5);
    for (size_t i = 0; i < k; i++) {
        ways = ways * (n - i) / (i + 1);
        sum += ways;
    }
    return ldexp((double)sum, -(int)n);
}

void binomial_interval(size_t k, size_t n, double level, double *low, double *high)
{
    const double tail = (1 - level) / 2;
    assert(n >= 1 && k <= n && level > 0 && level < 1);
    *low = k == 0 ? 0 : beta_quantile((double)k, (double)(n - k) + 1, tail);
    /* The share of the others has the mirrored interval, and its small end keeps the digits. */
    *high = k == n ? 1 : 1 - beta_quantile((double)(n - k), (double)k + 1, tail);
}
