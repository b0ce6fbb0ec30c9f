/*
 * batchnorm_layers.h - layers.csv: what the hidden layers do (--layers), a row for each epoch and layer of each run;
 * and layer_curves.csv, which the figure of it draws: the means over seeds, of the runs that reached the last epoch of
 * all.
 */
#ifndef DLEXP_BATCHNORM_LAYERS_H
#define DLEXP_BATCHNORM_LAYERS_H

#include "batchnorm_groups.h"

bool layers_wanted(const void *batchnorm);

const struct frame_column *layers_columns(const void *batchnorm);
void layers_fill(const void *batchnorm, struct frame *frame);

const struct frame_column *layers_curve_columns(const void *batchnorm);
void layers_fill_curves(const void *batchnorm, struct frame *frame);

#endif
