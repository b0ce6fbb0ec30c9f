/* The gradients of every type of layer, and of whole nets, against differences: the same sources built for double. */
#include "gradient_check.h"

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
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_nets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
