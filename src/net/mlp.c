/* The net as a sequence of layers: built from its shape, passed through forth and back, stepped, and named. */
#include "dlexp/net/mlp.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "dlexp/base/sha256.h"

static void append(struct mlp *mlp, const struct layer_type *type, size_t out)
{
    struct layer *layer = &mlp->layer[mlp->layers];
    layer_follow(layer, type, mlp->layers > 0 ? layer - 1 : NULL, mlp->shape.inputs, out);
    mlp->layers++;
}

/* The layers of this shape, without memory. */
static void build(struct mlp *mlp, const struct mlp_shape *shape)
{
    assert(shape->hidden <= MLP_HIDDEN_MAX && shape->inputs >= 1 && shape->classes >= 1);
    assert(shape->hidden == 0 || shape->activation);
    memset(mlp, 0, sizeof *mlp);
    mlp->shape = *shape;
    for (size_t h = 0; h < shape->hidden; h++) {
        append(mlp, &layer_linear, shape->widths[h]);
        if (shape->norm)
            append(mlp, shape->norm, shape->widths[h]);
        append(mlp, shape->activation, shape->widths[h]);
    }
    append(mlp, &layer_linear, shape->classes);
    /* The only layer may be so narrow that PyTorch has its product in the order of matmul_dot, which pixels lack. */
    mlp->layer[0].pixels = mlp->layers > 1;
}

void mlp_layout(struct mlp *mlp, const struct mlp_shape *shape, size_t rows_max, size_t threads, struct memory *memory)
{
    size_t widest = 0;
    build(mlp, shape);
    mlp->rows_max = rows_max;
    for (size_t l = 0; l < mlp->layers; l++) {
        const struct layer *layer = &mlp->layer[l];
        mlp->parameters = memory_sum(mlp->parameters, layer_parameters(layer));
        mlp->count = memory_sum(mlp->count, layer_numbers(layer, LAYER_TRAINED));
        mlp->running_count = memory_sum(mlp->running_count, layer_numbers(layer, LAYER_RUNNING));
        widest = layer->stride > widest ? layer->stride : widest;
    }
    mlp->params = memory_take(memory, memory_sum(mlp->count, mlp->running_count), sizeof *mlp->params);
    mlp->grads = memory_take(memory, mlp->count, sizeof *mlp->grads);
    mlp->running = mlp->params ? mlp->params + mlp->count : NULL;
    for (int i = 0; i < 2; i++)
        mlp->gradient[i] = memory_take(memory, memory_product(rows_max, widest), sizeof(real));
    mlp->workspace = memory_take(memory, memory_product(threads, KERNELS_WORKSPACE), sizeof(real));

    real *params = mlp->params, *grads = mlp->grads, *running = mlp->running;
    for (size_t l = 0; l < mlp->layers; l++) {
        struct layer *layer = &mlp->layer[l];
        layer_place(layer, params, grads, running);
        layer_take(layer, l > 0 ? layer - 1 : NULL, rows_max, memory);
        if (params) {
            params += layer_numbers(layer, LAYER_TRAINED);
            grads += layer_numbers(layer, LAYER_TRAINED);
            running += layer_numbers(layer, LAYER_RUNNING);
        }
    }
}

void mlp_view(struct mlp *view, const struct mlp *mlp, size_t rows_max, struct memory *memory)
{
    *view = *mlp;
    view->rows_max = rows_max;
    for (size_t l = 0; l < view->layers; l++) {
        struct layer *layer = &view->layer[l];
        layer->absorbs_next = layer->absorbed = false;
        layer_take(layer, l > 0 ? layer - 1 : NULL, rows_max, memory);
        if (!layer->type->own_output)
            layer->y = memory_take(memory, memory_product(rows_max, layer->stride), sizeof(real));
    }
}

void mlp_init(struct mlp *mlp, struct random *random)
{
    memset(mlp->params, 0, mlp_state_count(mlp) * sizeof *mlp->params);
    mlp->batches_tracked = 0;
    for (size_t l = 0; l < mlp->layers; l++)
        layer_init(&mlp->layer[l], random);
}

const struct layer *mlp_last(const struct mlp *mlp)
{
    return &mlp->layer[mlp->layers - 1];
}

/* The input of layer l, whose net has the input x. */
static struct layer_input input_of(const struct mlp *mlp, size_t l, struct layer_input x)
{
    return l > 0 ? (struct layer_input){.dense = mlp->layer[l - 1].y} : x;
}

real *mlp_forward(struct mlp *mlp, const struct kernels *kernels, struct layer_input x, size_t rows, bool training)
{
    const struct layer_pass pass = {kernels, mlp->team, mlp->workspace, rows, training};
    assert(rows <= mlp->rows_max);
    for (size_t l = 0; l < mlp->layers; l++) {
        struct layer *layer = &mlp->layer[l];
        if (!layer->absorbed)
            layer->type->forward(layer, &pass, input_of(mlp, l, x));
    }
    mlp->batches_tracked += training;
    return mlp_last(mlp)->y;
}

/* The step as a layer sees it that has parameters, into *own; NULL for others, and without one. */
static const struct layer_step *step_of(struct layer_step *own, const struct mlp *mlp, const struct layer *layer,
                                        const struct layer_step *step)
{
    if (!step || layer_numbers(layer, LAYER_TRAINED) == 0)
        return NULL;
    *own = *step;
    layer_step_state(own->state, step, (size_t)(layer->value[LAYER_WEIGHT] - mlp->params));
    return own;
}

