/*
 * The net: initial weights and batch order as PyTorch's (tests/golden, made by make_batchnorm.py), the names and shapes
 * of its state_dict, its summary, and that training gives the same bytes on every kernel set, with and without skipping
 * zero pixels, and in teams of any size.
 */
#include "support.h"

#include "dlexp/base/memory.h"
#include "dlexp/base/number.h"
#include "dlexp/base/sha256.h"
#include "dlexp/base/team.h"
#include "dlexp/formats/csv.h"
#include "dlexp/kernels/kernels.h"
#include "dlexp/net/mlp.h"
#include "dlexp/net/pixels.h"

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

/* The i-th pair of a norm (or none) and an activation; false past the last. */
static bool kind_of_net(size_t index, const struct layer_type **norm, const struct layer_type **activation)
{
    const char *name;
    size_t activations = 0;
    while (layer_activation_name(activations, &name))
        activations++;
    if (!layer_norm_name(index / activations, &name))
        return false;
    *norm = layer_norm_row(index / activations);
    *activation = layer_activation_row(index % activations);
    return true;
}

/* "128-64" with ReLU. */
static struct mlp_shape shape_of(size_t inputs, const char *hidden, size_t classes, const struct layer_type *norm)
{
    struct mlp_shape shape = {.inputs = inputs, .classes = classes, .norm = norm, .activation = &layer_relu};
    while (*hidden) {
        char *end;
        shape.widths[shape.hidden++] = strtoul(hidden, &end, 10);
        assert_true(end > hidden);
        hidden = *end ? end + 1 : end;
    }
    return shape;
}

static void net_new(struct mlp *mlp, struct memory *memory, const struct mlp_shape *shape, size_t rows, uint64_t seed)
{
    struct random random;
    struct error err;
    *memory = (struct memory){0};
    mlp_layout(mlp, shape, rows, 1, memory);
    const size_t measured = memory->used;
    assert_int_equal(memory_allocate(memory, "a net", &err), 0);
    mlp_layout(mlp, shape, rows, 1, memory);
    assert_int_equal(memory->used, measured);
    random_seed(&random, seed);
    mlp_init(mlp, &random);
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

/* The lines of print(model) in PyTorch; behind each, a parameter count may stand. */
static void expect_summary(const struct mlp_shape *shape, const char *const *lines, const char *total)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    mlp_describe(shape, out);
    assert_int_equal(fclose(out), 0);
    char *line = text;
    for (; *lines; lines++) {
        char *end = strchr(line, '\n');
        assert_non_null(end);
        *end = '\0';
        if (strncmp(line, *lines, strlen(*lines)) != 0)
            fail_msg("expected '%s', got '%s'", *lines, line);
        const char *rest = line + strlen(*lines);
        if (*rest) {
            char expected[64];
            size_t a, b;
            if (sscanf(*lines, " (%*d): Linear(in_features=%zu, out_features=%zu", &a, &b) == 2)
                snprintf(expected, sizeof expected, "%zu parameters", (a + 1) * b);
            else if (sscanf(*lines, " (%*d): BatchNorm1d(%zu,", &a) == 1)
                snprintf(expected, sizeof expected, "%zu parameters", 2 * a);
            else if (sscanf(*lines, " (%*d): LayerNorm((%zu,)", &a) == 1)
                snprintf(expected, sizeof expected, "%zu parameters", 2 * a);
            else
                fail_msg("expected nothing behind '%s', got '%s'", *lines, rest);
            assert_int_equal(*rest, ' ');
            assert_string_equal(rest + strspn(rest, " "), expected);
        }
        line = end + 1;
    }
    assert_string_equal(line, total);
    free(text);
}

