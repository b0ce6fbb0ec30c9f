/* table_test.c - alignment, rule, width in characters, and the ends of lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dlexp/cli/table.h"

static void assert_prints(struct table *table, const char *expected)
{
    struct error err;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(table_end(table, out, &err), 0);
    fclose(out);
    assert_string_equal(text, expected);
    free(text);
}

static void fill(struct table *table, size_t count, const char *const *cells)
{
    for (size_t i = 0; i < count; i++)
        table_cell(table, "%s", cells[i]);
}

static void test_alignment(void **state)
{
    struct table table;
    (void)state;
    table_begin(&table, 4, "norm", "lr", "test %", "status");
    table_cell(&table, "%s", "none");
    table_cell(&table, "%g", 0.01);
    table_cell(&table, "%.2f", 97.5);
    table_cell(&table, "completed");
    fill(&table, 4, (const char *const[]){"batchnorm", "0.5", "-", "diverged"});
    assert_prints(&table, "norm         lr  test %  status\n"
                          "---------  ----  ------  ---------\n"
                          "none       0.01   97.50  completed\n"
                          "batchnorm   0.5       -  diverged\n");
}

/* One cell that is no number turns the column to the left. */
static void test_what_is_a_number(void **state)
{
    static const struct {
        const char *cell;
        int number;
    } cases[] = {{"0", 1},   {"-1", 1},   {"+2", 1},   {".5", 1}, {"-.5", 1}, {"1e9", 1}, {"-", 1},    {"nan", 1},
                 {"inf", 1}, {"-inf", 1}, {"12 s", 1}, {"a", 0},  {"-a", 0},  {"+", 0},   {"none", 0}, {"--", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct table table;
        char expected[64];
        table_begin(&table, 1, "heading");
        table_cell(&table, "%s", cases[i].cell);
        table_cell(&table, "%s", ""); /* an empty cell decides nothing */
        snprintf(expected, sizeof expected, cases[i].number ? "heading\n-------\n%7s\n\n" : "heading\n-------\n%s\n\n",
                 cases[i].cell);
        assert_prints(&table, expected);
    }
}

static void test_width_in_characters(void **state)
{
    struct table table;
    (void)state;
    table_begin(&table, 2,
                "gr\xc3\xb6\xc3\x9f"
                "e",
                "n");
    fill(&table, 4, (const char *const[]){"\xc3\xa4", "1", "abc", "22"});
    assert_prints(&table, "gr\xc3\xb6\xc3\x9f"
                          "e   n\n"
                          "-----  --\n"
                          "\xc3\xa4       1\n"
                          "abc    22\n");
}

static void test_odd_shapes(void **state)
{
    struct table table;
    (void)state;
    table_begin(&table, 2, "a", "bb");
    assert_prints(&table, "a  bb\n-  --\n");
    table_begin(&table, 3, "a", "b", "c");
    fill(&table, 4, (const char *const[]){"x", "", "z", "last"}); /* a row left unfinished */
    assert_prints(&table, "a     b  c\n----  -  -\nx        z\nlast\n");
}

static void test_many_and_long(void **state)
{
    struct table table;
    char cell[5001];
    (void)state;
    memset(cell, 'x', 5000);
    cell[5000] = '\0';
    table_begin(&table, 2, "i", "text");
    for (int i = 0; i < 1000; i++) {
        table_cell(&table, "%d", i);
        table_cell(&table, "%s", cell + 5 * i);
    }
    assert_int_equal(table.count, 2002);
    assert_int_equal(table.failed, 0);
    assert_string_equal(table.cells[2 * 1000], "999");
    assert_int_equal(strlen(table.cells[3]), 5000);
    FILE *out = fopen("/dev/null", "w");
    struct error err;
    assert_non_null(out);
    assert_int_equal(table_end(&table, out, &err), 0);
    fclose(out);
    assert_null(table.cells);
}

/* A table that is not whole is not printed at all. */
static void test_failed(void **state)
{
    struct table table;
    struct error err;
    (void)state;
    table_begin(&table, 1, "a");
    table.failed = 1;
    table_cell(&table, "lost");
    assert_int_equal(table.count, 1);
    FILE *out = tmpfile();
    assert_non_null(out);
    assert_int_equal(table_end(&table, out, &err), -1);
    assert_int_equal(err.code, ERROR_IO);
    assert_string_equal(err.message, "out of memory for a table to print");
    assert_int_equal(ftell(out), 0);
    assert_null(table.cells);
    fclose(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alignment),           cmocka_unit_test(test_what_is_a_number),
        cmocka_unit_test(test_width_in_characters), cmocka_unit_test(test_odd_shapes),
        cmocka_unit_test(test_many_and_long),       cmocka_unit_test(test_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
