/* What a forward pass computes: in eval and in training mode, from the state_dict alone, and nothing from padding. */
#include "mlp_nets.h"

/* A net behind STEPS steps. */
static void net_trained(struct mlp *mlp, struct memory *memory, const struct mlp_shape *shape,
                        const struct kernels *kernels, const struct batch *batch)
{
    net_new(mlp, memory, shape, ROWS, 5);
    for (int step = 0; step < STEPS; step++)
        train_step(mlp, kernels, batch);
}

/* Eval mode: running statistics, untouched, each row for itself; without BatchNorm it is the same as training mode. */
static void test_modes(void **unused)
{
    (void)unused;
    static struct batch batch;
    struct error err;
    const struct kernels *kernels = kernels_find("portable", &err);
    batch_fill(&batch, 4);
    struct mlp_shape shape = shape_of(INPUTS, "19-7", CLASSES, NULL);
    for (size_t kind = 0; kind_of_net(kind, &shape.norm, &shape.activation); kind++) {
        struct mlp mlp;
        struct memory memory;
        net_trained(&mlp, &memory, &shape, kernels, &batch);
        const size_t state = mlp_state_count(&mlp) * sizeof *mlp.params,
                     size = ROWS * real_padded(CLASSES) * sizeof(float);
        float *before = malloc(state), eval[ROWS * REAL_PAD], again[ROWS * REAL_PAD];
        assert_non_null(before);
        memcpy(before, mlp.params, state);
        assert_int_equal(size, sizeof eval);
        memcpy(eval, mlp_forward(&mlp, kernels, dense(&batch.x[0][0]), ROWS, false), size);
        assert_memory_equal(mlp.params, before, state);
        assert_int_equal(mlp.batches_tracked, STEPS);
        for (size_t b = 0; b < ROWS; b++) { /* a batch of one, allowed here */
            const float *row = mlp_forward(&mlp, kernels, dense(batch.x[b]), 1, false);
            assert_memory_equal(row, eval + b * REAL_PAD, REAL_PAD * sizeof *row);
        }
        memcpy(again, mlp_forward(&mlp, kernels, dense(&batch.x[0][0]), ROWS, true), size);
        if (mlp.running_count == 0) {
            assert_memory_equal(again, eval, size);
            assert_memory_equal(mlp.params, before, state);
        } else {
            assert_memory_not_equal(again, eval, size);
            assert_memory_equal(mlp.params, before, mlp.count * sizeof *before);
            assert_memory_not_equal(mlp.running, before + mlp.count, mlp.running_count * sizeof *before);
        }

        /* A snapshot is the state_count() numbers from params on: put back, the net answers as it did. */
        for (int step = 0; step < STEPS; step++)
            train_step(&mlp, kernels, &batch);
        memcpy(again, mlp_forward(&mlp, kernels, dense(&batch.x[0][0]), ROWS, false), size);
        assert_memory_not_equal(again, eval, size);
        memcpy(mlp.params, before, state);
        memcpy(again, mlp_forward(&mlp, kernels, dense(&batch.x[0][0]), ROWS, false), size);
        assert_memory_equal(again, eval, size);
        free(before);
        memory_free(&memory);
    }
}

static void apply_relu(double *value, size_t count, const struct mlp_tensor *p)
{
    (void)p;
    for (size_t i = 0; i < count; i++)
        value[i] = fmax(value[i], 0);
}

static void apply_batchnorm(double *value, size_t count, const struct mlp_tensor *p)
{
    for (size_t i = 0; i < count; i++)
        value[i] = (double)mlp_tensor_value(&p[0], i) * (value[i] - (double)mlp_tensor_value(&p[2], i)) /
                       sqrt((double)mlp_tensor_value(&p[3], i) + 1e-5) +
                   (double)mlp_tensor_value(&p[1], i);
}

static void apply_layernorm(double *value, size_t count, const struct mlp_tensor *p)
{
    double mean = 0, variance = 0;
    for (size_t i = 0; i < count; i++)
        mean += value[i] / (double)count;
    for (size_t i = 0; i < count; i++)
        variance += (value[i] - mean) * (value[i] - mean) / (double)count;
    for (size_t i = 0; i < count; i++)
        value[i] = (double)mlp_tensor_value(&p[0], i) * (value[i] - mean) / sqrt(variance + 1e-5) +
                   (double)mlp_tensor_value(&p[1], i);
}

static void apply_sigmoid(double *value, size_t count, const struct mlp_tensor *p)
{
    (void)p;
    for (size_t i = 0; i < count; i++)
        value[i] = 1 / (1 + exp(-value[i]));
}

static void apply_tanh(double *value, size_t count, const struct mlp_tensor *p)
{
    (void)p;
    for (size_t i = 0; i < count; i++)
        value[i] = tanh(value[i]);
}

/* What the norms and activations do to one row, in eval mode, with their tensors. */
static void apply(const struct layer_type *type, double *value, size_t count, const struct mlp_tensor *p)
{
    static const struct {
        const struct layer_type *type;
        void (*apply)(double *value, size_t count, const struct mlp_tensor *p);
    } references[] = {{&layer_relu, apply_relu},
                      {&layer_batchnorm, apply_batchnorm},
                      {&layer_layernorm, apply_layernorm},
                      {&layer_sigmoid, apply_sigmoid},
                      {&layer_tanh, apply_tanh}};
    for (size_t i = 0; i < sizeof references / sizeof *references; i++)
        if (references[i].type == type) {
            references[i].apply(value, count, p);
            return;
        }
    fail_msg("%s: say here what it computes", type->name);
}

