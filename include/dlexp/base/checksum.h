/*
 * checksum.h - a fast check that bytes are those that were written: as fast as memory, where SHA-256 takes a tenth of a
 * second for MNIST on a processor without instructions for it.
 *
 * It finds damage, not intent: whoever wants to can make other bytes with the same checksum.  Word i of 8 bytes
 * (little-endian) goes into lane i % 8:
 *
 *     lane <- rotate_left((lane ^ word) * 0x9e3779b97f4a7c15, 29)      lane j begins as (j + 1) * 0x9e3779b97f4a7c15
 *
 * As each step is a bijection of the word, damage to a single word of a lane, so to any 64 bytes that follow each
 * other, is always found; other damage but for one case in 2^64.
 */
#ifndef DLEXP_CHECKSUM_H
#define DLEXP_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

enum { CHECKSUM_LANES = 8, CHECKSUM_HEX_SIZE = 16 * CHECKSUM_LANES + 1 };

struct checksum {
    uint64_t lane[CHECKSUM_LANES];
};

void checksum_init(struct checksum *checksum);

/* checksum_add - more bytes; of all pieces only the last may be no multiple of 64, and counts as if zeros followed. */
void checksum_add(struct checksum *checksum, const void *data, size_t size);

/* checksum_hex - as lower-case digits, lane by lane. */
void checksum_hex(const struct checksum *checksum, char hex[CHECKSUM_HEX_SIZE]);

#endif
