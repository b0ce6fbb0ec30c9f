/* anytime.c - see anytime.h. */
#include "dlexp/statistics/anytime.h"

#include "dlexp/statistics/beta.h"

#include <assert.h>
#include <math.h>

double anytime_half_width(size_t n, double deviation, double level)
{
    const double g = 1, count = (double)n, alpha = 1 - level, spread = 1 + count * g;
    assert(n >= 1 && level > 0 && level < 1);
    const double rise = expm1((log(spread) - 2 * log(alpha)) / count); /* r - 1 */
    if (!(rise < count * g))
        return (double)NAN;
    return deviation * sqrt((count - 1) * rise / (count * (1 - (1 + rise) / spread)));
}

double anytime_sign_log_evidence(size_t wins, size_t n)
{
    assert(wins <= n);
    /* (n + 1) C(n, k) = 1 / B(k + 1, n - k + 1) */
    return (double)n * 0.69314718055994530942 + beta_log((double)wins + 1, (double)(n - wins) + 1);
}

bool anytime_sign_decides(size_t wins, size_t n, double level)
{
    assert(level > 0 && level < 1);
    return anytime_sign_log_evidence(wins, n) >= -log(1 - level);
}

size_t anytime_order_rank(size_t n, double level)
{
    size_t low = 0,
           high = n / 2; /* the rank lies between them: the evidence falls with the wins, and is none at half */
    while (low < high) {
        const size_t middle = high - (high - low) / 2;
        if (anytime_sign_decides(middle - 1, n, level))
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}
