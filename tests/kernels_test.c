/*
 * Every kernel of every set this CPU runs: bit for bit against plain implementations of its order of operations written
 * here, against exact arithmetic within what that many roundings can do, and bit for bit against "portable"; the loss
 * against what PyTorch gives (tests/golden, made by make_loss.py).
 *
 * All arrays end at an inaccessible page and start after a checked canary, outputs start as garbage, sizes are random
 * and odd.
 */
#include "support.h"

#include <float.h>

#include "dlexp/formats/csv.h"
#include "dlexp/kernels/kernels.h"

#define U (FLT_EPSILON / 2.0) /* the relative error of one operation in float */

/* -- one case: its inputs come from a seed, its outputs are kept for the comparison of sets -- */

enum {
    ARRAYS_MAX = 32,
    SEEDS = TEST_SANITIZED ? 6 : 60
}; /* sanitizers look for other faults, at a tenth of the speed */

enum kind { ORDINARY, SPECIAL, KINDS }; /* SPECIAL: nan, inf, -0, subnormal and huge numbers among the inputs */

struct scene {
    const struct kernels *kernels;
    enum kind kind;
    uint64_t state;
    struct guarded arrays[ARRAYS_MAX];
    size_t used;
    float *kept; /* all outputs, one behind the other */
    size_t kept_count;
};

static void *place(struct scene *scene, size_t bytes)
{
    assert_true(scene->used < ARRAYS_MAX);
    return guarded_new(&scene->arrays[scene->used++], bytes);
}

/* An output: what it holds before must not matter. */
static float *output(struct scene *scene, size_t count)
{
    float *x = place(scene, count * sizeof *x);
    memset(x, 0xff, count * sizeof *x); /* nan */
    return x;
}

static float special(uint64_t *state)
{
    static const float values[] = {NAN,       INFINITY,   -INFINITY, -0.0f,   0.0f,
                                   0x1p-149f, -0x1p-130f, FLT_MIN,   FLT_MAX, -FLT_MAX};
    return values[test_between(state, 0, sizeof values / sizeof *values - 1)];
}

/* An input of rows x columns, its rows padded with zeros to a multiple of REAL_PAD. */
static float *input(struct scene *scene, size_t rows, size_t columns, double low, double high)
{
    const size_t stride = real_padded(columns);
    float *x = place(scene, rows * stride * sizeof *x);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < stride; j++) {
            x[i * stride + j] = j < columns ? (float)test_uniform(&scene->state, low, high) : 0;
            if (scene->kind == SPECIAL && j < columns && test_between(&scene->state, 0, 5) == 0)
                x[i * stride + j] = special(&scene->state);
        }
    return x;
}

static void keep(struct scene *scene, const float *x, size_t count)
{
    float *grown = realloc(scene->kept, (scene->kept_count + count + 1) * sizeof *grown);
    assert_non_null(grown);
    if (count > 0)
        memcpy(grown + scene->kept_count, x, count * sizeof *x);
    scene->kept = grown;
    scene->kept_count += count;
}

static void release(struct scene *scene)
{
    while (scene->used > 0)
        guarded_free(&scene->arrays[--scene->used]);
}

/* The same bits, or both nan: IEEE leaves the payload of a computed nan open. */
static bool same(float a, float b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

static void expect_same(const float *got, const float *expected, size_t count, const char *what)
{
    for (size_t i = 0; i < count; i++)
        if (!same(got[i], expected[i]))
            fail_msg("%s, element %zu: expected %a, got %a", what, i, (double)expected[i], (double)got[i]);
}

static void expect_near(float got, double expected, double tolerance, const char *what)
{
    if (!(fabs((double)got - expected) <= tolerance))
        fail_msg("%s: expected %.9g within %.3g, got %.9g", what, expected, tolerance, (double)got);
}

/* The padding of each row holds +0, to the bit. */
static void expect_padding(const float *x, size_t rows, size_t columns, const char *what)
{
    const float zero = 0;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = columns; j < real_padded(columns); j++)
            if (memcmp(&x[i * real_padded(columns) + j], &zero, sizeof zero) != 0)
                fail_msg("%s: row %zu, padding column %zu holds %g", what, i, j,
                         (double)x[i * real_padded(columns) + j]);
}

typedef void case_fn(struct scene *scene);

/* Runs a case for every seed, kind and set; each set's outputs must be portable's. */
static void run_cases(case_fn *one, const char *what)
{
    const struct kernels *portable = NULL, *set;
    for (size_t k = 0; (set = kernels_row(k)); k++)
        if (strcmp(set->name, "portable") == 0)
            portable = set;
    assert_non_null(portable);
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        for (enum kind kind = ORDINARY; kind < KINDS; kind++) {
            struct scene oracle = {.kernels = portable, .kind = kind, .state = seed};
            one(&oracle);
            release(&oracle);
            for (size_t k = 0; (set = kernels_row(k)); k++) {
                if (!set->supported() || set == portable)
                    continue;
                struct scene scene = {.kernels = set, .kind = kind, .state = seed};
                one(&scene);
                release(&scene);
                assert_int_equal(scene.kept_count, oracle.kept_count);
                for (size_t i = 0; i < scene.kept_count; i++)
                    if (!same(scene.kept[i], oracle.kept[i]))
                        fail_msg("%s of %s, seed %ju, kind %d: output %zu is %a, portable's is %a", what, set->name,
                                 (uintmax_t)seed, (int)kind, i, (double)scene.kept[i], (double)oracle.kept[i]);
                free(scene.kept);
            }
            free(oracle.kept);
        }
}

