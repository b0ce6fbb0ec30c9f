/* Numbers from text: nothing but a number comes in, and every refusal says why. */
#include "support.h"

#include "dlexp/base/number.h"

/* Each text (NULL ends them) is refused for this reason, and leaves the number as it was. */
static void refuse_reals(const char *why, const char *const *texts)
{
    for (; *texts; texts++) {
        double value = 4711;
        const char *told = NULL;
        if (number_parse_real(*texts, strlen(*texts), &value, &told) != -1)
            fail_msg("'%s' was accepted", *texts);
        assert_string_equal(told, why);
        assert_true(value == 4711);
    }
}

static void test_parse_real(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        double value;
    } good[] = {{"0", 0},
                {"-0", -0.0},
                {"+5", 5},
                {"5.", 5},
                {".5", 0.5},
                {"0.01", 0.01},
                {"1e3", 1000},
                {"1E+3", 1000},
                {"25e-1", 2.5},
                {"0e999999", 0},
                {"0.000e-999999", 0},
                {"1e-310", 1e-310},
                {"007", 7},
                {"-.5e1", -5},
                {"1e308", 1e308},
                {"5e-324", 0x1p-1074}};
    double value;
    const char *why;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(number_parse_real(good[i].text, strlen(good[i].text), &value, &why), 0);
        assert_memory_equal(&value, &good[i].value, sizeof value);
    }
    refuse_reals("empty", (const char *const[]){"", NULL});
    refuse_reals("not a number",
                 (const char *const[]){" 1",    "1 ",  "\t1", "1\n", "5x",    "x5",   "1,5",  "1.2.3", ".",
                                       "+",     "-",   "+-1", "--1", "e5",    "1e",   "1e+",  "1e1.5", "0x10",
                                       "0x1p3", "1d3", "1f",  "0b1", "1_000", "nanx", "info", "ten",   NULL});
    refuse_reals("not finite", (const char *const[]){"nan", "-nan", "NaN", "inf", "-INF", "infinity", NULL});
    refuse_reals("out of range",
                 (const char *const[]){"1e309", "-1e309", "1e999999999999999999", "1e-400", "0.0001e-999", NULL});
}

static void refuse_integers(const char *why, const char *const *texts)
{
    for (; *texts; texts++) {
        int64_t value = 4711;
        const char *told = NULL;
        if (number_parse_integer(*texts, strlen(*texts), &value, &told) != -1)
            fail_msg("'%s' was accepted", *texts);
        assert_string_equal(told, why);
        assert_true(value == 4711);
    }
}

static void test_parse_integer(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {{"0", 0},
                {"-0", 0},
                {"+5", 5},
                {"-12", -12},
                {"00012", 12},
                {"9223372036854775807", INT64_MAX},
                {"-9223372036854775808", INT64_MIN}};
    int64_t value;
    const char *why;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(number_parse_integer(good[i].text, strlen(good[i].text), &value, &why), 0);
        assert_true(value == good[i].value);
    }
    refuse_integers("empty", (const char *const[]){"", NULL});
    refuse_integers("not an integer",
                    (const char *const[]){" 1", "1 ", "+", "-", "--1", "1.0", "1e3", "0x10", "5x", "nan", NULL});
    refuse_integers("out of range", (const char *const[]){"9223372036854775808", "-9223372036854775809",
                                                          "99999999999999999999999999", NULL});
}

/* Only text[0..length) counts: an element of a list is parsed where it stands; nothing behind it is read. */
static void test_parse_unsigned(void **unused)
{
    (void)unused;
    static const struct {
        const char *text;
        uint64_t value;
    } good[] = {{"0", 0},
                {"-0", 0},
                {"+7", 7},
                {"9223372036854775808", UINT64_C(1) << 63},
                {"18446744073709551615", UINT64_MAX}};
    static const struct {
        const char *text, *why;
    } bad[] = {{"", "empty"},
               {" 1", "not an integer"},
               {"1.5", "not an integer"},
               {"0x1", "not an integer"},
               {"-1", "out of range"},
               {"-18446744073709551615", "out of range"},
               {"18446744073709551616", "out of range"}};
    uint64_t value = 0;
    const char *why;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(number_parse_unsigned(good[i].text, strlen(good[i].text), &value, &why), 0);
        assert_true(value == good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(number_parse_unsigned(bad[i].text, strlen(bad[i].text), &value, &why), -1);
        assert_string_equal(why, bad[i].why);
    }
}

static void test_length(void **unused)
{
    (void)unused;
    struct guarded guarded;
    double value;
    int64_t integer;
    const char *why;
    char *text = guarded_new(&guarded, 3);
    memcpy(text, "125", 3);
    assert_int_equal(number_parse_real(text, 3, &value, &why), 0);
    assert_true(value == 125);
    assert_int_equal(number_parse_integer(text, 3, &integer, &why), 0);
    assert_true(integer == 125);
    assert_int_equal(number_parse_integer(text, 2, &integer, &why), 0);
    assert_true(integer == 12);
    assert_int_equal(number_parse_real(text, 0, &value, &why), -1);
    guarded_free(&guarded);

    assert_int_equal(number_parse_real("1\0002", 3, &value, &why), -1);
    assert_int_equal(number_parse_integer("1\0", 2, &integer, &why), -1);

    /* Longer than any internal buffer: refused, not cut. */
    static char many[5000];
    memset(many, '0', sizeof many);
    many[sizeof many - 1] = '7';
    assert_int_equal(number_parse_real(many, sizeof many, &value, &why), -1);
    assert_int_equal(number_parse_integer(many, sizeof many, &integer, &why), -1);
    for (size_t length = 300; length < 500; length++) {
        many[length - 1] = '7';
        if (number_parse_integer(many, length, &integer, &why) == 0)
            assert_true(integer == 7);
        many[length - 1] = '0';
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_real),
        cmocka_unit_test(test_parse_integer),
        cmocka_unit_test(test_parse_unsigned),
        cmocka_unit_test(test_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
