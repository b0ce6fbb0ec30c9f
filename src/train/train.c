/* One run of training, from seed to record. */
#include "dlexp/train/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/net/safetensors.h"
#include "dlexp/run/checkpoint.h"
#include "dlexp/train/train_bits.h"
#include "dlexp/train/train_checkpoint.h"
#include "dlexp/train/train_confusion.h"
#include "dlexp/train/train_evals.h"
#include "dlexp/train/train_measure.h"
#include "dlexp/train/train_record.h"
#include "dlexp/train/trainer.h"

/* Where the models go, if they are saved. */
struct saving {
    train_model_fn *model;
    void *context;
};

static void set_value(struct record *record, size_t segment, const char *key, const char *text)
{
    char name[64];
    snprintf(name, sizeof name, "segment.%zu.%s", segment, key);
    record_set(record, name, "%s", text);
}

/* What a net does on the test set; a loss that is not finite is left out. */
static void set_score(struct record *record, size_t segment, const char *key, struct train_score score)
{
    char name[32], text[NUMBER_TEXT_SIZE];
    snprintf(name, sizeof name, "%s_accuracy_percent", key);
    set_value(record, segment, name, number_format_real(text, score.accuracy_percent));
    snprintf(name, sizeof name, "%s_loss", key);
    if (isfinite(score.loss))
        set_value(record, segment, name, number_format_real(text, score.loss));
}

/* The segment's values, but for those of its best epoch. */
static void note_segment(const struct segment *s, const char *initial_sha256, struct record *record)
{
    char text[NUMBER_TEXT_SIZE], sha256[SHA256_HEX_SIZE];
    const char *norm = NULL;
    layer_norm_name(s->norm, &norm);
    set_value(record, s->number, "norm", norm);
    set_value(record, s->number, "lr", number_format_real(text, s->lr));
    set_value(record, s->number, "status", train_end_name(s->end));
    if (s->end == TRAIN_DIVERGED) {
        snprintf(text, sizeof text, "%llu", (unsigned long long)s->step);
        set_value(record, s->number, "diverged_step", text);
    }
    snprintf(text, sizeof text, "%zu", s->net->parameters);
    set_value(record, s->number, "parameters", text);
    set_value(record, s->number, "initial_weights_sha256", initial_sha256);
    if (s->end == TRAIN_COMPLETED) { /* else it would depend on how a nan looks */
        mlp_parameters_sha256(s->net, sha256);
        set_value(record, s->number, "final_weights_sha256", sha256);
    }
}

/* The best epoch's parameters and the net's change places; once more, and a next segment has its own back. */
static void swap_best(struct trainer *t, struct segment *s)
{
    const uint64_t batches_tracked = s->net->batches_tracked;
    const size_t count = mlp_state_count(s->net);
    for (size_t i = 0; i < count; i++) {
        real swapped = t->best[i];
        t->best[i] = s->net->params[i];
        s->net->params[i] = swapped;
    }
    s->net->batches_tracked = s->best_batches;
    s->best_batches = batches_tracked;
}

/* What the best epoch does on a test set that did not choose it; false if it was stopped. */
static bool test_best(struct trainer *t, struct segment *s, struct train_score *score)
{
    if (s->best_epoch == 0 || t->config->selection.validation == 0)
        return true;
    swap_best(t, s);
    const struct train_sums sums = trainer_evaluate(t, s->net, &t->data->test, t->in_order, false, NULL);
    swap_best(t, s);
    *score = train_score_of(&sums);
    return !trainer_stopped(t);
}

/* The best epoch, what it does on the test set, and its model. */
static int note_best(struct trainer *t, struct segment *s, struct train_score score, const struct saving *saving,
                     struct record *record, struct error *err)
{
    char text[NUMBER_TEXT_SIZE], sha256[SHA256_HEX_SIZE];
    unsigned char *data;
    size_t size;
    snprintf(text, sizeof text, "%zu", s->best_epoch);
    set_value(record, s->number, "best_epoch", text);
    if (t->config->selection.validation > 0)
        set_score(record, s->number, TRAIN_BEST_TEST, score);
    swap_best(t, s);
    int result = safetensors_from_mlp(s->net, record->spec, &data, &size, err);
    swap_best(t, s);
    if (result < 0)
        return -1;
    sha256_hex(data, size, sha256);
    set_value(record, s->number, "best_model_sha256", sha256);
    if (saving->model)
        result = saving->model(saving->context, s->number, data, size, err);
    free(data);
    return result;
}

