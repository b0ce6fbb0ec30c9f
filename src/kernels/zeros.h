/*
 * zeros.h - a part of body.h: products that skip the zeros of one operand.  Its non-zeros are the bits of masks, and
 * rows of the other operand are chosen by them.  What pixel_matmul.h and pixel_update.h share is here as well.
 */

/* WORD: bits of a mask; CHUNK: masks that are made at a time. */
enum { PANEL = PANEL_VECTORS * LANES, WORD = 64, CHUNK = 64 };
_Static_assert((int)WORD == (int)PIXELS_SLACK, "a mask is made of as many bytes as may be read behind an array");

/*
 * Makes the compiler take a pointer as it is: a row's vectors are then addressed by one register and constants, where
 * it would keep a register for each of them and spill the rest.
 */
#define OPAQUE(pointer) __asm__("" : "+r"(pointer))

/* call(which, width) for columns h to h + width: `widest` as often as it fits, then halves down to REAL_PAD. */
#define FOR_PANELS(stride, widest, call, which)                                                                        \
    do {                                                                                                               \
        size_t h = 0;                                                                                                  \
        for (; h + (widest) <= (stride); h += (widest))                                                                \
            call(which, widest);                                                                                       \
        if ((widest) > 64 && h + 64 <= (stride)) {                                                                     \
            call(which, 64);                                                                                           \
            h += 64;                                                                                                   \
        }                                                                                                              \
        if ((widest) > 32 && h + 32 <= (stride)) {                                                                     \
            call(which, 32);                                                                                           \
            h += 32;                                                                                                   \
        }                                                                                                              \
        if ((widest) > 16 && h + 16 <= (stride))                                                                       \
            call(which, 16);                                                                                           \
    } while (0)

/* The function for that width, of those that there are up to 64 or 128; and what is to be put into those that are wider
 * than the panels of this set. */
#define OF_WIDTH_TO_64(name, width) ((width) == 64 ? name##_64 : (width) == 32 ? name##_32 : name##_16)
#define OF_WIDTH(name, width) ((width) == 128 ? name##_128 : OF_WIDTH_TO_64(name, width))
#define WITHIN_PANEL(width) ((width) < PANEL ? (width) : PANEL)

/* Bit i: whether byte i is not zero. */
#ifndef V_NONZERO
static inline uint64_t v_nonzero(const uint8_t *bytes)
{
    uint64_t mask = 0;
    for (unsigned i = 0; i < WORD; i++)
        mask |= (uint64_t)(bytes[i] != 0) << i;
    return mask;
}
#endif

/* The first `count` bits, all from 64 on. */
static inline uint64_t first_bits(size_t count)
{
    return count < 64 ? ((uint64_t)1 << count) - 1 : ~(uint64_t)0;
}

/* sum += factors[i] times row i of b, `vectors` wide, for each bit i of mask. */
static inline __attribute__((always_inline)) void add_rows(V *sum, uint64_t mask, const real *factors, const real *b,
                                                           size_t stride, const size_t vectors)
{
    for (; mask; mask &= mask - 1) {
        const size_t i = (size_t)__builtin_ctzll(mask);
        const real *row = b + i * stride;
        OPAQUE(row);
        const V factor = v_splat(factors[i]);
        for (size_t j = 0; j < vectors; j++)
            sum[j] = v_fma_at(factor, row + j * LANES, sum[j]);
    }
}

/* The same with factor i = value[bytes[i]]; not one function with the other, as GCC then makes both loops of each. */
static inline __attribute__((always_inline)) void add_inked_rows(V *sum, uint64_t mask, const uint8_t *bytes,
                                                                 const real *value, const real *b, size_t stride,
                                                                 const size_t vectors)
{
    for (; mask; mask &= mask - 1) {
        const size_t i = (size_t)__builtin_ctzll(mask);
        const real *row = b + i * stride;
        OPAQUE(row);
        const V factor = v_splat(value[bytes[i]]);
        for (size_t j = 0; j < vectors; j++)
            sum[j] = v_fma_at(factor, row + j * LANES, sum[j]);
    }
}

/* Bit i: whether x[i] is not zero, for count numbers, 64 at the most. */
static inline uint64_t nonzero_reals(const real *x, size_t count)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < count && i < 64; i += LANES)
        mask |= (uint64_t)v_nonzero_lanes(v_load(x + i)) << i;
    return mask;
}

static inline __attribute__((always_inline)) void matmul_skip_panel(real *c, const real *from, const real *a,
                                                                    size_t a_row, const real *b, size_t b_row, size_t m,
                                                                    size_t k, size_t stride, const size_t width)
{
    const size_t vectors = width / LANES;
    /* Made a mask ahead: how long its loop runs cannot be predicted, and what waits for it should be short. */
    uint64_t coming = m > 0 ? nonzero_reals(a, k) : 0;
    for (size_t i = 0; i < m; i++, a += a_row, c += stride) {
        V sum[PANEL_VECTORS];
        for (size_t j = 0; j < vectors; j++)
            sum[j] = v_splat(0);
        for (size_t p = 0; p < k; p += WORD) {
            const uint64_t mask = coming;
            coming = p + WORD < k ? nonzero_reals(a + p + WORD, k - p - WORD)
                     : i + 1 < m  ? nonzero_reals(a + a_row, k)
                                  : 0;
            add_rows(sum, mask, a + p, b + p * b_row, b_row, vectors);
        }
        for (size_t j = 0; j < vectors; j++) {
            if (from)
                sum[j] = v_load(from + j * LANES) + sum[j];
            v_store(c + j * LANES, sum[j]);
        }
    }
}

static void matmul_skip(real *c, const real *from, const real *a, size_t a_row, const real *b, size_t b_row, size_t m,
                        size_t k, size_t n, size_t stride)
{
    assert(k <= KERNELS_KC);
#define PRODUCT(kernel, width) kernel(c + h, from ? from + h : NULL, a, a_row, b + h, b_row, m, k, stride, width)
    FOR_PANELS(real_padded(n), PANEL, PRODUCT, matmul_skip_panel);
#undef PRODUCT
}
