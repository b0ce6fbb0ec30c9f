/*
 * Every layer's gradient, and the whole net's, against central differences in double: the same sources as the
 * program's, built with DLEXP_REAL_DOUBLE.
 *
 * The loss of a layer test is L = sum of fixed random weights times the outputs.  The difference quotient is the
 * five-point one, (8 (L(+h) - L(-h)) - (L(+2h) - L(-2h))) / 12h, with error O(h^4) + 1e-15 |L| / h.  The best of
 * several h counts: a large one where L is smooth, a small one where a tiny batch variance bends it.  An h whose steps
 * carry a ReLU over its kink is not taken.
 *
 * Relative error: |a - n| / max(|a|, |n|, FLOOR).  FLOOR = 1e-3 is where rounding in L (about 1e-15 / h = 1e-10 at the
 * least h) would itself reach the limit; gradients that are zero in theory, as of a bias before BatchNorm, need it.
 */
#include "support.h"

#include "dlexp/base/memory.h"
#include "dlexp/kernels/kernels.h"
#include "dlexp/net/mlp.h"
#include "dlexp/net/pixels.h"

#ifndef DLEXP_REAL_DOUBLE
#error "build this test and its sources with DLEXP_REAL_DOUBLE"
#endif

#define LIMIT 1e-6
#define FLOOR 1e-3

enum { SHAPES = 30, CHECKED_MAX = 40 };

/* L as a function of numbers that lie in memory; *signs gets a hash of which side of its kink each ReLU is on. */
typedef double loss_fn(void *context, uint64_t *signs);

struct tally {
    size_t checked, kinks;
};

static void check_gradient(double *x, double analytic, loss_fn *loss, void *context, struct tally *tally,
                           const char *what, size_t index)
{
    static const double steps[] = {1e-3, 1e-4, 1e-5};
    const double before = *x;
    double best = INFINITY, closest = NAN;
    uint64_t signs, moved;
    loss(context, &signs);
    for (size_t s = 0; s < sizeof steps / sizeof *steps && !(best <= LIMIT); s++) {
        double value[4];
        bool kink = false;
        for (int i = 0; i < 4; i++) {
            static const int places[] = {-2, -1, 1, 2};
            *x = before + places[i] * steps[s];
            value[i] = loss(context, &moved);
            kink = kink || moved != signs;
        }
        *x = before;
        if (kink)
            continue;
        const double numeric = (8 * (value[2] - value[1]) - (value[3] - value[0])) / (12 * steps[s]);
        const double error = fabs(analytic - numeric) / fmax(fmax(fabs(analytic), fabs(numeric)), FLOOR);
        if (!(error >= best)) {
            best = error;
            closest = numeric;
        }
    }
    tally->checked++;
    if (isinf(best))
        tally->kinks++;
    else if (!(best <= LIMIT))
        fail_msg("%s, element %zu: gradient %.12g, by differences %.12g, relative error %.3g", what, index, analytic,
                 closest, best);
}

/* The elements of a (rows, columns) array with padded rows: all, or a random CHECKED_MAX of them. */
static void check_array(double *x, const double *dx, size_t rows, size_t columns, loss_fn *loss, void *context,
                        struct tally *tally, uint64_t *state, const char *what)
{
    const size_t count = rows * columns;
    for (size_t n = 0; n < count && n < CHECKED_MAX; n++) {
        const size_t i = count <= CHECKED_MAX ? n : test_between(state, 0, count - 1);
        const size_t at = i / columns * real_padded(columns) + i % columns;
        check_gradient(&x[at], dx[at], loss, context, tally, what, i);
    }
}

/* Few points may be lost to kinks; else the test would pass by looking away. */
static void check_tally(const struct tally *tally)
{
    assert_true(tally->checked > 100);
    assert_true(tally->kinks * 100 <= tally->checked);
}

static const struct kernels *kernels(void)
{
    struct error err;
    const struct kernels *found = kernels_find("portable", &err);
    assert_non_null(found);
    return found;
}

static double *array(size_t rows, size_t columns, uint64_t *state, double low, double high)
{
    void *memory;
    const size_t stride = real_padded(columns);
    assert_int_equal(posix_memalign(&memory, REAL_ALIGN, rows * stride * sizeof(double)), 0);
    double *x = memory;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < stride; j++)
            x[i * stride + j] = j < columns ? test_uniform(state, low, high) : 0;
    return x;
}

