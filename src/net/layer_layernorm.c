/* LayerNorm: each row normalised over its features, then scaled and shifted. */
#include "dlexp/net/layer.h"

/* torch.nn.LayerNorm's default, which its text below names. */
static const double eps = 1e-5;

/* What is kept of each row. */
enum { MEAN, RSTD };

static void forward(struct layer *layer, const struct layer_pass *pass, struct layer_input x)
{
    pass->kernels->layernorm(layer->y, x.dense, layer->value[LAYER_WEIGHT], layer->value[LAYER_BIAS], layer->kept[MEAN],
                             layer->kept[RSTD], eps, pass->rows, layer->out, layer->stride);
}

static void backward(struct layer *layer, const struct layer_pass *pass, struct layer_input x, real *dx, const real *dy,
                     const struct layer_step *step)
{
    (void)step;
    pass->kernels->layernorm_backward(dx, layer->gradient[LAYER_WEIGHT], layer->gradient[LAYER_BIAS], dy, x.dense,
                                      layer->value[LAYER_WEIGHT], layer->kept[MEAN], layer->kept[RSTD], pass->rows,
                                      layer->out, layer->stride);
}

const struct layer_type layer_layernorm = {
    .name = "layernorm",
    .title = "LayerNorm",
    .torch = "LayerNorm(({out},), eps=1e-05, elementwise_affine=True)",
    .norm = true,
    .tensor = {{"weight", LAYER_TRAINED, false, 1}, {"bias", LAYER_TRAINED, false, 0}},
    .tensors = 2,
    .kept = 2,
    .kept_by_row = true,
    .own_output = true,
    .forward = forward,
    .backward = backward,
};
