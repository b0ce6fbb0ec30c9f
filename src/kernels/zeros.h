/*
 * zeros.h - a part of body.h: products that skip the zeros of one operand.  Its non-zeros are the bits of masks, and
 * rows of the other operand are chosen by them.  What pixel_matmul.h and pixel_update.h share is here as well.
 */

/* WORD: bits of a mask; CHUNK: masks that are made at a time. */
enum { PANEL = PANEL_VECTORS * LANES, WORD = 64, CHUNK = 64 };
_Static_assert((int)WORD == (int)PIXELS_SLACK, "a mask is made of as many bytes as may be read behind an array");

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

/* ---- parts: up to WORD rows of b, which stay in the first-level cache while all rows of the other pass over them ----
 */

/* Up to WORD numbers of a row, bytes or reals, and which of them are not zero. */
struct part_row {
    uint64_t mask;
    const void *numbers;
};

/* Where a block ends: z, and what it is added to (NULL: the block begins the sum); and what comes next. */
struct part_end {
    real *z;
    size_t stride;
    const real *before;
    size_t before_stride;
    struct soon *soon; /* the next part of b, asked for beside each row; NULL: it is near */
};

/*
 * `width` columns of a part's products, b being the first of them.  value: of bytes; NULL for reals.  The sums of a
 * block (kernels_depth) are kept in `kept`, whose rows are as wide, until it ends: then z becomes the sum and what was
 * before.
 */
static inline __attribute__((always_inline)) void multiply_part(real *kept, const struct part_row *row, size_t rows,
                                                                const real *value, const real *b, size_t b_row,
                                                                bool begins, const bool ends,
                                                                const struct part_end *end, const size_t width)
{
    const size_t vectors = width / LANES;
    real *z = ends ? end->z : NULL;
    const real *before = ends ? end->before : NULL;
    const size_t stride = ends ? end->stride : 0, before_stride = ends ? end->before_stride : 0;
    struct soon *const soon = end->soon;
    for (const struct part_row *const last = row + rows; row < last; row++, kept += width) {
        V sum[PANEL_VECTORS];
        const uint64_t mask = row->mask;
        if (soon)
            ask_for(soon);
        if (begins)
            for (size_t j = 0; j < vectors; j++)
                sum[j] = v_splat(0);
        else if (!mask && !ends)
            continue;
        else
            for (size_t j = 0; j < vectors; j++)
                sum[j] = v_load(kept + j * LANES);
        if (value)
            add_inked_rows(sum, mask, row->numbers, value, b, b_row, vectors);
        else
            add_rows(sum, mask, row->numbers, b, b_row, vectors);
        if (!ends) {
            for (size_t j = 0; j < vectors; j++)
                v_store(kept + j * LANES, sum[j]);
            continue;
        }
        for (size_t j = 0; j < vectors; j++) {
            if (before)
                sum[j] = v_load(before + j * LANES) + sum[j];
            v_store(z + j * LANES, sum[j]);
        }
        z += stride;
        before += before ? before_stride : 0;
    }
}

/* Functions of their own, as compilers run out of registers otherwise, and each spill delays a loop. */
typedef void part_fn(real *kept, const struct part_row *row, size_t rows, const real *value, const real *b,
                     size_t b_row, bool begins, const struct part_end *end);
#define DEFINE_PART(name, value_, width)                                                                               \
    static __attribute__((noinline)) void name##_part_##width(real *kept, const struct part_row *row, size_t rows,     \
                                                              const real *value, const real *b, size_t b_row,          \
                                                              bool begins, const struct part_end *end)                 \
    {                                                                                                                  \
        (void)value;                                                                                                   \
        multiply_part(kept, row, rows, value_, b, b_row, begins, false, end, WITHIN_PANEL(width));                     \
    }                                                                                                                  \
    static __attribute__((noinline)) void name##_end_##width(real *kept, const struct part_row *row, size_t rows,      \
                                                             const real *value, const real *b, size_t b_row,           \
                                                             bool begins, const struct part_end *end)                  \
    {                                                                                                                  \
        (void)value;                                                                                                   \
        multiply_part(kept, row, rows, value_, b, b_row, begins, true, end, WITHIN_PANEL(width));                      \
    }
#define DEFINE_PARTS(name, value)                                                                                      \
    DEFINE_PART(name, value, 16)                                                                                       \
    DEFINE_PART(name, value, 32)                                                                                       \
    DEFINE_PART(name, value, 64)                                                                                       \
    DEFINE_PART(name, value, 128)

