/* The split that selects: held out, or the test set. */
#include "dlexp/train/selection.h"

#include <assert.h>

size_t selection_kept(const struct selection *selection, const struct dataset *data)
{
    return selection->validation < data->train.count ? data->train.count - selection->validation : 0;
}

struct dataset_part selection_part(const struct selection *selection, const struct dataset *data)
{
    if (selection->validation == 0)
        return data->test;
    struct dataset_part part = data->train;
    const size_t kept = selection_kept(selection, data);
    part.images += kept * data->pixels;
    part.labels += kept;
    part.count -= kept;
    return part;
}

int selection_check(const struct selection *selection, const struct train_protocol *protocol, size_t batch,
                    const struct dataset *data, struct error *err)
{
    assert(batch <= data->train.count);
    if (selection->validation == 0)
        return 0;
    if (protocol->tests_in_training)
        return error_set(err, ERROR_USAGE,
                         "--validation %zu: expected none with --protocol %s, which trains on all images and lets the "
                         "running statistics move with the test set, as it was published; choose --protocol fair",
                         selection->validation, protocol->name);
    if (selection_kept(selection, data) >= batch)
        return 0;
    return error_set(err, ERROR_USAGE,
                     "--validation: expected at most %zu, which leaves a batch of %zu of the %zu training images to "
                     "train on, got %zu",
                     data->train.count - batch, batch, data->train.count, selection->validation);
}
