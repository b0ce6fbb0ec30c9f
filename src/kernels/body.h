/*
 * body.h - every kernel, written once over the vector type V of LANES elements; included by one .c file a kernel set.
 *
 * The includer has defined V, LANES and the v_ functions (vector_*.h) and the set's identity: KERNELS (the table's
 * symbol), KERNELS_NAME, KERNELS_DESCRIPTION and supported().  The contracts stand in kernels.h.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "tile.h"

#define T real
#include "../optim/rules.h"

static void scale_pixels(real *x, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = (real)bytes[i] / 255;
}

/* ---- dense products ---- */

enum { TILE_COLUMNS = TILE_VECTORS * LANES };

/*
 * One block's sum for rows x (vectors * LANES) elements of c, in registers while p runs, is added to `before`, whose
 * rows are before_row apart: c itself, or the row that the sum starts from (before_row 0); NULL: c is this sum.
 * Callers pass constants for rows, vectors and, for packed operands, strides: the loops unroll and the addresses become
 * offsets.
 */
static inline __attribute__((always_inline)) void matmul_tile(real *c, size_t stride, const real *before,
                                                              size_t before_row, const real *restrict a, size_t a_row,
                                                              size_t a_column, const real *restrict b, size_t b_row,
                                                              const size_t rows, const size_t vectors, size_t k)
{
    V sum[TILE_ROWS][TILE_VECTORS];
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < vectors; j++)
            sum[i][j] = v_splat(0);
    for (size_t p = 0; p < k; p++) {
        V row[TILE_VECTORS];
        for (size_t j = 0; j < vectors; j++)
            row[j] = v_load(b + p * b_row + j * LANES);
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

/* What an element's next block is added to. */
struct before {
    const real *data;
    size_t row;
};

static inline const real *before_at(struct before before, size_t i, size_t j)
{
    return before.data ? before.data + i * before.row + j : NULL;
}

/* All rows of one tile column, from operands as they lie in memory. */
static inline __attribute__((always_inline)) void matmul_column(real *c, size_t stride, struct before before,
                                                                struct matrix a, const real *restrict b, size_t b_row,
                                                                size_t m, size_t k, const size_t vectors)
{
#define TILE(rows)                                                                                                     \
    matmul_tile(c + i * stride, stride, before_at(before, i, 0), before.row, a.data + i * a.row, a.row, a.column, b,   \
                b_row, rows, vectors, k)
    size_t i = 0;
    for (; i + TILE_ROWS <= m; i += TILE_ROWS)
        TILE(TILE_ROWS);
    for (; TILE_ROWS > 3 && i + 3 <= m; i += 3)
        TILE(TILE_ROWS < 3 ? TILE_ROWS : 3);
    for (; i < m; i++)
        TILE(1);
#undef TILE
}

/* Small products: nothing is copied. */
static void matmul_direct(real *c, struct before before, struct matrix a, const real *b, size_t b_row, size_t m,
                          size_t k, size_t width, size_t stride)
{
    size_t j = 0;
    for (; j + TILE_COLUMNS <= width; j += TILE_COLUMNS)
        matmul_column(c + j, stride, (struct before){before_at(before, 0, j), before.row}, a, b + j, b_row, m, k,
                      TILE_VECTORS);
    for (; j < width; j += REAL_PAD)
        matmul_column(c + j, stride, (struct before){before_at(before, 0, j), before.row}, a, b + j, b_row, m, k,
                      REAL_PAD / LANES);
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
        } else if (term == 1 && there == panel && panel % TILE_SIDE == 0) {
            for (; p + TILE_SIDE <= k; p += TILE_SIDE)
                for (size_t v = 0; v < panel; v += TILE_SIDE) {
                    tile_row row[TILE_SIDE];
                    for (size_t r = 0; r < TILE_SIDE; r++)
                        tile_load(&row[r], from + (v + r) * line + p);
                    tile_transpose(row);
                    for (size_t r = 0; r < TILE_SIDE; r++)
                        memcpy(packed + (p + r) * panel + v, &row[r], sizeof row[r]);
                }
        }
        for (; p < k; p++)
            for (size_t v = 0; v < there; v++)
                packed[p * panel + v] = from[v * line + p * term];
    }
}

