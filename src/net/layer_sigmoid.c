/* Sigmoid: y = 1 / (1 + exp(-x)). */
#include "dlexp/net/layer.h"

static void forward(struct layer *layer, const struct layer_pass *pass, struct layer_input x)
{
    pass->kernels->sigmoid(layer->y, x.dense, pass->rows, layer->out, layer->stride);
}

static void backward(struct layer *layer, const struct layer_pass *pass, struct layer_input x, real *dx, const real *dy,
                     const struct layer_step *step)
{
    (void)step;
    (void)x;
    pass->kernels->sigmoid_backward(dx, dy, layer->y, pass->rows, layer->out, layer->stride);
}

const struct layer_type layer_sigmoid = {
    .name = "sigmoid",
    .title = "sigmoid",
    .torch = "Sigmoid()",
    .activation = true,
    .forward = forward,
    .backward = backward,
};
