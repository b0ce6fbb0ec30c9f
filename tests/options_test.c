/* options_test.c - the parser, the help and the recorded configuration, read off a table with every type of option. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cJSON.h>

#include "dlexp/cli/options.h"

struct config {
    bool force, quiet;
    int64_t epochs, any, threads;
    size_t norm;
    double momentum, rate, real;
    const char *out, *data, *operand;
    struct integers hidden, seeds, ages;
    struct indices norms;
    struct reals lr;
    double box[2];
};

static bool norm_name(size_t index, const char **name)
{
    static const char *const names[] = {"none", "batchnorm", "layernorm"};
    if (index < 3)
        *name = names[index];
    return index < 3;
}

#define AT(field) .offset = offsetof(struct config, field)

static const struct option rows[] = {
    {.name = "lr",
     .type = OPTION_REALS,
     AT(lr),
     .value = "LIST",
     .initial = "0.01,0.5",
     .high = INFINITY,
     .low_open = true,
     .help = "learning rates",
     .group = "Training"},
    {.name = "box", .type = OPTION_REALS, AT(box), .value = "A,B", .exactly = 2, .help = "two numbers"},
    {.name = "epochs",
     .letter = 'e',
     .type = OPTION_INTEGER,
     AT(epochs),
     .value = "N",
     .initial = "15",
     .low = 1,
     .high = 1000000,
     .help = "epochs"},
    {.name = "any", .type = OPTION_INTEGER, AT(any), .value = "N", .help = "any integer"},
    {.name = "threads",
     .letter = 'j',
     .type = OPTION_INTEGER,
     AT(threads),
     .value = "N",
     .low = 1,
     .high = INFINITY,
     .help = "worker threads"},
    {.name = "momentum",
     .type = OPTION_REAL,
     AT(momentum),
     .value = "X",
     .initial = "0.9",
     .high = 1,
     .help = "momentum"},
    {.name = "rate", .type = OPTION_REAL, AT(rate), .value = "X", .low_open = true, .help = "positive"},
    {.name = "real", .type = OPTION_REAL, AT(real), .value = "X", .low = -INFINITY, .high = 5, .help = "at most 5"},
    {.name = "norm",
     .type = OPTION_NAME,
     AT(norm),
     .value = "NAME",
     .initial = "batchnorm",
     .choice = norm_name,
     .help = "normalisation"},
    {.name = "norms",
     .type = OPTION_NAME,
     .flags = OPTION_AXIS | OPTION_CHAIN,
     AT(norms),
     .value = "LIST",
     .initial = "none,batchnorm",
     .choice = norm_name,
     .help = "normalisations"},
    {.name = "hidden",
     .type = OPTION_INTEGERS,
     AT(hidden),
     .value = "LIST",
     .initial = "128,64",
     .low = 1,
     .high = 65536,
     .help = "hidden layers"},
    {.name = "ages", .type = OPTION_INTEGERS, AT(ages), .value = "LIST", .help = "no default"},
    {.name = "seeds",
     .alias = "seed",
     .type = OPTION_SEED,
     .flags = OPTION_AXIS | OPTION_CHAIN,
     AT(seeds),
     .value = "LIST",
     .initial = "1234",
     .help = "seeds",
     .group = "Output"},
    {.name = "out", .type = OPTION_TEXT, AT(out), .value = "DIR", .initial = "results", .help = "where it goes"},
    {.name = "data", .type = OPTION_TEXT, AT(data), .value = "DIR", .help = "data"},
    {.name = "force", .type = OPTION_FLAG, AT(force), .help = "do it again"},
    {.name = "quiet", .letter = 'q', .type = OPTION_FLAG, AT(quiet), .help = "no progress"},
    {0}};

static const struct command train = {.name = "train",
                                     .summary = "train",
                                     .description = "One.\nTwo.\n\n  kept   as it is\n\nThree.",
                                     .examples = "dlexp train  the default\ndlexp train --lr 0.5    one rate",
                                     .options = rows,
                                     .config_size = sizeof(struct config)};
static const struct command view = {.name = "view",
                                    .summary = "view",
                                    .operand = "[FILE]",
                                    .operand_offset = offsetof(struct config, operand),
                                    .options = rows,
                                    .config_size = sizeof(struct config)};
static const struct command need = {.name = "need",
                                    .summary = "need",
                                    .operand = "FILE",
                                    .operand_offset = offsetof(struct config, operand),
                                    .options = rows,
                                    .config_size = sizeof(struct config)};

enum { ROWS = sizeof rows / sizeof *rows, MOST_WORDS = 16 };

static struct config config;
static struct invocation call;
static struct error err;

static void clear(void)
{
    if (call.command != NULL)
        options_free(&call, &config);
    memset(&config, 0, sizeof config);
    call = (struct invocation){0};
}

/* Parse the words of `line`, parted by blanks; a word _ stands for an empty one. */
static int parse(const struct command *command, const char *line)
{
    static char copy[4096];
    static char *words[MOST_WORDS];
    int count = 0;
    assert_true(strlen(line) < sizeof copy);
    strcpy(copy, line);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " ")) {
        assert_true(count < MOST_WORDS);
        words[count++] = strcmp(word, "_") == 0 ? word + 1 : word;
    }
    clear();
    call.command = command;
    err = (struct error){0};
    return options_parse(&call, count, words, &config, &err);
}

