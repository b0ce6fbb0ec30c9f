/* IDX files of other types and dimensions: which bytes their numbers become, and which are refused as none. */
#include <math.h>

#include "idx_scratch.h"

enum { BYTE = 0x08, SIGNED = 0x09, SHORT = 0x0b, INT = 0x0c, FLOAT = 0x0d, DOUBLE = 0x0e };

static void append_value(struct bytes *bytes, int type, double value)
{
    uint64_t bits = (uint64_t)(int64_t)value;
    size_t size = type == DOUBLE ? 8 : type == FLOAT || type == INT ? 4 : type == SHORT ? 2 : 1;
    if (type == FLOAT) {
        float rounded = (float)value;
        uint32_t low;
        memcpy(&low, &rounded, sizeof low);
        bits = low;
    } else if (type == DOUBLE) {
        memcpy(&bits, &value, sizeof bits);
    }
    while (size-- > 0)
        bytes_append(bytes, &(unsigned char){(unsigned char)(bits >> (8 * size))}, 1);
}

/* A file of that type and those dimensions (0 ends them) without its numbers. */
static struct bytes idx_header(int type, const size_t dims[4])
{
    struct bytes bytes = bytes_copy("\0\0", 2);
    size_t count = 0;
    while (dims[count] > 0)
        count++;
    bytes_append(&bytes, &(unsigned char){(unsigned char)type}, 1);
    bytes_append(&bytes, &(unsigned char){(unsigned char)count}, 1);
    for (size_t i = 0; i < count; i++)
        bytes_append_number(&bytes, dims[i]);
    return bytes;
}

static struct bytes idx_file(int type, const size_t dims[4], const double *values, size_t count)
{
    struct bytes bytes = idx_header(type, dims);
    for (size_t i = 0; i < count; i++)
        append_value(&bytes, type, values[i]);
    return bytes;
}

/* Every type that holds 0..255 gives the same data with the same hash as the usual form, gzipped too. */
static void test_types(void **state)
{
    (void)state;
    static const int types[] = {BYTE, SHORT, INT, FLOAT, DOUBLE};
    static const size_t image_dims[][4] = {{300, 5, 7, 0}, {300, 35, 0, 0}, {300, 36, 0, 0}, {3, 300, 200, 0}};
    static const size_t shapes[][2] = {{5, 7}, {1, 35}, {6, 6}, {300, 200}};
    for (size_t d = 0; d < sizeof shapes / sizeof *shapes; d++)
        for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
            const size_t count = image_dims[d][0];
            struct bytes usual = idx_images(count, shapes[d][0], shapes[d][1]);
            struct bytes file = idx_header(types[t], image_dims[d]);
            for (size_t i = 16; i < usual.size; i++)
                append_value(&file, types[t], usual.data[i]);
            struct bytes packed = bytes_gzip(file, false);
            expect_read(file, usual, IDX_IMAGES, count, shapes[d][0], shapes[d][1]);
            expect_read(packed, usual, IDX_IMAGES, count, shapes[d][0], shapes[d][1]);
            bytes_free(&usual);
            bytes_free(&file);
            bytes_free(&packed);
        }
    for (size_t t = 0; t < sizeof types / sizeof *types; t++)
        for (size_t dims = 1; dims <= 2; dims++) {
            struct bytes usual = idx_labels(1000, 256);
            struct bytes file = idx_header(types[t], (const size_t[4]){1000, dims == 2, 0, 0});
            for (size_t i = 8; i < usual.size; i++)
                append_value(&file, types[t], usual.data[i]);
            expect_read(file, usual, IDX_LABELS, 1000, 1, 1);
            bytes_free(&usual);
            bytes_free(&file);
        }
    const double small[] = {0, 127, 5, 99};
    struct bytes file = idx_file(SIGNED, (const size_t[4]){1, 2, 2, 0}, small, 4);
    struct bytes usual = bytes_copy("\0\0\x08\3\0\0\0\1\0\0\0\2\0\0\0\2\0\x7f\5\x63", 20);
    expect_read(file, usual, IDX_IMAGES, 1, 2, 2);
    bytes_free(&usual);
    bytes_free(&file);
}

