/*
 * The first layer on pixels as bytes: a batch's gathering, and the two kernels of every set that skip the zeros against
 * the dense path of "portable", byte for byte.
 *
 * All arrays end at an inaccessible page, images after the bytes that may be read behind them; outputs start as
 * garbage.
 */
#include "support.h"

#include "dlexp/base/error.h"
#include "dlexp/base/memory.h"
#include "dlexp/kernels/kernels.h"
#include "dlexp/net/pixels.h"

static const double densities[] = {0, 0.05, 0.19, 0.5, 1};
enum { DENSITIES = sizeof densities / sizeof *densities, ARRAYS_MAX = 32, STEPS = 3 };

/* -- arrays of a case -- */

struct scene {
    uint64_t state;
    struct guarded arrays[ARRAYS_MAX];
    size_t used;
};

static void *place(struct scene *scene, size_t count, size_t size)
{
    assert_true(scene->used < ARRAYS_MAX);
    void *data = guarded_new(&scene->arrays[scene->used++], count * size);
    memset(data, 0xff, count * size); /* nan */
    return data;
}

/* rows x columns of numbers, some of them zeros of either sign, and zeros in the padding. */
static float *numbers(struct scene *scene, size_t rows, size_t columns, double low, double high)
{
    const size_t stride = real_padded(columns);
    float *x = place(scene, rows * stride, sizeof *x);
    for (size_t i = 0; i < rows * stride; i++) {
        const size_t kind = test_between(&scene->state, 0, 9);
        x[i] = i % stride >= columns || kind == 0 ? 0
               : kind == 1                        ? -0.0f
                                                  : (float)test_uniform(&scene->state, low, high);
    }
    return x;
}

static void release(struct scene *scene)
{
    while (scene->used > 0)
        guarded_free(&scene->arrays[--scene->used]);
}

static uint8_t *draw_images(struct scene *scene, size_t count, size_t pixels, double density)
{
    uint8_t *images = place(scene, count * pixels + PIXELS_SLACK, 1); /* garbage in what is read and not used */
    for (size_t i = 0; i < count * pixels; i++)
        images[i] = test_uniform(&scene->state, 0, 1) < density ? (uint8_t)test_between(&scene->state, 1, 255) : 0;
    return images;
}

/* -- gathering -- */

static void expect_batch(const struct pixel_batch *batch, const uint8_t *images, const uint32_t *chosen, size_t rows,
                         bool transposed)
{
    assert_int_equal(batch->rows, rows);
    assert_true(batch->stride >= rows);
    for (size_t b = 0; b < rows; b++) {
        assert_ptr_equal(batch->row[b], images + chosen[b] * batch->columns);
        for (size_t k = 0; transposed && k < batch->columns; k++)
            assert_int_equal(batch->transposed[k * batch->stride + b], batch->row[b][k]);
    }
}

static void test_gather(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 80; seed++) {
        struct scene scene = {.state = seed};
        const size_t count = test_between(&scene.state, 1, 40), pixels = test_between(&scene.state, 1, 130);
        const size_t capacity = test_between(&scene.state, 1, 150); /* may be more than there are images: they repeat */
        const uint8_t *images = draw_images(&scene, count, pixels, densities[seed % DENSITIES]);
        struct pixel_batch batch;
        struct memory memory = {0};
        struct error err;
        const struct kernels *set;
        pixel_batch_layout(&batch, capacity, pixels, &memory);
        const size_t measured = memory.used;
        assert_int_equal(memory_allocate(&memory, "a batch", &err), 0);
        pixel_batch_layout(&batch, capacity, pixels, &memory);
        assert_int_equal(memory.used, measured);
        assert_int_equal(batch.columns, pixels);
        for (int byte = 0; byte < 256; byte++)
            assert_true(batch.value[byte] == (float)byte / 255.0f);

        for (int round = 0; round < 4; round++) { /* what the batch before left does not matter */
            const bool transposed = round != 2;
            const size_t rows = round == 0 ? capacity : test_between(&scene.state, 1, capacity);
            const size_t next_rows = round == 3 ? 0 : test_between(&scene.state, 0, capacity);
            uint32_t *chosen = place(&scene, rows, sizeof *chosen), *next = place(&scene, next_rows, sizeof *next);
            for (size_t b = 0; b < rows; b++)
                chosen[b] = (uint32_t)test_between(&scene.state, 0, count - 1);
            for (size_t b = 0; b < next_rows; b++)
                next[b] = (uint32_t)test_between(&scene.state, 0, count - 1);
            for (size_t k = 0; (set = kernels_row(k)); k++) {
                if (!set->supported())
                    continue;
                pixel_batch_gather(&batch, set, images, chosen, rows, next, next_rows, transposed);
                expect_batch(&batch, images, chosen, rows, transposed);
            }
            assert_int_equal(batch.next_rows, next_rows);
            for (size_t b = 0; b < next_rows; b++)
                assert_ptr_equal(batch.next[b], images + next[b] * pixels);
        }
        memory_free(&memory);
        release(&scene);
    }
}

