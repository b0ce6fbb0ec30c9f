/* No part of a document is missing unnoticed: every allocation that cJSON makes fails once, in every command that uses
 * it. */
#define _GNU_SOURCE /* syncfs is Linux's own */
#include "support.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>

#include "dlexp/base/error.h"
#include "dlexp/cli/commands.h"
#include "dlexp/formats/json.h"
#include "idx_files.h"

/* In place of the system's: thousands of calls would wait for the disk, and nothing here must outlive a power cut. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

int syncfs(int fd)
{
    return fsync(fd);
}

/* ---- memory that runs out at one allocation ---- */

static size_t allocations, failing; /* failing: the one that fails, from 1; 0: none */

static void *failing_malloc(size_t size)
{
    if (++allocations == failing) {
        errno = ENOMEM;
        return NULL;
    }
    return malloc(size);
}

static void fail_at(size_t allocation)
{
    cJSON_Hooks hooks = {failing_malloc, free};
    allocations = 0;
    failing = allocation;
    cJSON_InitHooks(&hooks);
}

static int restore(void **state)
{
    (void)state;
    cJSON_InitHooks(NULL);
    return 0;
}

/* ---- the module ---- */

static int print_document(char **text, struct error *err)
{
    size_t size;
    FILE *out = open_memstream(text, &size);
    assert_non_null(out);
    cJSON *root = cJSON_CreateObject();
    json_add_string(root, "string", "text\xff");
    json_add_number(root, "number", 0.1);
    json_add_number(root, "none", NAN);
    json_add_bool(root, "bool", true);
    cJSON *object = json_add_object(root, "object"), *array = json_add_array(object, "array");
    json_append(array, cJSON_CreateNumber(1));
    json_add_array(json_append(array, cJSON_CreateObject()), "empty");
    json_add(root, "raw", cJSON_CreateRaw("12345678901234567"));
    int result = json_print(root, out, "the test", err);
    fclose(out);
    return result;
}

static void test_every_allocation(void **state)
{
    static const char complete[] = "{\n"
                                   "\t\"string\":\t\"text\\\\xff\",\n"
                                   "\t\"number\":\t0.1,\n"
                                   "\t\"none\":\tnull,\n"
                                   "\t\"bool\":\ttrue,\n"
                                   "\t\"object\":\t{\n"
                                   "\t\t\"array\":\t[1, {\n"
                                   "\t\t\t\t\"empty\":\t[]\n"
                                   "\t\t\t}]\n"
                                   "\t},\n"
                                   "\t\"raw\":\t12345678901234567\n"
                                   "}\n";
    (void)state;
    for (size_t n = 1;; n++) {
        struct error err = {0};
        char *text;
        fail_at(n);
        int result = print_document(&text, &err);
        const bool failed = allocations >= n;
        assert_string_equal(text, result == 0 ? complete : "");
        free(text);
        if (!failed) {
            assert_int_equal(result, 0);
            assert_true(n > 20);
            break;
        }
        assert_int_equal(result, -1);
        assert_int_equal(err.code, ERROR_IO);
        assert_string_equal(err.message, "out of memory for the test");
    }
}

/* A part that could not be made for another reason than cJSON's memory. */
static void test_missing_part(void **state)
{
    (void)state;
    for (int in_array = 0; in_array < 2; in_array++) {
        struct error err;
        char *text;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        cJSON *root = cJSON_CreateObject(), *array = json_add_array(root, "array");
        assert_null(in_array ? json_append(array, NULL) : json_add(root, "missing", NULL));
        json_add_string(root, "later", "text");
        assert_int_equal(json_print(root, out, "the test", &err), -1);
        fclose(out);
        assert_string_equal(text, "");
        free(text);
    }
}

