/*
 * merge_parts.h - the parts of a merge (merge.h), in the order in which they are done.
 */
#ifndef DLEXP_MERGE_PARTS_H
#define DLEXP_MERGE_PARTS_H

#include "dlexp/run/store.h"
#include "merge.h"

/* merge_leave_out - count a file as left out, and why; counts: those of its kind, or NULL. */
void merge_leave_out(struct merge *merge, struct merge_counts *counts, const char *why);

/* merge_found - count a file of a source that was looked for, and leave it out where it is damaged, as *err says.  -1
 * where it could not be read. */
int merge_found(struct merge *merge, struct merge_counts *counts, enum store_found found, const struct error *err);

/*
 * merge_plan - plan.json, of the first source whose can be read, where the destination has neither it nor a run.json,
 * or they cannot be read.  One of a source that cannot be read is left out; others than the one taken are noted.
 */
int merge_plan(struct merge *merge, struct error *err);

/* merge_records - the records of all sources, and their kept ends.  Fails as merge_run. */
int merge_records(struct merge *merge, struct error *err);

/*
 * merge_models - of all sources, SOURCE/models/NAME to DEST/models/NAME.  Left out: what is no file; one of which the
 * destination has other bytes, and one that is not what the record of its run says (a value that ends in model_sha256;
 * the name of a model ends in the first digits of its run's id).
 */
int merge_models(struct merge *merge, struct error *err);

#endif
