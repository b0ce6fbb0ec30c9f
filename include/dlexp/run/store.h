/*
 * store.h - finished runs on disk: one immutable file a run, named by the hash of its spec.
 *
 * DIR/runs/<id>.run holds a record (record.h).  Files appear whole (write, fsync, rename) and never change, so any
 * number of processes may fill one store, and stores are joined by copying files.
 */
#ifndef DLEXP_STORE_H
#define DLEXP_STORE_H

#include <stdbool.h>

#include "dlexp/base/error.h"
#include "dlexp/base/file.h"
#include "dlexp/run/record.h"

enum { STORE_ID_SIZE = 33 }; /* 32 hexadecimal digits and the NUL */

struct store {
    char *directory; /* DIR/runs */
    int claims;      /* an open file, or -1 */
};

/* store_id - the name of the run: the first half of its spec's SHA-256. */
void store_id(const char *spec, char id[STORE_ID_SIZE]);

/* store_init - name the store below DIR; touches no file.  store_create - make its directory, and remove the unfinished
 * files of processes that were killed (directory_clean). */
int store_init(struct store *store, const char *directory, struct error *err);
int store_create(const struct store *store, struct error *err);
void store_free(struct store *store);

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

enum store_found { STORE_MISSING, STORE_FOUND, STORE_DAMAGED, STORE_FAILED };

/*
 * store_load - the record of the run with this spec.
 *
 * STORE_FOUND: *record is filled (the caller frees it).  STORE_DAMAGED: a file is there but is not what was written,
 * err says what is wrong with it; store_set_aside, given *seen, keeps it for whoever wants to look.  STORE_FAILED: it
 * could not be read; err says why.
 */
enum store_found store_load(const struct store *store, const char *spec, struct record *record,
                            struct file_identity *seen, struct error *err);

/*
 * store_set_aside - keep what store_load saw damaged as <id>.damaged (-2, -3, ...).
 *
 * If another process put a good record there meanwhile, that stays.  Where it can be a hard link, the damaged file
 * keeps its old name too until the next record takes that.
 */
int store_set_aside(const struct store *store, const char *spec, const struct file_identity *seen, struct error *err);

/* store_save - put the record in place, atomically. */
int store_save(const struct store *store, const struct record *record, struct error *err);

#endif
