/* The net as it begins: weights and batch order as PyTorch's (make_batchnorm.py), the tensors of its state_dict. */
#include "mlp_nets.h"

#include "dlexp/base/number.h"
#include "dlexp/base/sha256.h"
#include "dlexp/formats/csv.h"

static const char *golden(char path[1024], const char *name)
{
    snprintf(path, 1024, "%s/tests/golden/%s", DLEXP_SOURCE_DIR, name);
    return path;
}

static size_t column(const struct csv *csv, const char *name)
{
    const int index = csv_column(csv, name);
    if (index < 0)
        fail_msg("no column '%s'", name);
    return (size_t)index;
}

static int64_t integer(const char *text)
{
    int64_t value = 0;
    const char *why;
    if (number_parse_integer(text, strlen(text), &value, &why) < 0)
        fail_msg("'%s': %s", text, why);
    return value;
}

static const struct layer_type *norm_of(const char *text)
{
    const char *name;
    for (size_t i = 0; layer_norm_name(i, &name); i++)
        if (strcmp(name, text) == 0)
            return layer_norm_row(i);
    fail_msg("no norm '%s'", text);
    return NULL;
}

/* Numbers of norms and activations stand in stored runs: those that are there keep theirs. */
static void test_names(void **unused)
{
    (void)unused;
    static const char *const norms[] = {"none", "batchnorm", "layernorm"};
    static const char *const activations[] = {"relu", "sigmoid", "tanh"};
    const char *name = NULL;
    for (size_t i = 0; i < sizeof norms / sizeof *norms; i++) {
        assert_true(layer_norm_name(i, &name));
        assert_string_equal(name, norms[i]);
    }
    for (size_t i = 0; i < sizeof activations / sizeof *activations; i++) {
        assert_true(layer_activation_name(i, &name));
        assert_string_equal(name, activations[i]);
    }
    name = NULL;
    assert_false(layer_norm_name(100, &name));
    assert_false(layer_activation_name(100, &name));
    assert_null(name);
    assert_null(layer_norm_row(0));
    assert_ptr_equal(layer_norm_row(1), &layer_batchnorm);
    /* Every row of the table works, and is what its name says. */
    const struct layer_type *type;
    for (size_t i = 0; (type = layer_type_row(i)); i++) {
        assert_true(type->forward && type->backward && type->name && type->title && type->torch);
        assert_false(type->norm && type->activation);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(type->name, layer_type_row(j)->name);
    }
}

static void test_initial_weights(void **unused)
{
    (void)unused;
    struct csv csv;
    struct error err;
    char path[1024];
    if (csv_read(&csv, golden(path, "batchnorm_weights.csv"), &err) < 0)
        fail_msg("%s", err.message);
    const size_t norm = column(&csv, "norm"), seed = column(&csv, "seed"), hidden = column(&csv, "hidden");
    const size_t sha = column(&csv, "sha256"), count = column(&csv, "count");
    assert_true(csv.rows >= 4);
    for (size_t r = 0; r < csv.rows; r++) {
        struct mlp mlp;
        struct memory memory;
        char hex[SHA256_HEX_SIZE];
        const struct mlp_shape shape = shape_of(784, csv_cell(&csv, r, hidden), 10, norm_of(csv_cell(&csv, r, norm)));
        net_new(&mlp, &memory, &shape, 60, (uint64_t)integer(csv_cell(&csv, r, seed)));
        mlp_parameters_sha256(&mlp, hex);
        assert_string_equal(hex, csv_cell(&csv, r, sha));
        assert_int_equal(mlp.parameters, integer(csv_cell(&csv, r, count)));
        memory_free(&memory);
    }
    csv_free(&csv);
}

