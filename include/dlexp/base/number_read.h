/*
 * number_read.h - a fast reader of what number_format_real and number_format_float write.  It accepts no other
 * spelling.
 */
#ifndef DLEXP_NUMBER_READ_H
#define DLEXP_NUMBER_READ_H

#include <stdbool.h>
#include <stddef.h>

/*
 * number_read_real, number_read_float - true, and the value, if text[0..length) is what number_format_... writes for
 * it, byte for byte.  The byte behind it must be readable and no part of a number: a comma, a newline, a NUL.
 */
bool number_read_real(const char *text, size_t length, double *value);
bool number_read_float(const char *text, size_t length, float *value);

#endif
