/*
 * batchnorm_groups.h - what is read off one run's epochs, and averaged over the runs that differ in their seed alone.
 *
 * In the notebook protocol an epoch's accuracies are averages over the epochs 1 to k; see report_own_accuracy.
 */
#ifndef DLEXP_BATCHNORM_GROUPS_H
#define DLEXP_BATCHNORM_GROUPS_H

#include <assert.h>

#include "batchnorm_judged.h"
#include "batchnorm_rows.h"
#include "dlexp/statistics/statistics.h"

/* What is averaged: a number of each run, nan to leave the run out. */
typedef double report_measure_fn(const struct report_row *row, size_t column, size_t epoch);

/* The column at an epoch. */
double report_epoch_cell(const struct report_row *row, size_t column, size_t epoch);

/* The same averaged over epochs 1 to `epoch`: what the notebook took for an epoch's accuracy. */
double report_cumulative_cell(const struct report_row *row, size_t column, size_t epoch);

/* The reverse: an epoch's own accuracy from the averages A over epochs 1 to k = `epoch`: k A_k - (k - 1) A_(k - 1). */
double report_own_cell(const struct report_row *row, size_t column, size_t epoch);

/* The column at the last epoch, by itself (report_own_cell) at the last, of a run that did not diverge; such a run's
 * test accuracy at its best epoch (report_best_test_percent); the accuracy that selects, at an epoch. */
double report_final_cell(const struct report_row *row, size_t column, size_t epoch);
double report_final_own_cell(const struct report_row *row, size_t column, size_t epoch);
double report_best_cell(const struct report_row *row, size_t column, size_t epoch);
double report_selection_cell(const struct report_row *row, size_t column, size_t epoch);

/* The numbers shown of a group. */
enum { SHOWN_TRAIN_LOSS, SHOWN_TRAIN_ACCURACY, SHOWN_FIRST, SHOWN_END, SHOWN_OWN, SHOWN_BEST, SHOWN_COUNT };
static_assert((int)SHOWN_COUNT == (int)REPORT_SHOWN, "the report has room for each");

/* The runs of one norm and rate. */
struct report_group {
    size_t first, end; /* rows [first, end) of the report, by seed */
    size_t diverged;
    struct statistics shown[SHOWN_COUNT]; /* count 0 if no run has the number */
    bool published;                       /* the homework printed epochs of such runs: rows of published.csv */
    double published_best;                /* its best test accuracy; nan if these runs cannot be held against it */
    struct judged judged;                 /* report_judge_groups */
};

/* report_make_groups - from the sorted rows, and group_columns; published numbers apart. */
int report_make_groups(struct batchnorm *report, struct error *err);

/* report_judge_groups - `judged` of each group, once there are claims and verdicts. */
void report_judge_groups(struct batchnorm *report);

/* report_net_end - where the groups of the same block and norm as the group `first` end. */
size_t report_net_end(const struct batchnorm *report, size_t first);

/* groups.csv, and what the screen shows of it: a norm and rate of a block. */
#define REPORT_GROUP_KEYS                                                                                              \
    {                                                                                                                  \
        .count = 2, .without = "seed"                                                                                  \
    }
const struct frame_column *report_group_columns(const void *batchnorm);
void report_fill_groups(const void *batchnorm, struct frame *frame);

/* report_gather - puts what the group's runs have of it into the report's scratch; returns how many numbers there are.
 */
size_t report_gather(const struct batchnorm *report, const struct report_group *group, report_measure_fn *measure,
                     size_t column, size_t epoch);

/* report_group_mean - of what the group's runs have of it; nan if none has. */
double report_group_mean(const struct batchnorm *report, const struct report_group *group, report_measure_fn *measure,
                         size_t column, size_t epoch);

#endif
