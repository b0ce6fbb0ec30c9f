/*
 * body.h - every kernel, written once over the vector type V of LANES elements; included by one .c file a kernel set.
 *
 * The includer has defined V, LANES, the v_ functions and the numbers of registers that loops may use (vector_*.h), and
 * the set's identity: KERNELS (the table's symbol), KERNELS_NAME, KERNELS_DESCRIPTION and supported().  The contracts
 * stand in kernels.h.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "tile.h"

/* b in memory, where the set has a better way to it than a load. */
#ifndef v_fma_at
#define v_fma_at(a, b, c) v_fma(a, v_load(b), c)
#endif

/*
 * A loop over an array that is to be in registers.  GCC keeps the array in memory where it does not unroll such loops
 * at once; clang does where it is told to unroll them.
 */
#ifdef __clang__
#define FOR_REGISTERS(i, count) for (size_t i = 0; i < (count); i++)
#else
#define FOR_REGISTERS(i, count) _Pragma("GCC unroll 24") for (size_t i = 0; i < (count); i++)
#endif

/*
 * Makes the compiler take a pointer as it is: a row's vectors, or some rows, are then addressed from one register,
 * where it would keep a register for each of them and spill the rest.
 */
#define OPAQUE(pointer) __asm__("" : "+r"(pointer))

/* Bytes of a line of the caches, and numbers in it: what is asked for ahead comes in such pieces; numbers that the
 * second-level cache holds. */
enum { CACHE_LINE = 64, LINE_REALS = CACHE_LINE / sizeof(real), NEAR_REALS = 1 << 18 };

/* Asks for a line, into the second-level cache: in the first it would stand in the way of what is used until then, and
 * asked for to be written it takes longer to come. */
#define ASK_FOR(pointer) __builtin_prefetch(pointer, 0, 2)

#define T real
#include "rules.h"

static void scale_pixels(real *x, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = (real)bytes[i] / 255;
}

/* Infinite or undefined times zero is undefined. */
static inline bool all_finite(const real *x, size_t count)
{
    enum { SUMS = 4 };
    V sum[SUMS];
    for (size_t i = 0; i < SUMS; i++)
        sum[i] = v_splat(0);
    for (size_t i = 0; i < count; i += LANES)
        sum[i / LANES % SUMS] = v_fma(v_load(x + i), v_splat(0), sum[i / LANES % SUMS]);
    return !v_nonzero_lanes((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

#include "transpose.h"

#include "dots.h"

#include "product_tiles.h"

#include "thin.h"

#include "down.h"

#include "turned.h"

#include "products.h"

#include "zeros.h"

#include "pixel_matmul.h"

#include "pixel_groups.h"

#include "pixel_update.h"

#include "exponential.h"

#include "layers.h"

#include "loss.h"

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

#define DEFINE_PIXEL_UPDATE(rule, ...)                                                                                 \
    static void pixel_update_##rule(real *w, real *const *state, const struct pixel_batch *x, const real *dz,          \
                                    size_t stride, const double *constants, real *workspace)                           \
    {                                                                                                                  \
        pixel_update(RULE_FORM(pixel_rule_, rule, constants), w, state, x, dz, stride, constants, workspace);          \
    }
OPTIMIZER_RULES(DEFINE_PIXEL_UPDATE)
#define PIXEL_UPDATE_ENTRY(rule, ...) pixel_update_##rule,
static optimizer_pixel_update_fn *const pixel_updates[] = {OPTIMIZER_RULES(PIXEL_UPDATE_ENTRY)};

const struct kernels KERNELS = {
    .name = KERNELS_NAME,
    .description = KERNELS_DESCRIPTION,
    .supported = supported,
    .scale_pixels = scale_pixels,
    .transpose = transpose,
    .transpose_bytes = transpose_bytes,
    .matmul = matmul,
    .matmul_dot = matmul_dot,
    .matmul_skip = matmul_skip,
    .count_nonzero = count_nonzero,
    .pixel_matmul = pixel_matmul,
    .pixel_update = pixel_updates,
    .column_sums = column_sums,
    .relu = relu,
    .relu_backward = relu_backward,
    .sigmoid = sigmoid,
    .sigmoid_backward = sigmoid_backward,
    .tanh = hyperbolic_tangent,
    .tanh_backward = hyperbolic_tangent_backward,
    .layernorm = layernorm,
    .layernorm_backward = layernorm_backward,
    .batchnorm = batchnorm,
    .batchnorm_eval = batchnorm_eval,
    .batchnorm_backward = batchnorm_backward,
    .softmax_cross_entropy = softmax_cross_entropy,
    .fma_peak = fma_peak,
    .update = updates,
};
