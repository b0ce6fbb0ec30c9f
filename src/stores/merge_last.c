/* The kept ends of runs in a merge; see merge_parts.h. */
#include <stdio.h>
#include <stdlib.h>

#include "dlexp/base/file.h"
#include "dlexp/run/checkpoint.h"
#include "dlexp/run/seal.h"
#include "merge_parts.h"

int merge_last(struct merge *merge, const struct store *from, const struct store *to, const char *id, struct error *err)
{
    struct checkpoint_head head, there;
    unsigned char *text = NULL;
    size_t size;
    char *path = store_path(from, id, STORE_LAST, err), *target = path ? store_path(to, id, STORE_LAST, err) : NULL;
    int result = target ? file_read(path, &text, &size, err) : -1;
    if (result == 0 && (!seal_holds(text, size) || !checkpoint_look(from, id, CHECKPOINT_LAST, &head))) {
        fprintf(stderr, "dlexp: note: '%s' is damaged and does not come along; the run has its record without it\n",
                path);
    } else if (result == 0 && !merge->dry_run &&
               (!checkpoint_look(to, id, CHECKPOINT_LAST, &there) || there.done < head.done)) {
        result = store_create_folder(to, id, true, err);
        if (result == 0)
            result = file_write_atomic(target, text, size, err);
    }
    free(text);
    free(path);
    free(target);
    return result;
}