/* Rows first to first + count of b within the block that ends at `end`. */
struct part {
    size_t first, count, end;
    bool begins, ends; /* the block */
};

/* The part behind this one (of k terms, {0} is before the first); false if there is none. */
static inline bool next_part(struct part *part, size_t k)
{
    part->first += part->count;
    if (part->first >= k)
        return false;
    part->begins = part->first == part->end;
    if (part->begins)
        part->end += kernels_depth(k - part->first);
    part->count = part->end - part->first < WORD ? part->end - part->first : WORD;
    part->ends = part->first + part->count == part->end;
    return true;
}

/* The part behind this one, below it or at the top of the next panel, to be asked for beside so many rows. */
static inline struct soon soon_part(const struct part *part, struct matrix b, size_t k, size_t width, size_t rows)
{
    const size_t next = part->first + part->count;
    b.data += next < k ? next * b.row : width * b.column;
    return soon_panel(b, WORD, width, rows);
}

/* Rows of a, with the masks of which of their numbers are not zero. */
struct skip_rows {
    const real *a;
    size_t a_row, rows, k;
    const uint64_t *mask; /* (rows, words) */
    size_t words;         /* one more than there are masks in a row: it is zero */
};

static void skip_masks(uint64_t *mask, const struct skip_rows *x)
{
    for (size_t i = 0; i < x->rows; i++)
        for (size_t word = 0; word < x->words; word++) {
            const size_t p = word * WORD;
            *mask++ = p < x->k ? nonzero_reals(x->a + i * x->a_row + p, x->k - p) & first_bits(x->k - p) : 0;
        }
}

/* ---- a small b: it stays in the caches, and a row's sums in registers through all its terms ---- */

static inline __attribute__((always_inline)) void skip_small_panel(real *c, const real *from, const struct skip_rows *x,
                                                                   const real *b, size_t b_row, size_t stride,
                                                                   const size_t width)
{
    const size_t vectors = width / LANES;
    const uint64_t *mask = x->mask;
    const real *a = x->a;
    for (size_t i = 0; i < x->rows; i++, a += x->a_row, c += stride, mask += x->words) {
        V sum[PANEL_VECTORS];
        for (size_t j = 0; j < vectors; j++)
            sum[j] = v_splat(0);
        for (size_t p = 0; p < x->k; p += WORD)
            add_rows(sum, mask[p / WORD], a + p, b + p * b_row, b_row, vectors);
        for (size_t j = 0; j < vectors; j++) {
            if (from)
                sum[j] = v_load(from + j * LANES) + sum[j];
            v_store(c + j * LANES, sum[j]);
        }
    }
}

static void skip_small(real *c, const real *from, const struct skip_rows *x, const real *b, size_t b_row, size_t n,
                       size_t stride)
{
#define PRODUCT(kernel, width) kernel(c + h, from ? from + h : NULL, x, b + h, b_row, stride, width)
    FOR_PANELS(real_padded(n), PANEL, PRODUCT, skip_small_panel);
#undef PRODUCT
}

/* ---- any b, in parts ---- */

DEFINE_PARTS(skip, NULL)

/* Bits first to first + WORD of a row's masks: parts begin where blocks do. */
static inline uint64_t bits_from(const uint64_t *mask, size_t first)
{
    const size_t by = first % WORD;
    mask += first / WORD;
    return by ? mask[0] >> by | mask[1] << (WORD - by) : mask[0];
}

/* `width` columns of c. */
static inline __attribute__((always_inline)) void skip_panel(real *c, const real *from, const struct skip_rows *x,
                                                             struct matrix b, size_t columns, size_t stride, real *kept,
                                                             real *packed, bool far, part_fn *part, part_fn *last,
                                                             const size_t width)
{
    struct part_row row[CHUNK];
    struct part_end end = {.stride = stride, .before = from};
    struct part at = {0};
    while (next_part(&at, x->k)) {
        struct matrix rows = {b.data + at.first * b.row, b.row, 1};
        if (b.column != 1) {
            pack(packed, rows.data, b.column, b.row, columns < width ? columns : width, at.count, width);
            rows = (struct matrix){packed, width, 1};
        }
        for (size_t done = 0, count; done < x->rows; done += count) {
            count = x->rows - done < CHUNK ? x->rows - done : CHUNK;
            for (size_t i = 0; i < count; i++)
                row[i] = (struct part_row){bits_from(x->mask + (done + i) * x->words, at.first) & first_bits(at.count),
                                           x->a + (done + i) * x->a_row + at.first};
            struct part_end to = end;
            struct soon soon = soon_part(&at, b, x->k, width, count);
            to.soon = far && done == 0 ? &soon : NULL;
            to.z = c + done * stride;
            to.before = end.before ? end.before + done * end.before_stride : NULL;
            (at.ends ? last : part)(kept + done * width, row, count, NULL, rows.data, rows.row, at.begins, &to);
        }
        if (at.ends) {
            end.before = c;
            end.before_stride = stride;
        }
    }
}

