/*
 * pixel_groups.h - a part of body.h: the gradient of some rows of the first layer's weights by one block of images, and
 * the step that it makes, in registers.  pixel_update.h makes the whole update of them.
 *
 * GROUP_ROWS rows of w at a time: neighbouring pixels are mostly inked in the same images, and share each load of dz,
 * which may take longer than the arithmetic.  An image that not all of them are inked in adds zero to the others, which
 * changes nothing as long as dz is finite.
 *
 * Where neighbours have little in common that adds much for nothing.  Then single rows are taken, of SINGLE_PANEL
 * columns, which are as many sums.
 */
enum { GROUP_PANEL = GROUP_VECTORS * LANES, SINGLE_PANEL = GROUP_ROWS * GROUP_PANEL };
_Static_assert(GROUP_PANEL == 16 || GROUP_PANEL == 32 || GROUP_PANEL == 64, "there are functions for these widths");
_Static_assert(GROUP_ROWS <= 2 && GROUP_ROWS * GROUP_VECTORS <= 16, "what the loop between sums unrolls");

struct pixel_rows {
    const uint8_t *bytes; /* of the first row's pixel in each image; the next row's are bytes_row behind */
    size_t bytes_row;
    const real *value, *dz;
    size_t stride; /* of dz */
    size_t w_row;  /* from one row of w to the next */
};

/* A block of a batch's images (kernels_depth): they are behind one another in `transposed`. */
struct image_block {
    size_t number, first, count;
};

/* The block behind this one ({0, 0, 0} is before the first); false if there is none. */
static inline bool next_block(struct image_block *block, size_t images)
{
    block->number += block->count > 0;
    block->first += block->count;
    block->count = kernels_depth(images - block->first);
    return block->count > 0;
}

/* ---- any dz, row by row ---- */

/* `width` elements of the gradient of row `row` to g; dz is the first column's. */
static inline __attribute__((always_inline)) void pixel_gradient(real *g, const struct pixel_batch *x, size_t row,
                                                                 const real *dz, size_t stride, const size_t width)
{
    const size_t vectors = width / LANES;
    for (struct image_block block = {0}; next_block(&block, x->rows);) {
        const uint8_t *const bytes = x->transposed + block.number * x->block + row * x->stride;
        V sum[GROUP_VECTORS];
        for (size_t j = 0; j < vectors; j++)
            sum[j] = v_splat(0);
        for (size_t b = 0; b < block.count; b += WORD)
            add_inked_rows(sum, v_nonzero(bytes + b) & first_bits(block.count - b), bytes + b, x->value,
                           dz + (block.first + b) * stride, stride, vectors);
        for (size_t j = 0; j < vectors; j++) {
            if (block.number > 0)
                sum[j] = v_load(g + j * LANES) + sum[j];
            v_store(g + j * LANES, sum[j]);
        }
    }
}

#define WITHIN_GROUP_PANEL(width) ((width) < GROUP_PANEL ? (width) : GROUP_PANEL)
#define DEFINE_PIXEL_GRADIENT(width)                                                                                   \
    static __attribute__((noinline)) void pixel_gradient_##width(real *g, const struct pixel_batch *x, size_t row,     \
                                                                 const real *dz, size_t stride)                        \
    {                                                                                                                  \
        pixel_gradient(g, x, row, dz, stride, WITHIN_GROUP_PANEL(width));                                              \
    }
DEFINE_PIXEL_GRADIENT(16)
DEFINE_PIXEL_GRADIENT(32)
DEFINE_PIXEL_GRADIENT(64)

/* ---- one block of images (kernels_depth), in registers ---- */

/* The sums of one row: a row of a group has the first GROUP_VECTORS of them, a single row all. */
typedef V row_sums[GROUP_ROWS * GROUP_VECTORS];

/* An image's part in a group's gradients. */
static inline __attribute__((always_inline)) void add_image(row_sums *sum, const struct pixel_rows *x, size_t image,
                                                            const size_t height, const size_t vectors)
{
    const real *row = x->dz + image * x->stride;
    V factor[GROUP_ROWS];
    OPAQUE(row);
    for (size_t p = 0; p < height; p++)
        factor[p] = v_splat(x->value[x->bytes[p * x->bytes_row + image]]);
    for (size_t j = 0; j < vectors; j++) {
        if (height == 1) {
            sum[0][j] = v_fma_at(factor[0], row + j * LANES, sum[0][j]);
            continue;
        }
        V d = v_load(row + j * LANES);
        v_keep(d); /* loaded once, not for each use */
        for (size_t p = 0; p < height; p++)
            sum[p][j] = v_fma(factor[p], d, sum[p][j]);
    }
}

