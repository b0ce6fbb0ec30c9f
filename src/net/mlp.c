#include "dlexp/net/mlp.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "dlexp/base/sha256.h"

bool mlp_norm_name(size_t index, const char **name)
{
    static const char *const names[] = {[MLP_NORM_NONE] = "none", [MLP_NORM_BATCHNORM] = "batchnorm"};
    _Static_assert(sizeof names / sizeof *names == MLP_NORMS, "every norm has its name");
    if (index >= sizeof names / sizeof *names)
        return false;
    *name = names[index];
    return true;
}

/* a * b and a + b, or SIZE_MAX where they do not fit: memory_take refuses that. */
static size_t product(size_t a, size_t b)
{
    size_t result;
    return __builtin_mul_overflow(a, b, &result) ? SIZE_MAX : result;
}

static size_t sum(size_t a, size_t b)
{
    return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

/*
 * Rows a multiple of 2 KB apart fall into the same few sets of the first-level cache and push each other out: such rows
 * get some more padding (measured: the pixel kernels take up to twice as long without it).  Products do not reach it;
 * it stays zero as allocated, and relu_backward clears it in gradients, whose buffers layers share.
 */
size_t mlp_row_stride(size_t columns)
{
    const size_t padded = real_padded(columns);
    return padded % 512 == 0 ? sum(padded, REAL_PAD) : padded;
}

/* No default: a norm that is added here must say what it is. */
static bool has_batchnorm(enum mlp_norm norm)
{
    switch (norm) {
    case MLP_NORM_NONE:
        return false;
    case MLP_NORM_BATCHNORM:
        return true;
    }
    assert(false && "no such norm");
    return false;
}

void mlp_layout(struct mlp *mlp, const struct mlp_shape *shape, size_t rows_max, size_t threads, struct memory *memory)
{
    assert(shape->layers >= 1 && shape->layers <= MLP_LAYERS_MAX && shape->inputs >= 1);
    size_t widest = 0;
    *mlp = (struct mlp){.shape = *shape, .rows_max = rows_max, .threads = threads};

    size_t in = shape->inputs;
    for (size_t l = 0; l < shape->layers; l++) {
        struct mlp_layer *layer = &mlp->layer[l];
        layer->in = in;
        layer->out = shape->sizes[l];
        layer->in_stride = l == 0 ? real_padded(layer->in) : mlp->layer[l - 1].stride;
        layer->stride = mlp_row_stride(layer->out);
        layer->hidden = l + 1 < shape->layers;
        layer->normalised = layer->hidden && has_batchnorm(shape->norm);
        const size_t vectors = layer->normalised ? 3 : 1; /* bias; gamma and beta */
        mlp->parameters = sum(mlp->parameters, product(layer->in + vectors, layer->out));
        mlp->count = sum(mlp->count, product(layer->in + vectors, layer->stride));
        mlp->running_count = sum(mlp->running_count, layer->normalised ? product(2, layer->stride) : 0);
        widest = layer->stride > widest ? layer->stride : widest;
        in = layer->out;
    }

    mlp->params = memory_take(memory, sum(mlp->count, mlp->running_count), sizeof *mlp->params);
    mlp->grads = memory_take(memory, mlp->count, sizeof *mlp->grads);
    mlp->running = mlp->params ? mlp->params + mlp->count : NULL;
    for (int i = 0; i < 2; i++)
        mlp->gradient[i] = memory_take(memory, product(rows_max, widest), sizeof(real));
    mlp->workspace = memory_take(memory, product(threads, KERNELS_WORKSPACE), sizeof(real));

    size_t offset = 0;
    real *running = mlp->running;
    for (size_t l = 0; l < shape->layers; l++) {
        struct mlp_layer *layer = &mlp->layer[l];
        real **const values[] = {&layer->w, &layer->b, &layer->gamma, &layer->beta};
        real **const gradients[] = {&layer->dw, &layer->db, &layer->dgamma, &layer->dbeta};
        for (size_t i = 0; i < (layer->normalised ? 4 : 2); i++) {
            *values[i] = mlp->params ? mlp->params + offset : NULL;
            *gradients[i] = mlp->grads ? mlp->grads + offset : NULL;
            offset += layer->stride * (i == 0 ? layer->in : 1);
        }
        layer->z = memory_take(memory, product(rows_max, layer->stride), sizeof(real));
        layer->y = layer->z;
        if (layer->normalised) {
            layer->y = memory_take(memory, product(rows_max, layer->stride), sizeof(real));
            layer->mean = memory_take(memory, layer->stride, sizeof(real));
            layer->rstd = memory_take(memory, layer->stride, sizeof(real));
            layer->running_mean = running;
            layer->running_var = running ? running + layer->stride : NULL;
            running = running ? running + 2 * layer->stride : NULL;
        }
    }
}

void mlp_init(struct mlp *mlp, struct random *random)
{
    memset(mlp->params, 0, mlp_state_count(mlp) * sizeof *mlp->params);
    mlp->batches_tracked = 0;
    for (size_t l = 0; l < mlp->shape.layers; l++) {
        struct mlp_layer *layer = &mlp->layer[l];
        float value;
        /* torch computes the bound through the gain of a leaky ReLU; in another order it would round differently. */
        const double slope = sqrt(5.0), gain = sqrt(2.0 / (1 + slope * slope)), root = sqrt((double)layer->in);
        const double bound = sqrt(3.0) * (gain / root);
        for (size_t o = 0; o < layer->out; o++)
            for (size_t i = 0; i < layer->in; i++) {
                random_torch_uniform(random, &value, 1, -bound, bound);
                layer->w[i * layer->stride + o] = (real)value;
            }
        for (size_t o = 0; o < layer->out; o++) {
            random_torch_uniform(random, &value, 1, -1 / root, 1 / root);
            layer->b[o] = (real)value;
        }
        if (layer->normalised)
            for (size_t o = 0; o < layer->out; o++)
                layer->gamma[o] = layer->running_var[o] = 1;
    }
}

/*
 * The large pieces of a step, shared by the team.  Each output element is computed whole by one member, in the same
 * order as ever: the bytes do not depend on the number of threads.  Small pieces are not worth waking the others.
 */
enum { SHARED_WORK = 1 << 20 }; /* multiply-adds: about 10 us of one core */

struct multiplication {
    const struct kernels *kernels;
    real *c, *workspace;
    const real *from;
    struct matrix a, b;
    size_t m, k, n, stride;
};

/* A share of the columns of c: packed operands are then copied once, not once a thread. */
static void multiply_share(void *multiplication, size_t index, size_t count)
{
    const struct multiplication *x = multiplication;
    size_t first, length;
    team_share(x->n, 2 * REAL_PAD, index, count, &first, &length);
    const struct matrix b = {x->b.data + first * x->b.column, x->b.row, x->b.column};
    if (length > 0)
        x->kernels->matmul(x->c + first, x->from ? x->from + first : NULL, x->a, b, x->m, x->k, length, x->stride,
                           x->workspace + index * (size_t)KERNELS_WORKSPACE);
}

static void multiply(const struct mlp *mlp, const struct kernels *kernels, real *c, const real *from, struct matrix a,
                     struct matrix b, size_t m, size_t k, size_t n, size_t stride)
{
    struct multiplication x = {kernels, c, mlp->workspace, from, a, b, m, k, n, stride};
    team_run(m * n * k >= SHARED_WORK ? mlp->team : NULL, multiply_share, &x);
}

/*
 * Whether a product by b (k,n) skips the other operand's zeros, of which ReLU leaves many: b must be small enough for
 * the caches, as its rows are not read in order, and wide enough to be worth a look at each element of the other.
 */
static bool skips_zeros(size_t k, size_t n)
{
    enum { LARGEST = 16384, NARROWEST = 64 };
    _Static_assert((int)(LARGEST / NARROWEST) <= (int)KERNELS_KC, "what matmul_skip can do");
    return n >= NARROWEST && k <= LARGEST / n;
}

enum mlp_product mlp_linear_product(const struct mlp *mlp, size_t l, size_t rows)
{
    const struct mlp_layer *layer = &mlp->layer[l];
    if (l > 0 && kernels_dot(rows, layer->in, layer->out))
        return MLP_PRODUCT_DOT;
    return l > 0 && skips_zeros(layer->in, layer->out) ? MLP_PRODUCT_SKIP : MLP_PRODUCT_DENSE;
}

void mlp_linear(const struct mlp *mlp, const struct kernels *kernels, size_t l, const real *x, size_t rows)
{
    const struct mlp_layer *layer = &mlp->layer[l];
    const struct matrix input = {x, layer->in_stride, 1}, weights = {layer->w, layer->stride, 1};
    switch (mlp_linear_product(mlp, l, rows)) {
    case MLP_PRODUCT_DOT:
        kernels->matmul_dot(layer->z, layer->b, x, layer->in_stride, layer->w, layer->stride, rows, layer->in,
                            layer->out, layer->stride);
        break;
    case MLP_PRODUCT_SKIP:
        kernels->matmul_skip(layer->z, layer->b, x, layer->in_stride, layer->w, layer->stride, rows, layer->in,
                             layer->out, layer->stride);
        break;
    case MLP_PRODUCT_DENSE:
        multiply(mlp, kernels, layer->z, layer->b, input, weights, rows, layer->in, layer->out, layer->stride);
        break;
    }
}

enum mlp_product mlp_weight_gradient_product(const struct mlp *mlp, size_t l, size_t rows)
{
    const struct mlp_layer *layer = &mlp->layer[l];
    const bool room = real_padded(rows) <= KERNELS_WORKSPACE / layer->in; /* for the transpose */
    return l > 0 && room && skips_zeros(rows, layer->out) ? MLP_PRODUCT_SKIP : MLP_PRODUCT_DENSE;
}

void mlp_weight_gradient(const struct mlp *mlp, const struct kernels *kernels, size_t l, const real *x, const real *dz,
                         size_t rows)
{
    const struct mlp_layer *layer = &mlp->layer[l];
    const size_t turned_row = real_padded(rows);
    if (mlp_weight_gradient_product(mlp, l, rows) == MLP_PRODUCT_SKIP) {
        kernels->transpose(mlp->workspace, turned_row, x, layer->in_stride, rows, layer->in);
        kernels->matmul_skip(layer->dw, NULL, mlp->workspace, turned_row, dz, layer->stride, layer->in, rows,
                             layer->out, layer->stride);
    } else {
        multiply(mlp, kernels, layer->dw, NULL, (struct matrix){x, 1, layer->in_stride},
                 (struct matrix){dz, layer->stride, 1}, layer->in, rows, layer->out, layer->stride);
    }
}

/* dx = dz w^T, where dz has zeros unless a BatchNorm1d has mixed them. */
static void input_gradient(const struct mlp *mlp, const struct kernels *kernels, real *dx,
                           const struct mlp_layer *layer, const real *dz, size_t rows)
{
    if (layer->hidden && !layer->normalised && skips_zeros(layer->out, layer->in)) {
        kernels->transpose(mlp->workspace, layer->in_stride, layer->w, layer->stride, layer->in, layer->out);
        kernels->matmul_skip(dx, NULL, dz, layer->stride, mlp->workspace, layer->in_stride, rows, layer->out, layer->in,
                             layer->in_stride);
    } else {
        multiply(mlp, kernels, dx, NULL, (struct matrix){dz, layer->stride, 1},
                 (struct matrix){layer->w, 1, layer->stride}, rows, layer->out, layer->in, layer->in_stride);
    }
}

struct first_layer {
    const struct kernels *kernels;
    const struct mlp_layer *layer;
    const struct pixel_batch *x;
    size_t optimizer;
    real *const *state;
    const real *dz;
    const double *constants;
};

/* A share of the batch's rows. */
static void first_product_share(void *first_layer, size_t index, size_t count)
{
    const struct first_layer *f = first_layer;
    struct pixel_batch x = *f->x;
    size_t first;
    team_share(f->x->rows, 1, index, count, &first, &x.rows);
    x.row += first;
    x.sums += first * PIXELS_PANEL;
    f->kernels->pixel_matmul(f->layer->z + first * f->layer->stride, f->layer->b, &x, f->layer->w, f->layer->stride);
}

static void first_product(const struct mlp *mlp, const struct kernels *kernels, const struct mlp_layer *layer,
                          const struct pixel_batch *x)
{
    struct first_layer f = {.kernels = kernels, .layer = layer, .x = x};
    team_run(x->rows * layer->in * layer->out >= SHARED_WORK ? mlp->team : NULL, first_product_share, &f);
}

/* A share of the pixels: rows of w. */
static void first_update_share(void *first_layer, size_t index, size_t count)
{
    enum { GRAIN = 4 }; /* rows that kernels take together are not parted */
    const struct first_layer *f = first_layer;
    struct pixel_batch x = *f->x;
    real *state[OPTIMIZER_STATES_MAX] = {NULL};
    size_t first;
    team_share(f->x->columns, GRAIN, index, count, &first, &x.columns);
    const size_t offset = first * f->layer->stride;
    x.transposed += first * x.stride;
    size_t ahead;
    team_share(f->x->next_rows, 1, index, count, &ahead, &x.next_rows);
    x.next += ahead;
    for (size_t i = 0; i < optimizer_row(f->optimizer)->states; i++)
        state[i] = f->state[i] + offset;
    f->kernels->pixel_update[f->optimizer](f->layer->w + offset, state, &x, f->dz, f->layer->stride, f->constants);
}

real *mlp_forward(struct mlp *mlp, const struct kernels *kernels, struct mlp_input x, size_t rows, bool training)
{
    const double eps = MLP_BATCHNORM_EPS, momentum = MLP_BATCHNORM_MOMENTUM;
    assert(rows <= mlp->rows_max);
    for (size_t l = 0; l < mlp->shape.layers; l++) {
        const struct mlp_layer *layer = &mlp->layer[l];
        if (x.pixels)
            first_product(mlp, kernels, layer, x.pixels);
        else
            mlp_linear(mlp, kernels, l, x.dense, rows);
        if (layer->normalised && training)
            kernels->batchnorm(layer->y, layer->z, layer->gamma, layer->beta, layer->mean, layer->rstd,
                               layer->running_mean, layer->running_var, momentum, eps, layer->hidden, rows,
                               layer->stride);
        else if (layer->normalised)
            kernels->batchnorm_eval(layer->y, layer->z, layer->gamma, layer->beta, layer->running_mean,
                                    layer->running_var, eps, layer->hidden, rows, layer->stride);
        else if (layer->hidden)
            kernels->relu(layer->y, layer->y, rows, layer->stride);
        x = (struct mlp_input){.dense = layer->y};
    }
    mlp->batches_tracked += training;
    return mlp->layer[mlp->shape.layers - 1].y;
}

void mlp_backward(struct mlp *mlp, const struct kernels *kernels, struct mlp_input x, size_t rows)
{
    real *dy = mlp->gradient[0], *dx = mlp->gradient[1];
    for (size_t l = mlp->shape.layers; l-- > 0;) {
        const struct mlp_layer *layer = &mlp->layer[l];
        const real *input = l > 0 ? mlp->layer[l - 1].y : x.dense;
        if (layer->hidden)
            kernels->relu_backward(dy, dy, layer->y, rows, layer->stride);
        if (layer->normalised)
            kernels->batchnorm_backward(dy, layer->dgamma, layer->dbeta, dy, layer->z, layer->gamma, layer->mean,
                                        layer->rstd, rows, layer->stride);
        kernels->column_sums(layer->db, dy, rows, layer->out, layer->stride);
        if (input)
            mlp_weight_gradient(mlp, kernels, l, input, dy, rows);
        if (l > 0) {
            input_gradient(mlp, kernels, dx, layer, dy, rows);
            real *swapped = dy;
            dy = dx;
            dx = swapped;
        }
    }
    mlp->first_dz = dy;
}

struct update {
    const struct kernels *kernels;
    size_t optimizer;
    real *w, *g, *const *state;
    size_t count;
    const double *constants;
};

static void update_share(void *update, size_t index, size_t count)
{
    const struct update *u = update;
    real *state[OPTIMIZER_STATES_MAX] = {NULL};
    size_t first, length;
    team_share(u->count, REAL_PAD, index, count, &first, &length);
    for (size_t i = 0; i < optimizer_row(u->optimizer)->states; i++)
        state[i] = u->state[i] + first;
    u->kernels->update[u->optimizer](u->w + first, u->g + first, state, length, u->constants);
}

void mlp_update(struct mlp *mlp, const struct kernels *kernels, struct mlp_input x, size_t optimizer,
                real *const *state, const double *constants)
{
    real *rest[OPTIMIZER_STATES_MAX] = {NULL};
    size_t done = 0;
    if (x.pixels) {
        const struct mlp_layer *first = &mlp->layer[0];
        struct first_layer f = {kernels, first, x.pixels, optimizer, state, mlp->first_dz, constants};
        team_run(x.pixels->rows * first->in * first->out >= SHARED_WORK ? mlp->team : NULL, first_update_share, &f);
        done = first->in * first->stride;
    }
    for (size_t i = 0; i < optimizer_row(optimizer)->states; i++)
        rest[i] = state[i] + done;
    struct update u = {kernels, optimizer, mlp->params + done, mlp->grads + done, rest, mlp->count - done, constants};
    team_run(u.count >= SHARED_WORK / 4 ? mlp->team : NULL, update_share, &u);
}

size_t mlp_state_count(const struct mlp *mlp)
{
    return mlp->count + mlp->running_count;
}

bool mlp_tensor(const struct mlp *mlp, size_t index, struct mlp_tensor *tensor)
{
    size_t module = 0; /* place in torch's Sequential */
    for (size_t l = 0; l < mlp->shape.layers; l++) {
        const struct mlp_layer *layer = &mlp->layer[l];
        const struct {
            const char *name;
            const real *data;
            bool trainable;
        } entries[] = {
            {"weight", layer->w, true},
            {"bias", layer->b, true},
            {"weight", layer->gamma, true},
            {"bias", layer->beta, true},
            {"running_mean", layer->running_mean, false},
            {"running_var", layer->running_var, false},
            {"num_batches_tracked", NULL, false},
        };
        size_t count = layer->normalised ? 7 : 2;
        if (index < count) {
            *tensor = (struct mlp_tensor){.trainable = entries[index].trainable, .data = entries[index].data};
            snprintf(tensor->name, sizeof tensor->name, "classifier.%zu.%s", module + (index >= 2),
                     entries[index].name);
            if (index == 0) {
                tensor->rank = 2;
                tensor->dims[0] = layer->out;
                tensor->dims[1] = layer->in;
                tensor->stride = layer->stride;
            } else if (tensor->data) {
                tensor->rank = 1;
                tensor->dims[0] = layer->out;
            }
            return true;
        }
        index -= count;
        module += layer->normalised ? 3 : 2;
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

/* One module of torch's print(model), then the number of its parameters in a column of its own. */
static void describe_module(FILE *out, size_t module, size_t parameters, const char *text)
{
    int width = fprintf(out, "    (%zu): %s", module, text);
    if (parameters > 0)
        fprintf(out, "%*s%10zu parameters", width < 96 ? 96 - width : 2, "", parameters);
    fputc('\n', out);
}

void mlp_describe(const struct mlp_shape *shape, FILE *out)
{
    char text[128];
    size_t in = shape->inputs, module = 0, total = 0;
    fprintf(out, "%s(\n  (classifier): Sequential(\n", has_batchnorm(shape->norm) ? "BatchNormNet" : "NeuralNet");
    for (size_t l = 0; l < shape->layers; l++) {
        size_t size = shape->sizes[l];
        snprintf(text, sizeof text, "Linear(in_features=%zu, out_features=%zu, bias=True)", in, size);
        describe_module(out, module++, (in + 1) * size, text);
        total += (in + 1) * size;
        if (l + 1 < shape->layers) {
            if (has_batchnorm(shape->norm)) {
                snprintf(text, sizeof text,
                         "BatchNorm1d(%zu, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)", size);
                describe_module(out, module++, 2 * size, text);
                total += 2 * size;
            }
            describe_module(out, module++, 0, "ReLU()");
        }
        in = size;
    }
    fprintf(out, "  )\n)\n%zu parameters\n", total);
}
