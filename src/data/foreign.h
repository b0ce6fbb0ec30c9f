/*
 * foreign.h - what a file is that is not IDX, for a message.
 */
#ifndef DLEXP_FOREIGN_H
#define DLEXP_FOREIGN_H

#include <stddef.h>

/* foreign_name - a guess at what a file is that starts so, with a remedy where there is one; NULL: no idea. */
const char *foreign_name(const unsigned char *text, size_t size);

#endif
