/*
 * batchnorm_judged.h - what runs that differ in their seed alone come to: what became of them, how accurate they are at
 * their end, and how far they are from the net without a norm at the same rate.
 *
 * No run is left out: one that diverged has the accuracy of chance.  A run's outcome is judged by the T of its block's
 * claims (batchnorm_evidence.h), also of norms that no claim speaks of; a block without either net of the claims has no
 * T, unless --trained says one, and its runs no outcome.
 */
#ifndef DLEXP_BATCHNORM_JUDGED_H
#define DLEXP_BATCHNORM_JUDGED_H

#include <assert.h>

#include "batchnorm_claims.h"
#include "batchnorm_rows.h"
#include "dlexp/statistics/order.h"

/* Final accuracies, %. */
struct judged_accuracy {
    double mean, half_width; /* of its interval by Student's t at --level; nan: one run, or no spread */
    double median;
    struct order_interval order; /* of the median, at --level */
    double interquartile_mean;
};

/* Final test accuracies less those of the net without a norm, same rate and seed, points. */
struct judged_difference {
    size_t n;                /* seeds that both nets have */
    double mean, half_width; /* Student's t at `level`; nan: none */
    double level;            /* 1 - (1 - --level) / m: all m rates that the norm shares with none hold together */
};

struct judged {
    size_t runs, outcomes[EVIDENCE_OUTCOMES]; /* EVIDENCE_MISSING: without outcome */
    double trained_low, trained_high;         /* share of trained runs by Clopper & Pearson, %; nan: no outcomes */
    struct judged_accuracy selection, test;
    struct judged_difference difference;
};

/* judged_make_verdicts - report->verdicts, of every row, those of refined rates among them. */
int judged_make_verdicts(struct batchnorm *report, struct error *err);

/* judged_selection, judged_test - a row's final accuracy, %: on the split that selects, on the test set. */
double judged_selection(const struct batchnorm *report, const struct report_row *row);
double judged_test(const struct batchnorm *report, const struct report_row *row);

/* judged_of - of the rows [first, end).  judged_difference_of - less the rows [none, none_end), both by ascending seed;
 * rates: m. */
struct judged judged_of(const struct batchnorm *report, size_t first, size_t end);
struct judged_difference judged_difference_of(const struct batchnorm *report, size_t first, size_t end, size_t none,
                                              size_t none_end, size_t rates);

/* The columns that groups.csv has of it, up to a NULL name, and their cells. */
enum { JUDGED_COLUMNS = 29 };
static_assert((int)JUDGED_COLUMNS == (int)REPORT_JUDGED_COLUMNS, "the report has room for them");
extern const struct frame_column judged_columns[JUDGED_COLUMNS + 1];
void judged_fill(const struct batchnorm *report, const struct report_row *row, const struct judged *judged,
                 struct frame *frame);

/* judged_outcome_name - of a row; NULL: it has none.  judged_fill_outcome - `outcome` and `steps_to_target`, which is
 * empty where the row never got there. */
const char *judged_outcome_name(const struct batchnorm *report, const struct report_row *row);
void judged_fill_outcome(const struct batchnorm *report, const struct report_row *row, struct frame *frame);

#endif
