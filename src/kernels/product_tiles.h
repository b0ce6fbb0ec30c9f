/*
 * product_tiles.h - a part of body.h: what dense products are made of: tiles of c in registers, and operands packed for
 * them.
 */

enum {
    TILE_COLUMNS = TILE_VECTORS * LANES,
    TILE_WIDTH_MAX = TILE_VECTORS > 8 ? TILE_VECTORS : 8,
    TERMS_AHEAD = 16 /* of a by columns: each is in a page of its own, where caches do not look ahead */
};

/* What is asked for ahead: rows of so many cache lines. */
struct soon {
    const real *data;
    size_t row, lines, left; /* from one row to the next; of a row; rows not yet asked for */
    size_t line, at_once;    /* the next one of the row; how many are asked for at a time */
};

static inline void ask_for(struct soon *soon)
{
    for (size_t i = 0; i < soon->at_once && soon->left > 0; i++) {
        ASK_FOR(soon->data + soon->line * LINE_REALS);
        if (++soon->line == soon->lines) {
            soon->line = 0;
            soon->data += soon->row;
            soon->left--;
        }
    }
}

/* What is done beside the arithmetic: rows of c, which are needed at its end, are asked for; the rows of b are copied
 * one after the other, and those of the next columns asked for. */
struct beside {
    bool ask_for_c;
    struct soon *soon; /* NULL: nothing */
    bool ahead;        /* a's numbers of TERMS_AHEAD terms on are asked for */
    real *copy;        /* NULL: nothing */
    const real *next;
    size_t row; /* from one row of next to the next */
};

/* Adds the terms first to last to the sums. */
static inline __attribute__((always_inline)) void matmul_terms(V sum[TILE_ROWS][TILE_WIDTH_MAX], const real *restrict a,
                                                               size_t a_row, size_t a_column, const real *restrict b,
                                                               size_t b_row, const size_t rows, const size_t vectors,
                                                               size_t first, size_t last, struct beside beside)
{
    for (size_t p = first; p < last; p++) {
        enum { AT_ONCE = 3 /* rows that one register addresses: at 0, 1 and 2 times their distance */ };
        const real *three = a;
        V row[TILE_WIDTH_MAX];
        if (beside.ahead)
            __builtin_prefetch(a + (p + TERMS_AHEAD) * a_column + rows - 1);
        for (size_t j = 0; j < vectors; j++)
            row[j] = v_load(b + p * b_row + j * LANES);
        if (beside.copy) {
            for (size_t j = 0; j < vectors; j++)
                v_store(beside.copy + (p * vectors + j) * LANES, row[j]);
            for (size_t j = 0; j < vectors * LANES; j += LINE_REALS)
                ASK_FOR(beside.next + p * beside.row + j);
        }
        for (size_t i = 0; i < rows; i++) {
            if (i % AT_ONCE == 0) {
                three = a + i * a_row + p * a_column;
                if (!__builtin_constant_p(a_row))
                    OPAQUE(three);
            }
            const V factor = v_splat(three[i % AT_ONCE * a_row]);
            for (size_t j = 0; j < vectors; j++)
                sum[i][j] = v_fma(factor, row[j], sum[i][j]);
        }
    }
}

/*
 * One block's sum for rows x (vectors * LANES) elements of c, in registers while p runs, is added to `before`, whose
 * rows are before_row apart: c itself, or the row that the sum starts from (before_row 0); NULL: c is this sum.
 * Callers pass constants for rows, vectors and, for packed operands, strides: the loops unroll and the addresses become
 * offsets.
 */
static inline __attribute__((always_inline)) void matmul_tile_and(real *c, size_t stride, const real *before,
                                                                  size_t before_row, const real *restrict a,
                                                                  size_t a_row, size_t a_column, const real *restrict b,
                                                                  size_t b_row, const size_t rows, const size_t vectors,
                                                                  size_t k, struct beside beside)
{
    const size_t every = k / (2 * rows); /* terms: rows asked for at once would keep those of a and b waiting */
    V sum[TILE_ROWS][TILE_WIDTH_MAX];
    size_t p = 0;
    FOR_REGISTERS (i, rows)
        FOR_REGISTERS (j, vectors)
            sum[i][j] = v_splat(0);
    if (beside.ask_for_c)
        for (const real *row = c; row < c + rows * stride; p += every, row += stride) {
            for (size_t j = 0; j < vectors * LANES; j += LINE_REALS)
                __builtin_prefetch(row + j, 1);
            if (beside.soon)
                ask_for(beside.soon);
            matmul_terms(sum, a, a_row, a_column, b, b_row, rows, vectors, p, p + every, beside);
        }
    matmul_terms(sum, a, a_row, a_column, b, b_row, rows, vectors, p, k, beside);
    FOR_REGISTERS (i, rows)
        FOR_REGISTERS (j, vectors) {
            if (before)
                sum[i][j] = v_load(before + i * before_row + j * LANES) + sum[i][j];
            v_store(c + i * stride + j * LANES, sum[i][j]);
        }
}

