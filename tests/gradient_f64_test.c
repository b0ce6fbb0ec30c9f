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

/* -- one layer at a time -- */

struct layer {
    size_t rows, in, out, in_stride, stride;
    double *x, *w, *b, *gamma, *beta; /* inputs */
    double *dx, *dw, *db, *dgamma, *dbeta;
    double *y, *weight; /* the output, and L's weight of each of its elements */
    double *mean, *rstd, *running_mean, *running_var;
    double *workspace; /* of matmul */
    uint8_t *labels;
};

static void layer_new(struct layer *layer, uint64_t *state)
{
    *layer = (struct layer){
        .rows = test_between(state, 2, 9), .in = test_between(state, 1, 40), .out = test_between(state, 1, 40)};
    layer->in_stride = real_padded(layer->in);
    layer->stride = real_padded(layer->out);
    layer->w = array(layer->in, layer->out, state, -1, 1);
    layer->dw = array(layer->in, layer->out, state, 0, 0);
    double **const wide[] = {&layer->y, &layer->weight};
    for (size_t i = 0; i < 2; i++)
        *wide[i] = array(layer->rows, layer->out, state, -1, 1);
    layer->x = array(layer->rows, layer->in > layer->out ? layer->in : layer->out, state, -1, 1);
    layer->dx = array(layer->rows, layer->in > layer->out ? layer->in : layer->out, state, 0, 0);
    double **const vectors[] = {&layer->b,     &layer->gamma, &layer->beta, &layer->db,           &layer->dgamma,
                                &layer->dbeta, &layer->mean,  &layer->rstd, &layer->running_mean, &layer->running_var};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        *vectors[i] = array(1, layer->out, state, 0.5, 1.5);
    layer->workspace = array(1, KERNELS_WORKSPACE, state, 0, 0);
    layer->labels = malloc(layer->rows);
    assert_non_null(layer->labels);
    for (size_t b = 0; b < layer->rows; b++)
        layer->labels[b] = (uint8_t)test_between(state, 0, layer->out - 1);
}

static void layer_free(struct layer *layer)
{
    double *const all[] = {layer->x,           layer->w,        layer->b,    layer->gamma,  layer->beta,
                           layer->dx,          layer->dw,       layer->db,   layer->dgamma, layer->dbeta,
                           layer->y,           layer->weight,   layer->mean, layer->rstd,   layer->running_mean,
                           layer->running_var, layer->workspace};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    free(layer->labels);
}

static double weighted(const struct layer *layer)
{
    double sum = 0;
    for (size_t i = 0; i < layer->rows * layer->stride; i++)
        sum += layer->weight[i] * layer->y[i];
    return sum;
}

static double dense_loss(void *context, uint64_t *signs)
{
    const struct layer *l = context;
    *signs = 0;
    kernels()->matmul(l->y, l->b, (struct matrix){l->x, l->in_stride, 1}, (struct matrix){l->w, l->stride, 1}, l->rows,
                      l->in, l->out, l->stride, l->workspace);
    return weighted(l);
}

/* The same layer with its sums in lanes. */
static double dot_loss(void *context, uint64_t *signs)
{
    const struct layer *l = context;
    *signs = 0;
    kernels()->matmul_dot(l->y, l->b, l->x, l->in_stride, l->w, l->stride, l->rows, l->in, l->out, l->stride);
    return weighted(l);
}

static void test_dense(void **unused)
{
    (void)unused;
    struct tally tally = {0, 0};
    for (uint64_t seed = 1; seed <= SHAPES; seed++) {
        uint64_t state = seed;
        struct layer l;
        layer_new(&l, &state);
        free(l.x);
        free(l.dx);
        l.x = array(l.rows, l.in, &state, -1, 1);
        l.dx = array(l.rows, l.in, &state, 0, 0);
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
        layer_free(&l);
    }
    check_tally(&tally);
}

/* The layer on non-zero pixels: x (rows, in) of bytes / 255. */
struct pixels {
    struct layer layer;
    struct pixel_batch batch;
    uint8_t images[9 * 40 + PIXELS_SLACK];
    struct memory memory;
};

static void pixels_new(struct pixels *pixels, uint64_t *state)
{
    struct layer *l = &pixels->layer;
    uint32_t order[9];
    struct error err;
    memset(pixels, 0, sizeof *pixels);
    layer_new(l, state);
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
    layer_free(&pixels->layer);
    memory_free(&pixels->memory);
}

