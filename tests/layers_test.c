/*
 * Every type of layer of the table, on every kernel set: the same bits as "portable" in training and in eval mode, for
 * ordinary and for strange numbers; padding stays zero, and passes in place give what passes apart give.
 *
 * tests/gradient_f64_test.c checks the gradients, tests/mlp_forward_test.c what a forward pass computes.
 */
#include "support.h"

#include "dlexp/base/memory.h"
#include "dlexp/net/layer.h"

enum { ROWS_MAX = 20, WIDTH_MAX = 600, SEEDS = TEST_SANITIZED ? 6 : 40 };

/* A layer behind a Linear, and what its passes give. */
struct alone {
    struct memory memory;
    struct layer before, layer;
    struct layer_pass pass;
    float *x, *dy, *dx;
    size_t trained; /* numbers, with padding */
};

static void lay_out(struct alone *a, const struct layer_type *type, size_t width, size_t rows)
{
    const size_t stride = layer_row_stride(width);
    a->before = (struct layer){.type = &layer_linear, .out = width, .stride = stride};
    layer_follow(&a->layer, type, &a->before, 0, width);
    a->trained = layer_numbers(&a->layer, LAYER_TRAINED);
    float *params = memory_take(&a->memory, a->trained, sizeof *params);
    float *grads = memory_take(&a->memory, a->trained, sizeof *grads);
    const size_t running = layer_numbers(&a->layer, LAYER_RUNNING);
    layer_place(&a->layer, params, grads, memory_take(&a->memory, running, sizeof *params));
    layer_take(&a->layer, &a->before, rows, &a->memory);
    a->layer.y = memory_take(&a->memory, rows * stride, sizeof(float));
    a->x = memory_take(&a->memory, rows * stride, sizeof(float));
    a->dy = memory_take(&a->memory, rows * stride, sizeof(float));
    a->dx = memory_take(&a->memory, rows * stride, sizeof(float));
    a->pass.workspace = memory_take(&a->memory, KERNELS_WORKSPACE, sizeof(float));
    a->pass.rows = rows;
}

static float number(uint64_t *state, bool strange)
{
    static const float values[] = {NAN,   INFINITY, -INFINITY, -0.0f,  0,      0x1p-149f,
                                   88.8f, -88.8f,   3e38f,     -3e38f, 8.6643f};
    if (strange && test_between(state, 0, 5) == 0)
        return values[test_between(state, 0, sizeof values / sizeof *values - 1)];
    return (float)test_uniform(state, -4, 4);
}

/* Both passes on random numbers; what held garbage before must not matter. */
static void run(struct alone *a, const struct layer_type *type, const struct kernels *set, uint64_t seed, bool strange,
                bool training)
{
    uint64_t state = seed;
    struct error err;
    struct random random;
    const size_t width = test_between(&state, 1, seed % 4 ? 90 : WIDTH_MAX);
    const size_t rows = test_between(&state, type->least_rows > 1 ? type->least_rows : 1, ROWS_MAX);
    *a = (struct alone){.pass = {.kernels = set, .training = training}};
    lay_out(a, type, width, rows);
    assert_int_equal(memory_allocate(&a->memory, "a layer", &err), 0);
    lay_out(a, type, width, rows);
    const size_t stride = a->layer.stride;
    random_seed(&random, seed);
    layer_init(&a->layer, &random);
    for (size_t b = 0; b < rows; b++)
        for (size_t f = 0; f < stride; f++) {
            a->x[b * stride + f] = f < width ? number(&state, strange) : 0;
            a->dy[b * stride + f] = f < width ? number(&state, strange) : 0;
            a->dx[b * stride + f] = a->layer.y[b * stride + f] = f < real_padded(width) ? NAN : 0;
        }
    for (size_t i = 0; i < a->trained; i++)
        a->layer.gradient[LAYER_WEIGHT][i] = i % stride < real_padded(width) ? NAN : 0;
    type->forward(&a->layer, &a->pass, (struct layer_input){.dense = a->x});
    if (training)
        type->backward(&a->layer, &a->pass, (struct layer_input){.dense = a->x}, a->dx, a->dy, NULL);
}

/* The same bits, or both nan: IEEE leaves the payload of a computed nan open. */
static void expect_same(const float *got, const float *expected, size_t count, const char *what)
{
    for (size_t i = 0; i < count; i++)
        if (!(isnan(got[i]) && isnan(expected[i])) && memcmp(&got[i], &expected[i], sizeof *got) != 0)
            fail_msg("%s, element %zu: expected %a, got %a", what, i, (double)expected[i], (double)got[i]);
}

static void expect_padding(const struct alone *a, const float *values, const char *what)
{
    for (size_t b = 0; b < a->pass.rows; b++)
        for (size_t f = a->layer.out; f < a->layer.stride; f++)
            if (values[b * a->layer.stride + f] != 0)
                fail_msg("%s: row %zu, padding column %zu holds %g", what, b, f,
                         (double)values[b * a->layer.stride + f]);
}

