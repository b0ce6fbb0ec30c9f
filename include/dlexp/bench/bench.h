/*
 * bench.h - how fast this machine trains: each kernel beside what the CPU could do at most, and whole epochs.
 *
 * Times are medians: of kernels in the thread's own time, of steps and epochs by the clock on the wall.  All kernels
 * are measured in turn, round after round until the time is up, so that a disturbance falls on all of them alike; a
 * sample is as many calls as take about a millisecond, after one that warms the caches.
 */
#ifndef DLEXP_BENCH_H
#define DLEXP_BENCH_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/error.h"
#include "dlexp/data/dataset.h"
#include "dlexp/kernels/kernels.h"
#include "dlexp/train/train_timing.h"

/* One kernel at one size. */
struct bench_row {
    const char *group;        /* "peak", "net", "wide", "square" */
    char name[48], shape[48]; /* "forward 1", "60 x 784 x 128" (rows x summed x columns) */
    double seconds, least_s;  /* of one call: median and minimum over the samples */
    size_t samples;
    double flops; /* floating-point operations of a call that the result needs, an fma being two; 0: not counted */
    double bytes; /* that a call must read and write at least once; 0: not counted */
};

enum { BENCH_ROWS_MAX = 6 * MLP_HIDDEN_MAX + 96 };

struct bench {
    struct bench_row rows[BENCH_ROWS_MAX]; /* rows[0]: the FMA peak */
    size_t count;
};

/* bench_flops_s, bench_share, bench_bytes_s - FLOP/s, as a share of the peak, and bytes/s of a row; 0 where it has
 * none. */
double bench_flops_s(const struct bench_row *row);
double bench_share(const struct bench *bench, const struct bench_row *row);
double bench_bytes_s(const struct bench_row *row);

/* bench_memory - bytes that the measurements take, those of whole epochs alone or all of them. */
double bench_memory(const struct train_config *config, const struct dataset *data, bool epochs_alone);

/*
 * bench_kernels - every kernel at the sizes of the config's net on a batch of the data, every norm and activation of
 * the table at the width of its first layer, and dense products of larger sizes; for about limit_s seconds, each
 * measured once at least.  hooks->report, if there are hooks, is called between samples, here and below.
 */
int bench_kernels(struct bench *bench, const struct train_config *config, const struct dataset *data,
                  const struct kernels *kernels, double limit_s, const struct run_hooks *hooks, struct error *err);

/* The training of one net. */
struct bench_training {
    size_t norm; /* its number */
    struct train_profile profile;
    size_t epochs;           /* whole ones that were timed; 0: epoch_s is that many steps of the profile */
    double epoch_s, least_s; /* median and minimum */
    double accuracy_percent; /* of the test set after them; nan without */
    double dense_flops;      /* of an epoch in which no zero is skipped, biases and normalisation left out */
};

/*
 * bench_training - the config's first norm: a profile of the steps, and as many whole epochs as fit into about limit_s
 * seconds; epochs > 0: no profile, and this many whatever they take, their seconds into `each`.
 */
int bench_training(struct bench_training *training, const struct train_config *config, const struct dataset *data,
                   const struct kernels *kernels, double limit_s, size_t epochs, double *each,
                   const struct run_hooks *hooks, struct error *err);

#endif
