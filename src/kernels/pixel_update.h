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

enum { CACHE_LINE = 64 };

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
    bool far;                   /* w and the state come from beyond the second-level cache: they are asked for ahead */
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

/* Asks for the rows of some groups after the one at `at`. */
static inline __attribute__((always_inline)) void ask_ahead(const struct parameters_at *at, size_t w_row,
                                                            const size_t states, const size_t width)
{
    enum { GROUPS_AHEAD = 4, LINE = CACHE_LINE / sizeof(real) };
    for (size_t p = GROUPS_AHEAD * GROUP_ROWS; p < (GROUPS_AHEAD + 1) * GROUP_ROWS; p++)
        for (size_t i = 0; i < width; i += LINE) {
            __builtin_prefetch(at->w + p * w_row + i, 1);
            for (size_t n = 0; n < states; n++)
                __builtin_prefetch(at->state[n] + p * w_row + i, 1);
        }
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
        if (groups->far)
            ask_ahead(&at, x.w_row, states, width);
        x.bytes += GROUP_ROWS * x.bytes_row;
        for (size_t p = 0; p < GROUP_ROWS; p++)
            for (size_t j = 0; j < vectors; j++)
                gradient[p][j] = sum[p][j];
        no_sums(sum, vectors);
#pragma GCC unroll 2 /* GCC would not unroll loops this long, and then keeps the sums in memory */
        for (size_t p = 0; p < GROUP_ROWS; p++, move_on(&at, x.w_row, states)) {
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
    for (size_t p = 0; p < GROUP_ROWS; p++, move_on(&at, x.w_row, states))
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

struct group_functions {
    update_groups_fn *groups_16, *groups_32, *groups_64, *groups_of_words_16, *groups_of_words_32, *groups_of_words_64;
};
#define GROUP_FUNCTIONS(form)                                                                                          \
    {                                                                                                                  \
        update_groups_##form##_16, update_groups_##form##_32, update_groups_##form##_64,                               \
            update_groups_of_words_##form##_16, update_groups_of_words_##form##_32, update_groups_of_words_##form##_64 \
    }

/* What there is of each rule. */
struct pixel_rule {
    size_t states;
    optimizer_update_fn *update;
    struct group_functions groups;
};

#define DEFINE_ALL_UPDATE_GROUPS(form, n_states)                                                                       \
    DEFINE_UPDATE_GROUPS(form, n_states, 16)                                                                           \
    DEFINE_UPDATE_GROUPS(form, n_states, 32)                                                                           \
    DEFINE_UPDATE_GROUPS(form, n_states, 64)
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

/*
 * The images of the batch to come are asked for, `lines` cache lines for each group and panel, one of them amid the
 * group's arithmetic, so that they come in behind it: a shuffled batch is scattered over more memory than the caches
 * hold.
 */
struct ahead {
    const struct pixel_batch *batch;
    size_t lines, image, byte;
};

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

/* What the parts of an update share. */
struct update {
    const struct pixel_rule *rule;
    const struct pixel_batch *batch;
    const real *dz;
    size_t stride; /* of dz and w */
    struct parameters_at w;
    V c[OPTIMIZER_CONSTANTS_MAX];
    const double *constants;
    struct ahead ahead;
};

/* Some rows and columns of w. */
struct region {
    size_t row, rows, column, columns;
};

/*
 * A region, rows in whole groups, by one block of images: `at` is where it begins, its rows w_row apart.
 *
 * A mask comes out of a vector register, behind all arithmetic that is queued before it: so masks are made ahead, for a
 * CHUNK of words at a time.
 */
static void update_region(struct update *u, const struct group_functions *functions, struct parameters_at at,
                          size_t w_row, size_t states, const struct region *region, const struct image_block *block)
{
    const struct pixel_batch *const x = u->batch;
    enum { NEAR = 1 << 18 }; /* numbers in the second-level cache */
    struct pixel_groups groups = {.words = (block->count + WORD - 1) / WORD,
                                  .far = (1 + states) * region->rows * w_row > NEAR};
    struct pixel_rows rows = {.bytes = x->transposed + block->number * x->block + region->row * x->stride,
                              .bytes_row = x->stride,
                              .value = x->value,
                              .stride = u->stride,
                              .w_row = w_row};
    const real *const dz = u->dz + block->first * u->stride + region->column;
    for (size_t left = region->rows / GROUP_ROWS; left > 0; left -= groups.count) {
        groups.count = left < CHUNK / groups.words ? left : CHUNK / groups.words;
        for (size_t m = 0; m < groups.count; m++)
            for (size_t word = 0; word < groups.words; word++)
                groups.mask[m * groups.words + word] =
                    inked_images(rows.bytes + m * GROUP_ROWS * x->stride + word * WORD, x->stride) &
                    first_bits(block->count - word * WORD);
#define GROUPS(functions, width)                                                                                       \
    do {                                                                                                               \
        struct parameters_at panel = at;                                                                               \
        for (size_t m = 0; m < groups.count; m++)                                                                      \
            groups.soon[m] = lines_ahead(&u->ahead);                                                                   \
        move_on(&panel, h, states);                                                                                    \
        rows.dz = dz + h;                                                                                              \
        (groups.words == 1 ? OF_WIDTH_TO_64((functions)->groups, width)                                                \
                           : OF_WIDTH_TO_64((functions)->groups_of_words, width))(&panel, u->c, &rows, &groups);       \
    } while (0)
        FOR_PANELS(region->columns, GROUP_PANEL, GROUPS, functions);
#undef GROUPS
        rows.bytes += groups.count * GROUP_ROWS * x->stride;
        move_on(&at, groups.count * GROUP_ROWS * w_row, states);
    }
}

/* From element `offset` of w on. */
static struct parameters_at parameters_from(const struct update *u, size_t offset)
{
    struct parameters_at at = u->w;
    move_on(&at, offset, u->rule->states);
    return at;
}

/*
 * The first `rows` rows of w, whole groups, by several blocks of images: the gradient of as much of w as stays in the
 * second-level cache is summed block by block, and then steps it.
 */
static void update_by_blocks(struct update *u, size_t rows, real *gradient)
{
    enum { ROOM = 1 << 17, COLUMNS = 2 * GROUP_PANEL };
    struct region region = {0};
    for (region.column = 0; region.column < u->stride; region.column += region.columns) {
        region.columns = u->stride - region.column < COLUMNS ? u->stride - region.column : COLUMNS;
        for (region.row = 0; region.row < rows; region.row += region.rows) {
            const size_t most = ROOM / COLUMNS;
            region.rows = rows - region.row < most ? rows - region.row : most;
            for (struct image_block block = {0}; next_block(&block, u->batch->rows);)
                update_region(u, block.number == 0 ? &first_block : &next_blocks, (struct parameters_at){.w = gradient},
                              region.columns, 0, &region, &block);
            for (size_t r = 0; r < region.rows; r++) {
                const struct parameters_at at = parameters_from(u, (region.row + r) * u->stride + region.column);
                u->rule->update(at.w, gradient + r * region.columns, at.state, region.columns, u->constants);
            }
        }
    }
}

/* One row of w, whatever dz is. */
static void update_row(struct update *u, size_t row)
{
    _Alignas(REAL_ALIGN) real gradient[GROUP_PANEL];
#define SINGLE_ROW(rule, width)                                                                                        \
    do {                                                                                                               \
        const struct parameters_at at = parameters_from(u, row * u->stride + h);                                       \
        __builtin_prefetch(lines_ahead(&u->ahead));                                                                    \
        OF_WIDTH_TO_64(pixel_gradient, width)(gradient, u->batch, row, u->dz + h, u->stride);                          \
        (rule)->update(at.w, gradient, at.state, WITHIN_GROUP_PANEL(width), u->constants);                             \
    } while (0)
    FOR_PANELS(u->stride, GROUP_PANEL, SINGLE_ROW, u->rule);
#undef SINGLE_ROW
}

/* All rows of w. */
static void pixel_update(const struct pixel_rule *rule, real *w, real *const *state, const struct pixel_batch *x,
                         const real *dz, size_t stride, const double *constants, real *workspace)
{
    struct update u = {.rule = rule, .batch = x, .dz = dz, .stride = stride, .w = {.w = w}, .constants = constants};
    u.ahead = ahead_of(x, stride);
    assert(x->rows > 0);
    for (size_t n = 0; n < OPTIMIZER_CONSTANTS_MAX; n++)
        u.c[n] = v_splat((real)constants[n]);
    for (size_t n = 0; n < rule->states; n++)
        u.w.state[n] = state[n];
    struct image_block block = {0};
    next_block(&block, x->rows);
    const bool finite = GROUP_ROWS == 1 || (x->columns > 0 && all_finite(dz, x->rows * stride));
    const size_t grouped = finite ? x->columns / GROUP_ROWS * GROUP_ROWS : 0;
    if (block.count < x->rows)
        update_by_blocks(&u, grouped, workspace);
    else
        update_region(&u, &rule->groups, u.w, stride, rule->states, &(struct region){0, grouped, 0, stride}, &block);
    for (size_t row = grouped; row < x->columns; row++)
        update_row(&u, row);
}
