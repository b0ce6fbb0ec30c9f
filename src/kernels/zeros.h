/*
 * zeros.h - a part of body.h: products that skip the zeros of one operand.  Its non-zeros are the bits of masks of 64,
 * and rows of the other operand are chosen by them.
 */

enum { PANEL = PANEL_VECTORS * LANES };

/*
 * Makes the compiler take a pointer as it is: a row's vectors are then addressed by one register and constants, where
 * it would keep a register for each of them and spill the rest.
 */
#define OPAQUE(pointer) __asm__("" : "+r"(pointer))

/* call(which, width) for columns h to h + width: PANEL wide as often as it fits, then halves down to REAL_PAD. */
#define FOR_PANELS(stride, call, which)                                                                                \
    do {                                                                                                               \
        size_t h = 0;                                                                                                  \
        for (; h + PANEL <= (stride); h += PANEL)                                                                      \
            call(which, PANEL);                                                                                        \
        if (PANEL > 64 && h + 64 <= (stride)) {                                                                        \
            call(which, 64);                                                                                           \
            h += 64;                                                                                                   \
        }                                                                                                              \
        if (PANEL > 32 && h + 32 <= (stride)) {                                                                        \
            call(which, 32);                                                                                           \
            h += 32;                                                                                                   \
        }                                                                                                              \
        if (PANEL > 16 && h + 16 <= (stride))                                                                          \
            call(which, 16);                                                                                           \
    } while (0)

/* Bit i: whether byte i is not zero. */
#ifndef V_NONZERO
static inline uint64_t v_nonzero(const uint8_t *bytes)
{
    uint64_t mask = 0;
    for (unsigned i = 0; i < PIXELS_SLACK; i++)
        mask |= (uint64_t)(bytes[i] != 0) << i;
    return mask;
}
#endif

/* The first `count` bits, all from 64 on. */
static inline uint64_t first_bits(size_t count)
{
    return count < 64 ? ((uint64_t)1 << count) - 1 : ~(uint64_t)0;
}

/*
 * sum += factor i times row i of b, for each bit i of mask, `vectors` wide; factor i is factors[i], or with bytes
 * factors[bytes[i]].
 */
static inline __attribute__((always_inline)) void add_rows(V *sum, uint64_t mask, const real *factors,
                                                           const uint8_t *bytes, const real *b, size_t stride,
                                                           const size_t vectors)
{
    for (; mask; mask &= mask - 1) {
        const size_t i = (size_t)__builtin_ctzll(mask);
        const real *row = b + i * stride;
        OPAQUE(row);
        const V factor = v_splat(bytes ? factors[bytes[i]] : factors[i]);
        for (size_t j = 0; j < vectors; j++)
            sum[j] = v_fma(factor, v_load(row + j * LANES), sum[j]);
    }
}

/* ---- small products of a matrix with zeros ---- */

/* Bit i: whether x[i] is not zero, for count numbers, 64 at the most. */
static inline uint64_t nonzero_reals(const real *x, size_t count)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < count && i < 64; i += LANES)
        mask |= (uint64_t)v_nonzero_lanes(v_load(x + i)) << i;
    return mask;
}

/* A block ends: c = before + sum, or sum alone, and the next block's sum begins. */
static inline __attribute__((always_inline)) void end_block(real *c, const real *before, V *sum, const size_t vectors)
{
    for (size_t j = 0; j < vectors; j++) {
        if (before)
            sum[j] = v_load(before + j * LANES) + sum[j];
        v_store(c + j * LANES, sum[j]);
        sum[j] = v_splat(0);
    }
}

static inline __attribute__((always_inline)) void matmul_skip_panel(real *c, const real *from, const real *a,
                                                                    size_t a_row, const real *b, size_t b_row, size_t m,
                                                                    size_t k, size_t stride, const size_t width)
{
    enum { WORD = 64 };
    const size_t vectors = width / LANES;
    uint64_t coming = m > 0 ? nonzero_reals(a, k) : 0; /* a mask ahead, as in pixel_matmul_part */
    for (size_t i = 0; i < m; i++, a += a_row, c += stride) {
        V sum[PANEL_VECTORS];
        const real *before = from;
        for (size_t j = 0; j < vectors; j++)
            sum[j] = v_splat(0);
        for (size_t p = 0, end = kernels_depth(k); p < k; p += WORD) {
            uint64_t mask = coming;
            coming = p + WORD < k ? nonzero_reals(a + p + WORD, k - p - WORD)
                     : i + 1 < m  ? nonzero_reals(a + a_row, k)
                                  : 0;
            while (end < k && end < p + WORD) { /* a block ends within the word */
                const uint64_t rest = ~first_bits(end - p);
                add_rows(sum, mask & ~rest, a + p, NULL, b + p * b_row, b_row, vectors);
                end_block(c, before, sum, vectors);
                before = c;
                mask &= rest;
                end += kernels_depth(k - end);
            }
            add_rows(sum, mask, a + p, NULL, b + p * b_row, b_row, vectors);
        }
        end_block(c, before, sum, vectors);
    }
}

