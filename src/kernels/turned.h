/*
 * turned.h - a part of body.h: products of some rows by a transposed b, of which nothing is copied: of as many columns
 * as a vector has lanes a few terms at a time are turned in registers, where all rows of a tile use them.
 */

enum {
    TURNED_ROWS = LANES >= 16 ? 24 : 6, /* sums beside the terms; AVX2 has 16 registers, and loads a factor into one */
    TURNED_TILES = LANES >= 16 ? 3 : 1  /* with more of them a copy of b has enough uses, or goes_down is faster */
};

static inline size_t turned_tiles(size_t m)
{
    return (m + TURNED_ROWS - 1) / TURNED_ROWS;
}

static inline bool is_turned(size_t m, size_t k, size_t n, struct matrix b)
{
    enum {
        FEW_ROWS = 8 /* of which flat tiles would be low */,
        FEW_TILES = 2,
        PAYS = 64 /* columns, for packing more */
    };
    return LANES >= 8 && b.row == 1 && b.column != 1 && turned_tiles(m) <= TURNED_TILES &&
           (k > FLAT_TERMS || (k >= TILE_SIDE && m <= FEW_ROWS)) && n >= LANES &&
           (n >= PAYS || turned_tiles(m) <= FEW_TILES);
}

#if LANES >= 8
/* Numbers of a term in packed a: pack is fast with a multiple of TILE_SIDE. */
static inline __attribute__((always_inline)) size_t turned_panel(const size_t rows)
{
    return (rows + TILE_SIDE - 1) / TILE_SIDE * TILE_SIDE;
}

/* Adds TILE_SIDE terms, but for the `first` of them, to the sums of `rows` rows of packed a. */
static inline __attribute__((always_inline)) void turned_terms(V sum[TURNED_ROWS], const real *restrict a,
                                                               const real *restrict b, size_t b_column, size_t first,
                                                               const size_t rows)
{
    wide_row term[TILE_SIDE];
    wide_turn(term, b, b_column, LANES);
    FOR_REGISTERS (p, TILE_SIDE)
        if (p >= first)
            FOR_REGISTERS (i, rows)
                sum[i] = v_fma(v_splat(a[p * turned_panel(rows) + i]), (V)term[p], sum[i]);
}

/* `rows` rows, of which `there` are c's, of a vector of columns; the next columns are asked for meanwhile. */
static inline __attribute__((always_inline)) void turned_tile(real *c, size_t stride, struct before before,
                                                              const real *restrict a, const real *restrict b,
                                                              size_t b_column, size_t k, const size_t rows,
                                                              size_t there)
{
    const size_t panel = turned_panel(rows);
    V sum[TURNED_ROWS];
    size_t p = 0;
    FOR_REGISTERS (i, rows)
        sum[i] = v_splat(0);
    while (p + LINE_REALS <= k) {
        const real *next = b + LANES * b_column + p;
        for (const size_t end = p + LINE_REALS; p < end; p += TILE_SIDE) {
            for (size_t l = 0; l < LANES * TILE_SIDE / LINE_REALS; l++, next += b_column)
                ASK_FOR(next);
            turned_terms(sum, a + p * panel, b + p, b_column, 0, rows);
        }
    }
    for (; p < k; p += TILE_SIDE) {
        const size_t first = p + TILE_SIDE <= k ? p : k - TILE_SIDE; /* the last ones overlap */
        turned_terms(sum, a + first * panel, b + first, b_column, p - first, rows);
    }
    FOR_REGISTERS (i, rows)
        if (i < there) {
            if (before.data)
                sum[i] = v_load(before.data + i * before.row) + sum[i];
            v_store(c + i * stride, sum[i]);
        }
}

/* Of `left` rows those of the next tile: all tiles are about as high. */
static inline size_t turned_rows(size_t left)
{
    const size_t tiles = turned_tiles(left), even = (left + tiles - 1) / tiles;
    return tiles > 1 ? turned_panel(even) : left;
}

/* One block of k. */
static void matmul_turned(real *c, struct before before, struct matrix a, struct matrix b, size_t m, size_t k, size_t n,
                          size_t stride, real *workspace)
{
    enum { PACKED = TURNED_TILES * (TURNED_ROWS + TILE_SIDE) * KERNELS_KC }; /* whole panels */
    _Static_assert((int)PACKED + LANES * (int)KERNELS_KC <= (int)KERNELS_WORKSPACE, "there is room");
    for (size_t j = 0; j < real_padded(n); j += LANES) {
        real *packed = workspace;
        struct matrix bj = {b.data + j * b.column, 1, b.column};
        if (j + LANES > n) { /* the last columns, and zeros as far as c has room */
            real *const last = workspace + PACKED;
            memset(last, 0, LANES * k * sizeof *last);
            for (size_t l = 0; j + l < n; l++)
                memcpy(last + l * k, bj.data + l * b.column, k * sizeof *last);
            bj = (struct matrix){last, 1, k};
        }
        for (size_t i = 0, there; i < m; i += there) {
            const struct before to = {before_at(before, i, j), before.row};
            there = turned_rows(m - i);
#define ROWS(rows)                                                                                                     \
    if ((rows) <= TURNED_ROWS && there <= (rows)) {                                                                    \
        enum { HEIGHT = (rows) <= TURNED_ROWS ? (rows) : 1 };                                                          \
        if (j == 0)                                                                                                    \
            pack(packed, a.data + i * a.row, a.row, a.column, there, k, turned_panel(HEIGHT));                         \
        turned_tile(c + i * stride + j, stride, to, packed, bj.data, bj.column, k, HEIGHT, there);                     \
        packed += turned_panel(HEIGHT) * k;                                                                            \
    } else
            ROWS(2)
            ROWS(4)
            ROWS(6)
            ROWS(8)
            ROWS(10)
            ROWS(12)
            ROWS(14)
            ROWS(16)
            ROWS(18)
            ROWS(20)
            ROWS(22)
            ROWS(24)
            assert(false);
#undef ROWS
        }
    }
}
#else
#define matmul_turned(...) ((void)0) /* is_turned says no */
#endif
