/*
 * layer_linear.h - the products of a Linear layer as its passes compute them, for measuring them alone.
 *
 * x (rows, in') is what the layer before gives out.  Zeros are skipped, or sums taken in lanes, where the functions
 * named ..._way say so.
 */
#ifndef DLEXP_LAYER_LINEAR_H
#define DLEXP_LAYER_LINEAR_H

#include "dlexp/net/layer.h"

enum layer_linear_way { LAYER_LINEAR_DENSE, LAYER_LINEAR_SKIP, LAYER_LINEAR_DOT };

/* layer_linear_product - y = x w + b. */
enum layer_linear_way layer_linear_product_way(const struct layer *layer, const struct layer_pass *pass, const real *x);
void layer_linear_product(const struct layer *layer, const struct layer_pass *pass, const real *x);

/* layer_linear_weight_gradient - dw = x^T dy. */
enum layer_linear_way layer_linear_weight_gradient_way(const struct layer *layer, const struct layer_pass *pass,
                                                       const real *x);
void layer_linear_weight_gradient(const struct layer *layer, const struct layer_pass *pass, const real *x,
                                  const real *dy);

#endif
