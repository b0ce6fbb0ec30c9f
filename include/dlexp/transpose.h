/*
 * transpose.h - transposes of small matrices, in tiles that vector registers hold.  They only move numbers, so that one
 * plain C form serves every kernel set.
 */
#ifndef DLEXP_TRANSPOSE_H
#define DLEXP_TRANSPOSE_H

#include <stddef.h>
#include <stdint.h>

#include "dlexp/real.h"

/*
 * transpose_reals - to (columns, to_row) from `from` (rows, columns), its rows from_row apart: row-major, strides
 * multiples of REAL_PAD, columns of `to` from `rows` to real_padded(rows) zero.  `from` must be readable to
 * real_padded(columns).
 */
void transpose_reals(real *to, size_t to_row, const real *from, size_t from_row, size_t rows, size_t columns);

/* transpose_bytes - to (columns, to_row) from `rows` rows of bytes; what is in a row of `to` from `rows` on is left
 * open. */
void transpose_bytes(uint8_t *to, size_t to_row, const uint8_t *const *from, size_t rows, size_t columns);

#endif
