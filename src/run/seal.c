/* The hash at the end of what is stored. */
#include "dlexp/run/seal.h"

#include <stdio.h>
#include <string.h>

void seal_line(char line[SEAL_SIZE + 1], const char sha256[SHA256_HEX_SIZE])
{
    snprintf(line, SEAL_SIZE + 1, "[end %s]\n", sha256);
}

bool seal_holds(const void *text, size_t size)
{
    char digest[SHA256_HEX_SIZE], line[SEAL_SIZE + 1];
    if (size < SEAL_SIZE)
        return false;
    sha256_hex(text, size - SEAL_SIZE, digest);
    seal_line(line, digest);
    return memcmp((const char *)text + size - SEAL_SIZE, line, SEAL_SIZE) == 0;
}
