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
    bool skips; /* zeros of a */
    real *c;
    const real *from;
    struct matrix a, b;
    size_t m, k, n, stride;
};

static void multiply_alone(const struct multiplication *x, real *workspace)
{
    (x->skips ? x->pass->kernels->matmul_skip : x->pass->kernels->matmul)(x->c, x->from, x->a, x->b, x->m, x->k, x->n,
                                                                          x->stride, workspace);
}

/* A share of the columns of c: packed operands are then copied once, not once a thread. */
static void multiply_share(void *multiplication, size_t index, size_t count)
{
    struct multiplication x = *(const struct multiplication *)multiplication;
    size_t first, length;
    team_share(x.n, 2 * REAL_PAD, index, count, &first, &length);
    x.c += first;
    x.from = x.from ? x.from + first : NULL;
    x.b.data += first * x.b.column;
    x.n = length;
    if (length > 0)
        multiply_alone(&x, x.pass->workspace + index * (size_t)KERNELS_WORKSPACE);
}

static void multiply(struct multiplication x)
{
    team_run(team_for(x.pass, x.m * x.n * x.k), multiply_share, &x);
}

/*
 * Whether a product by k x n numbers skips the zeros of the other operand, which x (rows, columns) is or is the
 * transpose of.  A narrow one has too few sums at a time for that; and where few are zero, dense products do more at a
 * time.  It is asked of the whole x: threads that share it all do the same, also where the other numbers are not
 * finite.
 */
static bool skips_zeros(const struct layer_pass *pass, bool zeros, const real *x, size_t columns, size_t stride,
                        size_t k, size_t n)
{
    enum { NARROWEST = 128, SMALL = 1 << 14 };
    if (!zeros || n < NARROWEST)
        return false;
    const size_t there = pass->kernels->count_nonzero(x, pass->rows, columns, stride);
    return 8 * there <= (k * n <= SMALL ? 5 : 6) * pass->rows * columns;
}

enum layer_linear_way layer_linear_product_way(const struct layer *layer, const struct layer_pass *pass, const real *x)
{
    if (!layer->pixels && kernels_dot(pass->rows, layer->in, layer->out))
        return LAYER_LINEAR_DOT;
    return skips_zeros(pass, layer->zeros_in, x, layer->in, layer->in_stride, layer->in, layer->out)
               ? LAYER_LINEAR_SKIP
               : LAYER_LINEAR_DENSE;
}

void layer_linear_product(const struct layer *layer, const struct layer_pass *pass, const real *x)
{
    const real *const w = layer->value[LAYER_WEIGHT], *const b = layer->value[LAYER_BIAS];
    const enum layer_linear_way way = layer_linear_product_way(layer, pass, x);
    if (way == LAYER_LINEAR_DOT)
        pass->kernels->matmul_dot(layer->y, b, x, layer->in_stride, w, layer->stride, pass->rows, layer->in, layer->out,
                                  layer->stride);
    else
        multiply((struct multiplication){.pass = pass,
                                         .skips = way == LAYER_LINEAR_SKIP,
                                         .c = layer->y,
                                         .from = b,
                                         .a = {x, layer->in_stride, 1},
                                         .b = {w, layer->stride, 1},
                                         .m = pass->rows,
                                         .k = layer->in,
                                         .n = layer->out,
                                         .stride = layer->stride});
}

enum layer_linear_way layer_linear_weight_gradient_way(const struct layer *layer, const struct layer_pass *pass,
                                                       const real *x)
{
    return skips_zeros(pass, layer->zeros_in, x, layer->in, layer->in_stride, pass->rows, layer->out)
               ? LAYER_LINEAR_SKIP
               : LAYER_LINEAR_DENSE;
}

struct weight_gradient {
    const struct layer *layer;
    const struct layer_pass *pass;
    const real *x, *dy;
    const struct layer_step *step; /* NULL: none is made */
    bool skips;
};

/*
 * A share of the rows of w, in strips.  A strip's gradient stays in the second-level cache until its step is made, and
 * the next one takes its place: a large gradient never goes to memory and back.
 */
