#include "batchnorm_groups.h"

#include <math.h>
#include <stdlib.h>

const double *report_last_epoch(const struct report_row *row)
{
    return row->epochs > 0 ? row->epoch[row->epochs - 1] : NULL;
}

const double *report_best_epoch(const struct report_row *row)
{
    const double *best = NULL;
    for (size_t k = 0; k < row->epochs; k++)
        if (!best || row->epoch[k][EPOCH_TEST_ACCURACY] > best[EPOCH_TEST_ACCURACY])
            best = row->epoch[k];
    return best;
}

size_t report_group_end(const struct batchnorm *report, size_t first)
{
    size_t end = first + 1;
    while (end < report->count && report->rows[end].norm == report->rows[first].norm &&
           report->rows[end].lr == report->rows[first].lr)
        end++;
    return end;
}

struct statistics report_group_statistics(const struct batchnorm *report, size_t first, size_t end,
                                          report_measure_fn *measure, size_t column, size_t epoch)
{
    struct statistics none = {0, NAN, NAN, NAN};
    double *values = malloc((end - first) * sizeof *values);
    size_t count = 0;
    for (size_t i = first; values && i < end; i++) {
        double value = measure(&report->rows[i], column, epoch);
        if (!isnan(value))
            values[count++] = value;
    }
    struct statistics result = count > 0 ? statistics_of(values, count) : none;
    free(values);
    return result;
}

double report_epoch_cell(const struct report_row *row, size_t column, size_t epoch)
{
    return epoch >= 1 && epoch <= row->epochs ? row->epoch[epoch - 1][column] : (double)NAN;
}

double report_cumulative_cell(const struct report_row *row, size_t column, size_t epoch)
{
    double sum = 0;
    if (epoch > row->epochs)
        return (double)NAN;
    for (size_t k = 0; k < epoch; k++)
        sum += row->epoch[k][column];
    return sum / (double)epoch;
}

double report_final_cell(const struct report_row *row, size_t column, size_t epoch)
{
    (void)epoch;
    const double *last = row->diverged ? NULL : report_last_epoch(row);
    return last ? last[column] : (double)NAN;
}

double report_best_cell(const struct report_row *row, size_t column, size_t epoch)
{
    (void)epoch;
    const double *best = row->diverged ? NULL : report_best_epoch(row);
    return best ? best[column] : (double)NAN;
}
