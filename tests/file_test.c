/* Files: whole or not at all, and errors that say which one and why. */
#include "support.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "dlexp/base/file.h"
#include "dlexp/base/temporary.h"

static char directory[512];

static int setup(void **unused)
{
    (void)unused;
    scratch_create(directory);
    return 0;
}

static int teardown(void **unused)
{
    (void)unused;
    return rmdir(directory); /* fails where a test left something behind */
}

static size_t entries(const char *path)
{
    size_t count = 0;
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return count;
}

static void expect_content(const char *path, const void *expected, size_t expected_size)
{
    struct error err;
    unsigned char *data;
    size_t size;
    assert_int_equal(file_read(path, &data, &size, &err), 0);
    assert_int_equal(size, expected_size);
    if (size > 0)
        assert_memory_equal(data, expected, size);
    assert_int_equal(data[size], 0);
    free(data);
}

static void test_write_and_read(void **unused)
{
    (void)unused;
    struct error err;
    char path[1024];
    static unsigned char big[3000001];
    uint64_t state = 1;
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (unsigned char)test_u64(&state);
    scratch_path(path, directory, "f");
    assert_false(file_exists(path));
    assert_int_equal(file_write_atomic(path, "one", 3, &err), 0);
    assert_true(file_exists(path));
    expect_content(path, "one", 3);
    assert_int_equal(file_write_atomic(path, big, sizeof big, &err), 0); /* in place of the first */
    expect_content(path, big, sizeof big);
    assert_int_equal(file_write_atomic(path, "", 0, &err), 0);
    expect_content(path, "", 0);
    assert_int_equal(entries(directory), 1); /* no temporary file is left */

    const mode_t mask = umask(027);
    assert_int_equal(file_write_atomic(path, "two", 3, &err), 0);
    umask(mask);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640); /* what umask says, not a temporary file's 0600 */

    assert_int_equal(file_remove(path, &err), 0);
    assert_false(file_exists(path));
    assert_int_equal(file_remove(path, &err), 0); /* a missing one is no error */
}

