#include "dlexp/transpose.h"

#include <string.h>

#include "tile.h"

enum { BYTES_SIDE = 16 };

typedef uint8_t bytes __attribute__((vector_size(BYTES_SIDE)));
#define BYTES_LOW(a, b) SHUFFLE(bytes, a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define BYTES_HIGH(a, b) SHUFFLE(bytes, a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

/* Row i is interleaved with row i + BYTES_SIDE / 2, and so again until each row has met all others. */
static inline void transpose_bytes_tile(uint8_t *to, size_t to_row, const uint8_t *const from[BYTES_SIDE], size_t first)
{
    bytes tile[BYTES_SIDE], mixed[BYTES_SIDE];
    for (size_t i = 0; i < BYTES_SIDE; i++)
        memcpy(&tile[i], from[i] + first, BYTES_SIDE);
    for (size_t met = 1; met < BYTES_SIDE; met *= 2) {
        for (size_t i = 0; i < BYTES_SIDE / 2; i++) {
            mixed[2 * i] = BYTES_LOW(tile[i], tile[i + BYTES_SIDE / 2]);
            mixed[2 * i + 1] = BYTES_HIGH(tile[i], tile[i + BYTES_SIDE / 2]);
        }
        memcpy(tile, mixed, sizeof tile);
    }
    for (size_t i = 0; i < BYTES_SIDE; i++)
        memcpy(to + (first + i) * to_row, &tile[i], BYTES_SIDE);
}

void transpose_bytes(uint8_t *to, size_t to_row, const uint8_t *const *from, size_t rows, size_t columns)
{
    for (size_t i = 0; i < rows; i += BYTES_SIDE) {
        const uint8_t *row[BYTES_SIDE];
        size_t j = 0;
        for (size_t r = 0; r < BYTES_SIDE; r++)
            row[r] = from[i + r < rows ? i + r : i]; /* past the last any row will do */
        for (; j + BYTES_SIDE <= columns; j += BYTES_SIDE)
            transpose_bytes_tile(to + i, to_row, row, j);
        for (; j < columns; j++)
            for (size_t r = 0; r < BYTES_SIDE && i + r < rows; r++)
                to[j * to_row + i + r] = row[r][j];
    }
}

void transpose_reals(real *to, size_t to_row, const real *from, size_t from_row, size_t rows, size_t columns)
{
    const size_t height = real_padded(rows);
    for (size_t i = 0; i < height; i += TILE_SIDE)
        for (size_t j = 0; j < columns; j += TILE_SIDE) {
            tile_row row[TILE_SIDE];
            for (size_t r = 0; r < TILE_SIDE; r++)
                if (i + r < rows)
                    tile_load(&row[r], from + (i + r) * from_row + j);
                else
                    row[r] = (tile_row){0};
            tile_transpose(row);
            for (size_t r = 0; r < TILE_SIDE && j + r < columns; r++)
                memcpy(to + (j + r) * to_row + i, &row[r], sizeof row[r]);
        }
}
