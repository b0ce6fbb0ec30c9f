/* order.c - see order.h. */
#include "dlexp/statistics/order.h"

#include "dlexp/statistics/binomial.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void order_sort(double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert(!isnan(values[i]));
    if (count > 0)
        qsort(values, count, sizeof *values, compare);
}

double order_median(const double *ascending, size_t count)
{
    assert(count >= 1);
    const double low = ascending[(count - 1) / 2], high = ascending[count / 2], sum = low + high;
    return isfinite(low) && isfinite(high) && isinf(sum) ? low / 2 + high / 2 : sum / 2;
}

double order_interquartile_mean(const double *ascending, size_t count)
{
    const size_t dropped = count / 4;
    double sum = 0;
    assert(count >= 1);
    for (size_t i = dropped; i < count - dropped; i++)
        sum += ascending[i];
    return sum / (double)(count - 2 * dropped);
}

size_t order_rank(size_t count, double level)
{
    size_t low = 0, high = count / 2; /* the rank lies between them: the tail grows with it, and is 1/2 or more after */
    assert(level > 0 && level < 1);
    while (low < high) {
        const size_t middle = high - (high - low) / 2;
        if (2 * binomial_half_lower(middle - 1, count) <= 1 - level)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

struct order_interval order_interval_of(const double *ascending, size_t count, double level)
{
    const size_t rank = order_rank(count, level);
    if (rank == 0)
        return (struct order_interval){0, (double)NAN, (double)NAN, (double)NAN};
    return (struct order_interval){rank, ascending[rank - 1], ascending[count - rank],
                                   1 - 2 * binomial_half_lower(rank - 1, count)};
}
