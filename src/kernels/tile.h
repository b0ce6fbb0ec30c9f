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
 * A register of as many rows as there is room for, TILE_SIDE numbers of each, `part` apart; of so many as `rows` says,
 * what is behind them is any number.  Loads that insert a part take the place of shuffles, of which there are one or
 * two a cycle.
 */
#if defined(__AVX512F__) && !defined(DLEXP_REAL_DOUBLE)
enum { WIDE_SIDE = 16 };
typedef __m512 wide_row;
#define WIDE(operation) _mm512_##operation

static inline __attribute__((always_inline)) wide_row wide_fill(const real *from, size_t part, const size_t rows)
{
    wide_row row = _mm512_castps128_ps512(_mm_loadu_ps(from));
    if (rows > 4)
        row = _mm512_insertf32x4(row, _mm_loadu_ps(from + part), 1);
    if (rows > 8)
        row = _mm512_insertf32x4(row, _mm_loadu_ps(from + 2 * part), 2);
    if (rows > 12)
        row = _mm512_insertf32x4(row, _mm_loadu_ps(from + 3 * part), 3);
    return row;
}

static inline __attribute__((always_inline)) void wide_store(real *to, const wide_row *row, const size_t rows)
{
    _mm512_mask_storeu_ps(to, (__mmask16)(0xffff >> (WIDE_SIDE - rows)), *row);
}
#elif defined(__AVX2__) && !defined(DLEXP_REAL_DOUBLE)
enum { WIDE_SIDE = 8 };
typedef __m256 wide_row;
#define WIDE(operation) _mm256_##operation

static inline __attribute__((always_inline)) wide_row wide_fill(const real *from, size_t part, const size_t rows)
{
    wide_row row = _mm256_castps128_ps256(_mm_loadu_ps(from));
    if (rows > 4)
        row = _mm256_insertf128_ps(row, _mm_loadu_ps(from + part), 1);
    return row;
}

static inline __attribute__((always_inline)) void wide_store(real *to, const wide_row *row, const size_t rows)
{
    if (rows == WIDE_SIDE)
        _mm256_storeu_ps(to, *row);
    else
        _mm_storeu_ps(to, _mm256_castps256_ps128(*row));
}
#else
enum { WIDE_SIDE = TILE_SIDE };
typedef tile_row wide_row;

static inline __attribute__((always_inline)) void wide_store(real *to, const wide_row *row, const size_t rows)
{
    (void)rows;
    *(tile_row_anywhere *)to = *row;
}
#endif

/* `rows` rows of TILE_SIDE columns, from_row apart, transposed: a multiple of TILE_SIDE, WIDE_SIDE at the most; where
 * they are fewer the rest of each result is any number, which wide_store leaves out. */
static inline __attribute__((always_inline)) void wide_turn(wide_row row[TILE_SIDE], const real *from, size_t from_row,
                                                            const size_t rows)
{
#ifdef WIDE
    wide_row part[TILE_SIDE], pair[TILE_SIDE];
    for (size_t i = 0; i < TILE_SIDE; i++)
        part[i] = wide_fill(from + i * from_row, TILE_SIDE * from_row, rows);
    for (size_t i = 0; i < TILE_SIDE; i += 2) {
        pair[i] = WIDE(unpacklo_ps)(part[i], part[i + 1]);
        pair[i + 1] = WIDE(unpackhi_ps)(part[i], part[i + 1]);
    }
    for (size_t i = 0; i < 2; i++) {
        row[2 * i] = WIDE(shuffle_ps)(pair[i], pair[i + 2], 0x44);
        row[2 * i + 1] = WIDE(shuffle_ps)(pair[i], pair[i + 2], 0xee);
    }
#undef WIDE
#else
    (void)rows;
    for (size_t i = 0; i < TILE_SIDE; i++)
        row[i] = *(const tile_row_anywhere *)(from + i * from_row);
    tile_transpose(row);
#endif
}

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
