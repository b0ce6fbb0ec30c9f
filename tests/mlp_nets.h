/* mlp_nets.h - what the tests of the net share: nets of a shape, one batch, one step, and what padding holds. */
#ifndef DLEXP_TESTS_MLP_NETS_H
#define DLEXP_TESTS_MLP_NETS_H

#include "support.h"

#include "dlexp/base/memory.h"
#include "dlexp/kernels/kernels.h"
#include "dlexp/net/mlp.h"

/* The i-th pair of a norm (or none) and an activation; false past the last. */
static inline bool kind_of_net(size_t index, const struct layer_type **norm, const struct layer_type **activation)
{
    const char *name;
    size_t activations = 0;
    while (layer_activation_name(activations, &name))
        activations++;
    if (!layer_norm_name(index / activations, &name))
        return false;
    *norm = layer_norm_row(index / activations);
    *activation = layer_activation_row(index % activations);
    return true;
}

/* "128-64" with ReLU. */
static inline struct mlp_shape shape_of(size_t inputs, const char *hidden, size_t classes,
                                        const struct layer_type *norm)
{
    struct mlp_shape shape = {.inputs = inputs, .classes = classes, .norm = norm, .activation = &layer_relu};
    while (*hidden) {
        char *end;
        shape.widths[shape.hidden++] = strtoul(hidden, &end, 10);
        assert_true(end > hidden);
        hidden = *end ? end + 1 : end;
    }
    return shape;
}

static inline void net_new(struct mlp *mlp, struct memory *memory, const struct mlp_shape *shape, size_t rows,
                           uint64_t seed)
{
    struct random random;
    struct error err;
    *memory = (struct memory){0};
    mlp_layout(mlp, shape, rows, 1, memory);
    const size_t measured = memory->used;
    assert_int_equal(memory_allocate(memory, "a net", &err), 0);
    mlp_layout(mlp, shape, rows, 1, memory);
    assert_int_equal(memory->used, measured);
    random_seed(&random, seed);
    mlp_init(mlp, &random);
}

/* -- one batch, trained on again and again -- */

enum { ROWS = 9, INPUTS = 21, CLASSES = 4, STEPS = 5 };

struct batch {
    _Alignas(REAL_ALIGN) float x[ROWS][32];
    uint8_t labels[ROWS];
};

static inline void batch_fill(struct batch *batch, uint64_t seed)
{
    memset(batch, 0, sizeof *batch);
    for (size_t b = 0; b < ROWS; b++) {
        batch->labels[b] = (uint8_t)test_between(&seed, 0, CLASSES - 1);
        for (size_t i = 0; i < INPUTS; i++)
            batch->x[b][i] =
                test_between(&seed, 0, 3) ? 0 : (float)test_uniform(&seed, 0, 1); /* sparse, as digits are */
    }
}

static inline struct layer_input dense(const float *x)
{
    return (struct layer_input){.dense = x};
}

static inline double train_step(struct mlp *mlp, const struct kernels *kernels, const struct batch *batch)
{
    size_t correct = 0;
    double c[OPTIMIZER_CONSTANTS_MAX] = {-0.1};
    const float *z = mlp_forward(mlp, kernels, dense(&batch->x[0][0]), ROWS, true);
    const double loss = kernels->softmax_cross_entropy(mlp->gradient[0], z, batch->labels, ROWS, CLASSES,
                                                       real_padded(CLASSES), &correct, NULL);
    assert_string_equal(optimizer_row(0)->name, "sgd");
    const struct layer_step step = {.optimizer = 0, .constants = c};
    mlp_backward(mlp, kernels, dense(&batch->x[0][0]), ROWS, &step);
    mlp_update(mlp, kernels, dense(&batch->x[0][0]), &step);
    return loss / (double)ROWS;
}

/* Padding is zero in tensors, gradients and what layers give out. */
static inline void expect_padding(const struct mlp *mlp, size_t rows)
{
    for (size_t l = 0; l < mlp->layers; l++) {
        const struct layer *layer = &mlp->layer[l];
        for (size_t f = layer->out; f < layer->stride; f++) {
            for (size_t t = 0; t < layer->type->tensors; t++)
                for (size_t i = 0; layer->value[t] && i < layer_tensor_rows(layer, t); i++) {
                    assert_true(layer->value[t][i * layer->stride + f] == 0);
                    assert_true(!layer->gradient[t] || layer->gradient[t][i * layer->stride + f] == 0);
                }
            for (size_t b = 0; b < rows; b++)
                assert_true(layer->y[b * layer->stride + f] == 0);
        }
    }
}

#endif
