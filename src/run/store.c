/* The files of a run store: where they lie, and how they come back.  How they come there is in store_save.c, its index
 * in store_index.c. */
#include "dlexp/run/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dlexp/base/file.h"
#include "dlexp/base/file_system.h"
#include "dlexp/run/store_files.h"
#include "store_index.h"

/* Where a run's file may lie: in its folder, or, from an earlier version, beside the folders. */
enum place { IN_FOLDER, FLAT, PLACES };

int store_init(struct store *store, const char *directory, struct error *err)
{
    store->claims = store->file_system = -1;
    store->index = NULL;
    store->directory = path_join(directory, "runs");
    return store->directory ? 0 : error_out_of_memory(err, directory);
}

/* Whose files are looked through. */
struct cleaning {
    const struct store *store;
    store_needed_fn *needed;
    const void *context;
};

/* A process was killed between a run's record and the end of its checkpoint, or copied both. */
static void clean_checkpoint(void *cleaning_, const char *directory, const char *name)
{
    const struct cleaning *cleaning = cleaning_;
    char id[STORE_ID_SIZE];
    struct error ignored; /* a checkpoint that stays does no harm */
    bool has;
    if (!store_files_id(name, STORE_CHECKPOINT, id) || store_has_filed(&has, cleaning->store, id, &ignored) < 0 ||
        !has || (cleaning->needed && cleaning->needed(cleaning->context, id)))
        return;
    char *path = path_join(directory, name);
    if (path)
        unlink(path);
    free(path);
}

int store_create(struct store *store, store_needed_fn *needed, const void *context, struct error *err)
{
    struct cleaning cleaning = {store, needed, context};
    if (directory_create(store->directory, err) < 0)
        return -1;
    if (store->file_system < 0)
        store->file_system = file_system_open(store->directory);
    directory_clean(store->directory);
    const struct dirent *entry;
    DIR *listing = opendir(store->directory);
    while (listing && (entry = readdir(listing)) != NULL) {
        const bool folder = strlen(entry->d_name) == 2 && strspn(entry->d_name, "0123456789abcdef") == 2;
        char *path = folder ? path_join(store->directory, entry->d_name) : NULL;
        if (path)
            directory_clean_also(path, clean_checkpoint, &cleaning);
        free(path);
    }
    if (listing)
        closedir(listing);
    return 0;
}

void store_free(struct store *store)
{
    if (store->claims >= 0)
        close(store->claims);
    if (store->file_system >= 0)
        close(store->file_system);
    store->claims = store->file_system = -1;
    store_index_close(store->index);
    store->index = NULL;
    free(store->directory);
    store->directory = NULL;
}

/* A lock on the byte of the run's number; two runs of one number merely avoid each other. */
static struct flock claim_lock(const char *id, short type)
{
    char digits[8];
    snprintf(digits, sizeof digits, "%.7s", id);
    return (struct flock){
        .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)strtoul(digits, NULL, 16), .l_len = 1};
}

bool store_claims_open(struct store *store)
{
    char *path = path_join(store->directory, ".claims");
    struct flock lock = claim_lock("0", F_WRLCK);
    store->claims = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1;
    free(path);
    if (store->claims >= 0 && fcntl(store->claims, F_GETLK, &lock) < 0) {
        close(store->claims);
        store->claims = -1;
    }
    return store->claims >= 0;
}

bool store_claim(const struct store *store, const char *id)
{
    struct flock lock = claim_lock(id, F_WRLCK);
    return store->claims < 0 || fcntl(store->claims, F_SETLK, &lock) == 0 || (errno != EAGAIN && errno != EACCES);
}

void store_release(const struct store *store, const char *id)
{
    struct flock lock = claim_lock(id, F_UNLCK);
    if (store->claims >= 0)
        fcntl(store->claims, F_SETLK, &lock);
}

/* As store_path, at this place. */
static char *file_path(const struct store *store, const char *id, enum place place, const char *ending,
                       struct error *err)
{
    char name[STORE_ID_SIZE + 40];
    if (place == FLAT)
        snprintf(name, sizeof name, "%s%s", id, ending);
    else
        snprintf(name, sizeof name, "%.2s/%s%s", id, id, ending);
    char *path = path_join(store->directory, name);
    if (!path)
        error_out_of_memory(err, "a path");
    return path;
}

