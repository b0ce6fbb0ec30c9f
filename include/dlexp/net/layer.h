/*
 * layer.h - a layer of a net, and the table of the types of layers.
 *
 * A type stands in one file, src/net/layer_NAME.c, with one row of LAYER_TYPES below: the names of options, the
 * state_dict, print(model), memory, initial values, both passes, the tests and the bench all follow from its row.
 *
 * A layer maps x (B, in') to y (B, out'); rows are padded to in' = layer_row_stride(in), and the padding of what a
 * layer gives out, y and dx, is zero.  A matrix is stored as (in, out'), the transpose of torch's (out, in); other
 * tensors are (out').
 */
#ifndef DLEXP_LAYER_H
#define DLEXP_LAYER_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/memory.h"
#include "dlexp/base/random.h"
#include "dlexp/base/real.h"
#include "dlexp/base/team.h"
#include "dlexp/kernels/kernels.h"

enum { LAYER_TENSORS_MAX = 5, LAYER_KEPT_MAX = 2 };

/* A batch: numbers (rows, inputs'), or pixels as bytes, whose zeros are skipped.  The other one is NULL. */
struct layer_input {
    const real *dense;
    const struct pixel_batch *pixels;
};

/* What a pass through the net needs beside its input. */
struct layer_pass {
    const struct kernels *kernels;
    struct team *team; /* who shares the large pieces; NULL: the caller alone */
    real *workspace;   /* of matmul, KERNELS_WORKSPACE for each thread */
    size_t rows;       /* B */
    bool training;     /* statistics of the batch, and running ones move; otherwise the running ones are used */
};

/* A step of an optimizer: its row, its state from this layer's parameters on, the step's constants. */
struct layer_step {
    size_t optimizer;
    real *state[OPTIMIZER_STATES_MAX];
    const double *constants;
    bool keeps_gradients; /* they are looked at afterwards */
};

enum layer_tensor_kind {
    LAYER_TRAINED, /* a parameter */
    LAYER_RUNNING, /* moved by forward passes in training */
    LAYER_COUNTER  /* torch's num_batches_tracked: the net counts it */
};

/* One tensor of a type, in the order of torch's state_dict: parameters first. */
struct layer_tensor {
    const char *name; /* torch's: "weight" */
    enum layer_tensor_kind kind;
    bool matrix;  /* (in, out'), otherwise (out') */
    real initial; /* where the type has no init */
};

struct layer;

struct layer_type {
    const char *name;  /* as typed: "batchnorm" */
    const char *title; /* as written: "BatchNorm" */
    const char *torch; /* as PyTorch prints it; {in} and {out} stand for the sizes */
    bool norm;         /* may stand behind a hidden Linear: a choice of --norm */
    bool activation;   /* may end a hidden layer: a choice of --activation */
    struct layer_tensor tensor[LAYER_TENSORS_MAX];
    size_t tensors;
    size_t kept;       /* vectors that forward keeps for backward, ... */
    bool kept_by_row;  /* (B), otherwise (out') */
    size_t least_rows; /* of a batch in training */
    bool own_output;   /* y is an array of its own; otherwise it takes the place of x, which backward does not need */
    bool own_gradient; /* dx is an array of its own; otherwise it takes the place of dy */
    bool makes_zeros;  /* many elements of y are 0, and so are these elements of dx: products with them are skipped */

    /* Draws the parameters as torch does; NULL: each tensor has its initial value. */
    void (*init)(struct layer *layer, struct random *random);

    void (*forward)(struct layer *layer, const struct layer_pass *pass, struct layer_input x);

    /*
     * The gradients of the parameters, and dx (NULL: nobody wants it), from dy, after a forward pass in training of the
     * same x.  An input of pixels leaves the gradient to update.
     *
     * step: the layer may step its first parameters at once (layer->stepped); what their gradients hold is then
     * undefined, unless it keeps_gradients.  NULL: none is made.
     */
    void (*backward)(struct layer *layer, const struct layer_pass *pass, struct layer_input x, real *dx, const real *dy,
                     const struct layer_step *step);

