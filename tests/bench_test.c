/* The measurements: that every kernel is among them, that what they count is right; never how long anything takes. */
#include "support.h"

#include "dlexp/bench/bench.h"
#include "dlexp/data/idx.h"
#include "dlexp/statistics/statistics.h"

enum { ROWS = 4, COLUMNS = 5, PIXELS = ROWS * COLUMNS, TRAIN = 90, TEST = 30, CLASSES = 3 };

static void make_part(struct dataset_part *part, size_t count)
{
    part->count = count;
    part->images = calloc(count * PIXELS + IDX_SLACK, 1);
    part->labels = calloc(count, 1);
    assert_non_null(part->images);
    assert_non_null(part->labels);
    for (size_t i = 0; i < count; i++) {
        part->labels[i] = (uint8_t)(i % CLASSES);
        for (size_t p = 0; p < PIXELS; p += 4)
            part->images[i * PIXELS + p] = (uint8_t)(p % CLASSES == i % CLASSES ? 200 : 1 + i);
    }
}

/* A quarter of its pixels is not zero. */
static struct dataset make_data(bool sparse)
{
    struct dataset data = {.rows = ROWS, .columns = COLUMNS, .pixels = PIXELS, .classes = CLASSES, .sparse = sparse};
    data.density = 0.25;
    make_part(&data.train, TRAIN);
    make_part(&data.test, TEST);
    return data;
}

static int64_t hidden[] = {12, 7};
static size_t norm_values[] = {1};
static double rates[] = {0.01};

static struct train_config make_config(void)
{
    return (struct train_config){.norms = {norm_values, 1},
                                 .lrs = {rates, 1},
                                 .hyper = hyperparameters_initial(),
                                 .hidden = {hidden, 2},
                                 .batching.batch = 20,
                                 .epochs = 1,
                                 .seed = 5};
}

static const struct bench_row *find(const struct bench *bench, const char *group, const char *name)
{
    for (size_t i = 0; i < bench->count; i++)
        if (strcmp(bench->rows[i].group, group) == 0 && strcmp(bench->rows[i].name, name) == 0)
            return &bench->rows[i];
    return NULL;
}

static double flops_of(const struct bench *bench, const char *group, const char *name)
{
    const struct bench_row *row = find(bench, group, name);
    return row ? row->flops : -1;
}

static void test_kernels(void **state)
{
    (void)state;
    struct bench *bench = malloc(sizeof *bench);
    assert_non_null(bench);
    for (size_t k = 0; kernels_row(k); k++)
        for (int sparse = k > 0; sparse < 2; sparse++) { /* the slow sets once */
            struct dataset data = make_data(sparse);
            const struct train_config config = make_config();
            struct error err = {0};
            /* Under sanitizers the sets without vectors take minutes for the large products; kernels_test runs them. */
            if (!kernels_row(k)->supported() || (TEST_SANITIZED && kernels_row(k) != kernels_find(NULL, &err))) {
                dataset_free(&data);
                continue;
            }
            assert_int_equal(bench_kernels(bench, &config, &data, kernels_row(k), 2e-4, NULL, &err), 0);
            assert_string_equal(bench->rows[0].group, "peak");
            assert_true(fabs(bench_share(bench, &bench->rows[0]) - 1) < 1e-12);
            for (size_t i = 0; i < bench->count; i++) {
                const struct bench_row *row = &bench->rows[i];
                assert_true(row->seconds > 0 && row->least_s > 0 && row->least_s <= row->seconds && row->samples > 0);
                assert_true(row->flops > 0 || row->bytes > 0);
                assert_int_equal(strcspn(row->name, ",\"\n"), strlen(row->name));
                assert_int_equal(strcspn(row->shape, ",\"\n"), strlen(row->shape));
                for (size_t j = 0; j < i; j++)
                    assert_false(strcmp(row->group, bench->rows[j].group) == 0 &&
                                 strcmp(row->name, bench->rows[j].name) == 0 &&
                                 strcmp(row->shape, bench->rows[j].shape) == 0);
            }
            assert_true(flops_of(bench, "net", "forward 1") == 2.0 * (20 * PIXELS * 12));
            assert_true(flops_of(bench, "net", "weight gradient 2") == 2.0 * 20 * 12 * 7);
            assert_true(flops_of(bench, "net", "input gradient 3") == 2.0 * (20 * 7 * CLASSES));
            assert_null(find(bench, "net", "input gradient 1"));
            /* 5 pixels of each image are not zero. */
            assert_true(flops_of(bench, "net", "sparse forward 1") == (sparse ? 2.0 * 20 * 5 * 12 : -1));
            assert_true(flops_of(bench, "net", "sparse gradient and momentum 1") == (sparse ? 2.0 * 20 * 5 * 12 : -1));
            assert_non_null(find(bench, "net", "bias gradient"));
            assert_non_null(find(bench, "net", "softmax cross-entropy"));
            const struct layer_type *type;
            for (size_t i = 0; (type = layer_type_row(i)); i++) {
                char name[64];
                const bool has_rows = type->norm || type->activation;
                snprintf(name, sizeof name, "%s backward", type->name);
                assert_int_equal(find(bench, "net", type->name) != NULL, has_rows);
                assert_int_equal(find(bench, "net", name) != NULL, has_rows);
            }
            for (size_t o = 0; optimizer_row(o); o++) {
                char name[64];
                snprintf(name, sizeof name, "update by %s", optimizer_row(o)->name);
                assert_non_null(find(bench, "net", name));
            }
            assert_true(flops_of(bench, "wide", "forward 2") == 2.0 * 256 * 1024 * 1024);
            dataset_free(&data);
        }
    free(bench);
}

