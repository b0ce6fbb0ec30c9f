/*
 * merge_parts.h - the parts of a merge (merge.h), in the order in which they are done.
 */
#ifndef DLEXP_MERGE_PARTS_H
#define DLEXP_MERGE_PARTS_H

#include "dlexp/run/store.h"
#include "merge.h"

/* merge_leave_out - count one as left out, and why. */
void merge_leave_out(struct merge *merge, struct merge_counts *counts, const char *why);

/* merge_records - the records of all sources.  Fails as merge_run. */
int merge_records(struct merge *merge, struct error *err);

/*
 * merge_last - the end of a run that was kept for longer ones (checkpoint.h), from one store to the other: of two the
 * longer one stays.  A call with --keep-last would else compute the run again.  One that is damaged is told and left.
 */
int merge_last(struct merge *merge, const struct store *from, const struct store *to, const char *id,
               struct error *err);

/*
 * merge_models - of all sources, SOURCE/models/NAME to DEST/models/NAME.  Left out: one of which the destination has
 * other bytes, and one that is not what the record of its run says (a value that ends in model_sha256; the name of a
 * model ends in the first digits of its run's id).
 */
int merge_models(struct merge *merge, struct error *err);

#endif