/* -- kernels that layers choose between -- */

struct scene {
    size_t rows, in, out, in_stride, stride;
    double *x, *w, *b, *dx, *dw, *db;
    double *y, *weight; /* the output, and L's weight of each of its elements */
    double *workspace;  /* of matmul */
    uint8_t labels[9];
};

static void scene_new(struct scene *scene, uint64_t *state)
{
    *scene = (struct scene){
        .rows = test_between(state, 2, 9), .in = test_between(state, 1, 40), .out = test_between(state, 1, 40)};
    scene->in_stride = real_padded(scene->in);
    scene->stride = real_padded(scene->out);
    scene->x = array(scene->rows, scene->in, state, -1, 1);
    scene->dx = array(scene->rows, scene->in, state, 0, 0);
    scene->w = array(scene->in, scene->out, state, -1, 1);
    scene->dw = array(scene->in, scene->out, state, 0, 0);
    scene->b = array(1, scene->out, state, 0.5, 1.5);
    scene->db = array(1, scene->out, state, 0, 0);
    scene->y = array(scene->rows, scene->out, state, -1, 1);
    scene->weight = array(scene->rows, scene->out, state, -1, 1);
    scene->workspace = array(1, KERNELS_WORKSPACE, state, 0, 0);
}

static void scene_free(struct scene *scene)
{
    double *const all[] = {scene->x,  scene->w, scene->b,      scene->dx,       scene->dw,
                           scene->db, scene->y, scene->weight, scene->workspace};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

static double weighted(const double *weight, const double *y, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += weight[i] * y[i];
    return sum;
}

static double dense_loss(void *context, uint64_t *signs)
{
    const struct scene *l = context;
    *signs = 0;
    kernels()->matmul(l->y, l->b, (struct matrix){l->x, l->in_stride, 1}, (struct matrix){l->w, l->stride, 1}, l->rows,
                      l->in, l->out, l->stride, l->workspace);
    return weighted(l->weight, l->y, l->rows * l->stride);
}

/* The same layer with its sums in lanes. */
static double dot_loss(void *context, uint64_t *signs)
{
    const struct scene *l = context;
    *signs = 0;
    kernels()->matmul_dot(l->y, l->b, l->x, l->in_stride, l->w, l->stride, l->rows, l->in, l->out, l->stride);
    return weighted(l->weight, l->y, l->rows * l->stride);
}

static void test_dense(void **unused)
{
    (void)unused;
    struct tally tally = {0, 0};
    for (uint64_t seed = 1; seed <= SHAPES; seed++) {
        uint64_t state = seed;
        struct scene l;
        scene_new(&l, &state);
        kernels()->matmul(l.dw, NULL, (struct matrix){l.x, 1, l.in_stride}, (struct matrix){l.weight, l.stride, 1},
                          l.in, l.rows, l.out, l.stride, l.workspace);
        kernels()->column_sums(l.db, l.weight, l.rows, l.out, l.stride);
        kernels()->matmul(l.dx, NULL, (struct matrix){l.weight, l.stride, 1}, (struct matrix){l.w, 1, l.stride}, l.rows,
                          l.out, l.in, l.in_stride, l.workspace);
        check_array(l.x, l.dx, l.rows, l.in, dense_loss, &l, &tally, &state, "dense, x");
        check_array(l.w, l.dw, l.in, l.out, dense_loss, &l, &tally, &state, "dense, w");
        check_array(l.b, l.db, 1, l.out, dense_loss, &l, &tally, &state, "dense, b");
        check_array(l.x, l.dx, l.rows, l.in, dot_loss, &l, &tally, &state, "dense in lanes, x");
        check_array(l.w, l.dw, l.in, l.out, dot_loss, &l, &tally, &state, "dense in lanes, w");
        check_array(l.b, l.db, 1, l.out, dot_loss, &l, &tally, &state, "dense in lanes, b");
        scene_free(&l);
    }
    check_tally(&tally);
}

/* The layer on non-zero pixels: x (rows, in) of bytes / 255. */
struct pixels {
    struct scene scene;
    struct pixel_batch batch;
    uint8_t images[9 * 40 + PIXELS_SLACK];
    struct memory memory;
};

static void pixels_new(struct pixels *pixels, uint64_t *state)
{
    struct scene *l = &pixels->scene;
    uint32_t order[9];
    struct error err;
    memset(pixels, 0, sizeof *pixels);
    scene_new(l, state);
    for (size_t i = 0; i < l->rows * l->in; i++)
        pixels->images[i] = test_between(state, 0, 2) ? (uint8_t)test_between(state, 1, 255) : 0;
    for (uint32_t b = 0; b < l->rows; b++)
        order[b] = b;
    pixel_batch_layout(&pixels->batch, l->rows, l->in, &pixels->memory);
    assert_int_equal(memory_allocate(&pixels->memory, "a batch", &err), 0);
    pixel_batch_layout(&pixels->batch, l->rows, l->in, &pixels->memory);
    pixel_batch_gather(&pixels->batch, kernels(), pixels->images, order, l->rows, order, 0, true);
}

static void pixels_free(struct pixels *pixels)
{
    scene_free(&pixels->scene);
    memory_free(&pixels->memory);
}

static double pixel_loss(void *context, uint64_t *signs)
{
    const struct pixels *pixels = context;
    const struct scene *l = &pixels->scene;
    *signs = 0;
    kernels()->pixel_matmul(l->y, l->b, &pixels->batch, l->w, l->stride);
    return weighted(l->weight, l->y, l->rows * l->stride);
}

static void test_pixels(void **unused)
{
    (void)unused;
    /* From w = 0, the step w <- w + 1 g of SGD leaves the gradient itself. */
    static const double constants[OPTIMIZER_CONSTANTS_MAX] = {1};
    double *const state_arrays[OPTIMIZER_STATES_MAX] = {NULL};
    struct tally tally = {0, 0};
    assert_string_equal(optimizer_row(0)->name, "sgd");
    for (uint64_t seed = 1; seed <= SHAPES; seed++) {
        uint64_t state = seed;
        struct pixels pixels;
        struct scene *l = &pixels.scene;
        pixels_new(&pixels, &state);
        kernels()->pixel_update[0](l->dw, state_arrays, &pixels.batch, l->weight, l->stride, constants, NULL);
        check_array(l->w, l->dw, l->in, l->out, pixel_loss, &pixels, &tally, &state, "pixels, w");
        pixels_free(&pixels);
    }
    check_tally(&tally);
}

static double softmax_loss(void *context, uint64_t *signs)
{
    const struct scene *l = context;
    size_t correct = 0;
    *signs = 0;
    return kernels()->softmax_cross_entropy(NULL, l->y, l->labels, l->rows, l->out, l->stride, &correct, NULL) /
           (double)l->rows;
}

static void test_softmax_cross_entropy(void **unused)
{
    (void)unused;
    struct tally tally = {0, 0};
    for (uint64_t seed = 1; seed <= SHAPES; seed++) {
        uint64_t state = seed;
        struct scene l;
        size_t correct = 0;
        scene_new(&l, &state);
        double *const dy = array(l.rows, l.out, &state, 0, 0);
        free(l.y);
        l.y = array(l.rows, l.out, &state, -4, 4);
        for (size_t b = 0; b < l.rows; b++)
            l.labels[b] = (uint8_t)test_between(&state, 0, l.out - 1);
        kernels()->softmax_cross_entropy(dy, l.y, l.labels, l.rows, l.out, l.stride, &correct, NULL);
        check_array(l.y, dy, l.rows, l.out, softmax_loss, &l, &tally, &state, "softmax cross-entropy, logits");
        free(dy);
        scene_free(&l);
    }
    check_tally(&tally);
}

static uint64_t hash_signs(uint64_t hash, const double *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ (y[i] > 0)) * 0x100000001b3u + 1;
    return hash;
}

