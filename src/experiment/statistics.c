#include "dlexp/statistics.h"

#include <assert.h>
#include <math.h>

/* P(|T| <= t), by the finite series of Abramowitz & Stegun 26.7.3 and 26.7.4 for integer degrees of freedom. */
static double t_probability(double t, size_t freedom)
{
    const double theta = atan2(t, sqrt((double)freedom)), s = sin(theta), c = cos(theta);
    double term, sum;
    if (freedom == 1)
        return 2 * theta / 3.14159265358979323846;
    if (freedom % 2 == 1) {
        term = sum = c;
        for (size_t k = 3; k + 2 <= freedom; k += 2) {
            term *= c * c * (double)(k - 1) / (double)k;
            sum += term;
        }
        return 2 / 3.14159265358979323846 * (theta + s * sum);
    }
    term = sum = 1;
    for (size_t k = 2; k + 2 <= freedom; k += 2) {
        term *= c * c * (double)(k - 1) / (double)k;
        sum += term;
    }
    return s * sum;
}

double statistics_t95(size_t freedom)
{
    assert(freedom >= 1);
    double low = 1.9, high = 13; /* t is 12.7062 for one degree of freedom and falls to 1.95996 */
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (t_probability(middle, freedom) < 0.95)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

struct statistics statistics_of(const double *values, size_t count)
{
    double sum = 0, squares = 0;
    assert(count >= 1);
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    const double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    struct statistics result = {count, mean, NAN, NAN};
    if (count > 1) {
        result.deviation = sqrt(squares / (double)(count - 1));
        result.half_width = statistics_t95(count - 1) * result.deviation / sqrt((double)count);
    }
    return result;
}
