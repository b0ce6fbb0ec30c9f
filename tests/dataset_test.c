/* dataset.h: every valid variant loads, with the right numbers; which of several names and failures counts is fixed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dlexp/data/dataset.h"
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

static int load(struct dataset *data, const char *place, struct error *err)
{
    return dataset_load(data, &(struct dataset_source){.directory = place}, err);
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
    if (load(&data, directory, &err) < 0)
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
    assert_int_equal(load(&data, directory, &err), -1);
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
            assert_int_equal(load(&data, directory, &err), -1);
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
    remove_all();
}

/* -- names -- */

/* directory/a/b for the next call; b may be NULL. */
static const char *below(const char *a, const char *b)
{
    static char path[2 * PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s%s%s", directory, a, b ? "/" : "", b ? b : "");
    return path;
}

static void write_named(const char *a, const char *b, struct bytes content)
{
    if (b)
        mkdir(below(a, NULL), 0777);
    write_bytes(below(a, b), content);
}

static void empty_directory(void)
{
    remove_directory(directory);
    assert_int_equal(mkdir(directory, 0777), 0);
}

static void expect_message(const char *place, const char *const words[], size_t count)
{
    struct dataset data;
    struct error err = {0};
    assert_int_equal(load(&data, place, &err), -1);
    assert_int_equal(err.code, ERROR_DATA);
    for (size_t i = 0; i < count; i++)
        if (!strstr(err.message, words[i]))
            fail_msg("expected '%s', got '%s'", words[i], err.message);
    dataset_free(&data);
}
#define EXPECT_MESSAGE(place, ...)                                                                                     \
    expect_message(place, (const char *const[]){__VA_ARGS__},                                                          \
                   sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* What has a file's name and is none is passed over: a later name counts, or the inside of a directory. */
static void test_irregular(void **state)
{
    (void)state;
    static const int plain[FILE_COUNT] = {0}, packed[FILE_COUNT] = {FORM_GZ, FORM_GZ, FORM_GZ, FORM_GZ};
    struct quadruple quadruple = quadruple_make(6, 4, 3, 2, 3), other = quadruple_make(6, 4, 3, 2, 2);
    char name[64], unpacked[64];
    for (int which = 0; which < FILE_COUNT; which++)
        for (int kind = 0; kind < 4; kind++) {
            write_all(&quadruple, packed);
            const char *path = below(idx_name(name, which, FORM_PLAIN), NULL);
            switch (kind) {
            case 0:
                assert_int_equal(mkdir(path, 0777), 0);
                break;
            case 1:
                assert_int_equal(mkfifo(path, 0666), 0);
                break;
            case 2:
                assert_int_equal(symlink(name, path), 0); /* to itself */
                break;
            default:
                assert_int_equal(symlink("nowhere", path), 0);
            }
            expect_loaded(&quadruple, 6, 4, 3, 2, 3);
            empty_directory();
        }
    /* Archives unpack so; the file inside may have any of the names, and one directory deep is deep enough. */
    for (int form = 0; form < FORM_COUNT; form++) {
        for (int which = 0; which < FILE_COUNT; which++)
            if (form & FORM_GZ) {
                struct bytes gz = bytes_gzip(quadruple.files[which], false);
                write_named(idx_name(name, which, FORM_DOT), idx_name(unpacked, which, form), gz);
                bytes_free(&gz);
            } else {
                write_named(idx_name(name, which, FORM_PLAIN), idx_name(unpacked, which, form), quadruple.files[which]);
            }
        expect_loaded(&quadruple, 6, 4, 3, 2, 3);
        empty_directory();
    }
    /* An empty directory, then one that holds the file, then a file. */
    write_all(&quadruple, plain);
    assert_int_equal(unlink(below(idx_name(name, TRAIN_LABELS, FORM_PLAIN), NULL)), 0);
    assert_int_equal(mkdir(below(name, NULL), 0777), 0);
    write_named(idx_name(name, TRAIN_LABELS, FORM_GZ), idx_name(unpacked, TRAIN_LABELS, FORM_DOT),
                quadruple.files[TRAIN_LABELS]);
    write_idx(directory, TRAIN_LABELS, FORM_DOT, other.files[TRAIN_LABELS]);
    expect_loaded(&quadruple, 6, 4, 3, 2, 3);
    empty_directory();
    quadruple_free(&quadruple);
    quadruple_free(&other);
}

static void test_missing(void **state)
{
    (void)state;
    static const int plain[FILE_COUNT] = {0};
    struct quadruple quadruple = quadruple_make(6, 4, 3, 2, 3);
    char name[64];
    write_all(&quadruple, plain);
    assert_int_equal(unlink(below(idx_name(name, TRAIN_LABELS, FORM_PLAIN), NULL)), 0);
    struct dataset data;
    struct error err = {0};
    assert_int_equal(load(&data, directory, &err), -1);
    assert_null(strstr(err.message, "similar")); /* the other three are not meant for it */
    dataset_free(&data);
    write_named("train_labels.idx1.ubyte", NULL, quadruple.files[TRAIN_LABELS]);
    write_named("old", "Train-Labels-idx1-ubyte.zip", quadruple.files[TRAIN_LABELS]);
    EXPECT_MESSAGE(directory, "cannot find 'train-labels-idx1-ubyte'",
                   "; similar names there: 'old/Train-Labels-idx1-ubyte.zip', 'train_labels.idx1.ubyte'");
    /* In a directory that has the file's name, too. */
    write_named(name, "train-labels", quadruple.files[TRAIN_LABELS]);
    EXPECT_MESSAGE(directory, "expected a file, or a directory that holds it, got a directory without it", name,
                   "'train-labels-idx1-ubyte/train-labels', 'train_labels.idx1.ubyte'");
    empty_directory();
    /* A link that leads nowhere is told as that, and not only as a name similar to its own. */
    write_all(&quadruple, plain);
    const char *path = below(idx_name(name, TRAIN_LABELS, FORM_PLAIN), NULL);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("nowhere", path), 0);
    EXPECT_MESSAGE(directory, "cannot read '", name, "expected a file", "got a symbolic link that leads nowhere");
    empty_directory();
    /* The directory above the data, as torchvision lays it out. */
    assert_int_equal(mkdir(below("MNIST", NULL), 0777), 0);
    write_named("MNIST/raw", "train-images-idx3-ubyte", quadruple.files[TRAIN_IMAGES]);
    EXPECT_MESSAGE(directory, "cannot find 'train-images-idx3-ubyte'", "'MNIST/raw/train-images-idx3-ubyte'");
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "train-%d", i);
        write_named(name, NULL, quadruple.files[TRAIN_IMAGES]);
    }
    EXPECT_MESSAGE(directory, "'train-0', 'train-1', 'train-10'", "and 13 more");
    empty_directory();
    quadruple_free(&quadruple);
}

