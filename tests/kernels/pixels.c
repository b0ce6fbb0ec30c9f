/*
 * Pixels as bytes: their scaling, and the two kernels that skip the zeros against the dense path, byte for byte.
 */
#include "scene.h"

#include "dlexp/base/error.h"
#include "dlexp/base/memory.h"
#include "dlexp/net/pixels.h"

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

static const double densities[] = {0, 0.05, 0.19, 0.5, 1};
enum { DENSITIES = sizeof densities / sizeof *densities, STEPS = 3 };

/* rows x columns of numbers, some of them zeros of either sign, and zeros in the padding. */
static float *numbers(struct scene *scene, size_t rows, size_t columns, double low, double high)
{
    const size_t stride = real_padded(columns);
    float *x = place(scene, rows * stride * sizeof *x);
    for (size_t i = 0; i < rows * stride; i++) {
        const size_t kind = test_between(&scene->state, 0, 9);
        x[i] = i % stride >= columns || kind == 0 ? 0
               : kind == 1                        ? -0.0f
                                                  : (float)test_uniform(&scene->state, low, high);
    }
    return x;
}

static uint8_t *draw_images(struct scene *scene, size_t count, size_t pixels, double density)
{
    uint8_t *images = place(scene, count * pixels + PIXELS_SLACK);
    memset(images, 0xff, count * pixels + PIXELS_SLACK); /* garbage in what is read and not used */
    for (size_t i = 0; i < count * pixels; i++)
        images[i] = test_uniform(&scene->state, 0, 1) < density ? (uint8_t)test_between(&scene->state, 1, 255) : 0;
    return images;
}

/* All images as one batch, after another one that it must not remember; in memory that ends where the batch does. */
static void make_batch(struct pixel_batch *batch, const struct kernels *kernels, struct scene *scene,
                       const uint8_t *images, size_t rows, size_t columns)
{
    const size_t capacity = rows + test_between(&scene->state, 0, 2);
    uint32_t *order = place(scene, rows * sizeof *order);
    struct memory memory = {0};
    pixel_batch_layout(batch, capacity, columns, &memory);
    const size_t size = memory.used;
    memory = (struct memory){.base = place(scene, size)};
    pixel_batch_layout(batch, capacity, columns, &memory);
    for (size_t b = 0; b < rows; b++)
        order[b] = (uint32_t)test_between(&scene->state, 0, rows - 1);
    pixel_batch_gather(batch, kernels, images, order, rows, order, rows, true);
    for (uint32_t b = 0; b < rows; b++)
        order[b] = b;
    pixel_batch_gather(batch, kernels, images, order, rows, order, test_between(&scene->state, 0, rows), true);
}

static void expect_bytes(const float *got, const float *expected, size_t count, size_t stride, const char *what)
{
    if (memcmp(got, expected, count * sizeof *got) == 0)
        return;
    for (size_t i = 0; i < count; i++)
        if (memcmp(&got[i], &expected[i], sizeof *got) != 0)
            fail_msg("%s, row %zu, column %zu: the dense path gives %a, the one that skips %a", what, i / stride,
                     i % stride, (double)expected[i], (double)got[i]);
}

/* numbers() in which each row is zeros, of either sign, with the given probability: images that no unit feels. */
static float *numbers_of_some(struct scene *scene, size_t rows, size_t columns, double none)
{
    const size_t stride = real_padded(columns);
    float *x = numbers(scene, rows, columns, -2, 2);
    for (size_t i = 0; i < rows; i++)
        if (test_uniform(&scene->state, 0, 1) < none)
            for (size_t j = 0; j < columns; j++)
                x[i * stride + j] = copysignf(0, x[i * stride + j]);
    return x;
}

/* A layer (rows, columns) by (columns, n) on images, as bytes and as numbers, and the gradients of some steps. */
struct layer {
    size_t rows, columns, n, stride, x_stride, count; /* count: of w */
    struct pixel_batch batch;
    const float *x, *initial, *from, *dz[STEPS];
    float *workspace;
};

static void layer_new(struct layer *layer, struct scene *scene, const struct kernels *kernels, size_t rows,
                      size_t columns, size_t n, double density)
{
    const uint8_t *images = draw_images(scene, rows, columns, density);
    const size_t stride = real_padded(n), x_stride = real_padded(columns);
    float *x = numbers(scene, rows, columns, 0, 0);
    *layer = (struct layer){rows, columns, n, stride, x_stride, columns * stride, .x = x};
    make_batch(&layer->batch, kernels, scene, images, rows, columns);
    for (size_t b = 0; b < rows; b++)
        kernels->scale_pixels(x + b * x_stride, images + b * columns, columns);
    layer->initial = numbers(scene, columns, n, -1, 1);
    layer->from = numbers(scene, 1, n, -1, 1);
    layer->workspace = place(scene, KERNELS_WORKSPACE * sizeof *layer->workspace);
    for (size_t t = 0; t < STEPS; t++)
        layer->dz[t] = numbers_of_some(scene, rows, n, (double)t / (STEPS - 1));
}

