/* Sixteen lanes of AVX-512F, masks of bytes by AVX-512BW, classes of numbers by AVX-512DQ. */
#include <immintrin.h>

typedef __m512 vreal;
#define V vreal
#define LANES 16

/*
 * 24 of the 32 registers hold sums of a product's tile; 8 sums a panel of pixels hide the latency of fma.  There is
 * room for the sums of two rows of a gradient and the two before them, whose step is done meanwhile.
 */
enum { TILE_ROWS = 12, TILE_VECTORS = 2, PANEL_VECTORS = 8, GROUP_ROWS = 2, GROUP_VECTORS = 4, STEPS_BETWEEN_SUMS = 1 };

/* Makes the compiler keep a vector in a register where it would load it for each use. */
#define v_keep(a) __asm__("" : "+v"(a))

#define v_fma(a, b, c) _mm512_fmadd_ps(a, b, c)
#define one_fma(a, b, c) fmaf(a, b, c)
#define v_sqrt(a) _mm512_sqrt_ps(a)
#define v_splat(a) _mm512_set1_ps(a)
#define v_load(p) _mm512_load_ps(p)
#define v_store(p, a) _mm512_store_ps(p, a)

/* limit > a ? limit : a; maxps returns its second operand when either is nan. */
static inline V v_at_least(V a, V limit)
{
    return _mm512_max_ps(limit, a);
}

static inline V v_where_positive(V y, V a)
{
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(y, _mm512_setzero_ps(), _CMP_GT_OQ), a);
}

static inline V v_power_of_two(V rounded)
{
    __m512i bits = _mm512_slli_epi32(_mm512_castps_si512(rounded), 23);
    return _mm512_castsi512_ps(_mm512_add_epi32(bits, _mm512_set1_epi32(0x3f800000)));
}

#define V_ADD_NEIGHBOURS
/* a0 + a1, a2 + a3, ..., b0 + b1, ... */
static inline V v_add_neighbours(V a, V b)
{
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const __m512i odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    return _mm512_permutex2var_ps(a, even, b) + _mm512_permutex2var_ps(a, odd, b);
}

#define V_NONZERO
static inline uint64_t v_nonzero(const uint8_t *bytes)
{
    const __m512i all = _mm512_loadu_si512(bytes);
    return _mm512_test_epi8_mask(all, all);
}

/* Bit i: whether lane i is not zero. */
static inline uint64_t v_nonzero_lanes(V a)
{
    return _mm512_cmp_ps_mask(a, _mm512_setzero_ps(), _CMP_NEQ_UQ);
}

/* What stands in the place of arithmetic that is slow on subnormal numbers (subnormal.h). */
#define V_SUBNORMAL
typedef __mmask16 v_mask;

static inline v_mask v_subnormal(V a)
{
    return _mm512_fpclass_ps_mask(a, 0x20);
}

static inline bool v_any(v_mask mask)
{
    return mask != 0;
}

static inline V v_where(v_mask mask, V yes, V no)
{
    return _mm512_mask_blend_ps(mask, no, yes);
}

/* a with another's sign. */
static inline V v_with_sign(V a, V sign)
{
    return _mm512_castsi512_ps(_mm512_ternarylogic_epi32(_mm512_castps_si512(a), _mm512_castps_si512(sign),
                                                         _mm512_set1_epi32(INT32_MIN), 0xd8));
}

static inline V v_magnitude(V a)
{
    return _mm512_abs_ps(a);
}

static inline v_mask v_not_below(V a, V limit)
{
    return _mm512_cmp_ps_mask(a, limit, _CMP_GE_OQ);
}

/* The bits of a, which is not negative, as an integer: a / 2^-149 of what is subnormal. */
static inline V v_units(V a)
{
    return _mm512_cvtepi32_ps(_mm512_castps_si512(a));
}

/* The bits of a times c, rounded to an integer once, half to even, as bits. */
static inline V v_scaled_units(V c, V a)
{
    const __m512i bits = _mm512_castps_si512(a);
    const __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(c)) * _mm512_cvtepi32_pd(_mm512_castsi512_si256(bits)),
                  high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(c, 1)) *
                         _mm512_cvtepi32_pd(_mm512_extracti32x8_epi32(bits, 1));
    return _mm512_castsi512_ps(
        _mm512_inserti32x8(_mm512_castsi256_si512(_mm512_cvtpd_epi32(low)), _mm512_cvtpd_epi32(high), 1));
}
