/*
 * pixel_update.h - a part of body.h: the gradient of the first layer's weights, on pixels, and the step that it makes.
 *
 * GROUP_ROWS rows of w at a time: neighbouring pixels are mostly inked in the same images, and share each load of dz,
 * which may take longer than the arithmetic.  An image that not all of them are inked in adds zero to the others, which
 * changes nothing as long as dz is finite.
 */
enum { GROUP_PANEL = GROUP_VECTORS * LANES };
_Static_assert(GROUP_PANEL == 16 || GROUP_PANEL == 32 || GROUP_PANEL == 64, "there are functions for these widths");
_Static_assert(GROUP_ROWS <= 2 && GROUP_VECTORS <= 16, "what the loop between sums unrolls");

struct pixel_rows {
    const uint8_t *bytes; /* of the first row's pixel in each image; the next row's are bytes_row behind */
    size_t bytes_row;
    const real *value, *dz;
    size_t stride; /* of dz and of w */
};

/* ---- any number of images, row by row, by way of a gradient in memory ---- */

/* `width` elements of a row's gradient to g. */
static inline __attribute__((always_inline)) void pixel_gradient(real *g, const struct pixel_rows *x, size_t images,
                                                                 const size_t width)
{
    const size_t vectors = width / LANES;
    for (size_t first = 0, count; first < images; first += count) {
        V sum[GROUP_VECTORS];
        count = kernels_depth(images - first);
        for (size_t j = 0; j < vectors; j++)
            sum[j] = v_splat(0);
        for (size_t b = first; b < first + count; b += WORD)
            add_inked_rows(sum, v_nonzero(x->bytes + b) & first_bits(first + count - b), x->bytes + b, x->value,
                           x->dz + b * x->stride, x->stride, vectors);
        for (size_t j = 0; j < vectors; j++) {
            if (first > 0)
                sum[j] = v_load(g + j * LANES) + sum[j];
            v_store(g + j * LANES, sum[j]);
        }
    }
}

#define WITHIN_GROUP_PANEL(width) ((width) < GROUP_PANEL ? (width) : GROUP_PANEL)
#define DEFINE_PIXEL_GRADIENT(width)                                                                                   \
    static __attribute__((noinline)) void pixel_gradient_##width(real *g, const struct pixel_rows *x, size_t images)   \
    {                                                                                                                  \
        pixel_gradient(g, x, images, WITHIN_GROUP_PANEL(width));                                                       \
    }
DEFINE_PIXEL_GRADIENT(16)
DEFINE_PIXEL_GRADIENT(32)
DEFINE_PIXEL_GRADIENT(64)

/* ---- one block of images (kernels_depth), in registers ---- */

/* The WORD images from the one of `bytes` on that one of a group's pixels is inked in: bit i for image i. */
static inline uint64_t inked_images(const uint8_t *bytes, size_t bytes_row)
{
    uint64_t mask = 0;
    for (size_t p = 0; p < GROUP_ROWS; p++)
        mask |= v_nonzero(bytes + p * bytes_row);
    return mask;
}

/* An image's part in a group's gradients. */
static inline __attribute__((always_inline)) void add_image(V (*sum)[GROUP_VECTORS], const struct pixel_rows *x,
                                                            size_t image, const size_t vectors)
{
    const real *row = x->dz + image * x->stride;
    V factor[GROUP_ROWS];
    OPAQUE(row);
    for (size_t p = 0; p < GROUP_ROWS; p++)
        factor[p] = v_splat(x->value[x->bytes[p * x->bytes_row + image]]);
    for (size_t j = 0; j < vectors; j++) {
        if (GROUP_ROWS == 1) {
            sum[0][j] = v_fma_at(factor[0], row + j * LANES, sum[0][j]);
            continue;
        }
        V d = v_load(row + j * LANES);
        v_keep(d); /* loaded once, not for each use */
        for (size_t p = 0; p < GROUP_ROWS; p++)
            sum[p][j] = v_fma(factor[p], d, sum[p][j]);
    }
}

