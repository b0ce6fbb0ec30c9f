/* sample_size.c - see sample_size.h. */
#include "dlexp/statistics/sample_size.h"

#include "dlexp/statistics/binomial.h"
#include "dlexp/statistics/chi_square.h"
#include "dlexp/statistics/order.h"
#include "dlexp/statistics/student.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

double sample_size_power(double effect, size_t n, double level)
{
    assert(n >= 2);
    const double freedom = (double)(n - 1), critical = student_critical(level, freedom);
    const double shift = fabs(effect) * sqrt((double)n);
    /* The upper tail is the lower one of the mirrored law. */
    return student_noncentral_cdf(-critical, freedom, -shift) + student_noncentral_cdf(-critical, freedom, shift);
}

/* The least n that is enough, found by doubling and halving; 0: more than `most`. */
static size_t least(bool (*enough)(size_t n, double effect, double level), double effect, double level, size_t most)
{
    size_t below = 1, n = 2;
    while (!enough(n, effect, level)) {
        if (n >= most)
            return 0;
        below = n;
        n = n < most / 2 ? 2 * n : most;
    }
    while (n - below > 1) {
        const size_t middle = below + (n - below) / 2;
        if (enough(middle, effect, level))
            n = middle;
        else
            below = middle;
    }
    return n;
}

static bool mean_is_seen(size_t n, double effect, double level)
{
    return sample_size_power(effect, n, level) >= 0.8;
}

size_t sample_size_seeds(double margin, double deviation, size_t seeds, double level)
{
    assert(margin > 0 && deviation >= 0 && seeds >= 2);
    const double effect = margin / chi_square_deviation_limit(deviation, (double)(seeds - 1), 0.8);
    return least(mean_is_seen, effect, level, SAMPLE_SIZE_MAX);
}

/* rank: order_rank(n, level), so that fewer losses, or wins, reject. */
static bool rank_is_seen(size_t rank, size_t n, double share)
{
    return rank > 0 && binomial_lower(rank - 1, n, 1 - share) + binomial_lower(rank - 1, n, share) >= 0.8;
}

static bool share_is_seen(size_t n, double share, double level)
{
    return rank_is_seen(order_rank(n, level), n, share);
}

/*
 * The power is a saw, as ranks are whole numbers: halving finds the edge of one of its teeth, and the least n lies
 * before it.  A tooth moves the critical number of wins by less than 1, 2 / sqrt(n) deviations.  The shift, some
 * (2 share - 1) sqrt(n) deviations and 2 or more where the power is 80 %, makes that good within 2 sqrt(n) pairs.
 */
size_t sample_size_sign(double share, double level)
{
    assert(share > 0.5 && share <= 1);
    size_t found = least(share_is_seen, share, level, SAMPLE_SIZE_SIGN_MAX);
    const size_t back = (size_t)(4 * sqrt((double)found)) + 10;
    size_t rank = found > 0 ? order_rank(found, level) : 0;
    for (size_t n = found; n > 2 && found - n < back;) {
        n--;
        /* With one pair less the rank is the same, or one less. */
        if (rank > 0 && 2 * binomial_half_lower(rank - 1, n) > 1 - level)
            rank--;
        if (rank_is_seen(rank, n, share))
            found = n;
    }
    return found;
}

size_t sample_size_width(double half_width, double deviation, size_t first, double level)
{
    assert(half_width > 0 && deviation >= 0 && first >= 2);
    const double ratio = student_critical(level, (double)(first - 1)) * deviation / half_width;
    const double least = fmax((double)first, ceil(ratio * ratio));
    return least <= SAMPLE_SIZE_MAX ? (size_t)least : 0;
}