static void matmul_skip(real *c, const real *from, const real *a, size_t a_row, const real *b, size_t b_row, size_t m,
                        size_t k, size_t n, size_t stride)
{
#define PRODUCT(kernel, width) kernel(c + h, from ? from + h : NULL, a, a_row, b + h, b_row, m, k, stride, width)
    FOR_PANELS(real_padded(n), PRODUCT, matmul_skip_panel);
#undef PRODUCT
}

/* ---- the first layer, on pixels ---- */

/*
 * Pixels first to first + count of every image: what they add to its block's sum in x->sums, which is zero before a
 * block begins; with the block's end (`ends`) z becomes that sum and `before`, whose rows are before_stride apart.
 */
struct pixel_part {
    size_t first, count;
    bool ends;
    const real *before;
    size_t before_stride;
};

static inline __attribute__((always_inline)) void pixel_matmul_part(real *z, const struct pixel_batch *x,
                                                                    const struct pixel_part *part, const real *w,
                                                                    size_t stride, const size_t width)
{
    const size_t vectors = width / LANES, first = part->first, before_stride = part->before_stride;
    const uint64_t all = first_bits(part->count);
    const uint8_t *const *row = x->row, *const *const end = row + x->rows;
    const real *before = part->before, *const value = x->value;
    const bool ends = part->ends;
    real *kept = x->sums;
    w += first * stride;
    /* Each mask is made an image ahead: how long its loop runs cannot be predicted, and what waits for it should be
     * short. */
    uint64_t coming = row < end ? v_nonzero(*row + first) : 0;
    for (; row < end; row++, kept += width, z += stride, before += before_stride) {
        V sum[PIXELS_PANEL / LANES];
        const uint8_t *const bytes = *row + first;
        const uint64_t mask = coming & all;
        coming = v_nonzero(row[row + 1 < end] + first);
        if (!mask && !ends)
            continue;
        for (size_t j = 0; j < vectors; j++)
            sum[j] = v_load(kept + j * LANES);
        add_rows(sum, mask, value, bytes, w, stride, vectors);
        if (ends)
            end_block(z, before, sum, vectors);
        for (size_t j = 0; j < vectors; j++)
            v_store(kept + j * LANES, sum[j]);
    }
}

/* A function for each width and not inlined: compilers run out of registers otherwise, and each spill delays a loop. */
typedef void pixel_part_fn(real *z, const struct pixel_batch *x, const struct pixel_part *part, const real *w,
                           size_t stride);
#define DEFINE_PIXEL_PART(width)                                                                                       \
    static __attribute__((noinline)) void pixel_part_##width(                                                          \
        real *z, const struct pixel_batch *x, const struct pixel_part *part, const real *w, size_t stride)             \
    {                                                                                                                  \
        pixel_matmul_part(z, x, part, w, stride, width);                                                               \
    }
DEFINE_PIXEL_PART(16)
DEFINE_PIXEL_PART(32)
DEFINE_PIXEL_PART(64)
DEFINE_PIXEL_PART(128)

/*
 * `width` columns of z.  PIXELS_SLACK rows of w stay in the first-level cache while every image of the batch passes
 * over them; a block (kernels_depth) has several such parts.
 */
static void pixel_matmul_panel(real *z, const real *from, const struct pixel_batch *x, const real *w, size_t stride,
                               size_t width)
{
    pixel_part_fn *const add = width == 128  ? pixel_part_128
                               : width == 64 ? pixel_part_64
                               : width == 32 ? pixel_part_32
                                             : pixel_part_16;
    struct pixel_part part = {.before = from};
    for (size_t block_end = 0; part.first < x->columns; part.first += part.count) {
        if (part.first == block_end)
            block_end += kernels_depth(x->columns - part.first);
        part.count = block_end - part.first < PIXELS_SLACK ? block_end - part.first : PIXELS_SLACK;
        part.ends = part.first + part.count == block_end;
        add(z, x, &part, w, stride);
        if (part.ends) {
            part.before = z;
            part.before_stride = stride;
        }
    }
}

static void pixel_matmul(real *z, const real *from, const struct pixel_batch *x, const real *w, size_t stride)
{
#define PRODUCT(kernel, width) kernel(z + h, from + h, x, w + h, stride, width)
    FOR_PANELS(stride, PRODUCT, pixel_matmul_panel);
#undef PRODUCT
}

