/* Matrix products: every order of summation that is promised, at every border of a block. */
#include "scene.h"

/* The length of a product's next block, as OpenBLAS cuts it: 320 terms while twice as many are left, then halves. */
static size_t block(size_t left)
{
    if (left >= 640)
        return 320;
    return left > 320 ? left / 2 + left % 2 : left;
}

/* from + the sum over k terms x[p * x_step] * y[p * y_step], block by block; without `from` the first block begins it.
 */
static float sum_in_blocks(const float *from, const float *x, size_t x_step, const float *y, size_t y_step, size_t k)
{
    float total = from ? *from : 0;
    bool begun = from != NULL;
    for (size_t p = 0; p < k;) {
        float sum = 0;
        for (const size_t end = p + block(k - p); p < end; p++)
            sum = fmaf(x[p * x_step], y[p * y_step], sum);
        total = begun ? total + sum : sum;
        begun = true;
    }
    return total;
}

/* from + the sum in sixteen lanes, folded by neighbours. */
static float sum_in_lanes(float from, const float *x, size_t x_step, const float *y, size_t y_step, size_t k)
{
    float lane[16] = {0};
    for (size_t p = 0; p < k; p++)
        lane[p % 16] = fmaf(x[p * x_step], y[p * y_step], lane[p % 16]);
    const float eighth[] = {lane[0] + lane[1], lane[2] + lane[3],   lane[4] + lane[5],   lane[6] + lane[7],
                            lane[8] + lane[9], lane[10] + lane[11], lane[12] + lane[13], lane[14] + lane[15]};
    return from +
           (((eighth[0] + eighth[1]) + (eighth[2] + eighth[3])) + ((eighth[4] + eighth[5]) + (eighth[6] + eighth[7])));
}

/* A factor of a product: as it is stored, or as the transpose of what is stored. */
static struct matrix factor(struct scene *scene, size_t rows, size_t columns, bool turned)
{
    const float *data = turned ? input(scene, columns, rows, -2, 2) : input(scene, rows, columns, -2, 2);
    return turned ? (struct matrix){data, 1, real_padded(rows)} : (struct matrix){data, real_padded(columns), 1};
}

/* An element of c against its sum in the promised order, and, of ordinary numbers, against the exact one. */
static void expect_element(const struct scene *scene, float got, float expected, const float *from, const float *x,
                           size_t x_step, const float *y, size_t y_step, size_t k, const char *what)
{
    expect_same(&got, &expected, 1, what);
    if (scene->kind != ORDINARY)
        return;
    double exact = from ? (double)*from : 0, size = fabs(exact);
    for (size_t p = 0; p < k; p++) {
        const double term = (double)x[p * x_step] * (double)y[p * y_step];
        exact += term;
        size += fabs(term);
    }
    expect_near(got, exact, (double)(k + 1) * U * size, what); /* one rounding a term */
}

/* Rows of c (m, n): their elements, their padding, and what lies beside them. */
static void expect_rows(const struct scene *scene, const float *c, size_t c_stride, size_t m, size_t n)
{
    for (size_t i = 0; i < m; i++) {
        if (scene->kind == ORDINARY)
            expect_padding(c + i * c_stride, 1, n, "a product");
        for (size_t j = real_padded(n); j < c_stride && i + 1 < m; j++)
            assert_true(isnan(c[i * c_stride + j])); /* left alone */
    }
}

