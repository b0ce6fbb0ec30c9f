/* Finding the program's own files: in the source tree, and in the share directory beside the program that runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "dlexp/base/file.h"
#include "dlexp/base/locate.h"

static void test_source_tree(void **state)
{
    (void)state;
    struct error err;
    char *path;
    assert_int_equal(locate_data(&path, "published/best.csv", &err), 0);
    assert_string_equal(path, DLEXP_SOURCE_DIR "/data/published/best.csv");
    free(path);
    assert_int_equal(locate_script(&path, "plots/style.gp", &err), 0);
    assert_string_equal(path, DLEXP_SOURCE_DIR "/scripts/plots/style.gp");
    free(path);
}

static void test_nowhere(void **state)
{
    (void)state;
    struct error err;
    char *path;
    assert_int_equal(locate_data(&path, "no/such/file", &err), -1);
    assert_int_equal(err.code, ERROR_DATA);
    assert_null(path);
    assert_non_null(strstr(err.message, "no/such/file"));
    assert_non_null(strstr(err.message, DLEXP_SOURCE_DIR));
    assert_non_null(strstr(err.message, "share/dlexp"));
}

/* What the user types is taken as it is, and looked for among the program's data where it begins with data/. */
static void test_input(void **state)
{
    (void)state;
    struct error err;
    char *path;
    assert_int_equal(locate_input(&path, "data/published/points.csv", &err), 0);
    assert_string_equal(path, DLEXP_SOURCE_DIR "/data/published/points.csv");
    free(path);
    static const char *const own[] = {"points.csv", "/data/published/points.csv"};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(locate_input(&path, own[i], &err), 0);
        assert_string_equal(path, own[i]);
        free(path);
    }
    assert_int_equal(directory_create("data/published", &err), 0);
    assert_int_equal(file_write_atomic("data/published/points.csv", "x", 1, &err), 0);
    assert_int_equal(locate_input(&path, "data/published/points.csv", &err), 0);
    assert_int_equal(file_remove("data/published/points.csv", &(struct error){0}), 0);
    assert_string_equal(path, "data/published/points.csv");
    free(path);
    assert_int_equal(locate_input(&path, "data/nonesuch.csv", &err), -1);
    assert_int_equal(err.code, ERROR_DATA);
    assert_non_null(strstr(err.message, DLEXP_SOURCE_DIR));
    assert_non_null(strstr(err.message, "below the current directory"));
}

/* An installed tree can be moved: the share directory is looked for from where this very program lies. */
static void test_beside_program(void **state)
{
    (void)state;
    struct error err;
    char program[4096], directory[5000], file[5100], *path;
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length < 0)
        skip();
    program[length] = '\0';
    *strrchr(program, '/') = '\0';
    snprintf(directory, sizeof directory, "%s/../share/dlexp/data", program);
    snprintf(file, sizeof file, "%s/locate_test-%ld", directory, (long)getpid());
    assert_int_equal(directory_create(directory, &err), 0);
    assert_int_equal(file_write_atomic(file, "x", 1, &err), 0);
    int result = locate_data(&path, strrchr(file, '/') + 1, &err);
    assert_int_equal(file_remove(file, &(struct error){0}), 0);
    assert_int_equal(result, 0);
    assert_non_null(strstr(path, "share/dlexp/data/locate_test-"));
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_source_tree),
        cmocka_unit_test(test_nowhere),
        cmocka_unit_test(test_input),
        cmocka_unit_test(test_beside_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
