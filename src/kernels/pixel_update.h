/*
 * pixel_update.h - a part of body.h: the gradient of the first layer's weights, on pixels, and the step that it makes.
 */

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
        ASK_FOR(line_ahead(ahead));
    return line_ahead(ahead);
}

/*
 * Bit i: whether image `first` + i of a block of `count` has a number in dz that is not zero, in some columns.  Others
 * add nothing: in a net whose units are dead, no image does.
 */
static inline uint64_t felt_images(const real *dz, size_t stride, size_t columns, size_t first, size_t count)
{
    uint64_t mask = 0;
    for (size_t i = 0; i < WORD && first + i < count; i++) {
        const real *const row = dz + (first + i) * stride;
        size_t h = 0;
        while (h < columns && !v_nonzero_lanes(v_load(row + h)))
            h += LANES;
        mask |= (uint64_t)(h < columns) << i;
    }
    return mask;
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

/* Do single rows take less time than groups, by the masks of these rows?  A group takes each image that inks one of its
 * pixels, a single row its own images alone, but needs a load for each product: it must save a third of them. */
static bool single_rows_pay(const uint64_t *mask, size_t rows)
{
    size_t single = 0, either = 0;
    for (size_t r = 0; r < rows; r += GROUP_ROWS) {
        for (size_t p = 0; p < GROUP_ROWS; p++)
            single += (size_t)__builtin_popcountll(mask[r + p]);
        either += (size_t)__builtin_popcountll(inked_in_one(mask + r, 1, GROUP_ROWS));
    }
    return GROUP_ROWS > 1 && 4 * either > 3 * single;
}

/* A function's columns from `column` on, of `count` groups. */
static void update_columns(struct update *u, update_groups_fn *function, struct parameters_at at, size_t states,
                           struct pixel_rows rows, size_t column, struct pixel_groups *groups, size_t count)
{
    groups->count = count;
    for (size_t m = 0; m < count; m++)
        groups->soon[m] = lines_ahead(&u->ahead);
    move_on(&at, column, states);
    rows.dz += column;
    function(&at, u->c, &rows, groups);
}

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
    struct pixel_groups groups = {.words = (block->count + WORD - 1) / WORD,
                                  .far = (1 + states) * region->rows * w_row > NEAR_REALS};
    struct pixel_rows rows = {.bytes = x->transposed + block->number * x->block + region->row * x->stride,
                              .bytes_row = x->stride,
                              .value = x->value,
                              .dz = u->dz + block->first * u->stride + region->column,
                              .stride = u->stride,
                              .w_row = w_row};
    uint64_t felt[CHUNK];
    assert(groups.words <= CHUNK);
    for (size_t word = 0; word < groups.words; word++)
        felt[word] = felt_images(rows.dz, u->stride, region->columns, word * WORD, block->count);
    const size_t most = CHUNK / groups.words * GROUP_ROWS;
    for (size_t left = region->rows, count; left > 0; left -= count) {
        count = left < most ? left : most;
        for (size_t r = 0; r < count; r++)
            for (size_t word = 0; word < groups.words; word++)
                groups.mask[r * groups.words + word] = v_nonzero(rows.bytes + r * x->stride + word * WORD) & felt[word];
        const bool singly = groups.words == 1 && region->columns >= SINGLE_PANEL && single_rows_pay(groups.mask, count);
        size_t done = 0;
        for (; singly && done + SINGLE_PANEL <= region->columns; done += SINGLE_PANEL)
            update_columns(u, functions->singles, at, states, rows, done, &groups, count);
#define GROUPS(functions, width)                                                                                       \
    update_columns(u,                                                                                                  \
                   groups.words == 1 ? OF_WIDTH_TO_64((functions)->groups, width)                                      \
                                     : OF_WIDTH_TO_64((functions)->groups_of_words, width),                            \
                   at, states, rows, done + h, &groups, count / GROUP_ROWS)
        FOR_PANELS(region->columns - done, GROUP_PANEL, GROUPS, functions);
#undef GROUPS
        rows.bytes += count * x->stride;
        move_on(&at, count * w_row, states);
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
        ASK_FOR(lines_ahead(&u->ahead));                                                                               \
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
