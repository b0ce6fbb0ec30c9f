/*
 * sparse.h - the non-zero pixels of a data set, for a first layer that skips the rest.
 */
#ifndef DLEXP_SPARSE_H
#define DLEXP_SPARSE_H

#include <stddef.h>
#include <stdint.h>

#include "dlexp/error.h"
#include "dlexp/kernels.h"
#include "dlexp/memory.h"

/* Of N images: entries pixel << 8 | byte (kernels.h), image by image, each image's ended by SPARSE_END. */
struct sparse {
    uint32_t *entries;
    size_t *first; /* (N) index of each image's first entry */
};

/* sparse_make - of images (count, pixels); pixels <= SPARSE_INDEX_MAX.  The caller frees with sparse_free, also after a
 * failure. */
int sparse_make(struct sparse *sparse, const uint8_t *images, size_t count, size_t pixels, struct error *err);
void sparse_free(struct sparse *sparse);

/* sparse_batch_layout - place a batch's arrays for at most `rows` images of `pixels` pixels. */
void sparse_batch_layout(struct sparse_batch *batch, size_t rows, size_t pixels, struct memory *memory);

/*
 * sparse_batch_gather - the rows images[0..rows) of the data set; with `columns` the batch's transpose as well, which
 * the weight gradient needs.  The rows point into `sparse`.
 */
void sparse_batch_gather(struct sparse_batch *batch, const struct sparse *sparse, const uint32_t *images, size_t rows,
                         bool columns);

#endif
