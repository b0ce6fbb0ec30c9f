/* transpose.h - a part of body.h: transposes of matrices, in the tiles of tile.h. */

static void transpose(real *to, size_t to_row, const real *from, size_t from_row, size_t rows, size_t columns)
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

/* Columns first to first + count of one tile's rows. */
static inline __attribute__((always_inline)) void transpose_byte_tile(uint8_t *to, size_t to_row,
                                                                      const uint8_t *const from[BYTE_TILE_SIDE],
                                                                      size_t first, const size_t count)
{
    byte_tile_row row[BYTE_TILE_SIDE];
    for (size_t r = 0; r < BYTE_TILE_SIDE; r++)
        memcpy(&row[r], from[r] + first, sizeof row[r]);
    byte_tile_transpose(row);
    for (size_t c = 0; c < count; c++)
        memcpy(to + (first + c) * to_row, &row[c], sizeof row[c]);
}

static void transpose_bytes(uint8_t *to, size_t to_row, const uint8_t *const *from, size_t rows, size_t columns)
{
    for (size_t i = 0; i < rows; i += BYTE_TILE_SIDE) {
        const uint8_t *row[BYTE_TILE_SIDE];
        size_t j = 0;
        for (size_t r = 0; r < BYTE_TILE_SIDE; r++)
            row[r] = from[i + r < rows ? i + r : i]; /* past the last any row will do */
        for (; j + BYTE_TILE_SIDE <= columns; j += BYTE_TILE_SIDE)
            transpose_byte_tile(to + i, to_row, row, j, BYTE_TILE_SIDE);
        if (j < columns)
            transpose_byte_tile(to + i, to_row, row, j, columns - j);
    }
}
