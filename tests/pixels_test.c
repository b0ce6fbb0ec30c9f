/*
 * The first layer's pixels as bytes: a batch's gathering.  Its kernels are tested in tests/kernels/pixels.c.
 *
 * All arrays end at an inaccessible page, images after the bytes that may be read behind them.
 */
#include "support.h"

#include "dlexp/base/error.h"
#include "dlexp/base/memory.h"
#include "dlexp/kernels/kernels.h"
#include "dlexp/net/pixels.h"

static const double densities[] = {0, 0.05, 0.19, 0.5, 1};
enum { DENSITIES = sizeof densities / sizeof *densities, ARRAYS_MAX = 32 };

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

/* Of image b, in its block of the batch's images (kernels_depth). */
static uint8_t transposed_byte(const struct pixel_batch *batch, size_t rows, size_t b, size_t column)
{
    const uint8_t *at = batch->transposed;
    for (; b >= kernels_depth(rows); at += batch->block) {
        const size_t count = kernels_depth(rows);
        b -= count;
        rows -= count;
    }
    return at[column * batch->stride + b];
}

static void expect_batch(const struct pixel_batch *batch, const uint8_t *images, const uint32_t *chosen, size_t rows,
                         bool transposed)
{
    assert_int_equal(batch->rows, rows);
    assert_true(batch->stride >= kernels_depth(rows));
    for (size_t b = 0; b < rows; b++) {
        assert_ptr_equal(batch->row[b], images + chosen[b] * batch->columns);
        for (size_t k = 0; transposed && k < batch->columns; k++)
            assert_int_equal(transposed_byte(batch, rows, b, k), batch->row[b][k]);
    }
}

static void test_gather(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 80; seed++) {
        struct scene scene = {.state = seed};
        const size_t count = test_between(&scene.state, 1, 40), pixels = test_between(&scene.state, 1, 130);
        const size_t capacity =
            test_between(&scene.state, 1, seed % 8 ? 150 : 1000); /* may be more than there are images: they repeat */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gather),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
