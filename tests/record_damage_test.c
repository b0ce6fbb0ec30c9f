/* No damage to the text of a record passes, nor does wrong content under a right checksum. */
#include "record_sample.h"

#include "dlexp/base/sha256.h"

/* Whatever the text says, the answer is ERROR_DATA, an empty record and the file's name. */
static void check_refused(const char *text, size_t size)
{
    struct record record;
    struct error err;
    /* The buffer ends where the text does, but for the NUL that record_parse asks for, so that reading on is seen. */
    char *copy = malloc(size + 1);
    assert_non_null(copy);
    memcpy(copy, text, size);
    copy[size] = '\0';
    if (record_parse(&record, copy, size, "a.run", &err) == 0)
        fail_msg("accepted: %s", copy);
    assert_int_equal(err.code, ERROR_DATA);
    assert_non_null(strstr(err.message, "'a.run'"));
    assert_null(record.spec);
    assert_null(record.values);
    assert_null(record.tables);
    free(copy);
}

static void every_truncation_is_refused(void **state)
{
    struct record record;
    size_t size;
    (void)state;
    fill(&record);
    char *text = text_of(&record, &size);
    for (size_t cut = 0; cut < size; cut++) {
        check_refused(text, cut);
        check_refused(text + cut + 1, size - cut - 1);
    }
    free(text);
    record_free(&record);
}

static void every_changed_byte_is_refused(void **state)
{
    struct record record;
    size_t size;
    (void)state;
    fill(&record);
    char *text = text_of(&record, &size);
    for (size_t i = 0; i < size; i++) {
        const char kept = text[i];
        for (int change = 1; change < 256; change++) {
            text[i] = (char)((unsigned char)kept ^ change);
            check_refused(text, size);
        }
        text[i] = kept;
    }
    free(text);
    record_free(&record);
}

static void inserted_and_removed_bytes_are_refused(void **state)
{
    static const char added[] = {'\0', '\n', ' ', '0', ','};
    struct record record;
    size_t size;
    (void)state;
    fill(&record);
    char *text = text_of(&record, &size), *other = malloc(2 * size + 2);
    assert_non_null(other);
    for (size_t i = 0; i <= size; i++)
        for (size_t a = 0; a < sizeof added; a++) {
            memcpy(other, text, i);
            other[i] = added[a];
            memcpy(other + i + 1, text + i, size - i);
            check_refused(other, size + 1);
        }
    for (size_t i = 0; i < size; i++) {
        memcpy(other, text, i);
        memcpy(other + i, text + i + 1, size - i - 1);
        check_refused(other, size - 1);
    }
    memcpy(other, text, size);
    memcpy(other + size, text, size);
    check_refused(other, 2 * size);
    free(other);
    free(text);
    record_free(&record);
}

/* -- under a right checksum -- */

/* A text taken apart: what stands between the head's first line and its last, and the bulk. */
struct parts {
    const char *body, *bulk;
    size_t head_size, body_size, bulk_size;
};

enum { END_SIZE = sizeof "[end ]\n" - 1 + SHA256_HEX_SIZE - 1 };

static struct parts take_apart(const char *text, size_t size)
{
    size_t file_size;
    const size_t first_size = strcspn(text, "\n") + 1, head_size = record_head_size(text, size, &file_size);
    assert_true(head_size > 0);
    return (struct parts){text + first_size, text + head_size, head_size, head_size - END_SIZE - first_size,
                          size - head_size};
}

/* The reverse, sealed, whatever the parts are. */
static char *seal_parts(const char *body, size_t body_size, const char *bulk, size_t bulk_size, size_t *size)
{
    char digest[SHA256_HEX_SIZE], *text = malloc(body_size + bulk_size + 512);
    assert_non_null(text);
    sha256_hex(bulk, bulk_size, digest);
    size_t length = (size_t)sprintf(text, "dlexp record 2 %zu %zu %s\n", body_size + END_SIZE, bulk_size, digest);
    memcpy(text + length, body, body_size);
    length += body_size;
    sha256_hex(text, length, digest);
    length += (size_t)sprintf(text + length, "[end %s]\n", digest);
    memcpy(text + length, bulk, bulk_size);
    *size = length + bulk_size;
    text[*size] = '\0';
    return text;
}