/* Those of the images `mask`, of which bit 0 is image `first`. */
static inline __attribute__((always_inline)) void add_images(row_sums *sum, const struct pixel_rows *x, size_t first,
                                                             uint64_t mask, const size_t height, const size_t vectors)
{
    for (; mask; mask &= mask - 1)
        add_image(sum, x, first + (size_t)__builtin_ctzll(mask), height, vectors);
}

static inline __attribute__((always_inline)) void no_sums(row_sums *sum, const size_t height, const size_t vectors)
{
    for (size_t p = 0; p < height; p++)
        for (size_t j = 0; j < vectors; j++)
            sum[p][j] = v_splat(0);
}

/* What is made ahead of some rows. */
struct pixel_groups {
    size_t count, words; /* groups; WORDs of images */
    /* w and the state come from beyond the second-level cache: they are asked for ahead. */
    bool far;
    uint64_t mask[GROUP_ROWS * CHUNK];       /* (rows, words) the images that a row's pixel is inked in */
    const uint8_t *soon[GROUP_ROWS * CHUNK]; /* (count) a cache line to ask for meanwhile */
};

/* The images that one of `height` rows' pixels is inked in. */
static inline __attribute__((always_inline)) uint64_t inked_in_one(const uint64_t *mask, size_t words,
                                                                   const size_t height)
{
    uint64_t one = mask[0];
    for (size_t p = 1; p < height; p++)
        one |= mask[p * words];
    return one;
}

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

/* Asks for element i of w and the state of a row `rows` on, where a cache line begins: one by one beside the
 * arithmetic, as many at once would hold it up. */
static inline __attribute__((always_inline)) void ask_ahead(const struct parameters_at *at, size_t rows, size_t w_row,
                                                            const size_t states, const size_t i)
{
    if (i % LINE_REALS != 0)
        return;
    ASK_FOR(at->w + rows * w_row + i);
    for (size_t n = 0; n < states; n++)
        ASK_FOR(at->state[n] + rows * w_row + i);
}

/*
 * `width` columns of one group or more, of `height` rows each, which w, the state and x begin with.
 * STEPS_BETWEEN_SUMS: the step of each group is done between the sums of the next, so that its stores do not come all
 * at once and hold up everything behind them.
 */
static inline __attribute__((always_inline)) void update_groups(rule_fn *const rule, const size_t states,
                                                                const struct parameters_at *w, const V *constants,
                                                                const struct pixel_rows *rows,
                                                                const struct pixel_groups *groups, const size_t words,
                                                                const size_t height, const size_t width)
{
    enum { GROUPS_AHEAD = 8 };
    const size_t vectors = width / LANES;
    const uint64_t *mask_of = groups->mask;
    const uint8_t *const *soon = groups->soon, *const *const end = soon + groups->count;
    struct parameters_at at = *w; /* copies: nothing is stored to them */
    struct pixel_rows x = *rows;
    row_sums sum[GROUP_ROWS], gradient[GROUP_ROWS];
    V c[OPTIMIZER_CONSTANTS_MAX];
    for (size_t n = 0; n < OPTIMIZER_CONSTANTS_MAX; n++)
        c[n] = constants[n];
    ASK_FOR(*soon);
    no_sums(sum, height, vectors);
    for (size_t word = 0; word < words; word++)
        add_images(sum, &x, word * WORD, inked_in_one(mask_of + word, words, height), height, vectors);
    while (++soon < end) {
        mask_of += height * words;
        uint64_t mask = inked_in_one(mask_of, words, height);
        ASK_FOR(*soon);
        x.bytes += height * x.bytes_row;
        for (size_t p = 0; p < height; p++)
            for (size_t j = 0; j < vectors; j++)
                gradient[p][j] = sum[p][j];
        no_sums(sum, height, vectors);
#pragma GCC unroll 2 /* GCC would not unroll loops this long, and then keeps the sums in memory */
        for (size_t p = 0; p < height; p++, move_on(&at, x.w_row, states)) {
#pragma GCC unroll 16
            for (size_t j = 0; j < vectors; j++) {
                if (STEPS_BETWEEN_SUMS && mask) {
                    add_image(sum, &x, (size_t)__builtin_ctzll(mask), height, vectors);
                    mask &= mask - 1;
                }
                if (groups->far)
                    ask_ahead(&at, GROUPS_AHEAD * height, x.w_row, states, j * LANES);
                step_vector(rule, states, &at, j * LANES, gradient[p][j], c);
            }
        }
        add_images(sum, &x, 0, mask, height, vectors);
        for (size_t word = 1; word < words; word++)
            add_images(sum, &x, word * WORD, inked_in_one(mask_of + word, words, height), height, vectors);
    }
    for (size_t p = 0; p < height; p++, move_on(&at, x.w_row, states))
        for (size_t j = 0; j < vectors; j++)
            step_vector(rule, states, &at, j * LANES, sum[p][j], c);
}

