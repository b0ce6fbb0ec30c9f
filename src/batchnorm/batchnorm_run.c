/* One run of dlexp batchnorm: from its settings to its record and its model files. */
#include "batchnorm_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"
#include "dlexp/base/number.h"
#include "dlexp/net/safetensors.h"
#include "dlexp/train/train_bits.h"
#include "dlexp/train/train_confusion.h"
#include "dlexp/train/train_layers.h"
#include "dlexp/train/train_record.h"

/* The model file of a segment, whose norm and rate are those of the configuration (train.h says in which order). */
static char *model_path(const struct batchnorm *batchnorm, const struct train_config *train, const char *id,
                        size_t segment)
{
    const char *norm = "";
    char name[256], lr[NUMBER_TEXT_SIZE];
    layer_norm_name(train->norms.values[segment % train->norms.count], &norm);
    number_format_real(lr, train->lrs.values[segment / train->norms.count]);
    snprintf(name, sizeof name, "%s_lr%s_seed%lld_%.8s.safetensors", norm, lr, (long long)train->seed, id);
    return path_join(batchnorm->models, name);
}

/* Where train_run's model files go. */
struct saving {
    const struct batchnorm *batchnorm;
    const struct train_config *train;
    const struct run *run;
};

static int save_model(void *context, size_t segment, const unsigned char *data, size_t size, struct error *err)
{
    const struct saving *saving = context;
    char *path = model_path(saving->batchnorm, saving->train, saving->run->id, segment);
    int result = path ? directory_create(saving->batchnorm->models, err) : error_out_of_memory(err, "a path");
    if (result == 0)
        result = file_write_atomic(path, data, size, err);
    free(path);
    return result;
}

int batchnorm_compute(const struct plan *plan, const struct run *run, const struct run_hooks *hooks,
                      struct record *record, struct error *err)
{
    struct batchnorm *batchnorm = plan->context;
    const struct train_config *train = batchnorm_train(run);
    if (dataset_fetch(&batchnorm->data.train, err) < 0 || dataset_fetch(&batchnorm->data.test, err) < 0)
        return -1;
    struct saving saving = {batchnorm, train, run};
    return train_run(train, &batchnorm->data, batchnorm->kernels, hooks,
                     batchnorm->config->save_best && !hooks->record_only ? save_model : NULL, &saving, record, err);
}

int batchnorm_check_record(const struct plan *plan, const struct run *run, struct record *record, struct error *err)
{
    const struct batchnorm *batchnorm = plan->context;
    return train_check_record(batchnorm_train(run), &batchnorm->data, record, err);
}

/* Whether the model file of a segment is there, byte for byte, and laid out as it is today. */
static int has_model(bool *has, const struct batchnorm *batchnorm, const struct run *run,
                     const struct train_config *train, size_t segment, struct error *err)
{
    char key[64], sha256[SHA256_HEX_SIZE];
    unsigned char *data = NULL;
    size_t size = 0;
    snprintf(key, sizeof key, "segment.%zu.best_model_sha256", segment);
    const char *expected = record_get(&run->record, key);
    *has = true;
    if (!expected)
        return 0; /* it diverged in its first epoch */
    char *path = model_path(batchnorm, train, run->id, segment);
    int result = path ? file_read(path, &data, &size, err) : error_out_of_memory(err, "a path");
    if (result < 0 && err->code == ERROR_DATA) { /* there is none */
        *has = false;
        result = 0;
    } else if (result == 0) {
        sha256_hex(data, size, sha256);
        *has = strcmp(sha256, expected) == 0;
        if (*has)
            result = safetensors_aligned(has, data, size, err);
    }
    free(data);
    free(path);
    return result;
}

int batchnorm_lacks(bool *lacks, const struct plan *plan, const struct run *run, struct error *err)
{
    const struct batchnorm *batchnorm = plan->context;
    const struct train_config *train = batchnorm_train(run);
    bool has = !train->layers || train_layers_noted(&run->record);
    for (size_t s = 0; s < train_segments(train) && batchnorm->config->bits && has; s++)
        has = train_ending_of(&run->record, s).end != TRAIN_COMPLETED ||
              (train_bits_noted(&run->record, s) && train_confusion_noted(&run->record, s));
    for (size_t s = 0; s < train_segments(train) && batchnorm->config->save_best && has; s++)
        if (has_model(&has, batchnorm, run, train, s, err) < 0)
            return -1;
    if (batchnorm->config->checkpoints.keep_last && train_ending_of(&run->record, 0).end == TRAIN_COMPLETED && has &&
        runner_has_last(&has, plan, run, err) < 0)
        return -1;
    *lacks = !has;
    return 0;
}

void batchnorm_describe_run(const struct plan *plan, const struct run *run, char *line, size_t size)
{
    (void)plan;
    const struct train_config *train = batchnorm_train(run);
    const size_t segments = train_segments(train);
    const double *last = NULL;
    char end[96] = "", where[48] = "", tested[32] = "", loss[NUMBER_TEXT_SIZE];
    size_t diverged = 0;
    for (size_t s = 0; s < segments; s++) {
        const struct segment_result *result = batchnorm_result(run, s);
        diverged += result->ending.end != TRAIN_COMPLETED;
        train_ending_text(result->ending, where);
        if (result->epochs > 0)
            last = result->cells + (result->epochs - 1) * TRAIN_MEASURES;
    }
    if (last && !isnan(last[EPOCH_TEST_ACCURACY]))
        snprintf(tested, sizeof tested, ", test %.2f %%", last[EPOCH_TEST_ACCURACY]);
    if (diverged > 0 && segments > 1)
        snprintf(end, sizeof end, "; %zu of its %zu nets and rates diverged", diverged, segments);
    else if (diverged > 0)
        snprintf(end, sizeof end, ", then diverged at %s", where);
    if (last && train_protocol_row(train->protocol)->averages)
        snprintf(line, size, "%s: epoch %.0f, loss sum / 1000 %s, mean test %.2f %% of epochs 1..%.0f%s (%.1f s)",
                 run->label, last[1], number_format_fixed(loss, last[2], 4), last[5], last[1], end, run->seconds);
    else if (last && train->selection.validation > 0)
        snprintf(line, size, "%s: epoch %.0f, loss %s, validation %.2f %%%s%s (%.1f s)", run->label, last[EPOCH_NUMBER],
                 number_format_fixed(loss, last[EPOCH_TRAIN_LOSS], 4), last[EPOCH_VALIDATION_ACCURACY], tested, end,
                 run->seconds);
    else if (last)
        snprintf(line, size, "%s: epoch %.0f, loss %s, test %.2f %%%s (%.1f s)", run->label, last[1],
                 number_format_fixed(loss, last[2], 4), last[5], end, run->seconds);
    else
        snprintf(line, size, "%s: diverged at %s", run->label, where);
}