static void accept(const char *line)
{
    if (parse(&train, line) != 0)
        fail_msg("'%s' was refused: %s", line, err.message);
}

static void refuse_by(const struct command *command, const char *line, const char *message)
{
    if (parse(command, line) != -1)
        fail_msg("'%s' was accepted", line);
    assert_int_equal(err.code, ERROR_USAGE);
    assert_string_equal(err.message, message);
    clear();
}

static void refuse(const char *line, const char *start)
{
    char message[sizeof err.message];
    size_t length = strlen(start);
    snprintf(message, sizeof message, "%s%s 'dlexp help train'", start, start[length - 1] == '?' ? " See" : "; see");
    refuse_by(&train, line, message);
}

static void assert_integers(const struct integers *list, size_t count, const int64_t *values)
{
    assert_int_equal(list->count, count);
    for (size_t i = 0; i < count; i++)
        assert_true(list->values[i] == values[i]);
}

#define ASSERT_INDICES(list, ...)                                                                                      \
    do {                                                                                                               \
        const size_t expected[] = {__VA_ARGS__};                                                                       \
        assert_int_equal((list).count, sizeof expected / sizeof *expected);                                            \
        assert_memory_equal((list).values, expected, sizeof expected);                                                 \
    } while (0)

#define ASSERT_INTEGERS(list, ...)                                                                                     \
    assert_integers(&(list), sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), (int64_t[]){__VA_ARGS__})

static void test_defaults(void **state)
{
    (void)state;
    accept("");
    assert_int_equal(config.lr.count, 2);
    assert_true(config.lr.values[0] == 0.01 && config.lr.values[1] == 0.5);
    assert_true(config.epochs == 15 && config.any == 0 && config.threads == 0);
    assert_true(config.momentum == 0.9 && config.rate == 0 && config.real == 0);
    assert_int_equal(config.norm, 1);
    ASSERT_INDICES(config.norms, 0, 1);
    ASSERT_INTEGERS(config.hidden, 128, 64);
    ASSERT_INTEGERS(config.seeds, 1234);
    assert_string_equal(config.out, "results");
    assert_null(config.data);
    assert_false(config.force || config.quiet);
    for (size_t i = 0; i + 1 < ROWS; i++)
        assert_false(call.given[i]);
}

static void test_forms(void **state)
{
    (void)state;
    accept("--lr 1e-3 --epochs=7 -j4 -q --out=a=b --norm none --norms layernorm,none --box -1,+2.5");
    assert_int_equal(config.lr.count, 1);
    assert_true(config.lr.values[0] == 1e-3);
    assert_true(config.epochs == 7 && config.threads == 4 && config.quiet && !config.force);
    assert_string_equal(config.out, "a=b");
    assert_int_equal(config.norm, 0);
    ASSERT_INDICES(config.norms, 2, 0);
    assert_true(config.box[0] == -1 && config.box[1] == 2.5);
    accept("-e 3 --force");
    assert_true(config.epochs == 3 && config.force);

    assert_true(options_given(&call, "epochs") && options_given(&call, "force"));
    assert_false(options_given(&call, "lr") || options_given(&call, "seed"));
    accept("--seed 1");
    assert_true(options_given(&call, "seed") && options_given(&call, "seeds"));
}