static double pixel_loss(void *context, uint64_t *signs)
{
    const struct pixels *pixels = context;
    const struct layer *l = &pixels->layer;
    *signs = 0;
    kernels()->pixel_matmul(l->y, l->b, &pixels->batch, l->w, l->stride);
    return weighted(l);
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
        struct layer *l = &pixels.layer;
        pixels_new(&pixels, &state);
        kernels()->pixel_update[0](l->dw, state_arrays, &pixels.batch, l->weight, l->stride, constants);
        check_array(l->w, l->dw, l->in, l->out, pixel_loss, &pixels, &tally, &state, "pixels, w");
        pixels_free(&pixels);
    }
    check_tally(&tally);
}

static uint64_t hash_signs(uint64_t hash, const double *y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ (y[i] > 0)) * 0x100000001b3u + 1;
    return hash;
}

static double relu_loss(void *context, uint64_t *signs)
{
    const struct layer *l = context;
    kernels()->relu(l->y, l->x, l->rows, l->stride);
    *signs = hash_signs(0, l->y, l->rows * l->stride);
    return weighted(l);
}

static void test_relu(void **unused)
{
    (void)unused;
    struct tally tally = {0, 0};
    for (uint64_t seed = 1; seed <= SHAPES; seed++) {
        uint64_t state = seed, signs;
        struct layer l;
        layer_new(&l, &state);
        free(l.x);
        l.x = array(l.rows, l.out, &state, -1, 1);
        relu_loss(&l, &signs);
        kernels()->relu_backward(l.dx, l.weight, l.y, l.rows, l.stride);
        check_array(l.x, l.dx, l.rows, l.out, relu_loss, &l, &tally, &state, "relu, x");
        layer_free(&l);
    }
    check_tally(&tally);
}

static double batchnorm_loss(void *context, uint64_t *signs)
{
    const struct layer *l = context;
    *signs = 0;
    kernels()->batchnorm(l->y, l->x, l->gamma, l->beta, l->mean, l->rstd, l->running_mean, l->running_var,
                         MLP_BATCHNORM_MOMENTUM, MLP_BATCHNORM_EPS, false, l->rows, l->stride);
    return weighted(l);
}

static void test_batchnorm(void **unused)
{
    (void)unused;
    struct tally tally = {0, 0};
    for (uint64_t seed = 1; seed <= SHAPES; seed++) {
        uint64_t state = seed, signs;
        struct layer l;
        layer_new(&l, &state);
        free(l.x);
        l.x = array(l.rows, l.out, &state, -1, 1);
        batchnorm_loss(&l, &signs);
        kernels()->batchnorm_backward(l.dx, l.dgamma, l.dbeta, l.weight, l.x, l.gamma, l.mean, l.rstd, l.rows,
                                      l.stride);
        check_array(l.x, l.dx, l.rows, l.out, batchnorm_loss, &l, &tally, &state, "batchnorm, x");
        check_array(l.gamma, l.dgamma, 1, l.out, batchnorm_loss, &l, &tally, &state, "batchnorm, gamma");
        check_array(l.beta, l.dbeta, 1, l.out, batchnorm_loss, &l, &tally, &state, "batchnorm, beta");
        layer_free(&l);
    }
    check_tally(&tally);
}

static double softmax_loss(void *context, uint64_t *signs)
{
    const struct layer *l = context;
    size_t correct = 0;
    *signs = 0;
    return kernels()->softmax_cross_entropy(NULL, l->x, l->labels, l->rows, l->out, l->stride, &correct) /
           (double)l->rows;
}

static void test_softmax_cross_entropy(void **unused)
{
    (void)unused;
    struct tally tally = {0, 0};
    for (uint64_t seed = 1; seed <= SHAPES; seed++) {
        uint64_t state = seed;
        struct layer l;
        size_t correct = 0;
        layer_new(&l, &state);
        free(l.x);
        l.x = array(l.rows, l.out, &state, -4, 4);
        kernels()->softmax_cross_entropy(l.dx, l.x, l.labels, l.rows, l.out, l.stride, &correct);
        check_array(l.x, l.dx, l.rows, l.out, softmax_loss, &l, &tally, &state, "softmax cross-entropy, logits");
        layer_free(&l);
    }
    check_tally(&tally);
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
    const double *z = mlp_forward(&net->mlp, kernels(), (struct mlp_input){.dense = net->x}, net->rows, true);
    const struct mlp_layer *last = &net->mlp.layer[net->mlp.shape.layers - 1];
    *signs = 0;
    for (size_t l = 0; l + 1 < net->mlp.shape.layers; l++)
        *signs = hash_signs(*signs, net->mlp.layer[l].y, net->rows * net->mlp.layer[l].stride);
    return kernels()->softmax_cross_entropy(NULL, z, net->labels, net->rows, last->out, last->stride, &correct) /
           (double)net->rows;
}

