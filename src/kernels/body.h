/*
 * body.h - every kernel, written once over the vector type V of LANES elements; included by one .c file a kernel set.
 *
 * The includer has defined V, LANES and the v_ functions (vector_*.h) and the set's identity: KERNELS (the table's
 * symbol), KERNELS_NAME, KERNELS_DESCRIPTION and supported().  The contracts stand in kernels.h.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

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
 * rows x (vectors * LANES) elements of c in registers while p runs.  Callers pass constants for rows, vectors and, for
 * packed operands, strides: the loops unroll and the addresses become offsets.  more: go on from what c holds.
 */
static inline __attribute__((always_inline)) void matmul_tile(real *restrict c, size_t stride, const real *restrict a,
                                                              size_t a_row, size_t a_column, const real *restrict b,
                                                              size_t b_row, const size_t rows, const size_t vectors,
                                                              size_t k, bool more)
{
    V sum[TILE_ROWS][TILE_VECTORS];
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < vectors; j++)
            sum[i][j] = more ? v_load(c + i * stride + j * LANES) : v_splat(0);
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
        for (size_t j = 0; j < vectors; j++)
            v_store(c + i * stride + j * LANES, sum[i][j]);
}

/* All rows of one tile column, from operands as they lie in memory. */
static inline __attribute__((always_inline)) void matmul_column(real *restrict c, size_t stride, struct matrix a,
                                                                const real *restrict b, size_t b_row, size_t m,
                                                                size_t k, const size_t vectors)
{
    size_t i = 0;
    for (; i + TILE_ROWS <= m; i += TILE_ROWS)
        matmul_tile(c + i * stride, stride, a.data + i * a.row, a.row, a.column, b, b_row, TILE_ROWS, vectors, k,
                    false);
    for (; TILE_ROWS > 3 && i + 3 <= m; i += 3)
        matmul_tile(c + i * stride, stride, a.data + i * a.row, a.row, a.column, b, b_row,
                    TILE_ROWS < 3 ? TILE_ROWS : 3, vectors, k, false);
    for (; i < m; i++)
        matmul_tile(c + i * stride, stride, a.data + i * a.row, a.row, a.column, b, b_row, 1, vectors, k, false);
}

/* Small products: nothing is copied. */
static void matmul_direct(real *c, struct matrix a, const real *b, size_t b_row, size_t m, size_t k, size_t width,
                          size_t stride)
{
    size_t j = 0;
    for (; j + TILE_COLUMNS <= width; j += TILE_COLUMNS)
        matmul_column(c + j, stride, a, b + j, b_row, m, k, TILE_VECTORS);
    for (; j < width; j += REAL_PAD)
        matmul_column(c + j, stride, a, b + j, b_row, m, k, REAL_PAD / LANES);
}

/* Rows p0.. of b in panels of TILE_COLUMNS columns, each contiguous; columns from n on are zero. */
static void pack_b(real *restrict packed, struct matrix b, size_t k, size_t n, size_t stride)
{
    for (size_t j = 0; j < stride; j += TILE_COLUMNS, packed += k * TILE_COLUMNS) {
        size_t width = n > j ? (n - j < TILE_COLUMNS ? n - j : TILE_COLUMNS) : 0;
        const real *from = b.data + j * b.column;
        if (b.column == 1 && width == TILE_COLUMNS) {
            for (size_t p = 0; p < k; p++)
                for (size_t v = 0; v < TILE_COLUMNS; v += LANES)
                    v_store(packed + p * TILE_COLUMNS + v, v_load(from + p * b.row + v));
            continue;
        }
        for (size_t p = 0; p < k; p++)
            for (size_t v = width; v < TILE_COLUMNS; v++)
                packed[p * TILE_COLUMNS + v] = 0;
        /* Blocks of rows, so that a transposed operand is read a cache line at a time. */
        for (size_t p0 = 0; p0 < k; p0 += REAL_PAD)
            for (size_t v = 0; v < width; v++)
                for (size_t p = p0; p < p0 + REAL_PAD && p < k; p++)
                    packed[p * TILE_COLUMNS + v] = from[p * b.row + v * b.column];
    }
}

