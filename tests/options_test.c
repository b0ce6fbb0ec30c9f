/* The parser: options in every form, what is wrong with a call, and the configuration that is recorded of it. */
#include "options_table.h"

#include <cJSON.h>

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

static void test_find(void **state)
{
    (void)state;
    assert_int_equal(options_find("nonesuch", 4, norm_name), 0);
    assert_int_equal(options_find("none", 3, norm_name), -1);
    assert_int_equal(options_find("None", 4, norm_name), -1);
    assert_int_equal(options_find("", 0, norm_name), -1);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_values_with_dashes),
        cmocka_unit_test(test_unknown_options),
        cmocka_unit_test(test_misuse),
        cmocka_unit_test(test_operand),
        cmocka_unit_test(test_quoting),
        cmocka_unit_test(test_bad_default),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_json),
    };
    return cmocka_run_group_tests(tests, NULL, free_config);
}
