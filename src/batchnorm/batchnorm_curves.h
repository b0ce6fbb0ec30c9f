/*
 * batchnorm_curves.h - curves.csv: what the figures of accuracies and losses draw, a curve for each norm and rate.
 *
 * Rows without a seed are the curve: the mean over the runs that reached the last epoch of all, with the lowest and the
 * highest of them.  A run that stopped before (it diverged) is never averaged in: it has rows of its own, with its
 * seed, the last of them marked.
 */
#ifndef DLEXP_BATCHNORM_CURVES_H
#define DLEXP_BATCHNORM_CURVES_H

#include "batchnorm_groups.h"

const struct frame_column *curves_columns(const void *batchnorm);
void curves_fill(const void *batchnorm, struct frame *frame);

#endif
