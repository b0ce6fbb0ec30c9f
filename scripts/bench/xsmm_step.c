/*
 * xsmm_step.c - seconds of a training step by libxsmm, one thread: what `dlexp bench --norm none` does, with the
 * options of the peers in Python.
 */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/clock.h"
#include "dlexp/base/number.h"
#include "dlexp/base/random.h"
#include "dlexp/data/dataset.h"
#include "dlexp/statistics/statistics.h"
#include "plain_net.h"
#include "sizes.h"
#include "xsmm_net.h"

enum { SEED = 1234, WARM_UP = 2, LEAST = 20, STEPS_MAX = 1 << 20, LARGEST = 1 << 16 };

static const char usage[] = "usage: bench_xsmm [--norm none] [--hidden LIST] [--batch N] [--data DIR] [--seconds S]\n"
                            "\n"
                            "Seconds of a training step of an MLP by libxsmm, for S seconds (default 1), as JSON.\n"
                            "Defaults: --hidden 128,64 --batch 60 --data data/mnist\n";

struct config {
    const char *norm, *hidden, *batch, *data, *seconds; /* as typed */
    size_t widths[XSMM_LAYERS_MAX + 1], count, images;
    double limit_s;
};

/* What steps are made of: the net, the data, and a random order of its images that is gone through in turn. */
struct training {
    struct xsmm_net net;
    struct dataset data;
    uint32_t *order;
    size_t next;
};