/* What matmul_skip makes of its workspace: for ROWS rows of a at a time, or fewer. */
enum {
    SKIP_ROWS = 256,
    SKIP_MASKS = 1 << 15,  /* of those rows */
    SKIP_TURNED = 1 << 18, /* numbers of a, turned */
    SKIP_SMALL = 1 << 14,  /* of b that is small */
    SKIP_MASK_REALS = SKIP_MASKS * sizeof(uint64_t) / sizeof(real)
};
_Static_assert(SKIP_MASK_REALS + SKIP_TURNED + SKIP_ROWS * PANEL + WORD * PANEL <= KERNELS_WORKSPACE, "there is room");
_Static_assert(SKIP_MASK_REALS + SKIP_TURNED + SKIP_SMALL <= KERNELS_WORKSPACE, "there is room");

/* Rows of a that there is room for; 0: not even for a few. */
static size_t skip_rows_at_once(struct matrix a, size_t k)
{
    size_t rows = SKIP_MASKS / (k / WORD + 2);
    if (a.column != 1 && SKIP_TURNED / real_padded(k) < rows)
        rows = SKIP_TURNED / real_padded(k);
    return rows > SKIP_ROWS ? SKIP_ROWS : rows / REAL_PAD * REAL_PAD;
}

static size_t count_nonzero(const real *x, size_t rows, size_t columns, size_t stride)
{
    size_t count = 0;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j += WORD)
            count += (size_t)__builtin_popcountll(nonzero_reals(x + i * stride + j, columns - j));
    return count;
}

static void matmul_skip(real *c, const real *from, struct matrix a, struct matrix b, size_t m, size_t k, size_t n,
                        size_t stride, real *workspace)
{
    const bool turns = a.column != 1, small = k <= KERNELS_KC && k * real_padded(n) <= SKIP_SMALL;
    const size_t at_once = skip_rows_at_once(a, k);
    /* For few rows, turning b takes longer than the terms of half of it that need not be added. */
    const bool down =
        !small && !turns && m <= LANES && goes_down(m, k, b) && 8 * count_nonzero(a.data, m, k, a.row) > 3 * m * k;
    if (at_once == 0 || down) {
        matmul(c, from, a, b, m, k, n, stride, workspace);
        return;
    }
    uint64_t *const mask = (uint64_t *)workspace;
    real *const turned = workspace + SKIP_MASK_REALS, *const kept = turned + SKIP_TURNED;
    real *const packed = kept + SKIP_ROWS * PANEL;
    const bool far = (b.column == 1 ? k * b.row : n * b.column) > NEAR_REALS;
    if (small && b.column != 1) {
        transpose(kept, real_padded(n), b.data, b.column, n, k);
        b = (struct matrix){kept, real_padded(n), 1};
    }
    for (size_t i = 0, rows; i < m; i += rows) {
        rows = m - i < at_once ? m - i : at_once;
        const struct skip_rows x = {
            turns ? turned : a.data + i * a.row, turns ? real_padded(k) : a.row, rows, k, mask, k / WORD + 2};
        real *const ci = c + i * stride;
        if (turns)
            transpose(turned, x.a_row, a.data + i, a.column, k, rows);
        skip_masks(mask, &x);
        if (small) {
            skip_small(ci, from, &x, b.data, b.row, n, stride);
            continue;
        }
#define PRODUCT(kernel, width)                                                                                         \
    kernel(ci + h, from ? from + h : NULL, &x, (struct matrix){b.data + h * b.column, b.row, b.column},                \
           n > h ? n - h : 0, stride, kept, packed, far, OF_WIDTH(skip_part, width), OF_WIDTH(skip_end, width),        \
           WITHIN_PANEL(width))
        FOR_PANELS(real_padded(n), PANEL, PRODUCT, skip_panel);
#undef PRODUCT
    }
}