static void test_read_refused(void **unused)
{
    (void)unused;
    struct error err = {0};
    unsigned char *data;
    size_t size;
    char path[1024];
    assert_int_equal(file_read(scratch_path(path, directory, "missing"), &data, &size, &err), -1);
    assert_int_equal(err.code, ERROR_DATA);
    assert_non_null(strstr(err.message, path));
    assert_non_null(strstr(err.message, "expected a file, got none of that name"));
    assert_null(data);
    assert_int_equal(file_read(directory, &data, &size, &err), -1);
    assert_int_equal(err.code, ERROR_DATA);
    assert_non_null(strstr(err.message, "a directory"));
    assert_int_equal(file_read("", &data, &size, &err), -1);

    scratch_path(path, directory, "pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    alarm(20); /* not to wait for a writer */
    assert_int_equal(file_read(path, &data, &size, &err), -1);
    alarm(0);
    assert_int_equal(err.code, ERROR_DATA);
    assert_int_equal(unlink(path), 0);
}

static void test_write_refused(void **unused)
{
    (void)unused;
    struct error err = {0};
    char path[1024], below[1024];
    assert_int_equal(file_write_atomic(scratch_path(path, directory, "no/f"), "x", 1, &err), -1);
    assert_int_equal(err.code, ERROR_IO);
    assert_non_null(strstr(err.message, path));
    assert_non_null(strstr(err.message, strerror(ENOENT)));

    /* A directory with something in it stands where the file should go. */
    scratch_path(path, directory, "d");
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(file_write_atomic(scratch_path(below, directory, "d/inner"), "x", 1, &err), 0);
    assert_int_equal(file_write_atomic(path, "x", 1, &err), -1);
    assert_int_equal(err.code, ERROR_IO);
    assert_int_equal(entries(directory), 1); /* the temporary file is gone */
    assert_int_equal(file_remove(path, &err), -1);
    assert_int_equal(err.code, ERROR_IO);

    if (geteuid() != 0) { /* root may write everywhere */
        assert_int_equal(chmod(path, 0500), 0);
        assert_int_equal(file_write_atomic(below, "y", 1, &err), -1);
        assert_non_null(strstr(err.message, strerror(EACCES)));
        assert_int_equal(directory_check(path, 1, &err), -1);
        assert_non_null(strstr(err.message, strerror(EACCES)));
        assert_int_equal(chmod(path, 0700), 0);
        expect_content(below, "x", 1);
    }
    assert_int_equal(file_remove(below, &err), 0);
    assert_int_equal(rmdir(path), 0);
}

/* A file-size limit cuts the write short: the old file stands and nothing else is left. */
static void test_write_cut_short(void **unused)
{
    (void)unused;
    static const char big[200000];
    struct error err = {0};
    struct rlimit old, low;
    char path[1024];
    scratch_path(path, directory, "f");
    assert_int_equal(file_write_atomic(path, "old", 3, &err), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    low = old;
    low.rlim_cur = 100000;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    const int result = file_write_atomic(path, big, sizeof big, &err);
    const int check = directory_check(directory, sizeof big, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, handler);
    assert_int_equal(result, -1);
    assert_int_equal(check, -1);
    assert_int_equal(err.code, ERROR_IO);
    assert_non_null(strstr(err.message, strerror(EFBIG)));
    expect_content(path, "old", 3);
    assert_int_equal(entries(directory), 1);
    assert_int_equal(file_remove(path, &err), 0);
}

static void test_directory_create(void **unused)
{
    (void)unused;
    struct error err = {0};
    char path[1024];
    struct stat info;
    assert_int_equal(directory_create(scratch_path(path, directory, "a/b//c/"), &err), 0);
    assert_int_equal(stat(scratch_path(path, directory, "a/b/c"), &info), 0);
    assert_true(S_ISDIR(info.st_mode));
    assert_int_equal(directory_create(path, &err), 0); /* again */
    assert_int_equal(directory_create("/", &err), 0);
    assert_int_equal(directory_create(".", &err), 0);
    assert_int_equal(directory_create("", &err), -1);
    assert_int_equal(err.code, ERROR_IO);

    assert_int_equal(file_write_atomic(scratch_path(path, directory, "a/f"), "x", 1, &err), 0);
    assert_int_equal(directory_create(path, &err), -1); /* a file is in the way, as the last part and before it */
    assert_int_equal(err.code, ERROR_IO);
    assert_non_null(strstr(err.message, path));
    assert_non_null(strstr(err.message, strerror(ENOTDIR)));
    char below[1024];
    assert_int_equal(directory_create(scratch_path(below, directory, "a/f/g"), &err), -1);
    assert_int_equal(err.code, ERROR_IO);
    assert_non_null(strstr(err.message, path));
    assert_int_equal(file_remove(path, &err), 0);
    assert_int_equal(rmdir(scratch_path(path, directory, "a/b/c")), 0);
    assert_int_equal(rmdir(scratch_path(path, directory, "a/b")), 0);
    assert_int_equal(rmdir(scratch_path(path, directory, "a")), 0);
}

static void test_directory_check(void **unused)
{
    (void)unused;
    struct error err = {0};
    char path[1024];
    assert_int_equal(directory_check(directory, 0, &err), 0);
    assert_int_equal(directory_check(directory, 3000000, &err), 0);
    assert_int_equal(entries(directory), 0);
    assert_int_equal(directory_check(directory, (size_t)1 << 62, &err), -1);
    assert_int_equal(err.code, ERROR_IO);
    assert_non_null(strstr(err.message, directory));
    assert_non_null(strstr(err.message, "free space"));
    assert_int_equal(directory_check(scratch_path(path, directory, "missing"), 1, &err), -1);
    assert_int_equal(err.code, ERROR_IO);
    assert_non_null(strstr(err.message, path));
    assert_int_equal(entries(directory), 0);
}

/* Copies `suffix` with the pid and the start time, its 2nd and 3rd numbers from the right, replaced. */
static void other_process(char *to, size_t size, const char *suffix, const char *pid, const char *start)
{
    char copy[TEMPORARY_SUFFIX_SIZE];
    const char *fields[3];
    strcpy(copy, suffix);
    for (int i = 2; i >= 0; i--) {
        char *dash = strrchr(copy, '-');
        fields[i] = dash + 1;
        *dash = '\0';
    }
    snprintf(to, size, "%s-%s-%s-%s", copy, pid ? pid : fields[0], start ? start : fields[1], fields[2]);
}

/* A process number that nobody has. */
static void ended_process(char pid[32])
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    snprintf(pid, 32, "%ld", (long)child);
}

static void test_directory_clean(void **unused)
{
    (void)unused;
    struct error err;
    char own[TEMPORARY_SUFFIX_SIZE], second[TEMPORARY_SUFFIX_SIZE], gone[256], reused[256], foreign[300], pid[32];
    char path[1024], name[512];
    temporary_suffix(own);
    temporary_suffix(second);
    assert_string_not_equal(own, second);
    ended_process(pid);
    other_process(gone, sizeof gone, own, pid, NULL);
    other_process(reused, sizeof reused, own, NULL, "1");
    snprintf(foreign, sizeof foreign, ".tmp-elsewhere%s", gone + strlen(".tmp"));
    const bool tells_start = file_exists("/proc/self/stat");

    /* A user's names, one's own file, another host's, and what only looks like a pattern. */
    const char *const stay[][3] = {{"notes.tmp-2024", "", ""},
                                   {".tmp-", "", ""},
                                   {"x.tmp-1234-0-000000001", "", ""},
                                   {"", gone, ""},
                                   {"a", own, ""},
                                   {"b", gone, ".csv"},
                                   {"c", gone, "-1"}};
    for (size_t i = 0; i < sizeof stay / sizeof *stay; i++) {
        snprintf(name, sizeof name, "%s%s%s", stay[i][0], stay[i][1], stay[i][2]);
        assert_int_equal(file_write_atomic(scratch_path(path, directory, name), "x", 1, &err), 0);
    }
    snprintf(name, sizeof name, "d%s", foreign);
    assert_int_equal(file_write_atomic(scratch_path(path, directory, name), "x", 1, &err), 0);
    const size_t kept = entries(directory);
    assert_int_equal(kept, sizeof stay / sizeof *stay + 1);

    snprintf(name, sizeof name, "epochs.csv%s", gone);
    assert_int_equal(file_write_atomic(scratch_path(path, directory, name), "x", 1, &err), 0);
    snprintf(name, sizeof name, "notes.tmp-2024%s", gone);
    assert_int_equal(file_write_atomic(scratch_path(path, directory, name), "x", 1, &err), 0);
    if (tells_start) {
        snprintf(name, sizeof name, "run.json%s", reused); /* this process has the number, but another start time */
        assert_int_equal(file_write_atomic(scratch_path(path, directory, name), "x", 1, &err), 0);
    }
    assert_int_equal(entries(directory), kept + 2 + tells_start);
    directory_clean(directory);
    assert_int_equal(entries(directory), kept);

    DIR *dir = opendir(directory);
    for (struct dirent *entry; (entry = readdir(dir));)
        unlink(scratch_path(path, directory, entry->d_name));
    closedir(dir);
    assert_int_equal(entries(directory), 0);
}

static void test_temporary_host(void **unused)
{
    (void)unused;
    char own[TEMPORARY_SUFFIX_SIZE], name[512], host[TEMPORARY_HOST_SIZE];
    bool here;
    temporary_suffix(own);
    snprintf(name, sizeof name, "a%s", own);
    assert_true(temporary_host(name, host, &here));
    assert_true(here);
    assert_memory_equal(own + strlen(".tmp-"), host, strlen(host));
    assert_true(temporary_host("a.csv.tmp-node-7.cluster-4026531836-17-99-0", host, &here));
    assert_false(here);
    assert_string_equal(host, "node-7.cluster");
    assert_true(temporary_host("x.tmp-a-1-2-3-4.tmp-b-1-2-3-4", host, &here));
    assert_string_equal(host, "b");
    static const char *const others[] = {"",
                                         ".tmp-",
                                         "a.tmp-1",
                                         "a.tmp-1-2-3-4",
                                         "a.tmp--1-2-3-4",
                                         ".tmp-host-1-2-3-4",
                                         "a.tmp-host-1-2-3",
                                         "a.tmp-host-1-2-3-04",
                                         "a.tmp-host-1-2-3-4.csv",
                                         "a.tmp-host-1-2-3-99999999999999999999999"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(temporary_host(others[i], host, &here));
}

static void test_path_join(void **unused)
{
    (void)unused;
    static const char *const known[][3] = {
        {"a", "b", "a/b"}, {"a/", "b", "a/b"},        {"/", "b", "/b"},
        {"", "b", "b"},    {"a/b", "c/d", "a/b/c/d"}, {"a", "", "a/"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char *joined = path_join(known[i][0], known[i][1]);
        assert_non_null(joined);
        assert_string_equal(joined, known[i][2]);
        free(joined);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_and_read),   cmocka_unit_test(test_read_refused),
        cmocka_unit_test(test_write_refused),    cmocka_unit_test(test_write_cut_short),
        cmocka_unit_test(test_directory_create), cmocka_unit_test(test_directory_check),
        cmocka_unit_test(test_directory_clean),  cmocka_unit_test(test_temporary_host),
        cmocka_unit_test(test_path_join),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
