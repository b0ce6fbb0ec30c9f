/* Points: drawn as numpy's, read from lists and CSV files, their mean and variance, and what is refused. */
#include "support.h"

#include "dlexp/base/file.h"
#include "dlexp/base/number.h"
#include "dlexp/data/points.h"
#include "dlexp/formats/csv.h"

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
    unlink(scratch_path(path, directory, "points"));
    return rmdir(directory);
}

static int read_text(struct points *points, const char *text, size_t size, struct error *err)
{
    char path[1024];
    scratch_path(path, directory, "points");
    assert_int_equal(file_write_atomic(path, text, size, err), 0);
    return points_read(points, path, err);
}

/* tests/golden/make_sgd_mean.py */
static void test_draws_as_numpy(void **unused)
{
    (void)unused;
    struct csv csv;
    struct error err;
    assert_int_equal(csv_read(&csv, DLEXP_SOURCE_DIR "/tests/golden/sgd_mean_points.csv", &err), 0);
    assert_int_equal(csv.rows, 137);
    for (size_t row = 0; row < csv.rows;) {
        struct points points;
        assert_int_equal(points_draw(&points, (uint32_t)strtoul(csv_cell(&csv, row, 0), NULL, 10),
                                     strtoul(csv_cell(&csv, row, 1), NULL, 10), &err),
                         0);
        for (size_t i = 0; i < points.count; i++, row++)
            assert_true(points.x[i] == strtod(csv_cell(&csv, row, 3), NULL));
        points_free(&points);
    }
    csv_free(&csv);
}

static void test_reads(void **unused)
{
    (void)unused;
    static const char *const spellings[] = {
        "1.5\n-2\n4e-1\n",
        "1.5\n-2\n4e-1",
        "1.5\r\n-2\r\n4e-1\r\n",
        " 1.5 \n\n\t-2\n+0.4\n\n",
        "\n1.5\n-2\n.4",
        "x\n1.5\n-2\n0.4\n",
        "value\n1.5\n-2\n0.4\n\n",
        "a,x,b\n,1.5,t\n,-2,\n9,0.4,\"q,r\"\n",
        "\"x\"\r\n\"1.5\"\r\n-2\r\n0.4\r\n",
        "\"1.5\"\n\"-2\"\n\"0.4\"\n",
        "1.5\r-2\r0.4\r",
        "\xef\xbb\xbf 1.5\n-2\n0.4\n",
        "\xef\xbb\xbfx\r\n1.5\r\n-2\r\n0.4\r\n",
        "\xef\xbb\xbf\"x\"\n1.5\n-2\n0.4\n",
        /* pandas: a Series with and without a name, a table of two columns, separated by tabs */
        ",x\n0,1.5\n1,-2\n2,0.4\n",
        ",0\n0,1.5\n1,-2\n2,0.4\n",
        ",x,y\n0,1.5,a\n1,-2,b\n2,0.4,c\n",
        "\tx\n0\t1.5\n1\t-2\n2\t0.4\n",
        /* numpy.savetxt with header="x", ="id x", ="id,x" and delimiter="," */
        "# x\n1.500000000000000000e+00\n-2.000000000000000000e+00\n4.000000000000000222e-01\n",
        "# id x\n0.0e+00 1.5\n1.0e+00 -2\n2.0e+00 0.4\n",
        "# id,x\n0,1.5\n1,-2\n2,0.4\n",
        "# made on a Monday\n#\n#x\n\n1.5\n# a pause\n-2\n0.4",
        /* R: write.csv and write.table of data.frame(x) */
        "\"\",\"x\"\n\"1\",1.5\n\"2\",-2\n\"3\",0.4\n",
        "\"x\"\n\"1\" 1.5\n\"2\" -2\n\"3\" 0.4\n",
        /* spreadsheets and hands */
        "id, x\n1, 1.5\n2, -2\n3, 0.4\n",
        "x , id\r\n 1.5 ,1\r\n-2,2\r\n0.4,3\r\n",
        "id;x\n1;1.5\n\n2;-2\n3;0.4\n\n",
        "id x\n1  1.5\n2 -2\n3 0.4\n",
        "the value\n1.5\n-2\n0.4\n",
    };
    char first[SHA256_HEX_SIZE] = "";
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        struct points points;
        struct error err;
        if (read_text(&points, spellings[i], strlen(spellings[i]), &err) < 0)
            fail_msg("'%s': %s", spellings[i], err.message);
        assert_int_equal(points.count, 3);
        assert_true(points.x[0] == 1.5 && points.x[1] == -2 && points.x[2] == 0.4);
        assert_true(fabs(points.mean + 0.1 / 3) < 1e-16);
        assert_true(fabs(points.variance - (6.41 / 3 - 0.01 / 9)) < 1e-15);
        if (i == 0)
            strcpy(first, points.sha256);
        assert_string_equal(points.sha256, first);
        points_free(&points);
    }
    /* python3 -c "import hashlib, struct; print(hashlib.sha256(struct.pack('<3d', 1.5, -2, 0.4)).hexdigest())" */
    assert_string_equal(first, "e81d538250aacf1666fad14ae2fd0d29bc44751fa59b958a4f67626bba2761ec");
}