/* Those of the images `mask`, of which bit 0 is image `first`. */
static inline __attribute__((always_inline)) void add_images(V (*sum)[GROUP_VECTORS], const struct pixel_rows *x,
                                                             size_t first, uint64_t mask, const size_t vectors)
{
    for (; mask; mask &= mask - 1)
        add_image(sum, x, first + (size_t)__builtin_ctzll(mask), vectors);
}

static inline __attribute__((always_inline)) void no_sums(V (*sum)[GROUP_VECTORS], const size_t vectors)
{
    for (size_t p = 0; p < GROUP_ROWS; p++)
        for (size_t j = 0; j < vectors; j++)
            sum[p][j] = v_splat(0);
}

/* What is made ahead of some groups of rows. */
struct pixel_groups {
    size_t count, words;        /* groups; WORDs of images */
    uint64_t mask[CHUNK];       /* (count, words) the images that one of a group's pixels is inked in */
    const uint8_t *soon[CHUNK]; /* (count) a cache line to ask for meanwhile */
};

/* w and the optimizer's state from some element on. */
struct parameters_at {
    real *w, *state[OPTIMIZER_STATES_MAX];
};

static inline __attribute__((always_inline)) void move_on(struct parameters_at *at, size_t by, const size_t states)
{
    at->w += by;
    OPAQUE(at->w);
    for (size_t n = 0; n < states; n++) {
        at->state[n] += by;
        OPAQUE(at->state[n]);
    }
}

static inline __attribute__((always_inline)) void step_vector(rule_fn *const rule, const size_t states,
                                                              const struct parameters_at *at, const size_t i,
                                                              V gradient, const V *c)
{
    V s[OPTIMIZER_STATES_MAX];
    for (size_t n = 0; n < states; n++)
        s[n] = v_load(at->state[n] + i);
    v_store(at->w + i, step(rule, states, v_load(at->w + i), gradient, s, c));
    for (size_t n = 0; n < states; n++)
        v_store(at->state[n] + i, s[n]);
}

/*
 * `width` columns of one group or more, which w, the state and x begin with.  STEPS_BETWEEN_SUMS: the step of each
 * group is done between the sums of the next, so that its stores do not come all at once and hold up everything behind
 * them.
 */
static inline __attribute__((always_inline)) void
update_groups(rule_fn *const rule, const size_t states, const struct parameters_at *w, const V *constants,
              const struct pixel_rows *rows, const struct pixel_groups *groups, const size_t words, const size_t width)
{
    const size_t vectors = width / LANES;
    const uint64_t *mask_of = groups->mask;
    const uint8_t *const *soon = groups->soon, *const *const end = soon + groups->count;
    struct parameters_at at = *w; /* copies: nothing is stored to them */
    struct pixel_rows x = *rows;
    V sum[GROUP_ROWS][GROUP_VECTORS], gradient[GROUP_ROWS][GROUP_VECTORS], c[OPTIMIZER_CONSTANTS_MAX];
    for (size_t n = 0; n < OPTIMIZER_CONSTANTS_MAX; n++)
        c[n] = constants[n];
    __builtin_prefetch(*soon);
    no_sums(sum, vectors);
    for (size_t word = 0; word < words; word++)
        add_images(sum, &x, word * WORD, *mask_of++, vectors);
    while (++soon < end) {
        uint64_t mask = *mask_of++;
        __builtin_prefetch(*soon);
        x.bytes += GROUP_ROWS * x.bytes_row;
        for (size_t p = 0; p < GROUP_ROWS; p++)
            for (size_t j = 0; j < vectors; j++)
                gradient[p][j] = sum[p][j];
        no_sums(sum, vectors);
#pragma GCC unroll 2 /* GCC would not unroll loops this long, and then keeps the sums in memory */
        for (size_t p = 0; p < GROUP_ROWS; p++, move_on(&at, x.stride, states)) {
#pragma GCC unroll 16
            for (size_t j = 0; j < vectors; j++) {
                if (STEPS_BETWEEN_SUMS && mask) {
                    add_image(sum, &x, (size_t)__builtin_ctzll(mask), vectors);
                    mask &= mask - 1;
                }
                step_vector(rule, states, &at, j * LANES, gradient[p][j], c);
            }
        }
        add_images(sum, &x, 0, mask, vectors);
        for (size_t word = 1; word < words; word++)
            add_images(sum, &x, word * WORD, *mask_of++, vectors);
    }
    for (size_t p = 0; p < GROUP_ROWS; p++, move_on(&at, x.stride, states))
        for (size_t j = 0; j < vectors; j++)
            step_vector(rule, states, &at, j * LANES, sum[p][j], c);
}

