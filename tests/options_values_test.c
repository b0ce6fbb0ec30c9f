/* Values of options: numbers, lists, seeds and names, within their bounds, and what is said of others. */
#include "options_table.h"

#include <cJSON.h>

/* Each value behind `start` is refused by a message that has it between `before` and `after`. */
static void refuse_each(const char *const *values, size_t count, const char *start, const char *before,
                        const char *after)
{
    for (size_t i = 0; i < count; i++) {
        char line[80], message[160];
        snprintf(line, sizeof line, "%s%s", start, values[i]);
        snprintf(message, sizeof message, "%s%s%s", before, values[i], after);
        refuse(line, message);
    }
}
#define REFUSE_EACH(values, ...) refuse_each(values, sizeof(values) / sizeof *(values), __VA_ARGS__)

static void test_bounds(void **state)
{
    (void)state;
    accept("--epochs 1 --momentum 0 --real 5");
    accept("--epochs 1000000 --momentum 1 --real -1e300 --rate 1e-300");
    accept("--any -9223372036854775808 --threads 9223372036854775807");
    assert_true(config.any == INT64_MIN && config.threads == INT64_MAX);
    refuse("--epochs 0", "--epochs: expected an integer from 1 to 1000000, got '0'");
    refuse("--epochs 1000001", "--epochs: expected an integer from 1 to 1000000, got '1000001'");
    refuse("-e 0", "-e: expected an integer from 1 to 1000000, got '0'");
    refuse("--threads 0", "--threads: expected an integer >= 1, got '0'");
    refuse("--any 9223372036854775808", "--any: expected an integer, got '9223372036854775808' (out of range)");
    refuse("--momentum 1.0000001", "--momentum: expected a number from 0 to 1, got '1.0000001'");
    refuse("--momentum -1e-300", "--momentum: expected a number from 0 to 1, got '-1e-300'");
    refuse("--rate 0", "--rate: expected a number > 0, got '0'");
    refuse("--real 5.1", "--real: expected a number <= 5, got '5.1'");
    refuse("--lr 0.5,0", "--lr: element 2 ('0'): expected a number > 0");
}

static void test_numbers_are_read_whole(void **state)
{
    static const char *const reals[] = {"x", "5x", "0x10", "1e", "--5", "1.2.3", "e5", "1_000", "."};
    static const char *const integers[] = {"x", "5x", "0x10", "1e3", "1.0", "5.", "--5", "+"};
    (void)state;
    REFUSE_EACH(reals, "--rate ", "--rate: expected a number > 0, got '", "' (not a number)");
    REFUSE_EACH(integers, "--any=", "--any: expected an integer, got '", "' (not an integer)");
    refuse("--lr 5x", "--lr: expected a number > 0, got '5x' (not a number)");
    refuse("--lr nan", "--lr: expected a number > 0, got 'nan' (not finite)");
    refuse("--lr 1,inf", "--lr: element 2 ('inf'): not finite; expected a number > 0");
    refuse("--lr 1e999", "--lr: expected a number > 0, got '1e999' (out of range)");
    refuse("--rate _", "--rate: expected a number > 0, got '' (empty)");
    refuse("--any=", "--any: expected an integer, got '' (empty)");
}

static void test_lists(void **state)
{
    (void)state;
    accept("--hidden 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17");
    ASSERT_INTEGERS(config.hidden, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17);
    refuse("--lr _", "--lr: expected a number > 0, got '' (empty)");
    refuse("--lr ,", "--lr: element 1 (''): empty; expected a number > 0");
    refuse("--lr 0.1,,0.5", "--lr: element 2 (''): empty; expected a number > 0");
    refuse("--lr 0.1,", "--lr: element 2 (''): empty; expected a number > 0");
    refuse("--hidden 4,5,6x", "--hidden: element 3 ('6x'): not an integer; expected an integer from 1 to 65536");
    refuse("--hidden 1..3", "--hidden: expected an integer from 1 to 65536, got '1..3' (not an integer)");
    refuse("--box 1", "--box: expected exactly 2 values, separated by commas, got 1 ('1')");
    refuse("--box 1,2,3", "--box: expected exactly 2 values, separated by commas, got 3 ('1,2,3')");
}

