/* Run stores joined: which they are, and in which order it is done.  See merge.h. */
#include "merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/counted.h"
#include "dlexp/base/file.h"
#include "dlexp/base/interrupt.h"
#include "merge_parts.h"

/* The malloc'ed folder that a path ending in "runs" lies in: of "DIR/runs" DIR; otherwise the path itself. */
static char *without_runs(const char *path, bool *ends)
{
    char *folder = malloc(strlen(path) + 2);
    if (!folder)
        return NULL;
    strcpy(folder, path);
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/')
        length--;
    *ends = length >= 4 && memcmp(folder + length - 4, "runs", 4) == 0 && (length == 4 || folder[length - 5] == '/');
    if (*ends && length == 4)
        strcpy(folder, ".");
    else if (*ends)
        folder[length == 5 ? 1 : length - 5] = '\0';
    return folder;
}

/* The malloc'ed results folder that the path means, or NULL and an error. */
static char *find_folder(const char *path, bool destination, struct error *err)
{
    bool is_store = false, has_store = false, is_folder = false;
    char *store = path_join(path, "runs"), *folder = without_runs(path, &is_store);
    int result = store && folder ? file_is_folder(&has_store, store, err) : error_out_of_memory(err, path);
    if (result == 0)
        result = file_is_folder(&is_folder, path, err);
    if (result == 0 && has_store)
        strcpy(folder, path);
    else if (result == 0 && !destination && !(is_store && is_folder))
        result = error_set(
            err, ERROR_DATA,
            "'%s': expected a folder of results, which holds the store 'runs', or such a store itself, got %s", path,
            is_folder ? "a folder without 'runs'" : "no folder");
    free(store);
    if (result == 0)
        return folder;
    free(folder);
    return NULL;
}

static bool is_same_store(const char *a, const char *b)
{
    char *first = path_join(a, "runs"), *second = path_join(b, "runs");
    const struct file_identity x = file_identity(first ? first : ""), y = file_identity(second ? second : "");
    free(first);
    free(second);
    return x.exists && y.exists && x.device == y.device && x.inode == y.inode;
}

int merge_init(struct merge *merge, const char *destination, const char *const *sources, size_t count,
               struct error *err)
{
    *merge = (struct merge){.given = destination, .sources = calloc(count + 1, sizeof *merge->sources), .count = count};
    if (!merge->sources)
        return error_out_of_memory(err, "the stores");
    if (!(merge->folder = find_folder(destination, true, err)))
        return -1;
    for (size_t i = 0; i < count; i++) {
        merge->sources[i].given = sources[i];
        if (!(merge->sources[i].folder = find_folder(sources[i], false, err)))
            return -1;
        if (is_same_store(merge->sources[i].folder, merge->folder))
            return error_set(err, ERROR_USAGE, "expected stores that are merged into another one, got '%s' as both",
                             sources[i]);
    }
    return 0;
}

void merge_free(struct merge *merge)
{
    for (size_t i = 0; i < merge->count && merge->sources; i++)
        free(merge->sources[i].folder);
    for (size_t i = 0; i < merge->told_count; i++)
        free(merge->told[i]);
    free(merge->sources);
    free(merge->folder);
    *merge = (struct merge){0};
}

void merge_leave_out(struct merge *merge, struct merge_counts *counts, const char *why)
{
    char *copy = merge->told_count < MERGE_TOLD ? strdup(why) : NULL;
    merge->left_out++;
    if (counts)
        counts->left_out++;
    if (copy)
        merge->told[merge->told_count++] = copy;
}

int merge_found(struct merge *merge, struct merge_counts *counts, enum store_found found, const struct error *err)
{
    counts->found += found != STORE_MISSING; /* one may be gone since the folder was read */
    if (found == STORE_DAMAGED)
        merge_leave_out(merge, counts, err->message);
    return found == STORE_FAILED ? -1 : 0;
}

/* ---- all of it ---- */

/* What is kept, and that the same command goes on. */
static void add_kept(const struct merge *merge, struct error *err)
{
    if (!merge->dry_run)
        error_add(err, "; what is in place, %s of this call, is kept: the same command again goes on",
                  counted(merge->placed, "file").text);
}

int merge_run(struct merge *merge, struct error *err)
{
    interrupt_watch();
    int result = merge->dry_run ? 0 : directory_create(merge->folder, err);
    if (result == 0 && !merge->dry_run)
        directory_clean(merge->folder);
    if (result < 0 || merge_plan(merge, err) < 0)
        return -1;
    result = merge_records(merge, err);
    if (result == 0)
        result = merge_models(merge, err);
    if (result < 0)
        add_kept(merge, err);
    return result;
}
