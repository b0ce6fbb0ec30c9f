/* The model files of a merge; see merge_parts.h. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dlexp/base/file.h"
#include "dlexp/base/file_system.h"
#include "dlexp/base/interrupt.h"
#include "dlexp/base/sha256.h"
#include "dlexp/run/store.h"
#include "dlexp/run/store_files.h"
#include "merge_parts.h"
#include "models.h"

/* ---- what the record of its run says ---- */

/* Look at a record for the model's hash; one that is damaged says nothing. */
static int look_at(const struct store *store, const char *id, const char *sha256, bool *told, bool *has,
                   struct error *err)
{
    struct store_file file;
    const enum store_found found = store_read(&file, store, id, err);
    if (found == STORE_FOUND)
        *has |= models_has_hash(&file.record, sha256, told);
    store_file_free(&file);
    return found == STORE_FAILED ? -1 : 0;
}

/* Whether some record whose id begins so says that this is not its model; false where there is none. */
static int is_refuted(bool *refuted, const struct store *store, const char *digits, const char *sha256,
                      struct error *err)
{
    struct store_files files;
    char id[STORE_ID_SIZE];
    bool told = false, has = false;
    const size_t folder = strtoul((char[]){digits[0], digits[1], '\0'}, NULL, 16);
    int result = store_files_read(&files, store->directory, folder, err);
    for (size_t i = 0; i < files.count && result == 0; i++) {
        if (strncmp(files.names[i], digits, MODELS_DIGITS) != 0 || !store_files_id(files.names[i], STORE_RUN, id))
            continue;
        result = look_at(store, id, sha256, &told, &has, err);
    }
    store_files_free(&files);
    *refuted = told && !has;
    return result;
}

/* ---- a group of files ---- */

enum { GROUP = 64 }; /* models that are made sure of at once */

/* The models of one source that are written and not yet in place. */
struct group {
    const char *folder; /* DEST/models */
    int file_system;    /* file_system.h; -1: each is synced by itself */
    struct file_draft drafts[GROUP];
    size_t count;
};

static int settle(struct group *group, struct error *err)
{
    size_t placed;
    if (group->count == 0)
        return 0;
    const int result = file_system_settle(group->file_system, group->folder, group->drafts, group->count, &placed, err);
    for (size_t i = 0; i < group->count; i++)
        file_draft_free(&group->drafts[i]);
    group->count = 0;
    return result;
}

static int write_model(struct group *group, const char *target, const unsigned char *text, size_t size,
                       struct error *err)
{
    if ((group->count == 0 && directory_create(group->folder, err) < 0) ||
        file_draft_write(&group->drafts[group->count], target, text, size, group->file_system < 0, err) < 0)
        return -1;
    return ++group->count == GROUP ? settle(group, err) : 0;
}

/* ---- one model ---- */

/* The file at path; *text is NULL where there is none, and where it is no file and is left out for that: *other. */
static int read_model(struct merge *merge, struct merge_counts *counts, const char *path, unsigned char **text,
                      size_t *size, bool *other, struct error *err)
{
    struct file_identity seen;
    *other = false;
    if (file_read_identified(path, SIZE_MAX, text, size, &seen, err) == 0)
        return 0;
    if (err->code != ERROR_DATA)
        return -1;
    if ((*other = seen.exists))
        merge_leave_out(merge, counts, err->message);
    return 0;
}

/* A model that was read, whose run's store is `from`. */
static int place(struct merge *merge, struct merge_counts *counts, struct group *group, const struct store *from,
                 const char *source, const char *target, const unsigned char *text, size_t size, struct error *err)
{
    char digits[MODELS_DIGITS + 1], sha256[SHA256_HEX_SIZE], why[2048];
    unsigned char *there;
    size_t there_size;
    bool refuted = false, no_file;
    sha256_hex(text, size, sha256);
    if (models_digits(digits, source) && is_refuted(&refuted, from, digits, sha256, err) < 0)
        return -1;
    if (refuted) {
        snprintf(why, sizeof why,
                 "'%s': expected the model whose SHA-256 is in the record of its run, got %.16s...; it was damaged",
                 source, sha256);
        merge_leave_out(merge, counts, why);
        return 0;
    }
    if (read_model(merge, counts, target, &there, &there_size, &no_file, err) < 0)
        return -1;
    if (no_file)
        return 0;
    const bool same = there && size == there_size && memcmp(text, there, size) == 0;
    const bool other = there && !same;
    free(there);
    counts->same += same;
    counts->added += !same && !other;
    if (other) {
        snprintf(why, sizeof why,
                 "'%s' and '%s' are models of the same run and differ; the one whose SHA-256 is not in the record of "
                 "the run is wrong: remove it",
                 source, target);
        merge_leave_out(merge, counts, why);
    }
    return same || other || merge->dry_run ? 0 : write_model(group, target, text, size, err);
}

/* malloc'ed folder/models/name, or NULL and an error. */
static char *model_path(const char *folder, const char *name, struct error *err)
{
    char *models = path_join(folder, MODELS_FOLDER), *path = models ? path_join(models, name) : NULL;
    free(models);
    if (!path)
        error_out_of_memory(err, name);
    return path;
}

/* Where the model is to be compared and put: in the destination, or, in a dry run, where an earlier source has it. */
static char *find_target(const struct merge *merge, const struct merge_source *source, const char *name,
                         struct error *err)
{
    char *target = model_path(merge->folder, name, err);
    for (const struct merge_source *other = merge->sources; merge->dry_run && target && other < source; other++) {
        if (file_exists(target))
            break;
        free(target);
        target = model_path(other->folder, name, err);
    }
    return target;
}

static int merge_model(struct merge *merge, struct merge_source *source, struct group *group, const struct store *from,
                       const char *name, struct error *err)
{
    char *path = model_path(source->folder, name, err), *target = path ? find_target(merge, source, name, err) : NULL;
    unsigned char *text = NULL;
    size_t size;
    bool no_file = false;
    int result = target ? read_model(merge, &source->models, path, &text, &size, &no_file, err) : -1;
    source->models.found += text || no_file; /* one may be gone since the folder was read */
    if (result == 0 && text)
        result = place(merge, &source->models, group, from, path, target, text, size, err);
    free(text);
    free(path);
    free(target);
    return result;
}

/* ---- all of them ---- */

static int merge_source(struct merge *merge, struct merge_source *source, struct group *group, struct error *err)
{
    struct store store;
    struct store_files files = {0};
    struct error second;
    int result = store_init(&store, source->folder, err);
    if (result == 0)
        result = store_files_in(&files, source->folder, MODELS_FOLDER, err);
    for (size_t i = 0; i < files.count && result == 0; i++) {
        if (!models_is_one(files.names[i]))
            continue;
        result = interrupt_check(err);
        if (result == 0)
            result = merge_model(merge, source, group, &store, files.names[i], err);
    }
    if (settle(group, result == 0 ? err : &second) < 0)
        result = -1;
    store_files_free(&files);
    store_free(&store);
    return result;
}

int merge_models(struct merge *merge, struct error *err)
{
    int result = 0;
    char *models = path_join(merge->folder, MODELS_FOLDER);
    if (!models)
        return error_out_of_memory(err, merge->folder);
    struct group group = {.folder = models, .file_system = merge->dry_run ? -1 : file_system_open(merge->folder)};
    if (!merge->dry_run)
        directory_clean(models);
    for (size_t i = 0; i < merge->count && result == 0; i++)
        result = merge_source(merge, &merge->sources[i], &group, err);
    if (group.file_system >= 0)
        close(group.file_system);
    free(models);
    return result;
}
