/* Numbers as text: the shortest that reads back to the same bits, as printf writes it. */
#include "support.h"

#include <float.h>

#include "dlexp/base/number.h"

static void test_round_trip_real(void **unused)
{
    (void)unused;
    uint64_t state = 1;
    char text[NUMBER_TEXT_SIZE];
    for (int i = 0; i < 100000; i++) {
        /* All bit patterns, subnormal ones, and short decimals. */
        uint64_t bits = test_u64(&state);
        double value, back;
        if (i % 4 == 1)
            bits &= 0x800fffffffffffffu;
        memcpy(&value, &bits, sizeof value);
        if (i % 4 == 2)
            value = (double)(bits % 1000000) / 1000;
        if (!isfinite(value))
            continue;
        const char *why, *given = number_format_real(text, value);
        assert_ptr_equal(given, text);
        assert_int_equal(number_parse_real(text, strlen(text), &back, &why), 0);
        assert_memory_equal(&back, &value, sizeof value);
        assert_true(strtod(text, NULL) == value);
    }
}

static void test_round_trip_float(void **unused)
{
    (void)unused;
    uint64_t state = 2;
    char text[NUMBER_TEXT_SIZE];
    for (int i = 0; i < 100000; i++) {
        uint32_t bits = (uint32_t)test_u64(&state);
        float value, back;
        if (i % 4 == 1)
            bits &= 0x807fffffu;
        memcpy(&value, &bits, sizeof value);
        if (i % 4 == 2)
            value = (float)(bits % 100000) / 1000;
        if (!isfinite(value))
            continue;
        assert_ptr_equal(number_format_float(text, value), text);
        back = strtof(text, NULL);
        assert_memory_equal(&back, &value, sizeof value);
    }
}

/* Significant digits: without the zeros on either side. */
static size_t digits_of(const char *text)
{
    size_t count = 0, zeros = 0;
    for (; *text && *text != 'e'; text++)
        if (*text == '0') {
            zeros += count > 0;
        } else if (*text >= '1' && *text <= '9') {
            count += zeros + 1;
            zeros = 0;
        }
    return count;
}

/* No fewer digits of the rounded value would do. */
static void test_shortest(void **unused)
{
    (void)unused;
    uint64_t state = 3;
    char text[NUMBER_TEXT_SIZE], shorter[64];
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = test_u64(&state);
        double value;
        if (i % 2)
            bits &= 0x800fffffffffffffu;
        memcpy(&value, &bits, sizeof value);
        if (i % 4 == 2)
            value = (double)(bits % 1000000) / 1000;
        if (!isfinite(value))
            continue;
        number_format_real(text, value);
        for (int digits = 1; digits <= 17; digits++) {
            snprintf(shorter, sizeof shorter, "%.*g", digits, value);
            if (strtod(shorter, NULL) == value)
                break;
        }
        assert_int_equal(digits_of(text), digits_of(shorter));

        float single = (float)value;
        if (!isfinite(single))
            continue;
        number_format_float(text, single);
        for (int digits = 1; digits <= 9; digits++) {
            snprintf(shorter, sizeof shorter, "%.*g", digits, (double)single);
            if (strtof(shorter, NULL) == single)
                break;
        }
        assert_int_equal(digits_of(text), digits_of(shorter));
    }
}

