/*
 * batchnorm_confusion.h - confusion.csv: what a net takes the test images of each class for.
 *
 * A row for each class and what its images are named as, of each net at its own best rate (batchnorm_disagreement.h):
 * images, the mean over its trained runs; percent, of the class's images.  A net of which some such run was stored
 * without it (train_confusion.h) has no rows; --bits trains these again.
 */
#ifndef DLEXP_BATCHNORM_CONFUSION_H
#define DLEXP_BATCHNORM_CONFUSION_H

#include "batchnorm_groups.h"

extern const struct frame_column confusion_columns[];
void confusion_fill(const void *batchnorm, struct frame *frame);
bool confusion_wanted(const void *batchnorm); /* some net has rows */

#endif