/* c = from + a b, with a row to start from and without. */
static void expect_product(struct scene *scene, size_t m, size_t k, size_t n, bool a_turned, bool b_turned,
                           float *workspace)
{
    static const float zeros[1]; /* b's padding, where it is not stored */
    const size_t stride = real_padded(n);
    const struct matrix a = factor(scene, m, k, a_turned), b = factor(scene, k, n, b_turned);
    const float *const start = input(scene, 1, n, -2, 2);
    /* c may be a part of a wider matrix. */
    const size_t c_stride = stride + REAL_PAD * test_between(&scene->state, 0, 2),
                 c_count = m > 0 ? (m - 1) * c_stride + stride : 0;
    const size_t step = m * k * n > 10000000 ? 7 : 1; /* all rows would take seconds */
    for (int started = 0; started < 2; started++) {
        const float *const from = started ? start : NULL;
        float *c = output(scene, c_count);
        char what[128];
        snprintf(what, sizeof what, "%s: matmul (%zu,%zu)%s by (%zu,%zu)%s%s", scene->kernels->name, m, k,
                 a_turned ? "^T" : "", k, n, b_turned ? "^T" : "", from ? " and a bias" : "");
        for (size_t i = 0; i < KERNELS_WORKSPACE; i++)
            workspace[i] = NAN; /* what is read there was written before */
        scene->kernels->matmul(c, from, a, b, m, k, n, c_stride, workspace);
        for (size_t i = 0; i < m && !scene->compared; i += i + 2 < m ? step : 1)
            for (size_t j = 0; j < stride; j++) {
                const float *const x = a.data + i * a.row, *const y = j < n ? b.data + j * b.column : zeros;
                const float *const bias = from ? from + j : NULL;
                const size_t y_step = j < n ? b.row : 0;
                expect_element(scene, c[i * c_stride + j], sum_in_blocks(bias, x, a.column, y, y_step, k), bias, x,
                               a.column, y, y_step, k, what);
            }
        expect_rows(scene, c, c_stride, m, n);
        keep(scene, c, c_count);
    }
}

/* An input of k x n whose rows may be further apart than its columns need. */
static const float *spread(struct scene *scene, size_t k, size_t n, size_t row)
{
    const size_t stride = real_padded(n);
    const float *narrow = input(scene, k, n, -2, 2);
    float *x = output(scene, k > 0 ? (k - 1) * row + stride : 0);
    for (size_t p = 0; p < k; p++)
        memcpy(x + p * row, narrow + p * stride, stride * sizeof *x);
    return x;
}

/* Some of the rows x columns numbers become zero; share: below 0 none, above 1 all. */
static void clear_some(struct scene *scene, float *x, size_t rows, size_t columns, double share)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            if (test_uniform(&scene->state, 0, 1) < share)
                x[i * real_padded(columns) + j] = test_between(&scene->state, 0, 1) ? 0.0f : -0.0f;
}

/* Either operand as it is stored or turned; of few terms and of several blocks, few rows and more than are done at
 * once.
 */
static void matmul_skip_case(struct scene *scene)
{
    static const size_t depths[][2] = {{1, 140}, {1, 140}, {1, 140}, {141, KERNELS_KC}, {KERNELS_KC + 1, 1100}};
    const size_t *const depth = depths[test_between(&scene->state, 0, 4)],
                        k = test_between(&scene->state, depth[0], depth[1]);
    const bool a_turned = test_between(&scene->state, 0, 1), b_turned = test_between(&scene->state, 0, 1);
    const bool many = k <= 140 && test_between(&scene->state, 0, 7) == 0;
    const size_t m = many ? test_between(&scene->state, 250, 300) : test_between(&scene->state, 0, k > 140 ? 9 : 25),
                 n = test_between(&scene->state, 1,
                                  many      ? 20
                                  : k > 140 ? 140
                                            : 300),
                 stride = real_padded(n), b_row = stride + REAL_PAD * test_between(&scene->state, 0, 1);
    const double zeros = test_uniform(&scene->state, -0.2, 1.2);
    float *stored = a_turned ? input(scene, k, m, -2, 2) : input(scene, m, k, -2, 2);
    clear_some(scene, stored, a_turned ? k : m, a_turned ? m : k, zeros);
    const struct matrix a =
        a_turned ? (struct matrix){stored, 1, real_padded(m)} : (struct matrix){stored, real_padded(k), 1};
    const struct matrix b =
        b_turned ? factor(scene, k, n, true) : (struct matrix){spread(scene, k, n, b_row), b_row, 1};
    const float *start = input(scene, 1, n, -2, 2);
    const size_t c_stride = stride + REAL_PAD * test_between(&scene->state, 0, 2),
                 c_count = m > 0 ? (m - 1) * c_stride + stride : 0;
    for (int started = 0; started < 2; started++) {
        const float *const from = started ? start : NULL;
        float *c = output(scene, c_count);
        float *workspace = output(scene, KERNELS_WORKSPACE);
        scene->kernels->matmul_skip(c, from, a, b, m, k, n, c_stride, workspace);
        /* As the whole product; not so with an infinite or undefined b, times which zero is not zero. */
        for (size_t i = 0; i < m && scene->kind == ORDINARY; i++)
            for (size_t j = 0; j < n; j++) {
                const float *const x = a.data + i * a.row, *const y = b.data + j * b.column,
                                   *const bias = from ? from + j : NULL;
                expect_element(scene, c[i * c_stride + j], sum_in_blocks(bias, x, a.column, y, b.row, k), bias, x,
                               a.column, y, b.row, k, "matmul_skip");
            }
        expect_rows(scene, c, c_stride, m, n);
        keep(scene, c, c_count);
    }
}

