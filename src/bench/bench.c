#include "dlexp/bench/bench.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dlexp/base/clock.h"
#include "dlexp/base/memory.h"
#include "dlexp/cli/progress.h"
#include "dlexp/net/layer_linear.h"
#include "dlexp/net/pixels.h"
#include "dlexp/statistics/statistics.h"

enum {
    SAMPLES_MAX = 256,
    EPOCHS_MAX = 15,
    WIDE = 1024,       /* hidden layers of the larger net, */
    WIDE_BATCH = 256,  /* its batch */
    WIDE_INPUTS = 784, /* and its pixels */
    BENCH_OPTIMIZERS_MAX = 16,
    BENCH_LAYERS_MAX = 16
};
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

/* What the measured calls work on. */
struct bench_data {
    const struct kernels *kernels;
    struct memory memory;
    struct mlp mlp;
    struct layer_input dense, pixels;
    struct layer alone[BENCH_LAYERS_MAX]; /* of each type that works element by element */
    size_t alone_count;
    struct pixel_batch batch;
    real *x, *peak;
    real *state[BENCH_OPTIMIZERS_MAX][OPTIMIZER_STATES_MAX]; /* each its own: one's is nonsense to another */
    real *a, *b, *c;                                         /* of the larger products */
    uint8_t *labels;
    uint32_t *images;
    size_t rows;
    double constants[BENCH_OPTIMIZERS_MAX][OPTIMIZER_CONSTANTS_MAX];
};

/* One thing to measure: call(data, &task) once. */
struct task {
    void (*call)(struct bench_data *, const struct task *);
    struct layer *layer;
    size_t index; /* of the optimizer */
    real *c;
    struct matrix a, b; /* of a product */
    size_t m, k, n, stride;
    size_t calls; /* a sample */
    double times[SAMPLES_MAX];
};

struct tasks {
    struct bench *bench;
    struct bench_data *data;
    struct task list[BENCH_ROWS_MAX];
};

static void call_peak(struct bench_data *d, const struct task *task)
{
    d->peak[0] = (real)0.5;
    d->peak[1] = 1;
    d->kernels->fma_peak(d->peak, task->n);
}

static void call_matmul(struct bench_data *d, const struct task *task)
{
    d->kernels->matmul(task->c, NULL, task->a, task->b, task->m, task->k, task->n, task->stride, d->mlp.workspace);
}

static struct layer_pass pass_of(const struct bench_data *d)
{
    return (struct layer_pass){d->kernels, NULL, d->mlp.workspace, d->rows, true};
}

static void call_linear(struct bench_data *d, const struct task *task)
{
    const struct layer_pass pass = pass_of(d);
    layer_linear_product(task->layer, &pass, task->layer[-1].y);
}

static void call_weight_gradient(struct bench_data *d, const struct task *task)
{
    const struct layer_pass pass = pass_of(d);
    layer_linear_weight_gradient(task->layer, &pass, task->layer[-1].y, d->mlp.gradient[0]);
}

static void call_pixel_matmul(struct bench_data *d, const struct task *task)
{
    const struct layer *layer = task->layer;
    d->kernels->pixel_matmul(layer->y, layer->value[LAYER_BIAS], &d->batch, layer->value[LAYER_WEIGHT], layer->stride);
}

static void call_pixel_update(struct bench_data *d, const struct task *task)
{
    d->kernels->pixel_update[task->index](task->layer->value[LAYER_WEIGHT], d->state[task->index], &d->batch,
                                          d->mlp.first_dy, task->layer->stride, d->constants[task->index]);
}

static void call_update(struct bench_data *d, const struct task *task)
{
    d->kernels->update[task->index](d->mlp.params, d->mlp.grads, d->state[task->index], d->mlp.count,
                                    d->constants[task->index]);
}

static void call_column_sums(struct bench_data *d, const struct task *task)
{
    const struct layer *layer = task->layer;
    d->kernels->column_sums(layer->gradient[LAYER_BIAS], layer->y, d->rows, layer->out, layer->stride);
}

static void call_forward(struct bench_data *d, const struct task *task)
{
    const struct layer_pass pass = pass_of(d);
    task->layer->type->forward(task->layer, &pass, (struct layer_input){.dense = d->mlp.layer[0].y});
}

static void call_backward(struct bench_data *d, const struct task *task)
{
    const struct layer_pass pass = pass_of(d);
    task->layer->type->backward(task->layer, &pass, (struct layer_input){.dense = d->mlp.layer[0].y},
                                d->mlp.gradient[1], d->mlp.gradient[0]);
}

