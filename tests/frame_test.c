/* frame_test.c - one frame in every format: exact numbers in CSV and JSON, what a person reads on a terminal and in
 * HTML, missing values in all of them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cJSON.h>
#include <cmocka.h>

#include "dlexp/base/file.h"
#include "dlexp/formats/csv.h"
#include "dlexp/formats/frame_file.h"
#include "dlexp/formats/json.h"
#include "idx_files.h"

/* Cells of every type, and columns that this or that format leaves out. */
static const struct frame_column columns[] = {
    {.name = "text", .type = FRAME_TEXT, .title = "a <text>"},
    {.name = "quoted", .type = FRAME_TEXT, .quoted = true},
    {.name = "integer", .type = FRAME_INTEGER, .title = "n"},
    {.name = "real", .type = FRAME_REAL, .not_json = true},
    {.of = "loss",
     .name = "mean",
     .type = FRAME_REAL,
     .digits = 9,
     .title = "loss",
     .unit = "%",
     .scale = 100,
     .shown = SHOWN_DECIMALS,
     .places = 2},
    {.of = "loss",
     .name = "half_width",
     .type = FRAME_REAL,
     .csv = "",
     .scale = 100,
     .shown = SHOWN_DIGITS,
     .places = 2,
     .interval = true},
    {.name = "single", .type = FRAME_SINGLE},
    {.name = "spelled", .type = FRAME_NUMBER, .csv = "old_header", .title = "below"},
    {.name = "yes", .type = FRAME_BOOL, .title = "is it?"},
    {.name = "seldom", .type = FRAME_INTEGER, .title = "seldom", .optional = true},
    {.name = NULL},
};

static void fill(const void *context, struct frame *frame)
{
    char gone[8] = "plain"; /* a text is not needed after the call */
    (void)context;
    frame_text(frame, gone);
    memset(gone, 'x', sizeof gone - 1);
    frame_text(frame, "a");
    frame_integer(frame, INT64_MIN);
    frame_real(frame, 0.1);
    frame_real(frame, 1.0 / 3);
    frame_real(frame, 0.0123);
    frame_real(frame, (double)0.1F);
    frame_note(frame, "%s", "*");
    frame_text(frame, "1e-3");
    frame_bool(frame, true);
    frame_none(frame);

    frame_text(frame, "one, \"two\"");
    frame_text(frame, "");
    frame_note(frame, "never");
    frame_none(frame);
    frame_reals(frame, (const double[]){(double)NAN, 1e300 * 10, (double)NAN, -0.0}, 4);
    frame_text(frame, "1e-06");
    frame_bool(frame, false);
    frame_none(frame);

    for (size_t i = 0; i < sizeof columns / sizeof *columns - 1; i++)
        frame_none(frame);
    assert_int_equal(frame->rows, 3);
}

static char *printed(const struct frame_writer *writer, const struct frame_column *of, frame_fill_fn *with)
{
    struct error err;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(frame_print(writer, out, of, with, NULL, &err), 0);
    fclose(out);
    return text;
}

static void assert_prints(const struct frame_writer *writer, const struct frame_column *of, frame_fill_fn *with,
                          const char *expected)
{
    char *text = printed(writer, of, with);
    assert_string_equal(text, expected);
    free(text);
}

