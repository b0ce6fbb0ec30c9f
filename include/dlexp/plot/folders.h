/*
 * folders.h - the folders of tables that a call draws: the one it names, or those in it.
 */
#ifndef DLEXP_PLOT_FOLDERS_H
#define DLEXP_PLOT_FOLDERS_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/error.h"

struct folders {
    char **paths; /* ascending */
    char **names; /* of each below the one that was named; "" where it is that one */
    size_t count;
};

/*
 * folders_find - `directory` if some table (*.csv) and a run.json lie in it, else those of its folders in which some
 * table does, in the order of their names; a file of someone's own among them hides none.  Without such folders,
 * `directory` if some table lies in it.  ERROR_DATA where there is none.  folders_free after success and failure alike.
 */
int folders_find(struct folders *folders, const char *directory, struct error *err);
void folders_free(struct folders *folders);

#endif