static void call_softmax(struct bench_data *d, const struct task *task)
{
    size_t correct = 0;
    d->kernels->softmax_cross_entropy(d->mlp.gradient[0], task->layer->y, d->labels, d->rows, task->layer->out,
                                      task->layer->stride, &correct);
}

/* One more task and its row; the name is formatted as by printf. */
static __attribute__((format(printf, 6, 7))) struct bench_row *
add(struct tasks *tasks, const char *group, struct task task, double flops, double bytes, const char *name, ...)
{
    struct bench *bench = tasks->bench;
    assert(bench->count < BENCH_ROWS_MAX);
    struct bench_row *row = &bench->rows[bench->count];
    va_list arguments;
    *row = (struct bench_row){.group = group, .flops = flops, .bytes = bytes};
    va_start(arguments, name);
    vsnprintf(row->name, sizeof row->name, name, arguments);
    va_end(arguments);
    tasks->list[bench->count++] = task;
    return row;
}

/* A dense product as a task; nothing is added for an empty one. */
static void add_matmul(struct tasks *tasks, const char *group, const char *name, size_t number, real *c,
                       struct matrix a, struct matrix b, size_t m, size_t k, size_t n, size_t stride)
{
    const struct task task = {.call = call_matmul, .c = c, .a = a, .b = b, .m = m, .k = k, .n = n, .stride = stride};
    const double flops = 2 * (double)m * (double)k * (double)n;
    const double bytes = sizeof(real) * ((double)m * (double)k + (double)k * (double)n + (double)m * (double)n);
    struct bench_row *row = number > 0 ? add(tasks, group, task, flops, bytes, "%s %zu", name, number)
                                       : add(tasks, group, task, flops, bytes, "%s", name);
    snprintf(row->shape, sizeof row->shape, "%zu x %zu x %zu", m, k, n);
}

/* The three products of a Linear layer, dense. */
static void add_linear(struct tasks *tasks, const char *group, size_t number, const real *x, real *dx, real *w,
                       real *dw, real *z, const real *dz, size_t rows, size_t in, size_t out, size_t in_stride,
                       size_t stride)
{
    const struct matrix matrix_x = {x, in_stride, 1}, transposed_x = {x, 1, in_stride}, matrix_dz = {dz, stride, 1};
    const struct matrix matrix_w = {w, stride, 1}, transposed_w = {w, 1, stride};
    add_matmul(tasks, group, "forward", number, z, matrix_x, matrix_w, rows, in, out, stride);
    add_matmul(tasks, group, "weight gradient", number, dw, transposed_x, matrix_dz, in, rows, out, stride);
    if (dx)
        add_matmul(tasks, group, "input gradient", number, dx, matrix_dz, transposed_w, rows, out, in, in_stride);
}

/* The products of the n-th Linear layer, not the first, that training does not compute as dense ones. */
static void add_hidden(struct tasks *tasks, struct layer *layer, size_t n)
{
    const struct bench_data *d = tasks->data;
    const real *const x = layer[-1].y;
    size_t non_zero = 0;
    for (size_t b = 0; b < d->rows; b++)
        for (size_t i = 0; i < layer->in; i++)
            non_zero += x[b * layer->in_stride + i] != 0;
    const double numbers = (double)(d->rows * layer->in), part = 100 * (double)non_zero / numbers;
    const double flops = 2 * (double)non_zero * (double)layer->out;
    const double w_bytes = sizeof(real) * (double)layer->in * (double)layer->stride;
    const struct task linear = {.call = call_linear, .layer = layer};
    const enum layer_linear_way way = layer_linear_product_way(layer, d->rows);
    struct bench_row *row;
    if (way == LAYER_LINEAR_DOT) {
        row = add(tasks, "net", linear, 2 * numbers * (double)layer->out, w_bytes, "forward %zu in lanes", n);
        snprintf(row->shape, sizeof row->shape, "%zu x %zu x %zu", d->rows, layer->in, layer->out);
    } else if (way == LAYER_LINEAR_SKIP) {
        row = add(tasks, "net", linear, flops, w_bytes, "sparse forward %zu", n);
        snprintf(row->shape, sizeof row->shape, "%zu x %.1f %% of %zu x %zu", d->rows, part, layer->in, layer->out);
    }
    if (layer_linear_weight_gradient_way(layer, d->rows) == LAYER_LINEAR_SKIP) {
        const struct task gradient = {.call = call_weight_gradient, .layer = layer};
        row = add(tasks, "net", gradient, flops, w_bytes, "sparse weight gradient %zu", n);
        snprintf(row->shape, sizeof row->shape, "%.1f %% of %zu x %zu x %zu", part, layer->in, d->rows, layer->out);
    }
}