static void test_csv(void **state)
{
    (void)state;
    assert_prints(&frame_csv, columns, fill,
                  "text,quoted,integer,real,loss_mean,single,old_header,yes,seldom\n"
                  "plain,\"a\",-9223372036854775808,0.1,0.333333333,0.1,1e-3,yes,\n"
                  "\"one, \"\"two\"\"\",\"\",,,1e+301,-0,1e-06,no,\n"
                  ",,,,,,,,\n");
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
    assert_int_equal(csv.columns, 9);
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

/* The numbers of CSV, to their digits; parts of one thing in an object; what a whole double does not hold as its text.
 */
static void fill_half(const void *context, struct frame *frame)
{
    struct error first, second;
    (void)context;
    error_set(&first, ERROR_DATA, "no such row");
    error_set(&second, ERROR_IO, "no such row either");
    fill(NULL, frame);
    frame_fail(frame, &first);
    frame_fail(frame, &second);
}

/* What filling fails of is told, and no table of half the rows takes the place of what was there. */
static void test_failed(void **state)
{
    struct error err;
    unsigned char *before, *after;
    size_t before_size, after_size;
    (void)state;
    assert_int_equal(frame_file_csv(".", "half.csv", columns, fill, NULL, &err), 0);
    assert_int_equal(file_read("half.csv", &before, &before_size, &err), 0);
    assert_int_equal(frame_file_csv(".", "half.csv", columns, fill_half, NULL, &err), -1);
    assert_int_equal(err.code, ERROR_DATA);
    assert_string_equal(err.message, "no such row");
    assert_int_equal(file_read("half.csv", &after, &after_size, &err), 0);
    assert_int_equal(after_size, before_size);
    assert_memory_equal(after, before, after_size);
    free(before);
    free(after);
}

static void test_json(void **state)
{
    struct error err;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    (void)state;
    assert_non_null(out);
    cJSON *root = cJSON_CreateObject();
    frame_add_json(root, "rows", columns, fill, NULL);
    assert_int_equal(json_print(root, out, "the test", &err), 0);
    fclose(out);
    assert_non_null(strstr(text, "-9223372036854775808"));
    root = cJSON_Parse(text);
    char *compact = cJSON_PrintUnformatted(cJSON_GetArrayItem(cJSON_GetObjectItem(root, "rows"), 1));
    assert_string_equal(compact, "{\"text\":\"one, \\\"two\\\"\",\"quoted\":\"\",\"integer\":null,"
                                 "\"loss\":{\"mean\":1e+301,\"half_width\":null},\"single\":-0,\"spelled\":1e-06,"
                                 "\"yes\":false,\"seldom\":null}");
    const cJSON *first = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "rows"), 0);
    assert_true(cJSON_GetObjectItem(first, "single")->valuedouble == 0.1);
    assert_true(cJSON_GetObjectItem(cJSON_GetObjectItem(first, "loss"), "mean")->valuedouble == 0.333333333);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(root, "rows")), 3);
    free(compact);
    cJSON_Delete(root);
    free(text);
}

/* Numbers stand to the right, the interval behind its value, a note behind or in place of one; what is optional and
 * empty is left out. */
static void test_terminal(void **state)
{
    (void)state;
    assert_prints(&frame_terminal, columns, fill,
                  "a <text>                       n       loss %  below  is it?\n"
                  "----------  --------------------  -----------  -----  ------\n"
                  "plain       -9223372036854775808  33.33 \302\261 1.2  1e-3*  yes\n"
                  "one, \"two\"                 never     1.0e+303  1e-06  no\n"
                  "-                              -            -      -  -\n");
}

static void test_html(void **state)
{
    char *text = printed(&frame_html, columns, fill);
    (void)state;
    assert_memory_equal(text, "<table>\n<thead>\n<tr><th scope=\"col\">a &lt;text&gt;</th>", 53);
    assert_non_null(strstr(text, "<th scope=\"col\" class=\"number\">loss %</th>"));
    /* A cell knows its heading, for a page too narrow for columns. */
    assert_non_null(strstr(text, "<tr><td data-title=\"a &lt;text&gt;\">one, &quot;two&quot;</td>"
                                 "<td class=\"number\" data-title=\"n\">never</td>"));
    assert_null(strstr(text, "seldom"));
    assert_string_equal(text + strlen(text) - 18, "</tbody>\n</table>\n");
    free(text);
}

static const struct frame_column shown_columns[] = {
    {.name = "exact", .type = FRAME_REAL, .title = "exact"},
    {.name = "decimals", .type = FRAME_REAL, .title = "decimals", .shown = SHOWN_DECIMALS, .places = 1},
    {.name = "signed", .type = FRAME_REAL, .title = "signed", .shown = SHOWN_SIGNED, .places = 2},
    {.name = "digits", .type = FRAME_REAL, .title = "digits", .shown = SHOWN_DIGITS, .places = 3},
    {.name = "three", .type = FRAME_REAL, .title = "three", .shown = SHOWN_THREE},
    {.name = "word", .type = FRAME_TEXT, .title = "gr\303\266\303\237e"},
    {.name = NULL},
};

