/* A fast checksum: eight lanes, so that no multiplication waits for the one before. */
#include "dlexp/base/checksum.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 8 * CHECKSUM_LANES };

#define FACTOR UINT64_C(0x9e3779b97f4a7c15)

void checksum_init(struct checksum *checksum)
{
    for (size_t j = 0; j < CHECKSUM_LANES; j++)
        checksum->lane[j] = (j + 1) * FACTOR;
}

static uint64_t word_at(const unsigned char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
#if defined __BYTE_ORDER__ && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static uint64_t mixed(uint64_t lane, uint64_t word)
{
    lane = (lane ^ word) * FACTOR;
    return lane << 29 | lane >> 35;
}

/* A block into lanes that stay in registers: a loop over them would keep them in memory. */
#define MIX(j) l##j = mixed(l##j, word_at(p + 8 * (j)))
#define MIX_BLOCK MIX(0), MIX(1), MIX(2), MIX(3), MIX(4), MIX(5), MIX(6), MIX(7)

void checksum_add(struct checksum *checksum, const void *data, size_t size)
{
    const unsigned char *p = data;
    uint64_t *lane = checksum->lane;
    uint64_t l0 = lane[0], l1 = lane[1], l2 = lane[2], l3 = lane[3];
    uint64_t l4 = lane[4], l5 = lane[5], l6 = lane[6], l7 = lane[7];
    unsigned char rest[BLOCK] = {0};
    for (; size >= BLOCK; p += BLOCK, size -= BLOCK)
        MIX_BLOCK;
    if (size > 0) {
        memcpy(rest, p, size);
        p = rest;
        MIX_BLOCK;
    }
    lane[0] = l0, lane[1] = l1, lane[2] = l2, lane[3] = l3;
    lane[4] = l4, lane[5] = l5, lane[6] = l6, lane[7] = l7;
}

void checksum_hex(const struct checksum *checksum, char hex[CHECKSUM_HEX_SIZE])
{
    for (size_t j = 0; j < CHECKSUM_LANES; j++)
        snprintf(hex + 16 * j, 17, "%016" PRIx64, checksum->lane[j]);
}