char *store_path(const struct store *store, const char *id, const char *ending, struct error *err)
{
    return file_path(store, id, IN_FOLDER, ending, err);
}

/* The record of a file, by its beginning only if that is enough; ERROR_DATA if it is damaged or not there. */
static int read_record(const char *path, bool whole, struct record *record, struct file_identity *seen,
                       struct error *err)
{
    enum { BEGINNING = 8192 }; /* most heads are smaller */
    unsigned char *text = NULL;
    size_t size, head, promised;
    if (!whole) {
        if (file_read_identified(path, BEGINNING, &text, &size, seen, err) < 0)
            return -1;
        head = record_head_size((const char *)text, size, &promised);
        if (head > 0 && head <= size) {
            const int result = record_parse_head(record, (const char *)text, head, (size_t)seen->size, path, err);
            free(text);
            return result;
        }
        free(text);
    }
    /* Opened anew: another process may have replaced it. */
    if (file_read_identified(path, SIZE_MAX, &text, &size, seen, err) < 0)
        return -1;
    const int result = record_parse(record, (const char *)text, size, path, err);
    free(text);
    return result;
}

static enum store_found refuse_other(const char *path, struct error *err)
{
    error_set(err, ERROR_DATA, "cannot use the record '%s': it is of another run than its name says; was it renamed?",
              path);
    return STORE_DAMAGED;
}

static enum store_found load_file(const struct store *store, const char *path, const char *spec, const char *id,
                                  bool whole, struct record *record, struct file_identity *seen, struct error *err)
{
    if (!whole && store->index && store_index_find(store->index, id, path, record, seen)) {
        if (strcmp(record->spec, spec) == 0)
            return STORE_FOUND;
        record_free(record);
    }
    if (read_record(path, whole, record, seen, err) < 0)
        return err->code != ERROR_DATA ? STORE_FAILED : seen->exists ? STORE_DAMAGED : STORE_MISSING;
    if (strcmp(record->spec, spec) == 0)
        return STORE_FOUND;
    record_free(record);
    return refuse_other(path, err);
}

enum store_found store_load(const struct store *store, const char *spec, bool whole, struct record *record,
                            struct file_identity *seen, struct error *err)
{
    char id[STORE_ID_SIZE];
    enum store_found found = STORE_MISSING;
    *record = (struct record){0};
    *seen = (struct file_identity){0};
    store_id(spec, id);
    for (enum place place = IN_FOLDER; place < PLACES && found == STORE_MISSING; place++) {
        char *path = file_path(store, id, place, STORE_RUN, err);
        if (!path)
            return STORE_FAILED;
        found = load_file(store, path, spec, id, whole, record, seen, err);
        free(path);
    }
    return found;
}

/* Its bytes. */
static enum store_found read_bytes(struct store_file *file, const struct store *store, const char *id,
                                   struct error *err)
{
    for (enum place place = IN_FOLDER; place < PLACES; place++) {
        free(file->path);
        if (!(file->path = file_path(store, id, place, STORE_RUN, err)))
            return STORE_FAILED;
        if (file_read_identified(file->path, SIZE_MAX, &file->text, &file->size, &file->seen, err) == 0)
            return STORE_FOUND;
        if (err->code != ERROR_DATA)
            return STORE_FAILED;
        if (file->seen.exists)
            return STORE_DAMAGED;
    }
    return STORE_MISSING;
}

enum store_found store_read(struct store_file *file, const struct store *store, const char *id, struct error *err)
{
    char named[STORE_ID_SIZE];
    *file = (struct store_file){0};
    const enum store_found found = read_bytes(file, store, id, err);
    if (found != STORE_FOUND)
        return found;
    if (record_parse(&file->record, (const char *)file->text, file->size, file->path, err) < 0)
        return err->code == ERROR_DATA ? STORE_DAMAGED : STORE_FAILED;
    store_id(file->record.spec, named);
    return strcmp(named, id) == 0 ? STORE_FOUND : refuse_other(file->path, err);
}