/* The first layer on pixels as bytes, its weights' gradient with each optimizer's step. */
static void add_pixels(struct tasks *tasks, struct layer *layer)
{
    const struct bench_data *d = tasks->data;
    size_t non_zero = 0;
    for (size_t b = 0; b < d->rows; b++)
        for (size_t k = 0; k < d->batch.columns; k++)
            non_zero += d->batch.row[b][k] != 0;
    const double flops = 2 * (double)non_zero * (double)layer->out;
    const double weights = sizeof(real) * (double)layer->in * (double)layer->stride;
    const double part = 100 * (double)non_zero / ((double)d->rows * (double)layer->in);
    struct bench_row *row =
        add(tasks, "net", (struct task){.call = call_pixel_matmul, .layer = layer}, flops, weights, "sparse forward 1");
    snprintf(row->shape, sizeof row->shape, "%zu x %.1f %% of %zu x %zu", d->rows, part, layer->in, layer->out);
    for (size_t o = 0; optimizer_row(o); o++) {
        const struct task task = {.call = call_pixel_update, .layer = layer, .index = o};
        row = add(tasks, "net", task, flops, weights * (2 + 2 * (double)optimizer_row(o)->states),
                  "sparse gradient and %s 1", optimizer_row(o)->name);
        snprintf(row->shape, sizeof row->shape, "%.1f %% of %zu x %zu x %zu", part, layer->in, d->rows, layer->out);
    }
}

/* What is done element by element, at the first layer's width. */
static void add_passes(struct tasks *tasks)
{
    struct bench_data *d = tasks->data;
    struct layer *first = &d->mlp.layer[0];
    const double pass = sizeof(real) * (double)d->rows * (double)first->stride;
    const size_t begin = tasks->bench->count;
    add(tasks, "net", (struct task){.call = call_column_sums, .layer = first}, 0, pass, "bias gradient");
    for (size_t i = 0; i < d->alone_count; i++) {
        struct layer *layer = &d->alone[i];
        if (d->rows < layer->type->least_rows)
            continue;
        add(tasks, "net", (struct task){.call = call_forward, .layer = layer}, 0, 2 * pass, "%s", layer->type->name);
        add(tasks, "net", (struct task){.call = call_backward, .layer = layer}, 0, 3 * pass, "%s backward",
            layer->type->name);
    }
    for (size_t i = begin; i < tasks->bench->count; i++)
        snprintf(tasks->bench->rows[i].shape, sizeof tasks->bench->rows[i].shape, "%zu x %zu", d->rows, first->out);
}

static void add_net(struct tasks *tasks)
{
    struct bench_data *d = tasks->data;
    struct mlp *mlp = &d->mlp;
    size_t number = 0;
    for (size_t l = 0; l < mlp->layers; l++) {
        struct layer *layer = &mlp->layer[l];
        if (layer->type != &layer_linear)
            continue;
        number++;
        add_linear(tasks, "net", number, l > 0 ? layer[-1].y : d->x, l > 0 ? mlp->gradient[1] : NULL,
                   layer->value[LAYER_WEIGHT], layer->gradient[LAYER_WEIGHT], layer->y, mlp->gradient[0], d->rows,
                   layer->in, layer->out, layer->in_stride, layer->stride);
        if (l > 0)
            add_hidden(tasks, layer, number);
        else if (d->pixels.pixels)
            add_pixels(tasks, layer);
    }
    add_passes(tasks);
    struct layer *last = &mlp->layer[mlp->layers - 1];
    struct bench_row *row = add(tasks, "net", (struct task){.call = call_softmax, .layer = last}, 0,
                                sizeof(real) * (double)d->rows * (double)last->stride * 2, "softmax cross-entropy");
    snprintf(row->shape, sizeof row->shape, "%zu x %zu", d->rows, last->out);
    for (size_t o = 0; optimizer_row(o); o++) {
        row = add(tasks, "net", (struct task){.call = call_update, .index = o}, 0,
                  sizeof(real) * (double)mlp->count * (3 + 2 * (double)optimizer_row(o)->states), "update by %s",
                  optimizer_row(o)->name);
        snprintf(row->shape, sizeof row->shape, "%zu", mlp->count);
    }
}

