/*
 * down.h - a part of body.h: products whose vectors go down the rows of c, with b's numbers as factors: a c of few
 * columns by rows of a that are neighbours in memory (the gradient of a last layer's weights), and a c of few rows by a
 * transposed b, which then need not be turned (turned.h: where the set has a faster way for so many rows).
 */

enum {
    DOWN_VECTORS = 2,
    DOWN_ROWS = DOWN_VECTORS * LANES,
    DOWN_SUMS = TILE_ROWS * TILE_VECTORS,
    DOWN_TERMS = 32 /* that pay for a transposed tile of c */
};

/* Adds some terms to the sums; ahead: a's numbers of later terms are asked for. */
static inline __attribute__((always_inline)) void down_terms(V sum[DOWN_SUMS][DOWN_VECTORS], const real *restrict a,
                                                             size_t a_column, const real *restrict b, size_t b_row,
                                                             size_t b_column, const size_t columns,
                                                             const size_t vectors, size_t terms, const bool ahead)
{
    for (size_t p = 0; p < terms; p++) {
        const real *four = NULL; /* the address of so many columns */
        V down[DOWN_VECTORS];
        for (size_t v = 0; v < vectors; v++) {
            down[v] = v_load(a + p * a_column + v * LANES);
            if (ahead)
                __builtin_prefetch(a + (p + TERMS_AHEAD) * a_column + v * LANES);
            else
                v_keep(down[v]);
        }
        for (size_t j = 0; j < columns; j++) {
            if (j % 4 == 0) {
                four = b + p * b_row + j * b_column;
                OPAQUE(four);
            }
            const V factor = v_splat(four[j % 4 * b_column]);
            for (size_t v = 0; v < vectors; v++)
                sum[j][v] = v_fma(down[v], factor, sum[j][v]);
        }
    }
}

/* `vectors` vectors of c's rows by some columns, all k terms in blocks (kernels_depth), each column's rows behind one
 * another.  ahead: a's numbers are asked for before their use; else those of b's next columns are. */
static inline __attribute__((always_inline)) void down_tile(real *sums, const real *from, const real *restrict a,
                                                            size_t a_column, struct matrix b, const size_t columns,
                                                            const size_t vectors, size_t k, const bool ahead)
{
    const size_t at_once = vectors == 1 ? columns : 1; /* lines; one by one they take registers */
    for (size_t begin = 0, depth; begin < k; begin += depth) {
        V sum[DOWN_SUMS][DOWN_VECTORS];
        size_t p = begin;
        depth = kernels_depth(k - begin);
        FOR_REGISTERS (j, columns)
            FOR_REGISTERS (v, vectors)
                sum[j][v] = v_splat(0);
        if (!ahead && LINE_REALS % columns == 0)
            while (p + LINE_REALS <= begin + depth) {
                const real *next = b.data + columns * b.column + p;
                for (size_t j = 0; j < columns; j += at_once, p += LINE_REALS / columns * at_once) {
                    for (size_t i = 0; i < at_once; i++, next += b.column)
                        ASK_FOR(next);
                    down_terms(sum, a + p * a_column, a_column, b.data + p * b.row, b.row, b.column, columns, vectors,
                               LINE_REALS / columns * at_once, ahead);
                }
            }
        down_terms(sum, a + p * a_column, a_column, b.data + p * b.row, b.row, b.column, columns, vectors,
                   begin + depth - p, ahead);
        FOR_REGISTERS (j, columns)
            FOR_REGISTERS (v, vectors) {
                real *const at = sums + (j * vectors + v) * LANES;
                if (begin > 0)
                    sum[j][v] = v_load(at) + sum[j][v];
                else if (from)
                    sum[j][v] = v_splat(from[j]) + sum[j][v];
                v_store(at, sum[j][v]);
            }
    }
}

