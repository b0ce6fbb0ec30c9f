/* best_of.c - see best_of.h. */
#include "dlexp/statistics/best_of.h"

#include <assert.h>

double best_of(const double *ascending, size_t count, size_t b)
{
    assert(b >= 1 && b <= count);
    double sum = 0, weight = (double)b / (double)count; /* of the largest: C(count - 1, b - 1) / C(count, b) */
    for (size_t i = count; i >= b; i--) {
        sum += weight * ascending[i - 1];
        if (i > b)
            weight *= (double)(i - b) / (double)(i - 1);
    }
    return sum;
}
