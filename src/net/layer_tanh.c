/* Tanh: y = tanh x. */
#include "dlexp/net/layer.h"

static void forward(struct layer *layer, const struct layer_pass *pass, struct layer_input x)
{
    pass->kernels->tanh(layer->y, x.dense, pass->rows, layer->out, layer->stride);
}

static void backward(struct layer *layer, const struct layer_pass *pass, struct layer_input x, real *dx, const real *dy,
                     const struct layer_step *step)
{
    (void)step;
    (void)x;
    pass->kernels->tanh_backward(dx, dy, layer->y, pass->rows, layer->out, layer->stride);
}

const struct layer_type layer_tanh = {
    .name = "tanh",
    .title = "tanh",
    .torch = "Tanh()",
    .activation = true,
    .forward = forward,
    .backward = backward,
};
