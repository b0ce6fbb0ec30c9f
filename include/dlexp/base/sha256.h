/*
 * sha256.h - SHA-256 (FIPS 180-4): names run specs, checks records, identifies data sets.
 */
#ifndef DLEXP_SHA256_H
#define DLEXP_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHA256_HEX_SIZE = 65 }; /* 64 digits and the NUL */

struct sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes so far */
    bool native;     /* the processor has instructions for it */
    unsigned char block[64];
};

void sha256_init(struct sha256 *sha);
void sha256_update(struct sha256 *sha, const void *data, size_t size);
void sha256_final(struct sha256 *sha, char hex[SHA256_HEX_SIZE]); /* lower-case digits */

/* sha256_hex - init, update, final in one. */
void sha256_hex(const void *data, size_t size, char hex[SHA256_HEX_SIZE]);

#endif
