/*
 * kernels.h - the hot loops, as a table of functions: one table for each instruction set, all with the same results
 * to the bit.
 *
 * Every output element is computed by one fixed sequence of correctly rounded operations (+, -, *, /, sqrt, fma);
 * vectors run across outputs.  So the instruction set, the compiler and the number of threads cannot change a byte. The
 * sequences are those of PyTorch 1.13 on x86-64 (its AVX2 kernels, with OpenBLAS for the products): from the same
 * weights and batches come the same bits.  The loops are written once (src/kernels/body.h) over the few vector
 * operations that a set defines.
 *
 * "portable" needs nothing of the processor and has several forms.  The last row of the table calls the C library's
 * fmaf() lane by lane: the oracle for all others.  The row before it makes fma of other arithmetic (fma.h), as without
 * FMA fmaf() takes a hundred times as long.  Which of the two is used is decided by timing both on this machine.  On
 * x86-64 there is one more, which is used where the processor has FMA.
 *
 * Matrices are row-major; a `stride` is the distance of two rows in elements and is a multiple of REAL_PAD; all
 * pointers to real are aligned to REAL_ALIGN bytes.  Padding columns are computed like the others (they hold zeros).
 * Outputs do not alias inputs unless said so.  No kernel allocates, locks, or fails.
 */
#ifndef DLEXP_KERNELS_H
#define DLEXP_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlexp/base/error.h"
#include "dlexp/base/real.h"
#include "dlexp/kernels/optimizer.h"

/*
 * A batch of images as bytes, from which kernels take the non-zero ones; pixels.h makes it.  Kernels read PIXELS_SLACK
 * bytes at a time, so that many bytes behind each array must be readable.
 */
enum { PIXELS_SLACK = 64, PIXELS_PANEL = 128 };

struct pixel_batch {
    size_t rows, columns;
    const uint8_t **row;  /* (rows) each image's bytes */
    const uint8_t **next; /* (next_rows) the images of the batch to come; none: unknown */
    size_t next_rows;
    size_t pixels; /* of each of those; columns may be a share of them */
    /* (columns, stride) of the images of each block (kernels_depth), those of the next one `block` bytes behind. */
    uint8_t *transposed;
    size_t stride, block; /* stride: at least the images of a block */
    real *sums;           /* (rows, PIXELS_PANEL) scratch of pixel_matmul */
    const real *value;    /* (256) byte / 255 */
};

/* A matrix operand seen through two strides: element (i,p) is data[i * row + p * column].  Swap the two for its
 * transpose. */
struct matrix {
    const real *data;
    size_t row, column;
};

/*
 * Block sizes of matmul: KC terms of a sum at a time, which MC rows of a and a panel of b have beside each other.
 * KERNELS_WORKSPACE: elements that products get as scratch.
 */
enum { KERNELS_KC = 320, KERNELS_MC = 1248, KERNELS_WORKSPACE = KERNELS_KC * (KERNELS_MC + 64) };

/*
 * kernels_depth - the length of the next block when `left` terms of a product's sum are left.  The cuts decide the last
 * bits of every result: they are those of OpenBLAS, which PyTorch calls.
 */
static inline size_t kernels_depth(size_t left)
{
    return left >= 2 * KERNELS_KC ? KERNELS_KC : left > KERNELS_KC ? (left + 1) / 2 : left;
}

/*
 * kernels_dot - whether the forward pass of a layer that takes no pixels, (m,k) by (k,n), goes through matmul_dot:
 * again as OpenBLAS has it, for products that are small enough.
 */
static inline bool kernels_dot(size_t m, size_t k, size_t n)
{
    return k >= 32 && m * n <= 1200 && m * n * k <= 1000000;
}

struct kernels {
    const char *name;
    const char *description;
    bool (*supported)(void); /* by the CPU it runs on */

    /* x[i] = bytes[i] / 255, correctly rounded. */
    void (*scale_pixels)(real *x, const uint8_t *bytes, size_t count);

    /*
     * to (columns, to_row >= real_padded(rows)) from `from` (rows, columns), its rows from_row apart; columns of `to`
     * from `rows` to real_padded(rows) become zero.  `from` must be readable to real_padded(columns).
     */
    void (*transpose)(real *to, size_t to_row, const real *from, size_t from_row, size_t rows, size_t columns);

    /*
     * to (columns, to_row) from `rows` rows of bytes, behind each of which PIXELS_SLACK bytes must be readable; to_row
     * is a multiple of PIXELS_SLACK, at least `rows`, and what a row of `to` holds behind the first `rows` bytes is
     * undefined.
     */
    void (*transpose_bytes)(uint8_t *to, size_t to_row, const uint8_t *const *from, size_t rows, size_t columns);