static void expect_alike(const struct alone *got, const struct alone *expected, const char *set)
{
    const struct layer_type *type = got->layer.type;
    const size_t count = got->pass.rows * got->layer.stride;
    char what[96];
    snprintf(what, sizeof what, "%s, %s", set, type->name);
    expect_same(got->layer.y, expected->layer.y, count, what);
    expect_padding(got, got->layer.y, what);
    for (size_t t = 0; t < type->tensors; t++) {
        const size_t numbers = layer_tensor_rows(&got->layer, t) * got->layer.stride;
        if (got->layer.value[t])
            expect_same(got->layer.value[t], expected->layer.value[t], numbers, what);
        if (got->layer.gradient[t] && got->pass.training)
            expect_same(got->layer.gradient[t], expected->layer.gradient[t], numbers, what);
    }
    if (got->pass.training) {
        expect_same(got->dx, expected->dx, count, what);
        expect_padding(got, got->dx, what);
    }
}

/* Where a type says that it may, y lies where x did, and dx where dy did. */
static void expect_in_place(struct alone *a)
{
    const struct layer_type *type = a->layer.type;
    const size_t size = a->pass.rows * a->layer.stride * sizeof(float);
    if (!type->own_gradient) {
        type->backward(&a->layer, &a->pass, (struct layer_input){.dense = a->x}, a->dy, a->dy, NULL);
        expect_same(a->dy, a->dx, size / sizeof(float), "backward in place");
    }
    if (!type->own_output) {
        float *const y = a->layer.y;
        a->layer.y = a->x;
        type->forward(&a->layer, &a->pass, (struct layer_input){.dense = a->x});
        expect_same(a->x, y, size / sizeof(float), "forward in place");
    }
}

static void every_set_gives_the_same_bits(void **unused)
{
    (void)unused;
    struct error err;
    const struct kernels *portable = kernels_find("portable", &err), *set;
    const struct layer_type *type;
    for (size_t i = 0; (type = layer_type_row(i)); i++)
        for (uint64_t seed = 1; seed <= SEEDS; seed++)
            for (unsigned kind = 0; kind < 4; kind++) {
                /* A Linear's skipped zeros are of finite numbers only. */
                const bool strange = kind % 2 && type != &layer_linear, training = kind < 2;
                struct alone expected, got;
                run(&expected, type, portable, seed, strange, training);
                for (size_t k = 0; (set = kernels_row(k)); k++) {
                    if (!set->supported())
                        continue;
                    run(&got, type, set, seed, strange, training);
                    expect_alike(&got, &expected, set->name);
                    memory_free(&got.memory);
                }
                if (training)
                    expect_in_place(&expected);
                memory_free(&expected.memory);
            }
}

/* Far out, where exp overflows or tanh is 1, and nan, which must show in the loss. */
static void activations_far_out(void **unused)
{
    (void)unused;
    static const struct {
        float x, sigmoid, tanh;
    } cases[] = {{0, 0.5f, 0}, {200, 1, 1},     {-200, 0, -1},          {INFINITY, 1, 1},          {-INFINITY, 0, -1},
                 {20, 1, 1},   {NAN, NAN, NAN}, {9, 0x1.ffefd4p-1f, 1}, {-8.7f, 0x1.5d4dp-13f, -1}};
    const struct kernels *set;
    for (size_t k = 0; (set = kernels_row(k)); k++)
        for (size_t i = 0; set->supported() && i < sizeof cases / sizeof *cases; i++) {
            _Alignas(REAL_ALIGN) float x[REAL_PAD] = {0}, y[REAL_PAD];
            x[0] = cases[i].x;
            set->sigmoid(y, x, 1, 1, REAL_PAD);
            if (!(isnan(x[0]) ? isnan(y[0]) : fabsf(y[0] - cases[i].sigmoid) <= 1e-4f * cases[i].sigmoid))
                fail_msg("%s: sigmoid of %g is %a", set->name, (double)x[0], (double)y[0]);
            assert_true(y[1] == 0);
            set->tanh(y, x, 1, 1, REAL_PAD);
            if (!(isnan(x[0]) ? isnan(y[0]) : y[0] == cases[i].tanh))
                fail_msg("%s: tanh of %g is %a", set->name, (double)x[0], (double)y[0]);
        }
}

/* sigmoid and tanh within 2 units in the last place of the exact value, over all magnitudes. */
static void activations_are_accurate(void **unused)
{
    (void)unused;
    const struct kernels *best = kernels_find(NULL, &(struct error){0});
    uint64_t state = 4;
    for (int i = 0; i < 20000; i++) {
        _Alignas(REAL_ALIGN) float x[REAL_PAD], s[REAL_PAD], t[REAL_PAD];
        for (int j = 0; j < REAL_PAD; j++)
            x[j] = (float)((test_between(&state, 0, 1) ? 1 : -1) * exp2(test_uniform(&state, -30, 4.4)));
        best->sigmoid(s, x, 1, REAL_PAD, REAL_PAD);
        best->tanh(t, x, 1, REAL_PAD, REAL_PAD);
        for (int j = 0; j < REAL_PAD; j++) {
            const double exact = 1 / (1 + exp(-(double)x[j])), exact_tanh = tanh((double)x[j]);
            assert_true(fabs((double)s[j] - exact) <= 2.4e-7 * exact);
            assert_true(fabs((double)t[j] - exact_tanh) <= 1.3e-7 * fabs(exact_tanh));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_set_gives_the_same_bits),
        cmocka_unit_test(activations_far_out),
        cmocka_unit_test(activations_are_accurate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
