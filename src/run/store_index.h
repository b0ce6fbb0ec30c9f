/*
 * store_index.h - the file DIR/runs/.index of store.h: what it is for, and when an entry of it counts, stands there.
 *
 * An entry is a line of fixed length and the head of a record (record.h), which is sealed:
 *
 *     [run ID INODE SIZE SECONDS NANOSECONDS LENGTH-OF-HEAD]        the numbers in hexadecimal
 *     dlexp record 2 ...
 *
 * In memory are only the lines; heads are read one by one.  A wrong line is no matter: what it leads to is not sealed,
 * or is the head of another run, or the run's file is another one.
 */
#ifndef DLEXP_STORE_INDEX_H
#define DLEXP_STORE_INDEX_H

#include <stdbool.h>

#include "dlexp/base/file.h"
#include "dlexp/run/record.h"

struct store_index;

/* store_index_read - of this directory; see store_index_open.  NULL: there is none to be had. */
struct store_index *store_index_read(const char *directory, bool add);
void store_index_close(struct store_index *index);

/* store_index_find - true, and the head and the file's identity, if there is an entry for the file that path is now. */
bool store_index_find(const struct store_index *index, const char *id, const char *path, struct record *record,
                      struct file_identity *seen);

/* store_index_append - an entry for the record of this id, whose file was `seen`, unless it has one from the index. */
void store_index_append(struct store_index *index, const char *id, const struct record *record,
                        const struct file_identity *seen);

#endif