/* Floats of 0..1: all 256 that stand for a byte, and zeros and ones over more than a chunk. */
static void test_unit(void **state)
{
    (void)state;
    struct bytes usual = bytes_copy("\0\0\x08\3\0\0\0\1\0\0\0\x10\0\0\0\x10", 16);
    struct bytes files[3] = {idx_header(FLOAT, (const size_t[4]){1, 16, 16, 0}),
                             idx_header(DOUBLE, (const size_t[4]){1, 256, 0, 0}),
                             idx_header(DOUBLE, (const size_t[4]){1, 16, 16, 0})};
    for (int k = 0; k < 256; k++) {
        bytes_append(&usual, &(unsigned char){(unsigned char)k}, 1);
        append_value(&files[0], FLOAT, (double)((float)k / 255));
        append_value(&files[1], DOUBLE, k / 255.0);
        append_value(&files[2], DOUBLE, (double)((float)k / 255)); /* floats that were widened */
    }
    for (size_t i = 0; i < 3; i++) {
        expect_read(files[i], usual, IDX_IMAGES, 1, 16, 16);
        bytes_free(&files[i]);
    }
    bytes_free(&usual);

    const size_t pixels = 250 * 250;
    for (int last = 1; last <= 2; last++) { /* a 2 at the very end, and all ones before it are whole numbers */
        usual = idx_header(BYTE, (const size_t[4]){1, 250, 250, 0});
        struct bytes file = idx_header(FLOAT, (const size_t[4]){1, 250, 250, 0});
        for (size_t i = 0; i < pixels; i++) {
            const int value = i == pixels - 1 ? last : i % 3 == 1;
            bytes_append(&usual, &(unsigned char){(unsigned char)(last == 1 ? 255 * value : value)}, 1);
            append_value(&file, FLOAT, i % 3 == 2 && value == 0 ? -0.0 : value);
        }
        expect_read(file, usual, IDX_IMAGES, 1, 250, 250);
        bytes_free(&usual);
        bytes_free(&file);
    }
}

static void expect_message(struct bytes file, enum idx_kind kind, int64_t offset, const char *words)
{
    struct idx idx;
    struct error err = {0};
    write_bytes(path, file);
    if (idx_read(&idx, path, kind, &(struct idx_changes){.label_offset = offset}, &err) == 0)
        fail_msg("accepted in place of '%s'", words);
    if (err.code != ERROR_DATA || !strstr(err.message, words) || !strstr(err.message, "expected"))
        fail_msg("expected '%s', got '%s'", words, err.message);
    idx_free(&idx);
}

