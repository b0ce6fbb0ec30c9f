/* ending.c - see ending.h. */
#include "dlexp/optim/ending.h"

#include <math.h>

#include "dlexp/optim/descent.h"

const char *ending_name(enum ending_kind kind)
{
    static const char *const names[] = {[ENDING_UNTOLD] = NULL,
                                        [ENDING_CONVERGING] = "converging",
                                        [ENDING_LIMIT_CYCLE] = "limit_cycle",
                                        [ENDING_OSCILLATING] = "oscillating",
                                        [ENDING_RISING] = "rising",
                                        [ENDING_DIVERGED] = "diverged"};
    return names[kind];
}

/* Rows first .. last of a trajectory. */
struct part {
    const double *cells;
    size_t first, last;
};

static const double *row(const struct part *part, size_t k)
{
    return part->cells + k * DESCENT_COLUMNS;
}

static void objective_range(const struct part *part, double minimum, double *low, double *high)
{
    *low = *high = row(part, part->first)[DESCENT_OBJECTIVE] - minimum;
    for (size_t k = part->first + 1; k <= part->last; k++) {
        const double e = row(part, k)[DESCENT_OBJECTIVE] - minimum;
        *low = fmin(*low, e);
        *high = fmax(*high, e);
    }
}

static bool rises(const struct part *part)
{
    for (size_t k = part->first + 1; k <= part->last; k++)
        if (row(part, k)[DESCENT_OBJECTIVE] > row(part, k - 1)[DESCENT_OBJECTIVE])
            return true;
    return false;
}

/* The extent of its points, and the size of their coordinates. */
static void point_range(const struct part *part, double *extent, double *size)
{
    *extent = *size = 0;
    for (size_t axis = DESCENT_X; axis <= DESCENT_Y; axis++) {
        double low = row(part, part->first)[axis], high = low;
        for (size_t k = part->first; k <= part->last; k++) {
            low = fmin(low, row(part, k)[axis]);
            high = fmax(high, row(part, k)[axis]);
        }
        *extent = fmax(*extent, high - low);
        *size = fmax(*size, fmax(fabs(low), fabs(high)));
    }
}

/* By how much points are missed a period later, at most; it looks no further than to the first that is over `limit`. */
static double missed(const struct part *part, size_t period, double limit)
{
    double most = 0;
    for (size_t k = part->last; k >= part->first + period && most <= limit; k--) {
        const double *now = row(part, k), *before = row(part, k - period);
        most = fmax(most, fmax(fabs(now[DESCENT_X] - before[DESCENT_X]), fabs(now[DESCENT_Y] - before[DESCENT_Y])));
    }
    return most;
}

/* The period of the limit cycle, 0 if it is none. */
static size_t find_period(const struct part *third, const struct part *fourth)
{
    const struct part start = {third->cells, 0, 0};
    double extent, size, nothing, start_size;
    point_range(fourth, &extent, &size);
    point_range(&start, &nothing, &start_size);
    if (!(extent > ENDING_EXTENT * fmax(size, start_size)))
        return 0;
    for (size_t period = 2; period <= (fourth->last - fourth->first) / 4; period++) {
        const double limit = ENDING_RETURN * extent, now = missed(fourth, period, limit);
        if (!(now <= limit))
            continue;
        if (now <= ENDING_ROUNDING * size || now <= missed(third, period, INFINITY) / 10)
            return period;
    }
    return 0;
}

struct ending ending_of(const double *cells, size_t rows, double minimum, bool diverged, double modulus)
{
    struct ending ending = {.height = (double)NAN};
    if (diverged || rows < ENDING_ROWS_MIN) {
        ending.kind = diverged ? ENDING_DIVERGED : ENDING_UNTOLD;
        return ending;
    }
    const struct part whole = {cells, 0, rows - 1}, half = {cells, rows / 2, rows - 1},
                      third = {cells, rows / 2, rows / 2 + rows / 4 - 1},
                      fourth = {cells, rows / 2 + rows / 4, rows - 1};
    double low, half_low, high, highest, before;
    objective_range(&whole, minimum, &low, &highest);
    objective_range(&half, minimum, &half_low, &high);
    objective_range(&third, minimum, &low, &before);
    objective_range(&fourth, minimum, &low, &ending.height);
    if (half_low > 0 && ending.height >= ENDING_HEIGHT * before && !(modulus < 1 - ENDING_ROUNDING))
        ending.period = find_period(&third, &fourth);
    if (ending.period > 0)
        ending.kind = ENDING_LIMIT_CYCLE;
    else if (ending.height <= before / 2 || ending.height <= ENDING_FLOOR * highest || !rises(&half))
        ending.kind = ENDING_CONVERGING;
    else
        ending.kind = ending.height > 2 * before ? ENDING_RISING : ENDING_OSCILLATING;
    return ending;
}
