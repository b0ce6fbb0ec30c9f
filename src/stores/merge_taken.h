/*
 * merge_taken.h - the records and kept ends of a merge that are taken, and put in place many at a time.
 */
#ifndef DLEXP_MERGE_TAKEN_H
#define DLEXP_MERGE_TAKEN_H

#include <stdint.h>

#include "dlexp/cli/progress.h"
#include "dlexp/run/store.h"
#include "merge.h"

enum { MERGE_GROUP = 256 }; /* files that are made sure of at once */

struct merge_taken {
    struct merge *merge;
    struct store to, *from; /* from: [source] */
    struct taken {
        uint64_t key; /* the first digits of its id */
        char id[STORE_ID_SIZE];
        size_t source;
        bool claimed;
    } * runs; /* those of this group, which are still to be put in place; in a dry run of this folder */
    struct file_draft drafts[MERGE_GROUP];
    size_t count, capacity;
    struct progress progress;
};

/* merge_take - the content of a file of a source is to come into the destination under this id and ending. */
int merge_take(struct merge_taken *m, size_t source, const char *id, const char *ending, const void *text, size_t size,
               bool claimed, struct error *err);

/* merge_taken_settle - put in place what is taken, and let go of what was claimed. */
int merge_taken_settle(struct merge_taken *m, struct error *err);

/* merge_taken_before - before the destination is looked at for this id: what was taken of it is put in place.
 * merge_taken_side - then the store to look at: the destination, or, in a dry run, the source that it would be from. */
int merge_taken_before(struct merge_taken *m, const char *id, struct error *err);
const struct store *merge_taken_side(const struct merge_taken *m, const char *id);

/* merge_set_aside - a file of the destination that cannot be used gives way, which is noted; *err says why it cannot.
 */
int merge_set_aside(const struct merge_taken *m, const char *id, const char *ending, const struct file_identity *seen,
                    struct error *err);

/*
 * merge_last - the end of a run that was kept for longer ones (checkpoint.h): of two the longer one stays.  A call with
 * --keep-last would else compute the run again.  One that is damaged, or of another run than its name says, is left
 * out, and in the destination set aside.
 */
int merge_last(struct merge_taken *m, size_t source, const char *id, struct error *err);

#endif