static void fill_shown(const void *context, struct frame *frame)
{
    (void)context;
    for (size_t i = 0; i < 3; i++) {
        const double value = (double[]){0.12345, 12.345, 1234.5}[i];
        frame_reals(frame, (const double[]){value, value, value, value, value}, 5);
        frame_text(frame, (const char *[]){"\303\244", "", "abc"}[i]);
    }
    for (size_t c = 0; c < 4; c++)
        frame_none(frame);
    frame_real(frame, -1);
    frame_text(frame, "last");
}

/* Width is counted in characters, and no line ends in blanks. */
static void test_shown(void **state)
{
    (void)state;
    assert_prints(&frame_terminal, shown_columns, fill_shown,
                  "  exact  decimals    signed    digits  three  gr\303\266\303\237e\n"
                  "-------  --------  --------  --------  -----  -----\n"
                  "0.12345       0.1     +0.12     0.123   0.12  \303\244\n"
                  " 12.345      12.3    +12.35      12.3   12.3\n"
                  " 1234.5    1234.5  +1234.50  1.23e+03   1234  abc\n"
                  "      -         -         -         -  -1.00  last\n");
}

/* Headings that would make the table wider than 80 columns stand in lines, as few as do, the last ones on one level:
 * 40 + 2 + 34 + 2 + 18 > 80 >= 40 + 2 + 17 + 2 + 11. */
static void fill_wide(const void *context, struct frame *frame)
{
    frame_text(frame, context);
    frame_real(frame, 97.5);
    frame_real(frame, 1);
}

static void test_wide(void **state)
{
    static const struct frame_column wide[] = {
        {.name = "a", .type = FRAME_TEXT, .title = "of which kind it is"},
        {.name = "b", .type = FRAME_REAL, .title = "test accuracy of the last epoch, %"},
        {.name = "c", .type = FRAME_REAL, .title = "gr\303\266\303\237er than before"},
        {.name = NULL},
    };
    char text[41];
    (void)state;
    memset(text, 'x', 40);
    text[40] = '\0';
    struct error err;
    char *printed_text = NULL;
    size_t size;
    FILE *out = open_memstream(&printed_text, &size);
    assert_non_null(out);
    assert_int_equal(frame_print(&frame_terminal, out, wide, fill_wide, text, &err), 0);
    fclose(out);
    assert_string_equal(printed_text,
                        "                                           test accuracy of  gr\303\266\303\237er than\n"
                        "of which kind it is                       the last epoch, %       before\n"
                        "----------------------------------------  -----------------  -----------\n"
                        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx               97.5            1\n");
    free(printed_text);
}

static void fill_nothing(const void *context, struct frame *frame)
{
    (void)context, (void)frame;
}

static void fill_many(const void *context, struct frame *frame)
{
    char text[1001];
    (void)context;
    memset(text, 'x', sizeof text - 1);
    text[1000] = '\0';
    for (size_t i = 0; i < 1000; i++) {
        frame_text(frame, text + i);
        frame_integer(frame, (int64_t)i);
    }
}

/* No row, and more rows than there is room for at first. */
static void test_sizes(void **state)
{
    static const struct frame_column two[] = {
        {.name = "a", .type = FRAME_TEXT, .title = "a"}, {.name = "n", .type = FRAME_INTEGER, .title = "n"}, {0}};
    (void)state;
    assert_prints(&frame_csv, two, fill_nothing, "a,n\n");
    assert_prints(&frame_terminal, two, fill_nothing, "a  n\n-  -\n");
    char *text = printed(&frame_terminal, two, fill_many);
    /* Wider than any screen: in two bands, and no names beside the second, for which there is no room. */
    assert_int_equal(strlen(text), 2 + 1001 + (1000 * 1001 / 2 + 1000) + 1 + 1002 * (3 + 1));
    assert_non_null(strstr(text, "\n999\n"));
    free(text);
}

/* Wherever it is started: the tests write files. */
static char directory[PATH_SIZE];

static int set_up(void **state)
{
    (void)state;
    make_directory(directory);
    return chdir(directory);
}

static int tear_down(void **state)
{
    (void)state;
    remove_directory(directory);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv),    cmocka_unit_test(test_reads_back), cmocka_unit_test(test_no_folder),
        cmocka_unit_test(test_failed), cmocka_unit_test(test_json),       cmocka_unit_test(test_terminal),
        cmocka_unit_test(test_html),   cmocka_unit_test(test_shown),      cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_wide),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
