/* Batch and layer normalisation. */
#include "scene.h"

/* What the kernels of a norm read and write. */
struct norm {
    size_t rows, n, stride, count;
    const float *x, *gamma, *beta;
    float *dy, *y, *mean, *rstd, *dx, *dgamma, *dbeta;
    float *running_mean, *running_var, *old, *eval; /* batchnorm's alone; old: both running ones as they were */
};

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

#define MOMENTUM 0.1
#define EPS 1e-5

static void batchnorm_run(struct norm *norm, struct scene *scene)
{
    const struct kernels *kernels = scene->kernels;
    const size_t rows = test_between(&scene->state, 2, 70), n = test_between(&scene->state, 1, 50),
                 stride = real_padded(n);
    const double shift = test_uniform(&scene->state, -3, 3);
    *norm = (struct norm){.rows = rows, .n = n, .stride = stride, .count = rows * stride};
    norm->x = input(scene, rows, n, shift - 2, shift + 2);
    norm->gamma = input(scene, 1, n, 0.5, 1.5);
    norm->beta = input(scene, 1, n, -1, 1);
    norm->dy = input(scene, rows, n, -2, 2);
    norm->running_mean = input(scene, 1, n, -2, 2);
    norm->running_var = input(scene, 1, n, 0.5, 2);
    float **const outputs[] = {&norm->y, &norm->eval, &norm->dx, &norm->mean, &norm->rstd, &norm->dgamma, &norm->dbeta};
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
        *outputs[i] = output(scene, i < 3 ? norm->count : stride);
    norm->old = output(scene, 2 * stride);
    memcpy(norm->old, norm->running_mean, stride * sizeof *norm->old);
    memcpy(norm->old + stride, norm->running_var, stride * sizeof *norm->old);

    kernels->batchnorm_eval(norm->eval, norm->x, norm->gamma, norm->beta, norm->running_mean, norm->running_var, EPS,
                            false, rows, stride);
    kernels->batchnorm(norm->y, norm->x, norm->gamma, norm->beta, norm->mean, norm->rstd, norm->running_mean,
                       norm->running_var, MOMENTUM, EPS, false, rows, stride);
    kernels->batchnorm_backward(norm->dx, norm->dgamma, norm->dbeta, norm->dy, norm->x, norm->gamma, norm->mean,
                                norm->rstd, rows, stride);
}

/* Bit for bit. */
static void batchnorm_as_plain(const struct norm *norm)
{
    for (size_t f = 0; f < norm->stride; f++) {
        struct feature plain;
        feature_new(&plain, norm->x + f, norm->dy + f, norm->rows, norm->stride, norm->gamma[f], norm->beta[f],
                    norm->old[f], norm->old[norm->stride + f]);
        expect_same(&norm->mean[f], &plain.mean, 1, "batchnorm's mean");
        expect_same(&norm->rstd[f], &plain.rstd, 1, "batchnorm's rstd");
        expect_same(&norm->running_mean[f], &plain.running_mean, 1, "the running mean");
        expect_same(&norm->running_var[f], &plain.running_var, 1, "the running variance");
        expect_same(&norm->dgamma[f], &plain.dgamma, 1, "dgamma");
        expect_same(&norm->dbeta[f], &plain.dbeta, 1, "dbeta");
        for (size_t b = 0; b < norm->rows; b++) {
            expect_same(&norm->y[b * norm->stride + f], &plain.y[b], 1, "batchnorm");
            expect_same(&norm->eval[b * norm->stride + f], &plain.eval[b], 1, "batchnorm_eval");
            expect_same(&norm->dx[b * norm->stride + f], &plain.dx[b], 1, "batchnorm's dx");
        }
        free(plain.y);
    }
}

