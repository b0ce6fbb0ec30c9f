/*
 * mlp.h - a dense multi-layer perceptron: [Linear, optional BatchNorm1d, ReLU] for each hidden layer, then Linear.
 *
 * B rows of a batch, F_l outputs of layer l; rows are padded to F_l' = mlp_row_stride(F_l).  Weights are stored
 * (in, out'), the transpose of torch's (out, in).  All parameters are one flat array in the order of torch's state_dict
 * (w, b, gamma, beta layer by layer), gradients another of the same layout, so that an optimizer is one call over both.
 */
#ifndef DLEXP_MLP_H
#define DLEXP_MLP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "dlexp/base/memory.h"
#include "dlexp/base/random.h"
#include "dlexp/base/real.h"
#include "dlexp/base/team.h"
#include "dlexp/kernels/kernels.h"

enum { MLP_LAYERS_MAX = 64 };

/* torch.nn.BatchNorm1d's defaults. */
#define MLP_BATCHNORM_EPS 1e-5
#define MLP_BATCHNORM_MOMENTUM 0.1

/* What stands between a hidden Linear and its ReLU. */
enum mlp_norm { MLP_NORM_NONE, MLP_NORM_BATCHNORM };
enum { MLP_NORMS = MLP_NORM_BATCHNORM + 1 };

/* mlp_row_stride - elements from one row of activations to the next: real_padded, and more where caches want it. */
size_t mlp_row_stride(size_t columns);

/* mlp_norm_name - walks the names in enum order, for an option table. */
bool mlp_norm_name(size_t index, const char **name);

struct mlp_shape {
    size_t inputs;                /* features of a row */
    size_t sizes[MLP_LAYERS_MAX]; /* outputs of each Linear; the last is the number of classes */
    size_t layers;                /* Linear layers, >= 1 */
    enum mlp_norm norm;           /* after each Linear but the last */
};

struct mlp_layer {
    size_t in, out;
    size_t in_stride, stride;         /* of its input's and its output's rows */
    bool normalised, hidden;          /* has a BatchNorm1d; has a ReLU */
    real *w, *b, *gamma, *beta;       /* (in, out'), (out'), and for a normalised layer (out'), (out') */
    real *dw, *db, *dgamma, *dbeta;   /* their gradients */
    real *running_mean, *running_var; /* (out') */
    real *mean, *rstd;                /* (out') of the batch last seen in training */
    real *z, *y;                      /* (B, out') Linear's output; the layer's output. One buffer unless normalised. */
};

struct mlp {
    struct mlp_shape shape;
    struct mlp_layer layer[MLP_LAYERS_MAX];
    size_t rows_max;      /* B of the largest batch */
    size_t parameters;    /* trainable numbers, without padding, as a person counts them */
    real *params, *grads; /* (count) */
    size_t count;         /* of params and of grads, with padding: a multiple of REAL_PAD */
    real *running;        /* (running_count) all running statistics, right behind params */
    size_t running_count;
    uint64_t batches_tracked; /* training batches that the running statistics saw */
    real *gradient[2];        /* (B, widest) dy and dx of the layer at work */
    const real *first_dz;     /* the first Linear's output gradient that mlp_backward left */
    struct team *team;        /* who shares the large pieces; NULL: the caller alone */
    size_t threads;           /* its members */
    real *workspace;          /* of matmul, KERNELS_WORKSPACE for each thread */
};

/*
 * mlp_layout - place every array in memory (a measuring or an assigning pass) for batches of rows_max and a team of
 * `threads` (mlp->team is the caller's to set); the shape must be valid (asserted).
 */
void mlp_layout(struct mlp *mlp, const struct mlp_shape *shape, size_t rows_max, size_t threads, struct memory *memory);

/*
 * mlp_init - torch's default initialisation, drawn as torch draws it: for each Linear its weight in (out, in) order
 * from U(-1/sqrt(in), 1/sqrt(in)) (kaiming_uniform_ with a = sqrt 5), then its bias from the same range; BatchNorm1d
 * draws nothing.
 */
void mlp_init(struct mlp *mlp, struct random *random);

/* A batch: numbers (rows, inputs'), or pixels as bytes, whose zeros are skipped.  The other one is NULL. */
struct mlp_input {
    const real *dense;
    const struct pixel_batch *pixels;
};

/*
 * mlp_forward - x (rows, inputs') to logits (rows, classes'), which are returned and stay valid until the next call.
 *
 * rows: at most rows_max (asserted).  training: batch statistics, and the running ones move (needs rows >= 2 with
 * BatchNorm); otherwise the running ones are used.
 */
real *mlp_forward(struct mlp *mlp, const struct kernels *kernels, struct mlp_input x, size_t rows, bool training);

/*
 * mlp_backward - gradients from dlogits = mlp->gradient[0], after a training forward pass of the same x: of all
 * parameters, but for an input of pixels not of the first weight matrix (see mlp_update).
 */
void mlp_backward(struct mlp *mlp, const struct kernels *kernels, struct mlp_input x, size_t rows);

/*
 * mlp_update - one optimizer step of all parameters: rule `optimizer` of its table, with its state arrays (mlp->count
 * each) and the step's constants.  For an input of pixels the first weight matrix's gradient is made and used up here.
 */
void mlp_update(struct mlp *mlp, const struct kernels *kernels, struct mlp_input x, size_t optimizer,
                real *const *state, const double *constants);

/*
 * The products of one layer as the passes above compute them, for measuring them alone; x (rows, in) is what the layer
 * before gives out.  mlp_linear: z = x w + b.  mlp_weight_gradient: dw = x^T dz.  Zeros are skipped, or sums taken in
 * lanes, where mlp_..._product says so.
 */
enum mlp_product { MLP_PRODUCT_DENSE, MLP_PRODUCT_SKIP, MLP_PRODUCT_DOT };
enum mlp_product mlp_linear_product(const struct mlp *mlp, size_t l, size_t rows);
void mlp_linear(const struct mlp *mlp, const struct kernels *kernels, size_t l, const real *x, size_t rows);
enum mlp_product mlp_weight_gradient_product(const struct mlp *mlp, size_t l, size_t rows);
void mlp_weight_gradient(const struct mlp *mlp, const struct kernels *kernels, size_t l, const real *x, const real *dz,
                         size_t rows);

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