static void test_no_bytes(void **state)
{
    (void)state;
    static const struct {
        int type;
        double values[4]; /* four images of a pixel, four labels */
        const char *image, *label;
    } cases[] = {
        {SIGNED, {0, 1, -1, 3}, "got -1 in image 2 at pixel 0", "got label -1 at index 2"},
        {SHORT, {0, 256, 0, 0}, "whole numbers of 0..255, got 256 in image 1", "got label 256 at index 1"},
        {INT, {0, 0, 0, -2147483648.0}, "got -2147483648 in image 3", "got label -2147483648 at index 3"},
        {FLOAT, {0, 2.5, 0, 0}, "got 2.5 in image 1", "got label 2.5 at index 1"},
        {FLOAT, {1, 0.5, 0, 0}, "1/255, ..., 255/255, got 0.5 in image 1", "got label 0.5 at index 1"},
        {DOUBLE, {1, 3, 0.2, 0}, "got 0.2 in image 2", "got label 0.2 at index 2"},
        {DOUBLE, {0.2, 0, 1, 3}, "(as those before), got 3 in image 3", "got label 0.2 at index 0"},
        {DOUBLE,
         {0, 0.30000000001, 0, 0},
         "got 0.30000000001 in image 1 at pixel 0 (where a is of 0..1, first a = (255",
         "got label 0.30000000001 at index 1 (to convert"},
        {DOUBLE, {0, 0.2, 0, 1.5}, "(where a is of 0..1", "got label 0.2"},
        {DOUBLE, {0, 2, 0, -1}, "got -1 in image 3 at pixel 0 (to convert", "got label -1"},
        {FLOAT, {0, (double)NAN, 0, 0}, "got nan in image 1", "got label nan"},
        {DOUBLE, {0, 0, 1e300 * 1e300, 0}, "got inf in image 2", "got label inf"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes images = idx_file(cases[i].type, (const size_t[4]){4, 1, 1, 0}, cases[i].values, 4);
        struct bytes labels = idx_file(cases[i].type, (const size_t[4]){4, 0}, cases[i].values, 4);
        expect_message(images, IDX_IMAGES, 0, cases[i].image);
        expect_message(labels, IDX_LABELS, 0, cases[i].label);
        bytes_free(&images);
        bytes_free(&labels);
    }
    /* A damaged file is called that, even if a number before the damage is no byte. */
    struct bytes file = idx_file(SHORT, (const size_t[4]){4, 1, 1, 0}, cases[1].values, 4), packed;
    packed = bytes_gzip(file, false);
    packed.data[packed.size - 8] ^= 1;
    expect_message(packed, IDX_IMAGES, 0, "incorrect data check");
    packed.data[packed.size - 8] ^= 1;
    bytes_append(&file, "", 1);
    bytes_free(&packed);
    packed = bytes_gzip(file, false);
    expect_message(packed, IDX_IMAGES, 0, "expected 24 bytes (4 images of 16-bit integers), got more");
    file.size -= 2;
    bytes_free(&packed);
    packed = bytes_gzip(file, false);
    expect_message(packed, IDX_IMAGES, 0, "expected 24 bytes (4 images of 16-bit integers), got 23 (truncated)");
    bytes_free(&packed);
    bytes_free(&file);
}

/* QMNIST: 8 columns of 32-bit integers, the first is the class. */
static void test_qmnist(void **state)
{
    (void)state;
    const size_t count = 10000;
    struct bytes usual = idx_labels(count, 10), file = idx_header(INT, (const size_t[4]){count, 8, 0, 0});
    struct bytes one_hot = idx_header(INT, (const size_t[4]){count, 8, 0, 0});
    for (size_t i = 0; i < count; i++)
        for (int column = 0; column < 8; column++) {
            append_value(&file, INT, column == 0 ? usual.data[8 + i] : (double)i * 1000 - column);
            append_value(&one_hot, INT, (size_t)column == i % 8);
        }
    expect_read(file, usual, IDX_LABELS, count, 1, 1);
    struct bytes packed = bytes_gzip(file, false);
    expect_read(packed, usual, IDX_LABELS, count, 1, 1);
    file.size -= 4;
    expect_message(file, IDX_LABELS, 0, "expected 320012 bytes (header and 10000 labels; magic 0xc02");
    expect_message(one_hot, IDX_LABELS, 0, "got one-hot labels (a = a.argmax(1)");
    file.size += 4;
    file.data[11] = 10; /* 10 columns */
    expect_message(file, IDX_LABELS, 0, "got 10 columns of 32-bit integers (one-hot?");
    file.data[2] = BYTE;
    file.data[11] = 8;
    expect_message(file, IDX_LABELS, 0, "got 8 columns of unsigned bytes");
    bytes_free(&usual);
    bytes_free(&file);
    bytes_free(&one_hot);
    bytes_free(&packed);
}

/* What is changed on the way is as if the file had been so: the same data and hash. */
static void test_changes(void **state)
{
    (void)state;
    static const int types[] = {BYTE, INT, DOUBLE};
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        struct idx idx;
        struct error err = {0};
        char hex[SHA256_HEX_SIZE];
        struct bytes usual = idx_labels(300, 26), file = idx_header(types[t], (const size_t[4]){300, 0});
        for (size_t i = 8; i < usual.size; i++)
            append_value(&file, types[t], usual.data[i] + (types[t] == BYTE ? 1.0 : 1000.0));
        write_bytes(path, file);
        const struct idx_changes changes = {.label_offset = types[t] == BYTE ? 1 : 1000, .transpose = true};
        if (idx_read(&idx, path, IDX_LABELS, &changes, &err) < 0)
            fail_msg("%s", err.message);
        assert_memory_equal(idx.data, usual.data + 8, 300);
        sha256_hex(usual.data, usual.size, hex);
        assert_string_equal(idx.sha256, hex);
        idx_free(&idx);
        expect_message(file, IDX_LABELS, 2000,
                       "expected labels that are whole numbers of 2000..2255 with "
                       "--label-offset 2000, got label ");
        bytes_free(&file);
        bytes_free(&usual);

        usual = idx_images(4, 7, 5);
        file = idx_header(types[t], (const size_t[4]){4, 5, 7, 0});
        for (size_t i = 0; i < 4 * 35; i++)
            append_value(&file, types[t], usual.data[16 + i / 35 * 35 + i % 7 * 5 + i % 35 / 7]);
        write_bytes(path, file);
        if (idx_read(&idx, path, IDX_IMAGES, &changes, &err) < 0)
            fail_msg("%s", err.message);
        assert_int_equal(idx.rows, 7);
        assert_int_equal(idx.columns, 5);
        assert_memory_equal(idx.data, usual.data + 16, 4 * 35);
        sha256_hex(usual.data, usual.size, hex);
        assert_string_equal(idx.sha256, hex);
        idx_free(&idx);
        bytes_free(&file);
        bytes_free(&usual);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),  cmocka_unit_test(test_unit),    cmocka_unit_test(test_no_bytes),
        cmocka_unit_test(test_qmnist), cmocka_unit_test(test_changes),
    };
    return cmocka_run_group_tests_name("idx_forms", tests, set_up, tear_down);
}
