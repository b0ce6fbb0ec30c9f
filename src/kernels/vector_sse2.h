/* Four lanes of SSE2, which every x86-64 processor has: with the FMA of those that have it, otherwise with fma made of
 * products and sums (fma.h). */
#include <immintrin.h>

#include "dlexp/base/fma.h"

typedef __m128 vreal;
#define V vreal
#define LANES 4

#ifdef __FMA__
enum { TILE_ROWS = 3, TILE_VECTORS = 4, PANEL_VECTORS = 8, GROUP_ROWS = 1, GROUP_VECTORS = 8, STEPS_BETWEEN_SUMS = 0 };
#else
enum { TILE_ROWS = 2, TILE_VECTORS = 4, PANEL_VECTORS = 8, GROUP_ROWS = 1, GROUP_VECTORS = 8, STEPS_BETWEEN_SUMS = 0 };
#endif

/* Makes the compiler keep a vector in a register where it would load it for each use. */
#define v_keep(a) __asm__("" : "+x"(a))

#define v_sqrt(a) _mm_sqrt_ps(a)
#define v_splat(a) _mm_set1_ps(a)
#define v_load(p) _mm_load_ps(p)
#define v_store(p, a) _mm_store_ps(p, a)

#ifdef __FMA__
#define v_fma(a, b, c) _mm_fmadd_ps(a, b, c)
#define one_fma(a, b, c) fmaf(a, b, c)
#else
#define one_fma(a, b, c) fma_float(a, b, c)

/* Two lanes, as doubles. */
static inline __m128d v_low(V a)
{
    return _mm_cvtps_pd(a);
}

static inline __m128d v_high(V a)
{
    return _mm_cvtps_pd(_mm_movehl_ps(a, a));
}

static inline V v_floats(__m128d low, __m128d high)
{
    return _mm_movelh_ps(_mm_cvtpd_ps(low), _mm_cvtpd_ps(high));
}

/* fma_round_odd */
static inline __m128d v_round_odd(__m128d a, __m128d b, __m128d sum)
{
    const __m128d b_share = _mm_sub_pd(sum, a);
    const __m128d rest = _mm_add_pd(_mm_sub_pd(a, _mm_sub_pd(sum, b_share)), _mm_sub_pd(b, b_share));
    const __m128d zero = _mm_setzero_pd(), inexact = _mm_or_pd(_mm_cmpgt_pd(rest, zero), _mm_cmplt_pd(rest, zero));
    const __m128i one = _mm_srli_epi64(_mm_castpd_si128(inexact), 63);
    const __m128i signs_differ = _mm_srli_epi64(_mm_castpd_si128(_mm_xor_pd(rest, sum)), 63);
    const __m128i truncated = _mm_sub_epi64(_mm_castpd_si128(sum), _mm_and_si128(signs_differ, one));
    return _mm_castsi128_pd(_mm_or_si128(truncated, one));
}

/* A function of its own, as it is seldom needed. */
static __attribute__((noinline, cold)) V v_fma_rounding_odd(V a, V b, V c)
{
    const __m128d low = _mm_mul_pd(v_low(a), v_low(b)), high = _mm_mul_pd(v_high(a), v_high(b));
    const __m128d c_low = v_low(c), c_high = v_high(c);
    return v_floats(v_round_odd(low, c_low, _mm_add_pd(low, c_low)),
                    v_round_odd(high, c_high, _mm_add_pd(high, c_high)));
}

/* Lanes negative where fma_may_round_twice. */
static inline V v_may_round_twice(__m128d sum_low, __m128d sum_high, V rounded)
{
    const __m128i tails = _mm_castps_si128(_mm_shuffle_ps(_mm_castpd_ps(sum_low), _mm_castpd_ps(sum_high), 0x88));
    const __m128i middle = _mm_cmpeq_epi32(_mm_slli_epi32(tails, 3), _mm_set1_epi32(INT32_MIN));
    /* Without signs, those up to FLT_MIN are 2 to 2^24 when doubled: one compare when zero is turned around. */
    const __m128i bits = _mm_castps_si128(rounded), magnitude = _mm_add_epi32(bits, bits);
    const __m128i tiny =
        _mm_cmplt_epi32(_mm_add_epi32(magnitude, _mm_set1_epi32(INT32_MAX)), _mm_set1_epi32(INT32_MIN + 0x1000000));
    return _mm_castsi128_ps(_mm_or_si128(middle, tiny));
}

static inline V v_fma(V a, V b, V c)
{
    const __m128d low = _mm_add_pd(_mm_mul_pd(v_low(a), v_low(b)), v_low(c));
    const __m128d high = _mm_add_pd(_mm_mul_pd(v_high(a), v_high(b)), v_high(c));
    const V rounded = v_floats(low, high);
    if (__builtin_expect(_mm_movemask_ps(v_may_round_twice(low, high, rounded)), 0))
        return v_fma_rounding_odd(a, b, c);
    return rounded;
}

/* The halves of b are loaded one by one: what turns them in a register is what these loops wait for. */
#define v_fma_at v_fma_at
static inline V v_fma_at(V a, const float *b, V c)
{
    const __m128d b_low = _mm_cvtps_pd(_mm_castpd_ps(_mm_load_sd((const double *)b)));
    const __m128d b_high = _mm_cvtps_pd(_mm_castpd_ps(_mm_load_sd((const double *)(b + 2))));
    const __m128d low = _mm_add_pd(_mm_mul_pd(v_low(a), b_low), v_low(c));
    const __m128d high = _mm_add_pd(_mm_mul_pd(v_high(a), b_high), v_high(c));
    const V rounded = v_floats(low, high);
    if (__builtin_expect(_mm_movemask_ps(v_may_round_twice(low, high, rounded)), 0))
        return v_fma_rounding_odd(a, v_load(b), c);
    return rounded;
}
#endif

/* limit > a ? limit : a; maxps returns its second operand when either is nan. */
static inline V v_at_least(V a, V limit)
{
    return _mm_max_ps(limit, a);
}

static inline V v_where_positive(V y, V a)
{
    return _mm_and_ps(a, _mm_cmpgt_ps(y, _mm_setzero_ps()));
}

static inline V v_power_of_two(V rounded)
{
    const __m128i bits = _mm_slli_epi32(_mm_castps_si128(rounded), 23);
    return _mm_castsi128_ps(_mm_add_epi32(bits, _mm_set1_epi32(0x3f800000)));
}

#define V_ADD_NEIGHBOURS
/* a0 + a1, a2 + a3, b0 + b1, b2 + b3 */
static inline V v_add_neighbours(V a, V b)
{
    return _mm_shuffle_ps(a, b, 0x88) + _mm_shuffle_ps(a, b, 0xdd);
}

#define V_NONZERO
static inline uint64_t v_nonzero(const uint8_t *bytes)
{
    uint64_t zeros = 0;
    for (int i = 0; i < 4; i++) {
        const __m128i some = _mm_loadu_si128((const __m128i *)bytes + i);
        zeros |= (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(some, _mm_setzero_si128())) << 16 * i;
    }
    return ~zeros;
}

/* Bit i: whether lane i is not zero. */
static inline uint64_t v_nonzero_lanes(V a)
{
    return (uint64_t)_mm_movemask_ps(_mm_cmpneq_ps(a, _mm_setzero_ps()));
}
