/*
 * bench_tasks.h - what is measured of the kernels: each call with its arithmetic and its traffic.
 */
#ifndef DLEXP_BENCH_TASKS_H
#define DLEXP_BENCH_TASKS_H

#include "dlexp/base/memory.h"
#include "dlexp/bench/bench.h"
#include "dlexp/net/layer_linear.h"
#include "dlexp/net/pixels.h"

enum {
    SAMPLES_MAX = 256,
    WIDE = 1024,       /* hidden layers of the larger net, */
    WIDE_BATCH = 256,  /* its batch */
    WIDE_INPUTS = 784, /* and its pixels */
    BENCH_OPTIMIZERS_MAX = 16,
    BENCH_LAYERS_MAX = 16
};

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
    struct layer linear;       /* one of the net's, whose output does not go into the net */
    const real *x;             /* the input of one of its hidden layers, */
    enum layer_linear_way way; /* which decides this */
    size_t index;              /* of the optimizer */
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

/* bench_tasks_fill - every task with its row, in the order of the report; the data must be laid out and filled. */
void bench_tasks_fill(struct tasks *tasks);

/* bench_tasks_as_filled - whether the net still holds what makes its Linear layers go the ways that the rows name. */
bool bench_tasks_as_filled(const struct tasks *tasks);

#endif
