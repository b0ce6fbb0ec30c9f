/*
 * train_record.h - what a record of train_run (train.h) says: how each segment ended; and the check that a
 * record is a valid one.
 */
#ifndef DLEXP_TRAIN_RECORD_H
#define DLEXP_TRAIN_RECORD_H

#include "dlexp/run/record.h"
#include "dlexp/train/train_config.h"

/* The column of a record's tables `steps.N`; those of its table `epochs` are the measures (train_measure.h). */
#define TRAIN_STEPS_HEADER "train_loss"

/* A diverged run's loss was not finite: a training batch's, or only that of the split evaluated after an epoch. */
enum train_end { TRAIN_COMPLETED, TRAIN_DIVERGED, TRAIN_DIVERGED_IN_TEST, TRAIN_DIVERGED_IN_VALIDATION, TRAIN_ENDS };

/* train_end_name - "completed", "diverged", "diverged_in_test", "diverged_in_validation": the status in records and
 * tables. */
const char *train_end_name(enum train_end end);

struct train_ending {
    enum train_end end;
    uint64_t step; /* of TRAIN_DIVERGED, from 1 */
    size_t epoch;  /* of one in test or validation, from 1 */
};

/* train_ending_of - how the segment ended; the record is one that train_check_record lets pass. */
struct train_ending train_ending_of(const struct record *record, size_t segment);

/*
 * train_test_score - of a run with a validation split: what the segment's net does on the test set, with the parameters
 * of its end (TRAIN_TEST) or of its best epoch (TRAIN_BEST_TEST).  NAN: it has none, as it diverged; or a loss that is
 * not finite.  They are its values KEY_loss, KEY_accuracy_percent.
 */
#define TRAIN_TEST "test"
#define TRAIN_BEST_TEST "best_test"
struct train_score train_test_score(const struct record *record, size_t segment, const char *key);

/* train_ending_text - where it diverged, for a person: "step 12", "test of epoch 3"; "" if it did not. */
const char *train_ending_text(struct train_ending ending, char text[48]);

/*
 * train_check_record - ERROR_DATA unless the record holds what train_run writes for this run: the values, tables,
 * columns and rows, numbers that are finite where they must be; of the bulk, where it was read.  Records of earlier
 * versions pass, and are brought to today's form.
 */
int train_check_record(const struct train_config *config, const struct dataset *data, struct record *record,
                       struct error *err);

#endif
