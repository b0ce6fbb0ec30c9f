/*
 * down.h - a part of body.h: products whose vectors go down the rows of c, with b's numbers as factors: a c of few
 * columns by rows of a that are neighbours in memory (the gradient of a last layer's weights), and a c of few rows by a
 * transposed b, which then need not be turned.
 */

enum {
    DOWN_VECTORS = 2,
    DOWN_ROWS = DOWN_VECTORS * LANES,
    DOWN_SUMS = TILE_ROWS * TILE_VECTORS,
    DOWN_TERMS = 32 /* that pay for a transposed tile of c */
};

#define D V
#define D_LANES LANES
#define d_load(p) v_load(p)
#define d_store(p, a) v_store(p, a)
#define d_splat(a) v_splat(a)
#define d_fma(a, b, c) v_fma(a, b, c)
#include "down_tile.h"

#ifdef HALF
enum { HALF_ROWS = LANES / 2 };
#define D HALF
#define D_LANES HALF_ROWS
#define d_load(p) half_load(p)
#define d_store(p, a) half_store(p, a)
#define d_splat(a) half_splat(a)
#define d_fma(a, b, c) half_fma(a, b, c)
#define down_terms down_terms_half
#define down_tile down_tile_half
#define down_columns down_columns_half
#include "down_tile.h"
#undef down_terms
#undef down_tile
#undef down_columns
#endif

/* Whether a c of n columns takes less time so than in vectors of its columns: those leave lanes empty where the columns
 * are few, and of many terms they use each cache line of a in parts. */
static inline bool narrow_goes_down(size_t k, size_t n, struct matrix a)
{
    enum { FEW_COLUMNS = 12, MANY_TERMS = 1024 };
    return a.row == 1 && k >= DOWN_TERMS && (n <= FEW_COLUMNS || (n <= REAL_PAD && k > MANY_TERMS));
}

/* As many of m rows as make whole tiles, n <= REAL_PAD; how many that is. */
static size_t matmul_down(real *c, const real *from, struct matrix a, struct matrix b, size_t m, size_t k, size_t n,
                          size_t stride)
{
    size_t i = 0;
    for (; i + DOWN_ROWS <= m; i += DOWN_ROWS)
        down_columns(c + i * stride, stride, from, a.data + i, a.column, b, DOWN_VECTORS, DOWN_ROWS, k, n, true);
    return i;
}

/* Whether m rows by b take less time so than with a turned b: few lanes are left empty, and there is room for a. */
static inline bool goes_down(size_t m, size_t k, struct matrix b)
{
    return b.row == 1 && b.column != 1 && k >= DOWN_TERMS && k * DOWN_ROWS <= KERNELS_WORKSPACE && m > REAL_PAD / 4 &&
           (m <= LANES || (m <= DOWN_ROWS && m + 5 >= DOWN_ROWS));
}

/* m <= DOWN_ROWS rows by a transposed b; packed has room for a. */
static void matmul_down_few(real *c, const real *from, struct matrix a, struct matrix b, size_t m, size_t k, size_t n,
                            size_t stride, real *packed)
{
#define ROWS(down_columns, vectors, lanes)                                                                             \
    pack(packed, a.data, a.row, a.column, m, k, (vectors) * (lanes));                                                  \
    for (size_t j = 0; j < n; j += REAL_PAD)                                                                           \
    down_columns(c + j, stride, from ? from + j : NULL, packed, (vectors) * (lanes),                                   \
                 (struct matrix){b.data + j * b.column, 1, b.column}, vectors, m, k,                                   \
                 n - j < REAL_PAD ? n - j : REAL_PAD, false)
#ifdef HALF
    if (m <= HALF_ROWS) {
        ROWS(down_columns_half, 1, HALF_ROWS);
        return;
    }
#endif
    if (m <= LANES) {
        ROWS(down_columns, 1, LANES);
    } else {
        ROWS(down_columns, DOWN_VECTORS, LANES);
    }
#undef ROWS
}
