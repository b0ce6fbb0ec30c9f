/*
 * store.h - finished runs on disk: one immutable file a run, named by the hash of its spec.
 *
 * DIR/runs/<id>.run holds a record (record.h).  Files appear whole (write, fsync, rename) and never change, so any
 * number of processes may fill one store, and stores are joined by copying files.
 */
#ifndef DLEXP_STORE_H
#define DLEXP_STORE_H

#include "dlexp/error.h"
#include "dlexp/record.h"

enum { STORE_ID_SIZE = 33 }; /* 32 hexadecimal digits and the NUL */

struct store {
    char *directory; /* DIR/runs */
};

/* store_id - the name of the run: the first half of its spec's SHA-256. */
void store_id(const char *spec, char id[STORE_ID_SIZE]);

/* store_init - name the store below DIR; touches no file.  store_create - make its directory, and remove
 * the unfinished files, over an hour old, of processes that were killed. */
int store_init(struct store *store, const char *directory, struct error *err);
int store_create(const struct store *store, struct error *err);
void store_free(struct store *store);

enum store_found { STORE_MISSING, STORE_FOUND, STORE_DAMAGED, STORE_FAILED };

/*
 * store_load - the record of the run with this spec.
 *
 * STORE_FOUND: *record is filled (the caller frees it).  STORE_DAMAGED: a file is there but is not what was written,
 * err says what is wrong with it; store_set_aside moves it away.  STORE_FAILED: it could not be read; err says why.
 */
enum store_found store_load(const struct store *store, const char *spec, struct record *record, struct error *err);

/* store_set_aside - rename what is damaged to <id>.damaged (-2, -3, ...), for whoever wants to look. */
int store_set_aside(const struct store *store, const char *spec, struct error *err);

/* store_save - put the record in place, atomically. */
int store_save(const struct store *store, const struct record *record, struct error *err);

#endif
