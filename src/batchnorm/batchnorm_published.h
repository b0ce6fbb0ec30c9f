/*
 * batchnorm_published.h - the numbers that the homework printed, for runs that are its own but for the seed.
 *
 * Such a run has the genuine MNIST, the net, batch size, optimizer with its constants and number of epochs of the
 * homework.  In the fair protocol each of its norms and rates is compared by itself; in the notebook protocol a run is
 * the whole chain, which must be the homework's, in its order.  With another number of epochs the homework's best
 * accuracy is not compared, but those epochs that both have are, where the weights did not pass through epochs that
 * differ (so in the notebook protocol at the first rate only).
 */
#ifndef DLEXP_BATCHNORM_PUBLISHED_H
#define DLEXP_BATCHNORM_PUBLISHED_H

#include "batchnorm_groups.h"

/*
 * published_read - fills in each group's `published` and `published_best`, and report->published, which says that there
 * is any; it is false, too, where the tables are not installed.
 */
int published_read(struct batchnorm *report, struct error *err);

/* published_best_shown - whether any group has a published_best: a column on the screen. */
bool published_best_shown(const struct batchnorm *report);

/* published.csv. */
extern const struct frame_column published_columns[];
void published_fill(const void *batchnorm, struct frame *frame);
bool published_wanted(const void *batchnorm);

#endif