static void test_seeds(void **state)
{
    (void)state;
    accept("--seeds 1,2,5..9");
    ASSERT_INTEGERS(config.seeds, 1, 2, 5, 6, 7, 8, 9);
    accept("--seed -3..2");
    ASSERT_INTEGERS(config.seeds, -3, -2, -1, 0, 1, 2);
    accept("--seeds=-5..-4,7..7");
    ASSERT_INTEGERS(config.seeds, -5, -4, 7);
    accept("--seeds 9223372036854775806..9223372036854775807");
    ASSERT_INTEGERS(config.seeds, INT64_MAX - 1, INT64_MAX);
    accept("--seeds 0..99999");
    assert_int_equal(config.seeds.count, 100000);
    assert_int_equal(config.seeds.values[99999], 99999);

    refuse("--seeds 0..100000", "--seeds: expected at most 100000 seeds in all, got more with '0..100000'");
    refuse("--seeds 7,1..100000", "--seeds: expected at most 100000 seeds in all, got more with '1..100000'");
    refuse("--seeds -9223372036854775808..9223372036854775807",
           "--seeds: expected at most 100000 seeds in all, got more with '-9223372036854775808..9223372036854775807'");
    refuse("--seeds 9..5", "--seeds: expected an integer from -2^63 to 2^64 - 1 or a range such as 5..9, got '9..5' "
                           "(a range runs upwards, FIRST..LAST)");
    refuse("--seeds 1,9..5", "--seeds: element 2 ('9..5'): a range runs upwards, FIRST..LAST; "
                             "expected an integer from -2^63 to 2^64 - 1 or a range such as 5..9");
    static const char *const broken[] = {"1..", "..5", "..", "1...5", "1..2..3", "a..b", "1..5x", "1.5..3"};
    REFUSE_EACH(broken, "--seeds ",
                "--seeds: expected an integer from -2^63 to 2^64 - 1 or a range such as 5..9, got '",
                "' (not a range of two integers)");
}

/* As torch.manual_seed takes them: a negative s means 2^64 + s, and the signed spelling is the one that is kept. */
static void test_large_seeds(void **state)
{
    (void)state;
    accept("--seeds 18446744073709551615,-1,9223372036854775808,-9223372036854775808,+5");
    ASSERT_INTEGERS(config.seeds, -1, -1, INT64_MIN, INT64_MIN, 5);
    accept("--seeds 18446744073709551613..18446744073709551615,-9223372036854775808..-9223372036854775807");
    ASSERT_INTEGERS(config.seeds, -3, -2, -1, INT64_MIN, INT64_MIN + 1);
    accept("--seeds 9223372036854775806..9223372036854775809");
    ASSERT_INTEGERS(config.seeds, INT64_MAX - 1, INT64_MAX, INT64_MIN, INT64_MIN + 1);
    static const char *const many[] = {"-1..18446744073709551615", "-2..18446744073709551613",
                                       "0..18446744073709551615", "-9223372036854775808..18446744073709551615"};
    REFUSE_EACH(many, "--seeds ", "--seeds: expected at most 100000 seeds in all, got more with '", "'");
    static const char *const outside[] = {"18446744073709551616", "-9223372036854775809", "99999999999999999999999"};
    REFUSE_EACH(outside, "--seeds ",
                "--seeds: expected an integer from -2^63 to 2^64 - 1 or a range such as 5..9, got '",
                "' (out of range)");
    refuse("--seeds 18446744073709551615..-1",
           "--seeds: expected an integer from -2^63 to 2^64 - 1 or a range such as 5..9, got "
           "'18446744073709551615..-1' (a range runs upwards, FIRST..LAST)");
}

