#include "dlexp/pixels.h"

#include <string.h>

#include "dlexp/real.h"

enum { TILE = 16 };

void pixel_batch_layout(struct pixel_batch *batch, size_t rows, size_t pixels, struct memory *memory)
{
    real *value = memory_take(memory, 256, sizeof *value);
    *batch = (struct pixel_batch){.columns = pixels, .value = value};
    batch->row = memory_take(memory, rows, sizeof *batch->row);
    batch->next = memory_take(memory, rows, sizeof *batch->next);
    batch->sums = memory_take(memory, rows, PIXELS_PANEL * sizeof *batch->sums);
    batch->stride = (rows + PIXELS_SLACK - 1) / PIXELS_SLACK * PIXELS_SLACK;
    batch->transposed = memory_take(memory, pixels + 1, batch->stride); /* one row more: read, and masked off */
    for (int byte = 0; value && byte < 256; byte++)
        value[byte] = (real)byte / 255;
}

/* Vectors as GCC and clang have them for every machine. */
typedef uint8_t bytes __attribute__((vector_size(TILE)));

#ifdef __clang__
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (bytes){__VA_ARGS__})
#endif
#define LOWER_HALVES(a, b) SHUFFLE(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define UPPER_HALVES(a, b) SHUFFLE(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

/* TILE x TILE bytes: row i is interleaved with row i + TILE / 2, and so again until each has met all. */
static inline void transpose_tile(uint8_t *to, size_t stride, const uint8_t *const row[TILE], size_t first)
{
    bytes tile[TILE], mixed[TILE];
    for (size_t i = 0; i < TILE; i++)
        memcpy(&tile[i], row[i] + first, TILE);
    for (int round = 0; round < 4; round++) {
        for (size_t i = 0; i < TILE / 2; i++) {
            mixed[2 * i] = LOWER_HALVES(tile[i], tile[i + TILE / 2]);
            mixed[2 * i + 1] = UPPER_HALVES(tile[i], tile[i + TILE / 2]);
        }
        memcpy(tile, mixed, sizeof tile);
    }
    for (size_t i = 0; i < TILE; i++)
        memcpy(to + (first + i) * stride, &tile[i], TILE);
}

static void transpose(struct pixel_batch *batch)
{
    for (size_t b = 0; b < batch->rows; b += TILE) {
        const size_t rows = batch->rows - b < TILE ? batch->rows - b : TILE;
        const uint8_t *row[TILE];
        for (size_t i = 0; i < TILE; i++)
            row[i] = batch->row[b + (i < rows ? i : 0)]; /* what is behind the last row is never looked at */
        size_t k = 0;
        for (; k + TILE <= batch->columns; k += TILE)
            transpose_tile(batch->transposed + b, batch->stride, row, k);
        for (; k < batch->columns; k++)
            for (size_t i = 0; i < rows; i++)
                batch->transposed[k * batch->stride + b + i] = row[i][k];
    }
}

void pixel_batch_gather(struct pixel_batch *batch, const uint8_t *images, const uint32_t *chosen, size_t rows,
                        const uint32_t *next, size_t next_rows, bool transposed)
{
    batch->rows = rows;
    batch->next_rows = next_rows;
    for (size_t b = 0; b < rows; b++)
        batch->row[b] = images + chosen[b] * batch->columns;
    for (size_t b = 0; b < next_rows; b++)
        batch->next[b] = images + next[b] * batch->columns;
    if (transposed)
        transpose(batch);
}
