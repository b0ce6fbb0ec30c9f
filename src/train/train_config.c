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

size_t train_kept(const struct train_config *config, const struct dataset *data)
{
    assert(config->validation < data->train.count);
    return data->train.count - config->validation;
}

struct dataset_part train_selection(const struct train_config *config, const struct dataset *data)
{
    if (config->validation == 0)
        return data->test;
    struct dataset_part part = data->train;
    const size_t kept = train_kept(config, data);
    part.images += kept * data->pixels;
    part.labels += kept;
    part.count = config->validation;
    return part;
}

size_t train_images(const struct train_config *config, const struct dataset *data)
{
    const size_t kept = train_kept(config, data);
    return kept - (config->drop_last ? kept % config->batch : 0);
}

size_t train_epoch_steps(const struct train_config *config, const struct dataset *data)
{
    return train_batches(train_images(config, data), config->batch);
}

uint64_t train_steps(const struct train_config *config, const struct dataset *data)
{
    return (uint64_t)train_segments(config) * config->epochs * train_epoch_steps(config, data);
}

/* A validation split that leaves enough to train on, in a protocol that has a place for it. */
static int check_validation(const struct train_config *config, const struct dataset *data, struct error *err)
{
    const struct train_protocol *protocol = train_protocol_row(config->protocol);
    if (config->validation == 0)
        return 0;
    if (protocol->tests_in_training)
        return error_set(err, ERROR_USAGE,
                         "--validation %zu: expected none with --protocol %s, which trains on all images and lets the "
                         "running statistics move with the test set, as it was published; choose --protocol fair",
                         config->validation, protocol->name);
    if (config->batch > data->train.count || config->validation <= data->train.count - config->batch)
        return 0;
    return error_set(err, ERROR_USAGE,
                     "--validation: expected at most %zu, which leaves a batch of %zu of the %zu training images to "
                     "train on, got %zu",
                     data->train.count - config->batch, config->batch, data->train.count, config->validation);
}

/* BatchNorm has no batch of a single image. */
static int check_single(const struct train_config *config, const struct dataset *data, struct error *err)
{
    const size_t kept = train_kept(config, data);
    for (size_t i = 0; i < config->norms.count; i++) {
        const struct layer_type *norm = layer_norm_row(config->norms.values[i]);
        if (!norm || norm->least_rows < 2 || config->hidden.count == 0)
            continue;
        const bool in_training = config->batch == 1 || train_images(config, data) % config->batch == 1;
        const bool in_test =
            train_protocol_row(config->protocol)->tests_in_training && data->test.count % config->batch == 1;
        if (in_training || in_test)
            return error_set(
                err, ERROR_USAGE,
                "--batch %zu: expected batches of at least 2 images for %s, which has no variance to divide "
                "by otherwise, got a batch of 1 from %zu %s images; choose another batch size%s",
                config->batch, norm->name, in_training ? kept : data->test.count, in_training ? "training" : "test",
                in_training && config->batch > 1 ? " or --drop-last" : "");
    }
    return 0;
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
    if (check_validation(config, data, err) < 0)
        return -1;
    if (config->batch > data->train.count)
        return error_set(err, ERROR_USAGE, "--batch: expected at most %zu, the size of the training set, got %zu",
                         data->train.count, config->batch);
    return check_single(config, data, err);
}
