/* gzip.h: content comes out whole, gzipped or plain, however it is asked for; damage is noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dlexp/data/gzip.h"
#include "idx_files.h"

static char directory[PATH_SIZE], path[PATH_SIZE + 16];

static int set_up(void **state)
{
    (void)state;
    make_directory(directory);
    snprintf(path, sizeof path, "%s/file", directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    remove_directory(directory);
    return 0;
}

/* Reads path in pieces of `step` bytes into *content. */
static int read_all(struct bytes *content, size_t step, struct error *err)
{
    struct gzip gzip;
    unsigned char *piece = malloc(step);
    size_t got = step;
    assert_non_null(piece);
    *content = bytes_copy("", 0);
    int status = gzip_open(&gzip, path, err);
    while (status == 0 && got == step) {
        status = gzip_read(&gzip, piece, step, &got, err);
        bytes_append(content, piece, got);
    }
    if (status == 0) { /* past the end there is nothing, however often it is asked */
        assert_int_equal(gzip_read(&gzip, piece, step, &got, err), 0);
        assert_int_equal(got, 0);
    }
    gzip_close(&gzip);
    free(piece);
    return status;
}

static void expect_content(struct bytes expected)
{
    static const size_t steps[] = {1, 7, 65535, 65536, 65537, 1 << 20};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct bytes content;
        struct error err = {0};
        if (steps[i] == 1 && expected.size > 5000)
            continue; /* the growing buffer of this test would take its time */
        if (read_all(&content, steps[i], &err) < 0)
            fail_msg("%s", err.message);
        assert_int_equal(content.size, expected.size);
        assert_memory_equal(content.data, expected.data, expected.size);
        bytes_free(&content);
    }
}

static void expect_refused(int code, const char *words)
{
    struct bytes content;
    struct error err = {0};
    assert_int_equal(read_all(&content, 1000, &err), -1);
    assert_int_equal(err.code, code);
    if (!strstr(err.message, words) || !strstr(err.message, path))
        fail_msg("'%s' does not say '%s'", err.message, words);
    bytes_free(&content);
}

/* Bytes that do not compress, so that the packed file is larger than the reader's buffer. */
static struct bytes noise(size_t size)
{
    struct bytes bytes = bytes_copy("", 0);
    uint32_t random = 1;
    bytes_append(&bytes, NULL, size);
    for (size_t i = 0; i < size; i++) {
        random = random * 1664525u + 1013904223u;
        bytes.data[i] = (unsigned char)(random >> 24);
    }
    bytes.data[0] = 0; /* not the gzip magic by chance */
    return bytes;
}

static void test_content(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 100, 65535, 65536, 65537, 200000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct bytes plain = noise(sizes[i]);
        write_bytes(path, plain);
        expect_content(plain);
        for (int header = 0; header <= 1; header++) {
            struct bytes packed = bytes_gzip(plain, header);
            write_bytes(path, packed);
            expect_content(plain);
            bytes_free(&packed);
        }
        bytes_free(&plain);
    }
}

static void test_empty(void **state)
{
    (void)state;
    struct bytes none = bytes_copy("", 0), packed = bytes_gzip(none, false);
    write_bytes(path, none);
    expect_content(none);
    write_bytes(path, packed);
    expect_content(none);
    bytes_free(&none);
    bytes_free(&packed);
}

static void test_capacity(void **state)
{
    (void)state;
    /* Zeros compress as well as anything can: the bound must hold, and be near. */
    struct bytes zeros = {calloc(1, 10000000), 10000000, 0}, packed = bytes_gzip(zeros, false);
    struct gzip gzip;
    struct error err;
    write_bytes(path, packed);
    assert_int_equal(gzip_open(&gzip, path, &err), 0);
    assert_true(gzip.compressed);
    assert_in_range(gzip_capacity(&gzip), zeros.size, 2 * zeros.size);
    gzip_close(&gzip);
    zeros.size = 1234;
    write_bytes(path, zeros);
    assert_int_equal(gzip_open(&gzip, path, &err), 0);
    assert_false(gzip.compressed);
    assert_int_equal(gzip_capacity(&gzip), 1234);
    gzip_close(&gzip);
    bytes_free(&zeros);
    bytes_free(&packed);
}

static void test_cut_off(void **state)
{
    (void)state;
    struct bytes plain = noise(70000), packed = bytes_gzip(plain, false);
    static const size_t cuts[] = {2, 9, 10, 11, 100, 65535, 65536, 65537};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct bytes part = {packed.data, cuts[i], 0};
        write_bytes(path, part);
        expect_refused(ERROR_DATA, "truncated");
    }
    for (size_t missing = 1; missing <= 12; missing++) {
        struct bytes part = {packed.data, packed.size - missing, 0};
        write_bytes(path, part);
        expect_refused(ERROR_DATA, "truncated");
    }
    bytes_free(&plain);
    bytes_free(&packed);
}

static void test_trailer(void **state)
{
    (void)state;
    struct bytes plain = noise(300), packed = bytes_gzip(plain, false);
    packed.data[packed.size - 8] ^= 1;
    write_bytes(path, packed);
    expect_refused(ERROR_DATA, "incorrect data check");
    packed.data[packed.size - 8] ^= 1;
    packed.data[packed.size - 1] ^= 1;
    write_bytes(path, packed);
    expect_refused(ERROR_DATA, "incorrect length check");
    bytes_free(&plain);
    bytes_free(&packed);
}

