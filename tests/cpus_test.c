/* The CPUs that this process may use: quotas as trees of files have them, and the affinity of the process itself. */
#ifdef __linux__
#define _GNU_SOURCE /* sched_setaffinity */
#endif
#include "support.h"

#include <sched.h>
#include <sys/wait.h>

#include "dlexp/base/cpus.h"
#include "dlexp/base/file.h"

static char root[512];

static void put(const char *directory, const char *name, const char *text)
{
    struct error err;
    char below[1024], path[2048];
    snprintf(below, sizeof below, "%s%s", root, directory);
    snprintf(path, sizeof path, "%s/%s", below, name);
    if (directory_create(below, &err) < 0 || file_write_atomic(path, text, strlen(text), &err) < 0)
        fail_msg("%s", err.message);
}

/* A fresh tree with these two files of /proc/self. */
static void begin(const char *cgroup, const char *mountinfo)
{
    char command[600];
    if (*root) {
        snprintf(command, sizeof command, "rm -rf '%s'", root);
        assert_int_equal(system(command), 0);
    }
    scratch_create(root);
    put("/proc/self", "cgroup", cgroup);
    put("/proc/self", "mountinfo", mountinfo);
}

static void expect(double quota)
{
    const double got = cpus_quota(root);
    if (got != quota)
        fail_msg("expected a quota of %g CPUs, got %g", quota, got);
}

static const char mount_2[] = "24 1 0:22 / /proc rw - proc proc rw\n"
                              "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
static const char mount_1[] = "33 32 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                              "34 32 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
                              "35 32 0:31 / /sys/fs/cgroup/cpu,cpuacct rw shared:14 - cgroup cgroup rw,cpu,cpuacct\n";

static void version_2(void **state)
{
    (void)state;
    begin("0::/user.slice/dlexp.scope\n", mount_2);
    expect(INFINITY);
    put("/sys/fs/cgroup/user.slice/dlexp.scope", "cpu.max", "max 100000\n");
    expect(INFINITY);
    put("/sys/fs/cgroup/user.slice/dlexp.scope", "cpu.max", "150000 100000\n");
    expect(1.5);
    put("/sys/fs/cgroup/user.slice", "cpu.max", "200000 100000\n"); /* a parent that gives more */
    expect(1.5);
    put("/sys/fs/cgroup/user.slice", "cpu.max", "50000 100000\n"); /* and less */
    expect(0.5);
    put("/sys/fs/cgroup", "cpu.max", "20000 100000\n"); /* what a container sees as its own */
    expect(0.2);
    begin("0::/\n", mount_2);
    put("/sys/fs/cgroup", "cpu.max", "400000 100000\n");
    expect(4);
}

static void version_1(void **state)
{
    (void)state;
    begin("12:cpuset:/other\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/x\n", mount_1);
    expect(INFINITY);
    put("/sys/fs/cgroup/cpu,cpuacct/docker/abc", "cpu.cfs_period_us", "50000\n");
    put("/sys/fs/cgroup/cpu,cpuacct/docker/abc", "cpu.cfs_quota_us", "-1\n");
    expect(INFINITY);
    put("/sys/fs/cgroup/cpu,cpuacct/docker/abc", "cpu.cfs_quota_us", "150000\n");
    expect(3);
    put("/sys/fs/cgroup/cpu,cpuacct/docker", "cpu.cfs_period_us", "100000\n");
    put("/sys/fs/cgroup/cpu,cpuacct/docker", "cpu.cfs_quota_us", "100000\n");
    expect(1);
    put("/sys/fs/cgroup/cpuset/other", "cpu.cfs_quota_us", "1\n"); /* another hierarchy has no say */
    put("/sys/fs/cgroup/cpuset/other", "cpu.cfs_period_us", "100000\n");
    expect(1);
}

/* Both at once; a container that sees the group by its name outside; a blank in the mount's path. */
static void mixed_and_moved(void **state)
{
    char mounts[1024];
    (void)state;
    snprintf(mounts, sizeof mounts, "%s36 32 0:32 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n", mount_1);
    begin("4:cpu,cpuacct:/a\n0::/b\n", mounts);
    put("/sys/fs/cgroup/cpu,cpuacct/a", "cpu.cfs_period_us", "100000\n");
    put("/sys/fs/cgroup/cpu,cpuacct/a", "cpu.cfs_quota_us", "300000\n");
    expect(3);
    put("/sys/fs/cgroup/unified/b", "cpu.max", "200000 100000\n");
    expect(2);

    begin("4:cpu:/docker/abc/inner\n", "35 32 0:31 /docker/abc /my\\040groups/cpu rw - cgroup cgroup rw,cpu\n");
    put("/my groups/cpu", "cpu.cfs_period_us", "100000\n");
    put("/my groups/cpu", "cpu.cfs_quota_us", "250000\n");
    expect(2.5);
    put("/my groups/cpu/inner", "cpu.cfs_period_us", "100000\n");
    put("/my groups/cpu/inner", "cpu.cfs_quota_us", "70000\n");
    expect(0.7);
    begin("4:cpu:/elsewhere\n", "35 32 0:31 /docker/abc /cpu rw - cgroup cgroup rw,cpu\n");
    put("/cpu", "cpu.cfs_period_us", "100000\n");
    put("/cpu", "cpu.cfs_quota_us", "200000\n");
    expect(2);
}

static void what_is_no_quota_does_not_limit(void **state)
{
    static const char *const odd[] = {"",      "\n",         "100000\n", "0 100000\n", "-5 100000\n",
                                      "x y\n", "100000 0\n", "nan 1\n"};
    (void)state;
    begin("0::/\n", mount_2);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        put("/sys/fs/cgroup", "cpu.max", odd[i]);
        expect(INFINITY);
    }
    static const char *const cgroups[] = {"", "garbage\n", "0:\n", "0::\n", ":::\n"};
    static const char *const mounts[] = {"", "garbage\n", " - \n", "1 2 3 - cgroup2 c rw\n",
                                         "1 2 3 / /x rw - cgroup2\n"};
    for (size_t i = 0; i < sizeof cgroups / sizeof *cgroups; i++) {
        begin(cgroups[i], mounts[i]);
        expect(INFINITY);
    }
}

static void affinity_counts(void **state)
{
    (void)state;
    assert_true(cpus_available() >= 1 && cpus_available() <= cpus_online());
#ifdef __linux__
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        cpu_set_t all, one;
        size_t first = 0;
        if (sched_getaffinity(0, sizeof all, &all) < 0)
            _exit(0);
        while (!CPU_ISSET(first, &all))
            first++;
        CPU_ZERO(&one);
        CPU_SET(first, &one);
        _exit(sched_setaffinity(0, sizeof one, &one) < 0 || cpus_available() == 1 ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
#endif
}

static int tear_down(void **state)
{
    (void)state;
    begin("", "");
    char command[600];
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_2),       cmocka_unit_test(version_1),
        cmocka_unit_test(mixed_and_moved), cmocka_unit_test(what_is_no_quota_does_not_limit),
        cmocka_unit_test(affinity_counts),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
