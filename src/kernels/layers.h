/* layers.h - a part of body.h: what a layer does beside its products. */

/* The padding of rows, which what was computed for all columns may have reached. */
static inline void clear_padding(real *y, size_t rows, size_t columns, size_t stride)
{
    for (size_t b = 0; b < rows && columns < stride; b++)
        memset(y + b * stride + columns, 0, (stride - columns) * sizeof *y);
}

/* The rows 0, step, 2 step, ... of one vector of columns: chunks of 2^power rows, whose sums are summed in the same
 * way.
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

/* y = x * scale + shift with scale = gamma rstd, shift = beta - mean scale, down one vector of columns. */
static inline void normalise_columns(real *y, const real *x, V gamma, V beta, V mean, V rstd, bool relu_follows,
                                     size_t rows, size_t stride)
{
    const V scale = rstd * gamma, shift = v_fma(-mean, scale, beta);
    const V least = v_splat(relu_follows ? 0 : -(real)INFINITY);
    for (size_t b = 0; b < rows; b++)
        v_store(y + b * stride, v_at_least(v_fma(v_load(x + b * stride), scale, shift), least));
}

static void batchnorm(real *y, const real *x, const real *gamma, const real *beta, real *mean, real *rstd,
                      real *running_mean, real *running_var, double momentum, double eps, bool relu_follows,
                      size_t rows, size_t stride)
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
        normalise_columns(y + f, x + f, v_load(gamma + f), v_load(beta + f), m, v_load(rstd + f), relu_follows, rows,
                          stride);
    }
}

static void batchnorm_eval(real *y, const real *x, const real *gamma, const real *beta, const real *running_mean,
                           const real *running_var, double eps, bool relu_follows, size_t rows, size_t stride)
{
    for (size_t f = 0; f < stride; f += LANES) {
        const V rstd = v_splat(1) / v_sqrt(v_load(running_var + f) + v_splat((real)eps));
        normalise_columns(y + f, x + f, v_load(gamma + f), v_load(beta + f), v_load(running_mean + f), rstd,
                          relu_follows, rows, stride);
    }
}

static void batchnorm_backward(real *dx, real *dgamma, real *dbeta, const real *dy, const real *x, const real *gamma,
                               const real *mean, const real *rstd, size_t rows, size_t stride)
{
    const V count = v_splat((real)rows);
    for (size_t f = 0; f < stride; f += LANES) {
        const V m = v_load(mean + f), r = v_load(rstd + f), g = v_load(gamma + f);
        V sum = v_splat(0), product = v_splat(0);
        for (size_t i = f; i < f + rows * stride; i += stride) {
            const V d = v_load(dy + i);
            sum = sum + d;
            product = v_fma(v_load(x + i) - m, d, product);
        }
        v_store(dbeta + f, sum);
        v_store(dgamma + f, product * r);
        const V slope = product * r * r / count, shift = sum / count;
        for (size_t i = f; i < f + rows * stride; i += stride) {
            const V centred = v_load(x + i) - m, d = v_load(dy + i) - shift;
            v_store(dx + i, v_fma(-centred, slope, d) * r * g);
        }
    }
}

#include "activations.h"

#include "layernorm.h"
