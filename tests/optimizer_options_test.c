/* The command line's optimizer constants are those of the optimizers' table: same defaults, same bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dlexp/cli/commands.h"
#include "dlexp/train/optimizer_options.h"

struct config {
    struct optimizer_options constants;
};

static const struct option rows[] = {OPTIMIZER_OPTIONS(struct config, constants), {.name = NULL}};
static const struct command command = {.name = "test", .options = rows, .config_size = sizeof(struct config)};
enum { ROWS = sizeof rows / sizeof *rows };

static const struct option *row_of(const char *constant)
{
    const char *name = strncmp(constant, "beta", 4) == 0 ? "betas" : constant;
    for (const struct option *row = rows; row->name; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    fail_msg("no option for %s", constant);
    return NULL;
}

static void test_defaults(void **state)
{
    (void)state;
    struct config config = {0};
    struct error err;
    struct hyperparameters hyper, initial = hyperparameters_initial();
    bool given[ROWS];
    const struct invocation invocation = {.command = &command, .given = given};
    assert_int_equal(options_parse(&command, 0, NULL, &config, given, &err), 0);
    for (int64_t optimizer = 0; optimizer_row((size_t)optimizer); optimizer++)
        assert_int_equal(
            optimizer_options_read(&config.constants, &invocation, &(struct integers){&optimizer, 1}, &hyper, &err), 0);
    for (size_t i = 0; hyperparameter_row(i); i++)
        assert_true(hyperparameter_value(&hyper, i) == hyperparameter_value(&initial, i));
    options_free(&command, &config);
}

static void test_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; hyperparameter_row(i); i++) {
        const struct hyperparameter *constant = hyperparameter_row(i);
        const struct option *row = row_of(constant->name);
        assert_true(row->low == constant->low && row->low_open == constant->low_open);
        /* The table writes "below 1" as the largest double there. */
        assert_true(row->high_open ? row->high == 1 && constant->high < 1 : row->high == constant->high);
    }
}

/* What is another number as a float is refused; only of the constants that the optimizer uses. */
static void test_single_precision(void **state)
{
    (void)state;
    enum { SGD, MOMENTUM, RMSPROP, ADAM };
    static const struct {
        size_t optimizer;
        struct hyperparameters hyper;
        double lrs[2];
        const char *start; /* of the message; NULL: accepted */
    } cases[] = {
        {ADAM, {0.9, 0.99, 0.9, 0.999, 1e-8}, {0.1, 0.2}, NULL},
        {ADAM, {0.9, 0.99, 0, 0, 1}, {0.1, 0.2}, NULL},
        {ADAM, {0.9, 0.99, 0.9, 0.999, 0.99999999999}, {0.1, 0.2}, NULL}, /* becomes 1, which an eps may be */
        {ADAM, {0.9, 0.99, 0.9, 0.999, 2e-45}, {0.1, 0.2}, NULL},
        {ADAM, {0.9, 0.99, 0.9, 0.999, 1e-46}, {0.1, 0.2}, "--eps: expected a number that single precision"},
        {ADAM, {0.9, 0.99, 0.9, 0.99999999999, 1e-8}, {0.1, 0.2}, "--betas: "},
        {ADAM, {0.9, 0.99, 0.99999999999, 0.999, 1e-8}, {0.1, 0.2}, "--betas: "},
        {ADAM, {0.9, 0.99, 1e-60, 0.999, 1e-8}, {0.1, 0.2}, "--betas: "},
        {ADAM, {0.9, 0.99, 0.9, 0.999, 1e-8}, {0.1, 1e38}, "--lr: "}, /* 1e39 in the first step */
        {RMSPROP, {0.9, 0.99999999999, 0.9, 0.999, 1e-8}, {0.1, 0.2}, "--alpha: "},
        {RMSPROP, {0.9, 0.99, 0.9, 0.999, 1e-46}, {0.1, 0.2}, "--eps: "},
        {MOMENTUM, {0.99999999999, 0.99, 0.9, 0.999, 1e-8}, {0.1, 0.2}, "--momentum: "},
        {MOMENTUM, {1e-46, 0.99, 0.9, 0.999, 1e-8}, {0.1, 0.2}, "--momentum: "},
        {MOMENTUM, {0, 0.99, 0.9, 0.999, 1e-46}, {0.1, 1e38}, NULL},
        {SGD, {0.99999999999, 0.99, 0.9, 0.999, 1e-46}, {0.1, 0.2}, NULL},
        {SGD, {0.9, 0.99, 0.9, 0.999, 1e-8}, {0.1, 1e-46}, "--lr: "},
        {SGD, {0.9, 0.99, 0.9, 0.999, 1e-8}, {0.1, 1e39}, "--lr: "},
        {SGD, {0.9, 0.99, 0.9, 0.999, 1e-8}, {0.1, 0.100000000001}, "--lr: expected every rate once"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        double rates[2] = {cases[i].lrs[0], cases[i].lrs[1]};
        const struct reals lrs = {rates, 2};
        const int result = optimizer_options_check_single(cases[i].optimizer, &lrs, &cases[i].hyper, &err);
        if (result != (cases[i].start ? -1 : 0) ||
            (cases[i].start &&
             (err.code != ERROR_USAGE || strncmp(err.message, cases[i].start, strlen(cases[i].start)) != 0)))
            fail_msg("case %zu: %d, %s", i, result, err.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_defaults), cmocka_unit_test(test_bounds),
                                       cmocka_unit_test(test_single_precision)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