/* One seed alone, which takes the same numbers. */
static void test_one_seed(void **state)
{
    static const struct option seed_rows[] = {
        {.name = "seed", .type = OPTION_SEED, AT(any), .value = "N", .initial = "18446744073709551614", .help = "seed"},
        {0}};
    static const struct command one = {.name = "one", .options = seed_rows, .config_size = sizeof(struct config)};
    (void)state;
    assert_int_equal(parse(&one, ""), 0);
    assert_true(config.any == -2);
    assert_int_equal(parse(&one, "--seed 18446744073709551615"), 0);
    assert_true(config.any == -1);
    cJSON *json = options_to_json(&call, &config);
    char *text = cJSON_PrintUnformatted(json);
    assert_string_equal(text, "{\"seed\":-1}");
    free(text);
    cJSON_Delete(json);
    refuse_by(&one, "--seed 1..2",
              "--seed: expected an integer from -2^63 to 2^64 - 1, got '1..2' (not an integer); see 'dlexp help one'");
    refuse_by(&one, "--seed 18446744073709551616",
              "--seed: expected an integer from -2^63 to 2^64 - 1, got '18446744073709551616' (out of range); see "
              "'dlexp help one'");
}

/* A list in quotes, as people write one: blanks around its elements do not count, those within do. */
static void test_blanks(void **state)
{
    (void)state;
    char *words[] = {"--lr",    "0.01, 0.5",    "--hidden", " 256 ,\t64 ",
                     "--seeds", "1, 5 .. 7 ,9", "--norms",  "none, batchnorm\n"};
    clear();
    call.command = &train;
    assert_int_equal(options_parse(&call, sizeof words / sizeof *words, words, &config, &err), 0);
    assert_int_equal(config.lr.count, 2);
    assert_true(config.lr.values[0] == 0.01 && config.lr.values[1] == 0.5);
    ASSERT_INTEGERS(config.hidden, 256, 64);
    ASSERT_INTEGERS(config.seeds, 1, 5, 6, 7, 9);
    ASSERT_INDICES(config.norms, 0, 1);
    accept("--lr \t0.25\t");
    assert_true(config.lr.count == 1 && config.lr.values[0] == 0.25);
    refuse("--lr 0.1\t0.5", "--lr: expected a number > 0, got '0.1\\x090.5' (not a number)");
    refuse("--lr 0.1,\t,0.5", "--lr: element 2 (''): empty; expected a number > 0");
    refuse("--seeds 1\t..", "--seeds: expected an integer from -2^63 to 2^64 - 1 or a range such as 5..9, got "
                            "'1\\x09..' (not a range of two integers)");
}

static void test_names(void **state)
{
    (void)state;
    refuse("--norm batchnrom", "--norm: unknown name 'batchnrom'; known: none, batchnorm, layernorm; "
                               "did you mean 'batchnorm'?");
    refuse("--norm Batchnorm", "--norm: unknown name 'Batchnorm'; known: none, batchnorm, layernorm; "
                               "did you mean 'batchnorm'?");
    refuse("--norm xyz", "--norm: unknown name 'xyz'; known: none, batchnorm, layernorm");
    refuse("--norm _", "--norm: unknown name ''; known: none, batchnorm, layernorm");
    refuse("--norm none,batchnorm", "--norm: unknown name 'none,batchnorm'; known: none, batchnorm, layernorm");
    refuse("--norms none,layer", "--norms: element 2 ('layer'): unknown name; known: none, batchnorm, layernorm; "
                                 "did you mean 'layernorm'?");
    refuse("--norms none,", "--norms: element 2 (''): unknown name; known: none, batchnorm, layernorm");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds),      cmocka_unit_test(test_numbers_are_read_whole),
        cmocka_unit_test(test_lists),       cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_large_seeds), cmocka_unit_test(test_one_seed),
        cmocka_unit_test(test_blanks),      cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, free_config);
}