    /*
     * c[i,j] = from[j] + sum over p < k of a(i,p) * b(p,j): the sum in blocks (kernels_depth), each by fma from +0 and
     * then added to what was before it.  c (m,n) with rows `stride` apart; columns n to real_padded(n) are set to zero.
     * from: (real_padded(n)), zero from n on; NULL: the first block begins the sum.  A b with b.column = 1 must have
     * real_padded(n) columns, zero from n on.  workspace: KERNELS_WORKSPACE elements.
     */
    void (*matmul)(real *c, const real *from, struct matrix a, struct matrix b, size_t m, size_t k, size_t n,
                   size_t stride, real *workspace);

    /*
     * The same product in another order: term p belongs to lane p mod 16, each lane is summed by fma from +0, then
     * lanes 2i and 2i + 1 are added until one is left, which is added to from[j].  a (m,k) and b (k,n) have their rows
     * a_row and b_row apart; rows of a, rows of b and from are padded with zeros, and c's become so.
     */
    void (*matmul_dot)(real *c, const real *from, const real *a, size_t a_row, const real *b, size_t b_row, size_t m,
                       size_t k, size_t n, size_t stride);

    /*
     * matmul again, to the byte for finite b, without the products where a is zero: for an a with many zeros (as it is
     * after a ReLU, and its gradient).  a has a.column = 1 and rows padded with zeros to real_padded(k), or is the
     * transpose of a matrix with a.row = 1 that is readable to real_padded(m).  n of 128 and more is what it is made
     * for; for a transpose with a k beyond about 16,000 it is matmul.
     */
    void (*matmul_skip)(real *c, const real *from, struct matrix a, struct matrix b, size_t m, size_t k, size_t n,
                        size_t stride, real *workspace);

    /* How many numbers of x (rows, columns) are not zero; rows are padded with zeros to real_padded(columns). */
    size_t (*count_nonzero)(const real *x, size_t rows, size_t columns, size_t stride);

    /*
     * matmul of the batch x (rows, columns) without its zeros, to the byte for finite weights: a skipped product would
     * have added zero.  z (rows, stride) = from + x w;  w (columns, stride); from (stride).
     */
    void (*pixel_matmul)(real *z, const real *from, const struct pixel_batch *x, const real *w, size_t stride);

    /*
     * One for each optimizer: w (columns, stride) stepped by its gradient x^T dz, of which only a few rows are ever in
     * memory; workspace: as of matmul.  Requires rows >= 1 (asserted).  For finite dz the bytes are those of the dense
     * path; only a zero that underflowing products round to may have the other sign.  For other dz all sets still
     * agree.
     */
    optimizer_pixel_update_fn *const *pixel_update;

    /*
     * sum[f] = sum over b of x[b,f], in the order of torch.sum over the first dimension of a contiguous tensor: chunks
     * of 16 rows (more above 2^19 rows) are summed, then 16 of their sums, and so on; the columns past the last
     * multiple of 32 in four such sums, over every fourth row.
     */
    void (*column_sums)(real *sum, const real *x, size_t rows, size_t columns, size_t stride);

    /* y = max(x, 0), nan kept; x may be y. */
    void (*relu)(real *y, const real *x, size_t rows, size_t stride);

    /* dx = y > 0 ? dy : 0, where y is what relu gave; dx may be dy. */
    void (*relu_backward)(real *dx, const real *dy, const real *y, size_t rows, size_t stride);

    /* y = 1 / (1 + exp(-x)), and dx = dy (1 - y) y; y may be x, dx may be dy. */
    void (*sigmoid)(real *y, const real *x, size_t rows, size_t columns, size_t stride);
    void (*sigmoid_backward)(real *dx, const real *dy, const real *y, size_t rows, size_t columns, size_t stride);

    /* y = tanh x, and dx = dy (1 - y^2); y may be x, dx may be dy. */
    void (*tanh)(real *y, const real *x, size_t rows, size_t columns, size_t stride);
    void (*tanh_backward)(real *dx, const real *dy, const real *y, size_t rows, size_t columns, size_t stride);

