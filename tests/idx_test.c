/* What is in an IDX file comes out, plain or packed; cut at any byte, or with any byte changed, it is refused. */
#include "idx_scratch.h"

static void test_read(void **state)
{
    (void)state;
    static const size_t shapes[][3] = {{1, 1, 1}, {5, 5, 7}, {300, 1, 4}, {2, 400, 500}, {1000, 28, 28}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const size_t *shape = shapes[i];
        struct bytes images = idx_images(shape[0], shape[1], shape[2]), labels = idx_labels(shape[0], 256);
        struct bytes packed_images = bytes_gzip(images, i % 2), packed_labels = bytes_gzip(labels, i % 2);
        expect_read(images, images, IDX_IMAGES, shape[0], shape[1], shape[2]);
        expect_read(packed_images, images, IDX_IMAGES, shape[0], shape[1], shape[2]);
        expect_read(labels, labels, IDX_LABELS, shape[0], 1, 1);
        expect_read(packed_labels, labels, IDX_LABELS, shape[0], 1, 1);
        bytes_free(&images);
        bytes_free(&labels);
        bytes_free(&packed_images);
        bytes_free(&packed_labels);
    }
}

static void expect_refused(struct bytes file, enum idx_kind kind, const char *what, size_t at)
{
    struct idx idx;
    struct error err = {0};
    write_bytes(path, file);
    if (idx_read(&idx, path, kind, &(struct idx_changes){0}, &err) == 0)
        fail_msg("%s at %zu was accepted", what, at);
    if (err.code != ERROR_DATA || !strstr(err.message, path) || !strstr(err.message, "expected") ||
        !strstr(err.message, "got"))
        fail_msg("%s at %zu: code %d, '%s'", what, at, err.code, err.message);
    idx_free(&idx);
}

/* The four small files that the sweeps run over. */
static struct bytes small_file(int which, enum idx_kind *kind)
{
    *kind = which % 2 ? IDX_LABELS : IDX_IMAGES;
    struct bytes plain = *kind == IDX_IMAGES ? idx_images(9, 3, 5) : idx_labels(40, 10);
    if (which < 2)
        return plain;
    struct bytes packed = bytes_gzip(plain, which >= 4);
    bytes_free(&plain);
    return packed;
}
enum { SMALL_FILES = 6 };

static void test_cut_at_every_byte(void **state)
{
    (void)state;
    for (int which = 0; which < SMALL_FILES; which++) {
        enum idx_kind kind;
        struct bytes file = small_file(which, &kind);
        for (size_t size = 0; size < file.size; size++)
            expect_refused((struct bytes){file.data, size, 0}, kind, "a cut", size);
        bytes_free(&file);
    }
}

static void test_trailing_bytes(void **state)
{
    (void)state;
    for (int which = 0; which < SMALL_FILES; which++) {
        enum idx_kind kind;
        struct bytes file = small_file(which, &kind);
        for (size_t extra = 1; extra <= 20; extra++) {
            bytes_append(&file, "", 1);
            expect_refused(file, kind, "extra bytes", extra);
        }
        bytes_free(&file);
    }
}

/*
 * Each byte of a gzip file changed in four ways.  Accepted may be only what the format leaves unchecked, and with the
 * same content: in a header without checksum the time, flags and system (bytes 4 to 9) and the text flag (byte 3); and
 * bits of the compressed data that only fill up a byte, of which two bytes of so small a file can have some: the first
 * of a stored block, and the last.
 */
static void test_change_every_byte(void **state)
{
    (void)state;
    static const unsigned char masks[] = {0x01, 0x10, 0x80, 0xff};
    for (int which = 2; which < SMALL_FILES; which++) {
        enum idx_kind kind;
        struct bytes file = small_file(which, &kind), plain = small_file(which % 2, &kind);
        const bool checked_header = which >= 4;
        size_t filling = 0;
        for (size_t i = 0; i < file.size; i++)
            for (size_t m = 0; m < sizeof masks; m++) {
                struct idx idx;
                struct error err = {0};
                const bool unchecked = !checked_header && ((i >= 4 && i <= 9) || (i == 3 && masks[m] == 1));
                const bool data = i >= 10 && i < file.size - 8;
                file.data[i] ^= masks[m];
                write_bytes(path, file);
                int status = idx_read(&idx, path, kind, &(struct idx_changes){0}, &err);
                if (status == 0) {
                    size_t header = kind == IDX_IMAGES ? 16 : 8;
                    assert_int_equal(idx.size, plain.size - header);
                    assert_memory_equal(idx.data, plain.data + header, idx.size);
                    filling += data;
                } else {
                    assert_int_equal(err.code, ERROR_DATA);
                }
                if ((status == 0) != unchecked && !(status == 0 && data))
                    fail_msg("file %d, byte %zu changed by 0x%x: %s", which, i, masks[m],
                             status == 0 ? "accepted" : err.message);
                idx_free(&idx);
                file.data[i] ^= masks[m];
            }
        assert_in_range(filling, 0, 2 * sizeof masks);
        bytes_free(&file);
        bytes_free(&plain);
    }
}

/* A plain file has no checksum; but no change of one bit of its header may pass. */
static void test_change_plain_header(void **state)
{
    (void)state;
    struct bytes file = idx_images(9, 3, 5);
    for (size_t i = 0; i < 16; i++)
        for (int bit = 0; bit < 8; bit++) {
            file.data[i] ^= (unsigned char)(1 << bit);
            expect_refused(file, IDX_IMAGES, "a changed header", i);
            file.data[i] ^= (unsigned char)(1 << bit);
        }
    bytes_free(&file);
}

/* Content that goes on behind what the header says must not be unpacked further than a byte. */
static void test_bomb(void **state)
{
    (void)state;
    struct bytes plain = {calloc(1, 30000000), 30000000, 0};
    memcpy(plain.data, "\0\0\x08\x01\0\0\0\x05", 8);
    struct bytes packed = bytes_gzip(plain, false);
    struct idx idx;
    struct error err = {0};
    write_bytes(path, packed);
    assert_int_equal(idx_read(&idx, path, IDX_LABELS, &(struct idx_changes){0}, &err), -1);
    assert_int_equal(err.code, ERROR_DATA);
    assert_non_null(strstr(err.message, "expected 13 bytes (5 labels), got more"));
    idx_free(&idx);
    bytes_free(&plain);
    bytes_free(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_cut_at_every_byte),
        cmocka_unit_test(test_trailing_bytes),
        cmocka_unit_test(test_change_every_byte),
        cmocka_unit_test(test_change_plain_header),
        cmocka_unit_test(test_bomb),
    };
    return cmocka_run_group_tests_name("idx", tests, set_up, tear_down);
}
