#include "support.h"

#include "dlexp/nearest.h"

static bool norm_name(size_t index, const char **name)
{
    static const char *const names[] = {"none", "batchnorm", "layernorm"};
    if (index < sizeof names / sizeof *names)
        *name = names[index];
    return index < sizeof names / sizeof *names;
}

static void test_nearest(void **state)
{
    (void)state;
    assert_string_equal(nearest_name("batchnrm", norm_name), "batchnorm");
    assert_string_equal(nearest_name("batch-norm", norm_name), "batchnorm");
    assert_string_equal(nearest_name("NONE", norm_name), "none");
    assert_string_equal(nearest_name("lay", norm_name), "layernorm");
    assert_null(nearest_name("", norm_name));
    assert_null(nearest_name("l", norm_name));
    assert_null(nearest_name("sgd", norm_name));
    char line[300];
    memset(line, 'n', sizeof line);
    line[299] = '\0';
    assert_null(nearest_name(line, norm_name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nearest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
