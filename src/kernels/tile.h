/*
 * tile.h - the transpose of TILE_SIDE x TILE_SIDE numbers in vectors as GCC and clang have them for every machine.
 */
#ifndef DLEXP_KERNELS_TILE_H
#define DLEXP_KERNELS_TILE_H

#include <stdint.h>
#include <string.h>

#include "dlexp/real.h"

#ifdef __clang__
#define SHUFFLE(mask_type, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(mask_type, a, b, ...) __builtin_shuffle(a, b, (mask_type){__VA_ARGS__})
#endif

enum { TILE_SIDE = 4 };

typedef real tile_row __attribute__((vector_size(TILE_SIDE * sizeof(real))));
#ifdef DLEXP_REAL_DOUBLE
typedef int64_t tile_places __attribute__((vector_size(TILE_SIDE * sizeof(real))));
#else
typedef int32_t tile_places __attribute__((vector_size(TILE_SIDE * sizeof(real))));
#endif

static inline void tile_load(tile_row *row, const real *from)
{
    memcpy(row, from, sizeof *row);
}

/* Each row is interleaved with the one two below, and so again: each has then met all others. */
static inline void tile_transpose(tile_row row[TILE_SIDE])
{
#define LOW(a, b) SHUFFLE(tile_places, a, b, 0, 4, 1, 5)
#define HIGH(a, b) SHUFFLE(tile_places, a, b, 2, 6, 3, 7)
    const tile_row even_low = LOW(row[0], row[2]), even_high = HIGH(row[0], row[2]);
    const tile_row odd_low = LOW(row[1], row[3]), odd_high = HIGH(row[1], row[3]);
    row[0] = LOW(even_low, odd_low);
    row[1] = HIGH(even_low, odd_low);
    row[2] = LOW(even_high, odd_high);
    row[3] = HIGH(even_high, odd_high);
#undef LOW
#undef HIGH
}

#endif
