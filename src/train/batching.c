/* An epoch's images in batches. */
#include "dlexp/train/batching.h"

size_t batching_count(const struct batching *batching, size_t rows)
{
    return (rows + batching->batch - 1) / batching->batch;
}

size_t batching_images(const struct batching *batching, size_t rows)
{
    return rows - (batching->drop_last ? rows % batching->batch : 0);
}

int batching_check(const struct batching *batching, size_t rows, struct error *err)
{
    if (batching->batch <= rows)
        return 0;
    return error_set(err, ERROR_USAGE, "--batch: expected at most %zu, the size of the training set, got %zu", rows,
                     batching->batch);
}

int batching_check_norm(const struct batching *batching, const struct layer_type *norm, size_t rows, size_t tested,
                        struct error *err)
{
    const size_t batch = batching->batch;
    const bool in_training = batch == 1 || batching_images(batching, rows) % batch == 1;
    const bool in_test = tested % batch == 1;
    if (norm->least_rows < 2 || rows < batch || (!in_training && !in_test))
        return 0;
    return error_set(err, ERROR_USAGE,
                     "--batch %zu: expected batches of at least 2 images for %s, which has no variance to divide by "
                     "otherwise, got a batch of 1 from %zu %s images; choose another batch size%s",
                     batch, norm->name, in_training ? rows : tested, in_training ? "training" : "test",
                     in_training && batch > 1 ? " or --drop-last" : "");
}
