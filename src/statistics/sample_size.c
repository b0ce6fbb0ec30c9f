/* sample_size.c - see sample_size.h. */
#include "dlexp/statistics/sample_size.h"

#include "dlexp/statistics/chi_square.h"
#include "dlexp/statistics/student.h"

#include <assert.h>
#include <math.h>

double sample_size_power(double effect, size_t n, double level)
{
    assert(n >= 2);
    const double freedom = (double)(n - 1), critical = student_critical(level, freedom);
    const double shift = fabs(effect) * sqrt((double)n);
    /* The upper tail is the lower one of the mirrored law. */
    return student_noncentral_cdf(-critical, freedom, -shift) + student_noncentral_cdf(-critical, freedom, shift);
}

size_t sample_size_seeds(double margin, double deviation, size_t seeds, double level)
{
    assert(margin > 0 && deviation >= 0 && seeds >= 2);
    const double effect = margin / chi_square_deviation_limit(deviation, (double)(seeds - 1), 0.8);
    size_t below = 1, enough = 2;
    while (sample_size_power(effect, enough, level) < 0.8) {
        if (enough >= SAMPLE_SIZE_MAX)
            return 0;
        below = enough;
        enough = enough < SAMPLE_SIZE_MAX / 2 ? 2 * enough : SAMPLE_SIZE_MAX;
    }
    while (enough - below > 1) {
        const size_t middle = below + (enough - below) / 2;
        if (sample_size_power(effect, middle, level) < 0.8)
            below = middle;
        else
            enough = middle;
    }
    return enough;
}

size_t sample_size_width(double half_width, double deviation, size_t first, double level)
{
    assert(half_width > 0 && deviation >= 0 && first >= 2);
    const double ratio = student_critical(level, (double)(first - 1)) * deviation / half_width;
    const double least = fmax((double)first, ceil(ratio * ratio));
    return least <= SAMPLE_SIZE_MAX ? (size_t)least : 0;
}
