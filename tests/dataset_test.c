/* dataset.h: every valid variant loads, with the right numbers; which of several names and failures counts is fixed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dlexp/dataset.h"
#include "idx_files.h"

static char directory[PATH_SIZE];

static int set_up(void **state)
{
    (void)state;
    make_directory(directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    remove_directory(directory);
    return 0;
}

static void write_all(const struct quadruple *quadruple, const int forms[FILE_COUNT])
{
    for (int i = 0; i < FILE_COUNT; i++)
        write_idx(directory, i, forms[i], quadruple->files[i]);
}

static void remove_all(void)
{
    for (int i = 0; i < FILE_COUNT; i++)
        for (int form = 0; form < FORM_COUNT; form++) {
            char name[64], *path = path_join(directory, idx_name(name, i, form));
            assert_non_null(path);
            unlink(path);
            free(path);
        }
}

static void expect_loaded(const struct quadruple *quadruple, size_t train, size_t test, size_t rows, size_t columns,
                          size_t classes)
{
    struct dataset data;
    struct error err = {0};
    char hexes[FILE_COUNT * (SHA256_HEX_SIZE - 1) + 1], hex[SHA256_HEX_SIZE];
    size_t non_zero = 0;
    if (dataset_load(&data, directory, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(data.train.count, train);
    assert_int_equal(data.test.count, test);
    assert_int_equal(data.rows, rows);
    assert_int_equal(data.columns, columns);
    assert_int_equal(data.pixels, rows * columns);
    assert_int_equal(data.classes, classes);
    assert_string_equal(data.name, "unknown data");
    assert_memory_equal(data.train.images, quadruple->files[TRAIN_IMAGES].data + 16, train * rows * columns);
    assert_memory_equal(data.train.labels, quadruple->files[TRAIN_LABELS].data + 8, train);
    assert_memory_equal(data.test.images, quadruple->files[TEST_IMAGES].data + 16, test * rows * columns);
    assert_memory_equal(data.test.labels, quadruple->files[TEST_LABELS].data + 8, test);
    for (size_t i = 0; i < train * rows * columns; i++)
        non_zero += data.train.images[i] != 0;
    assert_true(data.density == (double)non_zero / (double)(train * rows * columns));
    for (size_t i = 0; i < FILE_COUNT; i++)
        sha256_hex(quadruple->files[i].data, quadruple->files[i].size, hexes + i * (SHA256_HEX_SIZE - 1));
    assert_memory_equal(data.train.images_sha256, hexes, SHA256_HEX_SIZE - 1);
    assert_string_equal(data.test.labels_sha256, hexes + 3 * (SHA256_HEX_SIZE - 1));
    sha256_hex(hexes, sizeof hexes - 1, hex);
    assert_string_equal(data.sha256, hex);
    dataset_free(&data);
}

static void test_names(void **state)
{
    (void)state;
    struct quadruple quadruple = quadruple_make(6, 4, 3, 2, 3);
    for (int mix = 0; mix < FORM_COUNT * FORM_COUNT * FORM_COUNT * FORM_COUNT; mix++) {
        const int forms[FILE_COUNT] = {mix & 3, mix >> 2 & 3, mix >> 4 & 3, mix >> 6};
        write_all(&quadruple, forms);
        expect_loaded(&quadruple, 6, 4, 3, 2, 3);
        remove_all();
    }
    quadruple_free(&quadruple);
}

static void test_shapes(void **state)
{
    (void)state;
    static const size_t shapes[][5] = {
        /* train, test, rows, columns, classes */
        {2, 1, 1, 1, 2},   {2, 2, 5, 7, 2},      {300, 260, 1, 3, 256}, {7, 100, 3, 1, 7},
        {100, 7, 2, 2, 5}, {30, 30, 64, 48, 10}, {10, 10, 28, 28, 10},  {40, 3, 1, 1000, 40},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int form = 0; form <= 1; form++) {
            const size_t *s = shapes[i];
            const int forms[FILE_COUNT] = {form, form, form, form};
            struct quadruple quadruple = quadruple_make(s[0], s[1], s[2], s[3], s[4]);
            write_all(&quadruple, forms);
            expect_loaded(&quadruple, s[0], s[1], s[2], s[3], s[4]);
            remove_all();
            quadruple_free(&quadruple);
        }
}

/* Classes without examples: allowed up to 15 in a row, and the largest label decides. */
static void test_gaps(void **state)
{
    (void)state;
    static const int plain[FILE_COUNT] = {0};
    struct quadruple quadruple = quadruple_make(3, 2, 2, 2, 2);
    unsigned char *train = quadruple.files[TRAIN_LABELS].data + 8, *test = quadruple.files[TEST_LABELS].data + 8;
    struct dataset data;
    struct error err;
    train[0] = 5; /* no example of 2, 3, 4 */
    test[1] = 4;
    write_all(&quadruple, plain);
    expect_loaded(&quadruple, 3, 2, 2, 2, 6);
    train[0] = 17; /* 2..16 are missing: 15 classes */
    train[2] = 1;
    test[1] = 17;
    write_all(&quadruple, plain);
    expect_loaded(&quadruple, 3, 2, 2, 2, 18);
    train[0] = 18;
    write_all(&quadruple, plain);
    assert_int_equal(dataset_load(&data, directory, &err), -1);
    assert_int_equal(err.code, ERROR_DATA);
    assert_non_null(strstr(err.message, "got label 18 at index 0"));
    dataset_free(&data);
    remove_all();
    quadruple_free(&quadruple);
}