static inline __attribute__((always_inline)) void matmul_tile(real *c, size_t stride, const real *before,
                                                              size_t before_row, const real *restrict a, size_t a_row,
                                                              size_t a_column, const real *restrict b, size_t b_row,
                                                              const size_t rows, const size_t vectors, size_t k)
{
    matmul_tile_and(c, stride, before, before_row, a, a_row, a_column, b, b_row, rows, vectors, k,
                    (struct beside){.copy = NULL});
}

/* What an element's next block is added to. */
struct before {
    const real *data;
    size_t row;
};

static inline const real *before_at(struct before before, size_t i, size_t j)
{
    return before.data ? before.data + i * before.row + j : NULL;
}

/* `count` rows, TILE_ROWS at the most: in tiles of so many, or of 8, 4, 2 and 1, each as high as registers allow. */
static inline __attribute__((always_inline)) void matmul_rows(real *c, size_t stride, struct before before,
                                                              const real *a, size_t a_row, size_t a_column,
                                                              const real *b, size_t b_row, size_t count,
                                                              const size_t vectors, size_t k, struct beside beside)
{
    size_t r = 0;
#define ROWS(rows)                                                                                                     \
    if ((rows) <= TILE_ROWS && count - r >= (rows)) {                                                                  \
        matmul_tile_and(c + r * stride, stride, before_at(before, r, 0), before.row, a + r * a_row, a_row, a_column,   \
                        b, b_row, (rows) <= TILE_ROWS ? (rows) : 1, vectors, k, beside);                               \
        r += (rows);                                                                                                   \
    }
    ROWS(TILE_ROWS)
    ROWS(8)
    ROWS(4)
    ROWS(2)
    ROWS(1)
#undef ROWS
}

/* `lines` lines of at least TILE_SIDE terms that are neighbours in memory, into as many columns of a panel: all lines'
 * terms side by side, as caches look ahead in each. */
static inline __attribute__((always_inline)) void pack_turned(real *restrict packed, const real *from, size_t line,
                                                              size_t k, const size_t panel, const size_t lines)
{
    for (size_t p = 0; p < k; p += TILE_SIDE) {
        const size_t first = p + TILE_SIDE <= k ? p : k - TILE_SIDE; /* the last ones overlap */
        for (size_t v = 0; v < lines; v += WIDE_SIDE) {
            const size_t rows = lines - v < WIDE_SIDE ? lines - v : WIDE_SIDE;
            wide_row row[TILE_SIDE];
            wide_turn(row, from + v * line + first, line, rows);
            for (size_t r = 0; r < TILE_SIDE; r++)
                wide_store(packed + (first + r) * panel + v, &row[r], rows);
        }
    }
}

/*
 * An operand's k terms for `lines` of its rows (of a) or columns (of b), in panels of `panel` lines, each contiguous by
 * term; lines that the last panel lacks are zero.  Line i's term p is from[i * line + p * term].
 */
static inline __attribute__((always_inline)) void pack(real *restrict packed, const real *from, size_t line,
                                                       size_t term, size_t lines, size_t k, const size_t panel)
{
    for (size_t i = 0; i < lines; i += panel, from += panel * line, packed += panel * k) {
        const size_t there = lines - i < panel ? lines - i : panel;
        size_t v = 0;
        if (there < panel)
            memset(packed, 0, panel * k * sizeof *packed);
        if (line == 1 && there == panel) {
            for (size_t p = 0; p < k; p++) {
                if (p + TERMS_AHEAD < k)
                    __builtin_prefetch(from + (p + TERMS_AHEAD) * term + panel - 1);
                memcpy(packed + p * panel, from + p * term, panel * sizeof *packed);
            }
            continue;
        }
        if (term == 1 && k >= TILE_SIDE && panel % TILE_SIDE == 0) {
#define TURNED(rows)                                                                                                   \
    for (; v + (rows) <= there; v += (rows))                                                                           \
    pack_turned(packed + v, from + v * line, line, k, panel, rows)
            TURNED(panel);
            TURNED(WIDE_SIDE);
            TURNED(TILE_SIDE);
#undef TURNED
        }
        for (size_t p = 0; p < k; p++)
            for (size_t l = v; l < there; l++)
                packed[p * panel + l] = from[l * line + p * term];
    }
}