/* -- the cases -- */

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
    for (int started = 0; started < 2; started++) {
        const float *const from = started ? start : NULL;
        float *c = output(scene, c_count);
        char what[128];
        snprintf(what, sizeof what, "%s: matmul (%zu,%zu)%s by (%zu,%zu)%s%s", scene->kernels->name, m, k,
                 a_turned ? "^T" : "", k, n, b_turned ? "^T" : "", from ? " and a bias" : "");
        for (size_t i = 0; i < KERNELS_WORKSPACE; i++)
            workspace[i] = NAN; /* what is read there was written before */
        scene->kernels->matmul(c, from, a, b, m, k, n, c_stride, workspace);
        for (size_t i = 0; i < m; i++)
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

static void matmul_skip_case(struct scene *scene)
{
    const size_t m = test_between(&scene->state, 0, 25), n = test_between(&scene->state, 1, 150),
                 stride = real_padded(n), b_row = stride + REAL_PAD * test_between(&scene->state, 0, 1);
    const size_t k = test_between(&scene->state, 0, 3) ? test_between(&scene->state, 1, 140)
                                                       : test_between(&scene->state, 141, KERNELS_KC);
    const double zeros = test_uniform(&scene->state, -0.2, 1.2); /* their share; below 0 none, above 1 all */
    const size_t a_row = real_padded(k);
    float *a = input(scene, m, k, -2, 2);
    for (size_t i = 0; i < m; i++)
        for (size_t p = 0; p < k; p++)
            if (test_uniform(&scene->state, 0, 1) < zeros)
                a[i * a_row + p] = test_between(&scene->state, 0, 1) ? 0.0f : -0.0f;
    const float *start = input(scene, 1, n, -2, 2);
    const float *b = spread(scene, k, n, b_row);
    const size_t c_stride = stride + REAL_PAD * test_between(&scene->state, 0, 2),
                 c_count = m > 0 ? (m - 1) * c_stride + stride : 0;
    for (int started = 0; started < 2; started++) {
        const float *const from = started ? start : NULL;
        float *c = output(scene, c_count);
        scene->kernels->matmul_skip(c, from, a, a_row, b, b_row, m, k, n, c_stride);
        /* As the whole product; not so with an infinite or undefined b, times which zero is not zero. */
        for (size_t i = 0; i < m && scene->kind == ORDINARY; i++)
            for (size_t j = 0; j < stride; j++) {
                const float *const x = a + i * a_row, *const y = b + j, *const bias = from ? from + j : NULL;
                expect_element(scene, c[i * c_stride + j], sum_in_blocks(bias, x, 1, y, b_row, k), bias, x, 1, y, b_row,
                               k, "matmul_skip");
            }
        expect_rows(scene, c, c_stride, m, n);
        keep(scene, c, c_count);
    }
}

/* The other order, of products that are small enough for it and of some that are not. */
static void matmul_dot_case(struct scene *scene)
{
    const size_t m = test_between(&scene->state, 0, 25), n = test_between(&scene->state, 1, 70),
                 stride = real_padded(n), b_row = stride + REAL_PAD * test_between(&scene->state, 0, 1);
    static const size_t depths[][2] = {{0, 100}, {0, 100}, {240, 272}, {300, 700}}; /* 256: one way of doing it ends */
    const size_t *const depth = depths[test_between(&scene->state, 0, 3)],
                        k = test_between(&scene->state, depth[0], depth[1]);
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

/* Products that are cut into blocks: around each block's border, the other lengths as long as the time allows. */
static void matmul_blocks_case(struct scene *scene)
{
    enum { WORK = 500000 };
    const uint64_t longest = test_between(&scene->state, 0, 2);
    float *workspace = output(scene, KERNELS_WORKSPACE);
    size_t m = length(&scene->state, KERNELS_MC, 2 * KERNELS_MC + 2),
           k = length(&scene->state, KERNELS_KC, 2 * KERNELS_KC + 2);
    size_t n = length(&scene->state, KERNELS_NC, KERNELS_NC + 100);
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

/* Every pair of lengths across a border, b as stored and turned; then all three at once. */
static void test_matmul_borders(void **unused)
{
    (void)unused;
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
        {1, 9, KERNELS_NC - 1},
        {2, 10, KERNELS_NC},
        {3, 11, KERNELS_NC + 1},
        {7, 8, KERNELS_NC + 17},
        {1, KERNELS_KC + 1, KERNELS_NC + 1},
        {3, 2 * KERNELS_KC + 1, 2 * KERNELS_NC + 1},
        {KERNELS_MC + 1, 12, KERNELS_NC + 16},
        {5, 0, KERNELS_NC + 1},
        {KERNELS_MC + 1, 0, 300},
        {0, 500, 300},
        {KERNELS_MC + 1, KERNELS_KC + 1, KERNELS_NC + 1},
    };
    const struct kernels *set;
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        if (TEST_SANITIZED && shapes[s][0] * shapes[s][1] * shapes[s][2] > 500000)
            continue; /* minutes */
        for (size_t k = 0; (set = kernels_row(k)); k++)
            for (int turned = 0; set->supported() && turned<4; turned += shapes[s][0] * shapes[s][1]> 10000 ? 3 : 1) {
                struct scene scene = {.kernels = set, .kind = ORDINARY, .state = s};
                float *workspace = output(&scene, KERNELS_WORKSPACE);
                expect_product(&scene, shapes[s][0], shapes[s][1], shapes[s][2], turned & 1, turned & 2, workspace);
                release(&scene);
                free(scene.kept);
            }
    }
}

/* The sum of `count` chunks of 2^power rows, of chunks of those, ..., by level; level 0 adds rows. */
static float whole_sum(const float *x, size_t step, size_t power, size_t level)
{
    float sum = 0;
    for (size_t i = 0; i < (size_t)1 << power; i++) {
        const float *const at = x + (i << power * level) * step;
        sum += level == 0 ? *at : whole_sum(at, step, power, level - 1);
    }
    return sum;
}

/*
 * torch's cascade over rows 0, step, ...: four partial sums, of the rows that fill no chunk, of the chunks that fill no
 * chunk of chunks, and so on; the fourth has no end.
 */
static float cascade(const float *x, size_t rows, size_t step)
{
    const size_t power = rows > (size_t)1 << 19 ? 5 : 4;
    float total = 0;
    for (size_t level = 0; level < 4; level++) {
        const size_t unit = (size_t)1 << power * level, above = level < 3 ? unit << power : SIZE_MAX;
        const size_t first = level < 3 ? rows / above * above : 0;
        float sum = 0;
        for (size_t row = first; row + unit <= rows / unit * unit; row += unit)
            sum += level == 0 ? x[row * step] : whole_sum(x + row * step, step, power, level - 1);
        total = level == 0 ? sum : total + sum;
    }
    return total;
}

static float column_sum(const float *x, size_t rows, size_t f, size_t columns, size_t stride)
{
    if (f < columns / 32 * 32)
        return cascade(x + f, rows, stride);
    float part[4];
    for (size_t i = 0; i < 4; i++)
        part[i] = cascade(x + i * stride + f, rows / 4, 4 * stride);
    for (size_t b = rows / 4 * 4; b < rows; b++)
        part[0] += x[b * stride + f];
    return ((part[0] + part[1]) + part[2]) + part[3];
}

/* Few rows, or as many as two levels of chunks and more need: in the columns up to a multiple of 32, and in those
 * behind it, whose four sums have a quarter of the rows each. */
static void column_sums_case(struct scene *scene)
{
    static const size_t tops[] = {70, 300, 1100, 4400};
    const size_t rows = test_between(&scene->state, 0, tops[test_between(&scene->state, 0, 3)]);
    const size_t near = 32 * test_between(&scene->state, 1, 3) + test_between(&scene->state, 0, 2) - 1;
    const size_t n = rows < 301 && test_between(&scene->state, 0, 1) ? test_between(&scene->state, 1, 200) : near,
                 stride = real_padded(n) + REAL_PAD * test_between(&scene->state, 0, 1);
    const float *narrow = input(scene, rows, n, -2, 2);
    float *x = place(scene, rows * stride * sizeof *x), *sum = output(scene, stride);
    memset(x, 0, rows * stride * sizeof *x);
    for (size_t b = 0; b < rows; b++)
        memcpy(x + b * stride, narrow + b * real_padded(n), n * sizeof *x);
    scene->kernels->column_sums(sum, x, rows, n, stride);
    for (size_t f = 0; f < stride; f++) {
        const float expected = column_sum(x, rows, f, n, stride);
        double exact = 0, size = 0;
        for (size_t b = 0; b < rows; b++) {
            exact += (double)x[b * stride + f];
            size += fabs((double)x[b * stride + f]);
        }
        expect_same(&sum[f], &expected, 1, "column_sums");
        if (scene->kind == ORDINARY)
            expect_near(sum[f], exact, (double)rows * U * size, "column_sums");
    }
    keep(scene, sum, stride);
}

/* Above 2^19 rows chunks are longer: just below, just above, and above in a quarter of the rows. */
static void test_column_sums_tall(void **unused)
{
    (void)unused;
    static const size_t shapes[][2] = {{1 << 19, 32}, {(1 << 19) + 1, 32}, {(4 << 19) + 4, 1}};
    const struct kernels *set;
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        const size_t rows = shapes[s][0], n = shapes[s][1], stride = real_padded(n);
        struct scene scene = {.state = s};
        const float *x = input(&scene, rows, n, -2, 2);
        float *sum = output(&scene, stride);
        for (size_t k = 0; (set = kernels_row(k)); k++) {
            if (!set->supported())
                continue;
            set->column_sums(sum, x, rows, n, stride);
            for (size_t f = 0; f < n; f += 31) {
                const float expected = column_sum(x, rows, f, n, stride);
                expect_same(&sum[f], &expected, 1, set->name);
            }
        }
        release(&scene);
    }
}