/* Bytes that are no UTF-8 (RFC 3629) are escaped, and all others stay: names of files are any bytes. */
static void test_utf8(void **state)
{
    static const struct {
        const char *text, *printed;
    } strings[] = {
        {"", ""},
        {"plain", "plain"},
        {"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
         "\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
        {"\xff", "\\\\xff"},
        {"caf\xe9", "caf\\\\xe9"},                 /* Latin-1 */
        {"\x80\xbf", "\\\\x80\\\\xbf"},            /* continuations alone */
        {"\xc3", "\\\\xc3"},                       /* cut short */
        {"\xe2\x82.", "\\\\xe2\\\\x82."},          /* cut short within */
        {"\xc0\xaf", "\\\\xc0\\\\xaf"},            /* overlong */
        {"\xe0\x9f\xbf", "\\\\xe0\\\\x9f\\\\xbf"}, /* overlong */
        {"\xf0\x8f\xbf\xbf", "\\\\xf0\\\\x8f\\\\xbf\\\\xbf"},
        {"\xed\xa0\x80", "\\\\xed\\\\xa0\\\\x80"},            /* a surrogate */
        {"\xf4\x90\x80\x80", "\\\\xf4\\\\x90\\\\x80\\\\x80"}, /* beyond U+10FFFF */
        {"\xf5\x80\x80\x80", "\\\\xf5\\\\x80\\\\x80\\\\x80"},
        {"\n\"\\\xfe\xc3\xa9", "\\n\\\"\\\\\\\\xfe\xc3\xa9"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        struct error err;
        char *text, expected[128];
        size_t size;
        FILE *out = open_memstream(&text, &size);
        cJSON *root = cJSON_CreateObject();
        json_append(json_add_array(root, "words"), cJSON_CreateString(strings[i].text));
        assert_int_equal(json_print(root, out, "the test", &err), 0);
        fclose(out);
        snprintf(expected, sizeof expected, "{\n\t\"words\":\t[\"%s\"]\n}\n", strings[i].printed);
        assert_string_equal(text, expected);
        free(text);
    }
}

/* ---- the commands ---- */

static char directory[PATH_SIZE];

static int set_up(void **state)
{
    (void)state;
    make_directory(directory);
    if (chdir(directory) != 0 || mkdir("data", 0777) != 0)
        return -1;
    struct quadruple quadruple = quadruple_make(12, 8, 4, 4, 2);
    for (int i = 0; i < FILE_COUNT; i++)
        write_idx("data", i, FORM_PLAIN, quadruple.files[i]);
    quadruple_free(&quadruple);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    remove_directory(directory);
    return 0;
}

/* The file with every number as #, since times differ; "" where there is none. */
static char *read_masked(const char *path)
{
    struct error ignored;
    unsigned char *data;
    size_t size;
    if (file_read(path, &data, &size, &ignored) < 0)
        return calloc(1, 1);
    char *text = (char *)data, *to = text;
    for (const char *p = text; *p;) {
        if (!isdigit((unsigned char)*p)) {
            *to++ = *p++;
            continue;
        }
        p += strspn(p, "0123456789.e+-");
        *to++ = '#';
    }
    *to = '\0';
    return text;
}

/* The call in this process, as main makes it, with standard output in out.txt. */
static int call(const struct command *command, const char *words, struct error *err)
{
    char line[512], *argv[64] = {"dlexp", (char *)(uintptr_t)command->name};
    int argc = 2;
    snprintf(line, sizeof line, "%s", words);
    for (char *word = strtok(line, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    void *config = calloc(1, command->config_size);
    assert_non_null(config);
    struct invocation invocation = {.argc = argc, .argv = argv, .command = command};

    fflush(stdout);
    const int out = open("out.txt", O_WRONLY | O_CREAT | O_TRUNC, 0666), terminal = dup(STDOUT_FILENO);
    assert_true(out >= 0 && terminal >= 0);
    assert_true(dup2(out, STDOUT_FILENO) >= 0);
    close(out);
    int result = options_parse(&invocation, argc - 2, argv + 2, config, err);
    if (result == 0)
        result = command->run(config, &invocation, err);
    fflush(stdout);
    assert_true(dup2(terminal, STDOUT_FILENO) >= 0);
    close(terminal);
    options_free(&invocation, config);
    free(config);
    return result;
}

static const struct {
    const struct command *command;
    const char *words, *run_json; /* NULL: the command writes none */
    size_t least;                 /* allocations there must be */
} calls[] = {
    {&command_optim, "--optimizer gd --iterations 20 --json --quiet --out optim", "optim/run.json", 400},
    {&command_optim, "--rotate 0..90:2 --optimizer gd --iterations 20 --json --quiet --out turned", "turned/run.json",
     400},
    {&command_sgd_mean, "--points 5 --trials 3 --iterations 9 --json --quiet --out mean", "mean/run.json", 300},
    {&command_batchnorm,
     "--data data --hidden 2 --batch 4 --epochs 1 --lr 0.1 --seeds 1,2 --save-best --json --quiet --out norm",
     "norm/run.json", 300},
    {&command_batchnorm,
     "--data data --hidden 2 --batch 4 --epochs 1 --lr 0.1 --norm batchnorm --save-best --jobs 1 --force --json "
     "--quiet --out models",
     "models/run.json", 300},
    {&command_data, "data --samples 4 --json", NULL, 60},
    {&command_bench, "--data data --hidden 2 --batch 4 --epochs 1 --json", NULL, 80},
};

/* A whole run.json of a call that has begun to compute or to write its tables, with the rules that it is to judge by,
 * and got no further. */
static bool is_begun(const char *path)
{
    struct error ignored;
    unsigned char *data;
    size_t size;
    if (file_read(path, &data, &size, &ignored) < 0)
        return false;
    cJSON *root = cJSON_Parse((char *)data);
    const char *status = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "status"));
    const bool begun = status && (strcmp(status, "running") == 0 || strcmp(status, "interrupted") == 0) &&
                       cJSON_HasObjectItem(root, "judgement");
    cJSON_Delete(root);
    free(data);
    return begun;
}

static void test_commands(void **state)
{
    (void)state;
    const size_t step = test_is_long() ? 1 : 8; /* of the allocations that fail, in the quick form */
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        struct error err = {0};
        char *result = NULL, *run = NULL, *text;
        /* Twice: from then on everything is in the store, and run.json has times to carry over. */
        for (size_t n = 0; n < 2; n++) {
            free(result);
            free(run);
            if (call(calls[i].command, calls[i].words, &err) != 0)
                fail_msg("%s %s: %s", calls[i].command->name, calls[i].words, err.message);
            result = read_masked("out.txt");
            run = read_masked(calls[i].run_json ? calls[i].run_json : "");
        }
        for (size_t n = 1 + i % step;; n += step) {
            fail_at(n);
            const int status = call(calls[i].command, calls[i].words, &err);
            const bool failed = allocations >= n;
            restore(NULL);
            if (failed != (status != 0) || (failed && (err.code != ERROR_IO || !strstr(err.message, "out of memory"))))
                fail_msg("%s %s: allocation %zu failed, the call %s", calls[i].command->name, calls[i].words, n,
                         status ? err.message : "did not");
            text = read_masked("out.txt");
            assert_string_equal(text, failed ? "" : result);
            free(text);
            text = read_masked(calls[i].run_json ? calls[i].run_json : "");
            if (strcmp(text, run) != 0 && !(failed && is_begun(calls[i].run_json)))
                fail_msg("%s %s: allocation %zu failed, and run.json is: %s", calls[i].command->name, calls[i].words, n,
                         text);
            free(text);
            if (failed)
                continue;
            if (n <= calls[i].least)
                fail_msg("%s %s: only %zu allocations", calls[i].command->name, calls[i].words, n - 1);
            break;
        }
        free(result);
        free(run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_every_allocation, restore),
        cmocka_unit_test(test_missing_part),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test_setup_teardown(test_commands, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
