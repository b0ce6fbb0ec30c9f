/* products.h - a part of body.h: the dense products, in blocks (dots.h: in lanes). */

/* FEW_VECTORS: columns of one row or two, 8 vectors where there are registers for two such rows. */
enum { TILE_COLUMNS = TILE_VECTORS * LANES, FEW_VECTORS = TILE_ROWS * TILE_VECTORS / 2 < 8 ? TILE_VECTORS : 8 };

/* What is done beside the arithmetic: the rows of b are copied one after the other, and those of the next columns asked
 * for. */
struct beside {
    real *copy; /* NULL: nothing */
    const real *next;
    size_t row; /* from one row of next to the next */
};

/*
 * One block's sum for rows x (vectors * LANES) elements of c, in registers while p runs, is added to `before`, whose
 * rows are before_row apart: c itself, or the row that the sum starts from (before_row 0); NULL: c is this sum.
 * Callers pass constants for rows, vectors and, for packed operands, strides: the loops unroll and the addresses become
 * offsets.
 */
static inline __attribute__((always_inline)) void matmul_tile_and(real *c, size_t stride, const real *before,
                                                                  size_t before_row, const real *restrict a,
                                                                  size_t a_row, size_t a_column, const real *restrict b,
                                                                  size_t b_row, const size_t rows, const size_t vectors,
                                                                  size_t k, struct beside beside)
{
    V sum[TILE_ROWS][TILE_VECTORS > 8 ? TILE_VECTORS : 8];
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < vectors; j++)
            sum[i][j] = v_splat(0);
    for (size_t p = 0; p < k; p++) {
        V row[TILE_VECTORS > 8 ? TILE_VECTORS : 8];
        for (size_t j = 0; j < vectors; j++)
            row[j] = v_load(b + p * b_row + j * LANES);
        if (beside.copy) {
            for (size_t j = 0; j < vectors; j++)
                v_store(beside.copy + (p * vectors + j) * LANES, row[j]);
            for (size_t j = 0; j < vectors * LANES; j += LINE_REALS)
                __builtin_prefetch(beside.next + p * beside.row + j, 0, 2);
        }
        for (size_t i = 0; i < rows; i++) {
            V factor = v_splat(a[i * a_row + p * a_column]);
            for (size_t j = 0; j < vectors; j++)
                sum[i][j] = v_fma(factor, row[j], sum[i][j]);
        }
    }
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < vectors; j++) {
            if (before)
                sum[i][j] = v_load(before + i * before_row + j * LANES) + sum[i][j];
            v_store(c + i * stride + j * LANES, sum[i][j]);
        }
}

static inline __attribute__((always_inline)) void matmul_tile(real *c, size_t stride, const real *before,
                                                              size_t before_row, const real *restrict a, size_t a_row,
                                                              size_t a_column, const real *restrict b, size_t b_row,
                                                              const size_t rows, const size_t vectors, size_t k)
{
    matmul_tile_and(c, stride, before, before_row, a, a_row, a_column, b, b_row, rows, vectors, k,
                    (struct beside){NULL, NULL, 0});
}

/* What an element's next block is added to. */
struct before {
    const real *data;
    size_t row;
};

static inline const real *before_at(struct before before, size_t i, size_t j)
{
    return before.data ? before.data + i * before.row + j : NULL;
}

/* `count` rows, TILE_ROWS at the most: in tiles of so many, or of 8, 4, 2 and 1, each as high as registers allow. */
static inline __attribute__((always_inline)) void matmul_rows(real *c, size_t stride, struct before before,
                                                              const real *a, size_t a_row, size_t a_column,
                                                              const real *b, size_t b_row, size_t count,
                                                              const size_t vectors, size_t k)
{
    size_t r = 0;
#define ROWS(rows)                                                                                                     \
    if ((rows) <= TILE_ROWS && count - r >= (rows)) {                                                                  \
        matmul_tile(c + r * stride, stride, before_at(before, r, 0), before.row, a + r * a_row, a_row, a_column, b,    \
                    b_row, (rows) <= TILE_ROWS ? (rows) : 1, vectors, k);                                              \
        r += (rows);                                                                                                   \
    }
    ROWS(TILE_ROWS)
    ROWS(8)
    ROWS(4)
    ROWS(2)
    ROWS(1)
#undef ROWS
}

