/*
 * sizes.h - sizes on the command line of the peers in C.
 */
#ifndef SIZES_H
#define SIZES_H

#include <stddef.h>

#include "dlexp/base/error.h"

/*
 * sizes_read - the number of 1 to `most` before the next of the characters `end` ("": all of it); *text goes on to
 * that. ERROR_USAGE for anything else.
 */
int sizes_read(const char **text, const char *end, size_t most, size_t *size, struct error *err);

#endif
