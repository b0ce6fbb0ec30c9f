/*
 * dots.h - a part of body.h: products whose terms p go to lane p mod DOT_LANES; then neighbouring lanes are added until
 * one is left.
 */
enum { DOT_LANES = 16 };

/*
 * ---- a vector of columns, each lane of theirs in a vector of its own: b as it lies in memory ----
 *
 * Some lanes of some rows at a time, as many as there are registers for: each row of b is loaded once for these rows.
 */

/* DOT_DEPTH terms at a time, whose part of b should stay in the first-level cache. */
enum { DOT_DEPTH = 256, DOT_TILE = 8 /* rows, at most */, DOT_SUMS = TILE_ROWS * TILE_VECTORS >= 16 ? 16 : DOT_TILE };

/* Neighbours are added until one is left. */
static inline __attribute__((always_inline)) V add_lanes(V *sum, const size_t lanes)
{
#define HALVE(count)                                                                                                   \
    if (lanes >= (count))                                                                                              \
        for (size_t l = 0; l < (count) / 2; l++)                                                                       \
    sum[l] = sum[2 * l] + sum[2 * l + 1]
    HALVE(16);
    HALVE(8);
    HALVE(4);
    HALVE(2);
#undef HALVE
    return sum[0];
}

/* Lanes first to first + lanes: terms of these are added to their sums, into `kept`; the last ones' sums to one, into
 * first / lanes of it. */
static inline __attribute__((always_inline)) void dot_lanes(V (*kept)[DOT_LANES], const real *a, size_t a_row,
                                                            const real *b, size_t b_row, size_t k, size_t first,
                                                            const size_t rows, const size_t lanes, const bool begun,
                                                            const bool last)
{
    V sum[DOT_TILE][DOT_SUMS];
    size_t p = first;
    FOR_REGISTERS (i, rows)
        FOR_REGISTERS (l, lanes)
            sum[i][l] = begun ? kept[i][first + l] : v_splat(0);
    for (; p + lanes <= k; p += DOT_LANES)
        for (size_t l = 0; l < lanes; l++) {
            const V row = v_load(b + (p + l) * b_row);
            for (size_t i = 0; i < rows; i++)
                sum[i][l] = v_fma(v_splat(a[i * a_row + p + l]), row, sum[i][l]);
        }
    for (size_t l = 0; l + 1 < lanes; l++)
        if (p + l < k) {
            const V row = v_load(b + (p + l) * b_row);
            for (size_t i = 0; i < rows; i++)
                sum[i][l] = v_fma(v_splat(a[i * a_row + p + l]), row, sum[i][l]);
        }
    FOR_REGISTERS (i, rows)
        if (last)
            kept[i][first / lanes] = add_lanes(sum[i], lanes);
        else
            FOR_REGISTERS (l, lanes)
                kept[i][first + l] = sum[i][l];
}

/* `rows` rows by a vector of columns.  in_c: positive where c has a column. */
static inline __attribute__((always_inline)) void dot_columns(real *c, size_t stride, const real *from,
                                                              const real *in_c, const real *a, size_t a_row,
                                                              const real *b, size_t b_row, size_t k, const size_t rows)
{
    const size_t lanes = DOT_SUMS / rows;
    V kept[DOT_TILE][DOT_LANES];
    size_t begin = 0;
#define BLOCK(terms, begun, last)                                                                                      \
    for (size_t first = 0; first < DOT_LANES; first += lanes)                                                          \
    dot_lanes(kept, a + begin, a_row, b + begin * b_row, b_row, terms, first, rows, lanes, begun, last)
    if (k <= DOT_DEPTH) {
        BLOCK(k, false, true);
    } else {
        for (size_t i = 0; i < rows * DOT_LANES; i++)
            kept[i / DOT_LANES][i % DOT_LANES] = v_splat(0);
        for (; k - begin > DOT_DEPTH; begin += DOT_DEPTH)
            BLOCK(DOT_DEPTH, true, false);
        BLOCK(k - begin, true, true);
    }
#undef BLOCK
    for (size_t i = 0; i < rows; i++)
        v_store(c + i * stride, v_where_positive(v_load(in_c), v_load(from) + add_lanes(kept[i], DOT_LANES / lanes)));
}

static void dot_in_columns(real *c, size_t stride, const real *from, const real *in_c, const real *a, size_t a_row,
                           const real *b, size_t b_row, size_t m, size_t k)
{
    size_t i = 0;
#define ROWS(rows)                                                                                                     \
    for (; m - i >= (rows); i += (rows))                                                                               \
        for (size_t l = 0; l < REAL_PAD; l += LANES)                                                                   \
    dot_columns(c + i * stride + l, stride, from + l, in_c + l, a + i * a_row, a_row, b + l, b_row, k, rows)
    ROWS(DOT_TILE);
    ROWS(4);
    ROWS(2);
    ROWS(1);
#undef ROWS
}

#ifdef V_ADD_NEIGHBOURS
enum { DOT_PARTS = DOT_LANES / LANES };

