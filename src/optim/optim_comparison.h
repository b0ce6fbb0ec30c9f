/*
 * optim_comparison.h - part (c) of the homework: is an optimizer the same on f1 and on f2, which is f1 turned?
 */
#ifndef DLEXP_OPTIM_COMPARISON_H
#define DLEXP_OPTIM_COMPARISON_H

#include "optim_results.h"

/* optim_comparison_exists - whether any optimizer ran on both; optim_comparison_columns, optim_comparison_fill -
 * comparison.csv. */
bool optim_comparison_exists(const void *context);
extern const struct frame_column optim_comparison_columns[];
void optim_comparison_fill(const void *context, struct frame *frame);
int optim_comparison_show(const struct optim_results *report, FILE *out, struct error *err);

/* Its rows are of two runs, on f1 and on f2. */
#define OPTIM_COMPARISON_KEYS                                                                                          \
    {                                                                                                                  \
        .count = 2, .without = "fn eigen angle"                                                                        \
    }

#endif
