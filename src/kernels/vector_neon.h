/* Four lanes of AArch64 NEON. */
#include <arm_neon.h>

typedef float32x4_t vreal;
#define V vreal
#define LANES 4

/* 24 of the 32 registers hold sums of a product's tile; a panel of pixels is four cache lines wide. */
enum {
    TILE_ROWS = 6,
    TILE_VECTORS = 4,
    PANEL_VECTORS = 16,
    GROUP_ROWS = 1,
    GROUP_VECTORS = 16,
    STEPS_BETWEEN_SUMS = 0
};

/* Makes the compiler keep a vector in a register where it would load it for each use. */
#define v_keep(a) __asm__("" : "+w"(a))

#define v_fma(a, b, c) vfmaq_f32(c, a, b)
#define one_fma(a, b, c) fmaf(a, b, c)
#define v_sqrt(a) vsqrtq_f32(a)
#define v_splat(a) vdupq_n_f32(a)
#define v_load(p) vld1q_f32(p)
#define v_store(p, a) vst1q_f32(p, a)

/* limit > a ? limit : a, by a select: fmax would turn -0 into +0. */
static inline V v_at_least(V a, V limit)
{
    return vbslq_f32(vcgtq_f32(limit, a), limit, a);
}

static inline V v_where_positive(V y, V a)
{
    return vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(a), vcgtzq_f32(y)));
}

static inline V v_power_of_two(V rounded)
{
    uint32x4_t bits = vshlq_n_u32(vreinterpretq_u32_f32(rounded), 23);
    return vreinterpretq_f32_u32(vaddq_u32(bits, vdupq_n_u32(0x3f800000)));
}

#define V_ADD_NEIGHBOURS
/* a0 + a1, a2 + a3, b0 + b1, b2 + b3 */
#define v_add_neighbours(a, b) vpaddq_f32(a, b)

/* Bit i: whether lane i is not zero. */
static inline uint64_t v_nonzero_lanes(V a)
{
    const uint32x4_t bits = {1, 2, 4, 8};
    return vaddvq_u32(vbicq_u32(bits, vceqzq_f32(a)));
}
