#include "dlexp/train/train.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/clock.h"
#include "dlexp/base/memory.h"
#include "dlexp/base/number.h"
#include "dlexp/base/random.h"
#include "dlexp/net/pixels.h"
#include "dlexp/net/safetensors.h"
#include "dlexp/statistics/statistics.h"
#include "dlexp/train/train_record.h"

bool train_phase_name(size_t index, const char **name)
{
    static const char *const names[] = {[TRAIN_GATHER] = "gather",
                                        [TRAIN_FORWARD] = "forward",
                                        [TRAIN_LOSS] = "loss",
                                        [TRAIN_BACKWARD] = "backward",
                                        [TRAIN_UPDATE] = "update"};
    if (index >= sizeof names / sizeof *names)
        return false;
    *name = names[index];
    return true;
}

static const char *norm_name(enum mlp_norm norm)
{
    const char *name = NULL;
    mlp_norm_name((size_t)norm, &name);
    return name;
}

/* Everything a run needs, in one block of memory. */
struct trainer {
    const struct train_config *config;
    const struct dataset *data;
    const struct kernels *kernels;
    const struct run_hooks *hooks;
    struct memory memory;
    struct team *team;                 /* NULL for one thread a run */
    struct mlp net[MLP_NORMS];         /* by place in config->norms: notebook keeps them all alive */
    real *state[OPTIMIZER_STATES_MAX]; /* the optimizer's, as long as the longest net's parameters */
    real *best;                        /* snapshot of the best epoch */
    bool sparse;                       /* the first layer skips zero pixels */
    struct pixel_batch batch;
    uint32_t *in_order;   /* 0, 1, ...: the test set's own order */
    real *x;              /* (batch, pixels') for a dense first layer */
    uint8_t *labels;      /* (batch) gathered */
    uint32_t *order;      /* the epoch's permutation */
    struct random random; /* torch's default generator */
};

static void trainer_layout(struct trainer *t)
{
    const struct train_config *config = t->config;
    size_t longest = 0, longest_state = 0;
    const size_t rows = t->data->train.count > t->data->test.count ? t->data->train.count : t->data->test.count;
    assert(config->norms.count <= sizeof t->net / sizeof *t->net);
    for (size_t i = 0; i < config->norms.count; i++) {
        struct mlp_shape shape = train_shape(config, (enum mlp_norm)config->norms.values[i], t->data);
        mlp_layout(&t->net[i], &shape, config->batch, config->threads > 0 ? config->threads : 1, &t->memory);
        t->net[i].team = t->team;
        longest = t->net[i].count > longest ? t->net[i].count : longest;
        longest_state = mlp_state_count(&t->net[i]) > longest_state ? mlp_state_count(&t->net[i]) : longest_state;
    }
    for (size_t i = 0; i < optimizer_row(config->optimizer)->states; i++)
        t->state[i] = memory_take(&t->memory, longest, sizeof(real));
    t->best = memory_take(&t->memory, longest_state, sizeof(real));
    t->sparse = t->data->sparse;
    if (t->sparse)
        pixel_batch_layout(&t->batch, config->batch, t->data->pixels, &t->memory);
    else
        t->x = memory_take(&t->memory, config->batch * real_padded(t->data->pixels), sizeof(real));
    t->labels = memory_take(&t->memory, config->batch, 1);
    t->order = memory_take(&t->memory, rows, sizeof *t->order);
    t->in_order = memory_take(&t->memory, t->data->test.count, sizeof *t->in_order);
}

static int trainer_init(struct trainer *t, const struct train_config *config, const struct dataset *data,
                        const struct kernels *kernels, const struct run_hooks *hooks, struct error *err)
{
    *t = (struct trainer){.config = config, .data = data, .kernels = kernels, .hooks = hooks};
    if (team_start(&t->team, config->threads, err) < 0)
        return -1;
    trainer_layout(t);
    if (memory_allocate(&t->memory, "a run's network", err) < 0) {
        team_stop(t->team);
        return -1;
    }
    trainer_layout(t);
    for (size_t i = 0; i < data->test.count; i++)
        t->in_order[i] = (uint32_t)i;
    return 0;
}

