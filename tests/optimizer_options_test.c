/* The command line's optimizer constants are those of the optimizers' table: same defaults, same bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dlexp/cli/commands.h"
#include "dlexp/run/setting.h"
#include "dlexp/train/optimizer_options.h"

struct config {
    size_t optimizer;
    struct hyperparameters hyper;
};

static bool uses(const void *config, const struct option *row)
{
    return optimizer_options_used(((const struct config *)config)->optimizer, row);
}

static double decay(const void *config, const struct option *row)
{
    (void)row;
    return optimizer_row(((const struct config *)config)->optimizer)->weight_decay;
}

static const struct option rows[] = {OPTIMIZER_OPTIONS(struct config, hyper, uses, decay), {.name = NULL}};
static const struct command command = {.name = "test", .options = rows, .config_size = sizeof(struct config)};

static const struct option *row_of(const struct hyperparameter *constant)
{
    for (const struct option *row = rows; row->name; row++)
        if (strcmp(row->name, constant->option) == 0)
            return row;
    fail_msg("no option for %s", constant->name);
    return NULL;
}

static void test_defaults(void **state)
{
    (void)state;
    struct config config = {0};
    struct error err;
    struct hyperparameters initial = hyperparameters_initial();
    struct invocation invocation = {.command = &command};
    assert_int_equal(options_parse(&invocation, 0, NULL, &config, &err), 0);
    for (size_t i = 0; hyperparameter_row(i); i++)
        assert_true(hyperparameter_value(&config.hyper, i) == hyperparameter_value(&initial, i));
    options_free(&invocation, &config);
}

/* An optimizer's constants, and no others, are in the specs of its runs; not its default weight decay. */
static void check_used(double weight_decay)
{
    for (struct config config = {.hyper = hyperparameters_initial()}; optimizer_row(config.optimizer);
         config.optimizer++) {
        char spec[512], line[64];
        config.hyper.weight_decay = weight_decay;
        FILE *out = fmemopen(spec, sizeof spec, "w");
        assert_non_null(out);
        settings_print_spec(out, rows, &config);
        fclose(out);
        for (size_t i = 0; hyperparameter_row(i); i++) {
            const bool quiet = strcmp(hyperparameter_row(i)->name, "weight_decay") == 0 &&
                               weight_decay == optimizer_row(config.optimizer)->weight_decay;
            const bool used = !quiet && optimizer_row(config.optimizer)->uses >> i & 1;
            snprintf(line, sizeof line, "%s=", hyperparameter_row(i)->name);
            assert_int_equal(strstr(spec, line) != NULL, used);
        }
    }
}

static void test_used(void **state)
{
    (void)state;
    check_used(0);
    check_used(0.01);
    check_used(5e-4);
}

static void test_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; hyperparameter_row(i); i++) {
        const struct hyperparameter *constant = hyperparameter_row(i);
        const struct option *row = row_of(constant);
        assert_true(row->low == constant->low && row->low_open == constant->low_open);
        /* The table writes "below 1" as the largest double there. */
        assert_true(row->high_open ? row->high == 1 && constant->high < 1 : row->high == constant->high);
    }
}

/* The help of a constant that not every optimizer has begins with the names of those that have it. */
static void test_help(void **state)
{
    (void)state;
    for (size_t i = 0; hyperparameter_row(i); i++) {
        const struct option *row = row_of(hyperparameter_row(i));
        const struct optimizer *optimizer;
        char names[256] = "";
        bool all = true;
        for (size_t o = 0; (optimizer = optimizer_row(o)) != NULL; o++) {
            const size_t used = strlen(names);
            if (optimizer->uses >> i & 1)
                snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", optimizer->name);
            else
                all = false;
        }
        strcat(names, ": ");
        if (!all && strncmp(row->help, names, strlen(names)) != 0)
            fail_msg("the help of --%s: expected '%s...', got '%s'", row->name, names, row->help);
    }
}

