/* A run at work: memory, steps, evaluation, epochs. */
#include "dlexp/train/trainer.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dlexp/base/clock.h"
#include "dlexp/base/number.h"
#include "dlexp/net/pixels.h"
#include "dlexp/run/checkpoint.h"
#include "dlexp/train/train_bits.h"
#include "dlexp/train/train_evals.h"
#include "dlexp/train/train_measure.h"

bool trainer_phase_name(size_t index, const char **name)
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

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t most(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void trainer_layout(struct trainer *t)
{
    const struct train_config *config = t->config;
    size_t longest = 0, longest_state = 0, longest_running = 0;
    const size_t tested = most(t->data->test.count, config->selection.validation),
                 rows = most(t->data->train.count, tested);
    struct mlp measured;
    struct train_probe unused;
    t->sparse = train_sparse(config, t->data);
    t->net = memory_take(&t->memory, config->norms.count, sizeof *t->net);
    t->probe = config->layers ? memory_take(&t->memory, config->norms.count, sizeof *t->probe) : NULL;
    for (size_t i = 0; i < config->norms.count; i++) {
        struct mlp *net = t->net ? &t->net[i] : &measured;
        const struct mlp_shape shape = train_shape(config, config->norms.values[i], t->data);
        mlp_layout(net, &shape, config->batching.batch, config->threads > 0 ? config->threads : 1, &t->memory);
        net->team = t->team;
        if (config->layers)
            train_probe_layout(t->probe ? &t->probe[i] : &unused, net, t->data, t->sparse, config->batching.batch,
                               &t->memory);
        longest = most(net->count, longest);
        longest_state = most(mlp_state_count(net), longest_state);
        longest_running = most(net->running_count, longest_running);
    }
    for (size_t i = 0; i < optimizer_row(config->optimizer)->states; i++)
        t->state[i] = memory_take(&t->memory, longest, sizeof(real));
    t->initial_sha256 = memory_take(&t->memory, config->norms.count, sizeof *t->initial_sha256);
    t->best = memory_take(&t->memory, longest_state, sizeof(real));
    if (t->sparse)
        pixel_batch_layout(&t->batch, config->batching.batch, t->data->pixels, &t->memory);
    else
        t->x = memory_take(&t->memory, config->batching.batch * real_padded(t->data->pixels), sizeof(real));
    t->labels = memory_take(&t->memory, config->batching.batch, 1);
    t->right = memory_take(&t->memory, config->batching.batch, 1);
    t->bits = memory_take(&t->memory, train_bits_words(t->data->test.count), sizeof *t->bits);
    t->confusion = memory_take(&t->memory, t->data->classes * t->data->classes, sizeof *t->confusion);
    t->order = memory_take(&t->memory, rows, sizeof *t->order);
    t->in_order = memory_take(&t->memory, tested, sizeof *t->in_order);
    if (train_protocol_row(config->protocol)->tests_in_training)
        t->running = memory_take(&t->memory, longest_running, sizeof *t->running);
}

int trainer_init(struct trainer *t, const struct train_config *config, const struct dataset *data,
                 const struct kernels *kernels, const struct run_hooks *hooks, struct error *err)
{
    *t = (struct trainer){.config = config, .data = data, .kernels = kernels, .hooks = hooks};
    t->protocol = train_protocol_row(config->protocol);
    if (team_start(&t->team, config->threads, err) < 0)
        return -1;
    trainer_layout(t);
    if (memory_allocate(&t->memory, "a run's network", err) < 0) {
        team_stop(t->team);
        return -1;
    }
    trainer_layout(t);
    t->selection = selection_part(&config->selection, data);
    for (size_t i = 0; i < most(data->test.count, t->selection.count); i++)
        t->in_order[i] = (uint32_t)i;
    return 0;
}

void trainer_free(struct trainer *t)
{
    memory_free(&t->memory);
    team_stop(t->team);
}

double trainer_bytes(const struct train_config *config, const struct dataset *data)
{
    struct trainer t = {.config = config, .data = data};
    trainer_layout(&t);
    return (double)t.memory.used;
}

bool trainer_stopped(const struct trainer *t)
{
    return t->hooks && atomic_load_explicit(t->hooks->stop, memory_order_relaxed);
}

bool trainer_paused(const struct trainer *t)
{
    return trainer_stopped(t) || (t->hooks && checkpoint_due(t->hooks->checkpoint));
}

struct layer_input trainer_gather(struct trainer *t, const struct dataset_part *part, const uint32_t *order,
                                  size_t first, size_t rows, bool training)
{
    const uint32_t *const images = order + first;
    const size_t pixels = t->data->pixels, stride = real_padded(pixels);
    for (size_t b = 0; b < rows; b++)
        t->labels[b] = part->labels[images[b]];
    if (t->sparse) {
        /* Only the weight update asks ahead. */
        const size_t next_rows = training ? least(rows, train_images(t->config, t->data) - first - rows) : 0;
        pixel_batch_gather(&t->batch, t->kernels, part->images, images, rows, images + rows, next_rows, training);
        return (struct layer_input){.pixels = &t->batch};
    }
    for (size_t b = 0; b < rows; b++)
        t->kernels->scale_pixels(t->x + b * stride, part->images + images[b] * pixels, pixels);
    return (struct layer_input){.dense = t->x};
}

/* Notes that a phase begins, or that the last one ended, where the phases are timed. */
static inline void mark(double *clock_s, size_t phase)
{
    if (clock_s)
        clock_s[phase] = clock_now_s();
}

float trainer_step(struct trainer *t, struct mlp *net, double lr, uint64_t step, size_t first, size_t rows,
                   struct train_sums *sums, double *clock_s)
{
    double c[OPTIMIZER_CONSTANTS_MAX] = {0};
    struct layer_step made = {t->config->optimizer, {NULL}, c, t->probe != NULL};
    const struct layer *last = mlp_last(net);
    memcpy(made.state, t->state, sizeof made.state);
    mark(clock_s, TRAIN_GATHER);
    const struct layer_input x = trainer_gather(t, &t->data->train, t->order, first, rows, true);
    mark(clock_s, TRAIN_FORWARD);
    const real *logits = mlp_forward(net, t->kernels, x, rows, true);
    mark(clock_s, TRAIN_LOSS);
    double loss = t->kernels->softmax_cross_entropy(net->gradient[0], logits, t->labels, rows, last->out, last->stride,
                                                    &sums->correct, NULL);
    sums->loss += loss;
    sums->rows += rows;
    mark(clock_s, TRAIN_BACKWARD);
    optimizer_row(t->config->optimizer)->constants(c, lr, &t->config->hyper, step);
    mlp_backward(net, t->kernels, x, rows, &made);
    mark(clock_s, TRAIN_UPDATE);
    mlp_update(net, t->kernels, x, &made);
    mark(clock_s, TRAIN_PHASES);
    const float mean = (float)(loss / (double)rows);
    sums->batch_loss += (double)mean;
    return mean;
}

/* What the images of a batch are named as: the first of the largest logits. */
static void count_named(struct trainer *t, const real *logits, size_t rows, const struct layer *last)
{
    for (size_t b = 0; b < rows; b++) {
        const real *row = logits + b * last->stride;
        size_t named = 0;
        for (size_t c = 1; c < last->out; c++)
            named = row[c] > row[named] ? c : named;
        t->confusion[t->labels[b] * t->data->classes + named]++;
    }
}

struct train_sums trainer_evaluate(struct trainer *t, struct mlp *net, const struct dataset_part *part,
                                   const uint32_t *order, bool training, uint32_t *bits)
{
    struct train_sums sums = {0};
    const struct layer *last = mlp_last(net);
    if (bits) {
        memset(bits, 0, train_bits_words(part->count) * sizeof *bits);
        memset(t->confusion, 0, t->data->classes * t->data->classes * sizeof *t->confusion);
    }
    for (size_t first = 0; first < part->count && !trainer_stopped(t); first += t->config->batching.batch) {
        const size_t rows = least(t->config->batching.batch, part->count - first);
        const struct layer_input x = trainer_gather(t, part, order, first, rows, false);
        const real *logits = mlp_forward(net, t->kernels, x, rows, training);
        sums.loss += t->kernels->softmax_cross_entropy(NULL, logits, t->labels, rows, last->out, last->stride,
                                                       &sums.correct, bits ? t->right : NULL);
        sums.rows += rows;
        if (bits)
            count_named(t, logits, rows, last);
        for (size_t b = 0; bits && b < rows; b++)
            bits[order[first + b] / 32] |= (uint32_t)t->right[b] << order[first + b] % 32;
    }
    return sums;
}

static void report_epoch(const struct trainer *t, const struct segment *s, const struct train_epoch *epoch)
{
    char text[192], lr[NUMBER_TEXT_SIZE], loss[NUMBER_TEXT_SIZE];
    const char *norm = NULL;
    if (!t->hooks || !t->hooks->report)
        return;
    layer_norm_name(s->norm, &norm);
    char segment[96] = "";
    if (t->protocol->chained) /* the run's name says neither */
        snprintf(segment, sizeof segment, ", %s lr %s", norm, number_format_real(lr, s->lr));
    snprintf(text, sizeof text, "epoch %zu/%zu, loss %s, %s%s %.2f %%%s", epoch->number, t->config->epochs,
             number_format_fixed(loss, epoch->result.train_loss, 4), t->protocol->accuracy,
             t->config->selection.validation > 0 ? "validation" : "test", epoch->result.accuracy_percent, segment);
    t->hooks->report(t->hooks->report_to, text);
}

/* What a test in training mode moves is put aside, and put back. */
static uint64_t put_aside(struct trainer *t, const struct mlp *net)
{
    if (t->protocol->tests_in_training && net->running_count > 0)
        memcpy(t->running, net->running, net->running_count * sizeof *t->running);
    return net->batches_tracked;
}

static void put_back(const struct trainer *t, struct mlp *net, uint64_t batches_tracked)
{
    if (t->protocol->tests_in_training && net->running_count > 0)
        memcpy(net->running, t->running, net->running_count * sizeof *t->running);
    net->batches_tracked = batches_tracked;
}

/* Between epochs: nothing is drawn, and the net stays as it is.  False if it was stopped, and nothing noted. */
static bool evaluate_between(struct trainer *t, struct segment *s, struct record *record)
{
    const uint64_t batches = put_aside(t, s->net);
    const struct train_sums sums =
        trainer_evaluate(t, s->net, &t->selection, t->in_order, t->protocol->tests_in_training, NULL);
    put_back(t, s->net, batches);
    if (trainer_stopped(t))
        return false;
    train_evals_note(record, &record->tables[t->evals], s->number, s->step, train_score_of(&sums));
    return true;
}

/* An epoch begins: its rate and its draws. */
static void begin_epoch(struct trainer *t, struct segment *s)
{
    const size_t number = s->at.epoch;
    s->rate = number == 1 ? s->lr : schedule_next(&t->config->schedule, s->rate, number - 1, t->config->epochs);
    random_torch_seed(&t->random); /* the loader's base seed, for workers that there are not */
    s->at = (struct train_position){.epoch = number, .begun = true, .sampler = random_torch_seed(&t->random)};
}

/* What is left of the epoch's training. */
static void train(struct trainer *t, struct segment *s, struct record *record)
{
    struct train_position *at = &s->at;
    const size_t images = train_images(t->config, t->data);
    const double start = clock_now_s();
    if (at->first < images && s->end == TRAIN_COMPLETED)
        random_torch_permutation(at->sampler, t->order, selection_kept(&t->config->selection, t->data));
    while (at->first < images && s->end == TRAIN_COMPLETED && !trainer_paused(t)) {
        /* That of the step before, which has been the last one of no epoch. */
        if (train_evals_due(t->config, t->data, s->step) && !evaluate_between(t, s, record))
            break;
        const size_t rows = least(t->config->batching.batch, images - at->first);
        const float loss = trainer_step(t, s->net, s->rate, ++s->step, at->first, rows, &at->sums, NULL);
        at->first += rows;
        record_table_row(record, &record->tables[s->steps], &(double){(double)loss});
        s->end = isfinite(loss) ? TRAIN_COMPLETED : TRAIN_DIVERGED;
        if (t->hooks && t->hooks->done)
            atomic_fetch_add_explicit(t->hooks->done, 1, memory_order_relaxed);
    }
    s->seconds = clock_now_s() - start;
}

/* An epoch's results, and its parameters if it is the best so far. */
static void note_epoch(struct trainer *t, struct segment *s, const struct train_epoch *epoch, struct record *record)
{
    double cells[TRAIN_MEASURES];
    const double accuracy = epoch->result.accuracy_percent;
    train_measure_cells(t->config, epoch, cells);
    record_table_row(record, &record->tables[TRAINER_EPOCHS], cells);
    if (s->probe)
        train_probe_note(s->probe, s->number, epoch->number, record, &record->tables[TRAINER_LAYERS]);
    report_epoch(t, s, epoch);
    if (s->best_epoch == 0 || accuracy > s->best_accuracy) {
        s->best_epoch = epoch->number;
        s->best_accuracy = accuracy;
        s->best_batches = s->net->batches_tracked;
        memcpy(t->best, s->net->params, mlp_state_count(s->net) * sizeof *t->best);
    }
}

/*
 * The split that selects, and behind the last epoch the test set, if that is another one; without a finite loss the
 * segment is over.  False if it was stopped: then nothing has changed.
 */
static bool test_epoch(struct trainer *t, struct segment *s, const uint32_t *order, struct train_sums *sums)
{
    const bool validation = t->config->selection.validation > 0, last = s->at.epoch == t->config->epochs;
    const uint64_t batches = put_aside(t, s->net);
    struct train_sums tested = {0};
    *sums = trainer_evaluate(t, s->net, &t->selection, order, t->protocol->tests_in_training,
                             last && !validation ? t->bits : NULL);
    if (last && validation && isfinite(sums->loss))
        tested = trainer_evaluate(t, s->net, &t->data->test, t->in_order, false, t->bits);
    if (trainer_stopped(t)) {
        put_back(t, s->net, batches);
        return false;
    }
    if (!isfinite(sums->loss)) {
        s->end = validation ? TRAIN_DIVERGED_IN_VALIDATION : TRAIN_DIVERGED_IN_TEST;
    } else if (last && validation) {
        s->tested = train_score_of(&tested);
        s->end = isfinite(tested.loss) ? TRAIN_COMPLETED : TRAIN_DIVERGED_IN_TEST;
    }
    return true;
}

struct segment trainer_segment(const struct trainer *t, size_t number)
{
    const size_t norms = t->config->norms.count, n = number % norms;
    assert(number < train_segments(t->config));
    return (struct segment){.number = number,
                            .norm = t->config->norms.values[n],
                            .lr = t->config->lrs.values[number / norms],
                            .net = &t->net[n],
                            .probe = t->config->layers ? &t->probe[n] : NULL,
                            .at.epoch = 1};
}

void trainer_epoch(struct trainer *t, struct segment *s, struct record *record)
{
    struct train_position *at = &s->at;
    if (!at->begun)
        begin_epoch(t, s);
    const size_t images = train_images(t->config, t->data);
    const bool seen = at->first == images; /* the probe's last look is of the process that made the last step */
    train(t, s, record);
    const bool trained = s->end == TRAIN_COMPLETED;
    if (s->probe && trained && at->first == images && !seen)
        train_probe_look(s->probe, s->net, t->kernels, t->data, t->sparse ? &t->batch : NULL);
    if (trainer_stopped(t) || (trained && at->first < images))
        return;
    const struct random before = t->random;
    struct train_sums sums;
    const bool shuffled = t->protocol->draw_test(&t->random, trained ? t->order : NULL, t->selection.count);
    if (trained && !test_epoch(t, s, shuffled ? t->order : t->in_order, &sums)) {
        t->random = before;
        return;
    }
    if (s->end == TRAIN_COMPLETED) {
        struct train_epoch epoch = {.segment = s->number, .number = at->epoch, .learning_rate = s->rate};
        epoch.result = t->protocol->sum_up(&at->sums, &sums, &s->train_so_far, &s->test_so_far);
        note_epoch(t, s, &epoch, record);
    }
    *at = (struct train_position){.epoch = at->epoch + 1};
}