/* Feature f within what the roundings of its sums over the batch can do. */
static void batchnorm_near_exact(const struct norm *norm, size_t f)
{
    const double share = 1.0 / (double)norm->rows, error = U * (double)(norm->rows + 8);
    const double m = (double)norm->mean[f], r = (double)norm->rstd[f], g = (double)norm->gamma[f],
                 shifted = (double)norm->beta[f];
    const double old_mean = (double)norm->old[f], old_var = (double)norm->old[norm->stride + f];
    double sum = 0, size = 0, squares = 0, sum_dy = 0, size_dy = 0, product = 0, size_product = 0;
    for (size_t b = 0; b < norm->rows; b++) {
        const double value = (double)norm->x[b * norm->stride + f], d = (double)norm->dy[b * norm->stride + f];
        sum += value;
        size += fabs(value);
        squares += (value - m) * (value - m);
        sum_dy += d;
        size_dy += fabs(d);
        product += d * (value - m) * r;
        size_product += fabs(d * (value - m) * r);
    }
    expect_near(norm->mean[f], sum * share, error * size * share, "batchnorm's mean");
    expect_near(norm->rstd[f], 1 / sqrt(squares * share + 1e-5), error * r, "batchnorm's rstd");
    const double unbiased = squares / (double)(norm->rows - 1);
    expect_near(norm->running_mean[f], 0.9 * old_mean + 0.1 * m, error * (fabs(old_mean) + fabs(m)),
                "the running mean");
    expect_near(norm->running_var[f], 0.9 * old_var + 0.1 * unbiased, error * (old_var + unbiased),
                "the running variance");
    expect_near(norm->dbeta[f], sum_dy, error * size_dy, "dbeta");
    expect_near(norm->dgamma[f], product, error * size_product, "dgamma");
    for (size_t b = 0; b < norm->rows; b++) {
        const double value = (double)norm->x[b * norm->stride + f], d = (double)norm->dy[b * norm->stride + f],
                     xhat = (value - m) * r;
        /* x scale + (beta - mean scale): the terms, not their difference, are what is rounded. */
        expect_near(norm->y[b * norm->stride + f], g * xhat + shifted,
                    8 * U * (g * r * (fabs(value) + fabs(m)) + fabs(shifted)), "batchnorm");
        const double fixed = g / sqrt(old_var + 1e-5);
        expect_near(norm->eval[b * norm->stride + f], fixed * (value - old_mean) + shifted,
                    8 * U * (fixed * (fabs(value) + fabs(old_mean)) + fabs(shifted)), "batchnorm_eval");
        expect_near(norm->dx[b * norm->stride + f], g * r * (d - sum_dy * share - xhat * product * share),
                    g * r * 2 * error * (fabs(d) + size_dy * share + fabs(xhat) * size_product * share),
                    "batchnorm's dx");
    }
}

static void batchnorm_in_place(const struct norm *norm, struct scene *scene)
{
    float *in_place = output(scene, norm->count), *dgamma = output(scene, norm->stride),
          *dbeta = output(scene, norm->stride);
    memcpy(in_place, norm->dy, norm->count * sizeof *in_place);
    scene->kernels->batchnorm_backward(in_place, dgamma, dbeta, in_place, norm->x, norm->gamma, norm->mean, norm->rstd,
                                       norm->rows, norm->stride);
    expect_same(in_place, norm->dx, norm->count, "batchnorm_backward in place");
    expect_same(dgamma, norm->dgamma, norm->stride, "batchnorm_backward in place");
    expect_same(dbeta, norm->dbeta, norm->stride, "batchnorm_backward in place");
}

/* With the ReLU that follows: what relu makes of it. */
static void batchnorm_rectified(const struct norm *norm, struct scene *scene)
{
    const struct kernels *kernels = scene->kernels;
    float *rectified = output(scene, norm->count), *rectified_eval = output(scene, norm->count),
          *after = output(scene, norm->count);
    kernels->batchnorm_eval(rectified_eval, norm->x, norm->gamma, norm->beta, norm->old, norm->old + norm->stride, EPS,
                            true, norm->rows, norm->stride);
    kernels->relu(after, norm->eval, norm->rows, norm->stride);
    expect_same(rectified_eval, after, norm->count, "batchnorm_eval with ReLU");
    kernels->batchnorm(rectified, norm->x, norm->gamma, norm->beta, norm->mean, norm->rstd, norm->running_mean,
                       norm->running_var, MOMENTUM, EPS, true, norm->rows, norm->stride);
    kernels->relu(after, norm->y, norm->rows, norm->stride);
    expect_same(rectified, after, norm->count, "batchnorm with ReLU");
}

static void batchnorm_case(struct scene *scene)
{
    struct norm norm;
    batchnorm_run(&norm, scene);
    batchnorm_as_plain(&norm);
    for (size_t f = 0; f < norm.n && scene->kind == ORDINARY; f++)
        batchnorm_near_exact(&norm, f);
    if (scene->kind == ORDINARY) {
        expect_padding(norm.y, norm.rows, norm.n, "batchnorm");
        expect_padding(norm.eval, norm.rows, norm.n, "batchnorm_eval");
        expect_padding(norm.dx, norm.rows, norm.n, "batchnorm's dx");
        expect_padding(norm.mean, 1, norm.n, "batchnorm's mean");
        expect_padding(norm.running_mean, 1, norm.n, "the running mean");
        expect_padding(norm.running_var, 1, norm.n, "the running variance");
        expect_padding(norm.dgamma, 1, norm.n, "dgamma");
        expect_padding(norm.dbeta, 1, norm.n, "dbeta");
    }
    batchnorm_in_place(&norm, scene);
    batchnorm_rectified(&norm, scene);
    float *const outputs[] = {norm.y,           norm.eval,   norm.dx,   norm.mean, norm.rstd, norm.running_mean,
                              norm.running_var, norm.dgamma, norm.dbeta};
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
        keep(scene, outputs[i], i < 3 ? norm.count : norm.stride);
}

