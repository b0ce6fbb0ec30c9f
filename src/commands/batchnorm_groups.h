/*
 * batchnorm_groups.h - what is read off one run's epochs, and averaged over the runs that differ in their seed alone.
 */
#ifndef DLEXP_BATCHNORM_GROUPS_H
#define DLEXP_BATCHNORM_GROUPS_H

#include "batchnorm_report.h"
#include "dlexp/statistics.h"

/* The last epoch, the first of those with the best test accuracy; NULL if none was evaluated. */
const double *report_last_epoch(const struct report_row *row);
const double *report_best_epoch(const struct report_row *row);

/* What is averaged: a number of each run, nan to leave the run out. */
typedef double report_measure_fn(const struct report_row *row, size_t column, size_t epoch);

/* The column at an epoch. */
double report_epoch_cell(const struct report_row *row, size_t column, size_t epoch);

/* The same averaged over epochs 1 to `epoch`: what the notebook took for an epoch's accuracy. */
double report_cumulative_cell(const struct report_row *row, size_t column, size_t epoch);

/* The column at the last, at the best epoch of a run that did not diverge. */
double report_final_cell(const struct report_row *row, size_t column, size_t epoch);
double report_best_cell(const struct report_row *row, size_t column, size_t epoch);

/* Where the rows end that have norm and lr of rows[first]: they stand together. */
size_t report_group_end(const struct batchnorm *report, size_t first);

/* Mean and interval over rows [first, end); count 0 if no run has the number. */
struct statistics report_group_statistics(const struct batchnorm *report, size_t first, size_t end,
                                          report_measure_fn *measure, size_t column, size_t epoch);

#endif
