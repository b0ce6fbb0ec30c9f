/*
 * real.h - the element type of networks: float in the program; double where the same sources are built to check
 * gradients.
 */
#ifndef DLEXP_REAL_H
#define DLEXP_REAL_H

#include <stddef.h>

#ifdef DLEXP_REAL_DOUBLE
typedef double real;
#else
typedef float real;
#endif

/*
 * The rows of matrices are padded with zeros to a multiple of REAL_PAD elements, in every kernel set alike, so that
 * kernels can go along a row by whole vectors and need no loop for the rest.  Padding is zero in weights, gradients and
 * activations, and stays zero.
 */
enum { REAL_PAD = 16, REAL_ALIGN = 64 };

static inline size_t real_padded(size_t count)
{
    return (count + REAL_PAD - 1) / REAL_PAD * REAL_PAD;
}

#endif
