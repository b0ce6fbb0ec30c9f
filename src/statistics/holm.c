/* holm.c - see holm.h. */
#include "dlexp/statistics/holm.h"

#include <assert.h>
#include <math.h>

void holm_adjust(const double *p, double *adjusted, size_t count, size_t family)
{
    size_t tests = 0;
    for (size_t i = 0; i < count; i++) {
        size_t below = 0;
        for (size_t j = 0; j < count; j++)
            below += (size_t)(p[j] < p[i]);
        assert(isnan(p[i]) || below < family);
        tests += (size_t)!isnan(p[i]);
        adjusted[i] = isnan(p[i]) ? p[i] : fmin(1, (double)(family - below) * p[i]);
    }
    assert(tests <= family);
    /* The largest so far; one that is raised already is no more than what it is raised to here. */
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            if (p[j] <= p[i])
                adjusted[i] = fmax(adjusted[i], adjusted[j]);
}