/* One block: m rows of a, packed or as it lies in memory, by `columns` columns of packed b. */
static inline __attribute__((always_inline)) void matmul_block(real *c, size_t stride, struct before before,
                                                               struct matrix a, const bool packed, const real *b,
                                                               size_t m, size_t k, size_t columns)
{
    const size_t a_row = packed ? 1 : a.row, a_column = packed ? TILE_ROWS : a.column;
    for (size_t j = 0; j < columns; j += TILE_COLUMNS, b += k * TILE_COLUMNS) {
        const bool whole = columns - j >= TILE_COLUMNS;
        for (size_t i = 0; i < m; i += TILE_ROWS) {
            const real *rows = a.data + i * (packed ? k : a.row);
            if (whole && m - i >= TILE_ROWS) {
                for (size_t r = i; r < i + TILE_ROWS; r++) /* needed at the end, when it would be waited for */
                    for (size_t v = 0; v < TILE_COLUMNS; v += REAL_PAD)
                        __builtin_prefetch(c + r * stride + j + v, 1);
                matmul_tile(c + i * stride + j, stride, before_at(before, i, j), before.row, rows, a_row, a_column, b,
                            TILE_COLUMNS, TILE_ROWS, TILE_VECTORS, k);
                continue;
            }
            /* A border: as wide as c has room for, row by row. */
            for (size_t r = i; r < m && r < i + TILE_ROWS; r++)
                for (size_t v = 0; v < columns - j && v < TILE_COLUMNS; v += REAL_PAD)
                    matmul_tile(c + r * stride + j + v, stride, before_at(before, r, j + v), before.row,
                                rows + (r - i) * a_row, a_row, a_column, b + v, TILE_COLUMNS, 1, REAL_PAD / LANES, k);
        }
    }
}

static void matmul(real *c, const real *from, struct matrix a, struct matrix b, size_t m, size_t k, size_t n,
                   size_t stride, real *workspace)
{
    enum {
        DIRECT = 8192 /* elements of b that stay in the first-level cache */,
        REUSED = 8 /* uses of a that pay for a copy */
    };
    const size_t width = real_padded(n);
    real *packed_a = workspace, *packed_b = workspace + KERNELS_MC * KERNELS_KC;
    for (size_t i = 0; i < m && k == 0; i++)
        for (size_t j = 0; j < width; j += LANES)
            v_store(c + i * stride + j, from ? v_load(from + j) : v_splat(0));
    for (size_t j = 0; j < width; j += KERNELS_NC) {
        const size_t columns = width - j < KERNELS_NC ? width - j : KERNELS_NC;
        struct before before = {from ? from + j : NULL, 0};
        for (size_t p = 0, depth; p < k; p += depth) {
            depth = kernels_depth(k - p);
            const struct matrix bp = {b.data + p * b.row + j * b.column, b.row, b.column};
            const bool direct = b.column == 1 && depth * columns <= DIRECT;
            if (!direct) /* with one column stride the padding is there to be read; else it is made */
                pack(packed_b, bp.data, bp.column, bp.row, b.column == 1 || n - j > columns ? columns : n - j, depth,
                     TILE_COLUMNS);
            for (size_t i = 0; i < m; i += KERNELS_MC) {
                const size_t rows = m - i < KERNELS_MC ? m - i : KERNELS_MC;
                const struct matrix ap = {a.data + i * a.row + p * a.column, a.row, a.column};
                const struct before bi = {before_at(before, i, 0), before.row};
                real *const ci = c + i * stride + j;
                if (direct) {
                    matmul_direct(ci, bi, ap, bp.data, bp.row, rows, depth, columns, stride);
                } else if (columns <= REUSED * TILE_COLUMNS) {
                    matmul_block(ci, stride, bi, ap, false, packed_b, rows, depth, columns);
                } else {
                    pack(packed_a, ap.data, ap.row, ap.column, rows, depth, TILE_ROWS);
                    matmul_block(ci, stride, bi, (struct matrix){packed_a, 0, 0}, true, packed_b, rows, depth, columns);
                }
            }
            before = (struct before){c + j, stride};
        }
    }
}

/* The sums of one vector of columns, term p in lane p mod DOT_LANES; then neighbouring lanes are added until one is
 * left. */
static void matmul_dot(real *c, const real *from, struct matrix a, const real *b, size_t b_row, size_t m, size_t k,
                       size_t n, size_t stride)
{
    enum { DOT_LANES = 16 };
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < real_padded(n); j += LANES) {
            const real *factor = a.data + i * a.row, *row = b + j;
            V sum[DOT_LANES];
            for (size_t lane = 0; lane < DOT_LANES; lane++)
                sum[lane] = v_splat(0);
            size_t p = 0;
            for (; p + DOT_LANES <= k; p += DOT_LANES)
                for (size_t lane = 0; lane < DOT_LANES; lane++)
                    sum[lane] =
                        v_fma(v_splat(factor[(p + lane) * a.column]), v_load(row + (p + lane) * b_row), sum[lane]);
            for (; p < k; p++)
                sum[p % DOT_LANES] = v_fma(v_splat(factor[p * a.column]), v_load(row + p * b_row), sum[p % DOT_LANES]);
            for (size_t lanes = DOT_LANES; lanes > 1; lanes /= 2)
                for (size_t lane = 0; lane < lanes / 2; lane++)
                    sum[lane] = sum[2 * lane] + sum[2 * lane + 1];
            v_store(c + i * stride + j, v_load(from + j) + sum[0]);
        }
}

