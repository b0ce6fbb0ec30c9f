/*
 * body.h - every kernel, written once over the vector type V of LANES elements; included by one .c file a kernel set.
 *
 * The includer has defined V, LANES and the v_ functions (vector_*.h) and the set's identity: KERNELS (the table's symbol),
 * KERNELS_NAME, KERNELS_DESCRIPTION and supported().  The contracts stand in kernels.h.
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

/* TILE columns of c at once: enough independent sums to fill the FMA pipelines. */
enum { TILE = REAL_PAD / LANES, ROWS = 6 };

/* ROWS_NOW x REAL_PAD elements of c in registers; the constant row count unrolls the loops. */
static inline __attribute__((always_inline)) void matmul_tile(real *restrict c, struct matrix a, const real *restrict b,
                                                              const size_t rows, size_t k, size_t stride)
{
    V sum[ROWS][TILE];
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < TILE; j++)
            sum[i][j] = v_splat(0);
    for (size_t p = 0; p < k; p++) {
        V row[TILE];
        for (size_t j = 0; j < TILE; j++)
            row[j] = v_load(b + p * stride + j * LANES);
        for (size_t i = 0; i < rows; i++) {
            V factor = v_splat(a.data[i * a.row + p * a.column]);
            for (size_t j = 0; j < TILE; j++)
                sum[i][j] = v_fma(factor, row[j], sum[i][j]);
        }
    }
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < TILE; j++)
            v_store(c + i * stride + j * LANES, sum[i][j]);
}

static void matmul(real *c, struct matrix a, const real *b, size_t m, size_t k, size_t stride)
{
    for (size_t j = 0; j < stride; j += REAL_PAD) {
        struct matrix at = a;
        size_t i = 0;
        for (; i + ROWS <= m; i += ROWS, at.data += ROWS * a.row)
            matmul_tile(c + i * stride + j, at, b + j, ROWS, k, stride);
        real *rest = c + i * stride + j;
        switch (m - i) {
        case 5:
            matmul_tile(rest, at, b + j, 5, k, stride);
            break;
        case 4:
            matmul_tile(rest, at, b + j, 4, k, stride);
            break;
        case 3:
            matmul_tile(rest, at, b + j, 3, k, stride);
            break;
        case 2:
            matmul_tile(rest, at, b + j, 2, k, stride);
            break;
        case 1:
            matmul_tile(rest, at, b + j, 1, k, stride);
            break;
        default:
            break;
        }
    }
}

static void transpose(real *restrict t, size_t t_stride, const real *restrict x, size_t x_stride, size_t rows,
                      size_t columns)
{
    enum { BLOCK = 16 }; /* a block of both fits the first-level cache */
    for (size_t j = 0; j < columns; j++)
        for (size_t i = rows; i < t_stride; i++)
            t[j * t_stride + i] = 0;
    for (size_t i0 = 0; i0 < rows; i0 += BLOCK)
        for (size_t j0 = 0; j0 < columns; j0 += BLOCK)
            for (size_t j = j0; j < j0 + BLOCK && j < columns; j++)
                for (size_t i = i0; i < i0 + BLOCK && i < rows; i++)
                    t[j * t_stride + i] = x[i * x_stride + j];
}

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
        normalise_columns(y + f, x + f, v_load(running_mean + f), v_load(gamma + f) * r, v_load(beta + f), rows, stride);
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
 * Arguments below -87 count as -87 (1.6e-38, the smallest normal number): no sum of a softmax, which has a term 1, sees it.
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

/* log of a finite number >= 1, in double by IEEE operations alone: 2 atanh(s), s = (m - 1) / (m + 1), m in [sqrt 1/2, sqrt 2). */
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

static optimizer_update_fn *const updates[] = {OPTIMIZER_RULES(UPDATE_ENTRY)};

const struct kernels KERNELS = {
    .name = KERNELS_NAME,
    .description = KERNELS_DESCRIPTION,
    .supported = supported,
    .scale_pixels = scale_pixels,
    .matmul = matmul,
    .transpose = transpose,
    .add_bias = add_bias,
    .column_sums = column_sums,
    .relu = relu,
    .relu_backward = relu_backward,
    .batchnorm = batchnorm,
    .batchnorm_eval = batchnorm_eval,
    .batchnorm_backward = batchnorm_backward,
    .softmax_cross_entropy = softmax_cross_entropy,
    .update = updates,
};
