/* Only what number_format_* writes is read: checked against writing it again. */
#include "support.h"

#include "dlexp/base/number.h"
#include "dlexp/base/number_read.h"

static void check_real(const char *text)
{
    char written[NUMBER_TEXT_SIZE], *stop;
    double value = 0, expected = strtod(text, &stop);
    const bool is_own = *text && *stop == '\0' && strcmp(number_format_real(written, expected), text) == 0;
    if (number_read_real(text, strlen(text), &value) != is_own)
        fail_msg("'%s' is %s", text, is_own ? "refused" : "accepted");
    if (is_own && !isnan(expected))
        assert_memory_equal(&value, &expected, sizeof value);
}

static void check_float(const char *text)
{
    char written[NUMBER_TEXT_SIZE], *stop;
    float value = 0, expected = strtof(text, &stop);
    const bool is_own = *text && *stop == '\0' && strcmp(number_format_float(written, expected), text) == 0;
    if (number_read_float(text, strlen(text), &value) != is_own)
        fail_msg("'%s' is %s", text, is_own ? "refused" : "accepted");
    if (is_own && !isnan(expected))
        assert_memory_equal(&value, &expected, sizeof value);
}

static void check(const char *text)
{
    check_real(text);
    check_float(text);
}

static const char *const texts[] = {
    "",
    "-",
    ".",
    "0",
    "-0",
    "+0",
    "00",
    "0.",
    ".5",
    "0.5",
    "-0.5",
    "0.50",
    "5e-1",
    "5E-1",
    "1",
    "1.",
    "1.0",
    "01",
    "10",
    "999999",
    "1000000",
    "1e+06",
    "1e6",
    "100000",
    "1234567",
    "1.5e+10",
    "123456.7",
    "0.0001",
    "0.00001",
    "1e-05",
    "1e-5",
    "0.00010",
    "nan",
    "-nan",
    "NaN",
    "nan(1)",
    "inf",
    "-inf",
    "infinity",
    "0x1p3",
    " 1",
    "1 ",
    "1\n",
    "\n1",
    "--1",
    "1,2",
    "1e+400",
    "1e-400",
    "1e-45",
    "5e-324",
    "4.94e-324",
    "3.40282347e+38",
    "1e+39",
    "0.1",
    "0.1000000",
    "0.10000001",
    "0.100000001",
    "0.1000000015",
    "0.10000000000000004",
    "0.10000000000000001",
    "0.1000000000000000444089209850062616169452667236328125",
    "9007199254740993",
    "9007199254740992",
    "123456789012345",
    "1234567890123456",
    "0.000123456789012345",
    "99999999999999999999999999999999",
    "0.00000000000000000000000000000000000000000001",
    "8388608",
    "0.03125",
    "0.015625",
    "0.0078125",
    "1.17549435e-38",
    "1.17549421e-38",
};

static void spellings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check(texts[i]);
    for (int power = -160; power < 160; power++) {
        char text[64];
        for (int digits = 1; digits < 20; digits++) {
            snprintf(text, sizeof text, "%.*g", digits, ldexp(1, power));
            check(text);
            snprintf(text, sizeof text, "%.*g", digits, (double)nextafterf(ldexpf(1, power), 0));
            check(text);
        }
    }
}

/* Every length of the same number, and its neighbours in the last digit. */
static void lengths_and_neighbours(void **state)
{
    uint64_t seed = 1;
    char text[64];
    (void)state;
    for (int i = 0; i < 15000; i++) {
        const double size = pow(10, test_uniform(&seed, -9, 9));
        const double value = i % 2 ? (double)(float)size : size;
        for (int digits = i % 2 ? 5 : 14; digits <= (i % 2 ? 11 : 18); digits++) {
            snprintf(text, sizeof text, i % 3 ? "%.*g" : "%.*f", digits, value);
            check(text);
            char *last = text + strlen(text) - 1;
            *last = *last == '9' ? '8' : *last == '0' ? '1' : (char)(*last + (i % 5 ? 1 : -1));
            check(text);
        }
    }
}

/* Floats of every size, as batch losses are. */
static void what_is_written_is_read(void **state)
{
    uint64_t seed = 2;
    char text[NUMBER_TEXT_SIZE];
    (void)state;
    for (int i = 0; i < 100000; i++) {
        const uint64_t bits = test_u64(&seed);
        const uint32_t low = (uint32_t)bits;
        double whole, read_back;
        float single, again;
        memcpy(&whole, &bits, sizeof whole);
        memcpy(&single, &low, sizeof single);
        if (i % 2) {
            single = (float)test_uniform(&seed, 0, 2.5);
            whole = test_uniform(&seed, 0, 100);
        }
        number_format_float(text, single);
        assert_true(number_read_float(text, strlen(text), &again) && (isnan(single) || again == single));
        number_format_real(text, whole);
        assert_true(number_read_real(text, strlen(text), &read_back) && (isnan(whole) || read_back == whole));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings),
        cmocka_unit_test(lengths_and_neighbours),
        cmocka_unit_test(what_is_written_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
