/* What decides a training run: its numbers, its limits. */
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
        mlp_layout(&net, &shape, config->batching.batch, 1, &measure);
        if (measure.used > most) {
            most = measure.used;
            largest = norm;
        }
    }
    return largest;
}

bool train_layered(const void *hidden, const struct option *row)
{
    (void)row;
    return ((const struct integers *)hidden)->count > 0;
}

size_t train_segments(const struct train_config *config)
{
    return config->norms.count * config->lrs.count;
}

bool train_sparse(const struct train_config *config, const struct dataset *data)
{
    return data->sparse && config->hidden.count > 0;
}

size_t train_images(const struct train_config *config, const struct dataset *data)
{
    return batching_images(&config->batching, selection_kept(&config->selection, data));
}

size_t train_epoch_steps(const struct train_config *config, const struct dataset *data)
{
    return batching_count(&config->batching, train_images(config, data));
}

uint64_t train_steps(const struct train_config *config, const struct dataset *data)
{
    return (uint64_t)train_segments(config) * config->epochs * train_epoch_steps(config, data);
}

static int check_norms(const struct train_config *config, const struct dataset *data, struct error *err)
{
    const size_t tested = train_protocol_row(config->protocol)->tests_in_training ? data->test.count : 0;
    for (size_t i = 0; i < config->norms.count; i++) {
        const struct layer_type *norm = layer_norm_row(config->norms.values[i]);
        if (norm && config->hidden.count == 0)
            return error_set(err, ERROR_USAGE,
                             "--norm %s: expected a hidden layer that it could stand in, got --hidden none; give "
                             "--norm none",
                             norm->name);
        if (norm &&
            batching_check_norm(&config->batching, norm, selection_kept(&config->selection, data), tested, err) < 0)
            return -1;
    }
    return 0;
}

static int check_hidden(const struct train_config *config, struct error *err)
{
    if (config->hidden.count <= MLP_HIDDEN_MAX)
        return 0;
    return error_set(err, ERROR_USAGE, "--hidden: expected at most %d layers, got %zu", MLP_HIDDEN_MAX,
                     config->hidden.count);
}

int train_check(const struct train_config *config, const struct dataset *data, struct error *err)
{
#define CHECK(type, member, check, ...)                                                                                \
    if ((check) < 0)                                                                                                   \
        return -1;
    TRAIN_FIELDS(CHECK, 0)
#undef CHECK
    return 0;
}