/* Neighbouring lanes of neighbouring vectors are added until `left` of the `count` vectors are left. */
static inline __attribute__((always_inline)) void add_down(V *x, size_t count, const size_t left)
{
    for (; count > left; count /= 2)
        for (size_t i = 0; i < count / 2; i++)
            x[i] = v_add_neighbours(x[2 * i], x[2 * i + 1]);
}

/*
 * The products of a row of a with `outputs` rows of b, k numbers each, a multiple of DOT_LANES: added to the lanes'
 * sums in `kept`, unless these terms are the first; into `kept`, unless they are the last, with which
 * c = from + the sums; zero from `outputs` to REAL_PAD.
 */
static inline __attribute__((always_inline)) void dot_rows(real *c, const real *from, const real *in_c, const real *a,
                                                           const real *b, size_t k, V (*kept)[DOT_PARTS], bool first,
                                                           bool last, const size_t outputs)
{
    V sum[REAL_PAD][DOT_PARTS], whole[REAL_PAD];
    for (size_t o = 0; o < outputs; o++)
        for (size_t i = 0; i < DOT_PARTS; i++)
            sum[o][i] = first ? v_splat(0) : kept[o][i];
    for (size_t p = 0; p < k; p += DOT_LANES)
        for (size_t i = 0; i < DOT_PARTS; i++) {
            const V x = v_load(a + p + i * LANES);
            for (size_t o = 0; o < outputs; o++)
                sum[o][i] = v_fma(x, v_load(b + o * k + p + i * LANES), sum[o][i]);
        }
    if (!last) {
        for (size_t o = 0; o < outputs; o++)
            for (size_t i = 0; i < DOT_PARTS; i++)
                kept[o][i] = sum[o][i];
        return;
    }
    for (size_t o = 0; o < REAL_PAD; o++) {
        whole[o] = v_splat(0);
        if (o < outputs) {
            add_down(sum[o], DOT_PARTS, 1);
            whole[o] = sum[o][0];
        }
    }
    add_down(whole, REAL_PAD, REAL_PAD / LANES);
    for (size_t i = 0; i < REAL_PAD / LANES; i++)
        v_store(c + i * LANES, v_where_positive(v_load(in_c + i * LANES), v_load(from + i * LANES) + whole[i]));
}

/* DOT_DEPTH terms of up to REAL_PAD columns of b are turned at a time; DOT_ROWS rows use them, whose lanes' sums are
 * kept meanwhile. */
enum { DOT_ROWS = 64 };

/* Rows by REAL_PAD columns; of several depths, at most DOT_ROWS. */
static inline __attribute__((always_inline)) void dot_panel(real *c, size_t stride, const real *from, const real *in_c,
                                                            const real *a, size_t a_row, const real *b, size_t b_row,
                                                            size_t m, size_t k, const size_t outputs)
{
    _Alignas(REAL_ALIGN) real turned[REAL_PAD * DOT_DEPTH];
    V kept[DOT_ROWS * REAL_PAD][DOT_PARTS]; /* (rows, outputs) */
    size_t begin = 0;
    do { /* once at least: of no terms, too */
        const size_t terms = k - begin < DOT_DEPTH ? k - begin : DOT_DEPTH, depth = real_padded(terms);
        transpose(turned, depth, b + begin * b_row, b_row, terms, outputs);
        for (size_t o = 0; o < outputs; o++)
            for (size_t p = terms; p < depth; p++)
                turned[o * depth + p] = -(real)0; /* 0 times it leaves even a sum of -0 as it is */
        for (size_t i = 0; i < m; i++)
            dot_rows(c + i * stride, from, in_c, a + i * a_row + begin, turned, depth, kept + i % DOT_ROWS * outputs,
                     begin == 0, k - begin <= DOT_DEPTH, outputs);
    } while ((begin += DOT_DEPTH) < k);
}
#endif

static void matmul_dot(real *c, const real *from, const real *a, size_t a_row, const real *b, size_t b_row, size_t m,
                       size_t k, size_t n, size_t stride)
{
    for (size_t j = 0; j < real_padded(n); j += REAL_PAD) {
        _Alignas(REAL_ALIGN) real in_c[REAL_PAD];
        for (size_t l = 0; l < REAL_PAD; l++)
            in_c[l] = j + l < n;
#ifdef V_ADD_NEIGHBOURS
        enum { TURN = 16 /* rows that pay for it */ };
        if (n - j <= 10 && m >= TURN) { /* classes, mostly */
            for (size_t i = 0, rows; i < m; i += rows) {
                rows = m - i < DOT_ROWS ? m - i : DOT_ROWS;
                dot_panel(c + i * stride + j, stride, from + j, in_c, a + i * a_row, a_row, b + j, b_row, rows, k, 10);
            }
            continue;
        }
#endif
        dot_in_columns(c + j, stride, from + j, in_c, a, a_row, b + j, b_row, m, k);
    }
}