/* The word after an option is its value, whatever it looks like. */
static void test_values_with_dashes(void **state)
{
    (void)state;
    accept("--seeds -1 --any -5 --out --force --data --");
    ASSERT_INTEGERS(config.seeds, -1);
    assert_int_equal(config.any, -5);
    assert_string_equal(config.out, "--force");
    assert_string_equal(config.data, "--");
    assert_false(config.force);
}

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
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
        char line[64], message[128];
        snprintf(line, sizeof line, "--rate %s", reals[i]);
        snprintf(message, sizeof message, "--rate: expected a number > 0, got '%s' (not a number)", reals[i]);
        refuse(line, message);
    }
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        char line[64], message[128];
        snprintf(line, sizeof line, "--any=%s", integers[i]);
        snprintf(message, sizeof message, "--any: expected an integer, got '%s' (not an integer)", integers[i]);
        refuse(line, message);
    }
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
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        char line[64], message[160];
        snprintf(line, sizeof line, "--seeds %s", broken[i]);
        snprintf(message, sizeof message,
                 "--seeds: expected an integer from -2^63 to 2^64 - 1 or a range such as 5..9, got '%s' (not a range "
                 "of two integers)",
                 broken[i]);
        refuse(line, message);
    }
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
    for (size_t i = 0; i < sizeof many / sizeof *many; i++) {
        char line[80], message[160];
        snprintf(line, sizeof line, "--seeds %s", many[i]);
        snprintf(message, sizeof message, "--seeds: expected at most 100000 seeds in all, got more with '%s'", many[i]);
        refuse(line, message);
    }
    static const char *const outside[] = {"18446744073709551616", "-9223372036854775809", "99999999999999999999999"};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        char line[80], message[160];
        snprintf(line, sizeof line, "--seeds %s", outside[i]);
        snprintf(message, sizeof message,
                 "--seeds: expected an integer from -2^63 to 2^64 - 1 or a range such as 5..9, got '%s' (out of range)",
                 outside[i]);
        refuse(line, message);
    }
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

static void test_unknown_options(void **state)
{
    (void)state;
    refuse("--epoch 5", "unknown option '--epoch' for 'dlexp train'; did you mean '--epochs'?");
    refuse("--epo=5", "unknown option '--epo' for 'dlexp train'; did you mean '--epochs'?");
    refuse("--sed 5", "unknown option '--sed' for 'dlexp train'; did you mean '--seed'?");
    refuse("-epochs 5", "unknown option '-epochs' for 'dlexp train'; did you mean '--epochs'?");
    refuse("-j4x", "-j: expected an integer >= 1, got '4x' (not an integer)");
    refuse("--j 4", "unknown option '--j' for 'dlexp train'; did you mean '-j'?");
    refuse("--hlep", "unknown option '--hlep' for 'dlexp train'; did you mean '--help'?");
#define KNOWN                                                                                                          \
    "; known: --lr, --box, --epochs, --any, --threads, --momentum, --rate, --real, --norm, --norms, --hidden, "        \
    "--ages, --seeds, --out, --data, --force, --quiet, --config, --help"
    refuse("--xyzzy", "unknown option '--xyzzy' for 'dlexp train'" KNOWN);
    refuse("-x", "unknown option '-x' for 'dlexp train'" KNOWN);
    refuse("--=5", "unknown option '--' for 'dlexp train'" KNOWN);
#undef KNOWN
}

static void test_misuse(void **state)
{
    (void)state;
    refuse("--lr", "--lr: expected a value (--lr LIST), got none");
    refuse("--quiet -e", "-e: expected a value (-e N), got none");
    refuse("--force=yes", "--force: expected no value, got 'yes'");
    refuse("--force=", "--force: expected no value, got ''");
    refuse("--out _", "--out: expected DIR, got '' (empty)");
    refuse("--lr 1 --lr 2", "--lr: given a second time; write one list, separated by commas");
    refuse("--seed 1 --seeds 2",
           "--seeds: given a second time (it is the same as --seed); write one list, separated by commas");
    refuse("--epochs 1 -e 1", "-e: given a second time (it is the same as --epochs); give it once");
    refuse("-q -q", "-q: given a second time (it is the same as --quiet); give it once");
    refuse("--force --force", "--force: given a second time; give it once");
}