/* Of a head no byte may change, and the file's size is known from it; of the bulk nothing is said before it is read. */
static void damage_shows_in_the_part_that_is_read(void **state)
{
    struct record record;
    struct error err;
    size_t size, file_size;
    (void)state;
    fill(&record);
    char *text = text_of(&record, &size);
    record_free(&record);
    const struct parts parts = take_apart(text, size);
    for (size_t i = 0; i < size; i++) {
        text[i] ^= 1;
        const size_t head_size = record_head_size(text, size, &file_size);
        const bool read =
            head_size > 0 && head_size <= size && record_parse_head(&record, text, head_size, size, "a.run", &err) == 0;
        assert_int_equal(read, i >= parts.head_size);
        if (read)
            record_free(&record);
        check_refused(text, size);
        text[i] ^= 1;
    }
    for (size_t other = parts.head_size; other < size + 3; other++)
        if (other != size) {
            assert_int_equal(record_parse_head(&record, text, parts.head_size, other, "a.run", &err), -1);
            assert_non_null(strstr(err.message, "its size is not as written"));
        }
    assert_true(record_parse(&record, text, size, "a.run", &err) == 0);
    record_free(&record);
    free(text);
}

/* Bulk that is sealed and is not the rows that the head promises. */
static void wrong_bulk_is_refused(void **state)
{
    static const char body[] =
        "[spec]\na=1\n[values]\n[bulk t 2 real]\nx,y\n[table u 1 real]\nx\n7\n[bulk v 1 single]\nz\n";
    static const char *const bulks[] = {
        "",           "1,2\n3,4\n",       "1,2\n3,4\n0.1", "1,2\n3,4\n0.1\n0.1\n", "1,2\n3,4\n0.10000000000000001\n",
        "1,2\n0.1\n", "1\n2\n3,4\n0.1\n", "1,2\n3,4\n\n"};
    struct record record;
    size_t size;
    char *text;
    (void)state;
    for (size_t i = 0; i < sizeof bulks / sizeof *bulks; i++) {
        text = seal_parts(body, sizeof body - 1, bulks[i], strlen(bulks[i]), &size);
        check_refused(text, size);
        free(text);
    }
    text = seal_parts(body, sizeof body - 1, "1,2\n3,nan\n0.1\n", 14, &size);
    parse(&record, text, size);
    assert_true(record.tables[0].cells[2] == 3 && record.tables[2].cells[0] == (double)0.1f);
    record_drop_bulk(&record);
    assert_null(record.tables[0].cells);
    assert_int_equal(record.tables[0].rows, 2);
    assert_true(record.tables[1].cells[0] == 7);
    record_free(&record);
    free(text);
}

enum { SEALED_SIZE = 1024 };

/* The body under a right first line and checksum, in text (SEALED_SIZE bytes); returns the length. */
static size_t seal(char *text, const char *body)
{
    char digest[SHA256_HEX_SIZE];
    size_t length = (size_t)snprintf(text, SEALED_SIZE, "dlexp record 1\n%s", body);
    sha256_hex(text, length, digest);
    return length + (size_t)snprintf(text + length, SEALED_SIZE - length, "[end %s]\n", digest);
}

/* Wrong content; SPEC is what a right one begins with. */
#define SPEC "[spec]\na=1\n[values]\n"
static const char *const wrong_bodies[] = {
    "",
    "[spec]\n",
    "[values]\n",
    "[spec]\na=1\n",
    "[spec]\na=1\n[values]",
    SPEC "no equals\n",
    SPEC "\n",
    SPEC "a=1\n[table",
    SPEC "[table t 1 real]\n",
    SPEC "[table t 1 real]\nx\n",
    SPEC "[table t 2 real]\nx\n1\n",
    SPEC "[table t 1 real]\nx\n1\n2\n",
    SPEC "[table t 1 real]\nx\n1,2\n",
    SPEC "[table t 1 real]\nx,y\n1\n",
    SPEC "[table t 1 real]\nx,y\n1,\n",
    SPEC "[table t 2 real]\nx\n\n1\n",
    SPEC "[table t 1 real]\nx\n1 \n",
    SPEC "[table t 1 real]\nx\n 1\n",
    SPEC "[table t 1 real]\nx\n+1\n",
    SPEC "[table t 1 real]\nx\n0x1p3\n",
    SPEC "[table t 1 real]\nx\nnan(1)\n",
    SPEC "[table t 1 real]\nx\none\n",
    SPEC "[table t 1 double]\nx\n1\n",
    SPEC "[table t 1 real\nx\n1\n",
    SPEC "[table t 1 real] \nx\n1\n",
    SPEC "[table  t 1 real]\nx\n1\n",
    SPEC "[table t -1 real]\nx\n1\n",
    SPEC "[table t 01 real]\nx\n1\n",
    SPEC "[table t 18446744073709551615 real]\nx\n1\n",
    SPEC "[table t 18446744073709551617 real]\nx\n1\n",
    SPEC "[table t real]\nx\n1\n",
    SPEC "[table t 0 real]\nx\n[rubbish]\n",
    SPEC "[table t 1 real]\nx\n1e6\n",
    SPEC "[table t 1 real]\nx\n1.0\n",
    SPEC "[table t 1 real]\nx\n0.30000000000000000\n",
    SPEC "[table t 1 real]\nx\n0.10000000000000001\n",
    SPEC "[table t 1 real]\nx\n-nan\n",
    SPEC "[table t 1 real]\nx\n1e400\n",
    SPEC "[table t 1 single]\nx\n0.30000000000000004\n",
    SPEC "[table t 1 single]\nx\n0.100000001\n",
    SPEC "[table t 1 real]\nx\n1\n[table t 1 real]\nx\n1\n",
    SPEC "[table t 0 real]\nx,x\n",
    SPEC "[table t 0 real]\nx,\n",
    SPEC "[table t 0 real]\n,x\n",
    SPEC "[table t 0 real]\n\n",
    SPEC "[table t 0 real]\nx y\n",
    SPEC "[table t 0 real]\nx\r\n",
    SPEC "[table t] 0 real]\nx\n",
    SPEC "a=1\na=2\n",
    SPEC "=1\n",
    SPEC "a b=1\n",
    SPEC "[table a_name_of_more_than_sixty_three_characters_is_cut_by_no_one_here 0 real]\nx\n",
};

