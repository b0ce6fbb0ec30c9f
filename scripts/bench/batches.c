/*
 * Training steps at two batch sizes, in turns: is there a size at which a step takes longer than with one image more?
 *
 *   bench_batches KERNELS DATA HIDDEN PAIR...      PAIR: A:B, or A..B for A:A+1, A+1:A+2 up to B-1:B
 *
 * Prints batch,other,step_us,other_step_us,ratio,ratio_per_image as CSV, a ratio being the first to the other.
 * Both nets train in one process by turns of some milliseconds; a ratio is taken within a round, in the thread's own
 * time, and shown is its median, the mean of two orders.  That is momentum 0.9 at rate 0.01 without a norm, as in
 * compare.sh.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/clock.h"
#include "dlexp/statistics/statistics.h"
#include "dlexp/train/trainer.h"
#include "sizes.h"

enum { ROUNDS = 7, ORDERS = 2, HIDDEN_MAX = 16 };
static const double turn_s = 0.004, rate = 0.01;

struct subject {
    struct train_config config;
    struct trainer trainer;
    size_t step; /* steps that were made */
    size_t turn; /* steps of a turn */
};

/* Seconds a step of so many. */
static double steps(struct subject *s, size_t count)
{
    const size_t batch = s->config.batching.batch, whole = s->trainer.data->train.count / batch;
    struct train_sums sums = {0};
    const double start = clock_thread_s();
    for (size_t i = 0; i < count; i++, s->step++)
        trainer_step(&s->trainer, &s->trainer.net[0], rate, s->step + 1, s->step % whole * batch, batch, &sums, NULL);
    return (clock_thread_s() - start) / (double)count;
}

static int begin(struct subject *s, const struct kernels *kernels, const struct dataset *data, struct integers hidden,
                 size_t batch, struct error *err)
{
    static const size_t no_norm = 0;
    if (batch == 0 || batch > data->train.count)
        return error_set(err, ERROR_USAGE, "a batch of %zu: expected 1 to %zu images", batch, data->train.count);
    *s = (struct subject){.config = {.norms = {(size_t *)&no_norm, 1},
                                     .lrs = {(double *)&rate, 1},
                                     .hidden = hidden,
                                     .hyper = hyperparameters_initial(),
                                     .batching.batch = batch,
                                     .epochs = 1,
                                     .threads = 1}};
    while (strcmp(optimizer_row(s->config.optimizer)->name, "momentum") != 0)
        s->config.optimizer++;
    if (trainer_init(&s->trainer, &s->config, data, kernels, NULL, err) < 0)
        return -1;
    random_seed(&s->trainer.random, 1);
    mlp_init(&s->trainer.net[0], &s->trainer.random);
    random_torch_permutation(0, s->trainer.order, data->train.count);
    steps(s, 2); /* fresh pages and cold caches */
    s->turn = (size_t)(turn_s / steps(s, 2)) + 1;
    return 0;
}

/* ROUNDS of both; the net of batch[first] is made first. */
static int compare_in_order(double seconds[2][ROUNDS], double ratio[ROUNDS], const struct kernels *kernels,
                            const struct dataset *data, struct integers hidden, const size_t batch[2], size_t first,
                            struct error *err)
{
    struct subject subject[2];
    if (begin(&subject[first], kernels, data, hidden, batch[first], err) < 0)
        return -1;
    if (begin(&subject[1 - first], kernels, data, hidden, batch[1 - first], err) < 0) {
        trainer_free(&subject[first].trainer);
        return -1;
    }
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < 2; i++)
            seconds[i][round] = steps(&subject[i], subject[i].turn);
        ratio[round] = seconds[0][round] / seconds[1][round];
    }
    for (size_t i = 0; i < 2; i++)
        trainer_free(&subject[i].trainer);
    return 0;
}

/* Where a net lies in memory makes some percent of its time: each is made first once, and the ratio is the geometric
 * mean of both orders. */
static int compare(const struct kernels *kernels, const struct dataset *data, struct integers hidden,
                   const size_t batch[2], struct error *err)
{
    double seconds[ORDERS][2][ROUNDS], ratio[ORDERS][ROUNDS], of[2] = {0, 0}, product = 1;
    for (size_t first = 0; first < ORDERS; first++) {
        if (compare_in_order(seconds[first], ratio[first], kernels, data, hidden, batch, first, err) < 0)
            return -1;
        for (size_t i = 0; i < 2; i++)
            of[i] += statistics_median(seconds[first][i], ROUNDS) / ORDERS;
        product *= statistics_median(ratio[first], ROUNDS);
    }
    const double both = sqrt(product);
    printf("%zu,%zu,%.1f,%.1f,%.4f,%.4f\n", batch[0], batch[1], 1e6 * of[0], 1e6 * of[1], both,
           both * (double)batch[1] / (double)batch[0]);
    return fflush(stdout);
}

/* A:B, or A..B for every A:A+1 up to B-1:B. */
static int run_pair(const struct kernels *kernels, const struct dataset *data, struct integers widths, const char *pair,
                    struct error *err)
{
    size_t first, last;
    const char *at = pair;
    if (sizes_read(&at, ".:", data->train.count, &first, err) < 0)
        return -1;
    const bool range = strncmp(at, "..", 2) == 0;
    if (!range && *at != ':')
        return error_set(err, ERROR_USAGE, "PAIR: expected A:B or A..B, got '%s'", pair);
    at += range ? 2 : 1;
    if (sizes_read(&at, "", data->train.count, &last, err) < 0)
        return -1;
    if (!range)
        return compare(kernels, data, widths, (size_t[]){first, last}, err);
    for (size_t batch = first; batch < last; batch++)
        if (compare(kernels, data, widths, (size_t[]){batch, batch + 1}, err) < 0)
            return -1;
    return 0;
}

static int run(const struct kernels *kernels, const struct dataset *data, const char *hidden, char **pairs,
               struct error *err)
{
    enum { WIDEST = 65536 };
    int64_t width[HIDDEN_MAX];
    struct integers widths = {width, 0};
    for (const char *at = hidden; at; at = *at == ',' ? at + 1 : NULL) {
        size_t size;
        if (sizes_read(&at, ",", WIDEST, &size, err) < 0)
            return -1;
        if (widths.count == HIDDEN_MAX)
            return error_set(err, ERROR_USAGE, "HIDDEN: expected at most %d widths, got '%s'", HIDDEN_MAX, hidden);
        width[widths.count++] = (int64_t)size;
    }
    for (; *pairs; pairs++)
        if (run_pair(kernels, data, widths, *pairs, err) < 0)
            return -1;
    return 0;
}

int main(int argc, char **argv)
{
    struct error err = {0};
    struct dataset data = {0};
    if (argc < 5) {
        fprintf(stderr, "usage: bench_batches KERNELS DATA HIDDEN PAIR...   (PAIR: A:B, or A..B for neighbours)\n");
        return 2;
    }
    const struct kernels *kernels = kernels_find(argv[1], &err);
    int result = kernels ? dataset_load(&data, &(struct dataset_source){.directory = argv[2]}, &err) : -1;
    if (result == 0) {
        printf("batch,other,step_us,other_step_us,ratio,ratio_per_image\n");
        result = run(kernels, &data, argv[3], argv + 4, &err);
    }
    if (result < 0)
        fprintf(stderr, "bench_batches: %s\n", err.message);
    dataset_free(&data);
    return result < 0;
}