    /*
     * Normalise each feature over the batch, then scale and shift.
     *
     *   y[b,f] = x[b,f] * scale[f] + (beta[f] - mean[f] * scale[f]),  scale = gamma * rstd
     *   mean = sum_b x / B,   var = sum_b (x - mean)^2 / B,   rstd = 1 / sqrt(var + eps)
     *
     * relu_follows: y is max(0, that), as relu would make it, without another pass over it.
     *
     * mean, rstd (F) out, kept for the backward pass.  running_mean, running_var (F) in/out: r = momentum * batch + (1
     * - momentum) * r; the variance there is the unbiased one.  Requires B >= 2 (asserted).
     *
     * Source: Ioffe & Szegedy 2015, arXiv:1502.03167, Algorithm 1; eps inside the root, as torch.nn.BatchNorm1d, whose
     * order of operations it has (rstd is computed in double and rounded).
     */
    void (*batchnorm)(real *y, const real *x, const real *gamma, const real *beta, real *mean, real *rstd,
                      real *running_mean, real *running_var, double momentum, double eps, bool relu_follows,
                      size_t rows, size_t stride);

    /* The same with the running statistics in place of the batch's (eval mode). */
    void (*batchnorm_eval)(real *y, const real *x, const real *gamma, const real *beta, const real *running_mean,
                           const real *running_var, double eps, bool relu_follows, size_t rows, size_t stride);

    /*
     * Gradients of batchnorm:
     *
     *   dbeta = sum_b dy,  dgamma = rstd * sum_b dy * (x - mean),
     *   dx = gamma * rstd * (dy - dbeta / B - (x - mean) * rstd * dgamma / B)
     *
     * dx may be dy.
     */
    void (*batchnorm_backward)(real *dx, real *dgamma, real *dbeta, const real *dy, const real *x, const real *gamma,
                               const real *mean, const real *rstd, size_t rows, size_t stride);

    /*
     * Normalise each row over its columns, then scale and shift each column: y = (x rstd - mean rstd) gamma + beta,
     * mean and rstd = 1 / sqrt(var + eps) those of the row, var with 1 / columns.
     *
     * mean, rstd (rows) out, kept for the backward pass.  gamma and beta are zero in the padding.
     *
     * Source: Ba, Kiros & Hinton 2016, arXiv:1607.06450; torch.nn.LayerNorm's order of operations.
     */
    void (*layernorm)(real *y, const real *x, const real *gamma, const real *beta, real *mean, real *rstd, double eps,
                      size_t rows, size_t columns, size_t stride);

    /*
     * Gradients of layernorm; sums over b run along rows, those over f along columns:
     *
     *   dbeta = sum_b dy,  dgamma = sum_b dy (x - mean) rstd,
     *   dx = rstd (dy gamma - sum_f dy gamma / F - (x - mean) rstd^2 sum_f dy gamma (x - mean) / F)
     *
     * dx may be dy.
     */
    void (*layernorm_backward)(real *dx, real *dgamma, real *dbeta, const real *dy, const real *x, const real *gamma,
                               const real *mean, const real *rstd, size_t rows, size_t columns, size_t stride);

    /*
     * Softmax cross-entropy of logits z (B, classes) against labels (B): returns the sum over the batch of
     * log(sum_c exp(z[b,c])) - z[b,label], adds to *correct the number of rows whose first largest logit is the
     * label's, and, unless dz is NULL, sets dz[b,c] = (softmax(z)[b,c] - [c = label]) / B, zero in the padding.
     * right (B): 1 for each of those rows, 0 for the others; NULL: nobody asks.
     */
    double (*softmax_cross_entropy)(real *dz, const real *z, const uint8_t *labels, size_t rows, size_t classes,
                                    size_t stride, size_t *correct, uint8_t *right);

    /*
     * For measuring what the CPU can do at most: `rounds` of fma in independent chains that never leave the registers.
     * x (REAL_PAD): factor and term of the chains in x[0], x[1]; their sums out.  Returns the floating-point operations
     * done, an fma being two.
     */
    uint64_t (*fma_peak)(real *x, uint64_t rounds);

    /* The optimizers' update rules, in the order of their table (optimizer.h): `count` elements, a multiple of
     * REAL_PAD. */
    optimizer_update_fn *const *update;
};

/* kernels_row - the i-th set of this build, best first, the forms of "portable" last; NULL past the last. */
const struct kernels *kernels_row(size_t index);

/* kernels_find - the named set, or ERROR_USAGE (unknown, or not supported by this CPU). "auto" or NULL: the best
 * supported one. */
const struct kernels *kernels_find(const char *name, struct error *err);

/*
 * kernels_lack_fma - whether this set of kernels_find's suffers from an fma() that is slow here: the CPU has no FMA, or
 * the C library makes no use of it.  Results are the same.
 */
bool kernels_lack_fma(const struct kernels *set);

/* kernels_name - walks "auto" and the names, for an option table. */
bool kernels_name(size_t index, const char **name);

#endif
