/*
 * train_bits.h - which test images the net at the end of a segment gets right: one bit per image, in a record's bulk.
 *
 * Table `bits.N` of segment N has one column, `bits`, and a row for each 32 images: bit i mod 32 (0: the least) of row
 * i / 32 is 1 where test image i was named rightly.  Runs that earlier versions stored have no such table and stay
 * valid; a segment that diverged has none.
 *
 * They are of the pass that the last epoch's test accuracy is of, whatever the order of its images and the mode of the
 * net.
 */
#ifndef DLEXP_TRAIN_BITS_H
#define DLEXP_TRAIN_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlexp/run/record.h"
#include "dlexp/run/record_audit.h"

/* train_bits_words - rows of that table. */
static inline size_t train_bits_words(size_t images)
{
    return (images + 31) / 32;
}

/* train_bits_note - add the table: words[train_bits_words(images)], image i being bit i mod 32 of word i / 32. */
void train_bits_note(struct record *record, size_t segment, const uint32_t *words, size_t images);

/* train_bits_noted - whether the record has them; its head is enough. */
bool train_bits_noted(const struct record *record, size_t segment);

/*
 * train_bits_read - of a record with its bulk, into bits[(images + 7) / 8]: image i is bit i mod 8 (0: the least) of
 * byte i / 8, as statistics/crossed.h has it.
 */
void train_bits_read(const struct record *record, size_t segment, size_t images, uint8_t *bits);

/* train_bits_check - where the record has the table, that it is one of so many images, of which so many are right. */
void train_bits_check(struct record_audit *audit, size_t segment, size_t images, size_t correct);

#endif