static void dense_product(float *z, const struct layer *layer, const struct kernels *kernels)
{
    kernels->matmul(z, layer->from, (struct matrix){layer->x, layer->x_stride, 1},
                    (struct matrix){layer->initial, layer->stride, 1}, layer->rows, layer->columns, layer->n,
                    layer->stride, layer->workspace);
}

/* STEPS steps of the o-th rule from the initial weights: on the bytes, or with the gradient (scratch) computed whole.
 */
static void train(float *w, float *const *state, const struct layer *layer, const struct kernels *kernels, size_t o,
                  float *gradient)
{
    struct hyperparameters hyper = hyperparameters_initial();
    hyper.weight_decay = layer->n % 2 ? 0 : 0.01;
    memcpy(w, layer->initial, layer->count * sizeof *w);
    for (size_t i = 0; i < OPTIMIZER_STATES_MAX; i++)
        memset(state[i], i < optimizer_row(o)->states ? 0 : 0xff, layer->count * sizeof *w);
    for (size_t t = 0; t < STEPS; t++) {
        double c[OPTIMIZER_CONSTANTS_MAX] = {0};
        optimizer_row(o)->constants(c, 0.1, &hyper, t + 1);
        if (!gradient) {
            kernels->pixel_update[o](w, state, &layer->batch, layer->dz[t], layer->stride, c, layer->workspace);
            continue;
        }
        kernels->matmul(gradient, NULL, (struct matrix){layer->x, 1, layer->x_stride},
                        (struct matrix){layer->dz[t], layer->stride, 1}, layer->columns, layer->rows, layer->n,
                        layer->stride, layer->workspace);
        kernels->update[o](w, gradient, state, layer->count, c);
    }
}

/* Weights, states and (unless `gradient` is NULL) the scratch of train. */
struct weights {
    float *w, *state[OPTIMIZER_STATES_MAX], *gradient;
};

static struct weights weights_new(struct scene *scene, size_t count, bool dense)
{
    struct weights weights = {.w = output(scene, count), .gradient = dense ? output(scene, count) : NULL};
    for (size_t i = 0; i < OPTIMIZER_STATES_MAX; i++)
        weights.state[i] = output(scene, count);
    return weights;
}

/* Products and several steps of every rule, every set's path that skips zeros against portable's dense one. */
static void compare_paths(uint64_t seed, size_t rows, size_t columns, size_t n, double density)
{
    struct scene scene = {.state = seed};
    struct error err;
    const struct kernels *portable = kernels_find("portable", &err), *set;
    const struct optimizer *row;
    struct layer layer;
    char what[128];
    layer_new(&layer, &scene, portable, rows, columns, n, density);
    const size_t stride = layer.stride;
    float *z = output(&scene, rows * stride), *expected_z = output(&scene, rows * stride);
    struct weights got = weights_new(&scene, layer.count, false), expected = weights_new(&scene, layer.count, true);

    dense_product(expected_z, &layer, portable);
    for (size_t k = 0; (set = kernels_row(k)); k++) {
        if (!set->supported())
            continue;
        memset(z, 0xff, rows * stride * sizeof *z);
        set->pixel_matmul(z, layer.from, &layer.batch, layer.initial, stride);
        snprintf(what, sizeof what, "%s: pixel_matmul of (%zu,%zu) by %zu, density %g", set->name, rows, columns, n,
                 density);
        expect_bytes(z, expected_z, rows * stride, stride, what);
    }
    for (size_t o = 0; (row = optimizer_row(o)); o++) {
        train(expected.w, expected.state, &layer, portable, o, expected.gradient);
        for (size_t k = 0; (set = kernels_row(k)); k++) {
            if (!set->supported())
                continue;
            train(got.w, got.state, &layer, set, o, NULL);
            snprintf(what, sizeof what, "%s: pixel_update of %s, (%zu,%zu) by %zu, density %g", set->name, row->name,
                     rows, columns, n, density);
            expect_bytes(got.w, expected.w, layer.count, stride, what);
            for (size_t i = 0; i < row->states; i++)
                expect_bytes(got.state[i], expected.state[i], layer.count, stride, what);
        }
    }
    release(&scene);
}

static void pixel_matmul_case(struct scene *scene)
{
    const size_t rows = test_between(&scene->state, 1, 40), columns = test_between(&scene->state, 1, 90),
                 n = test_between(&scene->state, 1, 150);
    struct layer layer;
    layer_new(&layer, scene, scene->kernels, rows, columns, n, densities[test_between(&scene->state, 0, 4)]);
    float *z = output(scene, rows * layer.stride), *expected = output(scene, rows * layer.stride);
    dense_product(expected, &layer, scene->kernels);
    scene->kernels->pixel_matmul(z, layer.from, &layer.batch, layer.initial, layer.stride);
    expect_bytes(z, expected, rows * layer.stride, layer.stride, "pixel_matmul");
    keep(scene, z, rows * layer.stride);
}