/* ---- rows chosen by the bits of a mask ---- */

enum { PANEL = PANEL_VECTORS * LANES };

/*
 * Makes the compiler take a pointer as it is: a row's vectors are then addressed by one register and constants, where
 * it would keep a register for each of them and spill the rest.
 */
#define OPAQUE(pointer) __asm__("" : "+r"(pointer))

/* call(which, width) for columns h to h + width: PANEL wide as often as it fits, then halves down to REAL_PAD. */
#define FOR_PANELS(stride, call, which)                                                                                \
    do {                                                                                                               \
        size_t h = 0;                                                                                                  \
        for (; h + PANEL <= (stride); h += PANEL)                                                                      \
            call(which, PANEL);                                                                                        \
        if (PANEL > 64 && h + 64 <= (stride)) {                                                                        \
            call(which, 64);                                                                                           \
            h += 64;                                                                                                   \
        }                                                                                                              \
        if (PANEL > 32 && h + 32 <= (stride)) {                                                                        \
            call(which, 32);                                                                                           \
            h += 32;                                                                                                   \
        }                                                                                                              \
        if (PANEL > 16 && h + 16 <= (stride))                                                                          \
            call(which, 16);                                                                                           \
    } while (0)

/* Bit i: whether byte i is not zero. */
#ifndef V_NONZERO
static inline uint64_t v_nonzero(const uint8_t *bytes)
{
    uint64_t mask = 0;
    for (unsigned i = 0; i < PIXELS_SLACK; i++)
        mask |= (uint64_t)(bytes[i] != 0) << i;
    return mask;
}
#endif

/* The first `count` bits, all from 64 on. */
static inline uint64_t first_bits(size_t count)
{
    return count < 64 ? ((uint64_t)1 << count) - 1 : ~(uint64_t)0;
}

/*
 * sum += factor i times row i of b, for each bit i of mask, `vectors` wide; factor i is factors[i], or with bytes
 * factors[bytes[i]].
 */
static inline __attribute__((always_inline)) void add_rows(V *sum, uint64_t mask, const real *factors,
                                                           const uint8_t *bytes, const real *b, size_t stride,
                                                           const size_t vectors)
{
    for (; mask; mask &= mask - 1) {
        const size_t i = (size_t)__builtin_ctzll(mask);
        const real *row = b + i * stride;
        OPAQUE(row);
        const V factor = v_splat(bytes ? factors[bytes[i]] : factors[i]);
        for (size_t j = 0; j < vectors; j++)
            sum[j] = v_fma(factor, v_load(row + j * LANES), sum[j]);
    }
}

/* ---- small products of a matrix with zeros ---- */

/* Bit i: whether x[i] is not zero, for count numbers, 64 at the most. */
static inline uint64_t nonzero_reals(const real *x, size_t count)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < count && i < 64; i += LANES)
        mask |= (uint64_t)v_nonzero_lanes(v_load(x + i)) << i;
    return mask;
}

/* A block ends: c = before + sum, or sum alone, and the next block's sum begins. */
static inline __attribute__((always_inline)) void end_block(real *c, const real *before, V *sum, const size_t vectors)
{
    for (size_t j = 0; j < vectors; j++) {
        if (before)
            sum[j] = v_load(before + j * LANES) + sum[j];
        v_store(c + j * LANES, sum[j]);
        sum[j] = v_splat(0);
    }
}

static inline __attribute__((always_inline)) void matmul_skip_panel(real *c, const real *from, const real *a,
                                                                    size_t a_row, const real *b, size_t b_row, size_t m,
                                                                    size_t k, size_t stride, const size_t width)
{
    enum { WORD = 64 };
    const size_t vectors = width / LANES;
    uint64_t coming = m > 0 ? nonzero_reals(a, k) : 0; /* a mask ahead, as in pixel_matmul_part */
    for (size_t i = 0; i < m; i++, a += a_row, c += stride) {
        V sum[PANEL_VECTORS];
        const real *before = from;
        for (size_t j = 0; j < vectors; j++)
            sum[j] = v_splat(0);
        for (size_t p = 0, end = kernels_depth(k); p < k; p += WORD) {
            uint64_t mask = coming;
            coming = p + WORD < k ? nonzero_reals(a + p + WORD, k - p - WORD)
                     : i + 1 < m  ? nonzero_reals(a + a_row, k)
                                  : 0;
            while (end < k && end < p + WORD) { /* a block ends within the word */
                const uint64_t rest = ~first_bits(end - p);
                add_rows(sum, mask & ~rest, a + p, NULL, b + p * b_row, b_row, vectors);
                end_block(c, before, sum, vectors);
                before = c;
                mask &= rest;
                end += kernels_depth(k - end);
            }
            add_rows(sum, mask, a + p, NULL, b + p * b_row, b_row, vectors);
        }
        end_block(c, before, sum, vectors);
    }
}