static void test_format(void **unused)
{
    (void)unused;
    static const struct {
        double value;
        const char *text;
    } known[] = {
        {0, "0"},
        {-0.0, "-0"},
        {0.1, "0.1"},
        {0.5, "0.5"},
        {1e-8, "1e-08"},
        {100, "100"},
        {1.0 / 3, "0.3333333333333333"},
        {0.1 + 0.2, "0.30000000000000004"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {DBL_MIN, "2.2250738585072014e-308"},
        {0x1p-1074, "5e-324"},
        {0x3p-1074, "1.5e-323"},
        {(double)NAN, "nan"},
        {-(double)NAN, "nan"},
        {(double)INFINITY, "inf"},
        {-(double)INFINITY, "-inf"},
    };
    char text[NUMBER_TEXT_SIZE];
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_string_equal(number_format_real(text, known[i].value), known[i].text);
    assert_string_equal(number_format_float(text, 0.1f), "0.1");
    assert_string_equal(number_format_float(text, 1.0f / 3), "0.33333334");
    assert_string_equal(number_format_float(text, FLT_MAX), "3.4028235e+38");
    assert_string_equal(number_format_float(text, 0x1p-149f), "1e-45");
    assert_string_equal(number_format_float(text, -0.0f), "-0");
    assert_string_equal(number_format_float(text, NAN), "nan");
    assert_string_equal(number_format_float(text, -INFINITY), "-inf");
}

/* As %.*f writes it up to a million, and never cut: all magnitudes and all places fit the buffer. */
static void test_fixed(void **unused)
{
    (void)unused;
    static const struct {
        double value;
        int decimals;
        const char *fixed, *with_sign;
    } known[] = {
        {97.921, 2, "97.92", "+97.92"},
        {-0.125, 2, "-0.12", "-0.12"},
        {0, 4, "0.0000", "+0.0000"},
        {0.5, 0, "0", "+0"},
        {999999.25, 2, "999999.25", "+999999.25"},
        {999999.999, 2, "1000000.00", "+1000000.00"},
        {1e6, 2, "1.0e+06", "+1.0e+06"},
        {3.3e12, 4, "3.3e+12", "+3.3e+12"},
        {-3.34e12, 4, "-3.3e+12", "-3.3e+12"},
        {9.99e99, 2, "1.0e+100", "+1.0e+100"},
        {-DBL_MAX, 15, "-1.8e+308", "-1.8e+308"},
        {1e-300, 2, "0.00", "+0.00"},
        {(double)NAN, 2, "nan", "nan"},
        {(double)INFINITY, 2, "inf", "inf"},
        {-(double)INFINITY, 2, "-inf", "-inf"},
    };
    uint64_t state = 4;
    char text[NUMBER_TEXT_SIZE], whole[512];
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        assert_string_equal(number_format_fixed(text, known[i].value, known[i].decimals), known[i].fixed);
        assert_string_equal(number_format_signed(text, known[i].value, known[i].decimals), known[i].with_sign);
    }
    for (int i = 0; i < 20000; i++) {
        const double value = test_uniform(&state, -1, 1) * pow(10, test_uniform(&state, -20, 308));
        const int decimals = i % 16;
        snprintf(whole, sizeof whole, fabs(value) < 1e6 ? "%.*f" : "%.*e", fabs(value) < 1e6 ? decimals : 1, value);
        assert_string_equal(number_format_fixed(text, value, decimals), whole);
    }
}

/* What printf gives with the fewest digits that read back. */
static const char *slow_format(char text[NUMBER_TEXT_SIZE], double value)
{
    for (int digits = fabs(value) < 2.2250738585072014e-308 ? 1 : 15; digits <= 17; digits++) {
        snprintf(text, NUMBER_TEXT_SIZE, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    return text;
}

static void check_as_printf(double value)
{
    char fast[NUMBER_TEXT_SIZE], slow[NUMBER_TEXT_SIZE];
    assert_string_equal(number_format_real(fast, value), slow_format(slow, value));
    assert_string_equal(number_format_real(fast, -value), slow_format(slow, -value));
}

/* The form in integers and printf's: at random, at short decimals, at powers of two and ten, and beside all of them. */
static void test_as_printf(void **state)
{
    uint64_t seed = 3;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        check_as_printf(ldexp((double)(test_u64(&seed) >> 11), (int)test_between(&seed, 0, 90) - 85));
        char text[40];
        snprintf(text, sizeof text, "%llu.%0*llu", (unsigned long long)(test_u64(&seed) >> test_between(&seed, 15, 63)),
                 (int)test_between(&seed, 1, 9), (unsigned long long)(test_u64(&seed) >> test_between(&seed, 36, 63)));
        const double decimal = strtod(text, NULL);
        check_as_printf(decimal);
        check_as_printf(nextafter(decimal, 0));
        check_as_printf(nextafter(decimal, 1e300));
        check_as_printf((double)(test_u64(&seed) >> test_between(&seed, 12, 63)));
    }
    for (int e = -60; e <= 60; e++)
        for (int step = -3; step <= 3; step++) {
            char text[40];
            snprintf(text, sizeof text, "1e%d", e / 3);
            double two = ldexp(1, e), ten = strtod(text, NULL);
            for (int n = 0; n < (step < 0 ? -step : step); n++) {
                two = nextafter(two, step < 0 ? 0 : 1e300);
                ten = nextafter(ten, step < 0 ? 0 : 1e300);
            }
            check_as_printf(two);
            check_as_printf(ten);
        }
    check_as_printf(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip_real), cmocka_unit_test(test_round_trip_float),
        cmocka_unit_test(test_shortest),        cmocka_unit_test(test_format),
        cmocka_unit_test(test_fixed),           cmocka_unit_test(test_as_printf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