/* The peak's chains are worked off: each ends at the fixed point of x = x / 2 + 1. */
static void test_peak(void **state)
{
    (void)state;
    for (size_t k = 0; kernels_row(k); k++) {
        _Alignas(REAL_ALIGN) real x[REAL_PAD] = {(real)0.5, 1};
        if (!kernels_row(k)->supported())
            continue;
        const uint64_t flops = kernels_row(k)->fma_peak(x, 100);
        assert_true(flops > 0 && flops % 200 == 0);
        assert_true(x[0] > 0 && fmod((double)x[0], 2) == 0); /* 2 a chain */
        _Alignas(REAL_ALIGN) real again[REAL_PAD] = {(real)0.5, 1};
        assert_int_equal(kernels_row(k)->fma_peak(again, 200), 2 * flops);
        assert_true(again[0] == x[0]);
    }
}

static void test_training(void **state)
{
    (void)state;
    struct dataset data = make_data(true);
    const struct train_config config = make_config();
    const struct kernels *kernels = kernels_find(NULL, NULL);
    struct bench_training whole, profiled;
    struct error err = {0};
    double each[3] = {0};
    assert_non_null(kernels);
    assert_int_equal(bench_training(&whole, &config, &data, kernels, 0, 3, each, NULL, &err), 0);
    assert_int_equal(whole.epochs, 3);
    assert_int_equal(whole.norm, norm_values[0]);
    assert_true(each[0] > 0 && each[1] > 0 && each[2] > 0);
    assert_true(whole.least_s <= whole.epoch_s && isfinite(whole.accuracy_percent));
    assert_true(whole.dense_flops ==
                (double)TRAIN * (4 * (PIXELS * 12 + 12 * 7 + 7 * CLASSES) + 2 * (12 * 7 + 7 * CLASSES)));

    /* No time for an epoch: what the steps say. */
    assert_int_equal(bench_training(&profiled, &config, &data, kernels, 1e-9, 0, NULL, NULL, &err), 0);
    assert_int_equal(profiled.epochs, 0);
    assert_true(profiled.profile.steps >= 3 && profiled.profile.step_s > 0 && profiled.profile.start_s > 0);
    assert_true(fabs(profiled.epoch_s / (5 * profiled.profile.step_s) - 1) < 1e-12); /* 90 images in batches of 20 */
    assert_true(isnan(profiled.accuracy_percent));
    for (size_t phase = 0; phase < TRAIN_PHASES; phase++)
        assert_true(profiled.profile.phase_s[phase] > 0);
    dataset_free(&data);
}

static void test_diverged(void **state)
{
    (void)state;
    struct dataset data = make_data(true);
    struct train_config config = make_config();
    double rate = 1e30, each[2];
    struct bench_training training;
    struct error err = {0};
    size_t none = 0;
    config.norms.values = &none;
    config.lrs.values = &rate;
    assert_int_equal(bench_training(&training, &config, &data, kernels_find(NULL, NULL), 0, 2, each, NULL, &err), -1);
    assert_int_equal(err.code, ERROR_RUN);
    assert_non_null(strstr(err.message, "diverged"));
    dataset_free(&data);
}

static void test_median(void **state)
{
    (void)state;
    assert_true(statistics_median((double[]){3}, 1) == 3);
    assert_true(statistics_median((double[]){5, 1}, 2) == 3);
    assert_true(statistics_median((double[]){9, 1, 4}, 3) == 4);
    assert_true(statistics_median((double[]){9, 1, 4, 6}, 4) == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernels),  cmocka_unit_test(test_peak),   cmocka_unit_test(test_training),
        cmocka_unit_test(test_diverged), cmocka_unit_test(test_median),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
