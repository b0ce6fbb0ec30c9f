/*
 * selection.h - the split that is evaluated between epochs and chooses the best of them: images held out of training,
 * or without any the test set; and how often it is looked at.
 */
#ifndef DLEXP_SELECTION_H
#define DLEXP_SELECTION_H

#include <stddef.h>

#include "dlexp/base/error.h"
#include "dlexp/cli/option.h"
#include "dlexp/data/dataset.h"
#include "dlexp/train/train_protocol.h"

struct selection {
    size_t validation; /* images held out of training, the last of its file; 0: none, the test set selects */
    size_t eval_every; /* steps between further evaluations (train_evals.h); 0: none */
};

/* Its rows in a table of options, for a struct selection at this offset of the configuration. */
#define SELECTION_SETTINGS(at)                                                                                         \
    {.name = "validation",                                                                                             \
     .key = "validation",                                                                                              \
     .type = OPTION_COUNT,                                                                                             \
     .flags = OPTION_QUIET,                                                                                            \
     .offset = (at) + offsetof(struct selection, validation),                                                          \
     .value = "N",                                                                                                     \
     .initial = "0",                                                                                                   \
     .low = 0,                                                                                                         \
     .high = 1e9,                                                                                                      \
     .help =                                                                                                           \
         "hold the last N training images out: they are evaluated after each epoch and choose the best one, the "      \
         "test set is looked at once, at the end (its numbers stand in the last epoch's row alone); 0: the test set "  \
         "takes their place",                                                                                          \
     .group = "Experiment"},                                                                                           \
    {                                                                                                                  \
        .name = "eval-every", .key = "eval_every", .type = OPTION_COUNT, .flags = OPTION_QUIET,                        \
        .offset = (at) + offsetof(struct selection, eval_every), .value = "N", .initial = "0", .low = 0, .high = 1e9,  \
        .help = "evaluate after every N-th step, too, the validation images or without any the test set, into "        \
                "evals.csv; the runs' other numbers stay what they are without; 0: after each epoch only",             \
        .group = "Experiment"                                                                                          \
    }

/* selection_kept - training images that are not held out: the first of the file; 0 if more are held out than there are.
 * selection_part - the split that selects; its images and labels are the data's. */
size_t selection_kept(const struct selection *selection, const struct dataset *data);
struct dataset_part selection_part(const struct selection *selection, const struct dataset *data);

/* selection_check - ERROR_USAGE if the protocol has no place for a validation split, or it leaves less than a batch (of
 * at most all images) to train on. */
int selection_check(const struct selection *selection, const struct train_protocol *protocol, size_t batch,
                    const struct dataset *data, struct error *err);

#endif