/* What is another number as a float is refused; only of the constants that the optimizer uses. */
static void test_single_precision(void **state)
{
    (void)state;
    enum { SGD, MOMENTUM, NESTEROV, RMSPROP, ADAM };
    static const struct {
        size_t optimizer;
        struct hyperparameters hyper;
        double lrs[2];
        const char *start; /* of the message; NULL: accepted */
    } cases[] = {
        {ADAM, {0.9, 0.99, 0.9, 0.999, 1e-8, 0}, {0.1, 0.2}, NULL},
        {ADAM, {0.9, 0.99, 0, 0, 1, 0}, {0.1, 0.2}, NULL},
        {ADAM, {0.9, 0.99, 0.9, 0.999, 0.99999999999, 0}, {0.1, 0.2}, NULL}, /* becomes 1, which an eps may be */
        {ADAM, {0.9, 0.99, 0.9, 0.999, 2e-45, 0}, {0.1, 0.2}, NULL},
        {ADAM, {0.9, 0.99, 0.9, 0.999, 1e-46, 0}, {0.1, 0.2}, "--eps: expected a number that single precision"},
        {ADAM, {0.9, 0.99, 0.9, 0.99999999999, 1e-8, 0}, {0.1, 0.2}, "--betas: "},
        {ADAM, {0.9, 0.99, 0.99999999999, 0.999, 1e-8, 0}, {0.1, 0.2}, "--betas: "},
        {ADAM, {0.9, 0.99, 1e-60, 0.999, 1e-8, 0}, {0.1, 0.2}, "--betas: "},
        {ADAM, {0.9, 0.99, 0.9, 0.999, 1e-8, 0}, {0.1, 1e38}, "--lr: "}, /* 1e39 in the first step */
        {RMSPROP, {0.9, 0.99999999999, 0.9, 0.999, 1e-8, 0}, {0.1, 0.2}, "--alpha: "},
        {RMSPROP, {0.9, 0.99, 0.9, 0.999, 1e-46, 0}, {0.1, 0.2}, "--eps: "},
        {SGD, {0.9, 0.99, 0.9, 0.999, 1e-8, 1e-46}, {0.1, 0.2}, "--weight-decay: "},
        {SGD, {0.9, 0.99, 0.9, 0.999, 1e-8, 1e39}, {0.1, 0.2}, "--weight-decay: "},
        {SGD, {0.9, 0.99, 0.9, 0.999, 1e-8, 5}, {0.1, 0.2}, NULL},
        {MOMENTUM, {0.99999999999, 0.99, 0.9, 0.999, 1e-8, 0}, {0.1, 0.2}, "--momentum: "},
        {NESTEROV, {0.99999999999, 0.99, 0.9, 0.999, 1e-8, 0}, {0.1, 0.2}, "--momentum: "},
        {MOMENTUM, {1e-46, 0.99, 0.9, 0.999, 1e-8, 0}, {0.1, 0.2}, "--momentum: "},
        {MOMENTUM, {0, 0.99, 0.9, 0.999, 1e-46, 0}, {0.1, 1e38}, NULL},
        {SGD, {0.99999999999, 0.99, 0.9, 0.999, 1e-46, 0}, {0.1, 0.2}, NULL},
        {SGD, {0.9, 0.99, 0.9, 0.999, 1e-8, 0}, {0.1, 1e-46}, "--lr: "},
        {SGD, {0.9, 0.99, 0.9, 0.999, 1e-8, 0}, {0.1, 1e39}, "--lr: "},
        {SGD, {0.9, 0.99, 0.9, 0.999, 1e-8, 0}, {0.1, 0.100000000001}, "--lr: expected every rate once"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        int result = optimizer_options_check_rates(cases[i].lrs, 2, &err);
        for (size_t r = 0; r < 2 && result == 0; r++)
            result = optimizer_options_check_single(cases[i].optimizer, cases[i].lrs[r], &cases[i].hyper, &err);
        if (result != (cases[i].start ? -1 : 0) ||
            (cases[i].start &&
             (err.code != ERROR_USAGE || strncmp(err.message, cases[i].start, strlen(cases[i].start)) != 0)))
            fail_msg("case %zu: %d, %s", i, result, err.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_defaults), cmocka_unit_test(test_used),
                                       cmocka_unit_test(test_help), cmocka_unit_test(test_bounds),
                                       cmocka_unit_test(test_single_precision)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
