/* BatchNorm1d: each feature normalised over the batch, then scaled and shifted. */
#include "dlexp/net/layer.h"

/* torch.nn.BatchNorm1d's defaults, which its text below names. */
static const double eps = 1e-5, momentum = 0.1;

/* Vectors that are kept of the batch last seen in training. */
enum { MEAN, RSTD };

static void forward(struct layer *layer, const struct layer_pass *pass, struct layer_input x)
{
    real *const *const value = layer->value;
    if (pass->training)
        pass->kernels->batchnorm(layer->y, x.dense, value[LAYER_WEIGHT], value[LAYER_BIAS], layer->kept[MEAN],
                                 layer->kept[RSTD], value[LAYER_RUNNING_MEAN], value[LAYER_RUNNING_VAR], momentum, eps,
                                 layer->absorbs_next, pass->rows, layer->stride);
    else
        pass->kernels->batchnorm_eval(layer->y, x.dense, value[LAYER_WEIGHT], value[LAYER_BIAS],
                                      value[LAYER_RUNNING_MEAN], value[LAYER_RUNNING_VAR], eps, layer->absorbs_next,
                                      pass->rows, layer->stride);
}

static void backward(struct layer *layer, const struct layer_pass *pass, struct layer_input x, real *dx, const real *dy,
                     const struct layer_step *step)
{
    (void)step;
    pass->kernels->batchnorm_backward(dx, layer->gradient[LAYER_WEIGHT], layer->gradient[LAYER_BIAS], dy, x.dense,
                                      layer->value[LAYER_WEIGHT], layer->kept[MEAN], layer->kept[RSTD], pass->rows,
                                      layer->stride);
}

/* A ReLU costs nothing more in the pass that normalises. */
static bool absorbs(const struct layer *next)
{
    return next->type == &layer_relu;
}

const struct layer_type layer_batchnorm = {
    .name = "batchnorm",
    .title = "BatchNorm",
    .torch = "BatchNorm1d({out}, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
    .norm = true,
    .tensor = {{"weight", LAYER_TRAINED, false, 1},
               {"bias", LAYER_TRAINED, false, 0},
               {"running_mean", LAYER_RUNNING, false, 0},
               {"running_var", LAYER_RUNNING, false, 1},
               {"num_batches_tracked", LAYER_COUNTER, false, 0}},
    .tensors = 5,
    .kept = 2,
    .least_rows = 2,
    .own_output = true,
    .forward = forward,
    .backward = backward,
    .absorbs = absorbs,
};
