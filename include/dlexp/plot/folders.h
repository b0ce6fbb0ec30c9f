/*
 * folders.h - the folders of tables that a call reads: the one it names, or those in it.
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
    struct folder_left {
        char *path, *call; /* of a folder that is left out, and the call that makes its tables its own again */
    } * left;
    size_t left_count;
};

/*
 * folders_find - `directory` if some table (*.csv) and a run.json lie in it, else those of its folders in which some
 * table does, in the order of their names; a file of someone's own among them hides none.  Without such folders,
 * `directory` if some table lies in it.  ERROR_DATA where there is none.  folders_free after success and failure alike.
 *
 * A folder whose call runs or was stopped is left out, as its tables may be those of an earlier call
 * (run_json_unfinished); ERROR_DATA if there is no other.  folders_tell_left - a note on stderr for each.
 */
int folders_find(struct folders *folders, const char *directory, struct error *err);
void folders_tell_left(const struct folders *folders);
void folders_free(struct folders *folders);

#endif
