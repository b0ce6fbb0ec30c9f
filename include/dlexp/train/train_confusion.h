/*
 * train_confusion.h - what the net at the end of a segment takes the test images of each class for: counts, in a
 * record's bulk.
 *
 * Table `confusion.N` of segment N has one column, `images`, and a row for each pair of a class and what its images are
 * named as: row label * classes + named holds how many there are.  They are of the pass that the bits per image are of
 * (train_bits.h); where two logits are equally large the smaller class is the one named.  Runs that earlier versions
 * stored have no such table and stay valid; a segment that diverged has none.
 */
#ifndef DLEXP_TRAIN_CONFUSION_H
#define DLEXP_TRAIN_CONFUSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlexp/run/record.h"
#include "dlexp/run/record_audit.h"

/* train_confusion_note - add the table: counts[classes * classes]. */
void train_confusion_note(struct record *record, size_t segment, const uint32_t *counts, size_t classes);

/* train_confusion_noted - whether the record has it; its head is enough. */
bool train_confusion_noted(const struct record *record, size_t segment);

/* train_confusion_add - of a record with its bulk: adds its counts to totals[classes * classes]. */
void train_confusion_add(const struct record *record, size_t segment, size_t classes, double *totals);

/* train_confusion_check - where the record has the table, that it counts so many images, of which so many are right. */
void train_confusion_check(struct record_audit *audit, size_t segment, size_t classes, size_t images, size_t correct);

#endif