void mlp_backward(struct mlp *mlp, const struct kernels *kernels, struct layer_input x, size_t rows,
                  const struct layer_step *step)
{
    const struct layer_pass pass = {kernels, mlp->team, mlp->workspace, rows, true};
    real *dy = mlp->gradient[0], *spare = mlp->gradient[1];
    for (size_t l = mlp->layers; l-- > 0;) {
        struct layer *layer = &mlp->layer[l];
        real *const dx = !layer->type->own_gradient ? dy : l > 0 ? spare : NULL;
        struct layer_step own;
        layer->stepped = 0;
        layer->type->backward(layer, &pass, input_of(mlp, l, x), dx, dy, step_of(&own, mlp, layer, step));
        if (dx == spare) {
            spare = dy;
            dy = dx;
        }
    }
    mlp->first_dy = dy;
}

/* Parameters first to end - 1 of the net, by their gradients. */
static void step_stretch(const struct mlp *mlp, const struct kernels *kernels, const struct layer_step *step,
                         size_t first, size_t end)
{
    if (end > first)
        layer_step(kernels, step, mlp->params + first, mlp->grads + first, first, end - first);
}

void mlp_update(struct mlp *mlp, const struct kernels *kernels, struct layer_input x, const struct layer_step *step)
{
    const struct layer_pass pass = {kernels, mlp->team, mlp->workspace, x.pixels ? x.pixels->rows : 0, true};
    struct layer *first = &mlp->layer[0];
    size_t left = 0, at = 0; /* parameters from `left` to `at` are still to be stepped */
    if (first->type->update)
        first->type->update(first, &pass, x, mlp->first_dy, step);
    for (size_t l = 0; l < mlp->layers; l++) {
        const struct layer *layer = &mlp->layer[l];
        if (layer->stepped > 0) {
            step_stretch(mlp, kernels, step, left, at);
            left = at + layer->stepped;
        }
        at += layer_numbers(layer, LAYER_TRAINED);
    }
    step_stretch(mlp, kernels, step, left, at);
}

size_t mlp_state_count(const struct mlp *mlp)
{
    return mlp->count + mlp->running_count;
}

bool mlp_tensor(const struct mlp *mlp, size_t index, struct mlp_tensor *tensor)
{
    for (size_t l = 0; l < mlp->layers; l++) {
        const struct layer *layer = &mlp->layer[l];
        if (index >= layer->type->tensors) {
            index -= layer->type->tensors;
            continue;
        }
        const struct layer_tensor *row = &layer->type->tensor[index];
        *tensor = (struct mlp_tensor){.trainable = row->kind == LAYER_TRAINED, .data = layer->value[index]};
        snprintf(tensor->name, sizeof tensor->name, "classifier.%zu.%s", l, row->name);
        if (row->kind != LAYER_COUNTER)
            tensor->dims[tensor->rank++] = layer->out;
        if (row->matrix) {
            tensor->dims[tensor->rank++] = layer->in;
            tensor->stride = layer->stride;
        }
        return true;
    }
    return false;
}

size_t mlp_tensor_size(const struct mlp_tensor *tensor)
{
    size_t size = 1;
    for (size_t i = 0; i < tensor->rank; i++)
        size *= tensor->dims[i];
    return size;
}

real mlp_tensor_value(const struct mlp_tensor *tensor, size_t index)
{
    if (tensor->rank < 2)
        return tensor->data[index];
    return tensor->data[index % tensor->dims[1] * tensor->stride + index / tensor->dims[1]];
}

void mlp_parameters_sha256(const struct mlp *mlp, char *hex)
{
    struct sha256 sha;
    struct mlp_tensor tensor;
    sha256_init(&sha);
    for (size_t t = 0; mlp_tensor(mlp, t, &tensor); t++)
        for (size_t i = 0; tensor.trainable && i < mlp_tensor_size(&tensor); i++) {
            float value = (float)mlp_tensor_value(&tensor, i);
            uint32_t bits;
            memcpy(&bits, &value, sizeof bits);
            const unsigned char bytes[4] = {(unsigned char)bits, (unsigned char)(bits >> 8),
                                            (unsigned char)(bits >> 16), (unsigned char)(bits >> 24)};
            sha256_update(&sha, bytes, sizeof bytes);
        }
    sha256_final(&sha, hex);
}

/* The type's text of torch with the layer's sizes in it; returns its length. */
static int print_torch(FILE *out, const struct layer *layer)
{
    int width = 0;
    for (const char *text = layer->type->torch; *text;) {
        const bool in = strncmp(text, "{in}", 4) == 0, size = in || strncmp(text, "{out}", 5) == 0;
        width += size ? fprintf(out, "%zu", in ? layer->in : layer->out) : fprintf(out, "%c", *text);
        text += in ? 4 : size ? 5 : 1;
    }
    return width;
}

void mlp_describe(const struct mlp_shape *shape, FILE *out)
{
    struct mlp mlp;
    struct memory measure = {0};
    mlp_layout(&mlp, shape, 1, 1, &measure);
    fprintf(out, "%sNet(\n  (classifier): Sequential(\n", shape->norm ? shape->norm->title : "Neural");
    for (size_t l = 0; l < mlp.layers; l++) {
        const size_t parameters = layer_parameters(&mlp.layer[l]);
        int width = fprintf(out, "    (%zu): ", l);
        width += print_torch(out, &mlp.layer[l]);
        if (parameters > 0) /* in a column of their own */
            fprintf(out, "%*s%10zu parameters", width < 96 ? 96 - width : 2, "", parameters);
        fputc('\n', out);
    }
    fprintf(out, "  )\n)\n%zu parameters\n", mlp.parameters);
}
