/* Training of a multi-layer perceptron by libxsmm. */
#include "xsmm_net.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/random.h"

static size_t parameters(const struct xsmm_layer *layer)
{
    return (layer->in + 1) * layer->out;
}

/* w and b, and what belongs to them, are one array, so that one loop makes a layer's update. */
static void layout(struct xsmm_net *net)
{
    struct memory *const memory = &net->memory;
    net->x = memory_take(memory, memory_product(net->batch, net->layer[0].in), sizeof(float));
    for (size_t l = 0; l < net->layers; l++) {
        struct xsmm_layer *const layer = &net->layer[l];
        const size_t outputs = memory_product(net->batch, layer->out), weights = layer->in * layer->out;
        layer->y = memory_take(memory, outputs, sizeof(float));
        layer->dy = memory_take(memory, outputs, sizeof(float));
        layer->w = memory_take(memory, parameters(layer), sizeof(float));
        layer->dw = memory_take(memory, parameters(layer), sizeof(float));
        layer->velocity = memory_take(memory, parameters(layer), sizeof(float));
        layer->b = layer->w ? layer->w + weights : NULL;
        layer->db = layer->dw ? layer->dw + weights : NULL;
    }
}

int xsmm_net_init(struct xsmm_net *net, const size_t *widths, size_t count, size_t batch, struct error *err)
{
    *net = (struct xsmm_net){.batch = batch, .layers = count - 1};
    for (size_t l = 0; l < net->layers; l++) {
        net->layer[l].in = widths[l];
        net->layer[l].out = widths[l + 1];
    }
    layout(net);
    if (memory_allocate(&net->memory, "the net", err) < 0)
        return -1;
    layout(net);
    return 0;
}

static void unblock(struct xsmm_net *net)
{
    for (size_t l = 0; l < net->layers; l++) {
        struct xsmm_layer *const layer = &net->layer[l];
        if (layer->handle)
            libxsmm_dnn_destroy_fullyconnected(layer->handle);
        layer->handle = NULL;
        for (size_t i = 0; i < sizeof layer->tensor / sizeof *layer->tensor; i++) {
            if (layer->tensor[i])
                libxsmm_dnn_destroy_tensor(layer->tensor[i]);
            layer->tensor[i] = NULL;
        }
    }
    free(net->scratch);
    net->scratch = NULL;
}

void xsmm_net_free(struct xsmm_net *net)
{
    unblock(net);
    memory_free(&net->memory);
}

static size_t largest_divisor(size_t number, size_t most)
{
    while (number % most != 0)
        most--;
    return most;
}

static int libxsmm_failed(libxsmm_dnn_err_t status, const char *what, struct error *err)
{
    return error_set(err, ERROR_RUN, "libxsmm: %s: %s", what, libxsmm_dnn_get_error(status));
}

/* Neither bias nor ReLU is left to libxsmm, whose loops for them are slower than those below. */
static int create(const struct xsmm_net *net, struct xsmm_layer *layer, struct error *err)
{
    const libxsmm_dnn_fullyconnected_desc description = {.N = (int)net->batch,
                                                         .C = (int)layer->in,
                                                         .K = (int)layer->out,
                                                         .bn = (int)net->images_block,
                                                         .bc = (int)layer->in_block,
                                                         .bk = (int)layer->out_block,
                                                         .threads = 1,
                                                         .datatype_in = LIBXSMM_DNN_DATATYPE_F32,
                                                         .datatype_out = LIBXSMM_DNN_DATATYPE_F32,
                                                         .buffer_format = LIBXSMM_DNN_TENSOR_FORMAT_NCPACKED,
                                                         .filter_format = LIBXSMM_DNN_TENSOR_FORMAT_CKPACKED,
                                                         .fuse_ops = LIBXSMM_DNN_FULLYCONNECTED_FUSE_NONE};
    libxsmm_dnn_err_t status = LIBXSMM_DNN_SUCCESS;
    layer->handle = libxsmm_dnn_create_fullyconnected(description, &status);
    return status == LIBXSMM_DNN_SUCCESS ? 0 : libxsmm_failed(status, "a fully connected layer", err);
}