    /* Steps the first parameters, whose gradient an input of pixels did not leave (layer->stepped).  Or NULL. */
    void (*update)(struct layer *layer, const struct layer_pass *pass, struct layer_input x, const real *dy,
                   const struct layer_step *step);

    /* Whether forward does the next layer's forward as well, to the same bytes (layer->absorbs_next).  Or NULL. */
    bool (*absorbs)(const struct layer *next);
};

struct layer {
    const struct layer_type *type;
    size_t in, out;
    size_t in_stride, stride;          /* of its input's and its output's rows */
    bool pixels;                       /* x may be pixels, whose products are never summed as kernels_dot has it */
    bool zeros_in, zeros_back;         /* x, and dy, have many zeros */
    bool absorbs_next, absorbed;       /* in the forward pass */
    real *value[LAYER_TENSORS_MAX];    /* the type's tensors */
    real *gradient[LAYER_TENSORS_MAX]; /* of those that are trained */
    real *kept[LAYER_KEPT_MAX];
    real *y;        /* (B, out') */
    size_t stepped; /* numbers of its parameters, the first ones, that this step has changed */
};

/* Places of tensors: the first two in every type that has parameters. */
enum { LAYER_WEIGHT, LAYER_BIAS, LAYER_RUNNING_MEAN, LAYER_RUNNING_VAR };

/* One row for each type of layer: norms and activations are offered in this order, the first activation by default. */
#define LAYER_TYPES(ROW) ROW(linear) ROW(batchnorm) ROW(layernorm) ROW(relu) ROW(sigmoid) ROW(tanh)

#define LAYER_DECLARE(name) extern const struct layer_type layer_##name;
LAYER_TYPES(LAYER_DECLARE)

/* layer_type_row - the i-th row; NULL past the last. */
const struct layer_type *layer_type_row(size_t index);

/*
 * What --norm and --activation choose from, by number: layer_norm_name walks "none" and the norms,
 * layer_activation_name the activations.  layer_norm_row, layer_activation_row: the type of that number (asserted);
 * NULL for "none".
 */
bool layer_norm_name(size_t index, const char **name);
bool layer_activation_name(size_t index, const char **name);
const struct layer_type *layer_norm_row(size_t index);
const struct layer_type *layer_activation_row(size_t index);

/* layer_row_stride - elements from one row of activations to the next: real_padded, and more where caches want it. */
size_t layer_row_stride(size_t columns);

/* layer_follow - a layer of this type behind `before` (NULL: the first, of `inputs` numbers); out: of a Linear. */
void layer_follow(struct layer *layer, const struct layer_type *type, struct layer *before, size_t inputs, size_t out);

/* layer_tensor_rows - its rows of (out') numbers; layer_numbers - those of all tensors of a kind, with padding;
 * layer_parameters - its trained numbers without padding, as a person counts them. */
size_t layer_tensor_rows(const struct layer *layer, size_t tensor);
size_t layer_numbers(const struct layer *layer, enum layer_tensor_kind kind);
size_t layer_parameters(const struct layer *layer);

/* layer_place - where its tensors are: from params, grads and running on (NULL while measuring). */
void layer_place(struct layer *layer, real *params, real *grads, real *running);

/* layer_take - its other arrays, for batches of rows_max; y is that of `before` unless it has its own. */
void layer_take(struct layer *layer, const struct layer *before, size_t rows_max, struct memory *memory);

/*
 * layer_step - step `count` parameters w, a multiple of REAL_PAD, by their gradient; they are `offset` numbers behind
 * the layer's first.  layer_step_state - the optimizer's state of them.
 */
void layer_step(const struct kernels *kernels, const struct layer_step *step, real *w, const real *gradient,
                size_t offset, size_t count);
void layer_step_state(real *state[OPTIMIZER_STATES_MAX], const struct layer_step *step, size_t offset);

/* layer_init - the values before the first step; its tensors are zero before. */
void layer_init(struct layer *layer, struct random *random);

/* The large pieces of a step are shared by the team from so many multiply-adds on: about 10 us of one core. */
enum { LAYER_SHARED_WORK = 1 << 20 };

#endif
