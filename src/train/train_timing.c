/* What a run costs: its memory, its time, the phases of its steps. */
#include "dlexp/train/train_timing.h"

#include <assert.h>
#include <stdlib.h>

#include "dlexp/base/clock.h"
#include "dlexp/statistics/statistics.h"
#include "dlexp/train/train_bits.h"
#include "dlexp/train/train_evals.h"
#include "dlexp/train/train_layers.h"
#include "dlexp/train/train_measure.h"
#include "dlexp/train/train_record.h"

void train_memory(const struct train_config *config, const struct dataset *data, double *running, double *kept)
{
    struct mlp net;
    struct memory measure = {0};
    struct train_config largest = *config;
    size_t norm = train_largest_norm(config, data);
    if (!train_protocol_row(config->protocol)->chained)
        largest.norms = (struct indices){&norm, 1};
    const struct mlp_shape shape = train_shape(config, norm, data);
    mlp_layout(&net, &shape, 1, 1, &measure);
    /* A record's head: some numbers per epoch of each segment, and some 4 KB of words and pointers. */
    const double evals = (double)train_evals_numbers(config, data);
    *kept = (double)train_segments(config) * (4096 + (double)config->epochs * TRAIN_MEASURES * sizeof(double)) +
            evals * sizeof(double);
    /* The model's file is made in memory, and so is the record's, at most 24 characters a loss beside its 8 bytes. */
    *running =
        trainer_bytes(&largest, data) + (double)mlp_state_count(&net) * sizeof(float) + *kept +
        32 * (evals + (double)train_steps(config, data) + (double)train_layers_numbers(config) +
              (double)(train_segments(config) * (train_bits_words(data->test.count) + data->classes * data->classes)));
}

/* Arithmetic and memory traffic of a step, in units that only their ratio matters of. */
static double step_work(const struct train_config *config, const struct dataset *data)
{
    const double update = 16; /* images' worth of work that one weight's update is */
    const double batch = (double)config->batching.batch;
    double work = 0, in = (double)data->pixels;
    for (size_t i = 0; i <= config->hidden.count; i++) {
        const double out = i < config->hidden.count ? (double)config->hidden.values[i] : (double)data->classes;
        work += in * out * ((i == 0 && train_sparse(config, data) ? data->density : 1) * batch + update);
        in = out;
    }
    return work;
}

/*
 * Make the net small enough to be built and timed at once: the widest layer, or the batch, is halved until it is.
 * widths is where the layers' widths go.
 */
static void shrink(struct train_config *config, int64_t widths[MLP_HIDDEN_MAX], const struct dataset *data)
{
    const double most = 128e6; /* bytes: still larger than the caches of a core */
    for (size_t i = 0; i < config->hidden.count; i++)
        widths[i] = config->hidden.values[i];
    config->hidden.values = widths;
    while (trainer_bytes(config, data) > most) {
        int64_t *widest = widths;
        for (size_t i = 1; i < config->hidden.count; i++)
            widest = widths[i] > *widest ? &widths[i] : widest;
        /* Rows cost as much as weights when there are as many of them as neurons. */
        if (config->batching.batch > 64 && (double)config->batching.batch > (double)*widest)
            config->batching.batch /= 2;
        else if (*widest > 1)
            *widest /= 2;
        else
            break;
    }
}

int train_seconds(const struct train_config *config_, const struct dataset *data, const struct kernels *kernels,
                  double *seconds, struct error *err)
{
    struct trainer t;
    struct train_sums ignored = {0};
    double step_s = 0, test_s = 0;
    int64_t widths[MLP_HIDDEN_MAX] = {0};
    struct train_config small = *config_;
    small.layers = false; /* a look each epoch: it takes as long as some steps */
    const struct train_config *const config = &small;
    shrink(&small, widths, data);
    const double scale = step_work(config_, data) / step_work(config, data);
    if (trainer_init(&t, config, data, kernels, NULL, err) < 0)
        return -1;
    random_seed(&t.random, (uint64_t)config->seed);
    random_torch_permutation(0, t.order, selection_kept(&config->selection, data));
    for (size_t n = 0; n < config->norms.count; n++) {
        mlp_init(&t.net[n], &t.random);
        double start = clock_now_s(), now = start;
        uint64_t steps = 0;
        while (steps < 3 || (now - start < 0.03 && steps < 1000)) {
            /* The first steps pay for cold caches and fresh pages: they do not count. */
            if (steps == 2)
                start = clock_now_s();
            trainer_step(&t, &t.net[n], config->lrs.values[0], ++steps, 0, config->batching.batch, &ignored, NULL);
            now = clock_now_s();
        }
        step_s += (now - start) / (double)(steps - 2);
        start = clock_now_s();
        const size_t rows = config->batching.batch < data->test.count ? config->batching.batch : data->test.count;
        for (int i = 0; i < 3; i++) {
            mlp_forward(&t.net[n], kernels, trainer_gather(&t, &data->test, t.in_order, 0, rows, false), rows, false);
        }
        test_s += (clock_now_s() - start) / 3;
    }
    trainer_free(&t);
    const uint64_t steps = train_epoch_steps(config_, data) * (uint64_t)config_->epochs;
    const double looks = (double)(train_evals_count(config_, data, steps) + config_->epochs);
    double batches =
        looks * (double)batching_count(&config_->batching, selection_part(&config_->selection, data).count);
    if (config->selection.validation > 0) /* at the end, and of the best epoch */
        batches += 2 * (double)batching_count(&config_->batching, data->test.count);
    *seconds = scale * (step_s * (double)steps + test_s * batches) * (double)config->lrs.count;
    return 0;
}

