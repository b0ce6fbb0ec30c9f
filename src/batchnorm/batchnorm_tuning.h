/*
 * batchnorm_tuning.h - tuning.csv: what a net is worth to someone who tries b of the grid's rates and seeds at random
 * and keeps the best: the expected best final accuracy (statistics/best_of.h), b = 1 .. half of the net's runs.
 *
 * The best is taken on the split that selects, and so is its accuracy; where that is the test set (selected_on), it is
 * optimistic.  A run that diverged counts as chance.
 */
#ifndef DLEXP_BATCHNORM_TUNING_H
#define DLEXP_BATCHNORM_TUNING_H

#include "batchnorm_groups.h"

/* Behind so many, b goes on by steps of 1 %: the table stays short, whatever the number of runs. */
enum { TUNING_TRIALS = 1000 };

extern const struct frame_column tuning_columns[];
void tuning_fill(const void *batchnorm, struct frame *frame);
bool tuning_wanted(const void *batchnorm); /* some net has two runs */

#endif
