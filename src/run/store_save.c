/* How records come into a run store: written by the threads that compute, and put in place together. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* A directory of the run's name is what rename cannot replace, and is seen before only when the run was looked for. */
static int clear_name(const struct store *store, const char *path, const char *spec, struct error *err)
{
    struct stat info;
    if (stat(path, &info) < 0 || !S_ISDIR(info.st_mode))
        return 0;
    const struct file_identity seen = file_identity(path);
    return store_set_aside(store, spec, &seen, err);
}

int store_write_text(const struct store *store, const char *spec, const char *text, size_t size,
                     struct file_draft *draft, struct error *err)
{
    char id[STORE_ID_SIZE];
    *draft = (struct file_draft){0};
    store_id(spec, id);
    char *path = store_path(store, id, STORE_RUN, err);
    int result = path ? store_create_folder(store, id, false, err) : -1;
    if (result == 0)
        result = clear_name(store, path, spec, err);
    if (result == 0)
        result = file_draft_write(draft, path, text, size, store->file_system < 0, err);
    free(path);
    return result;
}

int store_write(const struct store *store, const struct record *record, struct file_draft *draft, struct error *err)
{
    char *text;
    size_t size;
    *draft = (struct file_draft){0};
    if (record_text(record, &text, &size, err) < 0)
        return -1;
    const int result = store_write_text(store, record->spec, text, size, draft, err);
    free(text);
    return result;
}

/* So few are synced one by one: others may have written much to the file system. */
enum { FEW = 2 };

/* Whether one sync serves for all of so many drafts. */
static bool at_once(const struct store *store, size_t count)
{
    return store->file_system >= 0 && count > FEW;
}

/* The content of the drafts survives a power cut. */
static int sync_content(const struct store *store, const struct file_draft *drafts, size_t count, struct error *err)
{
    if (at_once(store, count))
        return file_system_sync(store->file_system, store->directory, err);
    for (size_t i = 0; i < count && store->file_system >= 0; i++) /* else store_write did it */
        if (file_draft_sync(&drafts[i], err) < 0)
            return -1;
    return 0;
}

/* Whether an earlier draft is in the same folder. */
static bool has_neighbour(const struct file_draft *drafts, size_t index)
{
    const char *path = drafts[index].path;
    const size_t length = (size_t)(strrchr(path, '/') - path);
    size_t i = 0;
    while (i < index && strncmp(drafts[i].path, path, length + 1) != 0)
        i++;
    return i < index;
}

/* Their names do, and the folders', which may be new. */
static int sync_names(const struct store *store, const struct file_draft *drafts, size_t count, struct error *err)
{
    if (at_once(store, count))
        return file_system_sync(store->file_system, store->directory, err);
    for (size_t i = 0; i < count; i++)
        if (!has_neighbour(drafts, i))
            file_sync_parent(drafts[i].path);
    directory_sync(store->directory);
    return 0;
}

int store_settle(const struct store *store, struct file_draft *drafts, size_t count, size_t *placed, struct error *err)
{
    int result = sync_content(store, drafts, count, err);
    for (*placed = 0; result == 0 && *placed < count; *placed += result == 0)
        result = file_draft_place(&drafts[*placed], err);
    struct error second;
    if (sync_names(store, drafts, *placed, &second) < 0) {
        *placed = 0;
        *err = result == 0 ? second : *err;
        result = -1;
    }
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