/* The first layer's gradient of its input is never computed, but an array must be there. */
static int bind(struct xsmm_net *net, size_t l, struct error *err)
{
    struct xsmm_layer *const layer = &net->layer[l];
    const struct {
        libxsmm_dnn_tensor_type type;
        float *data;
    } arrays[] = {{LIBXSMM_DNN_REGULAR_INPUT, l > 0 ? layer[-1].y : net->x},
                  {LIBXSMM_DNN_GRADIENT_INPUT, l > 0 ? layer[-1].dy : net->x},
                  {LIBXSMM_DNN_REGULAR_OUTPUT, layer->y},
                  {LIBXSMM_DNN_GRADIENT_OUTPUT, layer->dy},
                  {LIBXSMM_DNN_REGULAR_FILTER, layer->w},
                  {LIBXSMM_DNN_GRADIENT_FILTER, layer->dw}};
    libxsmm_dnn_err_t status = LIBXSMM_DNN_SUCCESS;
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays && status == LIBXSMM_DNN_SUCCESS; i++) {
        libxsmm_dnn_tensor_datalayout *const shape =
            libxsmm_dnn_fullyconnected_create_tensor_datalayout(layer->handle, arrays[i].type, &status);
        if (status == LIBXSMM_DNN_SUCCESS)
            layer->tensor[i] = libxsmm_dnn_link_tensor(shape, arrays[i].data, &status);
        libxsmm_dnn_destroy_tensor_datalayout(shape);
        if (status == LIBXSMM_DNN_SUCCESS)
            status = libxsmm_dnn_fullyconnected_bind_tensor(layer->handle, layer->tensor[i], arrays[i].type);
    }
    if (status == LIBXSMM_DNN_SUCCESS)
        status = libxsmm_dnn_fullyconnected_bind_scratch(layer->handle, net->scratch);
    return status == LIBXSMM_DNN_SUCCESS ? 0 : libxsmm_failed(status, "a layer's arrays", err);
}

int xsmm_net_block(struct xsmm_net *net, struct xsmm_blocks blocks, struct error *err)
{
    size_t scratch = 1;
    unblock(net);
    net->images_block = largest_divisor(net->batch, blocks.images);
    for (size_t l = 0; l < net->layers; l++) {
        struct xsmm_layer *const layer = &net->layer[l];
        layer->in_block = l > 0 ? layer[-1].out_block : largest_divisor(layer->in, blocks.inputs);
        layer->out_block = l + 1 < net->layers ? largest_divisor(layer->out, blocks.hidden) : layer->out;
        if (create(net, layer, err) < 0)
            return -1;
        libxsmm_dnn_err_t status;
        const size_t size = libxsmm_dnn_fullyconnected_get_scratch_size(layer->handle, &status);
        scratch = size > scratch ? size : scratch;
    }
    net->scratch = memory_pages(scratch);
    if (!net->scratch)
        return error_out_of_memory(err, "libxsmm's scratch");
    for (size_t l = 0; l < net->layers; l++)
        if (bind(net, l, err) < 0)
            return -1;
    return 0;
}

/* Where in w the weight of input i to output o is: blocks (out / out_block, in / in_block), each (in, out). */
static size_t weight_at(const struct xsmm_layer *layer, size_t i, size_t o)
{
    const size_t block = o / layer->out_block * (layer->in / layer->in_block) + i / layer->in_block;
    return (block * layer->in_block + i % layer->in_block) * layer->out_block + o % layer->out_block;
}

void xsmm_net_start(struct xsmm_net *net, uint64_t seed)
{
    struct random random;
    random_seed(&random, seed);
    for (size_t l = 0; l < net->layers; l++) {
        struct xsmm_layer *const layer = &net->layer[l];
        const double bound = 1 / sqrt((double)layer->in);
        float *const drawn = layer->dw; /* by output; the gradient is made anew in every step */
        random_torch_uniform(&random, drawn, layer->in * layer->out, -bound, bound);
        for (size_t o = 0; o < layer->out; o++)
            for (size_t i = 0; i < layer->in; i++)
                layer->w[weight_at(layer, i, o)] = drawn[o * layer->in + i];
        random_torch_uniform(&random, layer->b, layer->out, -bound, bound);
        memset(layer->velocity, 0, parameters(layer) * sizeof(float));
    }
}

static void gather(const struct xsmm_net *net, const uint8_t *images, const uint32_t *order)
{
    const size_t pixels = net->layer[0].in, block = net->layer[0].in_block, rows = net->images_block;
    for (size_t i = 0; i < net->batch; i++) {
        const uint8_t *from = images + order[i] * pixels;
        float *to = net->x + i / rows * rows * pixels + i % rows * block;
        for (size_t c = 0; c < pixels; c += block, from += block, to += rows * block)
            for (size_t p = 0; p < block; p++)
                to[p] = (float)from[p] * (1 / 255.0F);
    }
}

