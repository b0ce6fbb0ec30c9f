/*
 * dots.h - a part of body.h: products whose terms p go to lane p mod DOT_LANES; then neighbouring lanes are added until
 * one is left.
 */
enum { DOT_LANES = 16 };

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

/* DOT_DEPTH terms of up to REAL_PAD columns of b are turned at a time, which should stay in the first-level cache;
 * DOT_ROWS rows use them, whose lanes' sums are kept meanwhile. */
enum { DOT_DEPTH = 256, DOT_ROWS = 64 };

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
#else
/* A vector of columns, each lane of theirs in a vector of its own.  in_c: positive where c has a column. */
static inline void dot_columns(real *c, const real *from, const real *in_c, const real *a, const real *b, size_t b_row,
                               size_t k)
{
    V sum[DOT_LANES];
    size_t p = 0;
    for (size_t lane = 0; lane < DOT_LANES; lane++)
        sum[lane] = v_splat(0);
    for (; p + DOT_LANES <= k; p += DOT_LANES)
        for (size_t lane = 0; lane < DOT_LANES; lane++)
            sum[lane] = v_fma(v_splat(a[p + lane]), v_load(b + (p + lane) * b_row), sum[lane]);
    for (; p < k; p++)
        sum[p % DOT_LANES] = v_fma(v_splat(a[p]), v_load(b + p * b_row), sum[p % DOT_LANES]);
    for (size_t lanes = DOT_LANES; lanes > 1; lanes /= 2)
        for (size_t lane = 0; lane < lanes / 2; lane++)
            sum[lane] = sum[2 * lane] + sum[2 * lane + 1];
    v_store(c, v_where_positive(v_load(in_c), v_load(from) + sum[0]));
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
        const size_t most = k > DOT_DEPTH ? DOT_ROWS : m;
        for (size_t i = 0; i < m; i += most) {
            const size_t rows = m - i < most ? m - i : most;
            real *const to = c + i * stride + j;
            if (n - j <= 10) /* classes, mostly */
                dot_panel(to, stride, from + j, in_c, a + i * a_row, a_row, b + j, b_row, rows, k, 10);
            else
                dot_panel(to, stride, from + j, in_c, a + i * a_row, a_row, b + j, b_row, rows, k, 16);
        }
#else
        for (size_t i = 0; i < m; i++)
            for (size_t l = 0; l < REAL_PAD; l += LANES)
                dot_columns(c + i * stride + j + l, from + j + l, in_c + l, a + i * a_row, b + j + l, b_row, k);
#endif
    }
}