static void weight_gradient_share(void *weight_gradient, size_t index, size_t count)
{
    enum { STRIP = 1 << 17, GRAIN = 48 /* rows: whole tiles of every kernel set */ };
    const struct weight_gradient *g = weight_gradient;
    const struct layer *layer = g->layer;
    const size_t fit = STRIP / layer->stride / GRAIN * GRAIN, most = fit > 0 ? fit : GRAIN;
    size_t first, length;
    team_share(layer->in, GRAIN, index, count, &first, &length);
    for (size_t row = first, rows; row < first + length; row += rows) {
        const bool kept = !g->step || g->step->keeps_gradients;
        rows = g->step && first + length - row > most ? most : first + length - row;
        const size_t at = row * layer->stride;
        real *const dw = layer->gradient[LAYER_WEIGHT] + (kept ? row : first) * layer->stride;
        const struct multiplication x = {.pass = g->pass,
                                         .skips = g->skips,
                                         .c = dw,
                                         .a = {g->x + row, 1, layer->in_stride},
                                         .b = {g->dy, layer->stride, 1},
                                         .m = rows,
                                         .k = g->pass->rows,
                                         .n = layer->out,
                                         .stride = layer->stride};
        multiply_alone(&x, g->pass->workspace + index * (size_t)KERNELS_WORKSPACE);
        if (g->step)
            layer_step(g->pass->kernels, g->step, layer->value[LAYER_WEIGHT] + at, dw, at, rows * layer->stride);
    }
}

static void weight_gradient(const struct layer *layer, const struct layer_pass *pass, const real *x, const real *dy,
                            const struct layer_step *step)
{
    struct weight_gradient g = {layer, pass, x, dy, step, false};
    g.skips = layer_linear_weight_gradient_way(layer, pass, x) == LAYER_LINEAR_SKIP;
    team_run(team_for(pass, pass->rows * layer->in * layer->out), weight_gradient_share, &g);
}

void layer_linear_weight_gradient(const struct layer *layer, const struct layer_pass *pass, const real *x,
                                  const real *dy)
{
    weight_gradient(layer, pass, x, dy, NULL);
}

/* dx = dy w^T */
static void input_gradient(const struct layer *layer, const struct layer_pass *pass, real *dx, const real *dy)
{
    multiply((struct multiplication){
        .pass = pass,
        .skips = skips_zeros(pass, layer->zeros_back, dy, layer->out, layer->stride, layer->out, layer->in),
        .c = dx,
        .a = {dy, layer->stride, 1},
        .b = {layer->value[LAYER_WEIGHT], 1, layer->stride},
        .m = pass->rows,
        .k = layer->out,
        .n = layer->in,
        .stride = layer->in_stride});
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
    real *state[OPTIMIZER_STATES_MAX];
    size_t first, ahead;
    team_share(p->x->columns, GRAIN, index, count, &first, &x.columns);
    const size_t offset = first * layer->stride;
    x.transposed += first * x.stride;
    team_share(p->x->next_rows, 1, index, count, &ahead, &x.next_rows);
    x.next += ahead;
    layer_step_state(state, p->step, offset);
    p->pass->kernels->pixel_update[optimizer](layer->value[LAYER_WEIGHT] + offset, state, &x, p->dy, layer->stride,
                                              p->step->constants,
                                              p->pass->workspace + index * (size_t)KERNELS_WORKSPACE);
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

static void backward(struct layer *layer, const struct layer_pass *pass, struct layer_input x, real *dx, const real *dy,
                     const struct layer_step *step)
{
    pass->kernels->column_sums(layer->gradient[LAYER_BIAS], dy, pass->rows, layer->out, layer->stride);
    if (dx) /* before the weights are stepped */
        input_gradient(layer, pass, dx, dy);
    if (x.dense)
        weight_gradient(layer, pass, x.dense, dy, step);
    layer->stepped = x.dense && step ? layer->in * layer->stride : 0;
}

static void update(struct layer *layer, const struct layer_pass *pass, struct layer_input x, const real *dy,
                   const struct layer_step *step)
{
    struct pixel_layer p = {layer, pass, x.pixels, step, dy};
    if (!x.pixels)
        return;
    team_run(team_for(pass, pass->rows * layer->in * layer->out), pixel_update_share, &p);
    layer->stepped = layer->in * layer->stride;
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