static int read_arguments(struct config *config, int argc, char **argv, struct error *err)
{
    static const struct option options[] = {{"norm", required_argument, NULL, 'n'},
                                            {"hidden", required_argument, NULL, 'l'},
                                            {"batch", required_argument, NULL, 'b'},
                                            {"data", required_argument, NULL, 'd'},
                                            {"seconds", required_argument, NULL, 's'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    const char **const fields[] = {&config->norm, &config->hidden, &config->batch, &config->data, &config->seconds};
    for (int letter, row; (letter = getopt_long(argc, argv, "h", options, &row)) != -1;) {
        if (letter == 'h') {
            fputs(usage, stdout);
            exit(EXIT_SUCCESS);
        }
        if (letter == '?')
            return error_set(err, ERROR_USAGE, "see bench_xsmm --help");
        *fields[row] = optarg;
    }
    if (optind < argc)
        return error_set(err, ERROR_USAGE, "unexpected word '%s'; see bench_xsmm --help", argv[optind]);
    return 0;
}

/* Widths of the hidden layers, behind a place for that of the inputs. */
static int read_hidden(struct config *config, struct error *err)
{
    config->count = 1;
    for (const char *text = config->hidden;; text++) {
        if (config->count == XSMM_LAYERS_MAX)
            return error_set(err, ERROR_USAGE, "expected at most %d layers, got more", XSMM_LAYERS_MAX - 1);
        if (sizes_read(&text, ",", LARGEST, &config->widths[config->count++], err) < 0)
            return -1;
        if (*text == '\0')
            return 0;
    }
}

static int read_config(struct config *config, struct error *err)
{
    const char *why;
    if (strcmp(config->norm, "none") != 0)
        return error_set(err, ERROR_USAGE, "--norm: expected none, the only one here, got '%s'", config->norm);
    if (number_parse_real(config->seconds, strlen(config->seconds), &config->limit_s, &why) < 0)
        return error_set(err, ERROR_USAGE, "--seconds: expected a number, got '%s': %s", config->seconds, why);
    if (read_hidden(config, err) < 0) {
        error_add(err, " for --hidden");
        return -1;
    }
    if (sizes_read(&config->batch, "", LARGEST, &config->images, err) < 0) {
        error_add(err, " for --batch");
        return -1;
    }
    return 0;
}

static int prepare(struct training *t, struct config *config, struct error *err)
{
    if (dataset_load(&t->data, &(struct dataset_source){.directory = config->data}, err) < 0)
        return -1;
    const size_t images = t->data.train.count;
    if (config->images > images)
        return error_set(err, ERROR_USAGE, "--batch: expected at most %zu, the images there are, got %zu", images,
                         config->images);
    config->widths[0] = t->data.pixels;
    config->widths[config->count++] = t->data.classes;
    t->order = malloc(images * sizeof *t->order);
    if (!t->order)
        return error_out_of_memory(err, "the order of the images");
    random_torch_permutation(SEED, t->order, images);
    return xsmm_net_init(&t->net, config->widths, config->count, config->images, err);
}

static double step(struct training *t)
{
    const double loss = xsmm_net_step(&t->net, t->data.train.images, t->data.train.labels, t->order + t->next);
    t->next += t->net.batch;
    if (t->next + t->net.batch > t->data.train.count)
        t->next = 0;
    return loss;
}

/* The least seconds of a step with these blocks, in the thread's own time: a busy machine must not decide. */
static int time_blocks(double *seconds, struct training *t, struct xsmm_blocks blocks, struct error *err)
{
    enum { TRIES = 3 };
    if (xsmm_net_block(&t->net, blocks, err) < 0)
        return -1;
    xsmm_net_start(&t->net, SEED);
    *seconds = INFINITY;
    const double begin = clock_thread_s();
    for (size_t i = 0; i < TRIES || clock_thread_s() - begin < 0.05; i++) {
        const double start = clock_thread_s();
        step(t);
        *seconds = fmin(*seconds, clock_thread_s() - start);
    }
    return 0;
}

/* The blocks that are the fastest here: one size after the other, as all combinations would take too long for large
 * nets. */
static int choose_blocks(struct xsmm_blocks *blocks, struct training *t, struct error *err)
{
    static const size_t hidden[] = {32, 64, 128}, images[] = {8, 16, 32, 64, 128}, inputs[] = {28, 56, 112, 196, 784};
    *blocks = (struct xsmm_blocks){.images = 64, .inputs = 112, .hidden = 64};
    const struct {
        size_t *size;
        const size_t *list;
        size_t count;
    } sizes[] = {{&blocks->hidden, hidden, sizeof hidden / sizeof *hidden},
                 {&blocks->images, images, sizeof images / sizeof *images},
                 {&blocks->inputs, inputs, sizeof inputs / sizeof *inputs}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        double least_s = INFINITY, seconds;
        size_t best = *sizes[i].size;
        for (size_t j = 0; j < sizes[i].count; j++) {
            *sizes[i].size = sizes[i].list[j];
            if (time_blocks(&seconds, t, *blocks, err) < 0)
                return -1;
            best = seconds < least_s ? *sizes[i].size : best;
            least_s = fmin(least_s, seconds);
        }
        *sizes[i].size = best;
    }
    return xsmm_net_block(&t->net, *blocks, err);
}

/* The first steps must come to dlexp's losses: the same weights, images and updates, whose sums differ in order. */
static int check(struct training *t, const struct config *config, struct error *err)
{
    static const double tolerance = 1e-3; /* of float32 sums over steps; a wrong update makes percents */
    const struct kernels *const kernels = kernels_find(NULL, err);
    struct widths hidden = {.count = config->count - 2};
    for (size_t l = 0; l < hidden.count; l++)
        hidden.list[l] = (int64_t)config->widths[l + 1];
    struct plain_net *const plain =
        kernels ? plain_net_new(kernels, &t->data, &hidden, config->images, SEED, err) : NULL;
    if (!plain)
        return -1;
    int status = 0;
    t->next = 0;
    xsmm_net_start(&t->net, SEED);
    for (size_t i = 1; i <= LEAST && status == 0; i++) {
        const double expected = plain_net_step(plain), got = step(t);
        if (!(fabs(got - expected) <= tolerance * expected))
            status = error_set(err, ERROR_CHECK, "step %zu: expected dlexp's loss, %g, got %g", i, expected, got);
    }
    plain_net_free(plain);
    return status;
}

static void measure(struct training *t, struct xsmm_blocks blocks, double limit_s)
{
    static double seconds[STEPS_MAX];
    size_t count = 0;
    const double begin = clock_now_s();
    for (; count < STEPS_MAX && (count < WARM_UP + LEAST || clock_now_s() - begin < limit_s); count++) {
        const double start = clock_now_s();
        step(t);
        seconds[count] = clock_now_s() - start;
    }
    printf("{\"step_s\": %.9g, \"steps\": %zu, \"libxsmm\": \"%s %s\", "
           "\"blocks\": {\"images\": %zu, \"inputs\": %zu, \"hidden\": %zu}}\n",
           statistics_median(seconds + WARM_UP, count - WARM_UP), count, LIBXSMM_VERSION, libxsmm_get_target_arch(),
           blocks.images, blocks.inputs, blocks.hidden);
}

int main(int argc, char **argv)
{
    static struct training training;
    struct config config = {.norm = "none", .hidden = "128,64", .batch = "60", .data = "data/mnist", .seconds = "1"};
    struct xsmm_blocks blocks;
    struct error err = {0};
    int status = read_arguments(&config, argc, argv, &err);
    if (status == 0)
        status = read_config(&config, &err);
    if (status == 0)
        status = prepare(&training, &config, &err);
    if (status == 0)
        status = choose_blocks(&blocks, &training, &err);
    if (status == 0)
        status = check(&training, &config, &err);
    if (status == 0)
        measure(&training, blocks, config.limit_s);
    xsmm_net_free(&training.net);
    dataset_free(&training.data);
    free(training.order);
    if (status != 0)
        fprintf(stderr, "bench_xsmm: %s\n", err.message);
    return status == 0 ? EXIT_SUCCESS : err.code;
}
