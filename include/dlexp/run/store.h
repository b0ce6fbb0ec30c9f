/*
 * store.h - finished runs on disk: one immutable file per run, named by the hash of its spec.
 *
 * DIR/runs/ab/<id>.run, in a folder by the first two digits of the id, holds a record (record.h).  Earlier versions
 * wrote DIR/runs/<id>.run: such a file is found where there is none in the folder, and gives way to the next record of
 * its run.  Files appear whole (write, fsync, rename) and never change, so any number of processes may fill one store,
 * and stores are joined by copying their folders into one.
 *
 * Beside it may stand the state of a run that was begun, or that may go on longer (checkpoint.h).
 *
 * DIR/runs/.index, in stores of many runs, holds the heads of their records once more, so that they come from one file;
 * see store_index_open.  It may be removed at any time.
 */
#ifndef DLEXP_STORE_H
#define DLEXP_STORE_H

#include <stdbool.h>

#include "dlexp/base/error.h"
#include "dlexp/base/file.h"
#include "dlexp/run/record.h"
#include "dlexp/run/store_id.h"

struct store_index;

struct store {
    char *directory;           /* DIR/runs */
    int claims;                /* an open file, or -1 */
    int file_system;           /* file_system.h; -1: each file and folder is synced by itself */
    struct store_index *index; /* NULL: none is used */
};

/* Endings of the files in the folders. */
#define STORE_RUN ".run"
#define STORE_CHECKPOINT ".checkpoint" /* checkpoint.h */
#define STORE_LAST ".last"

/*
 * store_init - name the store below DIR; touches no file.  store_create - make its directory, and remove the unfinished
 * files of processes that were killed (directory_clean).  So are checkpoints of runs that have a record; needed -
 * whether the run of this id is to be computed all the same; NULL: none is.
 */
typedef bool store_needed_fn(const void *context, const char *id);
int store_init(struct store *store, const char *directory, struct error *err);
int store_create(struct store *store, store_needed_fn *needed, const void *context, struct error *err);
void store_free(struct store *store);

/* store_path - malloc'ed path of the file of this id with this ending in its folder; NULL, and an error, without
 * memory.  store_create_folder - make that, if it is not there, and with `sync` so that it survives
 * a power cut. */
char *store_path(const struct store *store, const char *id, const char *ending, struct error *err);
int store_create_folder(const struct store *store, const char *id, bool sync, struct error *err);

/*
 * store_claims_open - from now on this process claims runs; false where the file system has no locks.
 * store_claim - false if another process computes the run with this id just now.  store_release - it is over.
 *
 * A claim is a lock on a byte of DIR/runs/.claims, which the system lifts when the process ends.  It only keeps
 * processes from computing the same at once: without claims nothing is wrong, but slower.  One store of a process may
 * claim at a time.
 */
bool store_claims_open(struct store *store);
bool store_claim(const struct store *store, const char *id);
void store_release(const struct store *store, const char *id);

/*
 * store_index_open - from now on store_load may take heads from the index.  add: and what is not in it may be added by
 * store_index_add, at the latest by store_free; an index that is damaged, or of which half is outdated, is removed and
 * begun anew.
 *
 * Nothing is wrong without an index, so no failure of it is told.  It is a row of entries: inode, size and time of last
 * change of a run's file, and the head of its record, which is sealed as such.  An entry counts only while the run's
 * file has that inode, size and time, which each store_load asks anew: a record that was removed, replaced, set aside,
 * cut or changed in place is therefore never taken from the index.  (Files that changed within the last seconds are not
 * added: another change at once might leave the time as it is.)  Entries are appended by whole writes, so any number of
 * processes may add at once; of two entries of a run the later one counts.
 */
void store_index_open(struct store *store, bool add);
void store_index_add(const struct store *store, const struct record *record, const struct file_identity *seen);

enum store_found { STORE_MISSING, STORE_FOUND, STORE_DAMAGED, STORE_FAILED };

/*
 * store_load - the record of the run with this spec, its head or (whole) also the rows of bulk tables; of a file of
 * format 1 always all.  Several threads may load at once.
 *
 * STORE_FOUND: *record is filled (the caller frees it).  STORE_DAMAGED: a file is there but is not what was written,
 * err says what is wrong with it; store_set_aside, given *seen, keeps it for whoever wants to look.  STORE_FAILED: it
 * could not be read; err says why.  Damage to the bulk shows only in a whole one, unless the file's size changed.
 */
enum store_found store_load(const struct store *store, const char *spec, bool whole, struct record *record,
                            struct file_identity *seen, struct error *err);

/* The file of a run: its bytes, and what they say.  record is filled only by STORE_FOUND. */
struct store_file {
    char *path;
    unsigned char *text;
    size_t size;
    struct file_identity seen;
    struct record record;
};

/*
 * store_read - the file of the run with this id, whole.  STORE_DAMAGED: what has its name is no file, or not a record
 * of this run; err says what is wrong.  STORE_FAILED as store_load.  store_file_free after success and failure alike.
 *
 * store_has_filed - whether the run has a record's file in its folder, whatever is in it; one that lies flat does not
 * count.
 */
enum store_found store_read(struct store_file *file, const struct store *store, const char *id, struct error *err);
void store_file_free(struct store_file *file);
int store_has_filed(bool *has, const struct store *store, const char *id, struct error *err);

/*
 * store_set_aside - keep the file of this ending that was seen damaged as <id>.damaged (-2, -3, ...) beside it.
 *
 * If another process put a good one there meanwhile, that stays.  Where a hard link can be made, the
 * damaged file also keeps its old name until the next one replaces it.
 */
int store_set_aside(const struct store *store, const char *id, const char *ending, const struct file_identity *seen,
                    struct error *err);

/* store_clear - before a file is put in place: a directory of its name, which rename cannot replace, is set aside. */
int store_clear(const struct store *store, const char *id, const char *ending, struct error *err);

/*
 * store_write - the record's file, whole, but under a temporary name, and maybe not yet sure to survive a power cut;
 * its bulk must be here.  Several threads may write at once.
 *
 * store_write_text - the same of what a file of this id and ending is to hold.
 *
 * store_settle - make sure of what was written, and put it in place: only then is a run in the store.  For several runs
 * it takes hardly longer than for one where the file system makes sure of all at once, from store_create on (see
 * file_system.h).  Every draft is freed.  After a failure the first *placed are in the store all the same.
 *
 * store_save - the two for one run.
 */
int store_write(const struct store *store, const struct record *record, struct file_draft *draft, struct error *err);
int store_write_text(const struct store *store, const char *id, const char *ending, const void *text, size_t size,
                     struct file_draft *draft, struct error *err);
int store_settle(const struct store *store, struct file_draft *drafts, size_t count, size_t *placed, struct error *err);
int store_save(const struct store *store, const struct record *record, struct error *err);

#endif
