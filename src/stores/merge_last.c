/* The kept ends of runs in a merge; see merge_taken.h. */
#include <stdlib.h>

#include "dlexp/base/file.h"
#include "dlexp/run/checkpoint.h"
#include "merge_parts.h"
#include "merge_taken.h"

/* The file of an end, and how far it is. */
struct end {
    char *path;
    unsigned char *text;
    size_t size;
    struct file_identity seen;
    struct checkpoint_head head;
};

/* As store_read. */
static enum store_found read_end(struct end *end, const struct store *store, const char *id, struct error *err)
{
    *end = (struct end){.path = store_path(store, id, STORE_LAST, err)};
    if (!end->path)
        return STORE_FAILED;
    if (file_read_identified(end->path, SIZE_MAX, &end->text, &end->size, &end->seen, err) < 0)
        return err->code != ERROR_DATA ? STORE_FAILED : end->seen.exists ? STORE_DAMAGED : STORE_MISSING;
    const char *wrong = checkpoint_check((const char *)end->text, end->size, id, &end->head);
    if (!wrong)
        return STORE_FOUND;
    error_set(err, ERROR_DATA, "cannot use the kept end '%s': %s", end->path, wrong);
    return STORE_DAMAGED;
}

static void free_end(struct end *end)
{
    free(end->path);
    free(end->text);
}

/* An end of a source that is sound. */
static int merge_sound(struct merge_taken *m, size_t source, const char *id, const struct end *end, struct error *err)
{
    struct merge_counts *counts = &m->merge->sources[source].ends;
    struct end there;
    if (merge_taken_before(m, id, err) < 0)
        return -1;
    const enum store_found found = read_end(&there, merge_taken_side(m, id), id, err);
    int result = found == STORE_FAILED ? -1 : 0;
    if (found == STORE_DAMAGED)
        result = merge_set_aside(m, id, STORE_LAST, &there.seen, err);
    const bool longer = found == STORE_FOUND && end->head.done > there.head.done;
    counts->added += found == STORE_MISSING || found == STORE_DAMAGED;
    counts->replaced += longer;
    counts->same += found == STORE_FOUND && !longer;
    free_end(&there);
    if (result < 0 || (found == STORE_FOUND && !longer))
        return result;
    return merge_take(m, source, id, STORE_LAST, end->text, end->size, false, err);
}

int merge_last(struct merge_taken *m, size_t source, const char *id, struct error *err)
{
    struct merge_counts *counts = &m->merge->sources[source].ends;
    struct end end;
    const enum store_found found = read_end(&end, &m->from[source], id, err);
    int result = merge_found(m->merge, counts, found, err);
    if (found == STORE_FOUND)
        result = merge_sound(m, source, id, &end, err);
    free_end(&end);
    return result;
}