static void test_operand(void **state)
{
    (void)state;
    refuse("word", "unexpected word 'word': 'dlexp train' takes options only");
    refuse("-", "unexpected word '-': 'dlexp train' takes options only");
    refuse("-- --lr", "unexpected word '--lr': 'dlexp train' takes options only");
    refuse("epochs=5", "unexpected word 'epochs=5': 'dlexp train' takes options only; did you mean '--epochs'?");
    assert_int_equal(parse(&train, "--force --"), 0);

    assert_int_equal(parse(&view, ""), 0);
    assert_null(config.operand);
    assert_int_equal(parse(&view, "-e 2 a.txt --force"), 0);
    assert_string_equal(config.operand, "a.txt");
    assert_true(config.force && config.epochs == 2);
    assert_int_equal(parse(&view, "-- -h"), 0);
    assert_string_equal(config.operand, "-h");
    assert_int_equal(parse(&view, "-- --"), 0);
    assert_string_equal(config.operand, "--");
    refuse_by(&view, "a b",
              "unexpected word 'b': 'dlexp view' takes one FILE, and 'a' stood before; see 'dlexp help view'");
    refuse_by(&view, "_", "expected FILE, got '' (empty); see 'dlexp help view'");
    refuse_by(&need, "", "expected FILE after 'dlexp need', got none; see 'dlexp help need'");
    assert_int_equal(parse(&need, "x"), 0);
}

/* What a message quotes cannot disturb the terminal nor drown the message. */
static void test_quoting(void **state)
{
    (void)state;
    refuse("a\nb\033[2J", "unexpected word 'a\\x0ab\\x1b[2J': 'dlexp train' takes options only");
    char line[2048] = "--any ";
    memset(line + 6, '1', 2000);
    assert_int_equal(parse(&train, line), -1);
    assert_true(strlen(err.message) < 400);
    assert_non_null(strstr(err.message, "111...'"));
    memset(line, '-', 2);
    memset(line + 2, 'a', 2000);
    assert_int_equal(parse(&train, line), -1);
    assert_true(strlen(err.message) < 400);
    for (int i = 0; i < 600; i++)
        memcpy(line + 3 * i, "\xe2\x82\xac", 3); /* cut between characters only */
    line[1800] = '\0';
    assert_int_equal(parse(&train, line), -1);
    assert_non_null(strstr(err.message, "\xe2\x82\xac...'"));
}

static void test_bad_default(void **state)
{
    static const struct option bad[] = {
        {.name = "n", .type = OPTION_INTEGER, AT(any), .value = "N", .initial = "5", .high = 3, .help = "n"}, {0}};
    static const struct command command = {.name = "bad", .options = bad, .config_size = sizeof(struct config)};
    (void)state;
    refuse_by(&command, "", "--n (default): expected an integer from 0 to 3, got '5'; see 'dlexp help bad'");
    assert_int_equal(parse(&command, "--n 3"), 0);
}

static void test_help_asked(void **state)
{
    static const struct {
        const char *words[5];
        bool asked;
    } cases[] = {
        {{"-h"}, true},
        {{"--help"}, true},
        {{"--force", "-h"}, true},
        {{"--lr", "0.5", "--help"}, true},
        {{"--lr=1", "-h"}, true},
        {{"--bogus", "-h"}, true},
        {{NULL}, false},
        {{"--out", "-h"}, false},
        {{"-e", "-h"}, false},
        {{"--out", "--help"}, false},
        {{"--", "-h"}, false},
        {{"--data", "--", "-h"}, true},
        {{"--help=1"}, false},
        {{"x", "-h"}, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char storage[5][16], *words[5];
        int count = 0;
        for (; count < 5 && cases[i].words[count] != NULL; count++)
            words[count] = strcpy(storage[count], cases[i].words[count]);
        if (options_help_asked(&train, count, words) != cases[i].asked)
            fail_msg("case %zu", i);
    }
}

static void test_find(void **state)
{
    (void)state;
    assert_int_equal(options_find("nonesuch", 4, norm_name), 0);
    assert_int_equal(options_find("none", 3, norm_name), -1);
    assert_int_equal(options_find("None", 4, norm_name), -1);
    assert_int_equal(options_find("", 0, norm_name), -1);
}

static char *help_of(const struct command *command)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    options_print_help(command, out);
    fclose(out);
    return text;
}

