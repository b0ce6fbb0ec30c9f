/* How records come into a run store: written by the threads that compute, and put in place together. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dlexp/base/file.h"
#include "dlexp/base/file_system.h"
#include "dlexp/run/store.h"

/* The record is in its folder, which is path: what lies flat is out of date. */
static void remove_flat(const struct store *store, const char *path)
{
    char *flat = path_join(store->directory, strrchr(path, '/') + 1);
    if (flat)
        unlink(flat); /* of a directory: it stays, and nobody looks at it any more */
    free(flat);
}

int store_write_text(const struct store *store, const char *id, const char *ending, const void *text, size_t size,
                     struct file_draft *draft, struct error *err)
{
    *draft = (struct file_draft){0};
    char *path = store_path(store, id, ending, err);
    int result = path ? store_create_folder(store, id, false, err) : -1;
    if (result == 0)
        result = store_clear(store, id, ending, err);
    if (result == 0)
        result = file_draft_write(draft, path, text, size, store->file_system < 0, err);
    free(path);
    return result;
}

int store_write(const struct store *store, const struct record *record, struct file_draft *draft, struct error *err)
{
    char *text, id[STORE_ID_SIZE];
    size_t size;
    *draft = (struct file_draft){0};
    store_id(record->spec, id);
    if (record_text(record, &text, &size, err) < 0)
        return -1;
    const int result = store_write_text(store, id, STORE_RUN, text, size, draft, err);
    free(text);
    return result;
}

int store_settle(const struct store *store, struct file_draft *drafts, size_t count, size_t *placed, struct error *err)
{
    const int result = file_system_settle(store->file_system, store->directory, drafts, count, placed, err);
    for (size_t i = 0; i < count; i++) {
        if (i < *placed)
            remove_flat(store, drafts[i].path);
        file_draft_free(&drafts[i]);
    }
    return result;
}

int store_save(const struct store *store, const struct record *record, struct error *err)
{
    struct file_draft draft;
    size_t placed;
    return store_write(store, record, &draft, err) < 0 ? -1 : store_settle(store, &draft, 1, &placed, err);
}
