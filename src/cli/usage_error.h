/*
 * usage_error.h - how a mistake on the command line is worded.
 */
#ifndef DLEXP_USAGE_ERROR_H
#define DLEXP_USAGE_ERROR_H

#include <stddef.h>

#include "dlexp/base/error.h"
#include "dlexp/cli/option.h"

enum { QUOTE_SIZE = 96 };

/*
 * usage_error_quote - what the user typed, fit for a message: no control characters, cut (between characters) where it
 * is very long.  Returns the buffer.
 */
const char *usage_error_quote(char buffer[QUOTE_SIZE], const char *text, size_t length);

/* usage_error - ERROR_USAGE; the message ends with where to read more.  Returns -1. */
int usage_error(const struct command *command, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
