#include "dlexp/base/number.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The digits of [+-]digits[.digits][e[+-]digits], whole: strtod alone would take blanks, hex, nan and inf. */
static bool is_decimal(const char *p)
{
    bool digits = false;
    if (*p == '+' || *p == '-')
        p++;
    for (; isdigit((unsigned char)*p); p++)
        digits = true;
    if (*p == '.')
        for (p++; isdigit((unsigned char)*p); p++)
            digits = true;
    if (!digits)
        return false;
    if (*p == 'e' || *p == 'E') {
        p++;
        if (*p == '+' || *p == '-')
            p++;
        if (!isdigit((unsigned char)*p))
            return false;
        while (isdigit((unsigned char)*p))
            p++;
    }
    return *p == '\0';
}

enum { TEXT_MAX = 400 }; /* longer than any number someone means; 1e-308 in full has 325 characters */

static int copy_text(char copy[TEXT_MAX + 1], const char *text, size_t length, const char **why)
{
    if (length == 0) {
        *why = "empty";
        return -1;
    }
    if (length > TEXT_MAX || memchr(text, '\0', length)) {
        *why = "not a number";
        return -1;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    return 0;
}

int number_parse_real(const char *text, size_t length, double *value, const char **why)
{
    char copy[TEXT_MAX + 1];
    if (copy_text(copy, text, length, why) < 0)
        return -1;
    if (!is_decimal(copy)) {
        const char *p = copy + (*copy == '+' || *copy == '-');
        bool special = tolower((unsigned char)*p) == 'n' || tolower((unsigned char)*p) == 'i';
        char *end;
        double parsed = strtod(copy, &end);
        *why = special && *end == '\0' && !isfinite(parsed) ? "not finite" : "not a number";
        return -1;
    }
    double parsed = strtod(copy, NULL);
    if (!isfinite(parsed)) {
        *why = "out of range";
        return -1;
    }
    /* A non-zero number that underflows to zero would be silently wrong. */
    if (parsed == 0.0) {
        for (const char *p = copy; *p && *p != 'e' && *p != 'E'; p++)
            if (*p >= '1' && *p <= '9') {
                *why = "out of range";
                return -1;
            }
    }
    *value = parsed;
    return 0;
}

/* Digits with an optional sign, whole: strtoll alone would take blanks. */
static int copy_integer(char copy[TEXT_MAX + 1], const char *text, size_t length, const char **why)
{
    if (copy_text(copy, text, length, why) < 0)
        return -1;
    const char *p = copy + (*copy == '+' || *copy == '-');
    *why = "not an integer";
    if (*p == '\0')
        return -1;
    for (; *p; p++)
        if (!isdigit((unsigned char)*p))
            return -1;
    *why = "out of range";
    return 0;
}

int number_parse_integer(const char *text, size_t length, int64_t *value, const char **why)
{
    char copy[TEXT_MAX + 1];
    if (copy_integer(copy, text, length, why) < 0)
        return -1;
    errno = 0;
    long long parsed = strtoll(copy, NULL, 10);
    if (errno == ERANGE)
        return -1;
    *value = parsed;
    return 0;
}

int number_parse_unsigned(const char *text, size_t length, uint64_t *value, const char **why)
{
    char copy[TEXT_MAX + 1];
    if (copy_integer(copy, text, length, why) < 0)
        return -1;
    errno = 0;
    unsigned long long parsed = strtoull(copy, NULL, 10);
    if (errno == ERANGE || (*copy == '-' && parsed != 0)) /* strtoull would take -1 for ULLONG_MAX */
        return -1;
    *value = parsed;
    return 0;
}

static const char *format_special(char buffer[NUMBER_TEXT_SIZE], double value)
{
    strcpy(buffer, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
    return buffer;
}

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 wide;

/* digits * 10^-decimals without the zeros at its end. */
static void print_decimal(char *p, bool negative, uint64_t digits, int decimals)
{
    char reversed[24];
    int count = 0;
    for (; decimals > 0 && digits % 10 == 0; decimals--)
        digits /= 10;
    for (; digits > 0 || count <= decimals; digits /= 10)
        reversed[count++] = (char)('0' + digits % 10);
    if (negative)
        *p++ = '-';
    while (count > 0) {
        *p++ = reversed[--count];
        if (count == decimals && count > 0)
            *p++ = '.';
    }
    *p = '\0';
}

/*
 * number_format_real for 1e-4 <= |value| < 1e15, in integers, many times faster than printf and strtod; false: it takes
 * those.  value = m 2^-s; 2^s 5^k (value and a decimal of k places alike) makes both whole: one unit of the decimal's
 * last digit is 2^(s - k), and one of m is 5^k, which is odd, so that no decimal lies half way between two doubles.
 */
static bool format_fast(char buffer[NUMBER_TEXT_SIZE], double value)
{
    int exponent, whole = -3; /* digits before the point; of 0.0012 it is -2 */
    const double size = fabs(value);
    if (!(size >= 1e-4 && size < 1e15))
        return false;
    const uint64_t m = (uint64_t)ldexp(frexp(size, &exponent), DBL_MANT_DIG);
    if (m == UINT64_C(1) << (DBL_MANT_DIG - 1))
        return false;                                     /* its two neighbours are not equally far */
    for (double bound = 1e-3; size >= bound; bound *= 10) /* inexact below 1: the assumption is checked */
        whole++;
    uint64_t power = 1, least = UINT64_C(100000000000000); /* of 15 digits */
    for (int k = DBL_DIG - whole; k > 0; k--)
        power *= 5;
    for (int digits = DBL_DIG; digits <= 17; digits++, power *= 5, least *= 10) {
        const int k = digits - whole, shift = DBL_MANT_DIG - exponent - k;
        if (shift < 1)
            return false;
        const wide exact = (wide)m * power, unit = (wide)1 << shift, rest = exact & (unit - 1);
        uint64_t nearest = (uint64_t)(exact >> shift);
        if (nearest < least || nearest >= 10 * least)
            return false;
        nearest += rest > unit / 2 || (rest == unit / 2 && nearest % 2 == 1);
        const wide there = (wide)nearest << shift, off = there > exact ? there - exact : exact - there;
        if (digits < 17 && 2 * off >= power)
            continue;
        print_decimal(buffer, value < 0, nearest, k);
        return true;
    }
    return false;
}
#else
static bool format_fast(char buffer[NUMBER_TEXT_SIZE], double value)
{
    (void)buffer, (void)value;
    return false;
}
#endif

const char *number_format_real(char buffer[NUMBER_TEXT_SIZE], double value)
{
    if (!isfinite(value))
        return format_special(buffer, value);
    if (format_fast(buffer, value))
        return buffer;
    /* Any decimal of 15 digits comes back from a normal double, so fewer cannot be shorter; subnormal ones hold less.
     */
    for (int digits = fabs(value) < DBL_MIN ? 1 : DBL_DIG; digits <= 17; digits++) {
        snprintf(buffer, NUMBER_TEXT_SIZE, "%.*g", digits, value);
        if (strtod(buffer, NULL) == value)
            break;
    }
    return buffer;
}

const char *number_format_float(char buffer[NUMBER_TEXT_SIZE], float value)
{
    if (!isfinite(value))
        return format_special(buffer, (double)value);
    for (int digits = fabsf(value) < FLT_MIN ? 1 : FLT_DIG; digits <= 9; digits++) {
        snprintf(buffer, NUMBER_TEXT_SIZE, "%.*g", digits, (double)value);
        if (strtof(buffer, NULL) == value)
            break;
    }
    return buffer;
}

static const char *format_places(char buffer[NUMBER_TEXT_SIZE], double value, int decimals, bool with_sign)
{
    assert(decimals >= 0 && decimals <= 15);
    if (!isfinite(value))
        return format_special(buffer, value);
    /* What would round up to a million takes one more digit, for which there is room. */
    const bool huge = fabs(value) >= 1e6;
    snprintf(buffer, NUMBER_TEXT_SIZE,
             huge        ? with_sign ? "%+.*e" : "%.*e"
             : with_sign ? "%+.*f"
                         : "%.*f",
             huge ? 1 : decimals, value);
    return buffer;
}

const char *number_format_fixed(char buffer[NUMBER_TEXT_SIZE], double value, int decimals)
{
    return format_places(buffer, value, decimals, false);
}

const char *number_format_signed(char buffer[NUMBER_TEXT_SIZE], double value, int decimals)
{
    return format_places(buffer, value, decimals, true);
}
