/*
 * merge.h - joins run stores: every run of the sources comes into the destination, once, with its model files.
 *
 * Records are content under a name, so joining is a union, in which order and repetition do not matter:
 *
 *   the destination has no record of the run      the source's comes in, its bytes
 *   it has one with the same numbers              the one that says more stays (an earlier version, or a call without
 *                                                 --bits, noted less); of two that say as much the smaller bytes
 *   it has one with other numbers                 a conflict: both stay where they are, and are named
 *   the source's cannot be read                   left out, and named
 *   the destination's cannot be read              set aside, as an experiment does that meets it
 *
 * So a merge that was stopped and is given again, or two at once, come to the same store; and whatever was left out,
 * the rest is merged.  A record is put in place as by an experiment (store_settle), many at a time; of two merges at
 * once, or a merge and an experiment, one at a time looks at a run and places it (store_claim).
 *
 * It goes through the folders of all stores side by side, so that memory holds the names of one folder and one record
 * of each side.  The ends of runs that were kept for longer ones (*.last) come along, by the same rules, and of two
 * the longer one stays; checkpoints, indexes and what was
 * set aside do not: they are of the process at work there, can be made anew, or are damaged.
 */
#ifndef DLEXP_MERGE_H
#define DLEXP_MERGE_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/error.h"

struct merge_counts {
    size_t found;    /* in the sources */
    size_t added;    /* new in the destination */
    size_t same;     /* there already, from before or from another source, and as good */
    size_t replaced; /* there already, but the source's says more */
    size_t left_out; /* damaged, of a newer format, or in conflict */
};

enum { MERGE_TOLD = 20 };

struct merge_source {
    const char *given; /* as on the command line */
    char *folder;      /* the results folder */
    struct merge_counts records, ends, models;
};

struct merge {
    const char *given; /* the destination, as on the command line */
    char *folder;
    bool dry_run, quiet;
    struct merge_source *sources;
    size_t count;
    size_t placed;          /* records and ends that were put in place */
    size_t left_out;        /* files of all kinds */
    char *told[MERGE_TOLD]; /* why the first ones were left out */
    size_t told_count;
    const char *plan; /* the source whose plan.json was copied, as given; NULL: none was */
};

/* merge_init - the destination and the sources; ERROR_DATA for a source that is no results folder, ERROR_USAGE for one
 * that is the destination.  merge_free after success and failure alike. */
int merge_init(struct merge *merge, const char *destination, const char *const *sources, size_t count,
               struct error *err);
void merge_free(struct merge *merge);

/*
 * merge_run - do it.  0 also where something was left out.  ERROR_IO where the system refuses, 128 + n after a signal:
 * then what is merged is kept, and the message says how much that is.
 */
int merge_run(struct merge *merge, struct error *err);

#endif
