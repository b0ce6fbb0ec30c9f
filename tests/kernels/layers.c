/* What stands between the products of a net: column sums, ReLU, batch normalisation. */
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

/* Against the formulas in double, row by row. */
static void layernorm_case(struct scene *scene)
{
    const size_t rows = test_between(&scene->state, 1, 9), n = test_between(&scene->state, 2, 200),
                 stride = real_padded(n), count = rows * stride;
    const double error = 8 * U * (double)(n + 8), share = 1 / (double)n;
    const float *x = input(scene, rows, n, -2, 2), *gamma = input(scene, 1, n, 0.5, 2),
                *beta = input(scene, 1, n, -1, 1);
    float *dy = input(scene, rows, n, -1, 1), *y = output(scene, count), *dx = output(scene, count);
    float *mean = output(scene, rows), *rstd = output(scene, rows);
    float *dgamma = output(scene, stride), *dbeta = output(scene, stride);
    scene->kernels->layernorm(y, x, gamma, beta, mean, rstd, 1e-5, rows, n, stride);
    scene->kernels->layernorm_backward(dx, dgamma, dbeta, dy, x, gamma, mean, rstd, rows, n, stride);
    for (size_t b = 0; b < rows && scene->kind == ORDINARY; b++) {
        const float *row = x + b * stride, *d = dy + b * stride;
        double sum = 0, squares = 0, plain = 0, moved = 0;
        for (size_t f = 0; f < n; f++)
            sum += (double)row[f];
        const double m = sum * share;
        for (size_t f = 0; f < n; f++)
            squares += ((double)row[f] - m) * ((double)row[f] - m);
        const double r = 1 / sqrt(squares * share + 1e-5);
        expect_near(mean[b], m, error, "layernorm's mean");
        expect_near(rstd[b], r, error * r * r, "layernorm's rstd");
        for (size_t f = 0; f < n; f++) {
            plain += (double)d[f] * (double)gamma[f] * share;
            moved += (double)d[f] * (double)gamma[f] * ((double)row[f] - m) * r * share;
        }
        for (size_t f = 0; f < n; f++) {
            const double xhat = ((double)row[f] - m) * r, g = (double)gamma[f];
            expect_near(y[b * stride + f], xhat * g + (double)beta[f], error * (r * r + 1) * 4, "layernorm");
            expect_near(dx[b * stride + f], r * ((double)d[f] * g - plain - xhat * moved), error * (r * r * r + 1) * 8,
                        "layernorm's dx");
        }
    }
    for (size_t f = 0; f < n && scene->kind == ORDINARY; f++) {
        double sum = 0, product = 0, size = 0;
        for (size_t b = 0; b < rows; b++) {
            const double d = (double)dy[b * stride + f];
            sum += d;
            product += d * ((double)x[b * stride + f] - (double)mean[b]) * (double)rstd[b];
            size += fabs(d) * (4 * (double)rstd[b] + 1);
        }
        expect_near(dbeta[f], sum, error * size, "layernorm's dbeta");
        expect_near(dgamma[f], product, error * size, "layernorm's dgamma");
    }
    expect_padding(y, rows, n, "layernorm");
    expect_padding(dx, rows, n, "layernorm's dx");
    if (scene->kind == ORDINARY) {
        expect_padding(dgamma, 1, n, "layernorm's dgamma");
        expect_padding(dbeta, 1, n, "layernorm's dbeta");
    }
    float *dgamma2 = output(scene, stride), *dbeta2 = output(scene, stride);
    scene->kernels->layernorm_backward(dy, dgamma2, dbeta2, dy, x, gamma, mean, rstd, rows, n, stride);
    expect_same(dy, dx, count, "layernorm_backward in place");
    keep(scene, y, count);
    keep(scene, dx, count);
    keep(scene, mean, rows);
    keep(scene, rstd, rows);
    keep(scene, dgamma, stride);
    keep(scene, dbeta, stride);
}

static const struct member_test members[] = {
    {MEMBER(column_sums), column_sums_case},
    {MEMBER(relu), relu_case},
    {MEMBER(relu_backward), relu_case},
    {MEMBER(sigmoid), sigmoid_case},
    {MEMBER(sigmoid_backward), sigmoid_case},
    {MEMBER(tanh), tanh_case},
    {MEMBER(tanh_backward), tanh_case},
    {MEMBER(layernorm), layernorm_case},
    {MEMBER(layernorm_backward), layernorm_case},
    {MEMBER(batchnorm), batchnorm_case},
    {MEMBER(batchnorm_eval), batchnorm_case},
    {MEMBER(batchnorm_backward), batchnorm_case},
    {0},
};
static const struct CMUnitTest others[] = {
    cmocka_unit_test(test_column_sums_tall),
    {0},
};
const struct kernel_tests layer_tests = {members, others};
