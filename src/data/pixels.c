#include "dlexp/pixels.h"

#include "dlexp/real.h"

void pixel_batch_layout(struct pixel_batch *batch, size_t rows, size_t pixels, struct memory *memory)
{
    real *value = memory_take(memory, 256, sizeof *value);
    *batch = (struct pixel_batch){.columns = pixels, .pixels = pixels, .value = value};
    batch->row = memory_take(memory, rows, sizeof *batch->row);
    batch->next = memory_take(memory, rows, sizeof *batch->next);
    batch->sums = memory_take(memory, rows, PIXELS_PANEL * sizeof *batch->sums);
    batch->stride = (rows + PIXELS_SLACK - 1) / PIXELS_SLACK * PIXELS_SLACK;
    batch->transposed =
        memory_take(memory, pixels + 1, batch->stride); /* a row more: a mask may be made of bytes behind the last */
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
    if (transposed)
        kernels->transpose_bytes(batch->transposed, batch->stride, batch->row, rows, batch->columns);
}