/* All rows of some columns, from operands as they lie in memory. */
static inline __attribute__((always_inline)) void matmul_column(real *c, size_t stride, struct before before,
                                                                struct matrix a, const real *restrict b, size_t b_row,
                                                                size_t m, size_t k, const size_t vectors)
{
    for (size_t i = 0; i < m; i += TILE_ROWS)
        matmul_rows(c + i * stride, stride, (struct before){before_at(before, i, 0), before.row}, a.data + i * a.row,
                    a.row, a.column, b, b_row, m - i < TILE_ROWS ? m - i : TILE_ROWS, vectors, k);
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
 * An operand's k terms for `lines` of its rows (of a) or columns (of b), in panels of `panel` lines, each contiguous by
 * term; lines that the last panel lacks are zero.  Line i's term p is from[i * line + p * term].
 */
static inline __attribute__((always_inline)) void pack(real *restrict packed, const real *from, size_t line,
                                                       size_t term, size_t lines, size_t k, const size_t panel)
{
    for (size_t i = 0; i < lines; i += panel, from += panel * line, packed += panel * k) {
        const size_t there = lines - i < panel ? lines - i : panel;
        size_t p = 0;
        if (there < panel)
            memset(packed, 0, panel * k * sizeof *packed);
        if (line == 1 && there == panel) {
            for (; p < k; p++)
                memcpy(packed + p * panel, from + p * term, panel * sizeof *packed);
        } else if (term == 1 && there == panel) {
            /* By the largest tiles that the panel is made of. */
#define PACK_TILES(side, row_type, transpose_tile)                                                                     \
    for (; p + (side) <= k; p += (side))                                                                               \
        for (size_t v = 0; v < panel; v += (side)) {                                                                   \
            row_type row[side];                                                                                        \
            for (size_t r = 0; r < (side); r++)                                                                        \
                row[r] = *(const row_type##_anywhere *)(from + (v + r) * line + p);                                    \
            transpose_tile(row);                                                                                       \
            for (size_t r = 0; r < (side); r++)                                                                        \
                *(row_type##_anywhere *)(packed + (p + r) * panel + v) = row[r];                                       \
        }
            if (panel % WIDE_SIDE == 0)
                PACK_TILES(WIDE_SIDE, wide_row, wide_transpose)
            else if (panel % TILE_SIDE == 0)
                PACK_TILES(TILE_SIDE, tile_row, tile_transpose)
#undef PACK_TILES
        }
        for (; p < k; p++)
            for (size_t v = 0; v < there; v++)
                packed[p * panel + v] = from[v * line + p * term];
    }
}

/* What is asked for ahead, a few cache lines at a time: rows of so many lines. */
struct soon {
    const real *data;
    size_t row, lines, left; /* from one row to the next; of a row; rows not yet asked for */
};

/* A panel of b. */
static inline struct soon soon_panel(struct matrix b, size_t k, size_t columns)
{
    const bool by_terms = b.column == 1;
    return (struct soon){b.data, by_terms ? b.row : b.column, ((by_terms ? columns : k) + LINE_REALS - 1) / LINE_REALS,
                         by_terms ? k : columns};
}

static inline void ask_for(struct soon *soon, size_t rows)
{
    for (; rows > 0 && soon->left > 0; rows--, soon->left--, soon->data += soon->row)
        for (size_t line = 0; line < soon->lines; line++)
            __builtin_prefetch(soon->data + line * LINE_REALS, 0, 2);
}

static inline void ask_for_rows(real *c, size_t stride, size_t rows, size_t width)
{
    for (size_t r = 0; r < rows; r++) /* needed at the end of a tile, when it would be waited for */
        for (size_t v = 0; v < width; v += REAL_PAD)
            __builtin_prefetch(c + r * stride + v, 1);
}

/* The first rows of a whole panel, as many as a tile may have: from b as it lies in memory, of which the panel is made
 * meanwhile.  How many that is. */
static inline __attribute__((always_inline)) size_t matmul_first(real *c, size_t stride, struct before before,
                                                                 const real *a, size_t a_row, size_t a_column,
                                                                 const real *b, size_t b_row, size_t m, size_t k,
                                                                 struct beside beside)
{
#define FIRST(rows)                                                                                                    \
    if ((rows) <= TILE_ROWS && m >= (rows)) {                                                                          \
        ask_for_rows(c, stride, rows, TILE_COLUMNS);                                                                   \
        matmul_tile_and(c, stride, before.data, before.row, a, a_row, a_column, b, b_row,                              \
                        (rows) <= TILE_ROWS ? (rows) : 1, TILE_VECTORS, k, beside);                                    \
        return rows;                                                                                                   \
    }
    FIRST(TILE_ROWS)
    FIRST(8)
    FIRST(4)
    FIRST(2)
    FIRST(1)
#undef FIRST
    return 0;
}

/* One panel: rows of a from `first` on, packed or as it lies in memory, by `width` columns of packed b. */
static inline __attribute__((always_inline)) void matmul_panel(real *c, size_t stride, struct before before,
                                                               struct matrix a, const bool packed, const real *b,
                                                               size_t first, size_t m, size_t k, size_t width,
                                                               struct soon soon)
{
    const size_t a_row = packed ? 1 : a.row, a_column = packed ? TILE_ROWS : a.column;
    const size_t asked = soon.left * TILE_ROWS / m + 1; /* rows of it beside each tile */
    for (size_t i = first, count; i < m; i += count) {
        const size_t within = packed ? i % TILE_ROWS : 0; /* a packed panel of a */
        const real *rows = packed ? a.data + (i - within) * k + within : a.data + i * a.row;
        count = m - i < TILE_ROWS ? m - i : TILE_ROWS;
        ask_for(&soon, asked);
        ask_for_rows(c + i * stride, stride, count, width);
#define TILES(v, vectors)                                                                                              \
    matmul_rows(c + i * stride + (v), stride, (struct before){before_at(before, i, v), before.row}, rows, a_row,       \
                a_column, b + (v), TILE_COLUMNS, count, vectors, k)
        if (width == TILE_COLUMNS)
            TILES(0, TILE_VECTORS);
        else /* as wide as c has room for */
            for (size_t v = 0; v < width; v += REAL_PAD)
                TILES(v, REAL_PAD / LANES);
#undef TILES
    }
}

/*
 * One block of k: every panel of b is packed right before its use or with it, and is then in the first-level cache; the
 * rows of a, KERNELS_MC at a time, come from the second-level one or the next.
 */
static void matmul_block(real *c, struct before before, struct matrix a, struct matrix b, size_t m, size_t k, size_t n,
                         size_t stride, real *workspace)
{
    enum { REUSED = 8 /* panels that pay for a copy of a */ };
    const size_t width = real_padded(n);
    real *const packed_a = workspace, *const packed_b = workspace + KERNELS_MC * KERNELS_KC;
    for (size_t i = 0; i < m; i += KERNELS_MC) {
        const size_t rows = m - i < KERNELS_MC ? m - i : KERNELS_MC;
        const struct matrix ai = {a.data + i * a.row, a.row, a.column}, pa = {packed_a, 1, TILE_ROWS};
        const bool packs = rows >= TILE_ROWS && width > REUSED * TILE_COLUMNS;
        if (packs)
            pack(packed_a, ai.data, a.row, a.column, rows, k, TILE_ROWS);
        for (size_t j = 0; j < width; j += TILE_COLUMNS) {
            const size_t columns = width - j < TILE_COLUMNS ? width - j : TILE_COLUMNS;
            const struct before to = {before_at(before, i, j), before.row};
            real *const cij = c + i * stride + j;
            const size_t next = j + TILE_COLUMNS < width ? j + TILE_COLUMNS : 0; /* that of the next rows */
            const size_t left = width - next < TILE_COLUMNS ? width - next : TILE_COLUMNS;
            struct soon soon = soon_panel((struct matrix){b.data + next * b.column, b.row, b.column}, k, left);
            size_t first = 0;
            if (b.column == 1 && columns == TILE_COLUMNS) {
                const struct beside beside = {packed_b, b.data + next, b.row};
                first = packs ? matmul_first(cij, stride, to, pa.data, 1, TILE_ROWS, b.data + j, b.row, rows, k, beside)
                              : matmul_first(cij, stride, to, ai.data, ai.row, ai.column, b.data + j, b.row, rows, k,
                                             beside);
                soon.left = 0;
            } else /* With one column stride the padding is there to be read; else it is made. */
                pack(packed_b, b.data + j * b.column, b.column, b.row,
                     b.column == 1 || n - j > columns ? columns : n - j, k, TILE_COLUMNS);
            if (packs)
                matmul_panel(cij, stride, to, pa, true, packed_b, first, rows, k, columns, soon);
            else
                matmul_panel(cij, stride, to, ai, false, packed_b, first, rows, k, columns, soon);
        }
    }
}

static inline bool all_finite(const real *x, size_t count)
{
    enum { SUMS = 4 };
    V sum[SUMS];
    for (size_t i = 0; i < SUMS; i++)
        sum[i] = v_splat(0);
    for (size_t i = 0; i < count; i += LANES)
        sum[i / LANES % SUMS] = v_fma(v_load(x + i), v_splat(0), sum[i / LANES % SUMS]);
    return !v_nonzero_lanes((sum[0] + sum[1]) + (sum[2] + sum[3])); /* infinite or undefined times zero is undefined */
}

/* ---- few columns by rows of a that are neighbours in memory: the gradient of a last layer's weights ---- */

enum {
    DOWN_VECTORS = 2,
    DOWN_ROWS = DOWN_VECTORS * LANES,
    DOWN_SUMS = TILE_ROWS * TILE_VECTORS / DOWN_VECTORS,
    SOON = 16
};

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
            __builtin_prefetch(a + (p + SOON) * a_column + v * LANES);
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
    _Alignas(REAL_ALIGN) real sums[REAL_PAD * DOWN_ROWS + WIDE_SIDE],
        rows[DOWN_ROWS * REAL_PAD]; /* transpose reads whole vectors */
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

static void matmul(real *c, const real *from, struct matrix a, struct matrix b, size_t m, size_t k, size_t n,
                   size_t stride, real *workspace)
{
    enum {
        DIRECT = 8192 /* elements of b that stay in the first-level cache */,
        FEW = 4 /* rows that use a copy of b too little to pay for it, */,
        NEAR = 1 << 19 /* or TILE_ROWS, where so many elements of b come from caches */,
        DOWN = 32 /* terms that pay for a transposed tile of c */
    };
    const size_t width = real_padded(n);
    if (a.row == 1 && width == REAL_PAD && k >= DOWN) {
        const size_t done = matmul_down(c, from, a, b, m, k, n, stride);
        c += done * stride;
        a.data += done;
        m -= done;
    }
    const bool few = m <= FEW || (m <= TILE_ROWS && k * width <= NEAR);
    struct before before = {from, 0};
    for (size_t i = 0; i < m && k == 0; i++)
        for (size_t j = 0; j < width; j += LANES)
            v_store(c + i * stride + j, from ? v_load(from + j) : v_splat(0));
    for (size_t p = 0, depth; p < k; p += depth) {
        depth = kernels_depth(k - p);
        const struct matrix ap = {a.data + p * a.column, a.row, a.column};
        const struct matrix bp = {b.data + p * b.row, b.row, b.column};
        if (b.column == 1 && (few || depth * width <= DIRECT))
            matmul_few(c, before, ap, bp.data, bp.row, m, depth, width, stride);
        else
            matmul_block(c, before, ap, bp, m, depth, n, stride, workspace);
        before = (struct before){c, stride};
    }
}