/* Rows first to first + count of the batch: their part of the gradient of w's row k, whose bytes and first mask these
 * are. */
static inline __attribute__((always_inline)) void pixel_gradient_block(V *sum, const struct pixel_batch *x,
                                                                       const uint8_t *bytes, uint64_t mask,
                                                                       size_t first, size_t count, const real *dz,
                                                                       size_t stride, const size_t vectors)
{
    for (size_t j = 0; j < vectors; j++)
        sum[j] = v_splat(0);
    for (size_t b = 0;;) {
        add_rows(sum, mask & first_bits(count - b), x->value, bytes + first + b, dz + (first + b) * stride, stride,
                 vectors);
        b += PIXELS_SLACK;
        if (b >= count)
            break;
        mask = v_nonzero(bytes + first + b);
    }
}

/* The gradient of `width` elements of w's row k, in registers. */
static inline __attribute__((always_inline)) void pixel_gradient(V *gradient, const struct pixel_batch *x, size_t k,
                                                                 uint64_t mask, const real *restrict dz, size_t stride,
                                                                 const size_t width)
{
    const uint8_t *const bytes = x->transposed + k * x->stride;
    const size_t vectors = width / LANES;
    size_t first = kernels_depth(x->rows);
    pixel_gradient_block(gradient, x, bytes, mask, 0, first, dz, stride, vectors);
    for (size_t count; first < x->rows; first += count) {
        V sum[PANEL_VECTORS];
        count = kernels_depth(x->rows - first);
        pixel_gradient_block(sum, x, bytes, v_nonzero(bytes + first), first, count, dz, stride, vectors);
        for (size_t j = 0; j < vectors; j++)
            gradient[j] = gradient[j] + sum[j];
    }
}

/*
 * The images of the batch to come are asked for one cache line a pixel, so that they come in behind the arithmetic: a
 * shuffled batch is scattered over more memory than the caches hold.
 */
struct ahead {
    size_t image, byte;
};

static inline void ask_ahead(struct ahead *ahead, const struct pixel_batch *x)
{
    enum { CACHE_LINE = 64 };
    if (ahead->image >= x->next_rows)
        return;
    __builtin_prefetch(x->next[ahead->image] + ahead->byte);
    ahead->byte += CACHE_LINE;
    if (ahead->byte >= x->columns)
        *ahead = (struct ahead){ahead->image + 1, 0};
}

#define DEFINE_PIXEL_UPDATE(rule, alias, title, n_states, uses, formula)                                               \
    static inline __attribute__((always_inline)) void pixel_update_##rule##_panel(                                     \
        real *restrict w, real *const *restrict state, size_t offset, const struct pixel_batch *x, size_t k,           \
        uint64_t mask, const real *restrict dz, size_t stride, const V *c, const size_t width)                         \
    {                                                                                                                  \
        V gradient[PANEL_VECTORS], s[OPTIMIZER_STATES_MAX];                                                            \
        pixel_gradient(gradient, x, k, mask, dz, stride, width);                                                       \
        for (size_t j = 0; j < width / LANES; j++) {                                                                   \
            const size_t i = offset + j * LANES;                                                                       \
            for (int n = 0; n < (n_states); n++)                                                                       \
                s[n] = v_load(state[n] + i);                                                                           \
            v_store(w + i, rule_##rule(v_load(w + i), gradient[j], s, c));                                             \
            for (int n = 0; n < (n_states); n++)                                                                       \
                v_store(state[n] + i, s[n]);                                                                           \
        }                                                                                                              \
    }                                                                                                                  \
    static void pixel_update_##rule(real *w, real *const *state, const struct pixel_batch *x, const real *dz,          \
                                    size_t stride, const double *constants)                                            \
    {                                                                                                                  \
        V c[OPTIMIZER_CONSTANTS_MAX];                                                                                  \
        struct ahead ahead = {0, 0};                                                                                   \
        uint64_t coming = v_nonzero(x->transposed);                                                                    \
        for (int i = 0; i < OPTIMIZER_CONSTANTS_MAX; i++)                                                              \
            c[i] = v_splat((real)constants[i]);                                                                        \
        for (size_t k = 0; k < x->columns; k++) {                                                                      \
            const uint64_t mask = coming;                                                                              \
            coming = v_nonzero(x->transposed + (k + 1) * x->stride); /* there is one row more */                       \
            ask_ahead(&ahead, x);                                                                                      \
            FOR_PANELS(stride, UPDATE_PANEL, pixel_update_##rule##_panel);                                             \
        }                                                                                                              \
    }
#define UPDATE_PANEL(panel, width) panel(w, state, k *stride + h, x, k, mask, dz + h, stride, c, width)
OPTIMIZER_RULES(DEFINE_PIXEL_UPDATE)
