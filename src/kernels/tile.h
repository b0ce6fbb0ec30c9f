/*
 * tile.h - transposes of tiles in vectors as GCC and clang have them for every machine; as wide as AVX2 has them where
 * it is there.
 */
#ifndef DLEXP_KERNELS_TILE_H
#define DLEXP_KERNELS_TILE_H

#ifdef __AVX2__
#include <immintrin.h>
#endif
#include <stdint.h>
#include <string.h>

#include "dlexp/base/real.h"

#ifdef __clang__
#define SHUFFLE(mask_type, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(mask_type, a, b, ...) __builtin_shuffle(a, b, (mask_type){__VA_ARGS__})
#endif

/*
 * ---- TILE_SIDE x TILE_SIDE numbers, and WIDE_SIDE rows of them ----
 *
 * Loaded and stored by pointers to vectors at any address: through memcpy GCC takes each by way of the stack.
 */

enum { TILE_SIDE = 4 };

typedef real tile_row __attribute__((vector_size(TILE_SIDE * sizeof(real))));
typedef tile_row tile_row_anywhere __attribute__((aligned(sizeof(real)), may_alias));
#ifdef DLEXP_REAL_DOUBLE
typedef int64_t tile_places __attribute__((vector_size(TILE_SIDE * sizeof(real))));
#else
typedef int32_t tile_places __attribute__((vector_size(TILE_SIDE * sizeof(real))));
#endif

/* Each row is interleaved with the one two below, and so again: each has then met all others. */
static inline __attribute__((always_inline)) void tile_transpose(tile_row row[TILE_SIDE])
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

/*
 * WIDE_SIDE rows of TILE_SIDE columns, from_row apart, transposed.  With AVX2 a register is filled from two rows: loads
 * that insert a half take the place of a third of the shuffles, of which there is one a cycle.
 */
#if defined(__AVX2__) && !defined(DLEXP_REAL_DOUBLE)
enum { WIDE_SIDE = 8 };

typedef real wide_row __attribute__((vector_size(WIDE_SIDE * sizeof(real))));
typedef wide_row wide_row_anywhere __attribute__((aligned(sizeof(real)), may_alias));
typedef int32_t wide_places __attribute__((vector_size(WIDE_SIDE * sizeof(real))));

static inline __attribute__((always_inline)) void wide_turn(wide_row row[TILE_SIDE], const real *from, size_t from_row)
{
    wide_row two[TILE_SIDE], pair[TILE_SIDE];
    for (size_t i = 0; i < TILE_SIDE; i++)
        two[i] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(from + i * from_row)),
                                      _mm_loadu_ps(from + (i + TILE_SIDE) * from_row), 1);
    for (size_t i = 0; i < TILE_SIDE; i += 2) {
        pair[i] = SHUFFLE(wide_places, two[i], two[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        pair[i + 1] = SHUFFLE(wide_places, two[i], two[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (size_t i = 0; i < 2; i++) {
        row[2 * i] = SHUFFLE(wide_places, pair[i], pair[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
        row[2 * i + 1] = SHUFFLE(wide_places, pair[i], pair[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
}
#else
enum { WIDE_SIDE = TILE_SIDE };
typedef tile_row wide_row;
typedef tile_row_anywhere wide_row_anywhere;

static inline __attribute__((always_inline)) void wide_turn(wide_row row[TILE_SIDE], const real *from, size_t from_row)
{
    for (size_t i = 0; i < TILE_SIDE; i++)
        row[i] = *(const tile_row_anywhere *)(from + i * from_row);
    tile_transpose(row);
}
#endif

/* ---- BYTE_TILE_SIDE x BYTE_TILE_SIDE bytes ---- */

enum { BYTE_TILE_SIDE = 16 }; /* wider ones cross cache lines more often than they save shuffles */

typedef uint8_t byte_tile_row __attribute__((vector_size(BYTE_TILE_SIDE)));
typedef byte_tile_row byte_tile_row_anywhere __attribute__((aligned(1), may_alias));

/* Row i is interleaved with row i + BYTE_TILE_SIDE / 2, and so again until each row has met all others. */
static inline __attribute__((always_inline)) void byte_tile_transpose(byte_tile_row row[BYTE_TILE_SIDE])
{
#define LOW(a, b) SHUFFLE(byte_tile_row, a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH(a, b) SHUFFLE(byte_tile_row, a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
    for (size_t met = 1; met < BYTE_TILE_SIDE; met *= 2) {
        byte_tile_row mixed[BYTE_TILE_SIDE];
        for (size_t i = 0; i < BYTE_TILE_SIDE / 2; i++) {
            mixed[2 * i] = LOW(row[i], row[i + BYTE_TILE_SIDE / 2]);
            mixed[2 * i + 1] = HIGH(row[i], row[i + BYTE_TILE_SIDE / 2]);
        }
        memcpy(row, mixed, sizeof mixed);
    }
#undef LOW
#undef HIGH
}

#endif
