/* What stands between the products of a net: column sums and activations. */
#include "scene.h"

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

/* sigmoid and tanh, whose backward passes know them by their outputs. */
static void curve(struct scene *scene, const char *what, void (*forward)(real *, const real *, size_t, size_t, size_t),
                  void (*backward)(real *, const real *, const real *, size_t, size_t, size_t), double (*exact)(double),
                  double (*slope)(double y))
{
    const size_t rows = test_between(&scene->state, 0, 9), n = test_between(&scene->state, 1, 70),
                 stride = real_padded(n);
    const size_t count = rows * stride;
    float *x = input(scene, rows, n, -4, 4), *dy = input(scene, rows, n, -2, 2);
    float *y = output(scene, count), *dx = output(scene, count);
    forward(y, x, rows, n, stride);
    backward(dx, dy, y, rows, n, stride);
    for (size_t b = 0; b < rows && scene->kind == ORDINARY; b++)
        for (size_t i = b * stride; i < b * stride + n; i++) {
            const double expected = exact((double)x[i]);
            expect_near(y[i], expected, 8 * U * fabs(expected), what);
            /* 1 - y and 1 - y^2 cancel where y is near 1: y's rounding is all that is left. */
            expect_near(dx[i], (double)dy[i] * slope((double)y[i]), 8 * U * fabs((double)dy[i]), what);
        }
    expect_padding(y, rows, n, what);
    expect_padding(dx, rows, n, what);
    forward(x, x, rows, n, stride);
    backward(dy, dy, y, rows, n, stride);
    expect_same(x, y, count, what);
    expect_same(dy, dx, count, what);
    keep(scene, y, count);
    keep(scene, dx, count);
}

static double exact_sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double sigmoid_slope(double y)
{
    return y * (1 - y);
}

static double tanh_slope(double y)
{
    return 1 - y * y;
}

static void sigmoid_case(struct scene *scene)
{
    curve(scene, "sigmoid", scene->kernels->sigmoid, scene->kernels->sigmoid_backward, exact_sigmoid, sigmoid_slope);
}

static void tanh_case(struct scene *scene)
{
    curve(scene, "tanh", scene->kernels->tanh, scene->kernels->tanh_backward, tanh, tanh_slope);
}

static const struct member_test members[] = {
    {MEMBER(column_sums), column_sums_case},  {MEMBER(relu), relu_case},
    {MEMBER(relu_backward), relu_case},       {MEMBER(sigmoid), sigmoid_case},
    {MEMBER(sigmoid_backward), sigmoid_case}, {MEMBER(tanh), tanh_case},
    {MEMBER(tanh_backward), tanh_case},       {0},
};
static const struct CMUnitTest others[] = {
    cmocka_unit_test(test_column_sums_tall),
    {0},
};
const struct kernel_tests layer_tests = {members, others};
