/* statistics.c - see statistics.h. */
#include "dlexp/statistics/statistics.h"

#include "dlexp/statistics/order.h"
#include "dlexp/statistics/student.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

double statistics_t95(size_t freedom)
{
    assert(freedom >= 1);
    return student_critical(0.95, (double)freedom);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double statistics_median(double *values, size_t count)
{
    assert(count >= 1);
    qsort(values, count, sizeof *values, compare);
    return order_median(values, count);
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

/*
 * Move the values < pivot (or <= pivot) of values[first, end) to its front; returns their end.  No branch on the data:
 * it would be mispredicted half of the time.
 */
static size_t partition(double *values, size_t first, size_t end, double pivot, int or_equal)
{
    size_t front = first;
    for (size_t i = first; i < end; i++) {
        const double value = values[i];
        values[i] = values[front];
        values[front] = value;
        front += or_equal ? value <= pivot : value < pivot;
    }
    return front;
}

static void sort_few(double *values, size_t first, size_t end)
{
    for (size_t i = first + 1; i < end; i++) {
        const double value = values[i];
        size_t j = i;
        for (; j > first && values[j - 1] > value; j--)
            values[j] = values[j - 1];
        values[j] = value;
    }
}

/*
 * Put into their sorted places those of values[first, end) that belong to the ascending ranks[0, count).  The pivot
 * is the median of three at random places, so that no order of the values is a slow one; the sequence is the same in
 * every call.
 */
static void select_ranks(double *values, size_t first, size_t end, const size_t *ranks, size_t count, uint64_t *state)
{
    while (count > 0) {
        double pivot[3];
        if (end - first <= 24) {
            sort_few(values, first, end);
            return;
        }
        for (int i = 0; i < 3; i++) {
            *state = *state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
            pivot[i] = values[first + (size_t)((*state >> 32) % (end - first))];
        }
        sort_few(pivot, 0, 3);
        const size_t below = partition(values, first, end, pivot[1], 0);
        const size_t above = partition(values, below, end, pivot[1], 1); /* [below, above) are equal to the pivot */
        size_t left = 0, right;
        while (left < count && ranks[left] < below)
            left++;
        for (right = left; right < count && ranks[right] < above;)
            right++;
        select_ranks(values, first, below, ranks, left, state);
        first = above;
        ranks += right;
        count -= right;
    }
}

void statistics_quantiles(double *values, size_t count, const double *probabilities, size_t quantile_count,
                          double *quantiles)
{
    size_t ranks[2 * STATISTICS_QUANTILES_MAX] = {0}, rank_count = 0;
    uint64_t state = 1;
    assert(count >= 1 && quantile_count <= STATISTICS_QUANTILES_MAX);
    for (size_t k = 0; k < quantile_count; k++) {
        assert(probabilities[k] >= 0 && probabilities[k] <= 1 && (k == 0 || probabilities[k] >= probabilities[k - 1]));
        const size_t rank = (size_t)((double)(count - 1) * probabilities[k]);
        for (size_t r = rank; r <= rank + 1 && r < count; r++)
            if (rank_count == 0 || r > ranks[rank_count - 1])
                ranks[rank_count++] = r;
    }
    select_ranks(values, 0, count, ranks, rank_count, &state);
    for (size_t k = 0; k < quantile_count; k++) {
        const double place = (double)(count - 1) * probabilities[k];
        const size_t rank = (size_t)place;
        const double part = place - (double)rank;
        quantiles[k] = values[rank];
        if (part > 0)
            quantiles[k] += (values[rank + 1] - values[rank]) * part;
    }
}