/* The forward pass in double, from the state_dict alone: names, order and layout mean what they say. */
static void test_forward_from_state_dict(void **unused)
{
    (void)unused;
    static struct batch batch;
    struct error err;
    const struct kernels *kernels = kernels_find(NULL, &err);
    batch_fill(&batch, 8);
    struct mlp_shape shape = shape_of(INPUTS, "19-7", CLASSES, NULL);
    for (size_t kind = 0; kind_of_net(kind, &shape.norm, &shape.activation); kind++) {
        struct mlp mlp;
        struct memory memory;
        net_trained(&mlp, &memory, &shape, kernels, &batch);
        const float *z = mlp_forward(&mlp, kernels, dense(&batch.x[0][0]), ROWS, false);
        for (size_t b = 0; b < ROWS; b++) {
            double value[64] = {0}, next[64];
            for (size_t i = 0; i < INPUTS; i++)
                value[i] = (double)batch.x[b][i];
            size_t t = 0;
            for (size_t l = 0; l <= shape.hidden; l++) {
                struct mlp_tensor w, bias, p[LAYER_TENSORS_MAX];
                assert_true(mlp_tensor(&mlp, t, &w) && mlp_tensor(&mlp, t + 1, &bias));
                t += 2;
                for (size_t o = 0; o < w.dims[0]; o++) {
                    next[o] = (double)mlp_tensor_value(&bias, o);
                    for (size_t i = 0; i < w.dims[1]; i++)
                        next[o] += (double)mlp_tensor_value(&w, o * w.dims[1] + i) * value[i];
                }
                memcpy(value, next, sizeof value);
                if (l == shape.hidden)
                    break;
                for (size_t i = 0; shape.norm && i < shape.norm->tensors; i++)
                    assert_true(mlp_tensor(&mlp, t++, &p[i]));
                if (shape.norm)
                    apply(shape.norm, value, w.dims[0], p);
                apply(shape.activation, value, w.dims[0], NULL);
            }
            for (size_t c = 0; c < CLASSES; c++)
                assert_true(fabs(value[c] - (double)z[b * REAL_PAD + c]) < 1e-5 * fmax(1, fabs(value[c])));
        }
        memory_free(&memory);
    }
}

enum { WIDE_ROWS = 5, WIDE_INPUTS = 40 };

/* Rows of a 512-wide layer have more padding than products fill: what a buffer held before must not stay there. */
static void check_wide_padding(struct mlp_shape shape)
{
    const struct kernels *kernels = kernels_find(NULL, &(struct error){0});
    struct memory memory = {0};
    struct mlp mlp;
    struct random random;
    struct error err;
    real *x = NULL;
    for (int pass = 0; pass < 2; pass++) {
        mlp_layout(&mlp, &shape, WIDE_ROWS, 1, &memory);
        x = memory_take(&memory, WIDE_ROWS * real_padded(WIDE_INPUTS), sizeof *x);
        if (pass == 0)
            assert_int_equal(memory_allocate(&memory, "the test", &err), 0);
    }
    random_seed(&random, 1);
    mlp_init(&mlp, &random);
    for (size_t b = 0; b < WIDE_ROWS; b++)
        random_torch_uniform(&random, x + b * real_padded(WIDE_INPUTS), WIDE_INPUTS, 0, 1);
    for (int i = 0; i < 2; i++)
        for (size_t j = 0; j < WIDE_ROWS * layer_row_stride(1024); j++)
            mlp.gradient[i][j] = 7; /* as if another layer had used it */

    for (int step = 1; step <= 3; step++) {
        static const uint8_t labels[WIDE_ROWS] = {0, 1, 2, 0, 1};
        double c[OPTIMIZER_CONSTANTS_MAX] = {0};
        size_t correct = 0;
        const struct hyperparameters hyper = hyperparameters_initial();
        const struct layer_input input = {.dense = x};
        const real *z = mlp_forward(&mlp, kernels, input, WIDE_ROWS, true);
        kernels->softmax_cross_entropy(mlp.gradient[0], z, labels, WIDE_ROWS, 3, mlp_last(&mlp)->stride, &correct,
                                       NULL);
        const struct layer_step made = {.optimizer = 0, .constants = c};
        optimizer_row(0)->constants(c, 0.1, &hyper, 1);
        mlp_backward(&mlp, kernels, input, WIDE_ROWS, &made);
        mlp_update(&mlp, kernels, input, &made);
    }
    for (size_t l = 0; l < mlp.layers; l++)
        assert_true(mlp.layer[l].out % 512 != 0 || mlp.layer[l].stride > real_padded(mlp.layer[l].out));
    expect_padding(&mlp, WIDE_ROWS);
    memory_free(&memory);
}

static void test_wide_padding(void **unused)
{
    (void)unused;
    struct mlp_shape shape = {.inputs = WIDE_INPUTS, .widths = {64, 512, 1024}, .hidden = 3, .classes = 3};
    for (size_t kind = 0; kind_of_net(kind, &shape.norm, &shape.activation); kind++)
        check_wide_padding(shape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_forward_from_state_dict),
        cmocka_unit_test(test_wide_padding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
