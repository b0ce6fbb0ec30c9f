/* One lane of plain C: the oracle; with V_EMULATE_FMA, for machines that have no vectors here, without its fma(). */
#include <math.h>

#include "dlexp/base/fma.h"

typedef real vreal;
#define V vreal
#define LANES 1

enum {
    TILE_ROWS = 2,
    TILE_VECTORS = 16,
    PANEL_VECTORS = 16,
    GROUP_ROWS = 1,
    GROUP_VECTORS = 16,
    STEPS_BETWEEN_SUMS = 0
};

/* Makes the compiler keep a vector in a register where it would load it for each use. */
#define v_keep(a) ((void)(a))

#ifdef DLEXP_REAL_DOUBLE
#define v_fma(a, b, c) fma(a, b, c)
#define v_sqrt(a) sqrt(a)
#else
#ifdef V_EMULATE_FMA
#define one_fma(a, b, c) fma_float(a, b, c)
#else
#define one_fma(a, b, c) fmaf(a, b, c)
#endif
#define v_fma(a, b, c) one_fma(a, b, c)
#define v_sqrt(a) sqrtf(a)
#endif

static inline V v_splat(real a)
{
    return a;
}

static inline V v_load(const real *p)
{
    return *p;
}

static inline void v_store(real *p, V a)
{
    *p = a;
}

/* limit > a ? limit : a; nan in a is kept. */
static inline V v_at_least(V a, V limit)
{
    return limit > a ? limit : a;
}

/* y > 0 ? a : 0 */
static inline V v_where_positive(V y, V a)
{
    return y > 0 ? a : 0;
}

/* a * 2^n for the integer-valued n that was rounded by adding 1.5 * 2^23: its low bits sit in `rounded`. */
#ifndef DLEXP_REAL_DOUBLE
static inline V v_power_of_two(V rounded)
{
    union {
        float value;
        uint32_t bits;
    } u = {.value = rounded};
    u.bits = (u.bits << 23) + 0x3f800000u;
    return u.value;
}
#endif

/* Bit i: whether lane i is not zero. */
static inline uint64_t v_nonzero_lanes(V a)
{
    return a != 0;
}
