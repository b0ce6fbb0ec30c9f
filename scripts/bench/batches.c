/*
 * Training steps at two batch sizes, in turns: is there a size at which a step takes longer than with one image more?
 *
 *   bench_batches KERNELS DATA HIDDEN PAIR...      PAIR: A:B, or A..B for A:A+1, A+1:A+2 up to B-1:B
 *
 * Prints batch,other,step_us,other_step_us,ratio,ratio_per_image as CSV, a ratio being the first to the other.
 * Both nets train in one process by turns of some milliseconds; a ratio is taken within a round, in the thread's own
 * time, and shown is its median, the mean of two orders.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/clock.h"
#include "dlexp/statistics/statistics.h"
#include "plain_net.h"
#include "sizes.h"

enum { ROUNDS = 7, ORDERS = 2, SEED = 1234 };
static const double turn_s = 0.004;

/* Seconds a step of so many. */
static double steps(struct plain_net *net, size_t count)
{
    const double start = clock_thread_s();
    for (size_t i = 0; i < count; i++)
        plain_net_step(net);
    return (clock_thread_s() - start) / (double)count;
}

/* ROUNDS of both; the net of batch[first] is made first. */
static int compare_in_order(double seconds[2][ROUNDS], double ratio[ROUNDS], const struct kernels *kernels,
                            const struct dataset *data, const struct widths *hidden, const size_t batch[2],
                            size_t first, struct error *err)
{
    struct plain_net *net[2] = {0};
    size_t turn[2]; /* steps of it */
    for (size_t i = 0; i < 2; i++) {
        const size_t which = i == 0 ? first : 1 - first;
        net[which] = plain_net_new(kernels, data, hidden, batch[which], SEED, err);
        if (!net[which]) {
            plain_net_free(net[1 - which]);
            return -1;
        }
        steps(net[which], 2); /* fresh pages and cold caches */
        turn[which] = (size_t)(turn_s / steps(net[which], 2)) + 1;
    }
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < 2; i++)
            seconds[i][round] = steps(net[i], turn[i]);
        ratio[round] = seconds[0][round] / seconds[1][round];
    }
    for (size_t i = 0; i < 2; i++)
        plain_net_free(net[i]);
    return 0;
}

/* Where a net lies in memory makes some percent of its time: each is made first once, and the ratio is the geometric
 * mean of both orders. */
static int compare(const struct kernels *kernels, const struct dataset *data, const struct widths *hidden,
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
static int run_pair(const struct kernels *kernels, const struct dataset *data, const struct widths *widths,
                    const char *pair, struct error *err)
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
    struct widths widths = {.count = 0};
    for (const char *at = hidden; at; at = *at == ',' ? at + 1 : NULL) {
        size_t size;
        if (sizes_read(&at, ",", WIDEST, &size, err) < 0)
            return -1;
        if (widths.count == PLAIN_NET_HIDDEN_MAX)
            return error_set(err, ERROR_USAGE, "HIDDEN: expected at most %d widths, got '%s'", PLAIN_NET_HIDDEN_MAX,
                             hidden);
        widths.list[widths.count++] = (int64_t)size;
    }
    for (; *pairs; pairs++)
        if (run_pair(kernels, data, &widths, *pairs, err) < 0)
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
