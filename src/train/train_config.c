/* What decides a training run, as text and in numbers. */
#include "dlexp/train/train_config.h"

#include <assert.h>

struct mlp_shape train_shape(const struct train_config *config, size_t norm, const struct dataset *data)
{
    struct mlp_shape shape = {.inputs = data->pixels,
                              .hidden = config->hidden.count,
                              .classes = data->classes,
                              .norm = layer_norm_row(norm),
                              .activation = layer_activation_row(config->activation)};
    assert(shape.hidden <= MLP_HIDDEN_MAX);
    for (size_t i = 0; i < config->hidden.count; i++)
        shape.widths[i] = (size_t)config->hidden.values[i];
    return shape;
}

size_t train_largest_norm(const struct train_config *config, const struct dataset *data)
{
    const char *name;
    size_t largest = 0, most = 0;
    for (size_t norm = 0; layer_norm_name(norm, &name); norm++) {
        struct memory measure = {0};
        struct mlp net;
        const struct mlp_shape shape = train_shape(config, norm, data);
        mlp_layout(&net, &shape, config->batch, 1, &measure);
        if (measure.used > most) {
            most = measure.used;
            largest = norm;
        }
    }
    return largest;
}

size_t train_segments(const struct train_config *config)
{
    return config->norms.count * config->lrs.count;
}

size_t train_batches(size_t rows, size_t batch)
{
    return (rows + batch - 1) / batch;
}

bool train_sparse(const struct train_config *config, const struct dataset *data)
{
    return data->sparse && config->hidden.count > 0;
}

size_t train_images(const struct train_config *config, const struct dataset *data)
{
    return data->train.count - (config->drop_last ? data->train.count % config->batch : 0);
}

size_t train_epoch_steps(const struct train_config *config, const struct dataset *data)
{
    return train_batches(train_images(config, data), config->batch);
}

uint64_t train_steps(const struct train_config *config, const struct dataset *data)
{
    return (uint64_t)train_segments(config) * config->epochs * train_epoch_steps(config, data);
}

int train_check(const struct train_config *config, const struct dataset *data, struct error *err)
{
    if (config->hidden.count > MLP_HIDDEN_MAX)
        return error_set(err, ERROR_USAGE, "--hidden: expected at most %d layers, got %zu", MLP_HIDDEN_MAX,
                         config->hidden.count);
    for (size_t i = 0; i < config->norms.count && config->hidden.count == 0; i++) {
        const char *name = NULL;
        layer_norm_name(config->norms.values[i], &name);
        if (layer_norm_row(config->norms.values[i]))
            return error_set(
                err, ERROR_USAGE,
                "--norm %s: expected a hidden layer that it could stand in, got --hidden none; give --norm "
                "none",
                name);
    }
    if (schedule_uses(config->schedule.type, "step-size") && config->schedule.step_size == 0) {
        const char *name = NULL;
        schedule_name(config->schedule.type, &name);
        return error_set(err, ERROR_USAGE,
                         "--schedule %s: expected --step-size N, the epochs until the rate changes, got none", name);
    }
    if (config->batch > data->train.count)
        return error_set(err, ERROR_USAGE, "--batch: expected at most %zu, the size of the training set, got %zu",
                         data->train.count, config->batch);
    for (size_t i = 0; i < config->norms.count; i++) {
        const struct layer_type *norm = layer_norm_row(config->norms.values[i]);
        if (!norm || norm->least_rows < 2 || config->hidden.count == 0)
            continue;
        const struct dataset_part *part =
            config->batch == 1 || train_images(config, data) % config->batch == 1 ? &data->train
            : train_protocol_row(config->protocol)->tests_in_training && data->test.count % config->batch == 1
                ? &data->test
                : NULL;
        if (part)
            return error_set(
                err, ERROR_USAGE,
                "--batch %zu: expected batches of at least 2 images for %s, which has no variance to divide "
                "by otherwise, got a batch of 1 from %zu %s images; choose another batch size%s",
                config->batch, norm->name, part->count, part == &data->train ? "training" : "test",
                part == &data->train && config->batch > 1 ? " or --drop-last" : "");
    }
    return 0;
}
