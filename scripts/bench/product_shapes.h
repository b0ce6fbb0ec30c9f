/*
 * product_shapes.h - the products to measure: those of a net's layers, single ones, or a sweep of sizes.
 */
#ifndef PRODUCT_SHAPES_H
#define PRODUCT_SHAPES_H

#include <stddef.h>

#include "dlexp/base/error.h"
#include "product_programs.h"

enum { PRODUCT_SHAPES_MAX = 4096 };

/* Each shape once. */
struct product_shapes {
    struct shape list[PRODUCT_SHAPES_MAX];
    size_t count;
};

/*
 * product_shapes_read - add what a word names: a net HIDDEN:BATCH, as in suites.bash (1024,1024:256),
 * whose layers behind the first need forward products, gradients of the input and of the weights; or a shape MxKxN,
 * MxKxN,a or MxKxN,b (that operand transposed).  The first layer's products are no dense ones in dlexp.  ERROR_USAGE
 * for other words.
 */
int product_shapes_read(struct product_shapes *shapes, const char *word, struct error *err);

/* product_shapes_sweep - add m, k, n from 16 to 2048; neither, a or b transposed in turn. */
int product_shapes_sweep(struct product_shapes *shapes, struct error *err);

const char *product_shapes_transposed(enum transposed transposed);

#endif
