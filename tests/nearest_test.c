/* The nearest of known names to one that was mistyped, and none where nothing is near. */
#include "support.h"

#include "dlexp/cli/nearest.h"

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
    assert_string_equal(nearest_name("batchnorm1d", norm_name), "batchnorm");
    assert_string_equal(nearest_name("nonesuch", norm_name), "none");
    assert_null(nearest_name("", norm_name));
    assert_null(nearest_name("l", norm_name));
    assert_null(nearest_name("sgd", norm_name));
    char line[300];
    memset(line, 'n', sizeof line);
    line[299] = '\0';
    assert_null(nearest_name(line, norm_name));
}

static bool option_name(size_t index, const char **name)
{
    static const char *const names[] = {"lr", "batch", "out", "log-every", "data"};
    if (index < sizeof names / sizeof *names)
        *name = names[index];
    return index < sizeof names / sizeof *names;
}

/* What people type who know other programs. */
static void test_other_names(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"learning-rate", "lr"}, {"learning_rate", "lr"}, {"Learning-Rate", "lr"}, {"batch-size", "batch"},
        {"batch_size", "batch"}, {"output", "out"},       {"data-dir", "data"},    {"log-every-n", "log-every"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_string_equal(nearest_name(pairs[i][0], option_name), pairs[i][1]);
    assert_null(nearest_name("learning", option_name));
    assert_null(nearest_name("learning-rate-decay", option_name));
    assert_null(nearest_name("-", option_name));
    assert_null(nearest_name("data,out", option_name)); /* a list is no name */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nearest), cmocka_unit_test(test_other_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
