/* How many more runs; see batchnorm_more.h. */
#include "batchnorm_more.h"

#include <assert.h>
#include <math.h>

#include "dlexp/base/spaced.h"
#include "dlexp/statistics/sample_size.h"
#include "dlexp/statistics/student.h"

struct more_width more_width_of(double deviation, size_t first, double half_width, double level, size_t most)
{
    assert(first >= 2 && most >= first && half_width > 0);
    assert(isfinite(deviation));
    struct more_width width = {.first = first, .deviation = deviation};
    width.wanted = sample_size_width(half_width, deviation, first, level);
    width.capped = width.wanted == 0 || width.wanted > most;
    width.seeds = width.capped ? most : width.wanted;
    width.half_width = student_critical(level, (double)(first - 1)) * deviation / sqrt((double)width.seeds);
    return width;
}

struct more_step more_step_of(const bool *decided, size_t first, size_t seeds, size_t batch, size_t most)
{
    assert(first <= seeds && batch >= 1 && first <= most);
    for (size_t n = first; n <= seeds && n <= most; n++)
        if (decided[n - first])
            return (struct more_step){.seeds = n, .enough = true, .decided = true};
    if (seeds >= most)
        return (struct more_step){.seeds = most, .enough = true};
    return (struct more_step){.seeds = batch < most - seeds ? seeds + batch : most};
}

size_t more_batch(size_t jobs, size_t runs)
{
    return jobs > runs && runs > 0 ? (jobs + runs - 1) / runs : 1;
}

double more_middle(double trained, double next)
{
    if (!(trained > 0) || !isfinite(next))
        return 0;
    const double middle = spaced_geometric(trained, next, 1, 3);
    return trained < middle && middle < next ? middle : 0;
}
