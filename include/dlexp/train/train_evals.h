/*
 * train_evals.h - evaluations between epochs (--eval-every N): after every N-th step of a segment the split that
 * selects (selection.h) is passed as it is after an epoch, in its own order.
 *
 * Where an epoch ends at such a step, the evaluation is the epoch's.  Looking draws nothing and leaves the net, its
 * running statistics too, as it is: the run's other numbers are those without.
 */
#ifndef DLEXP_TRAIN_EVALS_H
#define DLEXP_TRAIN_EVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlexp/data/dataset.h"
#include "dlexp/run/record_audit.h"
#include "dlexp/train/train_config.h"
#include "dlexp/train/train_protocol.h"

/* The table of a record's head, where it was asked for: a row for each, by segment and step. */
#define TRAIN_EVALS_TABLE "evals"
#define TRAIN_EVALS_HEADER "segment,step,loss,accuracy_percent"
enum { EVAL_SEGMENT, EVAL_STEP, EVAL_LOSS, EVAL_ACCURACY, EVAL_COLUMNS }; /* loss: NAN where it is not finite */

/* train_evals_due - whether there is one behind this step (1, 2, ...).  train_evals_count - how many there are in a
 * segment's first `steps` steps. */
bool train_evals_due(const struct train_config *config, const struct dataset *data, uint64_t step);
uint64_t train_evals_count(const struct train_config *config, const struct dataset *data, uint64_t steps);

/* train_evals_numbers - in that table of a run, at most. */
uint64_t train_evals_numbers(const struct train_config *config, const struct dataset *data);

/* train_evals_note - add a row to the table. */
void train_evals_note(struct record *record, struct record_table *evals, size_t segment, uint64_t step,
                      struct train_score score);

/* train_evals_check - that the rows from *row on are those of a segment of so many steps; *row is left behind where
 * they should be.  train_evals_check_end - that the table has these rows. */
void train_evals_check(struct record_audit *audit, const struct train_config *config, const struct dataset *data,
                       size_t segment, uint64_t steps, size_t *row);
void train_evals_check_end(struct record_audit *audit, const struct train_config *config, size_t row);

#endif
