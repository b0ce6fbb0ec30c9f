/*
 * number.h - numbers as text, exactly: parsed whole, printed so that they read back to the same bits.
 */
#ifndef DLEXP_NUMBER_H
#define DLEXP_NUMBER_H

#include <stdint.h>
#include <stdio.h>

/*
 * number_parse_real, number_parse_integer, number_parse_unsigned - read the whole of text[0..length).
 *
 * Return 0 and set *value, or -1 and set *why (a static phrase such as "not a number", "out of range",
 * "not finite").  Refused are empty text, blanks, trailing characters, nan, inf, overflow, hexadecimal.
 * Integers are decimal with an optional sign (an unsigned one that is negative is out of range); reals are decimal with
 * an optional exponent.
 */
int number_parse_real(const char *text, size_t length, double *value, const char **why);
int number_parse_integer(const char *text, size_t length, int64_t *value, const char **why);
int number_parse_unsigned(const char *text, size_t length, uint64_t *value, const char **why);

enum { NUMBER_TEXT_SIZE = 32 };

/*
 * number_format_real, number_format_float - the value rounded to the fewest digits that read back to the same double /
 * float (%.Ng with the least such N), in buffer (NUL-terminated), which is returned.  Non-finite values are written
 * nan, inf, -inf.
 */
const char *number_format_real(char buffer[NUMBER_TEXT_SIZE], double value);
const char *number_format_float(char buffer[NUMBER_TEXT_SIZE], float value);

/*
 * number_format_fixed, number_format_signed - the value for a person to read: with `decimals` (0 to 15) places, as %.*f
 * and %+.*f write it; from a million on with two digits, as 3.3e+12.  What is not finite is written nan, inf, -inf.
 *
 * In buffer, which is returned and holds every value whole: at most "-999999.", 15 places and the NUL.
 */
const char *number_format_fixed(char buffer[NUMBER_TEXT_SIZE], double value, int decimals);
const char *number_format_signed(char buffer[NUMBER_TEXT_SIZE], double value, int decimals);

#endif
