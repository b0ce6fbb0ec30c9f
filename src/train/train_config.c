/* What decides a training run, as text and in numbers. */
#include "dlexp/train/train_config.h"

#include <assert.h>

bool train_protocol_name(size_t index, const char **name)
{
    static const char *const names[] = {[TRAIN_FAIR] = "fair", [TRAIN_NOTEBOOK] = "notebook"};
    if (index >= sizeof names / sizeof *names)
        return false;
    *name = names[index];
    return true;
}

struct mlp_shape train_shape(const struct train_config *config, enum mlp_norm norm, const struct dataset *data)
{
    struct mlp_shape shape = {.inputs = data->pixels, .layers = config->hidden.count + 1, .norm = norm};
    assert(shape.layers <= MLP_LAYERS_MAX);
    for (size_t i = 0; i < config->hidden.count; i++)
        shape.sizes[i] = (size_t)config->hidden.values[i];
    shape.sizes[shape.layers - 1] = data->classes;
    return shape;
}

size_t train_segments(const struct train_config *config)
{
    return config->norms.count * config->lrs.count;
}

size_t train_batches(size_t rows, size_t batch)
{
    return (rows + batch - 1) / batch;
}

uint64_t train_steps(const struct train_config *config, const struct dataset *data)
{
    return (uint64_t)train_segments(config) * config->epochs * train_batches(data->train.count, config->batch);
}

int train_check(const struct train_config *config, const struct dataset *data, struct error *err)
{
    if (config->hidden.count >= MLP_LAYERS_MAX)
        return error_set(err, ERROR_USAGE, "--hidden: expected at most %d layers, got %zu", MLP_LAYERS_MAX - 1,
                         config->hidden.count);
    if (config->batch > data->train.count)
        return error_set(err, ERROR_USAGE, "--batch: expected at most %zu, the size of the training set, got %zu",
                         data->train.count, config->batch);
    for (size_t i = 0; i < config->norms.count; i++) {
        if (config->norms.values[i] != MLP_NORM_BATCHNORM || config->hidden.count == 0)
            continue;
        const struct dataset_part *part = config->batch == 1 || data->train.count % config->batch == 1 ? &data->train
                                          : config->protocol == TRAIN_NOTEBOOK && data->test.count % config->batch == 1
                                              ? &data->test
                                              : NULL;
        if (part)
            return error_set(
                err, ERROR_USAGE,
                "--batch %zu: expected batches of at least 2 images for batchnorm, which has no variance to divide "
                "by otherwise, got a batch of 1 from %zu %s images; choose another batch size",
                config->batch, part->count, part == &data->train ? "training" : "test");
    }
    return 0;
}
