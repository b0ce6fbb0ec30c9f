/* The command line's optimizer constants are those of the optimizers' table: same defaults, same bounds. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dlexp/cli/commands.h"
#include "dlexp/run/setting.h"
#include "dlexp/train/optimizer_options.h"

struct config {
    size_t optimizer;
    struct hyperparameters hyper;
};

static const struct option rows[] = {
    {.name = "optimizer",
     .type = OPTION_NAME,
     .offset = offsetof(struct config, optimizer),
     .value = "NAME",
     .initial = "momentum",
     .choice = optimizer_name,
     .help = "update rules"},
    OPTIMIZER_OPTIONS(offsetof(struct config, optimizer), offsetof(struct config, hyper), 0),
    {.name = NULL}};
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
                               weight_decay == optimizer_initial(optimizer_row(config.optimizer), i);
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
        assert_true(row->high == constant->high && row->high_open == constant->high_open);
    }
}

/* In the help a constant that not every optimizer has begins with the names of those that have it, and a default that
 * an optimizer has of its own stands behind the usual one. */
static void test_help(void **state)
{
    (void)state;
    char *help = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&help, &size);
    assert_non_null(out);
    options_print_help(&command, out);
    fclose(out);
    char *to = help; /* a long line is broken: blanks and line ends become one blank */
    for (const char *c = help; *c; c++)
        if (!isspace((unsigned char)*c) || (to > help && to[-1] != ' '))
            *to++ = isspace((unsigned char)*c) ? ' ' : *c;
    *to = '\0';
    for (size_t i = 0; hyperparameter_row(i); i++) {
        const struct option *row = row_of(hyperparameter_row(i));
        const struct optimizer *optimizer;
        char start[512] = "", end[512];
        bool all = true;
        snprintf(end, sizeof end, "default: %s", row->initial);
        for (size_t o = 0; (optimizer = optimizer_row(o)) != NULL; o++) {
            const size_t used = strlen(start), length = strlen(end);
            if (!(optimizer->uses >> i & 1))
                all = false;
            else
                snprintf(start + used, sizeof start - used, "%s%s", used ? ", " : "", optimizer->name);
            if (optimizer_initial(optimizer, i) != hyperparameter_row(i)->initial)
                snprintf(end + length, sizeof end - length, ", with %s %g", optimizer->name,
                         optimizer_initial(optimizer, i));
        }
        const size_t used = strlen(start);
        snprintf(start + used, sizeof start - used, ": %.12s", row->help);
        if (!all && strstr(help, start) == NULL)
            fail_msg("the help of --%s: expected '%s', got '%s'", row->name, start, help);
        if (strstr(help, end) == NULL)
            fail_msg("the help of --%s: expected '%s', got '%s'", row->name, end, help);
    }
    free(help);
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
        {ADAM, {0.9, 0.99, 0.9, 0.999, 0, 1e-8}, {0.1, 0.2}, NULL},
        {ADAM, {0.9, 0.99, 0, 0, 0, 1}, {0.1, 0.2}, NULL},
        {ADAM, {0.9, 0.99, 0.9, 0.999, 0, 0.99999999999}, {0.1, 0.2}, NULL}, /* becomes 1, which an eps may be */
        {ADAM, {0.9, 0.99, 0.9, 0.999, 0, 2e-45}, {0.1, 0.2}, NULL},
        {ADAM, {0.9, 0.99, 0.9, 0.999, 0, 1e-46}, {0.1, 0.2}, "--eps: expected a number that single precision"},
        {ADAM, {0.9, 0.99, 0.9, 0.99999999999, 0, 1e-8}, {0.1, 0.2}, "--betas: "},
        {ADAM, {0.9, 0.99, 0.99999999999, 0.999, 0, 1e-8}, {0.1, 0.2}, "--betas: "},
        {ADAM, {0.9, 0.99, 1e-60, 0.999, 0, 1e-8}, {0.1, 0.2}, "--betas: "},
        {ADAM, {0.9, 0.99, 0.9, 0.999, 0, 1e-8}, {0.1, 1e38}, "--lr: "}, /* 1e39 in the first step */
        {RMSPROP, {0.9, 0.99999999999, 0.9, 0.999, 0, 1e-8}, {0.1, 0.2}, "--alpha: "},
        {RMSPROP, {0.9, 0.99, 0.9, 0.999, 0, 1e-46}, {0.1, 0.2}, "--eps: "},
        {SGD, {0.9, 0.99, 0.9, 0.999, 1e-46, 1e-8}, {0.1, 0.2}, "--weight-decay: "},
        {SGD, {0.9, 0.99, 0.9, 0.999, 1e39, 1e-8}, {0.1, 0.2}, "--weight-decay: "},
        {SGD, {0.9, 0.99, 0.9, 0.999, 5, 1e-8}, {0.1, 0.2}, NULL},
        {MOMENTUM, {0.99999999999, 0.99, 0.9, 0.999, 0, 1e-8}, {0.1, 0.2}, "--momentum: "},
        {NESTEROV, {0.99999999999, 0.99, 0.9, 0.999, 0, 1e-8}, {0.1, 0.2}, "--momentum: "},
        {MOMENTUM, {1e-46, 0.99, 0.9, 0.999, 0, 1e-8}, {0.1, 0.2}, "--momentum: "},
        {MOMENTUM, {0, 0.99, 0.9, 0.999, 0, 1e-46}, {0.1, 1e38}, NULL},
        {SGD, {0.99999999999, 0.99, 0.9, 0.999, 0, 1e-46}, {0.1, 0.2}, NULL},
        {SGD, {0.9, 0.99, 0.9, 0.999, 0, 1e-8}, {0.1, 1e-46}, "--lr: "},
        {SGD, {0.9, 0.99, 0.9, 0.999, 0, 1e-8}, {0.1, 1e39}, "--lr: "},
        {SGD, {0.9, 0.99, 0.9, 0.999, 0, 1e-8}, {0.1, 0.100000000001}, "--lr: expected every rate once"},
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
