/* `dlexp data` on each damaged file of malformed/cases.c ends with status 3, names the file, and writes nothing. */
#include "malformed/cases.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

static char directory[PATH_SIZE], out[PATH_SIZE + 8], message[1 << 14];

static int set_up(void **state)
{
    (void)state;
    make_directory(directory);
    snprintf(out, sizeof out, "%s/out", directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    remove_directory(directory);
    return 0;
}

static void remove_files(void)
{
    remove_directory(directory);
    assert_int_equal(mkdir(directory, 0777), 0);
}

/* Runs `dlexp data DATA --out OUT` without a gnuplot in reach; returns its exit status, and stderr in `message`. */
static int run_program(const char *data)
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        setenv("PATH", "/nonexistent", 1);
        execl(DLEXP_BINARY, "dlexp", "data", data, "--out", out, (char *)NULL);
        _exit(126);
    }
    close(ends[1]);
    size_t filled = 0;
    ssize_t got;
    while ((got = read(ends[0], message + filled, sizeof message - 1 - filled)) > 0 || (got < 0 && errno == EINTR))
        filled += got > 0 ? (size_t)got : 0;
    message[filled] = '\0';
    close(ends[0]);
    while (waitpid(child, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 126)
        fail_msg("cannot run %s", DLEXP_BINARY);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static struct bytes damaged(struct bytes content, size_t i)
{
    struct bytes result = bytes_copy(content.data, content.size);
    size_t at = (size_t)(cases[i].at < 0 ? (int)content.size + cases[i].at : cases[i].at);
    switch (cases[i].damage) {
    case SET:
    case SET_PACKED:
        assert_true(at + cases[i].size <= content.size);
        memcpy(result.data + at, cases[i].bytes, cases[i].size);
        break;
    case CUT:
    case CUT_PACKED:
        assert_true(at < content.size);
        result.size = at;
        break;
    case REPLACE:
    case REPLACE_PACKED:
        result.size = 0;
        bytes_append(&result, cases[i].bytes, cases[i].size);
        break;
    default:
        bytes_append(&result, cases[i].bytes, cases[i].size);
    }
    return result;
}

static void write_case(const struct quadruple *quadruple, size_t i)
{
    for (int which = 0; which < FILE_COUNT; which++)
        if (which != cases[i].file)
            write_idx(directory, which, FORM_PLAIN, quadruple->files[which]);
    char name[64];
    char *path = path_join(directory, idx_name(name, cases[i].file, cases[i].form == GZ ? FORM_GZ : FORM_PLAIN));
    struct bytes content = quadruple->files[cases[i].file], file = {0};
    assert_non_null(path);
    if (cases[i].damage == REMOVE) {
        free(path);
        return;
    }
    if (cases[i].damage == DIRECTORY) {
        assert_int_equal(mkdir(path, 0777), 0);
        free(path);
        return;
    }
    const bool after = cases[i].damage >= SET_PACKED && cases[i].damage <= REPLACE_PACKED;
    if (cases[i].damage == FROM)
        content = quadruple->files[cases[i].at];
    struct bytes changed =
        after || cases[i].damage == FROM ? bytes_copy(content.data, content.size) : damaged(content, i);
    if (cases[i].form == GZ) {
        struct bytes packed = bytes_gzip(changed, false);
        file = after ? damaged(packed, i) : bytes_copy(packed.data, packed.size);
        bytes_free(&packed);
    } else {
        assert_false(after);
        file = bytes_copy(changed.data, changed.size);
    }
    write_bytes(path, file);
    bytes_free(&file);
    bytes_free(&changed);
    free(path);
}

static void test_malformed(void **state)
{
    (void)state;
    struct quadruple quadruple = quadruple_make(TRAIN, TEST, ROWS, COLUMNS, CLASSES);
    int failures = 0;
    for (size_t i = 0; i < case_count; i++) {
        char name[64];
        write_case(&quadruple, i);
        int status = run_program(directory);
        /* A file that is not there is named without .gz. */
        idx_name(name, cases[i].file, cases[i].form == GZ ? FORM_GZ : FORM_PLAIN);
        const char *const words[] = {name, directory, "expected", "got", cases[i].words[0], cases[i].words[1]};
        for (size_t w = 0; w < sizeof words / sizeof *words; w++)
            if (words[w] && !strstr(message, words[w])) {
                print_error("case %zu: the message does not hold \"%s\": %s\n", i, words[w], message);
                failures++;
            }
        if (status != 3) {
            print_error("case %zu: exit status %d instead of 3: %s\n", i, status, message);
            failures++;
        }
        if (strncmp(message, "dlexp: ", 7) != 0 || strchr(message, '\n') != message + strlen(message) - 1) {
            print_error("case %zu: not one line of \"dlexp: ...\": %s\n", i, message);
            failures++;
        }
        if (access(out, F_OK) == 0) {
            print_error("case %zu: made '%s'\n", i, out);
            failures++;
        }
        remove_files();
    }
    assert_int_equal(failures, 0);
    quadruple_free(&quadruple);
}

static void test_no_directory(void **state)
{
    (void)state;
    char path[PATH_SIZE + 16];
    snprintf(path, sizeof path, "%s/none", directory);
    assert_int_equal(run_program(path), 3);
    assert_non_null(strstr(message, path));
    assert_non_null(strstr(message, "expected a directory"));
    write_bytes(path, (struct bytes){(unsigned char *)"some", 4, 0});
    assert_int_equal(run_program(path), 3);
    assert_non_null(strstr(message, "got a file"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(run_program(directory), 3); /* an empty directory */
    assert_non_null(strstr(message, "cannot find 'train-images-idx3-ubyte'"));
}

static struct bytes read_bytes(const char *name)
{
    char *path = path_join(out, name);
    struct bytes bytes = {0};
    struct error err = {0};
    assert_non_null(path);
    if (file_read(path, &bytes.data, &bytes.size, &err) < 0)
        fail_msg("%s", err.message);
    free(path);
    return bytes;
}

/* The undamaged set passes, or the cases above would prove nothing; the tables hold what is in it. */
static void test_valid(void **state)
{
    (void)state;
    for (int form = 0; form < FORM_COUNT; form++) {
        struct quadruple quadruple = quadruple_make(TRAIN, TEST, ROWS, COLUMNS, CLASSES);
        for (int which = 0; which < FILE_COUNT; which++)
            write_idx(directory, which, form, quadruple.files[which]);
        if (run_program(directory) != 0)
            fail_msg("%s", message);
        assert_non_null(strstr(message, "gnuplot is missing"));
        struct bytes classes = read_bytes("classes.csv"), samples = read_bytes("samples.csv");
        assert_string_equal((char *)classes.data, "class,train,test\n0,2,2\n1,2,1\n2,2,1\n");
        /* Labels go 0, 1, 2, 0, 1, 2: so the order of classes in turn is that of the file. */
        char expected[2048] = "sample,label,row,column,value\n";
        for (size_t i = 0; i < TRAIN * ROWS * COLUMNS; i++)
            snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%zu,%zu,%zu,%zu,%zu\n", i / 6,
                     i / 6 % CLASSES, i % 6 / COLUMNS, i % COLUMNS, 7 * i % 256);
        assert_string_equal((char *)samples.data, expected);
        bytes_free(&classes);
        bytes_free(&samples);
        quadruple_free(&quadruple);
        remove_files();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_no_directory),
    };
    return cmocka_run_group_tests_name("malformed", tests, set_up, tear_down);
}
