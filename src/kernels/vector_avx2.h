/* Eight lanes of AVX2 with FMA. */
#include <immintrin.h>

typedef __m256 vreal;
#define V vreal
#define LANES 8

/* 12 of the 16 registers hold sums of a product's tile; 8 sums of a panel of pixels, or of a row of a gradient, hide
 * the latency of fma. */
enum { TILE_ROWS = 6, TILE_VECTORS = 2, PANEL_VECTORS = 8, GROUP_ROWS = 1, GROUP_VECTORS = 8, STEPS_BETWEEN_SUMS = 0 };

/* Makes the compiler keep a vector in a register where it would load it for each use. */
#define v_keep(a) __asm__("" : "+x"(a))

#define v_fma(a, b, c) _mm256_fmadd_ps(a, b, c)
#define one_fma(a, b, c) fmaf(a, b, c)
#define v_sqrt(a) _mm256_sqrt_ps(a)
#define v_splat(a) _mm256_set1_ps(a)
#define v_load(p) _mm256_load_ps(p)
#define v_store(p, a) _mm256_store_ps(p, a)

/* limit > a ? limit : a; maxps returns its second operand when either is nan. */
static inline V v_at_least(V a, V limit)
{
    return _mm256_max_ps(limit, a);
}

static inline V v_where_positive(V y, V a)
{
    return _mm256_and_ps(a, _mm256_cmp_ps(y, _mm256_setzero_ps(), _CMP_GT_OQ));
}

static inline V v_power_of_two(V rounded)
{
    __m256i bits = _mm256_slli_epi32(_mm256_castps_si256(rounded), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(bits, _mm256_set1_epi32(0x3f800000)));
}

#define V_ADD_NEIGHBOURS
/* a0 + a1, a2 + a3, ..., b0 + b1, ... */
static inline V v_add_neighbours(V a, V b)
{
    const __m256d halves = _mm256_castps_pd(_mm256_hadd_ps(a, b)); /* of a, b, a, b */
    return _mm256_castpd_ps(_mm256_permute4x64_pd(halves, _MM_SHUFFLE(3, 1, 2, 0)));
}

#define V_NONZERO
static inline uint64_t v_nonzero(const uint8_t *bytes)
{
    const __m256i low = _mm256_loadu_si256((const __m256i *)bytes),
                  high = _mm256_loadu_si256((const __m256i *)bytes + 1);
    const __m256i zero = _mm256_setzero_si256();
    const uint32_t low_zeros = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, zero));
    const uint32_t high_zeros = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, zero));
    return ~((uint64_t)high_zeros << 32 | low_zeros);
}

/* Bit i: whether lane i is not zero. */
static inline uint64_t v_nonzero_lanes(V a)
{
    return (uint64_t)_mm256_movemask_ps(_mm256_cmp_ps(a, _mm256_setzero_ps(), _CMP_NEQ_UQ));
}

/* What stands in the place of arithmetic that is slow on subnormal numbers (subnormal.h). */
#define V_SUBNORMAL
typedef __m256 v_mask;

static inline V v_magnitude(V a)
{
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), a);
}

static inline v_mask v_subnormal(V a)
{
    const __m256i bits = _mm256_castps_si256(v_magnitude(a)), zero = _mm256_setzero_si256();
    return _mm256_castsi256_ps(
        _mm256_and_si256(_mm256_cmpgt_epi32(bits, zero), _mm256_cmpgt_epi32(_mm256_set1_epi32(0x00800000), bits)));
}

static inline bool v_any(v_mask mask)
{
    return _mm256_movemask_ps(mask) != 0;
}

static inline V v_where(v_mask mask, V yes, V no)
{
    return _mm256_blendv_ps(no, yes, mask);
}

/* a with another's sign. */
static inline V v_with_sign(V a, V sign)
{
    return _mm256_or_ps(v_magnitude(a), _mm256_and_ps(_mm256_set1_ps(-0.0F), sign));
}

static inline v_mask v_not_below(V a, V limit)
{
    return _mm256_cmp_ps(a, limit, _CMP_GE_OQ);
}

/* The bits of a, which is not negative, as an integer: a / 2^-149 of what is subnormal. */
static inline V v_units(V a)
{
    return _mm256_cvtepi32_ps(_mm256_castps_si256(a));
}

/* The bits of a times c, rounded to an integer once, half to even, as bits. */
static inline V v_scaled_units(V c, V a)
{
    const __m256i bits = _mm256_castps_si256(a);
    const __m256d low = _mm256_cvtps_pd(_mm256_castps256_ps128(c)) * _mm256_cvtepi32_pd(_mm256_castsi256_si128(bits)),
                  high = _mm256_cvtps_pd(_mm256_extractf128_ps(c, 1)) *
                         _mm256_cvtepi32_pd(_mm256_extracti128_si256(bits, 1));
    return _mm256_castsi256_ps(_mm256_set_m128i(_mm256_cvtpd_epi32(high), _mm256_cvtpd_epi32(low)));
}
