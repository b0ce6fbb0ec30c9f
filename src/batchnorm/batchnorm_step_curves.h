/*
 * batchnorm_step_curves.h - step_curves.csv: batch losses as a curve that can be read, a mean over blocks of steps.
 *
 * A run's planned steps are cut into 100 blocks (fewer where there are fewer steps).  A row is one block of a norm and
 * rate: its first and last step, and over the runs that have all of its steps the mean, lowest and highest of their
 * mean losses.  All batch losses count, whatever --log-every says; a run that diverged has the blocks before.
 */
#ifndef DLEXP_BATCHNORM_STEP_CURVES_H
#define DLEXP_BATCHNORM_STEP_CURVES_H

#include "batchnorm_groups.h"

extern const struct frame_column step_curves_columns[];
void step_curves_fill(const void *batchnorm, struct frame *frame);

#endif
