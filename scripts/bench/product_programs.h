/*
 * product_programs.h - a dense product of float32 matrices, and the programs that compute it: dlexp and its peers.
 */
#ifndef PRODUCT_PROGRAMS_H
#define PRODUCT_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/error.h"
#include "dlexp/base/memory.h"
#include "dlexp/kernels/kernels.h"

/* Which operand lies in memory with rows and columns exchanged. */
enum transposed { TRANSPOSED_NONE, TRANSPOSED_A, TRANSPOSED_B };

/* c (m,n) = a (m,k) b (k,n) */
struct shape {
    size_t m, k, n;
    enum transposed transposed;
};

/*
 * Rows as far apart as those of dlexp's layers, which begin at a cache line and are never a multiple of 2 KB apart; or
 * one behind the other, as numpy and PyTorch have them.
 */
enum layout { LAYOUT_PADDED, LAYOUT_TIGHT, LAYOUTS };

struct product {
    struct shape shape;
    size_t a_row, b_row, c_row; /* from one row in memory to the next, in elements */
    real *a, *b, *c;
    real *zeros;     /* (n): what dlexp's small products begin with */
    real *workspace; /* dlexp's */
    const struct kernels *kernels;
};

/* product_layout - take the arrays (memory.h: twice); they are zero, and padding stays so. */
void product_layout(struct product *product, enum layout layout, struct memory *memory);

double product_flops(const struct product *product);

enum { PROGRAM_DLEXP, PROGRAM_OPENBLAS, PROGRAM_ONEDNN, PROGRAMS, PROGRAM_TEXT_SIZE = 128 };

struct program {
    const char *name; /* also of its columns */
    /*
     * Find the library and hold it to one thread: false where it is not here.  `kernels` gets the version and the
     * kernels that it chose for this processor; OPENBLAS_CORETYPE and ONEDNN_MAX_CPU_ISA change that choice.
     */
    bool (*load)(char kernels[PROGRAM_TEXT_SIZE], const struct kernels *dlexp);
    void (*multiply)(const struct product *product); /* dlexp: of LAYOUT_PADDED alone */
};

extern const struct program programs[PROGRAMS];

#endif
