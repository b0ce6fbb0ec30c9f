/* CSV: quoting, line ends, what is refused and where, and numbers that survive a round trip. */
#include "support.h"

#include "dlexp/base/file.h"
#include "dlexp/base/number.h"
#include "dlexp/formats/csv.h"
#include "dlexp/formats/frame.h"

static char directory[512];

static int setup(void **unused)
{
    (void)unused;
    scratch_create(directory);
    return 0;
}

static int teardown(void **unused)
{
    (void)unused;
    char path[1024];
    unlink(scratch_path(path, directory, "t.csv"));
    return rmdir(directory);
}

static int read_bytes(struct csv *csv, const void *text, size_t size, struct error *err)
{
    char path[1024];
    scratch_path(path, directory, "t.csv");
    assert_int_equal(file_write_atomic(path, text, size, err), 0);
    return csv_read(csv, path, err);
}

static void test_reads(void **unused)
{
    (void)unused;
    /* The same table in several spellings. */
    static const char *const spellings[] = {
        "norm,lr,loss\nnone,0.5,\nbatchnorm,0.01,1e-3\n",
        "norm,lr,loss\nnone,0.5,\nbatchnorm,0.01,1e-3",
        "norm,lr,loss\r\nnone,0.5,\r\nbatchnorm,0.01,1e-3\r\n",
        "norm,lr,loss\r\nnone,0.5,\r\nbatchnorm,0.01,1e-3",
        "\"norm\",\"lr\",\"loss\"\n\"none\",\"0.5\",\"\"\n\"batchnorm\",\"0.01\",\"1e-3\"\n",
        "\"norm\",lr,\"loss\"\r\n\"none\",0.5,\"\"\r\nbatchnorm,\"0.01\",\"1e-3\"\r\n",
        "norm;lr;loss\nnone;0.5;\nbatchnorm;0.01;1e-3\n",
        "norm;lr;loss\r\nnone;0,5;\r\n\"batchnorm\";\"0,01\";1e-3\r\n",
        "norm\tlr\tloss\nnone\t0.5\t\n\"batchnorm\"\t0.01\t1e-3\n",
    };
    static const char *const expected[2][3] = {{"none", "0.5", ""}, {"batchnorm", "0.01", "1e-3"}};
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        struct csv csv;
        struct error err;
        assert_int_equal(read_bytes(&csv, spellings[i], strlen(spellings[i]), &err), 0);
        assert_int_equal(csv.rows, 2);
        assert_int_equal(csv.columns, 3);
        assert_int_equal(csv_column(&csv, "norm"), 0);
        assert_int_equal(csv_column(&csv, "lr"), 1);
        assert_int_equal(csv_column(&csv, "loss"), 2);
        assert_int_equal(csv_column(&csv, "los"), -1);
        assert_int_equal(csv_column(&csv, ""), -1);
        for (size_t r = 0; r < 2; r++)
            for (size_t c = 0; c < 3; c++)
                assert_string_equal(csv_cell(&csv, r, c), expected[r][c]);
        csv_free(&csv);
        assert_null(csv.text);
        csv_free(&csv);
    }
}

/* A separator in quotes is none; only numbers lose their comma, and only between semicolons. */
static void test_separators(void **unused)
{
    (void)unused;
    struct csv csv;
    struct error err;
    static const char quoted[] = "\"a;b\",c\n1;2,\"0,5\"\n";
    assert_int_equal(read_bytes(&csv, quoted, strlen(quoted), &err), 0);
    assert_string_equal(csv.names[0], "a;b");
    assert_string_equal(csv_cell(&csv, 0, 0), "1;2");
    assert_string_equal(csv_cell(&csv, 0, 1), "0,5");
    csv_free(&csv);
    static const char semicolons[] = "a,b;c;d;e\nx, y;-1,5e-3; 0,25 ;1.234,5\n";
    assert_int_equal(read_bytes(&csv, semicolons, strlen(semicolons), &err), 0);
    assert_string_equal(csv.names[0], "a,b");
    static const char *const expected[] = {"x, y", "-1.5e-3", " 0.25 ", "1.234,5"};
    for (size_t c = 0; c < 4; c++)
        assert_string_equal(csv_cell(&csv, 0, c), expected[c]);
    csv_free(&csv);
    static const char commas[] = "a,b\n0,5,0,7\n";
    assert_int_equal(read_bytes(&csv, commas, strlen(commas), &err), -1);
    assert_non_null(strstr(err.message, "line 2: expected 2 cells, got 4; if commas are decimal, separate cells with "
                                        "semicolons"));
    csv_free(&csv);
}