static void test_describe(void **unused)
{
    (void)unused;
    static const char *const plain[] = {
        "NeuralNet(",
        "  (classifier): Sequential(",
        "    (0): Linear(in_features=784, out_features=128, bias=True)",
        "    (1): ReLU()",
        "    (2): Linear(in_features=128, out_features=64, bias=True)",
        "    (3): ReLU()",
        "    (4): Linear(in_features=64, out_features=10, bias=True)",
        "  )",
        ")",
        NULL,
    };
    static const char *const normalised[] = {
        "BatchNormNet(",
        "  (classifier): Sequential(",
        "    (0): Linear(in_features=784, out_features=128, bias=True)",
        "    (1): BatchNorm1d(128, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
        "    (2): ReLU()",
        "    (3): Linear(in_features=128, out_features=64, bias=True)",
        "    (4): BatchNorm1d(64, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
        "    (5): ReLU()",
        "    (6): Linear(in_features=64, out_features=10, bias=True)",
        "  )",
        ")",
        NULL,
    };
    struct mlp_shape shape = shape_of(784, "128-64", 10, NULL);
    expect_summary(&shape, plain, "109386 parameters\n");
    shape.norm = &layer_batchnorm;
    expect_summary(&shape, normalised, "109770 parameters\n");
}

/* As PyTorch 1.13 prints them. */
static void test_describe_other_layers(void **unused)
{
    (void)unused;
    static const char *const sigmoid[] = {
        "LayerNormNet(",
        "  (classifier): Sequential(",
        "    (0): Linear(in_features=784, out_features=5, bias=True)",
        "    (1): LayerNorm((5,), eps=1e-05, elementwise_affine=True)",
        "    (2): Sigmoid()",
        "    (3): Linear(in_features=5, out_features=10, bias=True)",
        "  )",
        ")",
        NULL,
    };
    static const char *const tanh[] = {
        "NeuralNet(",
        "  (classifier): Sequential(",
        "    (0): Linear(in_features=784, out_features=5, bias=True)",
        "    (1): Tanh()",
        "    (2): Linear(in_features=5, out_features=10, bias=True)",
        "  )",
        ")",
        NULL,
    };
    struct mlp_shape shape = shape_of(784, "5", 10, &layer_layernorm);
    shape.activation = &layer_sigmoid;
    expect_summary(&shape, sigmoid, "3995 parameters\n");
    shape = shape_of(784, "5", 10, NULL);
    shape.activation = &layer_tanh;
    expect_summary(&shape, tanh, "3985 parameters\n");
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

/* -- training -- */

enum { ROWS = 9, INPUTS = 21, CLASSES = 4, STEPS = 5 };

struct batch {
    _Alignas(REAL_ALIGN) float x[ROWS][32];
    uint8_t labels[ROWS];
};

static void batch_fill(struct batch *batch, uint64_t seed)
{
    memset(batch, 0, sizeof *batch);
    for (size_t b = 0; b < ROWS; b++) {
        batch->labels[b] = (uint8_t)test_between(&seed, 0, CLASSES - 1);
        for (size_t i = 0; i < INPUTS; i++)
            batch->x[b][i] =
                test_between(&seed, 0, 3) ? 0 : (float)test_uniform(&seed, 0, 1); /* sparse, as digits are */
    }
}

static struct layer_input dense(const float *x)
{
    return (struct layer_input){.dense = x};
}

static double train_step(struct mlp *mlp, const struct kernels *kernels, const struct batch *batch)
{
    size_t correct = 0;
    double c[OPTIMIZER_CONSTANTS_MAX] = {-0.1};
    const float *z = mlp_forward(mlp, kernels, dense(&batch->x[0][0]), ROWS, true);
    const double loss = kernels->softmax_cross_entropy(mlp->gradient[0], z, batch->labels, ROWS, CLASSES,
                                                       real_padded(CLASSES), &correct, NULL);
    assert_string_equal(optimizer_row(0)->name, "sgd");
    const struct layer_step step = {.optimizer = 0, .constants = c};
    mlp_backward(mlp, kernels, dense(&batch->x[0][0]), ROWS, &step);
    mlp_update(mlp, kernels, dense(&batch->x[0][0]), &step);
    return loss / (double)ROWS;
}

/* Padding is zero in tensors, gradients and what layers give out. */
static void expect_padding(const struct mlp *mlp, size_t rows)
{
    for (size_t l = 0; l < mlp->layers; l++) {
        const struct layer *layer = &mlp->layer[l];
        for (size_t f = layer->out; f < layer->stride; f++) {
            for (size_t t = 0; t < layer->type->tensors; t++)
                for (size_t i = 0; layer->value[t] && i < layer_tensor_rows(layer, t); i++) {
                    assert_true(layer->value[t][i * layer->stride + f] == 0);
                    assert_true(!layer->gradient[t] || layer->gradient[t][i * layer->stride + f] == 0);
                }
            for (size_t b = 0; b < rows; b++)
                assert_true(layer->y[b * layer->stride + f] == 0);
        }
    }
}

/* Same seed, same bytes: twice, and on every set; other seed, other bytes; and the loss goes down. */
static void test_training(void **unused)
{
    (void)unused;
    static struct batch batch;
    batch_fill(&batch, 3);
    struct mlp_shape shape = shape_of(INPUTS, "19-33-7", CLASSES, NULL);
    for (size_t kind = 0; kind_of_net(kind, &shape.norm, &shape.activation); kind++) {
        struct mlp first;
        struct memory first_memory;
        const struct kernels *set;
        double first_loss = 0;
        for (size_t run = 0; run < 2; run++)
            for (size_t k = 0; (set = kernels_row(k)); k++) {
                if (!set->supported())
                    continue;
                struct mlp mlp;
                struct memory memory;
                double loss = 0, start = 0;
                net_new(&mlp, &memory, &shape, ROWS + 3, 5);
                for (int step = 0; step < STEPS; step++) {
                    loss = train_step(&mlp, set, &batch);
                    start = step == 0 ? loss : start;
                }
                assert_int_equal(mlp.batches_tracked, STEPS);
                assert_true(loss < start);
                expect_padding(&mlp, ROWS);
                if (run == 0 && k == 0) {
                    first = mlp;
                    first_memory = memory;
                    first_loss = loss;
                    continue;
                }
                assert_int_equal(mlp_state_count(&mlp), mlp_state_count(&first));
                assert_memory_equal(mlp.params, first.params, mlp_state_count(&mlp) * sizeof *mlp.params);
                assert_memory_equal(mlp.grads, first.grads, mlp.count * sizeof *mlp.grads);
                assert_memory_equal(&loss, &first_loss, sizeof loss);
                memory_free(&memory);
            }
        struct mlp other;
        struct memory other_memory;
        net_new(&other, &other_memory, &shape, ROWS, 6);
        assert_memory_not_equal(other.params, first.params, other.count * sizeof *other.params);
        memory_free(&other_memory);
        memory_free(&first_memory);
    }
}

/* -- a first layer that skips zero pixels, and threads that share a step: the same training, to the byte -- */

enum { IMAGES_MAX = 130, PIXELS_MAX = 784, BATCH_MAX = 70, EPOCHS = 2 };

struct task {
    size_t images, pixels, batch, threads;
    const char *hidden;
    size_t optimizer;
    const struct layer_type *norm, *activation;
    bool apart, keeps; /* all gradients before any step; gradients kept until they are compared */
};

struct trained {
    struct mlp mlp;
    struct memory memory;
    float *state[OPTIMIZER_STATES_MAX];
    float logits[BATCH_MAX * REAL_PAD];
    double loss;
    size_t correct;
};

/* Trains with every batch's images in another order, the last batch of an epoch a shorter one; evaluates at the end. */
static void train_images(struct trained *t, const struct kernels *kernels, const struct task *task,
                         const uint8_t *images, bool skip)
{
    struct mlp_shape shape = shape_of(task->pixels, task->hidden, CLASSES, task->norm);
    const struct hyperparameters hyper = hyperparameters_initial();
    const size_t stride = real_padded(task->pixels);
    struct random random;
    struct error err;
    struct pixel_batch batch;
    struct team *team;
    float *x = NULL;
    uint64_t state = 9, step = 0;
    shape.activation = task->activation;
    *t = (struct trained){.loss = 0};
    assert_int_equal(team_start(&team, task->threads, &err), 0);
    for (int pass = 0; pass < 2; pass++) {
        mlp_layout(&t->mlp, &shape, task->batch, task->threads, &t->memory);
        for (size_t i = 0; i < OPTIMIZER_STATES_MAX; i++)
            t->state[i] = memory_take(&t->memory, t->mlp.count, sizeof(float));
        pixel_batch_layout(&batch, task->batch, task->pixels, &t->memory);
        x = memory_take(&t->memory, task->batch * stride, sizeof *x);
        if (pass == 0)
            assert_int_equal(memory_allocate(&t->memory, "a net", &err), 0);
    }
    t->mlp.team = team;
    random_seed(&random, 77);
    mlp_init(&t->mlp, &random);
    for (size_t i = 0; i < t->mlp.count; i++)
        t->mlp.grads[i] = NAN; /* none of them is read before it is set */
    for (size_t epoch = 0; epoch <= EPOCHS; epoch++) {
        const bool training = epoch < EPOCHS;
        uint32_t order[IMAGES_MAX];
        for (uint32_t i = 0; i < task->images; i++) {
            const size_t j = test_between(&state, 0, i);
            order[i] = order[j];
            order[j] = i;
        }
        for (size_t first = 0; first < task->images; first += task->batch) {
            const size_t left = task->images - first, rows = left < task->batch ? left : task->batch;
            uint8_t labels[BATCH_MAX];
            struct layer_input in = {.dense = x};
            for (size_t b = 0; b < rows; b++) {
                labels[b] = (uint8_t)(order[first + b] % CLASSES);
                kernels->scale_pixels(x + b * stride, images + order[first + b] * task->pixels, task->pixels);
            }
            if (skip) {
                memset(x, 0xff, task->batch * stride * sizeof *x); /* nan: a look at it would show */
                const size_t next = left - rows < rows ? left - rows : rows;
                pixel_batch_gather(&batch, kernels, images, order + first, rows, order + first + rows, next, training);
                in = (struct layer_input){.pixels = &batch};
            }
            const float *z = mlp_forward(&t->mlp, kernels, in, rows, training);
            memcpy(t->logits, z, rows * REAL_PAD * sizeof *z);
            t->loss += kernels->softmax_cross_entropy(training ? t->mlp.gradient[0] : NULL, z, labels, rows, CLASSES,
                                                      real_padded(CLASSES), &t->correct, NULL);
            if (training) {
                double c[OPTIMIZER_CONSTANTS_MAX] = {0};
                struct layer_step made = {task->optimizer, {NULL}, c, task->keeps};
                memcpy(made.state, t->state, sizeof made.state);
                optimizer_row(task->optimizer)->constants(c, 0.05, &hyper, ++step);
                mlp_backward(&t->mlp, kernels, in, rows, task->apart ? NULL : &made);
                mlp_update(&t->mlp, kernels, in, &made);
            }
        }
    }
    team_stop(team);
}

/* All numbers but gradients that were used up: the first weight matrix's, which an input of pixels does not leave, or
 * any. */
static void expect_same_training(const struct trained *got, const struct trained *expected, bool gradients)
{
    const size_t first = expected->mlp.layer[0].in * expected->mlp.layer[0].stride, count = expected->mlp.count;
    assert_true(isfinite(expected->loss));
    assert_int_equal(got->mlp.count, count);
    assert_memory_equal(got->mlp.params, expected->mlp.params, mlp_state_count(&got->mlp) * sizeof(float));
    for (size_t i = 0; i < OPTIMIZER_STATES_MAX; i++)
        assert_memory_equal(got->state[i], expected->state[i], count * sizeof(float));
    if (gradients)
        assert_memory_equal(got->mlp.grads + first, expected->mlp.grads + first, (count - first) * sizeof(float));
    assert_memory_equal(got->logits, expected->logits, sizeof got->logits);
    assert_memory_equal(&got->loss, &expected->loss, sizeof got->loss);
    assert_int_equal(got->correct, expected->correct);
}

static void draw_images(uint8_t *images, size_t count, double density, uint64_t *state)
{
    for (size_t i = 0; i < count; i++)
        images[i] = test_uniform(state, 0, 1) < density ? (uint8_t)test_between(state, 1, 255) : 0;
}

/* Every optimizer with the first nets, one after the other with the others: what a net holds and what steps it do not
 * meet. */
static bool tried(size_t kind, size_t optimizer)
{
    size_t optimizers = 0;
    while (optimizer_row(optimizers))
        optimizers++;
    return kind == 0 || optimizer == kind % optimizers;
}

static void test_pixel_input(void **unused)
{
    (void)unused;
    static const double densities[] = {0, 0.05, 0.19, 0.5, 1};
    static struct trained expected, got;
    static uint8_t images[40 * 100 + PIXELS_SLACK];
    uint64_t state = 21;
    for (size_t d = 0; d < sizeof densities / sizeof *densities; d++) {
        struct error err;
        draw_images(images, sizeof images, densities[d], &state);
        const struct layer_type *norm, *activation;
        for (size_t kind = 0; kind_of_net(kind, &norm, &activation); kind++)
            for (size_t o = 0; optimizer_row(o); o++) {
                if (!tried(kind, o))
                    continue;
                const struct task task = {.images = 40,
                                          .pixels = 100,
                                          .batch = 15,
                                          .threads = 1,
                                          .hidden = "75-20",
                                          .norm = norm,
                                          .activation = activation,
                                          .optimizer = o,
                                          .apart = true,
                                          .keeps = true};
                struct task at_once = task;
                const struct kernels *set;
                at_once.apart = false;
                train_images(&expected, kernels_find("portable", &err), &task, images, false);
                for (size_t k = 0; (set = kernels_row(k)); k++)
                    for (int skip = 0; set->supported() && skip < 2; skip++) {
                        train_images(&got, set, &at_once, images, skip);
                        expect_same_training(&got, &expected, true);
                        memory_free(&got.memory);
                    }
                memory_free(&expected.memory);
            }
    }
}

/* A net of which every piece is large enough to be shared, in teams that divide it evenly and unevenly. */
static void test_threads(void **unused)
{
    (void)unused;
    static const size_t counts[] = {2, 3, 7};
    static struct trained expected, got;
    static uint8_t images[IMAGES_MAX * PIXELS_MAX + PIXELS_SLACK];
    struct error err;
    const struct kernels *best = kernels_find(NULL, &err);
    uint64_t state = 22;
    draw_images(images, sizeof images, 0.19, &state);
    const struct layer_type *norm, *activation;
    for (size_t kind = 0; kind_of_net(kind, &norm, &activation); kind++)
        for (size_t o = 0; optimizer_row(o); o++) {
            if (!tried(kind, o))
                continue;
            struct task task = {.images = IMAGES_MAX,
                                .pixels = PIXELS_MAX,
                                .batch = BATCH_MAX,
                                .threads = 1,
                                .hidden = "361-300-500-17",
                                .norm = norm,
                                .activation = activation,
                                .optimizer = o,
                                .apart = true};
            train_images(&expected, best, &task, images, false);
            task.apart = false;
            for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
                for (int skip = 0; skip < (i == 0 || test_is_long() ? 2 : 1); skip++) {
                    task.threads = counts[i];
                    task.keeps = i == 0;
                    train_images(&got, best, &task, images, skip);
                    expect_same_training(&got, &expected, task.keeps);
                    memory_free(&got.memory);
                }
            memory_free(&expected.memory);
        }
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
        net_new(&mlp, &memory, &shape, ROWS, 5);
        for (int step = 0; step < STEPS; step++)
            train_step(&mlp, kernels, &batch);
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
        net_new(&mlp, &memory, &shape, ROWS, 5);
        for (int step = 0; step < STEPS; step++)
            train_step(&mlp, kernels, &batch);
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
        cmocka_unit_test(test_names),         cmocka_unit_test(test_initial_weights),
        cmocka_unit_test(test_order),         cmocka_unit_test(test_state_dict),
        cmocka_unit_test(test_describe),      cmocka_unit_test(test_describe_other_layers),
        cmocka_unit_test(test_initial_state), cmocka_unit_test(test_training),
        cmocka_unit_test(test_pixel_input),   cmocka_unit_test(test_threads),
        cmocka_unit_test(test_modes),         cmocka_unit_test(test_forward_from_state_dict),
        cmocka_unit_test(test_wide_padding),  cmocka_unit_test(test_absurd_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