static void write_set(const struct quadruple *quadruple, const char *prefix, const char *test, const char *ending)
{
    static const char *const parts[] = {"images-idx3-ubyte", "labels-idx1-ubyte"};
    for (int i = 0; i < FILE_COUNT; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s%s-%s%s", prefix, i < 2 ? "train" : test, parts[i % 2], ending);
        struct bytes packed = bytes_gzip(quadruple->files[i], false);
        write_named(name, NULL, *ending ? packed : quadruple->files[i]);
        bytes_free(&packed);
    }
}

/* Names with a prefix, as EMNIST has them: found where there is one, else DIRECTORY/PREFIX chooses. */
static void test_prefixes(void **state)
{
    (void)state;
    struct quadruple letters = quadruple_make(6, 4, 3, 2, 3), digits = quadruple_make(8, 4, 3, 2, 2);
    struct dataset data;
    struct error err = {0};
    write_set(&letters, "emnist-letters-", "test", ".gz");
    expect_loaded(&letters, 6, 4, 3, 2, 3);
    write_set(&digits, "emnist-digits-", "test", "");
    char list[4 * PATH_SIZE];
    snprintf(list, sizeof list, "name one of them: '%s/emnist-digits', '%s/emnist-letters'", directory, directory);
    EXPECT_MESSAGE(directory, "cannot choose", "expected one, got 2", list);
    assert_int_equal(load(&data, below("emnist-letters", NULL), &err), 0);
    assert_int_equal(data.train.count, 6);
    dataset_free(&data);
    assert_int_equal(load(&data, below("emnist-digits", NULL), &err), 0);
    assert_int_equal(data.train.count, 8);
    dataset_free(&data);
    EXPECT_MESSAGE(below("emnist-leters", NULL), "got nothing of that name; data sets there: '", "/emnist-letters'");
    EXPECT_MESSAGE(below("none/emnist-letters", NULL), "got nothing of that name; --data DIR says where they are");
    unlink(below("emnist-letters-test-labels-idx1-ubyte.gz", NULL));
    EXPECT_MESSAGE(below("emnist-letters", NULL), "cannot find 'emnist-letters-t10k-labels-idx1-ubyte'");
    /* Plain names go before those with a prefix, t10k before test. */
    write_set(&letters, "", "test", "");
    expect_loaded(&letters, 6, 4, 3, 2, 3);
    write_set(&digits, "", "t10k", "");
    expect_loaded(&digits, 8, 4, 3, 2, 2);
    empty_directory();
    quadruple_free(&letters);
    quadruple_free(&digits);
}

/* The names and the form of QMNIST's labels; the hashes are those of the usual form. */
static void test_qmnist(void **state)
{
    (void)state;
    struct quadruple quadruple = quadruple_make(6, 4, 3, 2, 3);
    for (int part = 0; part < 2; part++) {
        char name[64];
        struct bytes labels = bytes_copy("\0\0\x0c\2", 4), packed;
        const struct bytes *usual = &quadruple.files[2 * part + 1];
        bytes_append_number(&labels, usual->size - 8);
        bytes_append_number(&labels, 8);
        for (size_t i = 8; i < usual->size; i++)
            for (size_t column = 0; column < 8; column++)
                bytes_append_number(&labels, column == 0 ? usual->data[i] : 48 + column);
        snprintf(name, sizeof name, "qmnist-%s-labels-idx2-int.gz", part ? "test" : "train");
        packed = bytes_gzip(labels, false);
        write_named(name, NULL, packed);
        bytes_free(&packed);
        bytes_free(&labels);
        snprintf(name, sizeof name, "qmnist-%s-images-idx3-ubyte.gz", part ? "test" : "train");
        packed = bytes_gzip(quadruple.files[2 * part], false);
        write_named(name, NULL, packed);
        bytes_free(&packed);
    }
    expect_loaded(&quadruple, 6, 4, 3, 2, 3);
    empty_directory();
    quadruple_free(&quadruple);
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
        cmocka_unit_test(test_names),         cmocka_unit_test(test_shapes),           cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_precedence),    cmocka_unit_test(test_first_failure),    cmocka_unit_test(test_mnist),
        cmocka_unit_test(test_fashion_mnist), cmocka_unit_test(test_relabelled_mnist), cmocka_unit_test(test_irregular),
        cmocka_unit_test(test_missing),       cmocka_unit_test(test_prefixes),         cmocka_unit_test(test_qmnist),
        cmocka_unit_test(test_changes),
    };
    return cmocka_run_group_tests_name("dataset", tests, set_up, tear_down);
}