/* -- one layer of each type of the table -- */

struct alone {
    struct layer before, layer;
    struct layer_pass pass;
    struct memory memory;
    double *x, *dx, *weight;
};

static double alone_loss(void *context, uint64_t *signs)
{
    struct alone *a = context;
    const size_t count = a->pass.rows * a->layer.stride;
    a->layer.type->forward(&a->layer, &a->pass, (struct layer_input){.dense = a->x});
    *signs = a->layer.type->makes_zeros ? hash_signs(0, a->layer.y, count) : 0;
    return weighted(a->weight, a->layer.y, count);
}

/* Sizes of its own, its tensors away from special values, x and y apart whatever the type does in a net. */
static void alone_new(struct alone *a, const struct layer_type *type, uint64_t *state)
{
    const size_t in = test_between(state, 1, 40), out = type->own_gradient ? test_between(state, 1, 40) : in;
    struct error err;
    *a = (struct alone){.pass = {.kernels = kernels(), .rows = test_between(state, 2, 9), .training = true}};
    a->before = (struct layer){.type = &layer_linear, .out = in, .stride = layer_row_stride(in)};
    for (int placed = 0; placed < 2; placed++) {
        layer_follow(&a->layer, type, &a->before, 0, out);
        const size_t trained = layer_numbers(&a->layer, LAYER_TRAINED);
        double *params = memory_take(&a->memory, trained, sizeof(double));
        double *grads = memory_take(&a->memory, trained, sizeof(double));
        const size_t running = layer_numbers(&a->layer, LAYER_RUNNING);
        layer_place(&a->layer, params, grads, memory_take(&a->memory, running, sizeof(double)));
        layer_take(&a->layer, &a->before, a->pass.rows, &a->memory);
        a->layer.y = memory_take(&a->memory, a->pass.rows * a->layer.stride, sizeof(double));
        a->pass.workspace = memory_take(&a->memory, KERNELS_WORKSPACE, sizeof(double));
        if (!placed)
            assert_int_equal(memory_allocate(&a->memory, "a layer", &err), 0);
    }
    for (size_t t = 0; t < type->tensors; t++)
        for (size_t i = 0; a->layer.gradient[t] && i < layer_tensor_rows(&a->layer, t); i++)
            for (size_t j = 0; j < out; j++)
                a->layer.value[t][i * a->layer.stride + j] = test_uniform(state, 0.5, 1.5);
    a->x = array(a->pass.rows, in, state, -1, 1);
    a->dx = array(a->pass.rows, in, state, 0, 0);
    a->weight = array(a->pass.rows, out, state, -1, 1);
}