/* -- the kernels -- */

/* All images as one batch, after another one that it must not remember; in memory that ends where the batch does. */
static void make_batch(struct pixel_batch *batch, const struct kernels *kernels, struct scene *scene,
                       const uint8_t *images, size_t rows, size_t columns)
{
    const size_t capacity = rows + test_between(&scene->state, 0, 2);
    uint32_t *order = place(scene, rows, sizeof *order);
    struct memory memory = {0};
    pixel_batch_layout(batch, capacity, columns, &memory);
    const size_t size = memory.used;
    memory = (struct memory){.base = place(scene, size, 1)};
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

/* Products and several steps of every rule, every set's path that skips zeros against portable's dense one. */
static void compare_paths(uint64_t seed, size_t rows, size_t columns, size_t n, double density)
{
    struct scene scene = {.state = seed};
    struct error err;
    const struct kernels *portable = kernels_find("portable", &err), *set;
    const struct hyperparameters hyper = hyperparameters_initial();
    const size_t stride = real_padded(n), x_stride = real_padded(columns), count = columns * stride;
    const uint8_t *images = draw_images(&scene, rows, columns, density);
    const float *initial = numbers(&scene, columns, n, -1, 1), *from = numbers(&scene, 1, n, -1, 1);
    struct pixel_batch batch;
    make_batch(&batch, portable, &scene, images, rows, columns);
    float *x = numbers(&scene, rows, columns, 0, 0);
    float *z = place(&scene, rows * stride, sizeof *z), *expected_z = place(&scene, rows * stride, sizeof *z);
    float *w = place(&scene, count, sizeof *w), *expected_w = place(&scene, count, sizeof *w);
    float *gradient = place(&scene, count, sizeof *w), *workspace = place(&scene, KERNELS_WORKSPACE, sizeof *workspace);
    float *state[OPTIMIZER_STATES_MAX], *expected_state[OPTIMIZER_STATES_MAX];
    const float *dz[STEPS];
    char what[128];
    for (size_t i = 0; i < OPTIMIZER_STATES_MAX; i++) {
        state[i] = place(&scene, count, sizeof *w);
        expected_state[i] = place(&scene, count, sizeof *w);
    }
    for (size_t t = 0; t < STEPS; t++)
        dz[t] = numbers(&scene, rows, n, -2, 2);
    for (size_t b = 0; b < rows; b++)
        portable->scale_pixels(x + b * x_stride, images + b * columns, columns);

    portable->matmul(expected_z, from, (struct matrix){x, x_stride, 1}, (struct matrix){initial, stride, 1}, rows,
                     columns, n, stride, workspace);
    for (size_t k = 0; (set = kernels_row(k)); k++) {
        if (!set->supported())
            continue;
        memset(z, 0xff, rows * stride * sizeof *z);
        set->pixel_matmul(z, from, &batch, initial, stride);
        snprintf(what, sizeof what, "%s: pixel_matmul of (%zu,%zu) by %zu, density %g", set->name, rows, columns, n,
                 density);
        expect_bytes(z, expected_z, rows * stride, stride, what);
    }

    const struct optimizer *row;
    for (size_t o = 0; (row = optimizer_row(o)); o++) {
        double c[STEPS][OPTIMIZER_CONSTANTS_MAX] = {{0}};
        memcpy(expected_w, initial, count * sizeof *w);
        for (size_t i = 0; i < row->states; i++)
            memset(expected_state[i], 0, count * sizeof *w);
        for (size_t t = 0; t < STEPS; t++) {
            row->constants(c[t], 0.1, &hyper, t + 1);
            portable->matmul(gradient, NULL, (struct matrix){x, 1, x_stride}, (struct matrix){dz[t], stride, 1},
                             columns, rows, n, stride, workspace);
            portable->update[o](expected_w, gradient, expected_state, count, c[t]);
        }
        for (size_t k = 0; (set = kernels_row(k)); k++) {
            if (!set->supported())
                continue;
            memcpy(w, initial, count * sizeof *w);
            for (size_t i = 0; i < OPTIMIZER_STATES_MAX; i++)
                memset(state[i], i < row->states ? 0 : 0xff, count * sizeof *w);
            for (size_t t = 0; t < STEPS; t++)
                set->pixel_update[o](w, state, &batch, dz[t], stride, c[t]);
            snprintf(what, sizeof what, "%s: pixel_update of %s, (%zu,%zu) by %zu, density %g", set->name, row->name,
                     rows, columns, n, density);
            expect_bytes(w, expected_w, count, stride, what);
            for (size_t i = 0; i < row->states; i++)
                expect_bytes(state[i], expected_state[i], count, stride, what);
        }
    }
    release(&scene);
}

/* Where dz is infinite or undefined, a skipped zero would not have added zero: the sets still have to agree. */
static void test_not_finite(void **unused)
{
    (void)unused;
    const float strange[] = {INFINITY, -INFINITY, NAN};
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct scene scene = {.state = seed};
        struct error err;
        const struct kernels *portable = kernels_find("portable", &err), *set;
        const struct hyperparameters hyper = hyperparameters_initial();
        const size_t rows = test_between(&scene.state, 1, seed % 3 ? 70 : 330),
                     columns = test_between(&scene.state, 1, 40), n = test_between(&scene.state, 1, 150),
                     stride = real_padded(n), count = columns * stride;
        const uint8_t *images = draw_images(&scene, rows, columns, densities[seed % DENSITIES]);
        const float *initial = numbers(&scene, columns, n, -1, 1);
        float *dz = numbers(&scene, rows, n, -2, 2);
        float *w[2], *state[2][OPTIMIZER_STATES_MAX];
        struct pixel_batch batch;
        make_batch(&batch, portable, &scene, images, rows, columns);
        for (size_t i = test_between(&scene.state, 1, 3); i > 0; i--)
            dz[test_between(&scene.state, 0, rows - 1) * stride + test_between(&scene.state, 0, n - 1)] =
                strange[test_between(&scene.state, 0, 2)];
        for (size_t side = 0; side < 2; side++) {
            w[side] = place(&scene, count, sizeof *w[side]);
            for (size_t i = 0; i < OPTIMIZER_STATES_MAX; i++)
                state[side][i] = place(&scene, count, sizeof *w[side]);
        }
        for (size_t o = 0; optimizer_row(o); o++)
            for (size_t k = 0; (set = kernels_row(k)); k++) {
                const struct kernels *const sides[] = {portable, set};
                double c[OPTIMIZER_CONSTANTS_MAX] = {0};
                if (!set->supported())
                    continue;
                optimizer_row(o)->constants(c, 0.1, &hyper, 1);
                for (size_t side = 0; side < 2; side++) {
                    memcpy(w[side], initial, count * sizeof *w[side]);
                    for (size_t i = 0; i < OPTIMIZER_STATES_MAX; i++)
                        memset(state[side][i], 0, count * sizeof *w[side]);
                    sides[side]->pixel_update[o](w[side], state[side], &batch, dz, stride, c);
                }
                for (size_t i = 0; i < count; i++)
                    if (isnan(w[0][i]) ? !isnan(w[1][i]) : memcmp(&w[0][i], &w[1][i], sizeof w[0][i]) != 0)
                        fail_msg("%s, %s, seed %d, row %zu, column %zu: %a where portable has %a", set->name,
                                 optimizer_row(o)->name, (int)seed, i / stride, i % stride, (double)w[1][i],
                                 (double)w[0][i]);
            }
        release(&scene);
    }
}

/* Every number of panels of every width, at every density. */
static void test_strides(void **unused)
{
    (void)unused;
    uint64_t state = 1;
    for (size_t stride = REAL_PAD; stride <= 25 * REAL_PAD; stride += REAL_PAD)
        for (size_t d = 0; d < DENSITIES; d++) {
            const size_t n = stride - test_between(&state, 0, REAL_PAD - 1);
            compare_paths(test_u64(&state), test_between(&state, 1, 24), test_between(&state, 1, 90), n, densities[d]);
        }
}

/* Lengths up to those of real batches, and beyond: sums over more than 320 pixels or rows come in blocks. */
static void test_shapes(void **unused)
{
    (void)unused;
    enum { WORK = 600000 };
    for (uint64_t seed = 1; seed <= 40; seed++) {
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
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gather),
        cmocka_unit_test(test_strides),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