/* Where dz is infinite or undefined, a skipped zero would not have added zero: only the sets have to agree. */
static void pixel_update_case(struct scene *scene)
{
    static const float strange[] = {INFINITY, -INFINITY, NAN};
    const size_t rows = test_between(&scene->state, 1, test_between(&scene->state, 0, 2) ? 70 : 330),
                 columns = test_between(&scene->state, 1, 40), n = test_between(&scene->state, 1, 150);
    struct layer layer;
    layer_new(&layer, scene, scene->kernels, rows, columns, n, densities[test_between(&scene->state, 0, 4)]);
    struct weights got = weights_new(scene, layer.count, false), expected = weights_new(scene, layer.count, true);
    float *dz = output(scene, rows * layer.stride);
    memcpy(dz, layer.dz[0], rows * layer.stride * sizeof *dz);
    layer.dz[0] = dz;
    for (size_t i = test_between(&scene->state, 1, 3); i > 0 && scene->kind == SPECIAL; i--)
        dz[test_between(&scene->state, 0, rows - 1) * layer.stride + test_between(&scene->state, 0, n - 1)] =
            strange[test_between(&scene->state, 0, 2)];
    for (size_t o = 0; optimizer_row(o); o++) {
        const char *const name = optimizer_row(o)->name;
        train(got.w, got.state, &layer, scene->kernels, o, NULL);
        if (scene->kind == ORDINARY) {
            train(expected.w, expected.state, &layer, scene->kernels, o, expected.gradient);
            expect_bytes(got.w, expected.w, layer.count, layer.stride, name);
        }
        keep(scene, got.w, layer.count);
        for (size_t i = 0; i < optimizer_row(o)->states; i++) {
            if (scene->kind == ORDINARY)
                expect_bytes(got.state[i], expected.state[i], layer.count, layer.stride, name);
            keep(scene, got.state[i], layer.count);
        }
    }
}

/* Every number of panels of every width, at every density. */
static void test_strides(void **unused)
{
    (void)unused;
    uint64_t state = 1;
    for (size_t stride = REAL_PAD; stride <= 25 * REAL_PAD; stride += REAL_PAD)
        for (size_t d = 0; d < DENSITIES; d += TEST_SANITIZED ? 2 : 1) {
            const size_t n = stride - test_between(&state, 0, REAL_PAD - 1);
            compare_paths(test_u64(&state), test_between(&state, 1, 24), test_between(&state, 1, 90), n, densities[d]);
        }
}

/* Lengths up to those of real batches, and beyond: sums over more than 320 pixels or rows come in blocks. */
static void test_shapes(void **unused)
{
    (void)unused;
    enum { WORK = 600000 };
    for (uint64_t seed = 1; seed <= (TEST_SANITIZED ? 8 : test_is_long() ? 40 : 16); seed++) {
        uint64_t state = seed;
        size_t rows = test_between(&state, 1, 130), columns = test_between(&state, 1, 1000),
               n = test_between(&state, 1, 400);
        while (rows * columns * n > WORK) {
            size_t *const lengths[] = {&rows, &columns, &n};
            size_t *shorter = lengths[test_between(&state, 0, 2)];
            *shorter = (*shorter + 1) / 2;
        }
        compare_paths(test_u64(&state), rows, columns, n, densities[seed % DENSITIES]);
    }
    if (TEST_SANITIZED)
        return; /* minutes */
    compare_paths(41, 1, 1, 1, 1);
    compare_paths(42, 60, 784, 128, 0.19);
    compare_paths(43, 130, 1000, 17, 0.19);
    compare_paths(44, 130, 130, 400, 0.5);
    static const size_t lengths[] = {319, 320, 321, 322, 639, 640, 641, 1000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        compare_paths(50 + i, 9, lengths[i], 33, 0.5);
        compare_paths(60 + i, lengths[i], 9, 33, 0.5);
        compare_paths(70 + i, lengths[i], 20, 130, 0.19);
        compare_paths(80 + i, 20, lengths[i], 130, 0.05); /* some blocks are all zeros */
    }
    compare_paths(90, 500, 700, 16, 0.19);
    /* Several words of images for each of several chunks of masks; words of two blocks. */
    compare_paths(91, 320, 61, 17, 0.19);
    compare_paths(92, 257, 49, 130, 0.5);
    compare_paths(93, 193, 85, 33, 0.19);
    compare_paths(94, 65, 131, 40, 0.19);
    compare_paths(95, 448, 9, 33, 0.5);
    compare_paths(96, 330, 4099, 3, 0.05); /* several regions of rows, and a row that is in no group */
}

static const struct member_test members[] = {
    {MEMBER(scale_pixels), scale_pixels_case},
    {MEMBER(pixel_matmul), pixel_matmul_case},
    {MEMBER(pixel_update), pixel_update_case},
    {0},
};
static const struct CMUnitTest others[] = {
    cmocka_unit_test(test_all_pixels),
    cmocka_unit_test(test_strides),
    cmocka_unit_test(test_shapes),
    {0},
};
const struct kernel_tests pixel_tests = {members, others};