static void relu_case(struct scene *scene)
{
    const size_t rows = test_between(&scene->state, 0, 9), n = test_between(&scene->state, 1, 70),
                 stride = real_padded(n);
    const size_t count = rows * stride;
    float *x = input(scene, rows, n, -2, 2), *dy = input(scene, rows, n, -2, 2);
    float *y = output(scene, count), *dx = output(scene, count);
    scene->kernels->relu(y, x, rows, stride);
    for (size_t i = 0; i < count; i++)
        if (!(isnan(x[i]) ? isnan(y[i]) : y[i] == (x[i] > 0 ? x[i] : 0)))
            fail_msg("relu of %a is %a", (double)x[i], (double)y[i]);
    scene->kernels->relu_backward(dx, dy, y, rows, stride);
    for (size_t i = 0; i < count; i++) {
        const float expected = y[i] > 0 ? dy[i] : 0;
        expect_same(&dx[i], &expected, 1, "relu_backward");
    }
    scene->kernels->relu(x, x, rows, stride); /* in place */
    scene->kernels->relu_backward(dy, dy, y, rows, stride);
    expect_same(x, y, count, "relu in place");
    expect_same(dy, dx, count, "relu_backward in place");
    expect_padding(y, rows, n, "relu");
    expect_padding(dx, rows, n, "relu_backward");
    keep(scene, y, count);
    keep(scene, dx, count);
}

/* What batchnorm and its like make of one feature, in torch's order of operations. */
struct feature {
    float mean, rstd, running_mean, running_var, dgamma, dbeta;
    float *y, *eval, *dx; /* (rows) */
};