static void count_nonzero_case(struct scene *scene)
{
    const size_t rows = test_between(&scene->state, 0, 9), columns = test_between(&scene->state, 1, 300);
    float *x = input(scene, rows, columns, -2, 2);
    size_t expected = 0;
    clear_some(scene, x, rows, columns, test_uniform(&scene->state, -0.2, 1.2));
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            expected += x[i * real_padded(columns) + j] != 0;
    assert_int_equal(scene->kernels->count_nonzero(x, rows, columns, real_padded(columns)), expected);
}

/* The other order, of products that are small enough for it and of some that are not. */
static void matmul_dot_case(struct scene *scene)
{
    /* 256: terms at a time; of 10 columns and less, 16: rows for which they are turned, 64: rows that then use them. */
    static const size_t depths[][2] = {{0, 100}, {0, 2}, {240, 272}, {300, 700}};
    const size_t *const depth = depths[test_between(&scene->state, 0, 3)],
                        k = test_between(&scene->state, depth[0], depth[1]);
    const bool many = k > 256 && test_between(&scene->state, 0, 3) == 0;
    const size_t m = many ? test_between(&scene->state, 30, 70) : test_between(&scene->state, 0, 25),
                 n = test_between(&scene->state, 1, many ? 20 : 70), stride = real_padded(n),
                 b_row = stride + REAL_PAD * test_between(&scene->state, 0, 1);
    const size_t a_row = real_padded(k);
    const float *a = input(scene, m, k, -2, 2);
    const float *from = input(scene, 1, n, -2, 2);
    const float *b = spread(scene, k, n, b_row);
    const size_t c_stride = stride + REAL_PAD * test_between(&scene->state, 0, 2),
                 c_count = m > 0 ? (m - 1) * c_stride + stride : 0;
    float *c = output(scene, c_count);
    scene->kernels->matmul_dot(c, from, a, a_row, b, b_row, m, k, n, c_stride);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < stride; j++) {
            const float *const x = a + i * a_row, *const y = b + j;
            if (j < n)
                expect_element(scene, c[i * c_stride + j], sum_in_lanes(from[j], x, 1, y, b_row, k), &from[j], x, 1, y,
                               b_row, k, "matmul_dot");
            else
                expect_same(&c[i * c_stride + j], &(const float){0}, 1, "matmul_dot's padding");
        }
    expect_rows(scene, c, c_stride, m, n);
    keep(scene, c, c_count);
}