static void matmul_skip(real *c, const real *from, const real *a, size_t a_row, const real *b, size_t b_row, size_t m,
                        size_t k, size_t n, size_t stride)
{
#define PRODUCT(kernel, width) kernel(c + h, from ? from + h : NULL, a, a_row, b + h, b_row, m, k, stride, width)
    FOR_PANELS(real_padded(n), PRODUCT, matmul_skip_panel);
#undef PRODUCT
}

/* ---- the first layer, on pixels ---- */

/*
 * Pixels first to first + count of every image: what they add to its block's sum in x->sums, which is zero before a
 * block begins; with the block's end (`ends`) z becomes that sum and `before`, whose rows are before_stride apart.
 */
struct pixel_part {
    size_t first, count;
    bool ends;
    const real *before;
    size_t before_stride;
};

static inline __attribute__((always_inline)) void pixel_matmul_part(real *z, const struct pixel_batch *x,
                                                                    const struct pixel_part *part, const real *w,
                                                                    size_t stride, const size_t width)
{
    const size_t vectors = width / LANES, first = part->first, before_stride = part->before_stride;
    const uint64_t all = first_bits(part->count);
    const uint8_t *const *row = x->row, *const *const end = row + x->rows;
    const real *before = part->before, *const value = x->value;
    const bool ends = part->ends;
    real *kept = x->sums;
    w += first * stride;
    /* Each mask is made an image ahead: how long its loop runs cannot be predicted, and what waits for it should be
     * short. */
    uint64_t coming = row < end ? v_nonzero(*row + first) : 0;
    for (; row < end; row++, kept += width, z += stride, before += before_stride) {
        V sum[PIXELS_PANEL / LANES];
        const uint8_t *const bytes = *row + first;
        const uint64_t mask = coming & all;
        coming = v_nonzero(row[row + 1 < end] + first);
        if (!mask && !ends)
            continue;
        for (size_t j = 0; j < vectors; j++)
            sum[j] = v_load(kept + j * LANES);
        add_rows(sum, mask, value, bytes, w, stride, vectors);
        for (size_t j = 0; j < vectors; j++)
            if (ends) {
                v_store(z + j * LANES, v_load(before + j * LANES) + sum[j]);
                v_store(kept + j * LANES, v_splat(0));
            } else
                v_store(kept + j * LANES, sum[j]);
    }
}

/* A function for each width and not inlined: compilers run out of registers otherwise, and each spill delays a loop. */
typedef void pixel_part_fn(real *z, const struct pixel_batch *x, const struct pixel_part *part, const real *w,
                           size_t stride);
#define DEFINE_PIXEL_PART(width)                                                                                       \
    static __attribute__((noinline)) void pixel_part_##width(                                                          \
        real *z, const struct pixel_batch *x, const struct pixel_part *part, const real *w, size_t stride)             \
    {                                                                                                                  \
        pixel_matmul_part(z, x, part, w, stride, width);                                                               \
    }
DEFINE_PIXEL_PART(16)
DEFINE_PIXEL_PART(32)
DEFINE_PIXEL_PART(64)
DEFINE_PIXEL_PART(128)

/*
 * `width` columns of z.  PIXELS_SLACK rows of w stay in the first-level cache while every image of the batch passes
 * over them; a block (kernels_depth) has several such parts.
 */
static void pixel_matmul_panel(real *z, const real *from, const struct pixel_batch *x, const real *w, size_t stride,
                               size_t width)
{
    pixel_part_fn *const add = width == 128  ? pixel_part_128
                               : width == 64 ? pixel_part_64
                               : width == 32 ? pixel_part_32
                                             : pixel_part_16;
    struct pixel_part part = {.before = from};
    for (size_t block_end = 0; part.first < x->columns; part.first += part.count) {
        if (part.first == block_end)
            block_end += kernels_depth(x->columns - part.first);
        part.count = block_end - part.first < PIXELS_SLACK ? block_end - part.first : PIXELS_SLACK;
        part.ends = part.first + part.count == block_end;
        add(z, x, &part, w, stride);
        if (part.ends) {
            part.before = z;
            part.before_stride = stride;
        }
    }
}

static void pixel_matmul(real *z, const real *from, const struct pixel_batch *x, const real *w, size_t stride)
{
#define PRODUCT(kernel, width) kernel(z + h, from + h, x, w + h, stride, width)
    FOR_PANELS(stride, PRODUCT, pixel_matmul_panel);
#undef PRODUCT
}

/* Rows first to first + count of the batch: their part of the gradient of w's row k, whose bytes and first mask these
 * are. */
