/*
 * thin.h - a part of body.h: products that are thin in one direction, of few rows, terms or columns, and small ones.
 */

/* ---- few rows, or a b that stays in the first-level cache: the operands as they lie in memory ---- */

/* FEW_VECTORS: columns of one row or two, 8 vectors where there are registers for two such rows. */
enum { FEW_VECTORS = TILE_ROWS * TILE_VECTORS / 2 < 8 ? TILE_VECTORS : 8 };

/* All rows of some columns, from operands as they lie in memory. */
static inline __attribute__((always_inline)) void matmul_column(real *c, size_t stride, struct before before,
                                                                struct matrix a, const real *restrict b, size_t b_row,
                                                                size_t m, size_t k, const size_t vectors)
{
    for (size_t i = 0; i < m; i += TILE_ROWS)
        matmul_rows(c + i * stride, stride, (struct before){before_at(before, i, 0), before.row}, a.data + i * a.row,
                    a.row, a.column, b, b_row, m - i < TILE_ROWS ? m - i : TILE_ROWS, vectors, k,
                    (struct beside){.copy = NULL});
}

/* Nothing is copied: of small products, and of few rows, which would use a copy but once. */
static void matmul_direct(real *c, struct before before, struct matrix a, const real *b, size_t b_row, size_t m,
                          size_t k, size_t width, size_t stride)
{
    size_t j = 0;
#define COLUMNS(vectors)                                                                                               \
    for (; j + (vectors)*LANES <= width; j += (vectors)*LANES)                                                         \
    matmul_column(c + j, stride, (struct before){before_at(before, 0, j), before.row}, a, b + j, b_row, m, k, vectors)
    COLUMNS(TILE_VECTORS);
    COLUMNS(REAL_PAD / LANES);
#undef COLUMNS
}

/* One row or two by columns as wide as the registers hold sums: more of each row of b is read at once. */
static void matmul_few(real *c, struct before before, struct matrix a, const real *b, size_t b_row, size_t m, size_t k,
                       size_t width, size_t stride)
{
    size_t j = 0;
#define ROWS_BY(rows, vectors)                                                                                         \
    for (; m == (rows) && j + (vectors)*LANES <= width; j += (vectors)*LANES)                                          \
    matmul_tile(c + j, stride, before_at(before, 0, j), before.row, a.data, a.row, a.column, b + j, b_row, rows,       \
                vectors, k)
    ROWS_BY(1, FEW_VECTORS);
    ROWS_BY(2, FEW_VECTORS);
#undef ROWS_BY
    matmul_direct(c + j, (struct before){before_at(before, 0, j), before.row}, a, b + j, b_row, m, k, width - j,
                  stride);
}

/*
 * ---- few terms, many rows: the arithmetic takes less time than writing c, which goes row by row ----
 *
 * In wide tiles, of as many sums as others, so that a cache line of c has its neighbours with it.
 */

enum {
    FLAT_WIDER = TILE_ROWS % 2 == 0 && 2 * TILE_VECTORS <= TILE_WIDTH_MAX ? 2 : 1,
    FLAT_ROWS = TILE_ROWS / FLAT_WIDER,
    FLAT_HALF = FLAT_ROWS > 4 ? 4 : 2, /* rows left over, of which more at a time hide the latency of fma better */
    FLAT_VECTORS = TILE_VECTORS * FLAT_WIDER,
    FLAT_COLUMNS = FLAT_VECTORS * LANES
};

/* `rows` rows by as many columns, FLAT_COLUMNS at the most. */
static inline __attribute__((always_inline)) void matmul_flat_rows(real *c, size_t stride, struct before before,
                                                                   struct matrix a, const real *b, size_t b_row,
                                                                   size_t columns, const size_t rows, size_t k)
{
    const struct beside beside = {.ask_for_c = k >= 2 * rows}; /* of fewer terms all rows would be asked for at once */
    if (columns == FLAT_COLUMNS)
        matmul_tile_and(c, stride, before.data, before.row, a.data, a.row, a.column, b, b_row, rows, FLAT_VECTORS, k,
                        beside);
    else
        for (size_t v = 0; v < columns; v += REAL_PAD)
            matmul_tile_and(c + v, stride, before_at(before, 0, v), before.row, a.data, a.row, a.column, b + v, b_row,
                            rows, REAL_PAD / LANES, k, beside);
}

