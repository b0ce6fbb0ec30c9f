/* Times of kernels and of training. */
#include "dlexp/bench/bench.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_tasks.h"
#include "dlexp/base/clock.h"
#include "dlexp/cli/progress.h"
#include "dlexp/statistics/statistics.h"

enum { EPOCHS_MAX = 15 };
#define SAMPLE_S 1e-3

double bench_flops_s(const struct bench_row *row)
{
    return row->flops / row->seconds;
}

double bench_share(const struct bench *bench, const struct bench_row *row)
{
    return bench_flops_s(row) / bench_flops_s(&bench->rows[0]);
}

double bench_bytes_s(const struct bench_row *row)
{
    return row->bytes / row->seconds;
}

/* A layer of each norm and activation behind the first Linear, with arrays of its own. */
static void lay_out_alone(struct bench_data *d)
{
    const struct layer_type *type;
    d->alone_count = 0;
    for (size_t i = 0; (type = layer_type_row(i)); i++) {
        if (!type->norm && !type->activation)
            continue;
        assert(d->alone_count < BENCH_LAYERS_MAX);
        struct layer *layer = &d->alone[d->alone_count++], before = d->mlp.layer[0];
        before.y = memory_take(&d->memory, memory_product(d->rows, before.stride), sizeof(real)); /* not the net's */
        layer_follow(layer, type, &before, 0, before.out);
        const size_t trained = layer_numbers(layer, LAYER_TRAINED), running = layer_numbers(layer, LAYER_RUNNING);
        real *params = memory_take(&d->memory, trained, sizeof(real));
        real *grads = memory_take(&d->memory, trained, sizeof(real));
        layer_place(layer, params, grads, memory_take(&d->memory, running, sizeof(real)));
        layer_take(layer, &before, d->rows, &d->memory);
    }
}

static void bench_layout(struct bench_data *d, const struct mlp_shape *shape, const struct dataset *data)
{
    mlp_layout(&d->mlp, shape, d->rows, 1, &d->memory);
    lay_out_alone(d);
    for (size_t o = 0; optimizer_row(o); o++) {
        assert(o < BENCH_OPTIMIZERS_MAX);
        for (size_t i = 0; i < optimizer_row(o)->states; i++)
            d->state[o][i] = memory_take(&d->memory, d->mlp.count, sizeof(real));
    }
    pixel_batch_layout(&d->batch, d->rows, data->pixels, &d->memory);
    d->x = memory_take(&d->memory, d->rows, real_padded(data->pixels) * sizeof(real));
    d->peak = memory_take(&d->memory, REAL_PAD, sizeof(real));
    d->a = memory_take(&d->memory, WIDE * layer_row_stride(WIDE), sizeof(real));
    d->b = memory_take(&d->memory, WIDE * layer_row_stride(WIDE), sizeof(real));
    d->c = memory_take(&d->memory, WIDE * layer_row_stride(WIDE), sizeof(real));
    d->labels = memory_take(&d->memory, d->rows, 1);
    d->images = memory_take(&d->memory, d->rows, sizeof *d->images);
}

double bench_memory(const struct train_config *config, const struct dataset *data, bool epochs_alone)
{
    struct bench_data d = {.rows = config->batching.batch};
    const struct mlp_shape shape = train_shape(config, train_largest_norm(config, data), data);
    double training, kept;
    train_memory(config, data, &training, &kept);
    bench_layout(&d, &shape, data);
    return epochs_alone || training > (double)d.memory.used ? training : (double)d.memory.used;
}

/* A batch of the training set in the net, once forward and backward: all arrays hold what they hold in training. */
static void bench_fill(struct bench_data *d, const struct train_config *config, const struct dataset *data)
{
    struct random random;
    const struct layer *last = mlp_last(&d->mlp);
    const size_t stride = real_padded(data->pixels);
    const struct hyperparameters hyper = hyperparameters_initial();
    size_t correct = 0;
    random_seed(&random, (uint64_t)config->seed);
    mlp_init(&d->mlp, &random);
    for (size_t i = 0; i < d->alone_count; i++)
        layer_init(&d->alone[i], &random);
    for (size_t b = 0; b < d->rows; b++) {
        d->images[b] = (uint32_t)((uint64_t)b * data->train.count / d->rows);
        d->labels[b] = data->train.labels[d->images[b]];
        d->kernels->scale_pixels(d->x + b * stride, data->train.images + d->images[b] * data->pixels, data->pixels);
    }
    d->dense = (struct layer_input){.dense = d->x};
    if (train_sparse(config, data)) {
        pixel_batch_gather(&d->batch, d->kernels, data->train.images, d->images, d->rows, NULL, 0, true);
        d->pixels = (struct layer_input){.pixels = &d->batch};
    }
    const real *logits = mlp_forward(&d->mlp, d->kernels, d->dense, d->rows, true);
    d->kernels->softmax_cross_entropy(d->mlp.gradient[0], logits, d->labels, d->rows, last->out, last->stride, &correct,
                                      NULL);
    mlp_backward(&d->mlp, d->kernels, d->dense, d->rows, NULL);
    random_torch_uniform(&random, d->a, WIDE * WIDE, -1, 1);
    random_torch_uniform(&random, d->b, WIDE * WIDE, -1, 1);
    /* Steps of rate 0: the weights stay what they are however often they are updated. */
    for (size_t i = 0; optimizer_row(i); i++)
        optimizer_row(i)->constants(d->constants[i], 0, &hyper, 1);
}