static void feature_new(struct feature *f, const float *x, const float *dy, size_t rows, size_t stride, float gamma,
                        float beta, float running_mean, float running_var)
{
    const float count = (float)rows;
    float sum = 0, squares = 0, sum_dy = 0, product = 0;
    f->y = malloc(3 * rows * sizeof *f->y);
    assert_non_null(f->y);
    f->eval = f->y + rows;
    f->dx = f->eval + rows;

    for (size_t b = 0; b < rows; b++)
        sum += x[b * stride];
    f->mean = sum / count;
    for (size_t b = 0; b < rows; b++) {
        const float centred = x[b * stride] - f->mean;
        squares = fmaf(centred, centred, squares);
    }
    f->rstd = (float)(1 / sqrt((double)(squares / count) + 1e-5));
    f->running_mean = 0.1f * f->mean + 0.9f * running_mean;
    f->running_var = fmaf(0.1f, squares / (count - 1), 0.9f * running_var);

    const float scale = gamma * f->rstd, shift = fmaf(-f->mean, scale, beta);
    const float fixed_scale = gamma * (1 / sqrtf(running_var + 1e-5f)),
                fixed_shift = fmaf(-running_mean, fixed_scale, beta);
    for (size_t b = 0; b < rows; b++) {
        f->y[b] = fmaf(x[b * stride], scale, shift);
        f->eval[b] = fmaf(x[b * stride], fixed_scale, fixed_shift);
    }

    for (size_t b = 0; b < rows; b++) {
        sum_dy += dy[b * stride];
        product = fmaf(x[b * stride] - f->mean, dy[b * stride], product);
    }
    f->dbeta = sum_dy;
    f->dgamma = product * f->rstd;
    const float slope = product * f->rstd * f->rstd / count, mean_dy = sum_dy / count;
    for (size_t b = 0; b < rows; b++) {
        const float centred = x[b * stride] - f->mean;
        f->dx[b] = fmaf(-centred, slope, dy[b * stride] - mean_dy) * f->rstd * gamma;
    }
}

static void batchnorm_case(struct scene *scene)
{
    const struct kernels *kernels = scene->kernels;
    const size_t rows = test_between(&scene->state, 2, 70), n = test_between(&scene->state, 1, 50),
                 stride = real_padded(n);
    const size_t count = rows * stride;
    const double share = 1.0 / (double)rows,
                 error = U * (double)(rows + 8); /* of a sum over the batch, relative to its terms */
    const double momentum = 0.1, eps = 1e-5;
    const double shift = test_uniform(&scene->state, -3, 3);
    const float *x = input(scene, rows, n, shift - 2, shift + 2);
    const float *gamma = input(scene, 1, n, 0.5, 1.5), *beta = input(scene, 1, n, -1, 1),
                *dy = input(scene, rows, n, -2, 2);
    float *running_mean = input(scene, 1, n, -2, 2), *running_var = input(scene, 1, n, 0.5, 2);
    float *y = output(scene, count), *mean = output(scene, stride), *rstd = output(scene, stride),
          *eval = output(scene, count);
    float *dx = output(scene, count), *dgamma = output(scene, stride), *dbeta = output(scene, stride);
    float *old = output(scene, 2 * stride);
    memcpy(old, running_mean, stride * sizeof *old);
    memcpy(old + stride, running_var, stride * sizeof *old);

    kernels->batchnorm_eval(eval, x, gamma, beta, running_mean, running_var, eps, false, rows, stride);
    kernels->batchnorm(y, x, gamma, beta, mean, rstd, running_mean, running_var, momentum, eps, false, rows, stride);
    kernels->batchnorm_backward(dx, dgamma, dbeta, dy, x, gamma, mean, rstd, rows, stride);
    for (size_t f = 0; f < stride; f++) {
        struct feature plain;
        feature_new(&plain, x + f, dy + f, rows, stride, gamma[f], beta[f], old[f], old[stride + f]);
        expect_same(&mean[f], &plain.mean, 1, "batchnorm's mean");
        expect_same(&rstd[f], &plain.rstd, 1, "batchnorm's rstd");
        expect_same(&running_mean[f], &plain.running_mean, 1, "the running mean");
        expect_same(&running_var[f], &plain.running_var, 1, "the running variance");
        expect_same(&dgamma[f], &plain.dgamma, 1, "dgamma");
        expect_same(&dbeta[f], &plain.dbeta, 1, "dbeta");
        for (size_t b = 0; b < rows; b++) {
            expect_same(&y[b * stride + f], &plain.y[b], 1, "batchnorm");
            expect_same(&eval[b * stride + f], &plain.eval[b], 1, "batchnorm_eval");
            expect_same(&dx[b * stride + f], &plain.dx[b], 1, "batchnorm's dx");
        }
        free(plain.y);
    }
    for (size_t f = 0; f < n && scene->kind == ORDINARY; f++) {
        const double m = (double)mean[f], r = (double)rstd[f], g = (double)gamma[f], shifted = (double)beta[f];
        const double old_mean = (double)old[f], old_var = (double)old[stride + f];
        double sum = 0, size = 0, squares = 0, sum_dy = 0, size_dy = 0, product = 0, size_product = 0;
        for (size_t b = 0; b < rows; b++) {
            const double value = (double)x[b * stride + f], d = (double)dy[b * stride + f];
            sum += value;
            size += fabs(value);
            squares += (value - m) * (value - m);
            sum_dy += d;
            size_dy += fabs(d);
            product += d * (value - m) * r;
            size_product += fabs(d * (value - m) * r);
        }
        expect_near(mean[f], sum * share, error * size * share, "batchnorm's mean");
        expect_near(rstd[f], 1 / sqrt(squares * share + 1e-5), error * r, "batchnorm's rstd");
        const double unbiased = squares / (double)(rows - 1);
        expect_near(running_mean[f], 0.9 * old_mean + 0.1 * m, error * (fabs(old_mean) + fabs(m)), "the running mean");
        expect_near(running_var[f], 0.9 * old_var + 0.1 * unbiased, error * (old_var + unbiased),
                    "the running variance");
        expect_near(dbeta[f], sum_dy, error * size_dy, "dbeta");
        expect_near(dgamma[f], product, error * size_product, "dgamma");
        for (size_t b = 0; b < rows; b++) {
            const double value = (double)x[b * stride + f], d = (double)dy[b * stride + f], xhat = (value - m) * r;
            /* x scale + (beta - mean scale): the terms, not their difference, are what is rounded. */
            expect_near(y[b * stride + f], g * xhat + shifted,
                        8 * U * (g * r * (fabs(value) + fabs(m)) + fabs(shifted)), "batchnorm");
            const double fixed = g / sqrt(old_var + 1e-5);
            expect_near(eval[b * stride + f], fixed * (value - old_mean) + shifted,
                        8 * U * (fixed * (fabs(value) + fabs(old_mean)) + fabs(shifted)), "batchnorm_eval");
            expect_near(dx[b * stride + f], g * r * (d - sum_dy * share - xhat * product * share),
                        g * r * 2 * error * (fabs(d) + size_dy * share + fabs(xhat) * size_product * share),
                        "batchnorm's dx");
        }
    }
    if (scene->kind == ORDINARY) {
        expect_padding(y, rows, n, "batchnorm");
        expect_padding(eval, rows, n, "batchnorm_eval");
        expect_padding(dx, rows, n, "batchnorm's dx");
        expect_padding(mean, 1, n, "batchnorm's mean");
        expect_padding(running_mean, 1, n, "the running mean");
        expect_padding(running_var, 1, n, "the running variance");
        expect_padding(dgamma, 1, n, "dgamma");
        expect_padding(dbeta, 1, n, "dbeta");
    }
    float *in_place = output(scene, count), *dgamma2 = output(scene, stride), *dbeta2 = output(scene, stride);
    memcpy(in_place, dy, count * sizeof *dy);
    kernels->batchnorm_backward(in_place, dgamma2, dbeta2, in_place, x, gamma, mean, rstd, rows, stride);
    expect_same(in_place, dx, count, "batchnorm_backward in place");
    expect_same(dgamma2, dgamma, stride, "batchnorm_backward in place");
    expect_same(dbeta2, dbeta, stride, "batchnorm_backward in place");
    /* With the ReLU that follows: what relu makes of it. */
    float *rectified = output(scene, count), *rectified_eval = output(scene, count), *after = output(scene, count);
    kernels->batchnorm_eval(rectified_eval, x, gamma, beta, old, old + stride, eps, true, rows, stride);
    kernels->relu(after, eval, rows, stride);
    expect_same(rectified_eval, after, count, "batchnorm_eval with ReLU");
    kernels->batchnorm(rectified, x, gamma, beta, mean, rstd, running_mean, running_var, momentum, eps, true, rows,
                       stride);
    kernels->relu(after, y, rows, stride);
    expect_same(rectified, after, count, "batchnorm with ReLU");
    float *const outputs[] = {y, eval, dx, mean, rstd, running_mean, running_var, dgamma, dbeta};
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
        keep(scene, outputs[i], i < 3 ? count : stride);
}