static void test_quotes(void **unused)
{
    (void)unused;
    static const char text[] = "a,b\n\"x, y\",\"he said \"\"no\"\"\"\n\"\"\"\",\"\"\"\"\"\"\nplain \"inner\",\" \"\n";
    struct csv csv;
    struct error err;
    assert_int_equal(read_bytes(&csv, text, strlen(text), &err), 0);
    assert_int_equal(csv.rows, 3);
    assert_string_equal(csv_cell(&csv, 0, 0), "x, y");
    assert_string_equal(csv_cell(&csv, 0, 1), "he said \"no\"");
    assert_string_equal(csv_cell(&csv, 1, 0), "\"");
    assert_string_equal(csv_cell(&csv, 1, 1), "\"\"");
    assert_string_equal(csv_cell(&csv, 2, 0), "plain \"inner\"");
    assert_string_equal(csv_cell(&csv, 2, 1), " ");
    csv_free(&csv);
}

static void test_shapes(void **unused)
{
    (void)unused;
    struct csv csv;
    struct error err;
    assert_int_equal(read_bytes(&csv, "a,b,c\n", 6, &err), 0); /* a header alone is an empty table */
    assert_int_equal(csv.rows, 0);
    assert_int_equal(csv.columns, 3);
    csv_free(&csv);
    assert_int_equal(read_bytes(&csv, "a\n1\n\n3\n", 7, &err), 0); /* one column: an empty line is an empty cell */
    assert_int_equal(csv.rows, 3);
    assert_string_equal(csv_cell(&csv, 1, 0), "");
    assert_string_equal(csv_cell(&csv, 2, 0), "3");
    csv_free(&csv);
    assert_int_equal(read_bytes(&csv, "a,b\n,\n", 6, &err), 0);
    assert_int_equal(csv.rows, 1);
    assert_string_equal(csv_cell(&csv, 0, 0), "");
    assert_string_equal(csv_cell(&csv, 0, 1), "");
    csv_free(&csv);
}

static void test_refused(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        size_t size;
        const char *message[2];
    } bad[] = {
        {"", 0, {"empty", "header"}},
        {"a,b\n1\n", 6, {"line 2", "expected 2 cells, got 1"}},
        {"a,b\n1,2\n1,2,3\n", 14, {"line 3", "expected 2 cells, got 3"}},
        {"a,b\n1,2\n\n1,2\n", 13, {"line 3", "expected 2 cells, got 1"}},
        {"a,b\n1,2\n\"1,2\n", 13, {"line 3", "closing quote"}},
        {"a,\"b\n", 5, {"line 1", "closing quote"}},
        {"a,b\n\"1\"x,2\n", 11, {"line 2", "closing quote"}},
        {"a,b\n1,\0\n", 8, {"binary", "CSV"}},
        {"\x1f\x8b\0\0", 4, {"binary", "CSV"}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct csv csv;
        struct error err = {0};
        assert_int_equal(read_bytes(&csv, bad[i].text, bad[i].size, &err), -1);
        assert_int_equal(err.code, ERROR_DATA);
        assert_non_null(strstr(err.message, "t.csv"));
        for (int j = 0; j < 2; j++)
            if (!strstr(err.message, bad[i].message[j]))
                fail_msg("case %zu: expected '%s' in '%s'", i, bad[i].message[j], err.message);
        csv_free(&csv);
    }
    struct csv csv;
    struct error err = {0};
    char path[1024];
    assert_int_equal(csv_read(&csv, scratch_path(path, directory, "missing.csv"), &err), -1);
    assert_int_equal(err.code, ERROR_DATA);
    csv_free(&csv);
}