/* A net with its initial weights, as a fair run of this seed starts. */
static int start_net(struct trainer *t, const struct train_config *config, const struct dataset *data,
                     const struct kernels *kernels, struct segment *segment, struct error *err)
{
    if (trainer_init(t, config, data, kernels, NULL, err) < 0)
        return -1;
    random_seed(&t->random, (uint64_t)config->seed);
    mlp_init(&t->net[0], &t->random);
    *segment = trainer_segment(t, 0);
    return 0;
}

int train_epochs(const struct train_config *config, const struct dataset *data, const struct kernels *kernels,
                 size_t epochs, const struct run_hooks *hooks, double *seconds, double *accuracy_percent,
                 struct error *err)
{
    struct trainer t;
    struct segment s;
    struct record record;
    int result = 0;
    char header[TRAIN_MEASURES_HEADER_SIZE];
    assert(!train_protocol_row(config->protocol)->chained && epochs > 0);
    if (start_net(&t, config, data, kernels, &s, err) < 0)
        return -1;
    record_init(&record, "");
    record_table_add(&record, "epochs", train_measure_header(config, header), 0);
    s.steps = record.table_count;
    record_table_add(&record, "steps.0", TRAIN_STEPS_HEADER, RECORD_SINGLE);
    for (size_t epoch = 1; epoch <= epochs && s.end == TRAIN_COMPLETED && !record.failed; epoch++) {
        trainer_epoch(&t, &s, &record);
        seconds[epoch - 1] = s.seconds;
        if (hooks) {
            char text[64];
            snprintf(text, sizeof text, "epoch %zu/%zu", epoch, epochs);
            hooks->report(hooks->report_to, text);
        }
    }
    const struct record_table *table = record.tables;
    if (record.failed)
        result = error_out_of_memory(err, "the losses");
    else if (s.end == TRAIN_DIVERGED_IN_TEST)
        result = error_set(err, ERROR_RUN, "the test loss diverged after epoch %zu; its time would mean nothing",
                           table->rows + 1);
    else if (s.end != TRAIN_COMPLETED)
        result = error_set(err, ERROR_RUN, "the loss diverged in step %llu; its time would mean nothing",
                           (unsigned long long)s.step);
    else
        *accuracy_percent =
            table->cells[(table->rows - 1) * table->columns + record_column(table, "test_accuracy_percent")];
    record_free(&record);
    trainer_free(&t);
    return result;
}

int train_profile(const struct train_config *config, const struct dataset *data, const struct kernels *kernels,
                  double limit_s, struct train_profile *profile, struct error *err)
{
    enum { WARM_UP = 2 }; /* steps that pay for cold caches and fresh pages */
    struct trainer t;
    struct segment s;
    struct train_sums ignored = {0};
    const size_t whole = data->train.count / config->batching.batch, least = WARM_UP + 3;
    const size_t most = whole > least ? whole : least;
    const double start = clock_now_s();
    *profile = (struct train_profile){0};
    if (start_net(&t, config, data, kernels, &s, err) < 0)
        return -1;
    random_torch_permutation(0, t.order, data->train.count);
    const double first = clock_now_s();
    profile->start_s = first - start;
    double *const times = malloc(most * (TRAIN_PHASES + 1) * sizeof *times); /* by phase, then whole steps */
    if (!times) {
        trainer_free(&t);
        return error_out_of_memory(err, "the times of the steps");
    }
    size_t steps = 0;
    while (steps < least || (steps < most && clock_now_s() - first < limit_s)) {
        double clock_s[TRAIN_PHASES + 1];
        trainer_step(&t, s.net, s.lr, steps + 1, steps % whole * config->batching.batch, config->batching.batch,
                     &ignored, clock_s);
        for (size_t phase = 0; phase < TRAIN_PHASES; phase++)
            times[phase * most + steps] = clock_s[phase + 1] - clock_s[phase];
        times[TRAIN_PHASES * most + steps] = clock_s[TRAIN_PHASES] - clock_s[0];
        steps++;
    }
    profile->steps = steps - WARM_UP;
    for (size_t phase = 0; phase < TRAIN_PHASES; phase++)
        profile->phase_s[phase] = statistics_median(times + phase * most + WARM_UP, profile->steps);
    profile->step_s = statistics_median(times + TRAIN_PHASES * most + WARM_UP, profile->steps);
    free(times);
    trainer_free(&t);
    return 0;
}