/* A right checksum over wrong content, as a program's bug might leave it: refused all the same, never a crash. */
static void wrong_content_is_refused(void **state)
{
    char text[SEALED_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof wrong_bodies / sizeof *wrong_bodies; i++) {
        const size_t length = seal(text, wrong_bodies[i]);
        check_refused(text, length);
        size_t size;
        char *today = seal_parts(wrong_bodies[i], strlen(wrong_bodies[i]), "", 0, &size);
        check_refused(today, size);
        free(today);
    }
    /* Format 1 has no bulk. */
    check_refused(text, seal(text, SPEC "[bulk t 0 real]\nx\n"));
    /* The frame itself is right: a good body passes. */
    struct record record;
    parse(&record, text, seal(text, SPEC "[table t 1 real]\nx,y\n1,nan\n"));
    assert_true(record.tables[0].cells[0] == 1);
    record_free(&record);
}

/* Bytes that a C string would hide. */
static void zero_bytes_are_refused(void **state)
{
    static const char body[] = "[spec]\na=1\n[values]\nb=2\n[table t 1 real]\nx,y\n1,2\n";
    static const char first[] = "dlexp record 1\n";
    char text[256], digest[SHA256_HEX_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof body - 1; i++) {
        size_t length = (size_t)snprintf(text, sizeof text, "%s%s", first, body);
        text[sizeof first - 1 + i] = '\0';
        sha256_hex(text, length, digest);
        length += (size_t)snprintf(text + length, sizeof text - length, "[end %s]\n", digest);
        check_refused(text, length);
    }
}

/* Whatever is changed under a right seal: it is refused, or is what record_text writes for what was read. */
static void what_is_read_is_written_again(void **state)
{
    static const char alphabet[] = "0123456789.,-+eainfx=[]\n \t\r_\"ABzd";
    struct record record, back;
    struct error err;
    size_t size, again_size, accepted = 0;
    uint64_t seed = 5;
    (void)state;
    fill(&record);
    char *text = text_of(&record, &size), *other = malloc(2 * size), *sealed;
    const struct parts parts = take_apart(text, size);
    assert_non_null(other);
    for (int i = 0; i < 20000; i++) {
        size_t length = parts.body_size;
        memcpy(other, parts.body, length);
        for (size_t change = test_between(&seed, 1, 3); change > 0; change--) {
            const size_t at = test_between(&seed, 0, length - 1), kind = test_between(&seed, 0, 3);
            const char byte = alphabet[test_between(&seed, 0, sizeof alphabet - 2)];
            if (kind == 0) {
                memmove(other + at, other + at + 1, length-- - at - 1);
            } else if (kind == 1) {
                memmove(other + at + 1, other + at, length++ - at);
                other[at] = byte;
            } else {
                other[at] = byte;
            }
        }
        sealed = seal_parts(other, length, parts.bulk, parts.bulk_size, &length);
        if (record_parse(&back, sealed, length, "a.run", &err) == 0) {
            char *again = text_of(&back, &again_size);
            if (again_size != length || memcmp(again, sealed, length) != 0)
                fail_msg("read and written again:\n%s\n%s", sealed, again);
            accepted++;
            free(again);
            record_free(&back);
        }
        free(sealed);
    }
    assert_true(accepted > 300); /* changed digits, names, values */
    free(other);
    free(text);
    record_free(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(every_changed_byte_is_refused),
        cmocka_unit_test(inserted_and_removed_bytes_are_refused),
        cmocka_unit_test(damage_shows_in_the_part_that_is_read),
        cmocka_unit_test(wrong_bulk_is_refused),
        cmocka_unit_test(wrong_content_is_refused),
        cmocka_unit_test(zero_bytes_are_refused),
        cmocka_unit_test(what_is_read_is_written_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