static inline __attribute__((always_inline)) void pixel_gradient_block(V *sum, const struct pixel_batch *x,
                                                                       const uint8_t *bytes, uint64_t mask,
                                                                       size_t first, size_t count, const real *dz,
                                                                       size_t stride, const size_t vectors)
{
    for (size_t j = 0; j < vectors; j++)
        sum[j] = v_splat(0);
    for (size_t b = 0;;) {
        add_rows(sum, mask & first_bits(count - b), x->value, bytes + first + b, dz + (first + b) * stride, stride,
                 vectors);
        b += PIXELS_SLACK;
        if (b >= count)
            break;
        mask = v_nonzero(bytes + first + b);
    }
}

/* The gradient of `width` elements of w's row k, in registers. */
static inline __attribute__((always_inline)) void pixel_gradient(V *gradient, const struct pixel_batch *x, size_t k,
                                                                 uint64_t mask, const real *restrict dz, size_t stride,
                                                                 const size_t width)
{
    const uint8_t *const bytes = x->transposed + k * x->stride;
    const size_t vectors = width / LANES;
    size_t first = kernels_depth(x->rows);
    pixel_gradient_block(gradient, x, bytes, mask, 0, first, dz, stride, vectors);
    for (size_t count; first < x->rows; first += count) {
        V sum[PANEL_VECTORS];
        count = kernels_depth(x->rows - first);
        pixel_gradient_block(sum, x, bytes, v_nonzero(bytes + first), first, count, dz, stride, vectors);
        for (size_t j = 0; j < vectors; j++)
            gradient[j] = gradient[j] + sum[j];
    }
}

/*
 * The images of the batch to come are asked for one cache line a pixel, so that they come in behind the arithmetic: a
 * shuffled batch is scattered over more memory than the caches hold.
 */
struct ahead {
    size_t image, byte;
};

static inline void ask_ahead(struct ahead *ahead, const struct pixel_batch *x)
{
    enum { CACHE_LINE = 64 };
    if (ahead->image >= x->next_rows)
        return;
    __builtin_prefetch(x->next[ahead->image] + ahead->byte);
    ahead->byte += CACHE_LINE;
    if (ahead->byte >= x->columns)
        *ahead = (struct ahead){ahead->image + 1, 0};
}

