/* The user's cache: which directory it is, and what gives way in it to make room. */
#include "support.h"

#include <fcntl.h>

#include "dlexp/base/cache.h"
#include "idx_files.h"

static char directory[PATH_SIZE];

static int set_up(void **state)
{
    char place[PATH_SIZE + 8];
    (void)state;
    make_directory(directory);
    snprintf(place, sizeof place, "%s/cache", directory);
    assert_int_equal(setenv("DLEXP_CACHE", place, 1), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    remove_directory(directory);
    return 0;
}

static void the_directory_is_the_one_that_is_named(void **state)
{
    static const struct {
        const char *own, *all, *home, *path;
    } cases[] = {
        {"/a", "/b", "/c", "/a/images/x"},
        {"off", "/b", "/c", NULL},
        {"", "/b", "/c", NULL},
        {NULL, "/b", "/c", "/b/dlexp/images/x"},
        {NULL, "relative", "/c", "/c/.cache/dlexp/images/x"},
        {NULL, "", "/c", "/c/.cache/dlexp/images/x"},
        {NULL, NULL, "/c", "/c/.cache/dlexp/images/x"},
        {NULL, NULL, NULL, NULL},
        {NULL, NULL, "", NULL},
    };
    char *home = strdup(getenv("HOME") ? getenv("HOME") : "");
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const names[] = {"DLEXP_CACHE", "XDG_CACHE_HOME", "HOME"};
        const char *const values[] = {cases[i].own, cases[i].all, cases[i].home};
        for (size_t n = 0; n < 3; n++)
            assert_int_equal(values[n] ? setenv(names[n], values[n], 1) : unsetenv(names[n]), 0);
        char *path = cache_path("images", "x");
        if (cases[i].path)
            assert_string_equal(path, cases[i].path);
        else
            assert_null(path);
        free(path);
    }
    setenv("HOME", home, 1);
    unsetenv("XDG_CACHE_HOME");
    free(home);
}

/* Whether the cache holds images/NAME, by its name alone. */
static bool holds(const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/cache/images/%s", directory, name);
    return access(path, F_OK) == 0;
}

static void what_was_not_used_for_longest_makes_room(void **state)
{
    const struct cache_limit limit = {1000, 3};
    char data[600] = {0}, path[1024];
    uintmax_t size;
    (void)state;
    for (int i = 0; i < 3; i++) {
        const char name[] = {(char)('a' + i), 0};
        cache_write("images", name, "h", 1, data, 99, &limit);
        snprintf(path, sizeof path, "%s/cache/images/%s", directory, name);
        const struct timespec times[2] = {{1000 + (i + 2) % 3, 0}, {1000 + (i + 2) % 3, 0}}; /* b, c, a */
        assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    }
    assert_int_equal(cache_size(), 300);
    cache_write("images", "d", "h", 1, data, 99, &limit); /* the fourth file */
    assert_false(holds("b"));
    const int fd = cache_open(&size, "images", "c"); /* used now */
    assert_true(fd >= 0);
    assert_int_equal(size, 100);
    close(fd);
    cache_write("images", "e", NULL, 0, data, 500, &limit);
    assert_false(holds("a"));
    assert_true(holds("c"));
    cache_write("images", "f", NULL, 0, data, 501, &limit); /* more than half of all */
    assert_false(holds("f"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_directory_is_the_one_that_is_named),
        cmocka_unit_test_setup_teardown(what_was_not_used_for_longest_makes_room, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