static void test_help(void **state)
{
    (void)state;
    char *text = help_of(&train);
    static const char *const parts[] = {
        "Usage: dlexp train [options]\n\nOne. Two.\n\n  kept   as it is\n\nThree.\n\nTraining:\n",
        "\n      --lr LIST      learning rates (default: 0.01,0.5)\n",
        "\n  -e, --epochs N     epochs (default: 15)\n",
        ("\n      --norm NAME    normalisation (known: none, batchnorm, layernorm; default:\n                     "
         "batchnorm)\n"),
        "\n\nOutput:\n      --seeds LIST   seeds (default: 1234; also: --seed)\n",
        "\n  -q, --quiet        no progress\n",
        "\n  -h, --help         print this help and exit\n",
        "\nExamples:\n  dlexp train           the default\n  dlexp train --lr 0.5  one rate\n"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(text, parts[i]) == NULL)
            fail_msg("missing:\n%s\nin:\n%s", parts[i], text);
    for (const struct option *option = rows; option->name != NULL; option++) {
        char name[64];
        snprintf(name, sizeof name, " --%s ", option->name);
        assert_non_null(strstr(text, name));
    }
    free(text);
    text = help_of(&view);
    assert_non_null(strstr(text, "Usage: dlexp view [options] [FILE]\n"));
    free(text);
}

/* No line is longer than 80 columns, none ends in a blank, and no word is lost. */
static void test_help_wraps(void **state)
{
    static const char sentence[] =
        "w1 word2 a-longer-word3 w4 \xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f w5 w6 something w7 another w8 phrase w9 that "
        "is w10 long enough w11 to be w12 wrapped w13 more than w14 once w15 and then w16 once more w17 for good "
        "measure w18 since w19 one cannot w20 know how w21 long the help w22 of an option w23 will be w24 one day";
    static const struct option wide[] = {
        {.name = "short", .type = OPTION_FLAG, AT(force), .help = sentence},
        {.name = "a-very-very-long-option-name", .type = OPTION_TEXT, AT(out), .value = "SOMETHING", .help = sentence},
        {0}};
    static const struct command command = {.name = "wide",
                                           .summary = "wide",
                                           .description = sentence,
                                           .examples = "dlexp wide  w1 w2",
                                           .options = wide,
                                           .config_size = sizeof(struct config)};
    (void)state;
    char *text = help_of(&command);
    size_t column = 0, found = 0;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\n') {
            assert_true(column <= 80);
            assert_true(p == text || p[-1] != ' ');
            column = 0;
        } else {
            column += ((unsigned char)*p & 0xC0) != 0x80;
        }
    }
    for (const char *p = text; (p = strstr(p, "w24")) != NULL; p++)
        found++;
    assert_int_equal(found, 3);
    free(text);
}

static void test_json(void **state)
{
    (void)state;
    assert_int_equal(parse(&view, "--lr 0.1,0.30000000000000004,1e-7 --any 9007199254740993 --seeds -1..1 --force "
                                  "--norms layernorm file"),
                     0);
    cJSON *json = options_to_json(&call, &config);
    assert_non_null(json);
    char *text = cJSON_PrintUnformatted(json);
    assert_string_equal(text,
                        "{\"operand\":\"file\",\"lr\":[0.1,0.30000000000000004,1e-07],\"box\":[0,0],\"epochs\":15,"
                        "\"any\":\"9007199254740993\",\"threads\":0,\"momentum\":0.9,\"rate\":0,\"real\":0,"
                        "\"norm\":\"batchnorm\",\"norms\":[\"layernorm\"],\"hidden\":[128,64],\"ages\":[],"
                        "\"seeds\":[-1,0,1],\"out\":\"results\",\"data\":null,\"force\":true,\"quiet\":false}");
    cJSON_free(text);
    cJSON_Delete(json);
}

static int free_config(void **state)
{
    (void)state;
    call.command = &train;
    options_free(&call, &config);
    options_free(&call, &config); /* a second time does no harm */
    clear();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_values_with_dashes),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_numbers_are_read_whole),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_large_seeds),
        cmocka_unit_test(test_one_seed),
        cmocka_unit_test(test_blanks),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_unknown_options),
        cmocka_unit_test(test_misuse),
        cmocka_unit_test(test_operand),
        cmocka_unit_test(test_quoting),
        cmocka_unit_test(test_bad_default),
        cmocka_unit_test(test_help_asked),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_help_wraps),
        cmocka_unit_test(test_json),
    };
    return cmocka_run_group_tests(tests, NULL, free_config);
}