static void softmax_case(struct scene *scene)
{
    const size_t rows = test_between(&scene->state, 1, 70), classes = test_between(&scene->state, 1, 40);
    const size_t stride = real_padded(classes);
    const double range = test_between(&scene->state, 0, 3) ? 5 : 200;
    const float *z = input(scene, rows, classes, -range, range);
    uint8_t *labels = place(scene, rows);
    for (size_t b = 0; b < rows; b++)
        labels[b] = (uint8_t)test_between(&scene->state, 0, classes - 1);
    float *dz = output(scene, rows * stride);
    size_t correct = 1000, again = 0, expected_correct = 0; /* counts are added to what is there */
    const double loss = scene->kernels->softmax_cross_entropy(dz, z, labels, rows, classes, stride, &correct);
    const double without = scene->kernels->softmax_cross_entropy(NULL, z, labels, rows, classes, stride, &again);
    assert_true(memcmp(&loss, &without, sizeof loss) == 0 || (isnan(loss) && isnan(without)));
    assert_int_equal(correct, again + 1000);
    expect_padding(dz, rows, classes, "dz");

    double expected = 0, tolerance = 0;
    for (size_t b = 0; b < rows && scene->kind == ORDINARY; b++) {
        const float *row = z + b * stride;
        size_t best = 0;
        long double sum = 0;
        for (size_t c = 0; c < classes; c++)
            if (row[c] > row[best])
                best = c;
        for (size_t c = 0; c < classes; c++)
            sum += expl((long double)row[c] - (long double)row[best]);
        const double row_loss = (double)(logl(sum) - ((long double)row[labels[b]] - (long double)row[best]));
        expected += row_loss;
        tolerance += U * ((double)classes + 8 + 2 * row_loss); /* a float for each row */
        expected_correct += best == labels[b];
        for (size_t c = 0; c < classes; c++) {
            /* Rounding z - max and what is left after - log(sum) moves the exponential by twice their size times U,
             * relatively, the sum by its roundings; the exponential adds 1 ulp. */
            const long double distance = (long double)row[best] - (long double)row[c];
            const double p = (double)(expl(-distance) / sum), target = c == labels[b] ? 1 : 0;
            expect_near(dz[b * stride + c], (p - target) / (double)rows,
                        U * (p * ((double)classes + 12 + 2 * fmin((double)distance, 90)) + 4 * fabs(p - target)) /
                                (double)rows +
                            1.7e-38,
                        "dz");
        }
    }
    if (scene->kind == ORDINARY) {
        assert_int_equal(again, expected_correct);
        if (!(fabs(loss - expected) <= tolerance))
            fail_msg("loss: expected %.17g within %.3g, got %.17g", expected, tolerance, loss);
    } else {
        /* A row with nan or +inf among its logits has no loss, and neither has the batch. */
        bool broken = false;
        for (size_t b = 0; b < rows; b++)
            for (size_t c = 0; c < classes; c++)
                broken = broken || isnan(z[b * stride + c]) || z[b * stride + c] == INFINITY;
        assert_true(!broken || !isfinite(loss));
    }
    const float counted = (float)again, halves[2] = {(float)loss, (float)(loss - (double)(float)loss)};
    keep(scene, dz, rows * stride);
    keep(scene, &counted, 1);
    keep(scene, halves, 2); /* together 48 bits of the sum */
}

