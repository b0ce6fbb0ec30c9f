/* The table of layer types, and what every layer has: sizes, tensors, arrays. */
#include "dlexp/net/layer.h"

#include <assert.h>

#define TABLE_ENTRY(name) &layer_##name,
static const struct layer_type *const types[] = {LAYER_TYPES(TABLE_ENTRY)};
enum { TYPES = sizeof types / sizeof *types };

const struct layer_type *layer_type_row(size_t index)
{
    return index < TYPES ? types[index] : NULL;
}

/* A type that cannot be passed through is no choice. */
static bool complete(const struct layer_type *type)
{
    return type->forward && type->backward;
}

static const struct layer_type *norm_of(size_t index)
{
    for (size_t i = 0; i < TYPES; i++)
        if (types[i]->norm && complete(types[i]) && index-- == 0)
            return types[i];
    return NULL;
}

static const struct layer_type *activation_of(size_t index)
{
    for (size_t i = 0; i < TYPES; i++)
        if (types[i]->activation && complete(types[i]) && index-- == 0)
            return types[i];
    return NULL;
}

bool layer_norm_name(size_t index, const char **name)
{
    const struct layer_type *type = index > 0 ? norm_of(index - 1) : NULL;
    if (index > 0 && !type)
        return false;
    *name = type ? type->name : "none";
    return true;
}

bool layer_activation_name(size_t index, const char **name)
{
    const struct layer_type *type = activation_of(index);
    if (!type)
        return false;
    *name = type->name;
    return true;
}

const struct layer_type *layer_norm_row(size_t index)
{
    const struct layer_type *type = index > 0 ? norm_of(index - 1) : NULL;
    assert((index == 0 || type) && "a norm of the table");
    return type;
}

const struct layer_type *layer_activation_row(size_t index)
{
    const struct layer_type *type = activation_of(index);
    assert(type && "an activation of the table");
    return type;
}

/*
 * Rows a multiple of 2 KB apart fall into the same few sets of the first-level cache and push each other out: such rows
 * get some more padding (measured: the pixel kernels take up to twice as long without it).  Products do not reach it;
 * it stays zero as allocated, and the activations clear it in gradients, whose buffers layers share.
 */
size_t layer_row_stride(size_t columns)
{
    const size_t padded = real_padded(columns);
    return padded % 512 == 0 ? memory_sum(padded, REAL_PAD) : padded;
}

void layer_follow(struct layer *layer, const struct layer_type *type, struct layer *before, size_t inputs, size_t out)
{
    *layer = (struct layer){.type = type, .out = out};
    layer->in = before ? before->out : inputs;
    layer->in_stride = before ? before->stride : real_padded(inputs);
    layer->stride = layer_row_stride(out);
    if (!before)
        return;
    layer->zeros_in = before->type->makes_zeros;
    before->zeros_back = type->makes_zeros;
    layer->absorbed = before->absorbs_next = before->type->absorbs && before->type->absorbs(layer);
}

size_t layer_tensor_rows(const struct layer *layer, size_t tensor)
{
    return layer->type->tensor[tensor].matrix ? layer->in : 1;
}

size_t layer_numbers(const struct layer *layer, enum layer_tensor_kind kind)
{
    size_t rows = 0;
    for (size_t i = 0; i < layer->type->tensors; i++)
        rows = memory_sum(rows, layer->type->tensor[i].kind == kind ? layer_tensor_rows(layer, i) : 0);
    return memory_product(rows, layer->stride);
}

size_t layer_parameters(const struct layer *layer)
{
    size_t rows = 0;
    for (size_t i = 0; i < layer->type->tensors; i++)
        rows = memory_sum(rows, layer->type->tensor[i].kind == LAYER_TRAINED ? layer_tensor_rows(layer, i) : 0);
    return memory_product(rows, layer->out);
}

void layer_place(struct layer *layer, real *params, real *grads, real *running)
{
    for (size_t i = 0; i < layer->type->tensors; i++) {
        const enum layer_tensor_kind kind = layer->type->tensor[i].kind;
        const size_t size = layer_tensor_rows(layer, i) * layer->stride;
        layer->value[i] = kind == LAYER_TRAINED ? params : kind == LAYER_RUNNING ? running : NULL;
        layer->gradient[i] = kind == LAYER_TRAINED ? grads : NULL;
        if (kind == LAYER_TRAINED && params) {
            params += size;
            grads += size;
        } else if (kind == LAYER_RUNNING && running) {
            running += size;
        }
    }
}

void layer_take(struct layer *layer, const struct layer *before, size_t rows_max, struct memory *memory)
{
    layer->y = layer->type->own_output ? memory_take(memory, memory_product(rows_max, layer->stride), sizeof(real))
                                       : before->y;
    for (size_t i = 0; i < layer->type->kept; i++)
        layer->kept[i] = memory_take(memory, layer->type->kept_by_row ? rows_max : layer->stride, sizeof(real));
}

void layer_init(struct layer *layer, struct random *random)
{
    if (layer->type->init) {
        layer->type->init(layer, random);
        return;
    }
    for (size_t i = 0; i < layer->type->tensors; i++)
        for (size_t o = 0; layer->value[i] && o < layer->out; o++)
            layer->value[i][o] = layer->type->tensor[i].initial;
}

void layer_step_state(real *state[OPTIMIZER_STATES_MAX], const struct layer_step *step, size_t offset)
{
    for (size_t i = 0; i < OPTIMIZER_STATES_MAX; i++)
        state[i] = i < optimizer_row(step->optimizer)->states ? step->state[i] + offset : NULL;
}

void layer_step(const struct kernels *kernels, const struct layer_step *step, real *w, const real *gradient,
                size_t offset, size_t count)
{
    real *state[OPTIMIZER_STATES_MAX];
    layer_step_state(state, step, offset);
    kernels->update[step->optimizer](w, gradient, state, count, step->constants);
}