static void add_larger(struct tasks *tasks)
{
    static const size_t squares[] = {256, 1024};
    const struct bench_data *d = tasks->data;
    const size_t stride = layer_row_stride(WIDE);
    add_linear(tasks, "wide", 1, d->a, NULL, d->b, d->c, d->c, d->a, WIDE_BATCH, WIDE_INPUTS, WIDE, WIDE_INPUTS,
               stride);
    add_linear(tasks, "wide", 2, d->a, d->c, d->b, d->c, d->c, d->a, WIDE_BATCH, WIDE, WIDE, stride, stride);
    for (size_t i = 0; i < sizeof squares / sizeof *squares; i++) {
        const size_t n = squares[i];
        add_matmul(tasks, "square", "product", 0, d->c, (struct matrix){d->a, n, 1}, (struct matrix){d->b, n, 1}, n, n,
                   n, n);
    }
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
    struct bench_data d = {.rows = config->batch};
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
    d->kernels->softmax_cross_entropy(d->mlp.gradient[0], logits, d->labels, d->rows, last->out, last->stride,
                                      &correct);
    mlp_backward(&d->mlp, d->kernels, d->dense, d->rows);
    random_torch_uniform(&random, d->a, WIDE * WIDE, -1, 1);
    random_torch_uniform(&random, d->b, WIDE * WIDE, -1, 1);
    /* Steps of rate 0: the weights stay what they are however often they are updated. */
    for (size_t i = 0; optimizer_row(i); i++)
        optimizer_row(i)->constants(d->constants[i], 0, &hyper, 1);
}

/* Time that this thread has run: what other programs take of the core does not count. */
static double thread_clock_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* One sample of a task, in seconds a call. */
static double sample(struct bench_data *d, const struct task *task, size_t calls)
{
    const double start = thread_clock_s();
    for (size_t i = 0; i < calls; i++)
        task->call(d, task);
    return (thread_clock_s() - start) / (double)calls;
}

static void measure(struct tasks *tasks, double limit_s)
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
    }
    /* A slow kernel set may have used up the time by now: what was seen so far has to do. */
    size_t rounds = 0;
    while (rounds < SAMPLES_MAX && (clock_now_s() - start) * (1 + 1 / (double)(rounds + 1)) < limit_s) {
        for (size_t i = 0; i < bench->count; i++) {
            struct task *task = &tasks->list[i];
            if (task->calls > 1)
                task->call(d, task);
            task->times[rounds] = sample(d, task, task->calls);
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
        if (!norm || config->batch >= norm->least_rows)
            return config->norms.values[i];
    }
    return 0;
}

int bench_kernels(struct bench *bench, const struct train_config *config, const struct dataset *data,
                  const struct kernels *kernels, double limit_s, struct error *err)
{
    enum { PEAK_ROUNDS = 4096 };
    struct bench_data d = {.kernels = kernels, .rows = config->batch};
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

    const double peak_flops = (double)kernels->fma_peak(d.peak, PEAK_ROUNDS);
    struct bench_row *row =
        add(tasks, "peak", (struct task){.call = call_peak, .n = PEAK_ROUNDS}, peak_flops, 0, "fma");
    snprintf(row->shape, sizeof row->shape, "registers alone");
    add_net(tasks);
    add_larger(tasks);
    measure(tasks, limit_s);
    for (size_t i = 0; i < d.mlp.count; i++) /* what was measured was arithmetic on numbers, not on nan */
        assert(isfinite(d.mlp.params[i]));
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
                   const struct kernels *kernels, double limit_s, size_t epochs, double *each, struct error *err)
{
    double own[EPOCHS_MAX] = {0};
    const size_t norm = config->norms.values[0];
    const struct mlp_shape shape = train_shape(config, norm, data);
    const double steps = ceil((double)data->train.count / (double)config->batch);
    *training = (struct bench_training){
        .norm = norm, .accuracy_percent = NAN, .dense_flops = epoch_flops(&shape, data->train.count)};
    if (epochs == 0) {
        if (train_profile(config, data, kernels, limit_s / 3, &training->profile, err) < 0)
            return -1;
        training->epoch_s = training->least_s = training->profile.step_s * steps;
        const double fit = limit_s * 2 / 3 / training->epoch_s;
        if (fit < 1)
            return 0;
        epochs = fit < (double)EPOCHS_MAX ? (size_t)fit : EPOCHS_MAX;
        each = own;
    }
    if (train_epochs(config, data, kernels, epochs, each, &training->accuracy_percent, err) < 0)
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
