/*
 * batchnorm_hardest.h - hardest.csv: the test images that a net gets wrong most often, and their pixels.
 *
 * Of each net at its own best rate (batchnorm_disagreement.h): the images in the order of how many of its trained runs
 * name them wrongly, of equals the smaller number first; 25 at most, none that all runs get right.
 */
#ifndef DLEXP_BATCHNORM_HARDEST_H
#define DLEXP_BATCHNORM_HARDEST_H

#include "batchnorm_groups.h"

extern const struct frame_column hardest_columns[];
void hardest_fill(const void *batchnorm, struct frame *frame);

/* hardest_pixels.csv - every pixel, 0 to 255, of each image that stands in hardest.csv, once, ascending. */
extern const struct frame_column hardest_pixels_columns[];
void hardest_fill_pixels(const void *batchnorm, struct frame *frame);

#endif
