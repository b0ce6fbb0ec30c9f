/* transpose.h - a part of body.h: transposes of matrices, in the tiles of tile.h. */

/* TILE_SIDE columns of WIDE_SIDE rows, of which so many are there; so many columns are wanted. */
static inline __attribute__((always_inline)) void
transpose_tile(real *to, size_t to_row, const real *from, size_t from_row, const size_t rows, const size_t columns)
{
    real there[WIDE_SIDE * TILE_SIDE];
    wide_row row[TILE_SIDE];
    if (rows < WIDE_SIDE) { /* the others are zero */
        memset(there, 0, sizeof there);
        for (size_t r = 0; r < rows; r++)
            memcpy(there + r * TILE_SIDE, from + r * from_row, TILE_SIDE * sizeof *there);
        wide_turn(row, there, TILE_SIDE, WIDE_SIDE);
    } else {
        wide_turn(row, from, from_row, WIDE_SIDE);
    }
    for (size_t c = 0; c < columns; c++)
        wide_store(to + c * to_row, &row[c], WIDE_SIDE);
}

static void transpose(real *to, size_t to_row, const real *from, size_t from_row, size_t rows, size_t columns)
{
    for (size_t i = 0; i < real_padded(rows); i += WIDE_SIDE) {
        const size_t down = i < rows ? rows - i : 0;
        for (size_t j = 0; j < columns; j += TILE_SIDE) {
            const size_t across = columns - j;
            const real *const tile = down > 0 ? from + i * from_row + j : from; /* not looked at where nothing is */
            if (down >= WIDE_SIDE && across >= TILE_SIDE)
                transpose_tile(to + j * to_row + i, to_row, tile, from_row, WIDE_SIDE, TILE_SIDE);
            else
                transpose_tile(to + j * to_row + i, to_row, tile, from_row, down,
                               across < TILE_SIDE ? across : TILE_SIDE);
        }
    }
}

/* Columns first to first + count of one tile's rows. */
static inline __attribute__((always_inline)) void transpose_byte_tile(uint8_t *to, size_t to_row,
                                                                      const uint8_t *const from[BYTE_TILE_SIDE],
                                                                      size_t first, const size_t count)
{
    byte_tile_row row[BYTE_TILE_SIDE];
    for (size_t r = 0; r < BYTE_TILE_SIDE; r++)
        row[r] = *(const byte_tile_row_anywhere *)(from[r] + first);
    byte_tile_transpose(row);
    for (size_t c = 0; c < count; c++)
        *(byte_tile_row_anywhere *)(to + (first + c) * to_row) = row[c];
}

/* A line of `to` has bytes of several tiles: so many columns at a time, so that it stays in the second-level cache for
 * all of them. */
static void transpose_bytes(uint8_t *to, size_t to_row, const uint8_t *const *from, size_t rows, size_t columns)
{
    enum { AT_ONCE = 2048 };
    for (size_t first = 0, last; first < columns; first = last) {
        last = columns - first < AT_ONCE ? columns : first + AT_ONCE;
        for (size_t i = 0; i < rows; i += BYTE_TILE_SIDE) {
            const uint8_t *row[BYTE_TILE_SIDE];
            size_t j = first;
            for (size_t r = 0; r < BYTE_TILE_SIDE; r++)
                row[r] = from[i + r < rows ? i + r : i]; /* past the last any row will do */
            for (; j + BYTE_TILE_SIDE <= last; j += BYTE_TILE_SIDE)
                transpose_byte_tile(to + i, to_row, row, j, BYTE_TILE_SIDE);
            if (j < last)
                transpose_byte_tile(to + i, to_row, row, j, last - j);
        }
    }
}