/* For one word of images and for several: with the number known, the first takes fewer registers. */
#define DEFINE_UPDATE_GROUPS(rule, n_states, width)                                                                    \
    static __attribute__((noinline)) void update_groups_##rule##_##width(                                              \
        const struct parameters_at *w, const V *c, const struct pixel_rows *x, const struct pixel_groups *groups)      \
    {                                                                                                                  \
        update_groups(rule_##rule, n_states, w, c, x, groups, 1, WITHIN_GROUP_PANEL(width));                           \
    }                                                                                                                  \
    static __attribute__((noinline)) void update_groups_of_words_##rule##_##width(                                     \
        const struct parameters_at *w, const V *c, const struct pixel_rows *x, const struct pixel_groups *groups)      \
    {                                                                                                                  \
        update_groups(rule_##rule, n_states, w, c, x, groups, groups->words, WITHIN_GROUP_PANEL(width));               \
    }

/* ---- the whole update ---- */

typedef void update_groups_fn(const struct parameters_at *w, const V *c, const struct pixel_rows *x,
                              const struct pixel_groups *groups);

/* What there is of each rule. */
struct pixel_rule {
    size_t states;
    optimizer_update_fn *update;
    update_groups_fn *groups_16, *groups_32, *groups_64, *groups_of_words_16, *groups_of_words_32, *groups_of_words_64;
};

#define DEFINE_PIXEL_FORM(form, rule, n_states)                                                                        \
    DEFINE_UPDATE_GROUPS(form, n_states, 16)                                                                           \
    DEFINE_UPDATE_GROUPS(form, n_states, 32)                                                                           \
    DEFINE_UPDATE_GROUPS(form, n_states, 64)                                                                           \
    static const struct pixel_rule pixel_rule_##form = {n_states,                                                      \
                                                        update_##rule,                                                 \
                                                        update_groups_##form##_16,                                     \
                                                        update_groups_##form##_32,                                     \
                                                        update_groups_##form##_64,                                     \
                                                        update_groups_of_words_##form##_16,                            \
                                                        update_groups_of_words_##form##_32,                            \
                                                        update_groups_of_words_##form##_64};
#define DEFINE_PIXEL_RULE(rule, alias, title, n_states, ...) RULE_FORMS(DEFINE_PIXEL_FORM, rule, n_states)
OPTIMIZER_RULES(DEFINE_PIXEL_RULE)

/*
 * The images of the batch to come are asked for, `lines` cache lines for each group and panel, one of them amid the
 * group's arithmetic, so that they come in behind it: a shuffled batch is scattered over more memory than the caches
 * hold.
 */
struct ahead {
    const struct pixel_batch *batch;
    size_t lines, image, byte;
};

enum { CACHE_LINE = 64 };

static struct ahead ahead_of(const struct pixel_batch *batch, size_t stride)
{
    const size_t panels = (stride + GROUP_PANEL - 1) / GROUP_PANEL, groups = batch->columns / GROUP_ROWS + 1;
    const size_t lines = batch->next_rows * (batch->pixels / CACHE_LINE + 1);
    return (struct ahead){batch, (lines + groups * panels - 1) / (groups * panels), 0, 0};
}

/* The next line; when there is none any more, one that is there already. */
static inline const uint8_t *line_ahead(struct ahead *ahead)
{
    const struct pixel_batch *const batch = ahead->batch;
    if (ahead->image >= batch->next_rows)
        return batch->transposed;
    const uint8_t *const line = batch->next[ahead->image] + ahead->byte;
    ahead->byte += CACHE_LINE;
    if (ahead->byte >= batch->pixels) {
        ahead->image++;
        ahead->byte = 0;
    }
    return line;
}

/* Asks for all but one of them; the pointer to that one is returned. */
static inline const uint8_t *lines_ahead(struct ahead *ahead)
{
    for (size_t line = 1; line < ahead->lines; line++)
        __builtin_prefetch(line_ahead(ahead));
    return line_ahead(ahead);
}

static inline bool all_finite(const real *x, size_t count)
{
    enum { SUMS = 4 };
    V sum[SUMS];
    for (size_t i = 0; i < SUMS; i++)
        sum[i] = v_splat(0);
    for (size_t i = 0; i < count; i += LANES)
        sum[i / LANES % SUMS] = v_fma(v_load(x + i), v_splat(0), sum[i / LANES % SUMS]);
    return !v_nonzero_lanes((sum[0] + sum[1]) + (sum[2] + sum[3])); /* infinite or undefined times zero is undefined */
}

/*
 * All rows of w.  A mask comes out of a vector register, behind all arithmetic that is queued before it: so masks are
 * made ahead, for a CHUNK of words at a time.
 */
static void pixel_update(const struct pixel_rule *rule, real *w, real *const *state, const struct pixel_batch *x,
                         const real *dz, size_t stride, const double *constants)
{
    _Alignas(REAL_ALIGN) real gradient[GROUP_PANEL];
    struct pixel_groups groups = {.words = (x->rows + WORD - 1) / WORD};
    struct pixel_rows rows = {x->transposed, x->stride, x->value, dz, stride};
    struct parameters_at at = {.w = w}, panel;
    struct ahead ahead = ahead_of(x, stride);
    size_t left = x->columns;
    const bool finite = GROUP_ROWS == 1 || (left > 0 && all_finite(dz, x->rows * stride));
    const bool one_block = kernels_depth(x->rows) == x->rows;
    V c[OPTIMIZER_CONSTANTS_MAX];
    assert(x->rows > 0);
    for (size_t n = 0; n < OPTIMIZER_CONSTANTS_MAX; n++)
        c[n] = v_splat((real)constants[n]);
    for (size_t n = 0; n < rule->states; n++)
        at.state[n] = state[n];
    while (one_block && finite && left >= GROUP_ROWS) {
        groups.count = left / GROUP_ROWS < CHUNK / groups.words ? left / GROUP_ROWS : CHUNK / groups.words;
        for (size_t m = 0; m < groups.count; m++)
            for (size_t word = 0; word < groups.words; word++)
                groups.mask[m * groups.words + word] =
                    inked_images(rows.bytes + m * GROUP_ROWS * x->stride + word * WORD, x->stride) &
                    first_bits(x->rows - word * WORD);
#define GROUPS(rule, width)                                                                                            \
    do {                                                                                                               \
        for (size_t m = 0; m < groups.count; m++)                                                                      \
            groups.soon[m] = lines_ahead(&ahead);                                                                      \
        panel = at;                                                                                                    \
        move_on(&panel, h, (rule)->states);                                                                            \
        rows.dz = dz + h;                                                                                              \
        (groups.words == 1 ? OF_WIDTH_TO_64((rule)->groups, width)                                                     \
                           : OF_WIDTH_TO_64((rule)->groups_of_words, width))(&panel, c, &rows, &groups);               \
    } while (0)
        FOR_PANELS(stride, GROUP_PANEL, GROUPS, rule);
#undef GROUPS
        rows.bytes += groups.count * GROUP_ROWS * x->stride;
        move_on(&at, groups.count * GROUP_ROWS * stride, rule->states);
        left -= groups.count * GROUP_ROWS;
    }
    for (; left > 0; left--) {
#define SINGLE_ROW(rule, width)                                                                                        \
    do {                                                                                                               \
        __builtin_prefetch(lines_ahead(&ahead));                                                                       \
        panel = at;                                                                                                    \
        move_on(&panel, h, (rule)->states);                                                                            \
        rows.dz = dz + h;                                                                                              \
        OF_WIDTH_TO_64(pixel_gradient, width)(gradient, &rows, x->rows);                                               \
        (rule)->update(panel.w, gradient, panel.state, WITHIN_GROUP_PANEL(width), constants);                          \
    } while (0)
        FOR_PANELS(stride, GROUP_PANEL, SINGLE_ROW, rule);
#undef SINGLE_ROW
        rows.bytes += x->stride;
        move_on(&at, stride, rule->states);
    }
}