void store_file_free(struct store_file *file)
{
    free(file->path);
    free(file->text);
    record_free(&file->record);
    *file = (struct store_file){0};
}

int store_has_filed(bool *has, const struct store *store, const char *id, struct error *err)
{
    char *path = store_path(store, id, STORE_RUN, err);
    *has = path && file_exists(path);
    free(path);
    return path ? 0 : -1;
}

void store_index_open(struct store *store, bool add)
{
    store->index = store_index_read(store->directory, add);
}

void store_index_add(const struct store *store, const struct record *record, const struct file_identity *seen)
{
    char id[STORE_ID_SIZE];
    if (!store->index)
        return;
    store_id(record->spec, id);
    store_index_append(store->index, id, record, seen);
}

/*
 * Where there are no hard links, or none to such a file: renamed, and back if it was not what was seen.  Records of a
 * spec are the same bytes, so it does not matter whose of two good ones stands there in the end.
 */
static int move_aside(const char *from, const char *to, const struct file_identity *seen)
{
    if (rename(from, to) < 0)
        return errno == ENOENT ? 0 : -1; /* another process was faster */
    const struct file_identity moved = file_identity(to);
    return file_identity_same(&moved, seen) ? 0 : rename(to, from);
}

static int set_aside_at(const struct store *store, const char *id, enum place place, char *from,
                        const struct file_identity *seen, struct error *err)
{
    char *to = NULL, ending[32] = ".damaged";
    int result = 0;
    for (unsigned n = 2; result == 0; n++) {
        free(to);
        to = file_path(store, id, place, ending, err);
        snprintf(ending, sizeof ending, ".damaged-%u", n);
        if (!to) {
            result = -1;
            break;
        }
        /*
         * A second name, not a new one: by its first name the next record replaces it, and a good one that another
         * process put there meanwhile is never away.
         */
        if (link(from, to) == 0) {
            const struct file_identity linked = file_identity(to);
            if (!file_identity_same(&linked, seen))
                result = file_remove(to, err);
            break;
        }
        const int code = errno;
        const struct file_identity there = file_identity(to);
        if (code == ENOENT || file_identity_same(&there, seen))
            break; /* gone, or set aside before */
        struct stat info;
        if (code == EEXIST || lstat(to, &info) == 0)
            continue; /* never over an older one */
        if (move_aside(from, to, seen) < 0)
            result = error_set_errno(err, "cannot set aside '%s'", from);
        break;
    }
    free(to);
    return result;
}

int store_set_aside(const struct store *store, const char *id, const char *ending, const struct file_identity *seen,
                    struct error *err)
{
    bool same = false;
    int result = 0;
    for (enum place place = IN_FOLDER; place < PLACES && result == 0 && !same; place++) {
        char *path = file_path(store, id, place, ending, err);
        if (!path)
            return -1;
        const struct file_identity there = file_identity(path);
        if ((same = file_identity_same(&there, seen))) /* else another process did it */
            result = set_aside_at(store, id, place, path, seen, err);
        free(path);
    }
    return result;
}

int store_clear(const struct store *store, const char *id, const char *ending, struct error *err)
{
    struct stat info;
    char *path = store_path(store, id, ending, err);
    if (!path)
        return -1;
    const bool folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    const struct file_identity seen = file_identity(path);
    free(path);
    return folder ? store_set_aside(store, id, ending, &seen, err) : 0;
}

int store_create_folder(const struct store *store, const char *id, bool sync, struct error *err)
{
    char name[3];
    snprintf(name, sizeof name, "%.2s", id);
    char *path = path_join(store->directory, name);
    int result = 0;
    if (!path)
        return error_out_of_memory(err, "a path");
    const bool made = mkdir(path, 0777) == 0;
    if (made && sync)
        directory_sync(store->directory);
    else if (!made && errno != EEXIST)
        result = error_set_errno(err, "cannot create directory '%s'", path);
    free(path);
    return result;
}
