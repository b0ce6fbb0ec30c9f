/*
 * store_files.h - the names of a run store's files, folder by folder: who looks at all of a store holds those of one.
 */
#ifndef DLEXP_STORE_FILES_H
#define DLEXP_STORE_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/error.h"
#include "dlexp/run/store_id.h"

/* Folders 00 to ff, and behind them the store itself, where earlier versions' records lie flat. */
enum { STORE_FLAT = 256, STORE_FOLDERS = 257 };

struct store_files {
    char *directory; /* path of the folder */
    char **names;    /* ascending */
    size_t count;
};

/*
 * store_files_read - the names in a folder of the store DIR/runs but those that begin with a dot; of a folder that is
 * not there, none.  store_files_in - of the folder parent/name; name may be "".  store_files_free after success and
 * failure alike.
 */
int store_files_read(struct store_files *files, const char *store, size_t folder, struct error *err);
int store_files_in(struct store_files *files, const char *parent, const char *name, struct error *err);
void store_files_free(struct store_files *files);

/* store_files_id - whether a file is named <id>ENDING, as ".run"; and its id. */
bool store_files_id(const char *name, const char *ending, char id[STORE_ID_SIZE]);

#endif
