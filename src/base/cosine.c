/* A cosine with the same bits everywhere: the power series in pairs of doubles. */
#include "dlexp/base/cosine.h"

#include <assert.h>

#include "dlexp/base/pair.h"

/* pi / 2 as a sum of three doubles, each the nearest to what is left. */
static const double half_pi[] = {0x1.921fb54442d18p0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110};

/*
 * 1 - s / (first (first + 1)) (1 - s / ((first + 2) (first + 3)) (1 - ...)), s the square of x, |x| <= pi / 4.
 * first = 1: cos x; first = 2: sin x / x.  The first term left out is below 2^-108.
 */
static struct pair series(struct pair square, int first)
{
    enum { TERMS = 15 };
    const struct pair one = {1, 0};
    struct pair sum = one;
    for (int i = TERMS - 1; i >= 0; i--) {
        const int n = first + 2 * i;
        const struct pair part = pair_quotient(pair_product(square, sum), n * (n + 1));
        sum = pair_sum(one, (struct pair){-part.high, -part.low});
    }
    return sum;
}

double cosine(double x)
{
    assert(x >= 0 && x <= 3.5);
    /* r = x - quarters pi / 2, |r| <= pi / 4 or little more; the first difference is exact. */
    const int quarters = x < half_pi[0] / 2 ? 0 : x <= half_pi[0] * 1.5 ? 1 : 2;
    const struct pair near = {x - quarters * half_pi[0], 0};
    const struct pair r = pair_sum(near, (struct pair){-quarters * half_pi[1], -quarters * half_pi[2]});
    const struct pair square = pair_product(r, r);
    if (quarters == 1)
        return -pair_product(r, series(square, 2)).high;
    return quarters == 0 ? series(square, 1).high : -series(square, 1).high;
}
