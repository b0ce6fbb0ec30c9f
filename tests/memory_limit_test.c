/* What memory is left, read from a /proc and a /sys of our own making. */
#include "support.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include "dlexp/base/file.h"
#include "dlexp/base/memory_limit.h"

static const char root[] = "limit-root";

/* A file below root with its directories. */
static void put(const char *name, const char *text)
{
    struct error err;
    char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    assert_int_equal(directory_create(path, &err), 0);
    *slash = '/';
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int clear(void **state)
{
    (void)state;
    return system("rm -rf limit-root") == 0 ? 0 : -1;
}

static void assert_left(double bytes, const char *name)
{
    const struct memory_limit limit = memory_limit_below(root);
    if (limit.bytes != bytes || !strstr(limit.name, name))
        fail_msg("expected %.0f (%s), got %.0f (%s)", bytes, name, limit.bytes, limit.name);
}

static void test_machine(void **state)
{
    (void)state;
    put("proc/meminfo",
        "MemTotal:  4000 kB\nMemFree: 1 kB\nMemAvailable:   3000 kB\nSwapTotal: 10 kB\nSwapFree: 7 kB\n");
    put("proc/self/statm", "1 1 1 1 0 1 0\n");
    assert_left(3007 * 1024.0, "machine");
}

static void test_version_2(void **state)
{
    (void)state;
    test_machine(state);
    put("proc/self/cgroup", "0::/slice/unit\n");
    put("sys/fs/cgroup/slice/unit/memory.max", "max\n");
    put("sys/fs/cgroup/slice/unit/memory.current", "500000\n");
    assert_left(3007 * 1024.0, "machine");
    put("sys/fs/cgroup/slice/unit/memory.max", "900000\n");
    assert_left(400000, "control group");
    put("sys/fs/cgroup/slice/unit/memory.stat", "anon 5\nfile 400000\ninactive_file 100000\nslab 4\n");
    assert_left(500000, "control group");
    /* A group above leaves less, and the root's files are the container's own. */
    put("sys/fs/cgroup/slice/memory.max", "600000\n");
    put("sys/fs/cgroup/slice/memory.current", "520000\n");
    assert_left(80000, "control group");
    put("sys/fs/cgroup/memory.max", "530000\n");
    put("sys/fs/cgroup/memory.current", "540000\n");
    assert_left(0, "control group");
}

static void test_version_1(void **state)
{
    (void)state;
    test_machine(state);
    put("proc/self/cgroup", "9:name=systemd:/\n8:cpu,cpuacct:/x\n4:hugetlb,memory:/docker/abc\n0::/\n");
    put("sys/fs/cgroup/memory/memory.limit_in_bytes", "1000000\n"); /* the host's path is not there */
    put("sys/fs/cgroup/memory/memory.usage_in_bytes", "250000\n");
    assert_left(750000, "control group");
    put("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "9223372036854771712\n");
    put("sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes", "250000\n");
    assert_left(750000, "control group");
    put("sys/fs/cgroup/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 50000\n");
    assert_left(800000, "control group");
}

static void test_own_limits(void **state)
{
    struct rlimit own, lower;
    const double page = (double)sysconf(_SC_PAGESIZE);
    test_machine(state);
    put("proc/meminfo", "MemAvailable: 900000000000 kB\n");
    put("proc/self/statm", "100 50 20 3 0 60 0\n");
    assert_int_equal(getrlimit(RLIMIT_DATA, &own), 0);
    lower = own;
    lower.rlim_cur = 4000000000;
    if ((own.rlim_max != RLIM_INFINITY && own.rlim_max < lower.rlim_cur) || setrlimit(RLIMIT_DATA, &lower) != 0)
        skip();
    assert_left(4e9 - 60 * page, "ulimit -d");
    assert_int_equal(setrlimit(RLIMIT_DATA, &own), 0);
}

static void test_check(void **state)
{
    struct error err = {0};
    char text[MEMORY_TEXT_SIZE];
    (void)state;
    assert_true(memory_limit_now().bytes > 1e6);
    assert_int_equal(memory_limit_check(1e6, "the test", "do less", &err), 0);
    assert_int_equal(memory_limit_check(1e18, "the test", "do less", &err), -1);
    assert_int_equal(err.code, ERROR_IO);
    assert_non_null(strstr(err.message, "not enough memory for the test: expected at least 1000000000 GB, got "));
    assert_non_null(strstr(err.message, "; do less"));
    assert_string_equal(memory_format(text, 1.66e9), "1.7 GB");
    assert_string_equal(memory_format(text, 999.6e6), "1.0 GB");
    assert_string_equal(memory_format(text, 153.4e6), "153 MB");
    assert_string_equal(memory_format(text, 1.25e6), "1.2 MB");
    assert_string_equal(memory_format(text, 999.6e3), "1.0 MB");
    assert_string_equal(memory_format(text, 65536), "66 kB");
    assert_string_equal(memory_format(text, 999.6), "1.0 kB");
    assert_string_equal(memory_format(text, 999), "999 bytes");
    assert_string_equal(memory_format(text, 1), "1 byte");
    assert_string_equal(memory_format(text, 0), "0 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_machine, clear, clear),
        cmocka_unit_test_setup_teardown(test_version_2, clear, clear),
        cmocka_unit_test_setup_teardown(test_version_1, clear, clear),
        cmocka_unit_test_setup_teardown(test_own_limits, clear, clear),
        cmocka_unit_test(test_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