/* m rows of a in panels of TILE_ROWS rows, each contiguous by p; rows from m on are zero. */
static void pack_a(real *restrict packed, struct matrix a, size_t m, size_t k)
{
    for (size_t i = 0; i < m; i += TILE_ROWS, packed += k * TILE_ROWS) {
        size_t height = m - i < TILE_ROWS ? m - i : TILE_ROWS;
        const real *from = a.data + i * a.row;
        for (size_t p0 = 0; p0 < k; p0 += REAL_PAD)
            for (size_t r = 0; r < height; r++)
                for (size_t p = p0; p < p0 + REAL_PAD && p < k; p++)
                    packed[p * TILE_ROWS + r] = from[r * a.row + p * a.column];
        for (size_t p = 0; height < TILE_ROWS && p < k; p++)
            for (size_t r = height; r < TILE_ROWS; r++)
                packed[p * TILE_ROWS + r] = 0;
    }
}

/* One block: m rows of a, packed or as it lies in memory, by `columns` columns of packed b. */
static inline __attribute__((always_inline)) void matmul_block(real *c, size_t stride, struct matrix a,
                                                               const bool packed, const real *b, size_t m, size_t k,
                                                               size_t columns, bool more)
{
    const size_t a_row = packed ? 1 : a.row, a_column = packed ? TILE_ROWS : a.column;
    for (size_t j = 0; j < columns; j += TILE_COLUMNS, b += k * TILE_COLUMNS) {
        const bool whole = columns - j >= TILE_COLUMNS;
        for (size_t i = 0; i < m; i += TILE_ROWS) {
            const real *rows = a.data + i * (packed ? k : a.row);
            if (whole && m - i >= TILE_ROWS) {
                matmul_tile(c + i * stride + j, stride, rows, a_row, a_column, b, TILE_COLUMNS, TILE_ROWS, TILE_VECTORS,
                            k, more);
                continue;
            }
            /* A border: as wide as c has room for, row by row. */
            for (size_t r = i; r < m && r < i + TILE_ROWS; r++)
                for (size_t v = 0; v < columns - j && v < TILE_COLUMNS; v += REAL_PAD)
                    matmul_tile(c + r * stride + j + v, stride, rows + (r - i) * a_row, a_row, a_column, b + v,
                                TILE_COLUMNS, 1, REAL_PAD / LANES, k, more);
        }
    }
}

static void matmul(real *c, struct matrix a, struct matrix b, size_t m, size_t k, size_t n, size_t stride,
                   real *workspace)
{
    enum {
        DIRECT = 8192 /* elements of b that stay in the first-level cache */,
        REUSED = 8 /* uses of a that pay for a copy */
    };
    const size_t width = real_padded(n);
    if (b.column == 1 && k * width <= DIRECT) {
        matmul_direct(c, a, b.data, b.row, m, k, width, stride);
        return;
    }
    real *packed_a = workspace, *packed_b = workspace + KERNELS_MC * KERNELS_KC;
    for (size_t i = 0; i < m && k == 0; i++)
        memset(c + i * stride, 0, width * sizeof *c);
    for (size_t j = 0; j < width; j += KERNELS_NC) {
        const size_t columns = width - j < KERNELS_NC ? width - j : KERNELS_NC;
        for (size_t p = 0; p < k; p += KERNELS_KC) {
            const size_t depth = k - p < KERNELS_KC ? k - p : KERNELS_KC;
            const struct matrix bp = {b.data + p * b.row + j * b.column, b.row, b.column};
            /* With one column stride the padding is there to be read; else it is made. */
            pack_b(packed_b, bp, depth, b.column == 1 ? columns : n > j ? n - j : 0, columns);
            for (size_t i = 0; i < m; i += KERNELS_MC) {
                const size_t rows = m - i < KERNELS_MC ? m - i : KERNELS_MC;
                const struct matrix ap = {a.data + i * a.row + p * a.column, a.row, a.column};
                real *const ci = c + i * stride + j;
                if (columns <= REUSED * TILE_COLUMNS) {
                    matmul_block(ci, stride, ap, false, packed_b, rows, depth, columns, p > 0);
                } else {
                    pack_a(packed_a, ap, rows, depth);
                    matmul_block(ci, stride, (struct matrix){packed_a, 0, 0}, true, packed_b, rows, depth, columns,
                                 p > 0);
                }
            }
        }
    }
}

