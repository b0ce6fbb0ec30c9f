/*
 * trainer.h - a run at work: everything it needs in one block of memory, a training step, an evaluation, an epoch.
 */
#ifndef DLEXP_TRAINER_H
#define DLEXP_TRAINER_H

#include <stdbool.h>
#include <stdint.h>

#include "dlexp/base/memory.h"
#include "dlexp/base/random.h"
#include "dlexp/base/sha256.h"
#include "dlexp/base/team.h"
#include "dlexp/data/dataset.h"
#include "dlexp/kernels/kernels.h"
#include "dlexp/net/mlp.h"
#include "dlexp/run/hooks.h"
#include "dlexp/run/record.h"
#include "dlexp/train/train_config.h"
#include "dlexp/train/train_layers.h"
#include "dlexp/train/train_protocol.h"
#include "dlexp/train/train_record.h"

/* The parts of a training step. */
enum train_phase { TRAIN_GATHER, TRAIN_FORWARD, TRAIN_LOSS, TRAIN_BACKWARD, TRAIN_UPDATE, TRAIN_PHASES };

/* trainer_phase_name - walks the names in enum order. */
bool trainer_phase_name(size_t index, const char **name);

struct trainer {
    const struct train_config *config;
    const struct train_protocol *protocol;
    const struct dataset *data;
    const struct kernels *kernels;
    const struct run_hooks *hooks; /* NULL: nobody listens */
    struct memory memory;
    struct team *team;                       /* NULL for one thread a run */
    struct mlp *net;                         /* by place in config->norms: a chain of segments keeps them all alive */
    struct train_probe *probe;               /* of each net, with config->layers; otherwise NULL */
    char (*initial_sha256)[SHA256_HEX_SIZE]; /* of each net's first weights */
    real *state[OPTIMIZER_STATES_MAX];       /* the optimizer's, as long as the longest net's parameters */
    real *best;                              /* snapshot of the best epoch */
    bool sparse;                             /* the first layer skips zero pixels */
    struct pixel_batch batch;
    struct dataset_part selection; /* what is evaluated between epochs (selection.h) */
    size_t evals;                  /* place of that table in the record, with config->selection.eval_every */
    real *running;                 /* running statistics put aside, where a test moves them */
    uint32_t *in_order;            /* 0, 1, ...: a split's own order */
    real *x;                       /* (batch, pixels') for a dense first layer */
    uint8_t *labels;               /* (batch) gathered */
    uint8_t *right;                /* (batch) which of them were named rightly */
    uint32_t *bits;                /* that of every test image, at the end of a segment (train_bits.h), */
    uint32_t *confusion;           /* and what each class is named as (train_confusion.h) */
    uint32_t *order;               /* the epoch's permutation */
    struct random random;          /* torch's default generator */
};

/* trainer_init - with nets that have no weights yet (mlp_init). */
int trainer_init(struct trainer *t, const struct train_config *config, const struct dataset *data,
                 const struct kernels *kernels, const struct run_hooks *hooks, struct error *err);
void trainer_free(struct trainer *t);

/* trainer_bytes - of everything in its block. */
double trainer_bytes(const struct train_config *config, const struct dataset *data);

/* trainer_stopped - whether the hooks ask to end the run.  trainer_paused - or to leave trainer_epoch for a moment, as
 * it is time for a checkpoint. */
bool trainer_stopped(const struct trainer *t);
bool trainer_paused(const struct trainer *t);

/* trainer_gather - the images and labels of the batch at `first` of the order; for training, also what the weight
 * gradient needs. */
struct layer_input trainer_gather(struct trainer *t, const struct dataset_part *part, const uint32_t *order,
                                  size_t first, size_t rows, bool training);

/*
 * trainer_step - one step of training on rows first.. of the order; returns the batch's mean loss.  clock_s
 * (TRAIN_PHASES + 1): when each phase began and the last one ended; NULL: the clock is left alone.
 */
float trainer_step(struct trainer *t, struct mlp *net, double lr, uint64_t step, size_t first, size_t rows,
                   struct train_sums *sums, double *clock_s);

/*
 * trainer_evaluate - the whole of this split, in this order of its images.  training: with batch statistics, as the
 * notebook did for want of eval(), which moves the running ones.  bits: where it is noted which images are right
 * (train_bits.h), and t->confusion of what they are named as; or NULL.
 */
struct train_sums trainer_evaluate(struct trainer *t, struct mlp *net, const struct dataset_part *part,
                                   const uint32_t *order, bool training, uint32_t *bits);

/* Places of a record's tables: `epochs`, and with config->layers `layers`. */
enum { TRAINER_EPOCHS, TRAINER_LAYERS };

/* Where in its epochs a segment is: between two of them, or between two steps of one. */
struct train_position {
    size_t epoch;           /* from 1: the one under way, or that comes next */
    bool begun;             /* it is under way: its rate and its draws are made */
    uint64_t sampler;       /* the seed of its order */
    size_t first;           /* images of that order that were trained on */
    struct train_sums sums; /* over them */
};

/* One (norm, lr) of a run, while it trains. */
struct segment {
    size_t number; /* from 0 */
    size_t norm;   /* its number */
    double lr;
    struct mlp *net;
    struct train_probe *probe; /* of that net, or NULL */
    size_t steps;              /* place of its table `steps` in the record */
    /* How far it is; all of it is in a checkpoint (train_checkpoint.h): */
    struct train_position at;
    double rate;                                 /* of the last epoch, as the schedule has it */
    struct train_sums train_so_far, test_so_far; /* the protocol's */
    uint64_t step;                               /* steps done */
    enum train_end end;                          /* completed, until a loss is not finite */
    struct train_score tested;                   /* with a validation split: on the test set, at the end */
    size_t best_epoch;                           /* 0: none yet */
    double best_accuracy;
    uint64_t best_batches;
    /* And what is not: */
    double seconds; /* that the training of an epoch took since trainer_epoch was called */
};

/* trainer_segment - the segment of this number before its first epoch: all rates in turn, each with all norms. */
struct segment trainer_segment(const struct trainer *t, size_t number);

/*
 * trainer_epoch - from where the segment is to the end of an epoch: train, evaluate, note the results in the record's
 * table `epochs`, of its layers in `layers` where the segment has a probe, and each batch's loss in its table of steps.
 * Draws are those of torch's DataLoaders in either protocol, also when the segment has diverged.
 *
 * When the run is stopped or paused it returns at once.  Then all is as it was right behind a step (the last of its
 * epoch, too) or between two epochs: an evaluation that was under way leaves nothing.  Called again it goes on from
 * there; so does another process with the same memory (train_checkpoint.h).
 */
void trainer_epoch(struct trainer *t, struct segment *s, struct record *record);

#endif