static void test_published(void **unused)
{
    (void)unused;
    struct points points;
    struct error err;
    assert_int_equal(points_read(&points, DLEXP_SOURCE_DIR "/data/published/points.csv", &err), 0);
    assert_int_equal(points.count, 100);
    assert_true(points.x[0] == 0.81242289 && points.x[1] == 0.49224719);
    points_free(&points);
}

static void test_summary_is_exact_where_it_matters(void **unused)
{
    (void)unused;
    struct points points;
    struct error err;
    static const char equal[] = "0.1\n0.1\n0.1\n0.1\n0.1\n0.1\n0.1\n";
    assert_int_equal(read_text(&points, equal, sizeof equal - 1, &err), 0);
    assert_true(points.mean == 0.1 && points.variance == 0);
    points_free(&points);
    /* Far from 0: the naive mean of squares minus the square of the mean has no right digit here. */
    static const char far[] = "1000000000\n1000000001\n1000000002\n1000000003\n";
    assert_int_equal(read_text(&points, far, sizeof far - 1, &err), 0);
    assert_true(points.mean == 1000000001.5 && points.variance == 1.25);
    points_free(&points);
}

static void test_refuses(void **unused)
{
    (void)unused;
    static const struct {
        const char *text, *message;
    } wrong[] = {
        {"", "expected at least one number, got none"},
        {"\n\n", "expected at least one number, got none"},
        {"x\n", "expected at least one number, got none"},
        {"1\n2\nthree\n4\n", "line 3: expected a finite number, got 'three' (not a number)"},
        {"1\nnan\n", "line 2: expected a finite number, got 'nan' (not finite)"},
        {"NaN\n1\n", "line 1: expected a finite number, got 'NaN' (not finite)"},
        {"1\n-inf\n", "line 2: expected a finite number, got '-inf' (not finite)"},
        {"1e999\n1\n", "line 1: expected a finite number, got '1e999' (out of range)"},
        {"0.5x\n0.1\n", "line 1: expected a number or a CSV header, got '0.5x'"},
        {"0.5 0.6\n0.1 0.2\n", "line 1: expected a number or a CSV header, got '0.5 0.6'"},
        {"0.5,0.6\n", "line 1: expected a number or a CSV header"},
        {"1\n2,3\n", "line 2: expected a finite number, got '2,3'"},
        {",0.5\n1,0.6\n", "line 1: expected a number or a CSV header, got ',0.5'"},
        {"# 0.5 0.6\n0.1 0.2\n", "line 2: expected a number or a CSV header, got '0.1 0.2'"},
        {"# id x\n0 0.5 1\n", "line 2: expected a number or a CSV header, got '0 0.5 1'"},
        {"# id x\n0 0.5\n1\n", "line 3: expected 2 cells, got 1"},
        {",x\n0,0.5\n1\n", "line 3: expected 2 cells, got 1"},
        {",a,b\n0,1,2\n", "expected one column, or one named 'x', got 3 columns ('', ...)"},
        {"id;x\n1;0,5\n", "line 2: expected a finite number, got '0,5' (not a number)"},
        {"\"x\n1\n", "line 1: expected a number or a CSV header, got '\"x'"},
        {"x\n\"1\n", "line 2: expected a closing quote"},
        {"x\n\"\"\n", "line 2: expected a finite number, got an empty cell"},
        {"\"0.5x\",\"y\"\n1,2\n", "expected one column, or one named 'x', got 2 columns ('0.5x', ...)"},
        {"\xff\xfex", "got UTF-16"},
        {"a,b\n1,2\n", "expected one column, or one named 'x', got 2 columns ('a', ...)"},
        {"a,x\n1,2\n1,\n", "line 3: expected a finite number, got an empty cell"},
        {"a,x\n1,2\n1\n", "line 3: expected 2 cells, got 1"},
        {"x\n1\ntext\n", "line 3: expected a finite number, got 'text'"},
        {"x\n1\nnan\n", "line 3: expected a finite number, got 'nan' (not finite)"},
        {"x\n0x10\n", "line 2: expected a finite number, got '0x10'"},
        {"1e308\n-1e308\n", "their variance overflows"},
    };
    struct points points;
    struct error err;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(read_text(&points, wrong[i].text, strlen(wrong[i].text), &err), -1);
        assert_int_equal(err.code, ERROR_DATA);
        if (!strstr(err.message, wrong[i].message))
            fail_msg("'%s': expected '%s', got '%s'", wrong[i].text, wrong[i].message, err.message);
        points_free(&points);
    }
    assert_int_equal(read_text(&points, "1\n2\0\n", 5, &err), -1);
    assert_int_equal(err.code, ERROR_DATA);
    points_free(&points);
    assert_int_equal(points_read(&points, "no/such/file", &err), -1);
    assert_int_equal(err.code, ERROR_DATA);
    points_free(&points);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_draws_as_numpy), cmocka_unit_test(test_reads),
        cmocka_unit_test(test_published),      cmocka_unit_test(test_summary_is_exact_where_it_matters),
        cmocka_unit_test(test_refuses),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