/* As the reference script draws: the weights, then per epoch the train loader's two seeds and the test loader's one. */
static void test_order(void **unused)
{
    (void)unused;
    enum { COUNT = 60000 };
    struct csv csv;
    struct error err;
    char path[1024];
    uint32_t *order = malloc(COUNT * sizeof *order);
    unsigned char *bytes = malloc(4 * COUNT);
    assert_true(order && bytes);
    if (csv_read(&csv, golden(path, "batchnorm_order.csv"), &err) < 0)
        fail_msg("%s", err.message);
    const size_t norm = column(&csv, "norm"), seed = column(&csv, "seed"), epoch = column(&csv, "epoch");
    const size_t sha = column(&csv, "sha256");
    assert_true(csv.rows >= 2);
    for (size_t r = 0; r < csv.rows; r++) {
        struct mlp mlp;
        struct memory memory = {0};
        struct random random;
        char hex[SHA256_HEX_SIZE];
        const struct mlp_shape shape = shape_of(784, "128-64", 10, norm_of(csv_cell(&csv, r, norm)));
        mlp_layout(&mlp, &shape, 60, 1, &memory);
        assert_int_equal(memory_allocate(&memory, "a net", &err), 0);
        mlp_layout(&mlp, &shape, 60, 1, &memory);
        random_seed(&random, (uint64_t)integer(csv_cell(&csv, r, seed)));
        mlp_init(&mlp, &random);
        memory_free(&memory);
        for (int64_t e = 1; e <= integer(csv_cell(&csv, r, epoch)); e++) {
            random_torch_seed(&random);
            random_torch_permutation(random_torch_seed(&random), order, COUNT);
            random_torch_seed(&random);
        }
        for (size_t i = 0; i < 4 * COUNT; i++)
            bytes[i] = (unsigned char)(order[i / 4] >> 8 * (i % 4));
        sha256_hex(bytes, 4 * COUNT, hex);
        assert_string_equal(hex, csv_cell(&csv, r, sha));
    }
    csv_free(&csv);
    free(order);
    free(bytes);
}

struct entry {
    const char *name;
    size_t rank, dims[2];
    bool trainable;
};

static void expect_state_dict(const struct layer_type *norm, const struct entry *entries, size_t count,
                              size_t parameters)
{
    struct mlp mlp;
    struct memory memory;
    struct mlp_tensor tensor;
    const struct mlp_shape shape = shape_of(784, "128-64", 10, norm);
    net_new(&mlp, &memory, &shape, 60, 1234);
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        assert_true(mlp_tensor(&mlp, i, &tensor));
        assert_string_equal(tensor.name, entries[i].name);
        assert_int_equal(tensor.rank, entries[i].rank);
        size_t size = 1;
        for (size_t d = 0; d < tensor.rank; d++) {
            assert_int_equal(tensor.dims[d], entries[i].dims[d]);
            size *= entries[i].dims[d];
        }
        assert_int_equal(mlp_tensor_size(&tensor), size);
        assert_int_equal(tensor.trainable, entries[i].trainable);
        assert_int_equal(tensor.data == NULL, tensor.rank == 0);
        total += tensor.trainable ? size : 0;
    }
    assert_false(mlp_tensor(&mlp, count, &tensor));
    assert_false(mlp_tensor(&mlp, count + 1, &tensor));
    assert_int_equal(mlp.parameters, parameters);
    assert_int_equal(total, parameters);

    /* Values come in torch's (out, in) order. */
    assert_true(mlp_tensor(&mlp, 0, &tensor));
    for (size_t o = 0; o < 128; o += 7)
        for (size_t i = 0; i < 784; i += 5)
            assert_true(mlp_tensor_value(&tensor, o * 784 + i) ==
                        mlp.layer[0].value[LAYER_WEIGHT][i * mlp.layer[0].stride + o]);
    memory_free(&memory);
}

