/* Files made in memory: what is printed arrives whole, or the failure is told. */
#include "support.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include "dlexp/formats/output.h"

static void test_whole(void **state)
{
    (void)state;
    struct output output;
    struct error err;
    char expected[32];
    assert_int_equal(output_open(&output, &err), 0);
    for (int i = 0; i < 300000; i++)
        fprintf(output.stream, "%d\n", i);
    char *text = output_take(&output, &err), *p = text;
    assert_non_null(text);
    for (int i = 0; i < 300000; i++) {
        size_t length = (size_t)snprintf(expected, sizeof expected, "%d\n", i);
        assert_memory_equal(p, expected, length);
        p += length;
    }
    assert_int_equal(*p, '\0');
    assert_int_equal(p - text, output.size);
    free(text);
}

static void test_empty(void **state)
{
    (void)state;
    struct output output;
    struct error err;
    assert_int_equal(output_open(&output, &err), 0);
    char *text = output_take(&output, &err);
    assert_string_equal(text, "");
    assert_int_equal(output.size, 0);
    free(text);
}

/* With memory for a part only: never a shorter text, as open_memstream may give. */
static void test_memory_runs_out(void **state)
{
    (void)state;
    if (TEST_SANITIZED)
        skip(); /* its shadow memory needs the room */
    pid_t child = fork();
    if (child == 0) {
        struct output output;
        struct error err = {0};
        static const char line[] = "a line of some forty characters, or more\n";
        if (output_open(&output, &err) < 0)
            _exit(2);
        setrlimit(RLIMIT_AS, &(struct rlimit){64u << 20, 64u << 20});
        for (size_t i = 0; i < (256u << 20) / (sizeof line - 1); i++)
            fputs(line, output.stream);
        _exit(output_take(&output, &err) == NULL && err.code == ERROR_IO && err.message[0] ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