/* Row b against the formulas in double. */
static void layernorm_near_row(const struct norm *norm, size_t b)
{
    const double error = 8 * U * (double)(norm->n + 8), share = 1 / (double)norm->n;
    const float *row = norm->x + b * norm->stride, *d = norm->dy + b * norm->stride;
    double sum = 0, squares = 0, plain = 0, moved = 0;
    for (size_t f = 0; f < norm->n; f++)
        sum += (double)row[f];
    const double m = sum * share;
    for (size_t f = 0; f < norm->n; f++)
        squares += ((double)row[f] - m) * ((double)row[f] - m);
    const double r = 1 / sqrt(squares * share + 1e-5);
    expect_near(norm->mean[b], m, error, "layernorm's mean");
    expect_near(norm->rstd[b], r, error * r * r, "layernorm's rstd");
    for (size_t f = 0; f < norm->n; f++) {
        plain += (double)d[f] * (double)norm->gamma[f] * share;
        moved += (double)d[f] * (double)norm->gamma[f] * ((double)row[f] - m) * r * share;
    }
    for (size_t f = 0; f < norm->n; f++) {
        const double xhat = ((double)row[f] - m) * r, g = (double)norm->gamma[f];
        expect_near(norm->y[b * norm->stride + f], xhat * g + (double)norm->beta[f], error * (r * r + 1) * 4,
                    "layernorm");
        expect_near(norm->dx[b * norm->stride + f], r * ((double)d[f] * g - plain - xhat * moved),
                    error * (r * r * r + 1) * 8, "layernorm's dx");
    }
}

/* What feature f's parameters get from all rows. */
static void layernorm_near_sums(const struct norm *norm, size_t f)
{
    const double error = 8 * U * (double)(norm->n + 8);
    double sum = 0, product = 0, size = 0;
    for (size_t b = 0; b < norm->rows; b++) {
        const double d = (double)norm->dy[b * norm->stride + f];
        sum += d;
        product += d * ((double)norm->x[b * norm->stride + f] - (double)norm->mean[b]) * (double)norm->rstd[b];
        size += fabs(d) * (4 * (double)norm->rstd[b] + 1);
    }
    expect_near(norm->dbeta[f], sum, error * size, "layernorm's dbeta");
    expect_near(norm->dgamma[f], product, error * size, "layernorm's dgamma");
}

static void layernorm_case(struct scene *scene)
{
    const size_t rows = test_between(&scene->state, 1, 9), n = test_between(&scene->state, 2, 200),
                 stride = real_padded(n), count = rows * stride;
    struct norm norm = {.rows = rows, .n = n, .stride = stride, .count = count};
    norm.x = input(scene, rows, n, -2, 2);
    norm.gamma = input(scene, 1, n, 0.5, 2);
    norm.beta = input(scene, 1, n, -1, 1);
    norm.dy = input(scene, rows, n, -1, 1);
    norm.y = output(scene, count);
    norm.dx = output(scene, count);
    norm.mean = output(scene, rows);
    norm.rstd = output(scene, rows);
    norm.dgamma = output(scene, stride);
    norm.dbeta = output(scene, stride);
    scene->kernels->layernorm(norm.y, norm.x, norm.gamma, norm.beta, norm.mean, norm.rstd, EPS, rows, n, stride);
    scene->kernels->layernorm_backward(norm.dx, norm.dgamma, norm.dbeta, norm.dy, norm.x, norm.gamma, norm.mean,
                                       norm.rstd, rows, n, stride);
    for (size_t b = 0; b < rows && scene->kind == ORDINARY; b++)
        layernorm_near_row(&norm, b);
    for (size_t f = 0; f < n && scene->kind == ORDINARY; f++)
        layernorm_near_sums(&norm, f);
    expect_padding(norm.y, rows, n, "layernorm");
    expect_padding(norm.dx, rows, n, "layernorm's dx");
    if (scene->kind == ORDINARY) {
        expect_padding(norm.dgamma, 1, n, "layernorm's dgamma");
        expect_padding(norm.dbeta, 1, n, "layernorm's dbeta");
    }
    float *dgamma2 = output(scene, stride), *dbeta2 = output(scene, stride);
    scene->kernels->layernorm_backward(norm.dy, dgamma2, dbeta2, norm.dy, norm.x, norm.gamma, norm.mean, norm.rstd,
                                       rows, n, stride);
    expect_same(norm.dy, norm.dx, count, "layernorm_backward in place");
    keep(scene, norm.y, count);
    keep(scene, norm.dx, count);
    keep(scene, norm.mean, rows);
    keep(scene, norm.rstd, rows);
    keep(scene, norm.dgamma, stride);
    keep(scene, norm.dbeta, stride);
}

static const struct member_test members[] = {
    {MEMBER(layernorm), layernorm_case},          {MEMBER(layernorm_backward), layernorm_case},
    {MEMBER(batchnorm), batchnorm_case},          {MEMBER(batchnorm_eval), batchnorm_case},
    {MEMBER(batchnorm_backward), batchnorm_case}, {0},
};
static const struct CMUnitTest others[] = {{0}};
const struct kernel_tests norm_tests = {members, others};