static void update_case(struct scene *scene)
{
    const struct optimizer *row;
    for (size_t o = 0; (row = optimizer_row(o)); o++) {
        const size_t count = REAL_PAD * test_between(&scene->state, 1, 9);
        struct hyperparameters hyper = hyperparameters_initial();
        if (test_between(&scene->state, 0, 1))
            hyper = (struct hyperparameters){0.5, 0.9, 0.8, 0.95, 0.05};
        const double lr = test_uniform(&scene->state, 0.001, 0.5);
        const uint64_t t = test_between(&scene->state, 1, 3000);
        float *w = input(scene, 1, count, -2, 2), *s[OPTIMIZER_STATES_MAX], before[9 * REAL_PAD];
        const float *g = input(scene, 1, count, -2, 2);
        double m[9 * REAL_PAD], v[9 * REAL_PAD], c[OPTIMIZER_CONSTANTS_MAX] = {0};
        float *state[OPTIMIZER_STATES_MAX] = {NULL, NULL};
        for (size_t j = 0; j < OPTIMIZER_STATES_MAX; j++) {
            s[j] = input(scene, 1, count, 0.01, 2); /* a mean square is positive */
            if (j < row->states)
                state[j] = s[j];
        }
        for (size_t i = 0; i < count; i++) {
            before[i] = w[i];
            m[i] = (double)s[0][i];
            v[i] = (double)s[1][i];
        }
        row->constants(c, lr, &hyper, t);
        scene->kernels->update[o](w, g, state, count, c);
        for (size_t i = 0; i < count && scene->kind == ORDINARY; i++) {
            const double size_m = fabs(m[i]) + fabs((double)g[i]);
            struct textbook_step step = {0, 0};
            if (!textbook_step(&step, row->name, (double)before[i], (double)g[i], &m[i], &v[i], lr, &hyper, t))
                fail_msg("optimizer %s has no textbook form in support.h: add it", row->name);
            expect_near(w[i], step.w, 2 * U * fabs(step.w) + 24 * U * step.magnitude, row->name);
            if (row->states > 0)
                expect_near(s[0][i], m[i], 8 * U * (size_m + fabs(m[i])), "the first state");
            if (row->states > 1)
                expect_near(s[1][i], v[i], 8 * U * fabs(v[i]), "the second state");
        }
        keep(scene, w, count);
        for (size_t j = 0; j < row->states; j++)
            keep(scene, s[j], count);
    }
}

/* Zero parameters with zero gradients, as in the padding, stay +0 under every rule. */
static void update_padding_case(struct scene *scene)
{
    const struct hyperparameters hyper = hyperparameters_initial();
    const struct optimizer *row;
    for (size_t o = 0; (row = optimizer_row(o)); o++) {
        static const float zero[REAL_PAD];
        _Alignas(REAL_ALIGN) float w[REAL_PAD] = {0}, g[REAL_PAD] = {0}, s[OPTIMIZER_STATES_MAX][REAL_PAD] = {{0}};
        float *state[] = {s[0], s[1]};
        for (uint64_t t = 1; t <= 3; t++) {
            double c[OPTIMIZER_CONSTANTS_MAX] = {0};
            row->constants(c, 0.5, &hyper, t);
            scene->kernels->update[o](w, g, state, REAL_PAD, c);
        }
        assert_memory_equal(w, zero, sizeof zero);
        keep(scene, w, REAL_PAD);
    }
}

static void scale_pixels_case(struct scene *scene)
{
    const size_t count = test_between(&scene->state, 0, 300);
    uint8_t *bytes = place(scene, count);
    float *x = output(scene, real_padded(count));
    for (size_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)test_u64(&scene->state);
    scene->kernels->scale_pixels(x, bytes, count);
    for (size_t i = 0; i < count; i++)
        assert_true(x[i] == (float)bytes[i] / 255.0f);
    for (size_t i = count; i < real_padded(count); i++)
        assert_true(isnan(x[i])); /* not one element more */
    keep(scene, x, count);
}

/* -- the tests -- */

#define CASE_TEST(name)                                                                                                \
    static void test_##name(void **unused)                                                                             \
    {                                                                                                                  \
        (void)unused;                                                                                                  \
        run_cases(name##_case, #name);                                                                                 \
    }
CASE_TEST(matmul)
CASE_TEST(matmul_blocks)
CASE_TEST(matmul_dot)
CASE_TEST(matmul_skip)
CASE_TEST(column_sums)
CASE_TEST(relu)
CASE_TEST(batchnorm)
CASE_TEST(softmax)
CASE_TEST(update)
CASE_TEST(update_padding)
CASE_TEST(scale_pixels)

static void test_all_pixels(void **unused)
{
    (void)unused;
    const struct kernels *set;
    for (size_t k = 0; (set = kernels_row(k)); k++) {
        if (!set->supported())
            continue;
        _Alignas(REAL_ALIGN) float x[256];
        uint8_t bytes[256];
        for (int i = 0; i < 256; i++)
            bytes[i] = (uint8_t)i;
        set->scale_pixels(x, bytes, 256);
        for (int i = 0; i < 256; i++) {
            /* The nearest float to i / 255: 255 x is exact in double, and neither neighbour comes nearer to i. */
            const double error = fabs(255 * (double)x[i] - i);
            assert_true(error < fabs(255 * (double)nextafterf(x[i], 2) - i));
            assert_true(error < fabs(255 * (double)nextafterf(x[i], -1) - i));
        }
    }
}

/*
 * Logarithm and exponential, each within 1 ulp: logits 0 and -a, one row.  Label 0: the loss is L = log(1 + exp(-a)),
 * and dz[1] is exp(-a - L).  From a = 17.5 on the sum rounds to 1, L is 0.
 */
static void test_exp_log_error(void **unused)
{
    (void)unused;
    const struct kernels *set;
    for (size_t k = 0; (set = kernels_row(k)); k++) {
        if (!set->supported())
            continue;
        double worst_exp = 0, worst_log = 0;
        for (int i = 0; i <= 86 * 4096; i++) {
            _Alignas(REAL_ALIGN) float z[REAL_PAD] = {0}, dz[REAL_PAD];
            const uint8_t label = 0;
            size_t correct = 0;
            const double a = i / 4096.0;
            z[1] = (float)-a;
            const double loss = set->softmax_cross_entropy(dz, z, &label, 1, 2, REAL_PAD, &correct);
            assert_int_equal(correct, 1);
            assert_true(loss == (double)(float)loss);
            const double e = exp((double)((float)-a - (float)loss));
            int exponent;
            frexp(e, &exponent);
            worst_exp = fmax(worst_exp, fabs((double)dz[1] - e) / ldexp(1, exponent - 24));

            /* The sum is rounded, and its exponential is off by an ulp: that much the logarithm moves. */
            const double exact = log1p(exp(-a)), sum_error = U * (1 + exp(-a)) + 2 * U * exp(-a);
            frexp(exact, &exponent);
            worst_log = fmax(worst_log, (fabs(loss - exact) - sum_error) / ldexp(1, exponent - 24));
            if (a >= 17.5)
                assert_true(loss == 0);
        }
        if (!(worst_exp <= 1 && worst_log <= 1))
            fail_msg("%s: exp is off by %.3f ulp, log by %.3f", set->name, worst_exp, worst_log);

        /* What is below -87 counts as -87. */
        static const float below[] = {-87.0f, -87.25f, -88, -104, -1e6f, -FLT_MAX, -INFINITY};
        for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
            _Alignas(REAL_ALIGN) float z[REAL_PAD] = {0, below[i]}, dz[REAL_PAD];
            const uint8_t label = 0;
            size_t correct = 0;
            assert_true(set->softmax_cross_entropy(dz, z, &label, 1, 2, REAL_PAD, &correct) == 0);
            expect_near(dz[1], exp(-87), 2 * U * exp(-87), "exp(-87)");
        }
    }
}

