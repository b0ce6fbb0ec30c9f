#include "dlexp/base/number_read.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"

/* A decimal without exponent as printf's %g writes it: digits * 10^-decimals. */
struct decimal {
    uint64_t digits; /* meaningless beyond 19 */
    size_t count;    /* significant digits */
    size_t whole;    /* digits before the point, 0 for a lone zero */
    size_t decimals;
};

/* False: it is something else, or %g would have written it otherwise for its few digits or many zeros. */
static bool read_decimal(struct decimal *d, const char *p, const char *end)
{
    *d = (struct decimal){0};
    p += p < end && *p == '-';
    if (p == end || *p == '.')
        return false;
    if (*p == '0')
        p++;
    else
        for (; p < end && *p >= '0' && *p <= '9'; p++, d->whole++, d->count++)
            d->digits = 10 * d->digits + (uint64_t)(*p - '0');
    if (p == end)
        return d->whole > 0;
    if (*p++ != '.' || p == end || end[-1] == '0')
        return false;
    for (; p < end && *p >= '0' && *p <= '9'; p++, d->decimals++) {
        d->digits = 10 * d->digits + (uint64_t)(*p - '0');
        d->count += d->count > 0 || *p != '0';
    }
    /* Below 1e-4 there is an exponent. */
    return p == end && (d->whole > 0 || d->decimals - d->count <= 3);
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a < b ? b - a : a - b;
}

enum answer { NO, YES, CANNOT_TELL };

/*
 * Whether 7 to 9 digits are the shortest of a float, in integers: value = m 2^-e; 2^e 5^k (value and decimal alike)
 * makes both whole, one unit of the last digit 2^(e - k), and of m 5^k.
 */
static enum answer is_shortest(const struct decimal *d, float value)
{
    static const uint64_t powers_of_5[] = {1,         5,          25,         125,         625,         3125,
                                           15625,     78125,      390625,     1953125,     9765625,     48828125,
                                           244140625, 1220703125, 6103515625, 30517578125, 152587890625};
    int exponent;
    const uint64_t m = (uint64_t)ldexpf(frexpf(fabsf(value), &exponent), FLT_MANT_DIG);
    const int k = (int)d->decimals, shift = FLT_MANT_DIG - exponent - k;
    if (d->count > 9)
        return NO;
    if (k > 16 || shift < 1 || shift > 30 || m == UINT64_C(1) << (FLT_MANT_DIG - 1))
        return CANNOT_TELL; /* too long; or the float's two neighbours are not equally far */
    const uint64_t exact = m * powers_of_5[k], unit = UINT64_C(1) << shift;
    const uint64_t from_nearest = 2 * distance(d->digits << shift, exact);
    const uint64_t shorter = (exact / unit + 5) / 10 * 10; /* one digit fewer; its own rounding is checked below */
    const uint64_t from_shorter = 2 * distance(shorter << shift, exact);
    if (from_nearest == unit || from_shorter == powers_of_5[k] || from_shorter >= 10 * unit)
        return CANNOT_TELL; /* ties */
    return from_nearest < unit && from_shorter > powers_of_5[k] ? YES : NO;
}

/* strtod knows more spellings, skips blanks, and may have stopped early: what it read is compared with what is written.
 */
static bool is_written(const char *text, size_t length, const char *written)
{
    return strlen(written) == length && memcmp(text, written, length) == 0;
}

bool number_read_real(const char *text, size_t length, double *value)
{
    char written[NUMBER_TEXT_SIZE], *stop;
    struct decimal d;
    *value = strtod(text, &stop);
    /* So few digits come back from any double. */
    if (stop == text + length && read_decimal(&d, text, stop) && d.count <= DBL_DIG && d.count > 0)
        return true;
    return is_written(text, length, number_format_real(written, *value));
}

bool number_read_float(const char *text, size_t length, float *value)
{
    char written[NUMBER_TEXT_SIZE], *stop;
    struct decimal d;
    *value = strtof(text, &stop);
    if (stop == text + length && read_decimal(&d, text, stop) && d.whole <= FLT_DIG && d.count > 0) {
        const enum answer answer = d.count <= FLT_DIG ? YES : is_shortest(&d, *value);
        if (answer != CANNOT_TELL)
            return answer == YES;
    }
    return is_written(text, length, number_format_float(written, *value));
}