static void check_type(const struct layer_type *type)
{
    struct tally tally = {0, 0};
    for (uint64_t seed = 1; seed <= SHAPES; seed++) {
        uint64_t state = seed, signs;
        struct alone a;
        char what[64];
        alone_new(&a, type, &state);
        alone_loss(&a, &signs);
        type->backward(&a.layer, &a.pass, (struct layer_input){.dense = a.x}, a.dx, a.weight, NULL);
        snprintf(what, sizeof what, "%s, x", type->name);
        check_array(a.x, a.dx, a.pass.rows, a.layer.in, alone_loss, &a, &tally, &state, what);
        for (size_t t = 0; t < type->tensors; t++) {
            snprintf(what, sizeof what, "%s, %s", type->name, type->tensor[t].name);
            if (a.layer.gradient[t])
                check_array(a.layer.value[t], a.layer.gradient[t], layer_tensor_rows(&a.layer, t), a.layer.out,
                            alone_loss, &a, &tally, &state, what);
        }
        free(a.x);
        free(a.dx);
        free(a.weight);
        memory_free(&a.memory);
    }
    check_tally(&tally);
}

static void test_types(void **unused)
{
    (void)unused;
    const struct layer_type *type;
    for (size_t i = 0; (type = layer_type_row(i)); i++)
        check_type(type);
}

/* -- the whole net -- */

struct net {
    struct mlp mlp;
    struct memory memory;
    double *x;
    uint8_t *labels;
    size_t rows;
};

static double net_loss(void *context, uint64_t *signs)
{
    struct net *net = context;
    size_t correct = 0;
    const double *z = mlp_forward(&net->mlp, kernels(), (struct layer_input){.dense = net->x}, net->rows, true);
    const struct layer *last = mlp_last(&net->mlp);
    *signs = 0;
    for (size_t l = 0; l < net->mlp.layers; l++)
        if (net->mlp.layer[l].type->makes_zeros)
            *signs = hash_signs(*signs, net->mlp.layer[l].y, net->rows * net->mlp.layer[l].stride);
    return kernels()->softmax_cross_entropy(NULL, z, net->labels, net->rows, last->out, last->stride, &correct, NULL) /
           (double)net->rows;
}