/* -- PyTorch's numbers -- */

static void golden_read(struct csv *csv, const char *name)
{
    char path[1024];
    struct error err;
    snprintf(path, sizeof path, "%s/tests/golden/%s", DLEXP_SOURCE_DIR, name);
    if (csv_read(csv, path, &err) < 0)
        fail_msg("%s", err.message);
}

/* The numbers of a cell; fails if they are not `count`. */
static void golden_floats(float *x, size_t count, const struct csv *csv, size_t row, const char *column)
{
    const int index = csv_column(csv, column);
    if (index < 0)
        fail_msg("no column '%s'", column);
    const char *text = csv_cell(csv, row, (size_t)index);
    for (size_t i = 0; i < count; i++) {
        char *end;
        x[i] = strtof(text, &end);
        assert_ptr_not_equal(end, text);
        text = end;
    }
    assert_string_equal(text, "");
}

static void test_exp_log(void **unused)
{
    (void)unused;
    struct csv csv;
    const struct kernels *set;
    golden_read(&csv, "exp_log.csv");
    assert_true(csv.rows >= 400);
    for (size_t r = 0; r < csv.rows; r++)
        for (size_t k = 0; (set = kernels_row(k)); k++) {
            if (!set->supported())
                continue;
            _Alignas(REAL_ALIGN) float z[REAL_PAD] = {0}, dz[REAL_PAD];
            float zeros, log_sum, softmax_0, softmax_x;
            size_t correct = 0;
            golden_floats(&zeros, 1, &csv, r, "zeros");
            const uint8_t last = (uint8_t)zeros, first = 0;
            golden_floats(&z[last], 1, &csv, r, "x");
            golden_floats(&log_sum, 1, &csv, r, "log_sum");
            golden_floats(&softmax_0, 1, &csv, r, "softmax_0");
            golden_floats(&softmax_x, 1, &csv, r, "softmax_x");
            const float loss =
                (float)set->softmax_cross_entropy(dz, z, &first, 1, last + (size_t)1, REAL_PAD, &correct);
            expect_same(&loss, &log_sum, 1, "the logarithm");
            expect_same(&dz[last], &softmax_x, 1, "the exponential");
            set->softmax_cross_entropy(dz, z, &last, 1, last + (size_t)1, REAL_PAD, &correct);
            expect_same(&dz[0], &softmax_0, 1, "the exponential");
        }
    csv_free(&csv);
}

/* Batches of rows with as many classes: their gradient as a batch, the loss of each row. */
static void test_cross_entropy(void **unused)
{
    (void)unused;
    enum { CLASSES_MAX = 48, ROWS_MAX = 8 };
    struct csv csv;
    const struct kernels *set;
    size_t batches = 0;
    golden_read(&csv, "cross_entropy.csv");
    for (size_t first = 0, rows; first < csv.rows; first += rows, batches++) {
        _Alignas(REAL_ALIGN) float z[ROWS_MAX * CLASSES_MAX] = {0}, dz[ROWS_MAX * CLASSES_MAX];
        float classes, other, number, losses[ROWS_MAX], gradient[ROWS_MAX][CLASSES_MAX];
        uint8_t labels[ROWS_MAX];
        golden_floats(&classes, 1, &csv, first, "classes");
        const size_t n = (size_t)classes, stride = real_padded(n);
        assert_true(n <= CLASSES_MAX);
        for (rows = 0; first + rows < csv.rows; rows++) {
            golden_floats(&other, 1, &csv, first + rows, "classes");
            if (other != classes)
                break;
            assert_true(rows < ROWS_MAX);
            golden_floats(&number, 1, &csv, first + rows, "label");
            labels[rows] = (uint8_t)number;
            golden_floats(&losses[rows], 1, &csv, first + rows, "loss");
            golden_floats(z + rows * stride, n, &csv, first + rows, "logits");
            golden_floats(gradient[rows], n, &csv, first + rows, "gradient");
        }
        for (size_t k = 0; (set = kernels_row(k)); k++) {
            if (!set->supported())
                continue;
            size_t correct = 0;
            double sum = 0;
            const double loss = set->softmax_cross_entropy(dz, z, labels, rows, n, stride, &correct);
            for (size_t b = 0; b < rows; b++) {
                char what[64];
                snprintf(what, sizeof what, "%s: %zu classes, row %zu", set->name, n, b);
                const float row_loss =
                    (float)set->softmax_cross_entropy(NULL, z + b * stride, labels + b, 1, n, stride, &correct);
                if (row_loss != losses[b]) /* of one class torch's is -0 */
                    fail_msg("%s: expected a loss of %a, got %a", what, (double)losses[b], (double)row_loss);
                expect_same(dz + b * stride, gradient[b], n, what);
                sum += (double)losses[b];
            }
            assert_true(loss == sum);
        }
    }
    assert_true(batches >= 10);
    csv_free(&csv);
}