/* Where the orders change: the numbers that a profiler of OpenBLAS would show. */
static void test_orders(void **unused)
{
    (void)unused;
    static const size_t cuts[][4] = {
        {1, 1},          {320, 320},           {321, 161, 160},      {322, 161, 161},      {639, 320, 319},
        {640, 320, 320}, {641, 320, 161, 160}, {784, 320, 232, 232}, {959, 320, 320, 319},
    };
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        size_t left = cuts[i][0];
        for (size_t c = 1; c < 4 && cuts[i][c] > 0; c++) {
            assert_int_equal(kernels_depth(left), cuts[i][c]);
            left -= cuts[i][c];
        }
        assert_int_equal(left, 0);
    }
    for (size_t left = 1; left < 3000; left++)
        assert_int_equal(kernels_depth(left), block(left));

    /* The homework's output layer, and no other of its products; then each limit. */
    assert_true(kernels_dot(60, 64, 10));
    assert_false(kernels_dot(60, 784, 128));
    assert_false(kernels_dot(60, 128, 64));
    assert_true(kernels_dot(1, 32, 10) && !kernels_dot(1, 31, 10));
    assert_true(kernels_dot(1, 100, 1200) && !kernels_dot(1, 100, 1201));
    assert_true(kernels_dot(1200, 100, 1) && !kernels_dot(1201, 100, 1));
    assert_true(kernels_dot(10, 1000, 100) && !kernels_dot(10, 1001, 100));
}

/* Small products, most of which are computed from the operands as they lie in memory. */
static void matmul_case(struct scene *scene)
{
    const size_t m = test_between(&scene->state, 0, 25), k = test_between(&scene->state, 0, 40);
    const size_t n = test_between(&scene->state, 1, 70);
    float *workspace = output(scene, KERNELS_WORKSPACE);
    for (int turned = 0; turned < 4; turned++)
        expect_product(scene, m, k, n, turned & 1, turned & 2, workspace);
}

/* Few columns: as of a last layer, whose gradient has the first operand turned; around the height of a tile. */
static void matmul_narrow_case(struct scene *scene)
{
    const size_t n = test_between(&scene->state, 1, REAL_PAD + 1), m = test_between(&scene->state, 1, 100),
                 k = test_between(&scene->state, 25, test_between(&scene->state, 0, 3) ? 80 : 700);
    float *workspace = output(scene, KERNELS_WORKSPACE);
    expect_product(scene, m, k, n, true, test_between(&scene->state, 0, 1), workspace);
}

/* Few rows by a turned operand, which is then not turned back: around the width of a vector and of two. */
static void matmul_few_rows_case(struct scene *scene)
{
    const size_t m = test_between(&scene->state, 1, 36), n = test_between(&scene->state, 1, 70),
                 k = test_between(&scene->state, 25, test_between(&scene->state, 0, 3) ? 80 : 700);
    float *workspace = output(scene, KERNELS_WORKSPACE);
    expect_product(scene, m, k, n, test_between(&scene->state, 0, 3) == 0, true, workspace);
}

/* One length: near a multiple of a block's or a tile's, or any. */
static size_t length(uint64_t *state, size_t block, size_t longest)
{
    const size_t near = block * test_between(state, 1, 2) + test_between(state, 0, 4) - 2;
    switch (test_between(state, 0, 3)) {
    case 0:
        return near <= longest ? near : longest;
    case 1:
        return test_between(state, 0, 40);
    default:
        return test_between(state, 1, longest);
    }
}

enum { WIDE = 1024 }; /* columns: many panels */

/* Products that are cut into blocks: around each block's border, the other lengths as long as the time allows. */
static void matmul_blocks_case(struct scene *scene)
{
    enum { WORK = 500000 };
    const uint64_t longest = test_between(&scene->state, 0, 2);
    float *workspace = output(scene, KERNELS_WORKSPACE);
    size_t m = length(&scene->state, KERNELS_MC, 2 * KERNELS_MC + 2),
           k = length(&scene->state, KERNELS_KC, 2 * KERNELS_KC + 2);
    size_t n = length(&scene->state, WIDE, WIDE + 100);
    n = n > 0 ? n : 1;
    size_t *const lengths[] = {&m, &k, &n};
    while (m * k * n > WORK) { /* the one that this case is about stays as it is for longest */
        const size_t first = (longest + 1) % 3, second = (longest + 2) % 3;
        size_t *shorter = *lengths[first] > *lengths[second] ? lengths[first] : lengths[second];
        shorter = *shorter > 8 ? shorter : lengths[longest];
        *shorter = (*shorter + 1) / 2;
    }
    const uint64_t turned = test_u64(&scene->state);
    expect_product(scene, m, k, n, turned & 1, turned & 2, workspace);
}