/* Every prefix and every single-byte change of a table: read or refused, nothing else; the sanitizers watch. */
static void test_damaged(void **unused)
{
    (void)unused;
    static const char text[] = "a,\"b\",c\r\n1,\"2,\"\"3\",x\n,,\n\"\",\"\",4\r\n";
    static const char bytes[] = "\"\n\r,\0x";
    for (size_t size = 0; size < sizeof text; size++)
        for (size_t at = 0; at < (size ? size : 1); at++)
            for (size_t b = 0; b < (size + 1 == sizeof text ? sizeof bytes : 1); b++) {
                struct csv csv;
                struct error err = {0};
                char copy[sizeof text], path[1024];
                memcpy(copy, text, sizeof text);
                if (size + 1 == sizeof text)
                    copy[at] = bytes[b];
                FILE *out = fopen(scratch_path(path, directory, "t.csv"), "wb"); /* fast: this does not sync */
                assert_non_null(out);
                fwrite(copy, 1, size, out);
                assert_int_equal(fclose(out), 0);
                if (csv_read(&csv, path, &err) == 0) {
                    for (size_t i = 0; i < csv.rows; i++)
                        for (size_t j = 0; j < csv.columns; j++)
                            assert_true(strlen(csv_cell(&csv, i, j)) < sizeof text);
                } else {
                    assert_int_equal(err.code, ERROR_DATA);
                }
                csv_free(&csv);
                if (size + 1 < sizeof text)
                    at = size; /* a prefix once */
            }
}

enum { COUNT = 2000 };
struct numbers {
    double reals[COUNT];
    float floats[COUNT];
};

static void fill_numbers(const void *context, struct frame *frame)
{
    const struct numbers *numbers = context;
    for (size_t i = 0; i < COUNT; i++) {
        frame_real(frame, numbers->reals[i]);
        frame_real(frame, (double)numbers->floats[i]);
    }
}

static void test_numbers_round_trip(void **unused)
{
    (void)unused;
    static struct numbers numbers;
    double *reals = numbers.reals;
    float *floats = numbers.floats;
    uint64_t state = 5;
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    static const struct frame_column columns[] = {
        {.name = "real", .type = FRAME_REAL}, {.name = "float", .type = FRAME_SINGLE}, {.name = NULL}};
    for (size_t i = 0; i < COUNT; i++) {
        reals[i] = ldexp(test_uniform(&state, -1, 1), (int)test_between(&state, 0, 400) - 200);
        floats[i] = (float)ldexp(test_uniform(&state, -1, 1), (int)test_between(&state, 0, 200) - 100);
        if (i % 50 == 7)
            reals[i] = (double)NAN;
        if (i % 50 == 8)
            floats[i] = NAN;
        if (i % 50 == 9)
            reals[i] = -(double)INFINITY;
    }
    struct error ignored;
    assert_int_equal(frame_print(&frame_csv, out, columns, fill_numbers, &numbers, &ignored), 0);
    assert_int_equal(fclose(out), 0);
    struct csv csv;
    struct error err;
    assert_int_equal(read_bytes(&csv, text, size, &err), 0);
    assert_int_equal(csv.rows, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        const char *wide = csv_cell(&csv, i, 0), *single = csv_cell(&csv, i, 1);
        if (isnan(reals[i]))
            assert_string_equal(wide, "");
        else
            assert_true(strtod(wide, NULL) == reals[i]);
        if (isnan(floats[i]))
            assert_string_equal(single, "");
        else
            assert_true(strtof(single, NULL) == floats[i]);
    }
    csv_free(&csv);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_separators),
        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_numbers_round_trip),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