/* `rows` rows, as many as `vectors` have at the most, by n columns, REAL_PAD at the most. */
static inline __attribute__((always_inline)) void down_columns(real *c, size_t stride, const real *from, const real *a,
                                                               size_t a_column, struct matrix b, const size_t vectors,
                                                               size_t rows, size_t k, size_t n, const bool ahead)
{
    const size_t down = vectors * LANES, most = (size_t)DOWN_SUMS / vectors;
    _Alignas(REAL_ALIGN) real turned[DOWN_ROWS * REAL_PAD];
    _Alignas(REAL_ALIGN) real sums[REAL_PAD * DOWN_ROWS + WIDE_SIDE]; /* transpose reads whole vectors */
    size_t j = 0;
#define COLUMNS(columns)                                                                                               \
    for (; (columns) <= most && j + (columns) <= n; j += (columns))                                                    \
    down_tile(sums + j * down, from ? from + j : NULL, a, a_column,                                                    \
              (struct matrix){b.data + j * b.column, b.row, b.column}, (columns) <= most ? (columns) : 1, vectors, k,  \
              ahead)
    if (n == REAL_PAD) {
        COLUMNS(8);
        COLUMNS(4);
    }
    COLUMNS(10); /* classes, mostly */
    COLUMNS(5);
    COLUMNS(2);
    COLUMNS(1);
#undef COLUMNS
    /* Beside them stand sums of zeros: zero, unless one of a's numbers is not finite, but then no sum is. */
    memset(sums + n * down, 0, ((REAL_PAD - n) * down + WIDE_SIDE) * sizeof *sums);
    if (!all_finite(sums, down))
        for (const real zero = 0; j < REAL_PAD; j++)
            down_tile(sums + j * down, NULL, a, a_column, (struct matrix){&zero, 0, 0}, 1, vectors, k, false);
    transpose(turned, REAL_PAD, sums, down, REAL_PAD, down);
    for (size_t r = 0; r < rows; r++)
        for (size_t v = 0; v < REAL_PAD; v += LANES)
            v_store(c + r * stride + v, v_load(turned + r * REAL_PAD + v));
}

/* Whether a c of n columns takes less time so than in vectors of its columns: those leave lanes empty where the columns
 * are few, and of many terms they use each cache line of a in parts. */
static inline bool narrow_goes_down(size_t k, size_t n, struct matrix a)
{
    enum { FEW_COLUMNS = 12, MANY_TERMS = 1024 };
    return a.row == 1 && k >= DOWN_TERMS && (n <= FEW_COLUMNS || (n <= REAL_PAD && k > MANY_TERMS));
}

/* As many of m rows as make whole tiles, n <= REAL_PAD; how many that is. */
static size_t matmul_down(real *c, const real *from, struct matrix a, struct matrix b, size_t m, size_t k, size_t n,
                          size_t stride)
{
    size_t i = 0;
    for (; i + DOWN_ROWS <= m; i += DOWN_ROWS)
        down_columns(c + i * stride, stride, from, a.data + i, a.column, b, DOWN_VECTORS, DOWN_ROWS, k, n, true);
    return i;
}

/* Whether m rows by b take less time so than with a turned b: few lanes are left empty, and there is room for a. */
static inline bool goes_down(size_t m, size_t k, struct matrix b)
{
    return b.row == 1 && b.column != 1 && k >= DOWN_TERMS && k * DOWN_ROWS <= KERNELS_WORKSPACE && m > REAL_PAD / 4 &&
           (m <= LANES || (m <= DOWN_ROWS && m + 5 >= DOWN_ROWS));
}

/* m rows by a transposed b, as many as `vectors` have at the most; packed has room for a. */
static inline __attribute__((always_inline)) void down_few(real *c, const real *from, struct matrix a, struct matrix b,
                                                           size_t m, size_t k, size_t n, size_t stride, real *packed,
                                                           const size_t vectors)
{
    pack(packed, a.data, a.row, a.column, m, k, vectors * LANES);
    for (size_t j = 0; j < n; j += REAL_PAD)
        down_columns(c + j, stride, from ? from + j : NULL, packed, vectors * LANES,
                     (struct matrix){b.data + j * b.column, 1, b.column}, vectors, m, k,
                     n - j < REAL_PAD ? n - j : REAL_PAD, false);
}

static void matmul_down_few(real *c, const real *from, struct matrix a, struct matrix b, size_t m, size_t k, size_t n,
                            size_t stride, real *packed)
{
    if (m <= LANES)
        down_few(c, from, a, b, m, k, n, stride, packed, 1);
    else
        down_few(c, from, a, b, m, k, n, stride, packed, DOWN_VECTORS);
}
