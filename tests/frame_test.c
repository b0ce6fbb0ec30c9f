/* frame_test.c - cells of every type as CSV: exact numbers, missing values, texts in quotes where they must be. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dlexp/formats/csv.h"
#include "dlexp/formats/frame_file.h"

static const struct frame_column columns[] = {
    {.name = "text", .type = FRAME_TEXT},
    {.name = "quoted", .type = FRAME_TEXT, .quoted = true},
    {.name = "integer", .type = FRAME_INTEGER},
    {.name = "real", .type = FRAME_REAL},
    {.name = "nine", .type = FRAME_REAL, .digits = 9},
    {.name = "single", .type = FRAME_SINGLE},
    {.name = NULL},
};

static void fill(const void *context, struct frame *frame)
{
    (void)context;
    frame_text(frame, "plain");
    frame_text(frame, "a");
    frame_integer(frame, INT64_MIN);
    frame_real(frame, 0.1);
    frame_real(frame, 1.0 / 3);
    frame_real(frame, (double)0.1F);

    frame_text(frame, "one, \"two\"");
    frame_text(frame, "");
    frame_none(frame);
    frame_reals(frame, (const double[]){(double)NAN, 1e300 * 10, -0.0}, 3);

    for (size_t i = 0; i < 6; i++)
        frame_none(frame);
    assert_int_equal(frame->rows, 3);
}

static char *written(void)
{
    char *text = NULL;
    size_t size;
    struct frame frame;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    frame_open_csv(&frame, columns, out);
    fill(NULL, &frame);
    frame_close(&frame);
    fclose(out);
    return text;
}

static void test_cells(void **state)
{
    char *text = written();
    (void)state;
    assert_string_equal(text, "text,quoted,integer,real,nine,single\n"
                              "plain,\"a\",-9223372036854775808,0.1,0.333333333,0.1\n"
                              "\"one, \"\"two\"\"\",\"\",,,1e+301,-0\n"
                              ",,,,,\n");
    free(text);
}

/* The program's own reader gets back what was filled in. */
static void test_reads_back(void **state)
{
    struct csv csv;
    struct error err;
    (void)state;
    assert_int_equal(frame_file_csv(".", "frame.csv", columns, fill, NULL, &err), 0);
    assert_int_equal(csv_read(&csv, "frame.csv", &err), 0);
    assert_int_equal(csv.rows, 3);
    assert_int_equal(csv.columns, 6);
    assert_string_equal(csv_cell(&csv, 1, 0), "one, \"two\"");
    assert_string_equal(csv_cell(&csv, 0, 3), "0.1");
    csv_free(&csv);
}

static void test_no_folder(void **state)
{
    struct error err;
    (void)state;
    assert_int_equal(frame_file_csv("no/such/folder", "frame.csv", columns, fill, NULL, &err), -1);
    assert_int_equal(err.code, ERROR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_reads_back),
        cmocka_unit_test(test_no_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
