/* Linear: y = x w + b.  The first one takes pixels as bytes, and then makes and uses up its weights' gradient at once.
 */
#include "dlexp/net/layer_linear.h"

#include <assert.h>
#include <math.h>

/*
 * Large products are shared by the team.  Each output element is computed whole by one member, in the same order as
 * ever: the bytes do not depend on the number of threads.  Small pieces are not worth waking the others.
 */
static struct team *team_for(const struct layer_pass *pass, size_t work)
{
    return work >= LAYER_SHARED_WORK ? pass->team : NULL;
}

struct multiplication {
    const struct layer_pass *pass;
    real *c;
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
        x->pass->kernels->matmul(x->c + first, x->from ? x->from + first : NULL, x->a, b, x->m, x->k, length, x->stride,
                                 x->pass->workspace + index * (size_t)KERNELS_WORKSPACE);
}

static void multiply(const struct layer_pass *pass, real *c, const real *from, struct matrix a, struct matrix b,
                     size_t m, size_t k, size_t n, size_t stride)
{
    struct multiplication x = {pass, c, from, a, b, m, k, n, stride};
    team_run(team_for(pass, m * n * k), multiply_share, &x);
}

/*
 * Whether a product by b (k,n) skips the other operand's zeros: b must be small enough for the caches, as its rows are
 * not read in order, and wide enough to be worth a look at each element of the other.
 */
static bool skips_zeros(size_t k, size_t n)
{
    enum { LARGEST = 16384, NARROWEST = 64 };
    _Static_assert((int)(LARGEST / NARROWEST) <= (int)KERNELS_KC, "what matmul_skip can do");
    return n >= NARROWEST && k <= LARGEST / n;
}

enum layer_linear_way layer_linear_product_way(const struct layer *layer, size_t rows)
{
    if (!layer->pixels && kernels_dot(rows, layer->in, layer->out))
        return LAYER_LINEAR_DOT;
    return layer->zeros_in && skips_zeros(layer->in, layer->out) ? LAYER_LINEAR_SKIP : LAYER_LINEAR_DENSE;
}

void layer_linear_product(const struct layer *layer, const struct layer_pass *pass, const real *x)
{
    const real *const w = layer->value[LAYER_WEIGHT], *const b = layer->value[LAYER_BIAS];
    switch (layer_linear_product_way(layer, pass->rows)) {
    case LAYER_LINEAR_DOT:
        pass->kernels->matmul_dot(layer->y, b, x, layer->in_stride, w, layer->stride, pass->rows, layer->in, layer->out,
                                  layer->stride);
        break;
    case LAYER_LINEAR_SKIP:
        pass->kernels->matmul_skip(layer->y, b, x, layer->in_stride, w, layer->stride, pass->rows, layer->in,
                                   layer->out, layer->stride);
        break;
    case LAYER_LINEAR_DENSE:
        multiply(pass, layer->y, b, (struct matrix){x, layer->in_stride, 1}, (struct matrix){w, layer->stride, 1},
                 pass->rows, layer->in, layer->out, layer->stride);
        break;
    }
}

enum layer_linear_way layer_linear_weight_gradient_way(const struct layer *layer, size_t rows)
{
    const bool room = real_padded(rows) <= KERNELS_WORKSPACE / layer->in; /* for the transpose */
    return layer->zeros_in && room && skips_zeros(rows, layer->out) ? LAYER_LINEAR_SKIP : LAYER_LINEAR_DENSE;
}

void layer_linear_weight_gradient(const struct layer *layer, const struct layer_pass *pass, const real *x,
                                  const real *dy)
{
    const size_t rows = pass->rows, turned_row = real_padded(rows);
    real *const dw = layer->gradient[LAYER_WEIGHT];
    if (layer_linear_weight_gradient_way(layer, rows) == LAYER_LINEAR_SKIP) {
        pass->kernels->transpose(pass->workspace, turned_row, x, layer->in_stride, rows, layer->in);
        pass->kernels->matmul_skip(dw, NULL, pass->workspace, turned_row, dy, layer->stride, layer->in, rows,
                                   layer->out, layer->stride);
    } else {
        multiply(pass, dw, NULL, (struct matrix){x, 1, layer->in_stride}, (struct matrix){dy, layer->stride, 1},
                 layer->in, rows, layer->out, layer->stride);
    }
}

/* dx = dy w^T */
static void input_gradient(const struct layer *layer, const struct layer_pass *pass, real *dx, const real *dy)
{
    const real *const w = layer->value[LAYER_WEIGHT];
    if (layer->zeros_back && skips_zeros(layer->out, layer->in)) {
        pass->kernels->transpose(pass->workspace, layer->in_stride, w, layer->stride, layer->in, layer->out);
        pass->kernels->matmul_skip(dx, NULL, dy, layer->stride, pass->workspace, layer->in_stride, pass->rows,
                                   layer->out, layer->in, layer->in_stride);
    } else {
        multiply(pass, dx, NULL, (struct matrix){dy, layer->stride, 1}, (struct matrix){w, 1, layer->stride},
                 pass->rows, layer->out, layer->in, layer->in_stride);
    }
}

