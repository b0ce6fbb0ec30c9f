/*
 * gradient_check.h - a gradient against central differences in double; for tests built with DLEXP_REAL_DOUBLE.
 *
 * The loss of a layer test is L = sum of fixed random weights times the outputs.  The difference quotient is the
 * five-point one, (8 (L(+h) - L(-h)) - (L(+2h) - L(-2h))) / 12h, with error O(h^4) + 1e-15 |L| / h.  The best of
 * several h counts: a large one where L is smooth, a small one where a tiny batch variance bends it.  An h whose steps
 * carry a ReLU over its kink is not taken.
 *
 * Relative error: |a - n| / max(|a|, |n|, FLOOR).  FLOOR = 1e-3 is where rounding in L (about 1e-15 / h = 1e-10 at the
 * least h) would itself reach the limit; gradients that are zero in theory, as of a bias before BatchNorm, need it.
 */
#ifndef DLEXP_TESTS_GRADIENT_CHECK_H
#define DLEXP_TESTS_GRADIENT_CHECK_H

#include "support.h"

#include "dlexp/base/memory.h"
#include "dlexp/kernels/kernels.h"
#include "dlexp/net/mlp.h"

#ifndef DLEXP_REAL_DOUBLE
#error "build this test and its sources with DLEXP_REAL_DOUBLE"
#endif

#define LIMIT 1e-6
#define FLOOR 1e-3

enum { SHAPES = 30, CHECKED_MAX = 40 };

/* L as a function of numbers that lie in memory; *signs gets a hash of which side of its kink each ReLU is on. */
typedef double loss_fn(void *context, uint64_t *signs);

struct tally {
    size_t checked, kinks;
};

static inline void check_gradient(double *x, double analytic, loss_fn *loss, void *context, struct tally *tally,
                                  const char *what, size_t index)
{
    static const double steps[] = {1e-3, 1e-4, 1e-5};
    const double before = *x;
    double best = INFINITY, closest = NAN;
    uint64_t signs, moved;
    loss(context, &signs);
    for (size_t s = 0; s < sizeof steps / sizeof *steps && !(best <= LIMIT); s++) {
        double value[4];
        bool kink = false;
        for (int i = 0; i < 4; i++) {
            static const int places[] = {-2, -1, 1, 2};
            *x = before + places[i] * steps[s];
            value[i] = loss(context, &moved);
            kink = kink || moved != signs;
        }
        *x = before;
        if (kink)
            continue;
        const double numeric = (8 * (value[2] - value[1]) - (value[3] - value[0])) / (12 * steps[s]);
        const double error = fabs(analytic - numeric) / fmax(fmax(fabs(analytic), fabs(numeric)), FLOOR);
        if (!(error >= best)) {
            best = error;
            closest = numeric;
        }
    }
    tally->checked++;
    if (isinf(best))
        tally->kinks++;
    else if (!(best <= LIMIT))
        fail_msg("%s, element %zu: gradient %.12g, by differences %.12g, relative error %.3g", what, index, analytic,
                 closest, best);
}

/* The elements of a (rows, columns) array with padded rows: all, or a random CHECKED_MAX of them. */
static inline void check_array(double *x, const double *dx, size_t rows, size_t columns, loss_fn *loss, void *context,
                               struct tally *tally, uint64_t *state, const char *what)
{
    const size_t count = rows * columns;
    for (size_t n = 0; n < count && n < CHECKED_MAX; n++) {
        const size_t i = count <= CHECKED_MAX ? n : test_between(state, 0, count - 1);
        const size_t at = i / columns * real_padded(columns) + i % columns;
        check_gradient(&x[at], dx[at], loss, context, tally, what, i);
    }
}

/* Few points may be lost to kinks; else the test would pass by looking away. */
static inline void check_tally(const struct tally *tally)
{
    assert_true(tally->checked > 100);
    assert_true(tally->kinks * 100 <= tally->checked);
}

static inline const struct kernels *kernels(void)
{
    struct error err;
    const struct kernels *found = kernels_find("portable", &err);
    assert_non_null(found);
    return found;
}

static inline double *array(size_t rows, size_t columns, uint64_t *state, double low, double high)
{
    void *memory;
    const size_t stride = real_padded(columns);
    assert_int_equal(posix_memalign(&memory, REAL_ALIGN, rows * stride * sizeof(double)), 0);
    double *x = memory;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < stride; j++)
            x[i * stride + j] = j < columns ? test_uniform(state, low, high) : 0;
    return x;
}

static inline double weighted(const double *weight, const double *y, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += weight[i] * y[i];
    return sum;
}

#endif