static void test_softmax_by_hand(void **unused)
{
    (void)unused;
    const struct kernels *set;
    for (size_t k = 0; (set = kernels_row(k)); k++) {
        if (!set->supported())
            continue;
        _Alignas(REAL_ALIGN) float z[REAL_PAD] = {0}, dz[REAL_PAD];
        size_t correct = 0;
        uint8_t label = 1;

        /* All alike: log(n), and the first counts as the largest. */
        double loss = set->softmax_cross_entropy(dz, z, &label, 1, 10, REAL_PAD, &correct);
        assert_true(fabs(loss - log(10)) < 0x1p-22); /* 1 ulp */
        assert_int_equal(correct, 0);
        label = 0;
        set->softmax_cross_entropy(dz, z, &label, 1, 10, REAL_PAD, &correct);
        assert_int_equal(correct, 1);
        assert_true(fabs((double)dz[0] + 0.9) < 1e-7 && fabs((double)dz[9] - 0.1) < 1e-8);

        /* A tie further on: again the first of the two. */
        z[3] = z[5] = 2;
        label = 5;
        set->softmax_cross_entropy(NULL, z, &label, 1, 10, REAL_PAD, &correct);
        assert_int_equal(correct, 1);
        label = 3;
        set->softmax_cross_entropy(NULL, z, &label, 1, 10, REAL_PAD, &correct);
        assert_int_equal(correct, 2);

        /* One class: no loss, no gradient. */
        label = 0;
        loss = set->softmax_cross_entropy(dz, z, &label, 1, 1, REAL_PAD, &correct);
        assert_true(loss == 0 && dz[0] == 0);

        /* Far apart: no overflow, and the loss is the distance. */
        z[0] = -1e30f;
        z[1] = 1e30f;
        loss = set->softmax_cross_entropy(dz, z, &label, 1, 2, REAL_PAD, &correct);
        assert_true(loss == (double)z[1] - (double)z[0]);
        assert_true(dz[0] == -1 && dz[1] == 1);

        /* Diverged: not a number, or infinite, never a finite loss. */
        z[1] = INFINITY;
        loss = set->softmax_cross_entropy(dz, z, &label, 1, 2, REAL_PAD, &correct);
        assert_true(!isfinite(loss));
        z[0] = -INFINITY;
        z[1] = 0;
        loss = set->softmax_cross_entropy(dz, z, &label, 1, 2, REAL_PAD, &correct);
        assert_true(!isfinite(loss));
        for (int i = 0; i < 3; i++) {
            memset(z, 0, sizeof z);
            z[i] = NAN;
            loss = set->softmax_cross_entropy(dz, z, &label, 1, 3, REAL_PAD, &correct);
            assert_true(isnan(loss));
        }
    }
}

static void test_table(void **unused)
{
    (void)unused;
    struct error err = {0};
    const struct kernels *set, *best = NULL;
    const char *name = NULL;
    size_t count = 0, forms = 0;
    for (; (set = kernels_row(count)); count++) {
        if (strcmp(set->name, "portable") == 0) { /* the last ones, of which one is taken */
            assert_true(set->supported() && *set->description);
            forms++;
            continue;
        }
        assert_int_equal(forms, 0);
        assert_true(kernels_name(count + 1, &name)); /* behind "auto" */
        assert_string_equal(name, set->name);
        assert_string_not_equal(name, "auto");
        assert_true(*set->name && *set->description);
        for (size_t j = 0; j < count; j++)
            assert_string_not_equal(set->name, kernels_row(j)->name);
        if (set->supported()) {
            best = best ? best : set;
            assert_ptr_equal(kernels_find(set->name, &err), set);
        } else {
            assert_null(kernels_find(set->name, &err));
            assert_int_equal(err.code, ERROR_USAGE);
        }
    }
    assert_int_equal(forms, 2);
    assert_null(kernels_row(count));
    assert_null(kernels_row(SIZE_MAX));
    assert_true(kernels_name(count - 1, &name));
    assert_string_equal(name, "portable");
    assert_false(kernels_name(count, &name));
    assert_ptr_equal(kernels_find("portable", &err), kernels_find("portable", &err));
    set = kernels_find("portable", &err);
    assert_true(set == kernels_row(count - 1) || set == kernels_row(count - 2));
    if (best)
        assert_false(kernels_lack_fma(best));
    best = best ? best : set;
    assert_true(kernels_name(0, &name));
    assert_string_equal(name, "auto");
    assert_ptr_equal(kernels_find(NULL, &err), best);
    assert_ptr_equal(kernels_find("auto", &err), best);
    static const char *const unknown[] = {"", "avx", "PORTABLE", "portable "};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        err.code = 0;
        assert_null(kernels_find(unknown[i], &err));
        assert_int_equal(err.code, ERROR_USAGE);
        assert_non_null(strstr(err.message, "portable")); /* the known ones are named */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_matmul),
        cmocka_unit_test(test_matmul_blocks),
        cmocka_unit_test(test_matmul_borders),
        cmocka_unit_test(test_matmul_dot),
        cmocka_unit_test(test_matmul_skip),
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_column_sums),
        cmocka_unit_test(test_column_sums_tall),
        cmocka_unit_test(test_relu),
        cmocka_unit_test(test_batchnorm),
        cmocka_unit_test(test_softmax),
        cmocka_unit_test(test_softmax_by_hand),
        cmocka_unit_test(test_exp_log_error),
        cmocka_unit_test(test_exp_log),
        cmocka_unit_test(test_cross_entropy),
        cmocka_unit_test(test_update),
        cmocka_unit_test(test_update_padding),
        cmocka_unit_test(test_scale_pixels),
        cmocka_unit_test(test_all_pixels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
