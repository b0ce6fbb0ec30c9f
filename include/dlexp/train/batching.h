/*
 * batching.h - an epoch's images in batches, each of which is a training step.
 */
#ifndef DLEXP_BATCHING_H
#define DLEXP_BATCHING_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/error.h"
#include "dlexp/cli/option.h"
#include "dlexp/net/layer.h"

struct batching {
    size_t batch;   /* images of a step */
    bool drop_last; /* of each epoch's order, the images that make no whole batch are left out, of training alone */
};

/* Its rows in a table of options, for a struct batching at this offset of the configuration.  axis: OPTION_AXIS for a
 * run of each of several, or 0. */
#define BATCHING_BATCH(at, axis)                                                                                       \
    {                                                                                                                  \
        .name = "batch", .key = "batch", .type = OPTION_COUNT, .flags = axis,                                          \
        .offset = (at) + offsetof(struct batching, batch), .value = axis ? "LIST" : "N", .initial = "60", .low = 1,    \
        .high = 1e9, .help = "images per training step", .group = "Network"                                            \
    }

#define BATCHING_SETTINGS(at)                                                                                          \
    BATCHING_BATCH(at, OPTION_AXIS),                                                                                   \
    {                                                                                                                  \
        .name = "drop-last", .key = "drop_last", .type = OPTION_FLAG, .flags = OPTION_QUIET,                           \
        .offset = (at) + offsetof(struct batching, drop_last),                                                         \
        .help = "leave out the images at the end of an epoch that make no whole batch", .group = "Network"             \
    }

/* batching_count - batches that `rows` images make, the last one perhaps smaller.  batching_images - of so many images
 * to train on, those that an epoch is trained on. */
size_t batching_count(const struct batching *batching, size_t rows);
size_t batching_images(const struct batching *batching, size_t rows);

/*
 * batching_check - ERROR_USAGE if there are fewer images to train on.  batching_check_norm - if this norm, which has no
 * batch of a single image where it divides by a variance, gets one: among `rows` images to train on, or `tested` that
 * are passed in training mode (0: none).
 */
int batching_check(const struct batching *batching, size_t rows, struct error *err);
int batching_check_norm(const struct batching *batching, const struct layer_type *norm, size_t rows, size_t tested,
                        struct error *err);

#endif