/* One sample of a task, in seconds a call. */
static double sample(struct bench_data *d, const struct task *task, size_t calls)
{
    const double start = clock_thread_s();
    for (size_t i = 0; i < calls; i++)
        task->call(d, task);
    return (clock_thread_s() - start) / (double)calls;
}

static void report(const struct run_hooks *hooks, const char *text)
{
    if (hooks)
        hooks->report(hooks->report_to, text);
}

static void measure(struct tasks *tasks, double limit_s, const struct run_hooks *hooks)
{
    struct bench *bench = tasks->bench;
    struct bench_data *d = tasks->data;
    const double start = clock_now_s();
    for (size_t i = 0; i < bench->count; i++) {
        struct task *task = &tasks->list[i];
        double once = sample(d, task, 1);
        if (once < SAMPLE_S)
            once = sample(d, task, 1); /* the first one found cold caches */
        task->times[0] = once;
        const double calls = ceil(SAMPLE_S / (once + 1e-9));
        task->calls = (size_t)calls;
        report(hooks, "");
    }
    /* A slow kernel set may have used up the time by now: what was seen so far has to do. */
    size_t rounds = 0;
    while (rounds < SAMPLES_MAX && (clock_now_s() - start) * (1 + 1 / (double)(rounds + 1)) < limit_s) {
        for (size_t i = 0; i < bench->count; i++) {
            struct task *task = &tasks->list[i];
            if (task->calls > 1)
                task->call(d, task);
            task->times[rounds] = sample(d, task, task->calls);
            report(hooks, "");
        }
        rounds++;
    }
    rounds = rounds > 0 ? rounds : 1;
    for (size_t i = 0; i < bench->count; i++) {
        struct bench_row *row = &bench->rows[i];
        row->samples = rounds;
        row->seconds = statistics_median(tasks->list[i].times, rounds);
        row->least_s = tasks->list[i].times[0];
    }
}

/* The last of the config's norms that its batches allow. */
static size_t bench_norm(const struct train_config *config)
{
    for (size_t i = config->norms.count; i-- > 0;) {
        const struct layer_type *norm = layer_norm_row(config->norms.values[i]);
        if (!norm || config->batching.batch >= norm->least_rows)
            return config->norms.values[i];
    }
    return 0;
}

int bench_kernels(struct bench *bench, const struct train_config *config, const struct dataset *data,
                  const struct kernels *kernels, double limit_s, const struct run_hooks *hooks, struct error *err)
{
    struct bench_data d = {.kernels = kernels, .rows = config->batching.batch};
    const struct mlp_shape shape = train_shape(config, bench_norm(config), data);
    struct tasks *tasks = malloc(sizeof *tasks);
    *bench = (struct bench){0};
    if (!tasks)
        return error_out_of_memory(err, "the measurements");
    *tasks = (struct tasks){.bench = bench, .data = &d};
    bench_layout(&d, &shape, data);
    if (memory_allocate(&d.memory, "the measured network", err) < 0) {
        free(tasks);
        return -1;
    }
    bench_layout(&d, &shape, data);
    bench_fill(&d, config, data);

    bench_tasks_fill(tasks);
    measure(tasks, limit_s, hooks);
    for (size_t i = 0; i < d.mlp.count; i++) /* what was measured was arithmetic on numbers, not on nan */
        assert(isfinite(d.mlp.params[i]));
    assert(bench_tasks_as_filled(tasks)); /* and as sparse as the rows say */
    memory_free(&d.memory);
    free(tasks);
    return 0;
}

static double epoch_flops(const struct mlp_shape *shape, size_t images)
{
    double weights = 0, first = 0, in = (double)shape->inputs;
    for (size_t l = 0; l <= shape->hidden; l++) {
        const double out = (double)(l < shape->hidden ? shape->widths[l] : shape->classes);
        weights += in * out;
        first = l == 0 ? weights : first;
        in = out;
    }
    /* Forward and weight gradients of all layers, input gradients of all but the first. */
    return (double)images * (2 * weights + 2 * weights + 2 * (weights - first));
}

int bench_training(struct bench_training *training, const struct train_config *config, const struct dataset *data,
                   const struct kernels *kernels, double limit_s, size_t epochs, double *each,
                   const struct run_hooks *hooks, struct error *err)
{
    double own[EPOCHS_MAX] = {0};
    const size_t norm = config->norms.values[0];
    const struct mlp_shape shape = train_shape(config, norm, data);
    const double steps = ceil((double)data->train.count / (double)config->batching.batch);
    *training = (struct bench_training){
        .norm = norm, .accuracy_percent = NAN, .dense_flops = epoch_flops(&shape, data->train.count)};
    if (epochs == 0) {
        if (train_profile(config, data, kernels, limit_s / 3, &training->profile, err) < 0)
            return -1;
        report(hooks, "");
        training->epoch_s = training->least_s = training->profile.step_s * steps;
        const double fit = limit_s * 2 / 3 / training->epoch_s;
        if (fit < 1)
            return 0;
        epochs = fit < (double)EPOCHS_MAX ? (size_t)fit : EPOCHS_MAX;
        each = own;
    }
    if (train_epochs(config, data, kernels, epochs, hooks, each, &training->accuracy_percent, err) < 0)
        return -1;
    training->epochs = epochs;
    if (each == own) {
        training->epoch_s = statistics_median(own, epochs);
        training->least_s = own[0];
        return 0;
    }
    double *sorted = malloc(epochs * sizeof *sorted);
    if (!sorted)
        return error_out_of_memory(err, "the epochs' times");
    memcpy(sorted, each, epochs * sizeof *sorted);
    training->epoch_s = statistics_median(sorted, epochs);
    training->least_s = sorted[0];
    free(sorted);
    return 0;
}
