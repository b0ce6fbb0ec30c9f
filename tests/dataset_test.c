/* Every valid data set loads with the right numbers, genuine ones are told, and of several failures one counts. */
#include "dataset_scratch.h"

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
            empty_directory();
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
    assert_int_equal(load(&data, directory, &err), -1);
    assert_int_equal(err.code, ERROR_DATA);
    assert_non_null(strstr(err.message, "got label 18 at index 0"));
    dataset_free(&data);
    empty_directory();
    quadruple_free(&quadruple);
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
            assert_int_equal(load(&data, directory, &err), -1);
            assert_non_null(strstr(err.message, idx_name(name, first, FORM_PLAIN)));
            dataset_free(&data);
        }
    empty_directory();
    quadruple_free(&quadruple);
}

static void test_mnist(void **state)
{
    (void)state;
    struct dataset data;
    struct error err = {0};
    if (load(&data, DLEXP_SOURCE_DIR "/data/mnist", &err) < 0)
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
    if (load(&data, installed, &err) < 0)
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
    if (load(&data, directory, &err) < 0)
        fail_msg("%s", err.message);
    assert_string_equal(data.name, "unknown data");
    dataset_free(&data);
    labels.data[8 + 4321] = 10;
    write_idx(directory, TRAIN_LABELS, FORM_PLAIN, labels);
    assert_int_equal(load(&data, directory, &err), -1);
    assert_int_equal(err.code, ERROR_DATA);
    assert_non_null(
        strstr(err.message, "expected labels 0..9 for the images of genuine MNIST, got label 10 at index 4321"));
    dataset_free(&data);
    bytes_free(&labels);
    empty_directory();
}

/* Labels from 1 and images on their side: a hint, and with the options the same set as if it had been so. */
static void test_changes(void **state)
{
    (void)state;
    static const int plain[FILE_COUNT] = {0};
    struct quadruple quadruple = quadruple_make(6, 4, 3, 2, 3), emnist = quadruple_make(6, 4, 2, 3, 3);
    struct dataset usual, data;
    struct error err = {0};
    char hint[DATASET_HINT_SIZE];
    write_all(&quadruple, plain);
    assert_int_equal(load(&usual, directory, &err), 0);
    assert_false(dataset_hint(&usual, hint));
    for (int i = 0; i < FILE_COUNT; i++) {
        struct bytes *file = &emnist.files[i];
        for (size_t p = 16; p < file->size && i % 2 == 0; p++) {
            const size_t image = (p - 16) / 6 * 6, at = (p - 16) % 6;
            file->data[p] = quadruple.files[i].data[16 + image + at % 3 * 2 + at / 3];
        }
        for (size_t l = 8; l < file->size && i % 2 == 1; l++)
            file->data[l]++;
    }
    write_all(&emnist, plain);
    assert_int_equal(load(&data, directory, &err), 0);
    assert_int_equal(data.classes, 4);
    assert_true(dataset_hint(&data, hint));
    assert_non_null(strstr(hint, "no training image is of class 0"));
    assert_non_null(strstr(hint, "--label-offset 1 "));
    assert_string_not_equal(data.sha256, usual.sha256);
    dataset_free(&data);
    const struct dataset_source source = {.directory = directory, .label_offset = 1, .transpose = true};
    assert_int_equal(dataset_load(&data, &source, &err), 0);
    assert_false(dataset_hint(&data, hint));
    assert_int_equal(data.classes, 3);
    assert_int_equal(data.rows, 3);
    assert_int_equal(data.columns, 2);
    assert_string_equal(data.sha256, usual.sha256);
    assert_memory_equal(data.train.images, usual.train.images, 36);
    dataset_free(&data);
    dataset_free(&usual);

    /* Messages count as the file does. */
    emnist.files[TEST_LABELS].data[8] = 9;
    write_all(&emnist, plain);
    assert_int_equal(dataset_load(&data, &source, &err), -1);
    assert_non_null(strstr(err.message, "expected labels 1..3 as in "));
    assert_non_null(strstr(err.message, "got label 9 at index 0"));
    dataset_free(&data);
    empty_directory();
    quadruple_free(&quadruple);
    quadruple_free(&emnist);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),  cmocka_unit_test(test_gaps),          cmocka_unit_test(test_first_failure),
        cmocka_unit_test(test_mnist),   cmocka_unit_test(test_fashion_mnist), cmocka_unit_test(test_relabelled_mnist),
        cmocka_unit_test(test_changes),
    };
    return cmocka_run_group_tests_name("dataset", tests, set_up, tear_down);
}