/* Norms away from their special values 1 and 0. */
static void scatter_norms(struct mlp *mlp, uint64_t *state)
{
    for (size_t l = 0; l < mlp->layers; l++)
        for (size_t t = 0; t < mlp->layer[l].type->tensors; t++)
            for (size_t f = 0; mlp->layer[l].type->norm && mlp->layer[l].gradient[t] && f < mlp->layer[l].out; f++)
                mlp->layer[l].value[t][f] += test_uniform(state, -0.5, 0.5);
}

static void check_layer(struct net *net, size_t l, uint64_t seed, struct tally *tally, uint64_t *state)
{
    const struct layer *layer = &net->mlp.layer[l];
    const struct mlp_shape *shape = &net->mlp.shape;
    for (size_t t = 0; t < layer->type->tensors; t++) {
        char what[160];
        const size_t rows = layer_tensor_rows(layer, t);
        if (!layer->gradient[t])
            continue;
        snprintf(what, sizeof what, "net %ju with %s and %s, layer %zu (%s), %s", (uintmax_t)seed,
                 shape->norm ? shape->norm->name : "no norm", shape->activation->name, l, layer->type->name,
                 layer->type->tensor[t].name);
        check_array(layer->value[t], layer->gradient[t], rows, layer->out, net_loss, net, tally, state, what);
        for (size_t i = 0; i < rows; i++)
            for (size_t j = layer->out; j < layer->stride; j++)
                assert_true(layer->gradient[t][i * layer->stride + j] == 0);
    }
}

static void check_net(const struct layer_type *norm, const struct layer_type *activation, uint64_t seed,
                      struct tally *tally)
{
    uint64_t state = seed * 977;
    struct net net = {.rows = test_between(&state, 2, 9)};
    struct mlp_shape shape = {
        .inputs = test_between(&state, 1, 40), .hidden = seed % 5, .norm = norm, .activation = activation};
    struct error err;
    struct random random;
    size_t correct = 0;
    for (size_t l = 0; l < shape.hidden; l++)
        shape.widths[l] = test_between(&state, 1, 40);
    shape.classes = test_between(&state, 1, 40);
    mlp_layout(&net.mlp, &shape, net.rows, 1, &net.memory);
    assert_int_equal(memory_allocate(&net.memory, "a net", &err), 0);
    mlp_layout(&net.mlp, &shape, net.rows, 1, &net.memory);
    random_seed(&random, seed);
    mlp_init(&net.mlp, &random);
    scatter_norms(&net.mlp, &state);
    net.x = array(net.rows, shape.inputs, &state, 0, 1);
    net.labels = malloc(net.rows);
    assert_non_null(net.labels);
    for (size_t b = 0; b < net.rows; b++)
        net.labels[b] = (uint8_t)test_between(&state, 0, shape.classes - 1);

    const double *z = mlp_forward(&net.mlp, kernels(), (struct layer_input){.dense = net.x}, net.rows, true);
    kernels()->softmax_cross_entropy(net.mlp.gradient[0], z, net.labels, net.rows, shape.classes,
                                     real_padded(shape.classes), &correct, NULL);
    for (size_t i = 0; i < net.mlp.count; i++)
        net.mlp.grads[i] = 4711; /* backward sets every gradient, padding and all */
    mlp_backward(&net.mlp, kernels(), (struct layer_input){.dense = net.x}, net.rows, NULL);
    for (size_t l = 0; l < net.mlp.layers; l++)
        check_layer(&net, l, seed, tally, &state);
    free(net.x);
    free(net.labels);
    memory_free(&net.memory);
}

static void test_nets(void **unused)
{
    (void)unused;
    const char *name;
    for (size_t n = 0; layer_norm_name(n, &name); n++)
        for (size_t a = 0; layer_activation_name(a, &name); a++) {
            struct tally tally = {0, 0};
            for (uint64_t seed = 1; seed <= (test_is_long() ? 12 : 6); seed++)
                check_net(layer_norm_row(n), layer_activation_row(a), seed, &tally);
            check_tally(&tally);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dense), cmocka_unit_test(test_pixels), cmocka_unit_test(test_softmax_cross_entropy),
        cmocka_unit_test(test_types), cmocka_unit_test(test_nets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