/* Plain before .gz, dash before dot; what a name promises does not matter, the content does. */
static void test_precedence(void **state)
{
    (void)state;
    static const int order[FORM_COUNT] = {FORM_PLAIN, FORM_GZ, FORM_DOT, FORM_DOT | FORM_GZ};
    struct quadruple quadruple = quadruple_make(6, 4, 3, 2, 3), other = quadruple_make(6, 4, 3, 2, 2);
    static const int plain[FILE_COUNT] = {0};
    for (int first = 0; first < FORM_COUNT; first++) {
        write_all(&quadruple, plain);
        char name[64], *path = path_join(directory, idx_name(name, TRAIN_LABELS, FORM_PLAIN));
        assert_non_null(path);
        unlink(path);
        free(path);
        write_idx(directory, TRAIN_LABELS, order[first], quadruple.files[TRAIN_LABELS]);
        for (int later = first + 1; later < FORM_COUNT; later++)
            write_idx(directory, TRAIN_LABELS, order[later], other.files[TRAIN_LABELS]);
        expect_loaded(&quadruple, 6, 4, 3, 2, 3);
        remove_all();
    }
    for (int i = 0; i < FILE_COUNT; i++) { /* gzip without .gz, plain with it */
        char name[64], *path = path_join(directory, idx_name(name, i, i % 2 ? FORM_GZ : FORM_PLAIN));
        struct bytes packed = bytes_gzip(quadruple.files[i], true);
        assert_non_null(path);
        write_bytes(path, i % 2 ? quadruple.files[i] : packed);
        bytes_free(&packed);
        free(path);
    }
    expect_loaded(&quadruple, 6, 4, 3, 2, 3);
    remove_all();
    quadruple_free(&quadruple);
    quadruple_free(&other);
}

/* With several damaged files it is always the same one that is reported, whichever thread is the first to fail. */
static void test_first_failure(void **state)
{
    (void)state;
    struct quadruple quadruple = quadruple_make(6, 4, 3, 2, 3);
    for (int repeat = 0; repeat < 50; repeat++)
        for (int first = 0; first < FILE_COUNT; first++) {
            char name[64];
            struct dataset data;
            struct error err;
            for (int i = 0; i < FILE_COUNT; i++) {
                struct bytes content = quadruple.files[i];
                content.size -= i >= first;
                write_idx(directory, i, FORM_PLAIN, content);
            }
            assert_int_equal(dataset_load(&data, directory, &err), -1);
            assert_non_null(strstr(err.message, idx_name(name, first, FORM_PLAIN)));
            dataset_free(&data);
        }
    remove_all();
    quadruple_free(&quadruple);
}

static void test_mnist(void **state)
{
    (void)state;
    struct dataset data;
    struct error err = {0};
    if (dataset_load(&data, DLEXP_SOURCE_DIR "/data/mnist", &err) < 0)
        fail_msg("%s", err.message);
    assert_string_equal(data.name, "genuine MNIST");
    assert_int_equal(data.train.count, 60000);
    assert_int_equal(data.test.count, 10000);
    assert_int_equal(data.rows, 28);
    assert_int_equal(data.columns, 28);
    assert_int_equal(data.classes, 10);
    assert_int_equal(data.train.labels[0], 5);
    assert_int_equal(data.test.labels[0], 7);
    assert_true(data.density > 0.191 && data.density < 0.192);
    dataset_free(&data);
}

/* Debian's package dataset-fashion-mnist, where it is installed. */
static void test_fashion_mnist(void **state)
{
    (void)state;
    static const char installed[] = "/usr/share/datasets/fashion-mnist";
    struct dataset data;
    struct error err = {0};
    if (access(installed, R_OK) != 0)
        skip();
    if (dataset_load(&data, installed, &err) < 0)
        fail_msg("%s", err.message);
    assert_string_equal(data.name, "genuine Fashion-MNIST");
    assert_int_equal(data.classes, 10);
    dataset_free(&data);
}

/* Genuine images with other labels are not genuine; a label that MNIST does not have is out of range. */
static void test_relabelled_mnist(void **state)
{
    (void)state;
    struct dataset data;
    struct error err = {0};
    char name[64];
    for (int i = 0; i < FILE_COUNT; i++) {
        char *target = path_join(DLEXP_SOURCE_DIR "/data/mnist", idx_name(name, i, FORM_GZ));
        char *link = path_join(directory, name);
        assert_true(target && link);
        if (i != TRAIN_LABELS)
            assert_int_equal(symlink(target, link), 0);
        free(target);
        free(link);
    }
    struct bytes labels = idx_labels(60000, 10);
    write_idx(directory, TRAIN_LABELS, FORM_PLAIN, labels);
    if (dataset_load(&data, directory, &err) < 0)
        fail_msg("%s", err.message);
    assert_string_equal(data.name, "unknown data");
    dataset_free(&data);
    labels.data[8 + 4321] = 10;
    write_idx(directory, TRAIN_LABELS, FORM_PLAIN, labels);
    assert_int_equal(dataset_load(&data, directory, &err), -1);
    assert_int_equal(err.code, ERROR_DATA);
    assert_non_null(
        strstr(err.message, "expected labels 0..9 for the images of genuine MNIST, got label 10 at index 4321"));
    dataset_free(&data);
    bytes_free(&labels);
    remove_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),         cmocka_unit_test(test_shapes),           cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_precedence),    cmocka_unit_test(test_first_failure),    cmocka_unit_test(test_mnist),
        cmocka_unit_test(test_fashion_mnist), cmocka_unit_test(test_relabelled_mnist),
    };
    return cmocka_run_group_tests_name("dataset", tests, set_up, tear_down);
}
