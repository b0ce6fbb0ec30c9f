/*
 * batchnorm_disagreement.h - disagreement.csv: the test images that a net gets wrong whatever the seed, a row for each
 * image that all its trained runs at its own best rate name wrongly.
 *
 * The best rate: highest mean final accuracy on the split that selects, of equals the smaller.  image counts from 0 in
 * the order of the file, runs are those that got it wrong, which is all.  A net of which some such run lacks its bits
 * per test image (train_bits.h) has no rows; --bits trains these again.
 */
#ifndef DLEXP_BATCHNORM_DISAGREEMENT_H
#define DLEXP_BATCHNORM_DISAGREEMENT_H

#include "batchnorm_groups.h"

/*
 * disagreement_next - walks the nets of which every trained run at the best rate has its bits: *group of the next one
 * from group *first on, which is moved behind it, and how many runs of it trained.  False past the last.
 */
bool disagreement_next(const struct batchnorm *report, size_t *first, const struct report_group **group, size_t *runs);

/* disagreement_counts - whether the row's run is one of those. */
bool disagreement_counts(const struct batchnorm *report, size_t row);

extern const struct frame_column disagreement_columns[];
void disagreement_fill(const void *batchnorm, struct frame *frame);
bool disagreement_wanted(const void *batchnorm); /* some net has rows, or might have */

/* disagreement_lacking - trained runs at their nets' best rates that lack their bits; *runs: all those. */
size_t disagreement_lacking(const struct batchnorm *report, size_t *runs);

#endif
