/*
 * seal.h - the last line of what is stored, by which damage shows: "[end SHA256]", the hash of all before it.
 */
#ifndef DLEXP_SEAL_H
#define DLEXP_SEAL_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/sha256.h"

enum { SEAL_SIZE = sizeof "[end ]\n" - 1 + SHA256_HEX_SIZE - 1 }; /* bytes of the line, with its end */

/* seal_line - the line for this hash, as a string. */
void seal_line(char line[SEAL_SIZE + 1], const char sha256[SHA256_HEX_SIZE]);

/* seal_holds - whether text[0..size) ends in the line for all before; a shorter text does not. */
bool seal_holds(const void *text, size_t size);

#endif