static const size_t shapes[][3] = {
    {KERNELS_MC - 1, 31, 300},
    {KERNELS_MC, 32, 257},
    {KERNELS_MC + 1, 33, 272},
    {2 * KERNELS_MC + 5, 17, 500},
    {1, KERNELS_KC - 1, 33},
    {2, KERNELS_KC, 40},
    {3, KERNELS_KC + 1, 24},
    {KERNELS_MC + 1, KERNELS_KC + 1, 17},
    {KERNELS_MC + 1, 2 * KERNELS_KC + 1, 20},
    {1, 9, WIDE - 1},
    {2, 10, WIDE},
    {3, 11, WIDE + 1},
    {7, 8, WIDE + 17},
    {1, KERNELS_KC + 1, WIDE + 1},
    {3, 2 * KERNELS_KC + 1, 2 * WIDE + 1},
    {KERNELS_MC + 1, 12, WIDE + 16},
    {5, 0, WIDE + 1},
    {KERNELS_MC + 1, 0, 300},
    {0, 500, 300},
    /* tiles of every height of a b that is turned in registers, the last terms and columns fewer than are turned */
    {6, 7, 31},
    {8, 5, 17},
    {11, 18, 16},
    {13, 20, 32},
    {22, 17, 33},
    {25, 35, 49},
    {61, 66, 34},
    {72, KERNELS_KC + 2, 47},
    {73, 19, 40},
    {KERNELS_MC + 1, KERNELS_KC + 1, WIDE + 1},
};

/* The scene's state is the number of the shape. */
static void matmul_border_case(struct scene *scene)
{
    const size_t *const shape = shapes[scene->state];
    float *workspace = output(scene, KERNELS_WORKSPACE);
    const int step = shape[0] * shape[1] > 10000 ? 3 : 1; /* both turned or none */
    for (int turned = 0; turned < 4; turned += step)
        expect_product(scene, shape[0], shape[1], shape[2], turned & 1, turned & 2, workspace);
}

/* Every pair of lengths across a border, b as stored and turned; then all three at once. */
static void test_matmul_borders(void **unused)
{
    (void)unused;
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        if (!TEST_SANITIZED || shapes[s][0] * shapes[s][1] * shapes[s][2] <= 500000) /* minutes */
            run_case(matmul_border_case, "matmul", ORDINARY, s);
}

CASE_TEST(matmul_blocks)
CASE_TEST(matmul_narrow)
CASE_TEST(matmul_few_rows)

/* Chains of 0 x + 1: each ends at 1, so their sum is their number. */
static void fma_peak_case(struct scene *scene)
{
    const uint64_t rounds = test_between(&scene->state, 1, 50);
    float *x = place(scene, REAL_PAD * sizeof *x);
    memset(x, 0, REAL_PAD * sizeof *x);
    x[1] = 1;
    const uint64_t flops = scene->kernels->fma_peak(x, rounds), chains = (uint64_t)x[0];
    assert_true(chains >= 1 && x[0] == (float)chains);
    assert_true(flops >= 2 * rounds * chains && flops % (2 * rounds * chains) == 0);
}

static const struct member_test members[] = {
    {MEMBER(matmul), matmul_case},           {MEMBER(matmul_dot), matmul_dot_case},
    {MEMBER(matmul_skip), matmul_skip_case}, {MEMBER(count_nonzero), count_nonzero_case},
    {MEMBER(fma_peak), fma_peak_case},       {0},
};
static const struct CMUnitTest others[] = {
    cmocka_unit_test(test_matmul_blocks),  cmocka_unit_test(test_matmul_narrow), cmocka_unit_test(test_matmul_few_rows),
    cmocka_unit_test(test_matmul_borders), cmocka_unit_test(test_orders),        {0},
};
const struct kernel_tests product_tests = {members, others};
