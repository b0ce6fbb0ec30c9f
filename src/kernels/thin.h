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
    FLAT_VECTORS = TILE_VECTORS * FLAT_WIDER,
    FLAT_COLUMNS = FLAT_VECTORS * LANES
};

/* `rows` rows by one panel of packed b, of which so many columns are there. */
static inline __attribute__((always_inline)) void matmul_flat_rows(real *c, size_t stride, struct before before,
                                                                   struct matrix a, const real *b, size_t columns,
                                                                   const size_t rows, size_t k)
{
    if (columns == FLAT_COLUMNS)
        matmul_tile(c, stride, before.data, before.row, a.data, a.row, a.column, b, FLAT_COLUMNS, rows, FLAT_VECTORS,
                    k);
    else
        for (size_t v = 0; v < columns; v += REAL_PAD)
            matmul_tile(c + v, stride, before_at(before, 0, v), before.row, a.data, a.row, a.column, b + v,
                        FLAT_COLUMNS, rows, REAL_PAD / LANES, k);
}

/* By so many columns at a time that the packed b stays in the first-level cache; where c is beyond the second-level
 * one, by whole rows. */
static void matmul_flat(real *c, struct before before, struct matrix a, struct matrix b, size_t m, size_t k, size_t n,
                        size_t stride, real *packed)
{
    enum { NEAR = 1 << 18, PACKED_NEAR = 4096, PACKED = 1 << 16 };
    _Static_assert((int)PACKED <= (int)KERNELS_WORKSPACE, "there is room");
    const size_t width = real_padded(n);
    const size_t most = (m * width <= NEAR ? PACKED_NEAR : PACKED) / k / FLAT_COLUMNS * FLAT_COLUMNS;
    for (size_t first = 0, columns; first < width; first += columns) {
        columns = width - first < most ? width - first : most;
        pack(packed, b.data + first * b.column, b.column, b.row,
             b.column == 1 || n - first > columns ? columns : n - first, k, FLAT_COLUMNS);
        for (size_t i = 0, rows; i < m; i += rows) {
            const struct matrix ai = {a.data + i * a.row, a.row, a.column};
            rows = m - i >= FLAT_ROWS ? FLAT_ROWS : m - i >= 2 ? 2 : 1;
            for (size_t j = 0; j < columns; j += FLAT_COLUMNS) {
                const struct before to = {before_at(before, i, first + j), before.row};
                const size_t there = columns - j < FLAT_COLUMNS ? columns - j : FLAT_COLUMNS;
#define ROWS(rows) matmul_flat_rows(c + i * stride + first + j, stride, to, ai, packed + j * k, there, rows, k)
                if (rows == FLAT_ROWS)
                    ROWS(FLAT_ROWS);
                else if (rows == 2)
                    ROWS(2);
                else
                    ROWS(1);
#undef ROWS
            }
        }
    }
}

/* ---- few columns by rows of a that are neighbours in memory: the gradient of a last layer's weights ---- */

enum { DOWN_VECTORS = 2, DOWN_ROWS = DOWN_VECTORS * LANES, DOWN_SUMS = TILE_ROWS * TILE_VECTORS / DOWN_VECTORS };

/* DOWN_ROWS rows by some columns of c, transposed: vectors go down the rows, and b's numbers are the factors. */
static inline __attribute__((always_inline)) void matmul_down_tile(real *sums, const real *restrict a, size_t a_column,
                                                                   struct matrix b, const size_t columns, size_t k)
{
    V sum[DOWN_SUMS][DOWN_VECTORS];
    for (size_t j = 0; j < columns; j++)
        for (size_t v = 0; v < DOWN_VECTORS; v++)
            sum[j][v] = v_splat(0);
    for (size_t p = 0; p < k; p++) {
        V down[DOWN_VECTORS];
        for (size_t v = 0; v < DOWN_VECTORS; v++) {
            down[v] = v_load(a + p * a_column + v * LANES);
            __builtin_prefetch(a + (p + TERMS_AHEAD) * a_column + v * LANES);
        }
        for (size_t j = 0; j < columns; j++) {
            const V factor = v_splat(b.data[p * b.row + j * b.column]);
            for (size_t v = 0; v < DOWN_VECTORS; v++)
                sum[j][v] = v_fma(down[v], factor, sum[j][v]);
        }
    }
    for (size_t j = 0; j < columns; j++)
        for (size_t v = 0; v < DOWN_VECTORS; v++)
            v_store(sums + j * DOWN_ROWS + v * LANES, sum[j][v]);
}

/* A tile of c, n <= REAL_PAD, by one block of k. */
static void matmul_down_block(real *c, struct before before, const real *a, size_t a_column, struct matrix b, size_t k,
                              size_t n, size_t stride)
{
    _Alignas(REAL_ALIGN) real rows[DOWN_ROWS * REAL_PAD];
    _Alignas(REAL_ALIGN) real sums[REAL_PAD * DOWN_ROWS + WIDE_SIDE]; /* transpose reads whole vectors */
    size_t j = 0;
#define COLUMNS(columns)                                                                                               \
    for (; (columns) <= DOWN_SUMS && j + (columns) <= n; j += (columns))                                               \
    matmul_down_tile(sums + j * DOWN_ROWS, a, a_column, (struct matrix){b.data + j * b.column, b.row, b.column},       \
                     (columns) <= DOWN_SUMS ? (columns) : 1, k)
    COLUMNS(10);
    COLUMNS(5);
    COLUMNS(2);
    COLUMNS(1);
#undef COLUMNS
    /* Beside them stand sums of zeros: zero, unless one of a's numbers is not finite, but then no sum is. */
    memset(sums + n * DOWN_ROWS, 0, ((REAL_PAD - n) * DOWN_ROWS + WIDE_SIDE) * sizeof *sums);
    if (!all_finite(sums, DOWN_ROWS))
        for (const real zero = 0; j < REAL_PAD; j++)
            matmul_down_tile(sums + j * DOWN_ROWS, a, a_column, (struct matrix){&zero, 0, 0}, 1, k);
    transpose(rows, REAL_PAD, sums, DOWN_ROWS, REAL_PAD, DOWN_ROWS);
    for (size_t r = 0; r < DOWN_ROWS; r++)
        for (size_t v = 0; v < REAL_PAD; v += LANES) {
            const real *const to = before_at(before, r, v);
            V sum = v_load(rows + r * REAL_PAD + v);
            if (to)
                sum = v_load(to) + sum;
            v_store(c + r * stride + v, sum);
        }
}

/* As many of m rows as make whole tiles; how many that is. */
static size_t matmul_down(real *c, const real *from, struct matrix a, struct matrix b, size_t m, size_t k, size_t n,
                          size_t stride)
{
    size_t i = 0;
    for (; i + DOWN_ROWS <= m; i += DOWN_ROWS, c += DOWN_ROWS * stride) {
        struct before before = {from, 0};
        for (size_t p = 0, depth; p < k; p += depth) {
            depth = kernels_depth(k - p);
            matmul_down_block(c, before, a.data + i + p * a.column, a.column,
                              (struct matrix){b.data + p * b.row, b.row, b.column}, depth, n, stride);
            before = (struct before){c, stride};
        }
    }
    return i;
}
