#include "dlexp/sparse.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/real.h"

int sparse_make(struct sparse *sparse, const uint8_t *images, size_t count, size_t pixels, struct error *err)
{
    size_t total = count; /* the ends */
    assert(pixels <= SPARSE_INDEX_MAX);
    *sparse = (struct sparse){0};
    for (size_t i = 0; i < count * pixels; i++)
        total += images[i] != 0;
    sparse->entries = memory_pages(total * sizeof *sparse->entries);
    sparse->first = malloc(count * sizeof *sparse->first);
    if (!sparse->entries || !sparse->first)
        return error_out_of_memory(err, "the non-zero pixels");
    uint32_t *entry = sparse->entries;
    for (size_t i = 0; i < count; i++, images += pixels) {
        sparse->first[i] = (size_t)(entry - sparse->entries);
        for (uint32_t k = 0, run; k < pixels; k += run) {
            /* Most pixels are zero in long runs: eight at a time are looked at together, and written without a branch.
             */
            uint64_t eight = 1;
            run = pixels - k < 8 ? (uint32_t)pixels - k : 8;
            if (run == 8)
                memcpy(&eight, images + k, 8);
            for (uint32_t j = 0; eight && j < run; j++) {
                *entry = (k + j) << 8 | images[k + j];
                entry += images[k + j] != 0;
            }
        }
        *entry++ = SPARSE_END;
    }
    return 0;
}

void sparse_free(struct sparse *sparse)
{
    free(sparse->entries);
    free(sparse->first);
    *sparse = (struct sparse){0};
}

void sparse_batch_layout(struct sparse_batch *batch, size_t rows, size_t pixels, struct memory *memory)
{
    real *value = memory_take(memory, 256, sizeof *value);
    *batch = (struct sparse_batch){.columns = pixels, .capacity = rows, .value = value};
    batch->row = memory_take(memory, rows, sizeof *batch->row);
    batch->cursor = memory_take(memory, rows, sizeof *batch->cursor);
    batch->sums = memory_take(memory, rows, SPARSE_PANEL * sizeof *batch->sums);
    batch->column = memory_take(memory, rows, pixels * sizeof *batch->column);
    batch->column_count = memory_take(memory, pixels, sizeof *batch->column_count);
    for (int byte = 0; value && byte < 256; byte++)
        value[byte] = (real)byte / 255;
}

/*
 * A shuffled batch is scattered over more memory than the caches hold.  Its images are asked for some time before they
 * are read: the lines of an MNIST image on average, which the hardware's own prefetching then goes on from.
 */
enum { AHEAD = 8, LINES = 10 };

static inline void prefetch(const uint32_t *entries)
{
    for (int line = 0; line < LINES; line++)
        __builtin_prefetch(entries + line * 16);
}

void sparse_batch_gather(struct sparse_batch *batch, const struct sparse *sparse, const uint32_t *images, size_t rows,
                         bool columns)
{
    batch->rows = rows;
    for (size_t b = 0; b < rows; b++)
        batch->row[b] = sparse->entries + sparse->first[images[b]];
    if (!columns)
        return;
    const size_t capacity = batch->capacity;
    memset(batch->column_count, 0, batch->columns * sizeof *batch->column_count);
    for (size_t b = 0; b < AHEAD && b < rows; b++)
        prefetch(batch->row[b]);
    for (uint32_t b = 0; b < rows; b++) {
        if (b + AHEAD < rows)
            prefetch(batch->row[b + AHEAD]);
        for (const uint32_t *entry = batch->row[b]; *entry != SPARSE_END; entry++) {
            const uint32_t k = *entry >> 8;
            batch->column[k * capacity + batch->column_count[k]++] = b << 8 | (*entry & 255);
        }
    }
}
