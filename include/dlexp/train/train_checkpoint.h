/*
 * train_checkpoint.h - the state of a run of training: what a checkpoint (run/checkpoint.h) of it holds.
 *
 * It may be taken behind any step and between epochs, which is wherever trainer_epoch returns, and between segments.
 * It holds the random stream, every net with its running statistics, where the run is (struct segment), the optimizer's
 * state, the best epoch's parameters and the record so far.  What follows from these is made once more: the order of an
 * epoch from the seed of its draw.
 *
 * A run that is taken up leaves the bytes of one that never stopped: record, tables, models.  So it does with any
 * kernels and number of threads.
 */
#ifndef DLEXP_TRAIN_CHECKPOINT_H
#define DLEXP_TRAIN_CHECKPOINT_H

#include <stdbool.h>

#include "dlexp/base/error.h"
#include "dlexp/run/record.h"
#include "dlexp/train/trainer.h"

struct train_state {
    struct trainer *trainer;
    struct segment *segment; /* at work; number train_segments: all have ended */
    struct record *record;
    bool saves_models; /* as its segments end */
};

/*
 * train_check_prolongs - ERROR_USAGE unless such a run of fewer epochs is a true beginning of it, so that its last
 * state may be kept for one of more: its rates must not depend on how many epochs there are, nor may it go on to
 * another segment after them.
 */
int train_check_prolongs(const struct train_config *config, struct error *err);

/*
 * train_checkpoint_resume - take a run that is at its very beginning to where a checkpoint left it; without one it
 * stays there.  A run that is longer goes on from the last state of a shorter one.
 */
int train_checkpoint_resume(struct train_state *run, struct error *err);

/* train_checkpoint_keep - the run goes on.  train_checkpoint_stop - it was stopped.  train_checkpoint_keep_last - it
 * has trained its last epoch, and nothing of its end is noted yet; does nothing unless that is asked for and of use. */
void train_checkpoint_keep(struct train_state *run);
void train_checkpoint_stop(struct train_state *run);
int train_checkpoint_keep_last(struct train_state *run, struct error *err);

#endif