static void test_trailing(void **state)
{
    (void)state;
    /* Behind a stream that ends anywhere about the end of the reader's buffer. */
    for (size_t size = 65490; size < 65540; size++) {
        struct bytes plain = noise(size), packed = bytes_gzip(plain, false);
        write_bytes(path, packed);
        struct bytes content;
        struct error err;
        assert_int_equal(read_all(&content, 100000, &err), 0);
        bytes_append(&packed, "", 1);
        write_bytes(path, packed);
        expect_refused(ERROR_DATA, "got 1 trailing bytes");
        bytes_free(&content);
        bytes_free(&plain);
        bytes_free(&packed);
    }
}

/* Members one behind the other, also empty ones: their content joined, wherever in the reader's buffer they meet. */
static void test_members(void **state)
{
    (void)state;
    static const size_t sizes[][4] = {
        {10, 10, 0, 0}, {0, 10, 0, 0}, {10, 0, 10, 0}, {0, 0, 0, 0}, {70000, 1, 200000, 3}, {300, 65536, 65535, 65537},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int header = 0; header <= 1; header++) {
            struct bytes content = bytes_copy("", 0), file = bytes_copy("", 0);
            for (size_t m = 0; m < 4; m++) {
                struct bytes all = noise(sizes[i][m] + 1), plain = {all.data, sizes[i][m], 0};
                struct bytes packed = bytes_gzip(plain, header);
                bytes_append(&content, plain.data, plain.size);
                bytes_append(&file, packed.data, packed.size);
                bytes_free(&all);
                bytes_free(&packed);
            }
            write_bytes(path, file);
            expect_content(content);
            bytes_free(&content);
            bytes_free(&file);
        }
    /* The second member begins anywhere about the end of the buffer. */
    for (size_t size = 65490; size < 65540; size++) {
        struct bytes plain = noise(size), packed = bytes_gzip(plain, false), content;
        struct error err = {0};
        struct bytes again = bytes_copy(packed.data, packed.size);
        bytes_append(&packed, again.data, again.size);
        write_bytes(path, packed);
        if (read_all(&content, 1 << 20, &err) < 0)
            fail_msg("%s", err.message);
        assert_int_equal(content.size, 2 * size);
        assert_memory_equal(content.data, plain.data, size);
        assert_memory_equal(content.data + size, plain.data, size);
        bytes_free(&again);
        bytes_free(&content);
        bytes_free(&plain);
        bytes_free(&packed);
    }
}

/* A second member is checked as the first is: cut at any byte, or with any byte of its trailer changed. */
static void test_damaged_member(void **state)
{
    (void)state;
    struct bytes plain = noise(50), one = bytes_gzip(plain, false), two = bytes_copy(one.data, one.size);
    bytes_append(&two, one.data, one.size);
    for (size_t size = one.size + 1; size < two.size; size++) {
        write_bytes(path, (struct bytes){two.data, size, 0});
        expect_refused(ERROR_DATA, size == one.size + 1 ? "got 1 trailing bytes" : "truncated");
    }
    for (size_t i = 1; i <= 8; i++) {
        two.data[two.size - i] ^= 4;
        write_bytes(path, two);
        expect_refused(ERROR_DATA, i > 4 ? "incorrect data check" : "incorrect length check");
        two.data[two.size - i] ^= 4;
        two.data[one.size - i] ^= 4;
        write_bytes(path, two);
        expect_refused(ERROR_DATA, i > 4 ? "incorrect data check" : "incorrect length check");
        two.data[one.size - i] ^= 4;
    }
    two.data[one.size + 2] = 7;
    write_bytes(path, two);
    expect_refused(ERROR_DATA, "unknown compression method");
    bytes_append(&one, "junk", 4);
    write_bytes(path, one);
    expect_refused(ERROR_DATA, "got 4 trailing bytes");
    bytes_free(&plain);
    bytes_free(&one);
    bytes_free(&two);
}

static void test_no_file(void **state)
{
    (void)state;
    unlink(path);
    expect_refused(ERROR_DATA, "got none of that name");
    assert_int_equal(mkdir(path, 0777), 0);
    expect_refused(ERROR_DATA, "got a directory");
    rmdir(path);
    assert_int_equal(mkfifo(path, 0666), 0); /* must not be waited for */
    expect_refused(ERROR_DATA, "got something else");
    unlink(path);
    struct bytes some = noise(10);
    write_bytes(path, some);
    assert_int_equal(chmod(path, 0), 0);
    if (access(path, R_OK) != 0) /* root may read everything */
        expect_refused(ERROR_IO, "cannot open");
    unlink(path);
    bytes_free(&some);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_content), cmocka_unit_test(test_empty),          cmocka_unit_test(test_capacity),
        cmocka_unit_test(test_cut_off), cmocka_unit_test(test_trailer),        cmocka_unit_test(test_trailing),
        cmocka_unit_test(test_members), cmocka_unit_test(test_damaged_member), cmocka_unit_test(test_no_file),
    };
    return cmocka_run_group_tests_name("gzip", tests, set_up, tear_down);
}