static void test_state_dict(void **unused)
{
    (void)unused;
    static const struct entry plain[] = {
        {"classifier.0.weight", 2, {128, 784}, true}, {"classifier.0.bias", 1, {128}, true},
        {"classifier.2.weight", 2, {64, 128}, true},  {"classifier.2.bias", 1, {64}, true},
        {"classifier.4.weight", 2, {10, 64}, true},   {"classifier.4.bias", 1, {10}, true},
    };
    static const struct entry normalised[] = {
        {"classifier.0.weight", 2, {128, 784}, true},
        {"classifier.0.bias", 1, {128}, true},
        {"classifier.1.weight", 1, {128}, true},
        {"classifier.1.bias", 1, {128}, true},
        {"classifier.1.running_mean", 1, {128}, false},
        {"classifier.1.running_var", 1, {128}, false},
        {"classifier.1.num_batches_tracked", 0, {0}, false},
        {"classifier.3.weight", 2, {64, 128}, true},
        {"classifier.3.bias", 1, {64}, true},
        {"classifier.4.weight", 1, {64}, true},
        {"classifier.4.bias", 1, {64}, true},
        {"classifier.4.running_mean", 1, {64}, false},
        {"classifier.4.running_var", 1, {64}, false},
        {"classifier.4.num_batches_tracked", 0, {0}, false},
        {"classifier.6.weight", 2, {10, 64}, true},
        {"classifier.6.bias", 1, {10}, true},
    };
    expect_state_dict(NULL, plain, sizeof plain / sizeof *plain, 109386);
    expect_state_dict(&layer_batchnorm, normalised, sizeof normalised / sizeof *normalised, 109770);
}

static void test_initial_state(void **unused)
{
    (void)unused;
    struct mlp mlp;
    struct memory memory;
    const struct mlp_shape shape = shape_of(20, "17-5", 3, &layer_batchnorm);
    net_new(&mlp, &memory, &shape, 7, 1);
    assert_int_equal(mlp.layers, 7);
    for (size_t l = 0; l < mlp.layers; l++) {
        const struct layer *layer = &mlp.layer[l];
        const float bound = (float)(1 / sqrt((double)layer->in));
        assert_int_equal(layer->stride % REAL_PAD, 0);
        assert_ptr_equal(layer->type, l % 3 == 0 ? &layer_linear : l % 3 == 1 ? &layer_batchnorm : &layer_relu);
        for (size_t t = 0; t < layer->type->tensors; t++) {
            const struct layer_tensor *row = &layer->type->tensor[t];
            for (size_t i = 0; layer->value[t] && i < layer_tensor_rows(layer, t) * layer->stride; i++) {
                const float value = layer->value[t][i];
                if (i % layer->stride >= layer->out)
                    assert_true(value == 0);
                else if (layer->type->init)
                    assert_true(value != 0 && fabsf(value) <= bound * 1.000001f);
                else
                    assert_true(value == row->initial);
            }
        }
    }
    memory_free(&memory);
}

/* Sizes whose product does not fit are refused by the allocation, not wrapped round. */
static void test_absurd_sizes(void **unused)
{
    (void)unused;
    static const size_t sizes[][2] = {
        {(size_t)1 << 32, (size_t)1 << 32},
        {SIZE_MAX / 2 - 64, 2},
        {3, SIZE_MAX / 2 - 64},
        {(size_t)1 << 31, (size_t)1 << 31},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct mlp mlp;
        struct memory memory = {0};
        struct error err = {0};
        struct mlp_shape shape = {.inputs = 784, .widths = {sizes[i][0], sizes[i][1]}, .hidden = 2, .classes = 10};
        for (size_t kind = 0; kind_of_net(kind, &shape.norm, &shape.activation); kind++) {
            memory = (struct memory){0};
            mlp_layout(&mlp, &shape, 60, 1, &memory);
            assert_int_equal(memory_allocate(&memory, "a giant net", &err), -1);
            assert_int_equal(err.code, ERROR_IO);
        }
    }

    /* Every product here is 0 modulo 2^64. */
    struct mlp mlp;
    struct memory memory = {0};
    struct error err = {0};
    const struct mlp_shape shape = {
        .inputs = 15, .widths = {(size_t)1 << 60}, .hidden = 1, .classes = 16, .activation = &layer_relu};
    mlp_layout(&mlp, &shape, 16, 1, &memory);
    assert_int_equal(memory_allocate(&memory, "a giant net", &err), -1);
    assert_int_equal(err.code, ERROR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),      cmocka_unit_test(test_initial_weights), cmocka_unit_test(test_order),
        cmocka_unit_test(test_state_dict), cmocka_unit_test(test_initial_state),   cmocka_unit_test(test_absurd_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