/* ---- the first layer on non-zero pixels ---- */

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

/* `width` columns of z.  A block of w's rows stays in the first-level cache while every image of the batch passes over
 * it. */
static inline __attribute__((always_inline)) void sparse_matmul_panel(real *restrict z, const struct sparse_batch *x,
                                                                      const real *restrict w, size_t stride,
                                                                      const size_t width)
{
    enum { L1_ELEMENTS = 12288 };
    const size_t vectors = width / LANES;
    const uint32_t block = L1_ELEMENTS / (uint32_t)width;
    const real *const value = x->value;
    for (size_t b = 0; b < x->rows; b++)
        x->cursor[b] = x->row[b];
    for (uint32_t from = 0; from < x->columns; from += block) {
        const bool last = from + block >= x->columns;
        const uint32_t limit = last ? SPARSE_END : (from + block) << 8;
        for (size_t b = 0; b < x->rows; b++) {
            V sum[PANEL_VECTORS];
            const uint32_t *entry = x->cursor[b];
            for (size_t j = 0; j < vectors; j++)
                sum[j] = from > 0 ? v_load(z + b * stride + j * LANES) : v_splat(0);
            for (; *entry < limit; entry++) {
                const real *row = w + (*entry >> 8) * stride;
                OPAQUE(row);
                const V factor = v_splat(value[*entry & 255]);
                for (size_t j = 0; j < vectors; j++)
                    sum[j] = v_fma(factor, v_load(row + j * LANES), sum[j]);
            }
            x->cursor[b] = entry;
            for (size_t j = 0; j < vectors; j++)
                v_store(z + b * stride + j * LANES, sum[j]);
        }
    }
}

static void sparse_matmul(real *z, const struct sparse_batch *x, const real *w, size_t stride)
{
#define PRODUCT(kernel, width) kernel(z + h, x, w + h, stride, width)
    FOR_PANELS(stride, PRODUCT, sparse_matmul_panel);
#undef PRODUCT
}

/* The gradient of `width` elements of w's row k, in registers. */
static inline __attribute__((always_inline)) void sparse_gradient(V *gradient, const struct sparse_batch *x, size_t k,
                                                                  const real *restrict dz, size_t stride,
                                                                  const size_t width)
{
    const uint32_t *entry = x->column + k * x->capacity, *const end = entry + x->column_count[k];
    const real *const value = x->value;
    for (size_t j = 0; j < width / LANES; j++)
        gradient[j] = v_splat(0);
    for (; entry < end; entry++) {
        const real *row = dz + (*entry >> 8) * stride;
        OPAQUE(row);
        const V factor = v_splat(value[*entry & 255]);
        for (size_t j = 0; j < width / LANES; j++)
            gradient[j] = v_fma(factor, v_load(row + j * LANES), gradient[j]);
    }
}

