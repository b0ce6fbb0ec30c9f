#include "dlexp/net/pixels.h"

#include "dlexp/base/real.h"
#include "dlexp/data/idx.h"

_Static_assert((int)IDX_SLACK >= (int)PIXELS_SLACK, "kernels read so far behind the last image");

void pixel_batch_layout(struct pixel_batch *batch, size_t rows, size_t pixels, struct memory *memory)
{
    real *value = memory_take(memory, 256, sizeof *value);
    *batch = (struct pixel_batch){.columns = pixels, .pixels = pixels, .value = value};
    batch->row = memory_take(memory, rows, sizeof *batch->row);
    batch->next = memory_take(memory, rows, sizeof *batch->next);
    batch->sums = memory_take(memory, rows, PIXELS_PANEL * sizeof *batch->sums);
    const size_t images = rows < KERNELS_KC ? rows : KERNELS_KC, blocks = (rows + KERNELS_KC - 1) / KERNELS_KC;
    batch->stride = (images + PIXELS_SLACK - 1) / PIXELS_SLACK * PIXELS_SLACK;
    batch->block = memory_product(pixels, batch->stride);
    batch->transposed = memory_take(memory, memory_sum(memory_product(blocks, batch->block), batch->stride),
                                    1); /* a row more: a mask may be made of bytes behind the last */
    for (int byte = 0; value && byte < 256; byte++)
        value[byte] = (real)byte / 255;
}

void pixel_batch_gather(struct pixel_batch *batch, const struct kernels *kernels, const uint8_t *images,
                        const uint32_t *chosen, size_t rows, const uint32_t *next, size_t next_rows, bool transposed)
{
    batch->rows = rows;
    batch->next_rows = next_rows;
    for (size_t b = 0; b < rows; b++)
        batch->row[b] = images + chosen[b] * batch->columns;
    for (size_t b = 0; b < next_rows; b++)
        batch->next[b] = images + next[b] * batch->columns;
    uint8_t *to = batch->transposed;
    for (size_t first = 0, count; transposed && first < rows; first += count, to += batch->block) {
        count = kernels_depth(rows - first);
        kernels->transpose_bytes(to, batch->stride, batch->row + first, count, batch->columns);
    }
}
