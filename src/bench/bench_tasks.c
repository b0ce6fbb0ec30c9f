/* bench_tasks.c - see bench_tasks.h. */
#include "bench_tasks.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "dlexp/net/layer_linear.h"

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
    layer_linear_product(&task->linear, &pass, task->x);
}

static void call_weight_gradient(struct bench_data *d, const struct task *task)
{
    const struct layer_pass pass = pass_of(d);
    layer_linear_weight_gradient(&task->linear, &pass, task->x, d->mlp.gradient[0]);
}

static void call_pixel_matmul(struct bench_data *d, const struct task *task)
{
    const struct layer *layer = &task->linear;
    d->kernels->pixel_matmul(layer->y, layer->value[LAYER_BIAS], &d->batch, layer->value[LAYER_WEIGHT], layer->stride);
}

static void call_pixel_update(struct bench_data *d, const struct task *task)
{
    const struct layer *layer = &task->linear;
    d->kernels->pixel_update[task->index](layer->value[LAYER_WEIGHT], d->state[task->index], &d->batch, d->mlp.first_dy,
                                          layer->stride, d->constants[task->index], d->mlp.workspace);
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
                                d->mlp.gradient[1], d->mlp.gradient[0], NULL);
}

static void call_softmax(struct bench_data *d, const struct task *task)
{
    size_t correct = 0;
    d->kernels->softmax_cross_entropy(d->mlp.gradient[0], task->layer->y, d->labels, d->rows, task->layer->out,
                                      task->layer->stride, &correct, NULL);
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

/* Where products of the net are written: over its own outputs they would take their zeros away. */
static real *output_of(const struct bench_data *d)
{
    return d->mlp.gradient[1];
}

/* A task on a Linear layer of the net. */
static struct task measured_linear(const struct bench_data *d, const struct layer *layer,
                                   void (*call)(struct bench_data *, const struct task *))
{
    struct task task = {.call = call, .linear = *layer};
    task.linear.y = output_of(d);
    return task;
}

/* The products of the n-th Linear layer, not the first, that training does not compute as dense ones. */
static void add_hidden(struct tasks *tasks, const struct layer *layer, size_t n)
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
    const struct layer_pass pass = pass_of(d);
    const enum layer_linear_way way = layer_linear_product_way(layer, &pass, x),
                                gradient_way = layer_linear_weight_gradient_way(layer, &pass, x);
    struct task linear = measured_linear(d, layer, call_linear);
    struct bench_row *row;
    linear.x = x;
    linear.way = way;
    if (way == LAYER_LINEAR_DOT) {
        row = add(tasks, "net", linear, 2 * numbers * (double)layer->out, w_bytes, "forward %zu in lanes", n);
        snprintf(row->shape, sizeof row->shape, "%zu x %zu x %zu", d->rows, layer->in, layer->out);
    } else if (way == LAYER_LINEAR_SKIP) {
        row = add(tasks, "net", linear, flops, w_bytes, "sparse forward %zu", n);
        snprintf(row->shape, sizeof row->shape, "%zu x %.1f %% of %zu x %zu", d->rows, part, layer->in, layer->out);
    }
    if (gradient_way == LAYER_LINEAR_SKIP) {
        linear.call = call_weight_gradient;
        linear.way = gradient_way;
        row = add(tasks, "net", linear, flops, w_bytes, "sparse weight gradient %zu", n);
        snprintf(row->shape, sizeof row->shape, "%.1f %% of %zu x %zu x %zu", part, layer->in, d->rows, layer->out);
    }
}

/* The first layer on pixels as bytes, its weights' gradient with each optimizer's step. */
static void add_pixels(struct tasks *tasks, const struct layer *layer)
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
        add(tasks, "net", measured_linear(d, layer, call_pixel_matmul), flops, weights, "sparse forward 1");
    snprintf(row->shape, sizeof row->shape, "%zu x %.1f %% of %zu x %zu", d->rows, part, layer->in, layer->out);
    for (size_t o = 0; optimizer_row(o); o++) {
        struct task task = measured_linear(d, layer, call_pixel_update);
        task.index = o;
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
                   layer->value[LAYER_WEIGHT], layer->gradient[LAYER_WEIGHT], output_of(d), mlp->gradient[0], d->rows,
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

/* For so many rounds the peak is measured: long enough for a clock. */
enum { PEAK_ROUNDS = 4096 };

void bench_tasks_fill(struct tasks *tasks)
{
    struct bench_data *d = tasks->data;
    const double peak_flops = (double)d->kernels->fma_peak(d->peak, PEAK_ROUNDS);
    struct bench_row *row =
        add(tasks, "peak", (struct task){.call = call_peak, .n = PEAK_ROUNDS}, peak_flops, 0, "fma");
    snprintf(row->shape, sizeof row->shape, "registers alone");
    add_net(tasks);
    add_larger(tasks);
}

bool bench_tasks_as_filled(const struct tasks *tasks)
{
    const struct layer_pass pass = pass_of(tasks->data);
    for (size_t i = 0; i < tasks->bench->count; i++) {
        const struct task *task = &tasks->list[i];
        if (task->x &&
            task->way != (task->call == call_linear ? layer_linear_product_way(&task->linear, &pass, task->x)
                                                    : layer_linear_weight_gradient_way(&task->linear, &pass, task->x)))
            return false;
    }
    return true;
}