/* What the members of a team need for their share of a layer on pixels. */
struct pixel_layer {
    const struct layer *layer;
    const struct layer_pass *pass;
    const struct pixel_batch *x;
    const struct layer_step *step;
    const real *dy;
};

/* A share of the batch's rows. */
static void pixel_product_share(void *pixel_layer, size_t index, size_t count)
{
    const struct pixel_layer *p = pixel_layer;
    const struct layer *layer = p->layer;
    struct pixel_batch x = *p->x;
    size_t first;
    team_share(p->x->rows, 1, index, count, &first, &x.rows);
    x.row += first;
    x.sums += first * PIXELS_PANEL;
    p->pass->kernels->pixel_matmul(layer->y + first * layer->stride, layer->value[LAYER_BIAS], &x,
                                   layer->value[LAYER_WEIGHT], layer->stride);
}

/* A share of the pixels: rows of w. */
static void pixel_update_share(void *pixel_layer, size_t index, size_t count)
{
    enum { GRAIN = 4 }; /* rows that kernels take together are not parted */
    const struct pixel_layer *p = pixel_layer;
    const struct layer *layer = p->layer;
    const size_t optimizer = p->step->optimizer;
    struct pixel_batch x = *p->x;
    real *state[OPTIMIZER_STATES_MAX] = {NULL};
    size_t first, ahead;
    team_share(p->x->columns, GRAIN, index, count, &first, &x.columns);
    const size_t offset = first * layer->stride;
    x.transposed += first * x.stride;
    team_share(p->x->next_rows, 1, index, count, &ahead, &x.next_rows);
    x.next += ahead;
    for (size_t i = 0; i < optimizer_row(optimizer)->states; i++)
        state[i] = p->step->state[i] + offset;
    p->pass->kernels->pixel_update[optimizer](layer->value[LAYER_WEIGHT] + offset, state, &x, p->dy, layer->stride,
                                              p->step->constants);
}

static void init(struct layer *layer, struct random *random)
{
    float value;
    /* torch computes the bound through the gain of a leaky ReLU; in another order it would round differently. */
    const double slope = sqrt(5.0), gain = sqrt(2.0 / (1 + slope * slope)), root = sqrt((double)layer->in);
    const double bound = sqrt(3.0) * (gain / root);
    for (size_t o = 0; o < layer->out; o++)
        for (size_t i = 0; i < layer->in; i++) {
            random_torch_uniform(random, &value, 1, -bound, bound);
            layer->value[LAYER_WEIGHT][i * layer->stride + o] = (real)value;
        }
    for (size_t o = 0; o < layer->out; o++) {
        random_torch_uniform(random, &value, 1, -1 / root, 1 / root);
        layer->value[LAYER_BIAS][o] = (real)value;
    }
}

static void forward(struct layer *layer, const struct layer_pass *pass, struct layer_input x)
{
    if (!x.pixels) {
        layer_linear_product(layer, pass, x.dense);
        return;
    }
    assert(layer->pixels);
    struct pixel_layer p = {.layer = layer, .pass = pass, .x = x.pixels};
    team_run(team_for(pass, pass->rows * layer->in * layer->out), pixel_product_share, &p);
}

static void backward(struct layer *layer, const struct layer_pass *pass, struct layer_input x, real *dx, const real *dy)
{
    pass->kernels->column_sums(layer->gradient[LAYER_BIAS], dy, pass->rows, layer->out, layer->stride);
    if (x.dense)
        layer_linear_weight_gradient(layer, pass, x.dense, dy);
    if (dx)
        input_gradient(layer, pass, dx, dy);
}

static size_t update(struct layer *layer, const struct layer_pass *pass, struct layer_input x, const real *dy,
                     const struct layer_step *step)
{
    struct pixel_layer p = {layer, pass, x.pixels, step, dy};
    if (!x.pixels)
        return 0;
    team_run(team_for(pass, pass->rows * layer->in * layer->out), pixel_update_share, &p);
    return layer->in * layer->stride;
}

const struct layer_type layer_linear = {
    .name = "linear",
    .title = "Linear",
    .torch = "Linear(in_features={in}, out_features={out}, bias=True)",
    .tensor = {{"weight", LAYER_TRAINED, true, 0}, {"bias", LAYER_TRAINED, false, 0}},
    .tensors = 2,
    .own_output = true,
    .own_gradient = true,
    .init = init,
    .forward = forward,
    .backward = backward,
    .update = update,
};