#define DEFINE_SPARSE_UPDATE(rule, alias, title, n_states, uses, formula)                                              \
    static inline __attribute__((always_inline)) void sparse_update_##rule##_panel(                                    \
        real *restrict w, real *const *restrict state, size_t offset, const struct sparse_batch *x, size_t k,          \
        const real *restrict dz, size_t stride, const V *c, const size_t width)                                        \
    {                                                                                                                  \
        V gradient[PANEL_VECTORS], s[OPTIMIZER_STATES_MAX];                                                            \
        sparse_gradient(gradient, x, k, dz, stride, width);                                                            \
        for (size_t j = 0; j < width / LANES; j++) {                                                                   \
            const size_t i = offset + j * LANES;                                                                       \
            for (int n = 0; n < (n_states); n++)                                                                       \
                s[n] = v_load(state[n] + i);                                                                           \
            v_store(w + i, rule_##rule(v_load(w + i), gradient[j], s, c));                                             \
            for (int n = 0; n < (n_states); n++)                                                                       \
                v_store(state[n] + i, s[n]);                                                                           \
        }                                                                                                              \
    }                                                                                                                  \
    static void sparse_update_##rule(real *w, real *const *state, const struct sparse_batch *x, const real *dz,        \
                                     size_t stride, const double *constants)                                           \
    {                                                                                                                  \
        V c[OPTIMIZER_CONSTANTS_MAX];                                                                                  \
        for (int i = 0; i < OPTIMIZER_CONSTANTS_MAX; i++)                                                              \
            c[i] = v_splat((real)constants[i]);                                                                        \
        for (size_t k = 0; k < x->columns; k++)                                                                        \
            FOR_PANELS(stride, UPDATE_PANEL, sparse_update_##rule##_panel);                                            \
    }
#define UPDATE_PANEL(panel, width) panel(w, state, k *stride + h, x, k, dz + h, stride, c, width)
OPTIMIZER_RULES(DEFINE_SPARSE_UPDATE)

static void add_bias(real *restrict y, const real *restrict bias, size_t rows, size_t stride)
{
    for (size_t b = 0; b < rows; b++)
        for (size_t f = 0; f < stride; f += LANES)
            v_store(y + b * stride + f, v_load(y + b * stride + f) + v_load(bias + f));
}

static void column_sums(real *restrict sum, const real *restrict x, size_t rows, size_t stride)
{
    for (size_t f = 0; f < stride; f += LANES) {
        V total = v_splat(0);
        for (size_t b = 0; b < rows; b++)
            total = total + v_load(x + b * stride + f);
        v_store(sum + f, total);
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

/* y = scale * (x - mean) + beta down one vector of columns. */
static inline void normalise_columns(real *y, const real *x, V mean, V scale, V beta, size_t rows, size_t stride)
{
    for (size_t b = 0; b < rows; b++)
        v_store(y + b * stride, v_fma(v_load(x + b * stride) - mean, scale, beta));
}

static void batchnorm(real *y, const real *x, const real *gamma, const real *beta, real *mean, real *rstd,
                      real *running_mean, real *running_var, real momentum, real eps, size_t rows, size_t stride)
{
    assert(rows >= 2);
    const V count = v_splat((real)rows), unbiased = v_splat((real)(rows - 1)), one = v_splat(1);
    for (size_t f = 0; f < stride; f += LANES) {
        V sum = v_splat(0), squares = v_splat(0);
        for (size_t b = 0; b < rows; b++)
            sum = sum + v_load(x + b * stride + f);
        const V m = sum / count;
        for (size_t b = 0; b < rows; b++) {
            V d = v_load(x + b * stride + f) - m;
            squares = v_fma(d, d, squares);
        }
        const V r = one / v_sqrt(squares / count + v_splat(eps));
        const V old_mean = v_load(running_mean + f), old_var = v_load(running_var + f);
        v_store(mean + f, m);
        v_store(rstd + f, r);
        v_store(running_mean + f, v_fma(v_splat(momentum), m - old_mean, old_mean));
        v_store(running_var + f, v_fma(v_splat(momentum), squares / unbiased - old_var, old_var));
        normalise_columns(y + f, x + f, m, v_load(gamma + f) * r, v_load(beta + f), rows, stride);
    }
}

static void batchnorm_eval(real *y, const real *x, const real *gamma, const real *beta, const real *running_mean,
                           const real *running_var, real eps, size_t rows, size_t stride)
{
    for (size_t f = 0; f < stride; f += LANES) {
        V r = v_splat(1) / v_sqrt(v_load(running_var + f) + v_splat(eps));
        normalise_columns(y + f, x + f, v_load(running_mean + f), v_load(gamma + f) * r, v_load(beta + f), rows,
                          stride);
    }
}

static void batchnorm_backward(real *dx, real *dgamma, real *dbeta, const real *dy, const real *x, const real *gamma,
                               const real *mean, const real *rstd, size_t rows, size_t stride)
{
    const V count = v_splat((real)rows);
    for (size_t f = 0; f < stride; f += LANES) {
        const V m = v_load(mean + f), r = v_load(rstd + f);
        V sum = v_splat(0), product = v_splat(0);
        for (size_t b = 0; b < rows; b++) {
            V d = v_load(dy + b * stride + f);
            sum = sum + d;
            product = v_fma(d, (v_load(x + b * stride + f) - m) * r, product);
        }
        v_store(dbeta + f, sum);
        v_store(dgamma + f, product);
        const V scale = v_load(gamma + f) * r, shift = sum / count, slope = product / count;
        for (size_t b = 0; b < rows; b++) {
            V xhat = (v_load(x + b * stride + f) - m) * r;
            v_store(dx + b * stride + f, scale * (v_load(dy + b * stride + f) - shift - xhat * slope));
        }
    }
}

/*
 * exp for arguments <= 0, below 2 ulp: own, because the C libraries' differ in the last bit.
 * Arguments below -87 count as -87 (1.6e-38, just above the smallest normal number): no sum of a softmax, which has a
 * term 1, sees it.
 */
#ifdef DLEXP_REAL_DOUBLE
#define v_exp(a) exp(a)
#else
static inline V v_exp(V a)
{
    const V round = v_splat(12582912.0f); /* 1.5 * 2^23: adding it leaves the integer in the low bits */
    a = v_at_least(a, v_splat(-87.0f));
    V rounded = v_fma(a, v_splat(1.44269504088896341f), round);
    V n = rounded - round;
    V r = v_fma(n, v_splat(-0.693359375f), a); /* ln 2 in two parts; the first has few bits, so n times it is exact */
    r = v_fma(n, v_splat(2.12194440054690583e-4f), r);
    V p = v_splat(1.0f / 5040); /* Taylor to r^7; |r| <= ln(2)/2 leaves an error of 6e-9 */
    p = v_fma(p, r, v_splat(1.0f / 720));
    p = v_fma(p, r, v_splat(1.0f / 120));
    p = v_fma(p, r, v_splat(1.0f / 24));
    p = v_fma(p, r, v_splat(1.0f / 6));
    p = v_fma(p, r, v_splat(0.5f));
    p = v_fma(p, r, v_splat(1.0f));
    p = v_fma(p, r, v_splat(1.0f));
    return p * v_power_of_two(rounded);
}
#endif

/* log of a finite number >= 1, in double by IEEE operations alone: 2 atanh(s), s = (m - 1) / (m + 1), m in [sqrt 1/2,
 * sqrt 2). */
static double natural_log(double a)
{
    int exponent;
    double m = frexp(a, &exponent);
    if (m < 0.70710678118654752) {
        m *= 2;
        exponent--;
    }
    double s = (m - 1) / (m + 1), z = s * s, sum = 0;
    for (int n = 21; n >= 1; n -= 2)
        sum = sum * z + 1.0 / n;
    return exponent * 0.693147180559945309 + 2 * s * sum;
}

static double softmax_cross_entropy(real *dz, const real *z, const uint8_t *labels, size_t rows, size_t classes,
                                    size_t stride, size_t *correct)
{
    double loss = 0;
    const real share = 1 / (real)rows;
    for (size_t b = 0; b < rows; b++, z += stride) {
        size_t best = 0;
        for (size_t c = 1; c < classes; c++)
            if (z[c] > z[best])
                best = c;
        *correct += best == labels[b];

        /* The exponentials of one vector of logits at a time; their sum runs over the classes in order. */
        real sum = 0;
        const V largest = v_splat(z[best]);
        for (size_t c0 = 0; c0 < classes; c0 += LANES) {
            _Alignas(REAL_ALIGN) real part[LANES];
            V e = v_exp(v_load(z + c0) - largest);
            v_store(part, e);
            for (size_t c = 0; c < LANES && c0 + c < classes; c++)
                sum += part[c];
            if (dz)
                v_store(dz + b * stride + c0, e);
        }
        loss += natural_log((double)sum) - ((double)z[labels[b]] - (double)z[best]);
        if (dz) {
            real *row = dz + b * stride;
            for (size_t c = 0; c < classes; c++)
                row[c] = (row[c] / sum - (c == labels[b] ? 1 : 0)) * share;
            memset(row + classes, 0, (stride - classes) * sizeof *row);
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

#define SPARSE_UPDATE_ENTRY(rule, alias, title, n_states, uses, formula) sparse_update_##rule,
static optimizer_sparse_update_fn *const sparse_updates[] = {OPTIMIZER_RULES(SPARSE_UPDATE_ENTRY)};

const struct kernels KERNELS = {
    .name = KERNELS_NAME,
    .description = KERNELS_DESCRIPTION,
    .supported = supported,
    .scale_pixels = scale_pixels,
    .matmul = matmul,
    .sparse_matmul = sparse_matmul,
    .sparse_update = sparse_updates,
    .add_bias = add_bias,
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