static void trainer_free(struct trainer *t)
{
    memory_free(&t->memory);
    team_stop(t->team);
}

static bool stopped(const struct trainer *t)
{
    return t->hooks && atomic_load_explicit(t->hooks->stop, memory_order_relaxed);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The images and labels of the batch at `first` of the order; training: what the weight gradient needs as well. */
static struct mlp_input gather(struct trainer *t, const struct dataset_part *part, const uint32_t *order, size_t first,
                               size_t rows, bool training)
{
    const uint32_t *const images = order + first;
    const size_t pixels = t->data->pixels, stride = real_padded(pixels);
    for (size_t b = 0; b < rows; b++)
        t->labels[b] = part->labels[images[b]];
    if (t->sparse) {
        /* Only the weight update asks ahead. */
        const size_t next_rows = training ? least(rows, part->count - first - rows) : 0;
        pixel_batch_gather(&t->batch, t->kernels, part->images, images, rows, images + rows, next_rows, training);
        return (struct mlp_input){.pixels = &t->batch};
    }
    for (size_t b = 0; b < rows; b++)
        t->kernels->scale_pixels(t->x + b * stride, part->images + images[b] * pixels, pixels);
    return (struct mlp_input){.dense = t->x};
}

/* Sums over an epoch's batches. */
struct metrics {
    double loss; /* of all rows */
    size_t correct, rows;
};

/* Notes that a phase begins, or that the last one ended, where the phases are timed. */
static inline void mark(double *clock_s, size_t phase)
{
    if (clock_s)
        clock_s[phase] = clock_now_s();
}

/*
 * One step of training on rows first.. of the order; returns the batch's mean loss.  clock_s (TRAIN_PHASES + 1): when
 * each phase began and the last one ended; NULL: the clock is left alone.
 */
static float train_step(struct trainer *t, struct mlp *net, double lr, uint64_t step, size_t first, size_t rows,
                        struct metrics *metrics, double *clock_s)
{
    double c[OPTIMIZER_CONSTANTS_MAX] = {0};
    const struct mlp_layer *last = &net->layer[net->shape.layers - 1];
    mark(clock_s, TRAIN_GATHER);
    const struct mlp_input x = gather(t, &t->data->train, t->order, first, rows, true);
    mark(clock_s, TRAIN_FORWARD);
    const real *logits = mlp_forward(net, t->kernels, x, rows, true);
    mark(clock_s, TRAIN_LOSS);
    double loss = t->kernels->softmax_cross_entropy(net->gradient[0], logits, t->labels, rows, last->out, last->stride,
                                                    &metrics->correct);
    metrics->loss += loss;
    metrics->rows += rows;
    mark(clock_s, TRAIN_BACKWARD);
    mlp_backward(net, t->kernels, x, rows);
    mark(clock_s, TRAIN_UPDATE);
    optimizer_row(t->config->optimizer)->constants(c, lr, &t->config->hyper, step);
    mlp_update(net, t->kernels, x, t->config->optimizer, t->state, c);
    mark(clock_s, TRAIN_PHASES);
    return (float)(loss / (double)rows);
}

/* The whole test set in this order; training: with batch statistics, as the notebook did for want of eval(). */
static struct metrics evaluate(struct trainer *t, struct mlp *net, const uint32_t *order, bool training)
{
    struct metrics metrics = {0};
    const struct mlp_layer *last = &net->layer[net->shape.layers - 1];
    for (size_t first = 0; first < t->data->test.count && !stopped(t); first += t->config->batch) {
        const size_t rows = least(t->config->batch, t->data->test.count - first);
        const struct mlp_input x = gather(t, &t->data->test, order, first, rows, false);
        const real *logits = mlp_forward(net, t->kernels, x, rows, training);
        metrics.loss +=
            t->kernels->softmax_cross_entropy(NULL, logits, t->labels, rows, last->out, last->stride, &metrics.correct);
        metrics.rows += rows;
    }
    return metrics;
}

/* One (norm, lr) of a run, while it trains. */
struct segment {
    size_t number;
    enum mlp_norm norm;
    double lr;
    struct mlp *net;
    struct metrics train_so_far, test_so_far; /* notebook: over all its epochs */
    uint64_t step;                            /* steps done */
    bool diverged;                            /* a loss was not finite */
    bool in_test;                             /* the test set's alone */
    double seconds;                           /* that the last epoch's training took */
    size_t best_epoch;                        /* 0: none yet */
    double best_accuracy;
    uint64_t best_batches;
};

static double percent(size_t correct, size_t rows)
{
    return 100.0 * (double)correct / (double)rows;
}

static void report_epoch(const struct trainer *t, const struct segment *s, size_t epoch, const double *row)
{
    char text[192], lr[NUMBER_TEXT_SIZE], loss[NUMBER_TEXT_SIZE];
    const char *mean = t->config->protocol == TRAIN_NOTEBOOK ? "mean " : ""; /* of the epochs so far */
    if (!t->hooks || !t->hooks->report)
        return;
    /* The metrics first: a narrow terminal cuts the line. */
    snprintf(text, sizeof text, "epoch %zu/%zu, loss %s, %stest %.2f %%, %s lr %s seed %lld", epoch, t->config->epochs,
             number_format_fixed(loss, row[2], 4), mean, row[5], norm_name(s->norm), number_format_real(lr, s->lr),
             (long long)t->config->seed);
    t->hooks->report(t->hooks->report_to, text);
}

/* One epoch: train, evaluate, note the results.  Draws are those of torch's DataLoaders in either protocol. */
static void train_epoch(struct trainer *t, struct segment *s, size_t epoch, struct record *record,
                        struct record_table *steps)
{
    const struct train_config *config = t->config;
    const bool notebook = config->protocol == TRAIN_NOTEBOOK;
    struct metrics train = {0}, test = {0};
    const double start = clock_now_s();

    random_torch_seed(&t->random); /* the loader's base seed, for workers that there are not */
    uint64_t sampler = random_torch_seed(&t->random);
    double batch_losses = 0;
    if (!s->diverged)
        random_torch_permutation(sampler, t->order, t->data->train.count);
    for (size_t first = 0; first < t->data->train.count && !s->diverged && !stopped(t); first += config->batch) {
        const size_t rows = least(config->batch, t->data->train.count - first);
        float loss = train_step(t, s->net, s->lr, ++s->step, first, rows, &train, NULL);
        batch_losses += (double)loss;
        record_table_row(record, steps, &(double){(double)loss});
        s->diverged = !isfinite(loss);
        if (t->hooks && t->hooks->done)
            atomic_fetch_add_explicit(t->hooks->done, 1, memory_order_relaxed);
    }
    s->seconds = clock_now_s() - start;

    /* A diverged segment of a notebook run still takes its draws, so that the segments after it see theirs. */
    random_torch_seed(&t->random);
    if (notebook)
        sampler = random_torch_seed(&t->random);
    if (s->diverged || stopped(t))
        return;
    if (notebook)
        random_torch_permutation(sampler, t->order, t->data->test.count);
    test = evaluate(t, s->net, notebook ? t->order : t->in_order, notebook);
    if (stopped(t))
        return;
    if (!isfinite(test.loss)) {
        s->diverged = s->in_test = true;
        return;
    }

    double train_loss = train.loss / (double)train.rows, test_loss = test.loss / (double)test.rows;
    double train_accuracy = percent(train.correct, train.rows), test_accuracy = percent(test.correct, test.rows);
    if (notebook) {
        s->train_so_far.correct += train.correct;
        s->train_so_far.rows += train.rows;
        s->test_so_far.correct += test.correct;
        s->test_so_far.rows += test.rows;
        train_loss = batch_losses / 1000; /* the notebook's constant: the number of batches of 60 in 60000 */
        train_accuracy = percent(s->train_so_far.correct, s->train_so_far.rows);
        test_accuracy = percent(s->test_so_far.correct, s->test_so_far.rows);
    }
    const double row[] = {(double)s->number, (double)epoch, train_loss, train_accuracy, test_loss, test_accuracy};
    record_table_row(record, &record->tables[0], row);
    report_epoch(t, s, epoch, row);
    if (s->best_epoch == 0 || test_accuracy > s->best_accuracy) {
        s->best_epoch = epoch;
        s->best_accuracy = test_accuracy;
        s->best_batches = s->net->batches_tracked;
        memcpy(t->best, s->net->params, mlp_state_count(s->net) * sizeof *t->best);
    }
}

static void set_value(struct record *record, size_t segment, const char *key, const char *text)
{
    char name[64];
    snprintf(name, sizeof name, "segment.%zu.%s", segment, key);
    record_set(record, name, "%s", text);
}

/* The segment's values, and its best parameters as a model file. */
static int finish_segment(struct trainer *t, struct segment *s, const char *initial_sha256, train_model_fn *save_model,
                          void *context, struct record *record, struct error *err)
{
    char text[NUMBER_TEXT_SIZE], sha256[SHA256_HEX_SIZE];
    set_value(record, s->number, "norm", norm_name(s->norm));
    set_value(record, s->number, "lr", number_format_real(text, s->lr));
    set_value(record, s->number, "status",
              train_end_name(s->in_test    ? TRAIN_DIVERGED_IN_TEST
                             : s->diverged ? TRAIN_DIVERGED
                                           : TRAIN_COMPLETED));
    if (s->diverged && !s->in_test) {
        snprintf(text, sizeof text, "%llu", (unsigned long long)s->step);
        set_value(record, s->number, "diverged_step", text);
    }
    snprintf(text, sizeof text, "%zu", s->net->parameters);
    set_value(record, s->number, "parameters", text);
    set_value(record, s->number, "initial_weights_sha256", initial_sha256);
    if (!s->diverged) { /* else it would depend on how a nan looks */
        mlp_parameters_sha256(s->net, sha256);
        set_value(record, s->number, "final_weights_sha256", sha256);
    }
    if (s->best_epoch == 0)
        return 0;
    snprintf(text, sizeof text, "%zu", s->best_epoch);
    set_value(record, s->number, "best_epoch", text);

    /* The best epoch's parameters stand in for the net's while the file is made; a next segment needs the last ones
     * back. */
    struct mlp best = *s->net;
    unsigned char *data;
    size_t size, count = mlp_state_count(s->net);
    best.batches_tracked = s->best_batches;
    for (size_t i = 0; i < count; i++) {
        real swapped = t->best[i];
        t->best[i] = s->net->params[i];
        s->net->params[i] = swapped;
    }
    int result = safetensors_from_mlp(&best, record->spec, &data, &size, err);
    memcpy(s->net->params, t->best, count * sizeof *t->best);
    if (result < 0)
        return -1;
    sha256_hex(data, size, sha256);
    set_value(record, s->number, "best_model_sha256", sha256);
    if (save_model)
        result = save_model(context, s->number, data, size, err);
    free(data);
    return result;
}

static int train_segment(struct trainer *t, struct segment *s, const char *initial_sha256, train_model_fn *save_model,
                         void *context, struct record *record, struct error *err)
{
    char name[32];
    for (size_t i = 0; i < optimizer_row(t->config->optimizer)->states; i++)
        memset(t->state[i], 0, s->net->count * sizeof(real));
    snprintf(name, sizeof name, "steps.%zu", s->number);
    struct record_table *steps = record_table_add(record, name, TRAIN_STEPS_HEADER, RECORD_SINGLE | RECORD_BULK);
    record_table_reserve(record, steps, t->config->epochs * train_batches(t->data->train.count, t->config->batch));
    if (record->failed)
        return error_out_of_memory(err, "the batch losses");
    for (size_t epoch = 1; epoch <= t->config->epochs && !stopped(t); epoch++)
        train_epoch(t, s, epoch, record, steps);
    return stopped(t) ? 0 : finish_segment(t, s, initial_sha256, save_model, context, record, err);
}

int train_run(const struct train_config *config, const struct dataset *data, const struct kernels *kernels,
              const struct run_hooks *hooks, train_model_fn *save_model, void *context, struct record *record,
              struct error *err)
{
    struct trainer trainer;
    char initial_sha256[MLP_NORMS][SHA256_HEX_SIZE];
    int result = 0;
    if (trainer_init(&trainer, config, data, kernels, hooks, err) < 0)
        return -1;

    random_seed(&trainer.random, (uint64_t)config->seed);
    if (config->protocol == TRAIN_NOTEBOOK) {
        random_torch_seed(&trainer.random); /* next(iter(test_loader)), to show some digits: the loader's draw */
        random_torch_seed(&trainer.random); /* and its sampler's */
    }
    for (size_t n = 0; n < config->norms.count; n++) {
        mlp_init(&trainer.net[n], &trainer.random);
        mlp_parameters_sha256(&trainer.net[n], initial_sha256[n]);
    }
    record_table_add(record, "epochs", TRAIN_EPOCHS_HEADER, 0);
    if (record->failed)
        result = error_out_of_memory(err, "a run's record");
    size_t number = 0;
    for (size_t l = 0; l < config->lrs.count && result == 0; l++)
        for (size_t n = 0; n < config->norms.count && result == 0; n++) {
            struct segment segment = {
                .number = number++,
                .norm = (enum mlp_norm)config->norms.values[n],
                .lr = config->lrs.values[l],
                .net = &trainer.net[n],
            };
            result = train_segment(&trainer, &segment, initial_sha256[n], save_model, context, record, err);
        }
    trainer_free(&trainer);
    return result;
}

/* Bytes of everything in the trainer's block. */
static double trainer_bytes(const struct train_config *config, const struct dataset *data)
{
    struct trainer t = {.config = config, .data = data};
    trainer_layout(&t);
    return (double)t.memory.used;
}

void train_memory(const struct train_config *config, const struct dataset *data, double *running, double *kept)
{
    struct mlp net;
    struct memory measure = {0};
    struct train_config largest = *config;
    size_t batchnorm = MLP_NORM_BATCHNORM; /* it has all that a net without it has */
    if (config->protocol == TRAIN_FAIR)
        largest.norms = (struct indices){&batchnorm, 1};
    const struct mlp_shape shape = train_shape(config, MLP_NORM_BATCHNORM, data);
    mlp_layout(&net, &shape, 1, 1, &measure);
    /* A record's head: six numbers an epoch of each segment, and some 4 KB of words and pointers. */
    *kept = (double)train_segments(config) * (4096 + (double)config->epochs * 6 * sizeof(double));
    /* The model's file is made in memory, and so is the record's, at most 24 characters a loss beside its 8 bytes. */
    *running = trainer_bytes(&largest, data) + (double)mlp_state_count(&net) * sizeof(float) + *kept +
               32 * (double)train_steps(config, data);
}

/* Arithmetic and memory traffic of a step, in units that only their ratio matters of. */
static double step_work(const struct train_config *config, const struct dataset *data)
{
    const double update = 16; /* images' worth of work that one weight's update is */
    const double batch = (double)config->batch;
    double work = 0, in = (double)data->pixels;
    for (size_t i = 0; i <= config->hidden.count; i++) {
        const double out = i < config->hidden.count ? (double)config->hidden.values[i] : (double)data->classes;
        work += in * out * ((i == 0 && data->sparse ? data->density : 1) * batch + update);
        in = out;
    }
    return work;
}

/*
 * Make the net small enough to be built and timed at once: the widest layer, or the batch, is halved until it is.
 * widths is where the layers' widths go.
 */
static void shrink(struct train_config *config, int64_t widths[MLP_LAYERS_MAX], const struct dataset *data)
{
    const double most = 128e6; /* bytes: still larger than the caches of a core */
    memcpy(widths, config->hidden.values, config->hidden.count * sizeof *widths);
    config->hidden.values = widths;
    while (trainer_bytes(config, data) > most) {
        int64_t *widest = widths;
        for (size_t i = 1; i < config->hidden.count; i++)
            widest = widths[i] > *widest ? &widths[i] : widest;
        /* Rows cost as much as weights when there are as many of them as neurons. */
        if (config->batch > 64 && (double)config->batch > (double)*widest)
            config->batch /= 2;
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
    struct metrics ignored = {0};
    double step_s = 0, test_s = 0;
    int64_t widths[MLP_LAYERS_MAX] = {0};
    struct train_config small = *config_;
    const struct train_config *const config = &small;
    shrink(&small, widths, data);
    const double scale = step_work(config_, data) / step_work(config, data);
    if (trainer_init(&t, config, data, kernels, NULL, err) < 0)
        return -1;
    random_seed(&t.random, (uint64_t)config->seed);
    random_torch_permutation(0, t.order, data->train.count);
    for (size_t n = 0; n < config->norms.count; n++) {
        mlp_init(&t.net[n], &t.random);
        double start = clock_now_s(), now = start;
        uint64_t steps = 0;
        while (steps < 3 || (now - start < 0.03 && steps < 1000)) {
            /* The first steps pay for cold caches and fresh pages: they do not count. */
            if (steps == 2)
                start = clock_now_s();
            train_step(&t, &t.net[n], config->lrs.values[0], ++steps, 0, config->batch, &ignored, NULL);
            now = clock_now_s();
        }
        step_s += (now - start) / (double)(steps - 2);
        start = clock_now_s();
        const size_t rows = least(config->batch, data->test.count);
        for (int i = 0; i < 3; i++) {
            mlp_forward(&t.net[n], kernels, gather(&t, &data->test, t.in_order, 0, rows, false), rows, false);
        }
        test_s += (clock_now_s() - start) / 3;
    }
    trainer_free(&t);
    double epoch_s = step_s * (double)train_batches(data->train.count, config_->batch) +
                     test_s * (double)train_batches(data->test.count, config_->batch);
    *seconds = scale * epoch_s * (double)config->epochs * (double)config->lrs.count;
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
    *segment = (struct segment){
        .norm = (enum mlp_norm)config->norms.values[0], .lr = config->lrs.values[0], .net = &t->net[0]};
    return 0;
}

int train_epochs(const struct train_config *config, const struct dataset *data, const struct kernels *kernels,
                 size_t epochs, double *seconds, double *accuracy_percent, struct error *err)
{
    struct trainer t;
    struct segment s;
    struct record record;
    int result = 0;
    assert(config->protocol == TRAIN_FAIR && epochs > 0);
    if (start_net(&t, config, data, kernels, &s, err) < 0)
        return -1;
    record_init(&record, "");
    record_table_add(&record, "epochs", TRAIN_EPOCHS_HEADER, 0);
    struct record_table *steps = record_table_add(&record, "steps.0", TRAIN_STEPS_HEADER, RECORD_SINGLE);
    for (size_t epoch = 1; epoch <= epochs && !s.diverged; epoch++) {
        train_epoch(&t, &s, epoch, &record, steps);
        seconds[epoch - 1] = s.seconds;
    }
    const struct record_table *table = &record.tables[0];
    if (s.in_test)
        result = error_set(err, ERROR_RUN, "the test loss diverged after epoch %zu; its time would mean nothing",
                           table->rows + 1);
    else if (s.diverged)
        result = error_set(err, ERROR_RUN, "the loss diverged in step %llu; its time would mean nothing",
                           (unsigned long long)s.step);
    else if (record.failed)
        result = error_out_of_memory(err, "the losses");
    else
        *accuracy_percent = table->cells[(table->rows - 1) * table->columns + 5];
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
    struct metrics ignored = {0};
    const size_t whole = data->train.count / config->batch, least = WARM_UP + 3;
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
        train_step(&t, s.net, s.lr, steps + 1, steps % whole * config->batch, config->batch, &ignored, clock_s);
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
