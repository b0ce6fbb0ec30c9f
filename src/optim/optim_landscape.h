/*
 * optim_landscape.h - the functions themselves, for the figures: landscape.csv, minima.csv, cuts.csv.
 *
 * landscape: each function on a grid.  cuts: each function along x and along y through its first minimum, over the same
 * grid.
 */
#ifndef DLEXP_OPTIM_LANDSCAPE_H
#define DLEXP_OPTIM_LANDSCAPE_H

#include "optim_results.h"

/* Their context is the results. */
extern const struct frame_column optim_landscape_columns[], optim_landscape_minima_columns[],
    optim_landscape_cuts_columns[];
void optim_landscape_fill(const void *context, struct frame *frame);
void optim_landscape_fill_minima(const void *context, struct frame *frame);
void optim_landscape_fill_cuts(const void *context, struct frame *frame);

#endif
