/* Under which names the files of a data set are found, and what is said where they are not. */
#include "dataset_scratch.h"

static void test_names(void **state)
{
    (void)state;
    struct quadruple quadruple = quadruple_make(6, 4, 3, 2, 3);
    for (int mix = 0; mix < FORM_COUNT * FORM_COUNT * FORM_COUNT * FORM_COUNT; mix++) {
        const int forms[FILE_COUNT] = {mix & 3, mix >> 2 & 3, mix >> 4 & 3, mix >> 6};
        write_all(&quadruple, forms);
        expect_loaded(&quadruple, 6, 4, 3, 2, 3);
        empty_directory();
    }
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
        empty_directory();
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
    empty_directory();
    quadruple_free(&quadruple);
    quadruple_free(&other);
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),   cmocka_unit_test(test_precedence), cmocka_unit_test(test_irregular),
        cmocka_unit_test(test_missing), cmocka_unit_test(test_prefixes),   cmocka_unit_test(test_qmnist),
    };
    return cmocka_run_group_tests_name("dataset_names", tests, set_up, tear_down);
}