#define DEFINE_UPDATE_OF(name, rule, n_states, words, height, width)                                                   \
    static __attribute__((noinline)) void name(const struct parameters_at *w, const V *c, const struct pixel_rows *x,  \
                                               const struct pixel_groups *groups)                                      \
    {                                                                                                                  \
        update_groups(rule, n_states, w, c, x, groups, words, height, width);                                          \
    }
/* For one word of images and for several: with the number known, the first takes fewer registers. */
#define DEFINE_UPDATE_GROUPS(form, n_states, width)                                                                    \
    DEFINE_UPDATE_OF(update_groups_##form##_##width, rule_##form, n_states, 1, GROUP_ROWS, WITHIN_GROUP_PANEL(width))  \
    DEFINE_UPDATE_OF(update_groups_of_words_##form##_##width, rule_##form, n_states, groups->words, GROUP_ROWS,        \
                     WITHIN_GROUP_PANEL(width))
#define DEFINE_ALL_UPDATE_GROUPS(form, n_states)                                                                       \
    DEFINE_UPDATE_GROUPS(form, n_states, 16)                                                                           \
    DEFINE_UPDATE_GROUPS(form, n_states, 32)                                                                           \
    DEFINE_UPDATE_GROUPS(form, n_states, 64)                                                                           \
    DEFINE_UPDATE_OF(update_singles_##form, rule_##form, n_states, 1, 1, SINGLE_PANEL)

/* ---- the whole update ---- */

typedef void update_groups_fn(const struct parameters_at *w, const V *c, const struct pixel_rows *x,
                              const struct pixel_groups *groups);

struct group_functions {
    update_groups_fn *groups_16, *groups_32, *groups_64, *groups_of_words_16, *groups_of_words_32, *groups_of_words_64;
    update_groups_fn *singles; /* SINGLE_PANEL columns of single rows, one word of images */
};
#define GROUP_FUNCTIONS(form)                                                                                          \
    {                                                                                                                  \
        update_groups_##form##_16, update_groups_##form##_32, update_groups_##form##_64,                               \
            update_groups_of_words_##form##_16, update_groups_of_words_##form##_32,                                    \
            update_groups_of_words_##form##_64, GROUP_ROWS == 1 ? update_groups_##form##_64 : update_singles_##form    \
    }

/* What there is of each rule. */
struct pixel_rule {
    size_t states;
    optimizer_update_fn *update;
    struct group_functions groups;
};

#define DEFINE_PIXEL_FORM(form, rule, n_states)                                                                        \
    DEFINE_ALL_UPDATE_GROUPS(form, n_states)                                                                           \
    static const struct pixel_rule pixel_rule_##form = {n_states, update_##rule, GROUP_FUNCTIONS(form)};
#define DEFINE_PIXEL_RULE(rule, alias, title, n_states, ...) RULE_FORMS(DEFINE_PIXEL_FORM, rule, n_states)
OPTIMIZER_RULES(DEFINE_PIXEL_RULE)

/* In the place of a rule: the gradient itself, of the first block and with the next ones' added. */
static inline V rule_first(V w, V g, V *s, const V *c, const bool careful)
{
    (void)w, (void)s, (void)c, (void)careful;
    return g;
}

static inline V rule_next(V w, V g, V *s, const V *c, const bool careful)
{
    (void)s, (void)c, (void)careful;
    return w + g;
}
DEFINE_ALL_UPDATE_GROUPS(first, 0)
DEFINE_ALL_UPDATE_GROUPS(next, 0)
static const struct group_functions first_block = GROUP_FUNCTIONS(first), next_blocks = GROUP_FUNCTIONS(next);
