/* ReLU: y = max(x, 0). */
#include "dlexp/net/layer.h"

static void forward(struct layer *layer, const struct layer_pass *pass, struct layer_input x)
{
    pass->kernels->relu(layer->y, x.dense, pass->rows, layer->stride);
}

static void backward(struct layer *layer, const struct layer_pass *pass, struct layer_input x, real *dx, const real *dy,
                     const struct layer_step *step)
{
    (void)step;
    (void)x;
    pass->kernels->relu_backward(dx, dy, layer->y, pass->rows, layer->stride);
}

const struct layer_type layer_relu = {
    .name = "relu",
    .title = "ReLU",
    .torch = "ReLU()",
    .activation = true,
    .makes_zeros = true,
    .forward = forward,
    .backward = backward,
};
