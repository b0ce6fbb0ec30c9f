/*
 * pixels.h - batches of images as bytes, for a first layer that skips the zeros (struct pixel_batch, kernels.h).
 */
#ifndef DLEXP_PIXELS_H
#define DLEXP_PIXELS_H

#include <stddef.h>
#include <stdint.h>

#include "dlexp/base/memory.h"
#include "dlexp/kernels/kernels.h"

/* pixel_batch_layout - place a batch's arrays for at most `rows` images of `pixels` pixels. */
void pixel_batch_layout(struct pixel_batch *batch, size_t rows, size_t pixels, struct memory *memory);

/*
 * pixel_batch_gather - the images chosen[0..rows) of `images` (N, pixels), behind which PIXELS_SLACK bytes must be
 * readable; the batch's rows point into it.
 *
 * next: the next_rows images of the batch to come, which pixel_update asks memory for; none if unknown.  transposed:
 * the batch's transpose as well, which the weight gradient needs.
 */
void pixel_batch_gather(struct pixel_batch *batch, const struct kernels *kernels, const uint8_t *images,
                        const uint32_t *chosen, size_t rows, const uint32_t *next, size_t next_rows, bool transposed);

#endif
