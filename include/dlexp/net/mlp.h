/*
 * mlp.h - a dense multi-layer perceptron, a sequence of layers (layer.h): [Linear, a norm or none, an activation] for
 * each hidden layer, then Linear.
 *
 * All parameters are one flat array in the order of torch's state_dict, gradients another of the same layout, so that
 * an optimizer is one call over both.
 */
#ifndef DLEXP_MLP_H
#define DLEXP_MLP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "dlexp/net/layer.h"

enum { MLP_HIDDEN_MAX = 63, MLP_LAYERS_MAX = 3 * MLP_HIDDEN_MAX + 1 };

struct mlp_shape {
    size_t inputs;                 /* features of a row */
    size_t hidden;                 /* layers before the last Linear; none is a softmax regression */
    size_t widths[MLP_HIDDEN_MAX]; /* of those */
    size_t classes;
    const struct layer_type *norm;       /* behind each Linear but the last; NULL: none */
    const struct layer_type *activation; /* behind that */
};

struct mlp {
    struct mlp_shape shape;
    struct layer layer[MLP_LAYERS_MAX];
    size_t layers;
    size_t rows_max;      /* B of the largest batch */
    size_t parameters;    /* trainable numbers, without padding, as a person counts them */
    real *params, *grads; /* (count) */
    size_t count;         /* of params and of grads, with padding: a multiple of REAL_PAD */
    real *running;        /* (running_count) all running statistics, right behind params */
    size_t running_count;
    uint64_t batches_tracked; /* training batches that the running statistics saw */
    real *gradient[2];        /* (B, widest) dy and dx of the layer at work */
    const real *first_dy;     /* the first layer's output gradient that mlp_backward left */
    struct team *team;        /* who shares the large pieces; NULL: the caller alone */
    real *workspace;          /* of matmul, KERNELS_WORKSPACE for each thread */
};

/*
 * mlp_layout - place every array in memory (a measuring or an assigning pass) for batches of rows_max and a team of
 * `threads` (mlp->team is the caller's to set); the shape must be valid (asserted).
 */
void mlp_layout(struct mlp *mlp, const struct mlp_shape *shape, size_t rows_max, size_t threads, struct memory *memory);

/*
 * mlp_view - a net of the same parameters and scratch memory, with arrays of its own, in memory (as mlp_layout), for
 * the passes of rows_max rows: after mlp_forward each layer's y is there, and neither the next layer's place nor its
 * work. Such a pass in eval mode leaves the net as it is.
 */
void mlp_view(struct mlp *view, const struct mlp *mlp, size_t rows_max, struct memory *memory);

/*
 * mlp_init - torch's default initialisation, drawn as torch draws it: for each Linear its weight in (out, in) order
 * from U(-1/sqrt(in), 1/sqrt(in)) (kaiming_uniform_ with a = sqrt 5), then its bias from the same range; other layers
 * draw nothing.
 */
void mlp_init(struct mlp *mlp, struct random *random);

/* mlp_last - the last Linear: its out is the number of classes, its stride that of the logits' rows. */
const struct layer *mlp_last(const struct mlp *mlp);

/*
 * mlp_forward - x (rows, inputs') to logits (rows, classes'), which are returned and stay valid until the next call.
 *
 * rows: at most rows_max, and in training at least what the layers need (asserted).  training: batch statistics, and
 * the running ones move; otherwise the running ones are used.
 */
real *mlp_forward(struct mlp *mlp, const struct kernels *kernels, struct layer_input x, size_t rows, bool training);

/*
 * mlp_backward - gradients from dlogits = mlp->gradient[0], after a training forward pass of the same x: of all
 * parameters, but for an input of pixels not of the first weight matrix.
 *
 * step: the optimizer's, whose state arrays are of mlp->count numbers each.  It is made at once where that saves a way
 * to memory and back; mlp_update does the rest.  NULL: nothing is stepped.
 *
 * mlp_update - one step of all parameters that mlp_backward has not stepped.  For an input of pixels the first weight
 * matrix's gradient is made and used up here.
 */
void mlp_backward(struct mlp *mlp, const struct kernels *kernels, struct layer_input x, size_t rows,
                  const struct layer_step *step);
void mlp_update(struct mlp *mlp, const struct kernels *kernels, struct layer_input x, const struct layer_step *step);

/* mlp_state_count - numbers in a snapshot: parameters and running statistics, one stretch of memory from mlp->params
 * on. */
size_t mlp_state_count(const struct mlp *mlp);

/* One entry of torch's state_dict. */
struct mlp_tensor {
    char name[48];        /* "classifier.0.weight" */
    size_t dims[2], rank; /* rank 0: a single int64 (num_batches_tracked) */
    bool trainable;       /* among module.parameters() */
    const real *data;     /* NULL for num_batches_tracked */
    size_t stride;        /* of a weight: element (o, i) is data[i * stride + o] */
};

/* mlp_tensor - the i-th entry in state_dict order; false past the last. */
bool mlp_tensor(const struct mlp *mlp, size_t index, struct mlp_tensor *tensor);

/* mlp_tensor_value - element i of the tensor in torch's (out, in) row-major order. */
real mlp_tensor_value(const struct mlp_tensor *tensor, size_t index);
size_t mlp_tensor_size(const struct mlp_tensor *tensor);

/* mlp_parameters_sha256 - over module.parameters() as float32 little-endian bytes, one after the other. */
void mlp_parameters_sha256(const struct mlp *mlp, char *hex);

/* mlp_describe - print(model) as torch prints the homework's classes, and the parameter count of each line. */
void mlp_describe(const struct mlp_shape *shape, FILE *out);

#endif