enum { FLAT_TERMS = 16, FLAT_COLUMN_TERMS = FLAT_ROWS >= 6 ? 64 : FLAT_TERMS };

/* Whether the rows of b are used as they lie in memory: where a copy has few uses, or is of many terms; not where c is
 * beyond the caches, as it is then written by whole rows. */
static inline bool flat_directly(size_t m, size_t k, size_t width, struct matrix b)
{
    enum { FEW_ROWS = 64, CACHED_REALS = 1 << 20 };
    return b.column == 1 && (m <= FEW_ROWS || k > FLAT_TERMS) && m * width <= CACHED_REALS;
}

/* Whether c is written in flat tiles.  Of an a whose columns lie in one piece they read each line but once: that pays
 * for more terms, where a tile has enough rows. */
static inline bool is_flat(size_t m, size_t k, size_t width, struct matrix a, struct matrix b)
{
    const bool columns = a.row == 1 && flat_directly(m, k, width, b);
    return k <= (columns ? FLAT_COLUMN_TERMS : FLAT_TERMS) && m > TILE_ROWS &&
           (width % FLAT_COLUMNS == 0 || width > 4 * FLAT_COLUMNS);
}

/* By so many columns at a time that their b stays in the first-level cache; where c is beyond the second-level one, by
 * whole rows. */
static void matmul_flat(real *c, struct before before, struct matrix a, struct matrix b, size_t m, size_t k, size_t n,
                        size_t stride, real *packed)
{
    enum { NEAR = 4096, PACKED = 1 << 16 };
    _Static_assert((int)PACKED <= (int)KERNELS_WORKSPACE, "there is room");
    const size_t width = real_padded(n);
    const bool direct = flat_directly(m, k, width, b);
    const size_t b_row = direct ? b.row : FLAT_COLUMNS, panel = direct ? FLAT_COLUMNS : FLAT_COLUMNS * k;
    const size_t panels = (direct || m * width <= NEAR_REALS ? NEAR : PACKED) / (FLAT_COLUMNS * k);
    for (size_t first = 0, columns; first < width; first += columns) {
        const real *near = direct ? b.data + first : packed;
        columns = width - first < panels * FLAT_COLUMNS ? width - first : panels * FLAT_COLUMNS;
        if (!direct)
            pack(packed, b.data + first * b.column, b.column, b.row,
                 b.column == 1 || n - first > columns ? columns : n - first, k, FLAT_COLUMNS);
        for (size_t i = 0, rows; i < m; i += rows) {
            const struct matrix ai = {a.data + i * a.row, a.row, a.column};
            const size_t left = m - i;
            rows = left >= FLAT_ROWS ? FLAT_ROWS : left >= FLAT_HALF ? FLAT_HALF : left >= 2 ? 2 : 1;
            const real *bj = near;
            for (size_t j = 0; j < columns; j += FLAT_COLUMNS, bj += panel) {
                const struct before to = {before_at(before, i, first + j), before.row};
                const size_t there = columns - j < FLAT_COLUMNS ? columns - j : FLAT_COLUMNS;
#define ROWS(rows) matmul_flat_rows(c + i * stride + first + j, stride, to, ai, bj, b_row, there, rows, k)
                if (rows == FLAT_ROWS)
                    ROWS(FLAT_ROWS);
                else if (rows == FLAT_HALF)
                    ROWS(FLAT_HALF);
                else if (rows == 2)
                    ROWS(2);
                else
                    ROWS(1);
#undef ROWS
            }
        }
    }
}