static void check_net(enum mlp_norm norm, uint64_t seed, struct tally *tally)
{
    uint64_t state = seed * 977;
    struct net net = {.rows = test_between(&state, 2, 9)};
    struct mlp_shape shape = {.inputs = test_between(&state, 1, 40), .layers = 1 + seed % 5, .norm = norm};
    struct error err;
    struct random random;
    size_t correct = 0;
    for (size_t l = 0; l < shape.layers; l++)
        shape.sizes[l] = test_between(&state, 1, 40);
    mlp_layout(&net.mlp, &shape, net.rows, 1, &net.memory);
    assert_int_equal(memory_allocate(&net.memory, "a net", &err), 0);
    mlp_layout(&net.mlp, &shape, net.rows, 1, &net.memory);
    random_seed(&random, seed);
    mlp_init(&net.mlp, &random);
    for (size_t l = 0; l + 1 < shape.layers && norm != MLP_NORM_NONE; l++) /* away from the special values 1 and 0 */
        for (size_t f = 0; f < shape.sizes[l]; f++) {
            net.mlp.layer[l].gamma[f] = test_uniform(&state, 0.5, 1.5);
            net.mlp.layer[l].beta[f] = test_uniform(&state, -0.5, 0.5);
        }
    net.x = array(net.rows, shape.inputs, &state, 0, 1);
    net.labels = malloc(net.rows);
    assert_non_null(net.labels);
    const size_t classes = shape.sizes[shape.layers - 1];
    for (size_t b = 0; b < net.rows; b++)
        net.labels[b] = (uint8_t)test_between(&state, 0, classes - 1);

    const double *z = mlp_forward(&net.mlp, kernels(), (struct mlp_input){.dense = net.x}, net.rows, true);
    kernels()->softmax_cross_entropy(net.mlp.gradient[0], z, net.labels, net.rows, classes, real_padded(classes),
                                     &correct);
    for (size_t i = 0; i < net.mlp.count; i++)
        net.mlp.grads[i] = 4711; /* backward sets every gradient, padding and all */
    mlp_backward(&net.mlp, kernels(), (struct mlp_input){.dense = net.x}, net.rows);
    for (size_t l = 0; l < shape.layers; l++) {
        struct mlp_layer *layer = &net.mlp.layer[l];
        char what[128];
        struct {
            const char *name;
            double *x, *dx;
            size_t rows;
        } arrays[] = {{"w", layer->w, layer->dw, layer->in},
                      {"b", layer->b, layer->db, 1},
                      {"gamma", layer->gamma, layer->dgamma, 1},
                      {"beta", layer->beta, layer->dbeta, 1}};
        for (size_t a = 0; a < (layer->normalised ? 4 : 2); a++) {
            snprintf(what, sizeof what, "net %ju%s, layer %zu of %zu, %s", (uintmax_t)seed,
                     norm == MLP_NORM_BATCHNORM ? " with BatchNorm" : "", l, shape.layers, arrays[a].name);
            check_array(arrays[a].x, arrays[a].dx, arrays[a].rows, layer->out, net_loss, &net, tally, &state, what);
            for (size_t i = 0; i < arrays[a].rows; i++)
                for (size_t j = layer->out; j < layer->stride; j++)
                    assert_true(arrays[a].dx[i * layer->stride + j] == 0);
        }
    }
    free(net.x);
    free(net.labels);
    memory_free(&net.memory);
}

static void test_net_plain(void **unused)
{
    (void)unused;
    struct tally tally = {0, 0};
    for (uint64_t seed = 1; seed <= SHAPES; seed++)
        check_net(MLP_NORM_NONE, seed, &tally);
    check_tally(&tally);
}

static void test_net_batchnorm(void **unused)
{
    (void)unused;
    struct tally tally = {0, 0};
    for (uint64_t seed = 1; seed <= SHAPES; seed++)
        check_net(MLP_NORM_BATCHNORM, seed, &tally);
    check_tally(&tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dense),
        cmocka_unit_test(test_pixels),
        cmocka_unit_test(test_relu),
        cmocka_unit_test(test_batchnorm),
        cmocka_unit_test(test_softmax_cross_entropy),
        cmocka_unit_test(test_net_plain),
        cmocka_unit_test(test_net_batchnorm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