/* The blocks of y (batch x out) one by one, each images_block rows of out_block numbers, and the features of each. */
#define FOR_BLOCKS(net, layer, at, feature)                                                                            \
    for (size_t at = 0, feature = 0; at < (net)->batch * (layer)->out;                                                 \
         at += (net)->images_block * (layer)->out_block, feature = (feature + (layer)->out_block) % (layer)->out)

static void add_bias(const struct xsmm_net *net, const struct xsmm_layer *layer, bool relu)
{
    const size_t columns = layer->out_block;
    FOR_BLOCKS(net, layer, at, feature)
    {
        const float *restrict const b = layer->b + feature;
        for (size_t i = 0; i < net->images_block; i++) {
            float *restrict const y = layer->y + at + i * columns;
            for (size_t j = 0; j < columns; j++) {
                const float z = y[j] + b[j];
                y[j] = relu && !(z > 0) ? 0 : z;
            }
        }
    }
}

/* dy becomes the gradient before the ReLU; db, its sums. */
static void bias_gradient(const struct xsmm_net *net, const struct xsmm_layer *layer, bool relu)
{
    const size_t columns = layer->out_block;
    memset(layer->db, 0, layer->out * sizeof(float));
    FOR_BLOCKS(net, layer, at, feature)
    {
        float *restrict const db = layer->db + feature;
        for (size_t i = 0; i < net->images_block; i++) {
            const float *restrict const y = layer->y + at + i * columns;
            float *restrict const dy = layer->dy + at + i * columns;
            for (size_t j = 0; j < columns; j++) {
                dy[j] = relu && !(y[j] > 0) ? 0 : dy[j];
                db[j] += dy[j];
            }
        }
    }
}

/* dy of the last layer, whose logits are one block: (batch, classes); returns the mean loss. */
static double softmax_cross_entropy(const struct xsmm_net *net, const uint8_t *labels, const uint32_t *order)
{
    const struct xsmm_layer *const last = &net->layer[net->layers - 1];
    const size_t classes = last->out;
    const float scale = 1 / (float)net->batch;
    double loss = 0;
    for (size_t i = 0; i < net->batch; i++) {
        const float *restrict const z = last->y + i * classes;
        float most = z[0];
        for (size_t c = 1; c < classes; c++)
            most = z[c] > most ? z[c] : most;
        for (size_t c = 0; c < classes; c++)
            last->dy[i * classes + c] = z[c] - most;
    }
    for (size_t i = 0; i < net->batch; i++)
        loss -= (double)last->dy[i * classes + labels[order[i]]];
    for (size_t i = 0; i < net->batch * classes; i++) /* of all rows at once: whole vectors */
        last->dy[i] = expf(last->dy[i]);
    for (size_t i = 0; i < net->batch; i++) {
        float *restrict const dz = last->dy + i * classes;
        float sum = 0;
        for (size_t c = 0; c < classes; c++)
            sum += dz[c];
        loss += (double)logf(sum);
        for (size_t c = 0; c < classes; c++)
            dz[c] *= scale / sum;
        dz[labels[order[i]]] -= scale;
    }
    return loss / (double)net->batch;
}

/* While the gradient is still in the cache. */
static void update(const struct xsmm_layer *layer)
{
    float *restrict const value = layer->w, *restrict const velocity = layer->velocity;
    const float *restrict const gradient = layer->dw;
    for (size_t i = 0; i < parameters(layer); i++) {
        velocity[i] = 0.9F * velocity[i] + gradient[i];
        value[i] -= 0.01F * velocity[i];
    }
}

double xsmm_net_step(struct xsmm_net *net, const uint8_t *images, const uint8_t *labels, const uint32_t *order)
{
    gather(net, images, order);
    for (size_t l = 0; l < net->layers; l++) {
        libxsmm_dnn_fullyconnected_execute_st(net->layer[l].handle, LIBXSMM_DNN_COMPUTE_KIND_FWD, 0, 0);
        add_bias(net, &net->layer[l], l + 1 < net->layers);
    }
    const double loss = softmax_cross_entropy(net, labels, order);
    for (size_t l = net->layers; l-- > 0;) {
        bias_gradient(net, &net->layer[l], l + 1 < net->layers);
        libxsmm_dnn_fullyconnected_execute_st(
            net->layer[l].handle, l > 0 ? LIBXSMM_DNN_COMPUTE_KIND_BWDUPD : LIBXSMM_DNN_COMPUTE_KIND_UPD, 0, 0);
        update(&net->layer[l]);
    }
    return loss;
}