/* The values, which images are right, and the best model. */
static int note_end(struct trainer *t, struct segment *s, struct train_score best, const struct saving *saving,
                    struct record *record, struct error *err)
{
    note_segment(s, t->initial_sha256[s->number % t->config->norms.count], record);
    if (s->end == TRAIN_COMPLETED) {
        train_bits_note(record, s->number, t->bits, t->data->test.count);
        train_confusion_note(record, s->number, t->confusion, t->data->classes);
        if (t->config->selection.validation > 0)
            set_score(record, s->number, TRAIN_TEST, s->tested);
    }
    return s->best_epoch > 0 ? note_best(t, s, best, saving, record, err) : 0;
}

/* The segment of this number is the run's next; behind the last one there is none. */
static int begin_segment(struct trainer *t, struct segment *s, size_t number, struct record *record, struct error *err)
{
    char name[32];
    *s = (struct segment){.number = number};
    if (number == train_segments(t->config))
        return 0;
    *s = trainer_segment(t, number);
    for (size_t i = 0; i < optimizer_row(t->config->optimizer)->states; i++)
        memset(t->state[i], 0, s->net->count * sizeof(real));
    snprintf(name, sizeof name, "steps.%zu", number);
    s->steps = record->table_count;
    struct record_table *steps = record_table_add(record, name, TRAIN_STEPS_HEADER, RECORD_SINGLE | RECORD_BULK);
    record_table_reserve(record, steps, t->config->epochs * train_epoch_steps(t->config, t->data));
    return record->failed ? error_out_of_memory(err, "the batch losses") : 0;
}

/* From where the segment is to its end, and on to the next one; or until it is stopped. */
static int train_segment(struct train_state *run, const struct saving *saving, struct error *err)
{
    struct trainer *t = run->trainer;
    struct segment *s = run->segment;
    struct checkpoint *checkpoint = t->hooks ? t->hooks->checkpoint : NULL;
    struct train_score best = {0};
    while (s->at.epoch <= t->config->epochs && !trainer_stopped(t)) {
        trainer_epoch(t, s, run->record);
        if (!trainer_stopped(t) &&
            (checkpoint_due(checkpoint) || (!s->at.begun && checkpoint_due_epoch(checkpoint, s->at.epoch - 1))))
            train_checkpoint_keep(run);
    }
    if (trainer_stopped(t) || !test_best(t, s, &best))
        return 0;
    if (train_checkpoint_keep_last(run, err) < 0 || note_end(t, s, best, saving, run->record, err) < 0)
        return -1;
    return begin_segment(t, s, s->number + 1, run->record, err);
}

/* A run before its first step: its nets drawn, and its tables. */
static int begin_run(struct trainer *t, struct segment *s, struct record *record, struct error *err)
{
    const struct train_config *config = t->config;
    char header[TRAIN_MEASURES_HEADER_SIZE], layers[TRAIN_LAYERS_HEADER_SIZE];
    random_seed(&t->random, (uint64_t)config->seed);
    t->protocol->start(&t->random);
    for (size_t n = 0; n < config->norms.count; n++) {
        mlp_init(&t->net[n], &t->random);
        mlp_parameters_sha256(&t->net[n], t->initial_sha256[n]);
    }
    record_table_add(record, "epochs", train_measure_header(config, header), 0);
    if (config->layers)
        record_table_add(record, TRAIN_LAYERS_TABLE, train_layers_header(layers), RECORD_BULK);
    if (config->selection.eval_every > 0) {
        t->evals = record->table_count;
        record_table_reserve(record, record_table_add(record, TRAIN_EVALS_TABLE, TRAIN_EVALS_HEADER, 0),
                             train_evals_numbers(config, t->data) / EVAL_COLUMNS);
    }
    return record->failed ? error_out_of_memory(err, "a run's record") : begin_segment(t, s, 0, record, err);
}

int train_run(const struct train_config *config, const struct dataset *data, const struct kernels *kernels,
              const struct run_hooks *hooks, train_model_fn *save_model, void *context, struct record *record,
              struct error *err)
{
    const struct saving saving = {save_model, context};
    struct trainer trainer;
    struct segment segment;
    struct train_state run = {&trainer, &segment, record, save_model != NULL};
    if (trainer_init(&trainer, config, data, kernels, hooks, err) < 0)
        return -1;
    int result = begin_run(&trainer, &segment, record, err);
    if (result == 0)
        result = train_checkpoint_resume(&run, err);
    while (result == 0 && segment.number < train_segments(config) && !trainer_stopped(&trainer))
        result = train_segment(&run, &saving, err);
    if (result == 0 && trainer_stopped(&trainer))
        train_checkpoint_stop(&run);
    trainer_free(&trainer);
    return result;
}
