/* products.h - a part of body.h: the dense products, in blocks (thin.h, down.h: thin ones, dots.h: in lanes). */

/* The cache lines of a panel of b, to be asked for a few at a time beside each row of c. */
static inline struct soon soon_panel(struct matrix b, size_t k, size_t columns, size_t rows)
{
    const bool by_terms = b.column == 1;
    const size_t lines = ((by_terms ? columns : k) + LINE_REALS - 1) / LINE_REALS, left = by_terms ? k : columns;
    return (struct soon){b.data, by_terms ? b.row : b.column, lines, left, 0, lines * left / rows + 1};
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
    enum { FAR = 1 << 17 /* elements of a that come from beyond the second-level cache */ };
    const struct beside beside = {.ask_for_c = true, .soon = &soon, .ahead = !packed && a.row == 1 && m * k > FAR};
    for (size_t i = first, count; i < m; i += count) {
        const size_t within = packed ? i % TILE_ROWS : 0; /* a packed panel of a */
        const real *rows = packed ? a.data + (i - within) * k + within : a.data + i * a.row;
        count = m - i < TILE_ROWS ? m - i : TILE_ROWS;
#define TILES(v, vectors)                                                                                              \
    matmul_rows(c + i * stride + (v), stride, (struct before){before_at(before, i, v), before.row}, rows, a_row,       \
                a_column, b + (v), TILE_COLUMNS, count, vectors, k, beside)
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
            struct soon soon = soon_panel((struct matrix){b.data + next * b.column, b.row, b.column}, k, left, rows);
            size_t first = 0;
            if (b.column == 1 && columns == TILE_COLUMNS) {
                const struct beside beside = {.ask_for_c = true, .copy = packed_b, .next = b.data + next, .row = b.row};
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

static void matmul(real *c, const real *from, struct matrix a, struct matrix b, size_t m, size_t k, size_t n,
                   size_t stride, real *workspace)
{
    enum {
        DIRECT = 8192 /* elements of b that stay in the first-level cache */,
        FEW = 4 /* rows that use a copy of b too little to pay for it */,
        NEAR = 1 << 19 /* or some tiles of rows, where so many elements of b come from caches: */,
        FEW_TILES = 3,
        NEAR_TERMS = 128 /* of which a panel of b stays in the first-level cache; then by how a lies: */,
        ROW_TILES = 22,
        COLUMN_TILES = 5
    };
    const size_t width = real_padded(n);
    if (narrow_goes_down(k, n, a)) {
        const size_t done = matmul_down(c, from, a, b, m, k, n, stride);
        c += done * stride;
        a.data += done;
        m -= done;
    }
    const bool turned = is_turned(m, k, n, b);
    if (!turned && goes_down(m, k, b)) {
        matmul_down_few(c, from, a, b, m, k, n, stride, workspace);
        return;
    }
    const size_t tiles = k > NEAR_TERMS ? FEW_TILES : a.column == 1 ? ROW_TILES : COLUMN_TILES;
    const bool few = m <= FEW || (m <= tiles * TILE_ROWS && k * width <= NEAR);
    struct before before = {from, 0};
    for (size_t i = 0; i < m && k == 0; i++)
        for (size_t j = 0; j < width; j += LANES)
            v_store(c + i * stride + j, from ? v_load(from + j) : v_splat(0));
    for (size_t p = 0, depth; p < k; p += depth) {
        depth = kernels_depth(k - p);
        const struct matrix ap = {a.data + p * a.column, a.row, a.column};
        const struct matrix bp = {b.data + p * b.row, b.row, b.column};
        if (turned)
            matmul_turned(c, before, ap, bp, m, depth, n, stride, workspace);
        else if (is_flat(m, depth, width, ap, bp))
            matmul_flat(c, before, ap, bp, m, depth, n, stride, workspace);
        else if (b.column == 1 && (few || depth * width <= DIRECT))
            matmul_few(c, before, ap, bp.data, bp.row, m, depth, width, stride);
        else
            matmul_block(c, before, ap, bp, m, depth, n, stride, workspace);
        before = (struct before){c, stride};
    }
}
