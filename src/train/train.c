/* One run of training, from seed to record. */
#include "dlexp/train/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/net/safetensors.h"
#include "dlexp/train/train_bits.h"
#include "dlexp/train/train_confusion.h"
#include "dlexp/train/train_evals.h"
#include "dlexp/train/train_measure.h"
#include "dlexp/train/train_record.h"
#include "dlexp/train/trainer.h"

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

/* The best epoch, what it does on a test set that did not choose it, and its model. */
static int finish_best(struct trainer *t, struct segment *s, train_model_fn *save_model, void *context,
                       struct record *record, struct error *err)
{
    char text[NUMBER_TEXT_SIZE], sha256[SHA256_HEX_SIZE];
    unsigned char *data;
    size_t size;
    snprintf(text, sizeof text, "%zu", s->best_epoch);
    set_value(record, s->number, "best_epoch", text);
    swap_best(t, s);
    if (t->config->selection.validation > 0) {
        const struct train_sums sums = trainer_evaluate(t, s->net, &t->data->test, t->in_order, false, NULL);
        set_score(record, s->number, TRAIN_BEST_TEST, train_score_of(&sums));
    }
    int result = safetensors_from_mlp(s->net, record->spec, &data, &size, err);
    swap_best(t, s);
    if (result < 0)
        return -1;
    sha256_hex(data, size, sha256);
    set_value(record, s->number, "best_model_sha256", sha256);
    if (save_model)
        result = save_model(context, s->number, data, size, err);
    free(data);
    return result;
}

/* The values, which images are right, and the best model. */
static int finish_segment(struct trainer *t, struct segment *s, const char *initial_sha256, train_model_fn *save_model,
                          void *context, struct record *record, struct error *err)
{
    note_segment(s, initial_sha256, record);
    if (s->end == TRAIN_COMPLETED) {
        train_bits_note(record, s->number, t->bits, t->data->test.count);
        train_confusion_note(record, s->number, t->confusion, t->data->classes);
        if (t->config->selection.validation > 0)
            set_score(record, s->number, TRAIN_TEST, s->tested);
    }
    return s->best_epoch > 0 ? finish_best(t, s, save_model, context, record, err) : 0;
}

static int train_segment(struct trainer *t, struct segment *s, const char *initial_sha256, train_model_fn *save_model,
                         void *context, struct record *record, struct error *err)
{
    char name[32];
    for (size_t i = 0; i < optimizer_row(t->config->optimizer)->states; i++)
        memset(t->state[i], 0, s->net->count * sizeof(real));
    snprintf(name, sizeof name, "steps.%zu", s->number);
    struct record_table *steps = record_table_add(record, name, TRAIN_STEPS_HEADER, RECORD_SINGLE | RECORD_BULK);
    record_table_reserve(record, steps, t->config->epochs * train_epoch_steps(t->config, t->data));
    if (record->failed)
        return error_out_of_memory(err, "the batch losses");
    for (size_t epoch = 1; epoch <= t->config->epochs && !trainer_stopped(t); epoch++)
        trainer_epoch(t, s, epoch, record, steps);
    return trainer_stopped(t) ? 0 : finish_segment(t, s, initial_sha256, save_model, context, record, err);
}

int train_run(const struct train_config *config, const struct dataset *data, const struct kernels *kernels,
              const struct run_hooks *hooks, train_model_fn *save_model, void *context, struct record *record,
              struct error *err)
{
    struct trainer trainer;
    char header[TRAIN_MEASURES_HEADER_SIZE], layers[TRAIN_LAYERS_HEADER_SIZE];
    int result = 0;
    if (trainer_init(&trainer, config, data, kernels, hooks, err) < 0)
        return -1;
    random_seed(&trainer.random, (uint64_t)config->seed);
    trainer.protocol->start(&trainer.random);
    for (size_t n = 0; n < config->norms.count; n++) {
        mlp_init(&trainer.net[n], &trainer.random);
        mlp_parameters_sha256(&trainer.net[n], trainer.initial_sha256[n]);
    }
    record_table_add(record, "epochs", train_measure_header(config, header), 0);
    if (config->layers)
        record_table_add(record, TRAIN_LAYERS_TABLE, train_layers_header(layers), RECORD_BULK);
    if (config->selection.eval_every > 0) {
        trainer.evals = record->table_count;
        record_table_reserve(record, record_table_add(record, TRAIN_EVALS_TABLE, TRAIN_EVALS_HEADER, 0),
                             train_evals_numbers(config, data) / EVAL_COLUMNS);
    }
    if (record->failed)
        result = error_out_of_memory(err, "a run's record");
    size_t number = 0;
    for (size_t l = 0; l < config->lrs.count && result == 0; l++)
        for (size_t n = 0; n < config->norms.count && result == 0; n++) {
            struct segment segment = {
                .number = number++,
                .norm = config->norms.values[n],
                .lr = config->lrs.values[l],
                .net = &trainer.net[n],
                .probe = config->layers ? &trainer.probe[n] : NULL,
            };
            result = train_segment(&trainer, &segment, trainer.initial_sha256[n], save_model, context, record, err);
        }
    trainer_free(&trainer);
    return result;
}
