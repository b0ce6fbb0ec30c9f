/*
 * train_protocol.h - how a run goes about its nets, as rows of a table: what is drawn, how the test set is gone
 * through, and what an epoch's numbers are.
 *
 * fair: one (norm, lr, seed), a fresh net.  Each epoch shuffles and trains, then evaluates in eval mode on the whole
 * test set in its order.  Draws as torch.manual_seed(seed), the net, one shuffled and one plain DataLoader.
 *
 * notebook: one seed, all norms and rates, as the homework's notebook did it.  The nets are made once, in the order of
 * norms; for each lr and within it each norm, a fresh optimizer goes on from the net's weights.  The test loader is
 * shuffled, and a first batch of it is drawn before everything; the test pass is in training mode (batch statistics,
 * and the running ones move); accuracies are averages over the epochs so far; the loss is the sum of batch losses /
 * 1000.
 */
#ifndef DLEXP_TRAIN_PROTOCOL_H
#define DLEXP_TRAIN_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlexp/base/random.h"

/* Sums over batches. */
struct train_sums {
    double loss;       /* of all rows */
    double batch_loss; /* of the batches' means, each a float */
    size_t correct, rows;
};

/* What a net does on a split: means over its images. */
struct train_score {
    double loss, accuracy_percent;
};
struct train_score train_score_of(const struct train_sums *sums);

/* What an epoch found: in training, and on the split that is evaluated after it (train_config.h). */
struct train_result {
    double train_loss, train_accuracy_percent, loss, accuracy_percent;
};

struct train_protocol {
    const char *name;                     /* as typed */
    const char *accuracy;                 /* what an epoch's accuracies are, before the word: "mean " */
    bool averages;                        /* accuracies are averages over the segment's epochs so far */
    bool chained;                         /* a run goes through all norms and rates; otherwise it has one of each */
    bool tests_in_training;               /* the test set is passed in training mode */
    void (*start)(struct random *random); /* draws before the nets are made */

    /*
     * The draws of an epoch's test loader; returns whether the test set is shuffled.  order (count): its permutation
     * then; NULL: nobody asks any more, as the run diverged, but those after it must see their draws.
     */
    bool (*draw_test)(struct random *random, uint32_t *order, size_t count);

    /* An epoch's numbers; so_far: sums over the segment's epochs up to now, for the protocol to keep. */
    struct train_result (*sum_up)(const struct train_sums *train, const struct train_sums *test,
                                  struct train_sums *train_so_far, struct train_sums *test_so_far);
};

/* Rows of the table. */
enum { TRAIN_FAIR, TRAIN_NOTEBOOK };

/* train_protocol_row - the row; NULL past the last.  train_protocol_name - walks the names, for an option table. */
const struct train_protocol *train_protocol_row(size_t index);
bool train_protocol_name(size_t index, const char **name);

#endif
