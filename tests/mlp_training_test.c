/* Training gives the same bytes on every kernel set, with zero pixels skipped or not, and in teams of any size. */
#include "mlp_nets.h"

#include "dlexp/base/team.h"
#include "dlexp/net/pixels.h"

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

/* A new net with the optimizer's state, and room for a batch's images: as pixels, and dense, which it returns. */
static float *begin(struct trained *t, struct pixel_batch *batch, const struct task *task)
{
    struct mlp_shape shape = shape_of(task->pixels, task->hidden, CLASSES, task->norm);
    struct random random;
    struct error err;
    float *x = NULL;
    shape.activation = task->activation;
    *t = (struct trained){.loss = 0};
    for (int pass = 0; pass < 2; pass++) {
        mlp_layout(&t->mlp, &shape, task->batch, task->threads, &t->memory);
        for (size_t i = 0; i < OPTIMIZER_STATES_MAX; i++)
            t->state[i] = memory_take(&t->memory, t->mlp.count, sizeof(float));
        pixel_batch_layout(batch, task->batch, task->pixels, &t->memory);
        x = memory_take(&t->memory, task->batch * real_padded(task->pixels), sizeof *x);
        if (pass == 0)
            assert_int_equal(memory_allocate(&t->memory, "a net", &err), 0);
    }
    random_seed(&random, 77);
    mlp_init(&t->mlp, &random);
    for (size_t i = 0; i < t->mlp.count; i++)
        t->mlp.grads[i] = NAN; /* none of them is read before it is set */
    return x;
}

static void shuffle(uint32_t *order, size_t count, uint64_t *state)
{
    for (uint32_t i = 0; i < count; i++) {
        const size_t j = test_between(state, 0, i);
        order[i] = order[j];
        order[j] = i;
    }
}

/* Trains with every batch's images in another order, the last batch of an epoch a shorter one; evaluates at the end. */
static void train_images(struct trained *t, const struct kernels *kernels, const struct task *task,
                         const uint8_t *images, bool skip)
{
    const struct hyperparameters hyper = hyperparameters_initial();
    const size_t stride = real_padded(task->pixels);
    struct error err;
    struct pixel_batch batch;
    struct team *team;
    uint64_t state = 9, step = 0;
    float *const x = begin(t, &batch, task);
    assert_int_equal(team_start(&team, task->threads, &err), 0);
    t->mlp.team = team;
    for (size_t epoch = 0; epoch <= EPOCHS; epoch++) {
        const bool training = epoch < EPOCHS;
        uint32_t order[IMAGES_MAX];
        shuffle(order, task->images, &state);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_training),
        cmocka_unit_test(test_pixel_input),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