#define DEFINE_PIXEL_UPDATE(rule, alias, title, n_states, uses, formula)                                               \
    static inline __attribute__((always_inline)) void pixel_update_##rule##_panel(                                     \
        real *restrict w, real *const *restrict state, size_t offset, const struct pixel_batch *x, size_t k,           \
        uint64_t mask, const real *restrict dz, size_t stride, const V *c, const size_t width)                         \
    {                                                                                                                  \
        V gradient[PANEL_VECTORS], s[OPTIMIZER_STATES_MAX];                                                            \
        pixel_gradient(gradient, x, k, mask, dz, stride, width);                                                       \
        for (size_t j = 0; j < width / LANES; j++) {                                                                   \
            const size_t i = offset + j * LANES;                                                                       \
            for (int n = 0; n < (n_states); n++)                                                                       \
                s[n] = v_load(state[n] + i);                                                                           \
            v_store(w + i, rule_##rule(v_load(w + i), gradient[j], s, c));                                             \
            for (int n = 0; n < (n_states); n++)                                                                       \
                v_store(state[n] + i, s[n]);                                                                           \
        }                                                                                                              \
    }                                                                                                                  \
    static void pixel_update_##rule(real *w, real *const *state, const struct pixel_batch *x, const real *dz,          \
                                    size_t stride, const double *constants)                                            \
    {                                                                                                                  \
        V c[OPTIMIZER_CONSTANTS_MAX];                                                                                  \
        struct ahead ahead = {0, 0};                                                                                   \
        uint64_t coming = v_nonzero(x->transposed);                                                                    \
        for (int i = 0; i < OPTIMIZER_CONSTANTS_MAX; i++)                                                              \
            c[i] = v_splat((real)constants[i]);                                                                        \
        for (size_t k = 0; k < x->columns; k++) {                                                                      \
            const uint64_t mask = coming;                                                                              \
            coming = v_nonzero(x->transposed + (k + 1) * x->stride); /* there is one row more */                       \
            ask_ahead(&ahead, x);                                                                                      \
            FOR_PANELS(stride, UPDATE_PANEL, pixel_update_##rule##_panel);                                             \
        }                                                                                                              \
    }
#define UPDATE_PANEL(panel, width) panel(w, state, k *stride + h, x, k, mask, dz + h, stride, c, width)
OPTIMIZER_RULES(DEFINE_PIXEL_UPDATE)

/* The rows 0, step, 2 step, ... of one vector of columns: chunks of CHUNK rows, whose sums are summed in the same way.
 */
static inline V cascade_sum(const real *x, size_t rows, size_t step)
{
    enum { LEVELS = 4 };
    V level[LEVELS] = {v_splat(0), v_splat(0), v_splat(0), v_splat(0)};
    size_t bits = 0, power, b = 0;
    while ((size_t)1 << bits < rows)
        bits++;
    power = bits / LEVELS > 4 ? bits / LEVELS : 4;
    while (b + ((size_t)1 << power) <= rows) {
        for (size_t end = b + ((size_t)1 << power); b < end; b++)
            level[0] = level[0] + v_load(x + b * step);
        for (size_t j = 1; j < LEVELS; j++) {
            level[j] = level[j] + level[j - 1];
            level[j - 1] = v_splat(0);
            if (b & ((((size_t)1 << power) - 1) << (j * power)))
                break;
        }
    }
    for (; b < rows; b++)
        level[0] = level[0] + v_load(x + b * step);
    return ((level[0] + level[1]) + level[2]) + level[3];
}

static void column_sums(real *restrict sum, const real *restrict x, size_t rows, size_t columns, size_t stride)
{
    enum { WHOLE = 32, PARTS = 4 };
    const size_t whole = columns / WHOLE * WHOLE;
    for (size_t f = 0; f < whole; f += LANES)
        v_store(sum + f, cascade_sum(x + f, rows, stride));
    for (size_t f = whole; f < stride; f += LANES) {
        V part[PARTS];
        for (size_t i = 0; i < PARTS; i++)
            part[i] = cascade_sum(x + i * stride + f, rows / PARTS, PARTS * stride);
        for (size_t b = rows / PARTS * PARTS; b < rows; b++)
            part[0] = part[0] + v_load(x + b * stride + f);
        v_store(sum + f, ((part[0] + part[1]) + part[2]) + part[3]);
    }
}

static void relu(real *y, const real *x, size_t rows, size_t stride)
{
    for (size_t i = 0; i < rows * stride; i += LANES)
        v_store(y + i, v_at_least(v_load(x + i), v_splat(0)));
}

static void relu_backward(real *dx, const real *dy, const real *y, size_t rows, size_t stride)
{
    for (size_t i = 0; i < rows * stride; i += LANES)
        v_store(dx + i, v_where_positive(v_load(y + i), v_load(dy + i)));
}

/* y = x * scale + shift with scale = gamma rstd, shift = beta - mean scale, down one vector of columns. */
static inline void normalise_columns(real *y, const real *x, V gamma, V beta, V mean, V rstd, size_t rows,
                                     size_t stride)
{
    const V scale = rstd * gamma, shift = v_fma(-mean, scale, beta);
    for (size_t b = 0; b < rows; b++)
        v_store(y + b * stride, v_fma(v_load(x + b * stride), scale, shift));
}

static void batchnorm(real *y, const real *x, const real *gamma, const real *beta, real *mean, real *rstd,
                      real *running_mean, real *running_var, double momentum, double eps, size_t rows, size_t stride)
{
    assert(rows >= 2);
    const V count = v_splat((real)rows), unbiased = v_splat((real)(rows - 1));
    const V share = v_splat((real)momentum), kept = v_splat((real)(1 - momentum));
    for (size_t f = 0; f < stride; f += LANES) {
        V sum = v_splat(0), squares = v_splat(0);
        for (size_t b = 0; b < rows; b++)
            sum = sum + v_load(x + b * stride + f);
        const V m = sum / count;
        for (size_t b = 0; b < rows; b++) {
            V d = v_load(x + b * stride + f) - m;
            squares = v_fma(d, d, squares);
        }
        v_store(mean + f, m);
        v_store(running_mean + f, share * m + kept * v_load(running_mean + f));
        v_store(running_var + f, v_fma(share, squares / unbiased, kept * v_load(running_var + f)));
        v_store(rstd + f, squares / count);
        for (size_t i = f; i < f + LANES; i++)
            rstd[i] = (real)(1 / sqrt((double)rstd[i] + eps));
        normalise_columns(y + f, x + f, v_load(gamma + f), v_load(beta + f), m, v_load(rstd + f), rows, stride);
    }
}

static void batchnorm_eval(real *y, const real *x, const real *gamma, const real *beta, const real *running_mean,
                           const real *running_var, double eps, size_t rows, size_t stride)
{
    for (size_t f = 0; f < stride; f += LANES) {
        const V rstd = v_splat(1) / v_sqrt(v_load(running_var + f) + v_splat((real)eps));
        normalise_columns(y + f, x + f, v_load(gamma + f), v_load(beta + f), v_load(running_mean + f), rstd, rows,
                          stride);
    }
}

static void batchnorm_backward(real *dx, real *dgamma, real *dbeta, const real *dy, const real *x, const real *gamma,
                               const real *mean, const real *rstd, size_t rows, size_t stride)
{
    const V count = v_splat((real)rows);
    for (size_t f = 0; f < stride; f += LANES) {
        const V m = v_load(mean + f), r = v_load(rstd + f), g = v_load(gamma + f);
        V sum = v_splat(0), product = v_splat(0);
        for (size_t b = 0; b < rows; b++) {
            V d = v_load(dy + b * stride + f);
            sum = sum + d;
            product = v_fma(v_load(x + b * stride + f) - m, d, product);
        }
        v_store(dbeta + f, sum);
        v_store(dgamma + f, product * r);
        const V slope = product * r * r / count, shift = sum / count;
        for (size_t b = 0; b < rows; b++) {
            const V centred = v_load(x + b * stride + f) - m, d = v_load(dy + b * stride + f) - shift;
            v_store(dx + b * stride + f, v_fma(-centred, slope, d) * r * g);
        }
    }
}

/*
 * exp and log as SLEEF's single precision functions of 1.0 ulp have them (Shibata & Petrogalli 2020), which PyTorch
 * calls: own, because the C libraries' differ in the last bit.
 *
 * exp is for arguments <= 0.  Those below -87 count as -87 (1.6e-38, just above the smallest normal number): no sum of
 * a softmax, which has a term 1, sees it.
 */
#ifdef DLEXP_REAL_DOUBLE
#define v_exp(a) exp(a)
#define log_at_least_one(a) log(a)
#else
static inline V v_exp(V a)
{
    const V round = v_splat(12582912.0f); /* 1.5 * 2^23: adding it leaves the integer in the low bits */
    a = v_at_least(a, v_splat(-87.0f));
    const V rounded = a * v_splat(1.44269504088896341f) + round, n = rounded - round;
    V r = v_fma(n, v_splat(-0.693145751953125f), a); /* ln 2 in two parts; n times the first is exact */
    r = v_fma(n, v_splat(-1.42860676533018704e-6f), r);
    V p = v_splat(1.98527617612853646e-4f);
    p = v_fma(p, r, v_splat(1.39304355252534151e-3f));
    p = v_fma(p, r, v_splat(8.33336077630519867e-3f));
    p = v_fma(p, r, v_splat(4.16664853692054749e-2f));
    p = v_fma(p, r, v_splat(1.66666671633720398e-1f));
    p = v_fma(p, r, v_splat(0.5f));
    p = v_splat(1) + v_fma(r * r, p, r);
    return p * v_power_of_two(rounded);
}

/* log of a finite a >= 1 = m 2^e, m in [3/4, 3/2): e ln 2 + 2 atanh(q), q = (m - 1) / (m + 1), the large terms in two
 * floats. */
static inline float log_at_least_one(float a)
{
    union {
        float value;
        uint32_t bits;
    } m = {.value = a * (1.0f / 0.75f)};
    if (!(a < INFINITY))
        return a;
    const int exponent = (int)(m.bits >> 23) - 127;
    m.value = a;
    m.bits -= (uint32_t)exponent << 23;
    const float e = (float)exponent, below = m.value - 1, above = m.value + 1, rest = (1 - above) + m.value;
    const float inverse = 1 / above, q = below * inverse;
    const float q_low = fmaf(q, fmaf(-rest, inverse, fmaf(-above, inverse, 1)), fmaf(below, inverse, -q));
    const float square = q * q;
    const float series = fmaf(fmaf(0.302729487f, square, 0.399610817f), square, 0.666669488f) * (square * q);
    const float ln2 = 0.693147182f, ln2_low = -1.90465432e-9f;
    const float power = ln2 * e, power_low = fmaf(ln2_low, e, fmaf(ln2, e, -power));
    const float sum = power + 2 * q, sum_low = ((power - sum) + 2 * q) + (power_low + 2 * q_low);
    const float total = sum + series;
    return total + (((sum - total) + series) + sum_low);
}
#endif

/*
 * The sum of exp(z - largest) over the classes, in the order of PyTorch's vectors of eight: the classes 0, 8, 16, ...
 * in one lane, and so on, then halves on halves; fewer than eight in their order.
 */
static inline real exponential_sum(const real *z, size_t classes, real largest)
{
    enum { EIGHT = 8 };
    _Alignas(REAL_ALIGN) real part[REAL_PAD];
    real lane[EIGHT] = {0};
    for (size_t c0 = 0; c0 < classes; c0 += REAL_PAD) {
        for (size_t i = 0; i < REAL_PAD; i += LANES)
            v_store(part + i, v_exp(v_load(z + c0 + i) - v_splat(largest)));
        for (size_t i = 0; i < REAL_PAD && c0 + i < classes; i++)
            lane[i % EIGHT] = c0 + i < EIGHT ? part[i] : lane[i % EIGHT] + part[i];
    }
    if (classes < EIGHT) {
        for (size_t i = 1; i < classes; i++)
            lane[0] += lane[i];
        return lane[0];
    }
    for (size_t half = EIGHT / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++)
            lane[i] += lane[i + half];
    return lane[0];
}

/* The first of the largest logits. */
static inline size_t largest_logit(const real *z, size_t classes)
{
    size_t best = 0;
    real largest = z[0];
    for (size_t c = 1; c < classes; c++) {
        const bool larger = z[c] > largest; /* no branch: nobody can predict it */
        best = larger ? c : best;
        largest = larger ? z[c] : largest;
    }
    return best;
}

static double softmax_cross_entropy(real *dz, const real *z, const uint8_t *labels, size_t rows, size_t classes,
                                    size_t stride, size_t *correct)
{
    enum { CHUNK = 16 }; /* rows; one pass after the other over them, as each pass alone is a long chain for a row */
    double loss = 0;
    const real share = -1 / (real)rows;
    for (size_t first = 0; first < rows; first += CHUNK) {
        const size_t count = rows - first < CHUNK ? rows - first : CHUNK;
        real largest[CHUNK], log_sum[CHUNK];
        for (size_t b = 0; b < count; b++) {
            const real *const row = z + (first + b) * stride;
            const size_t best = largest_logit(row, classes);
            *correct += best == labels[first + b];
            largest[b] = row[best];
        }
        for (size_t b = 0; b < count; b++)
            log_sum[b] = exponential_sum(z + (first + b) * stride, classes, largest[b]);
        for (size_t b = 0; b < count; b++)
            log_sum[b] = log_at_least_one(log_sum[b]);
        for (size_t b = 0; b < count; b++)
            loss -= (double)(z[(first + b) * stride + labels[first + b]] - largest[b] - log_sum[b]);
        for (size_t b = 0; b < count && dz; b++) {
            const real *const row = z + (first + b) * stride;
            real *const d = dz + (first + b) * stride;
            memset(d, 0, stride * sizeof *d);
            d[labels[first + b]] = share;
            for (size_t c = 0; c < classes; c += LANES) {
                const V p = v_exp(v_load(row + c) - v_splat(largest[b]) - v_splat(log_sum[b]));
                v_store(d + c, v_fma(-p, v_splat(share), v_load(d + c)));
            }
            for (size_t c = classes; c < real_padded(classes); c++)
                d[c] = 0;
        }
    }
    return loss;
}

/* As many chains as a product's tile has sums, and in the same two loops: compilers unroll those and keep them in
 * registers. */
static uint64_t fma_peak(real *x, uint64_t rounds)
{
    const V factor = v_splat(x[0]), term = v_splat(x[1]);
    V sum[TILE_ROWS][TILE_VECTORS], total = v_splat(0);
    for (size_t i = 0; i < TILE_ROWS; i++)
        for (size_t j = 0; j < TILE_VECTORS; j++)
            sum[i][j] = v_splat((real)(i * TILE_VECTORS + j)); /* different ones: equal chains would be one */
    for (uint64_t round = 0; round < rounds; round++)
        for (size_t i = 0; i < TILE_ROWS; i++)
            for (size_t j = 0; j < TILE_VECTORS; j++)
                sum[i][j] = v_fma(factor, sum[i][j], term);
    for (size_t i = 0; i < TILE_ROWS; i++)
        for (size_t j = 0; j < TILE_VECTORS; j++)
            total = total + sum[i][j];
    v_store(x, total);
    return rounds * TILE_ROWS * TILE_VECTORS * LANES * 2;
}

static optimizer_update_fn *const updates[] = {OPTIMIZER_RULES(UPDATE_ENTRY)};

#define PIXEL_UPDATE_ENTRY(rule, alias, title, n_states, uses, formula) pixel_update_##rule,
static optimizer_pixel_update_fn *const pixel_updates[] = {OPTIMIZER_RULES(PIXEL_UPDATE_ENTRY)};

const struct kernels KERNELS = {
    .name = KERNELS_NAME,
    .description = KERNELS_DESCRIPTION,
    .supported = supported,
    .scale_pixels = scale_pixels,
    .matmul = matmul,
    .matmul_dot = matmul_dot,
    .matmul_skip = matmul_skip,
    .pixel_matmul = pixel_matmul,
    .pixel_update = pixel_updates,
    .column_sums = column_sums,
    .relu = relu,
    .relu_backward = relu_backward,
    .batchnorm = batchnorm,
    .batchnorm_eval = batchnorm_eval,
    .batchnorm_backward = batchnorm_backward,
    .softmax_cross_entropy = softmax_cross_entropy,
    .fma_peak = fma_peak,
    .update = updates,
};
