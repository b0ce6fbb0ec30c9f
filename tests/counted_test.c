/* counted_test.c - a number with its noun. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dlexp/base/counted.h"

static void test_counted(void **state)
{
    (void)state;
    assert_string_equal(counted(0, "run").text, "0 runs");
    assert_string_equal(counted(1, "failed run").text, "1 failed run");
    assert_string_equal(counted(2, "failed run").text, "2 failed runs");
    assert_string_equal(counted(10, "class").text, "10 classes");
    assert_string_equal(counted(1, "class").text, "1 class");
    assert_string_equal(plural_end(1, "pass"), "");
    assert_string_equal(plural_end(3, "pass"), "es");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_counted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
