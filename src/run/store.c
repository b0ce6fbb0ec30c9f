#include "dlexp/run/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dlexp/base/file.h"
#include "dlexp/base/sha256.h"

void store_id(const char *spec, char id[STORE_ID_SIZE])
{
    char hex[SHA256_HEX_SIZE];
    sha256_hex(spec, strlen(spec), hex);
    memcpy(id, hex, STORE_ID_SIZE - 1);
    id[STORE_ID_SIZE - 1] = '\0';
}

int store_init(struct store *store, const char *directory, struct error *err)
{
    store->claims = -1;
    store->directory = path_join(directory, "runs");
    return store->directory ? 0 : error_out_of_memory(err, directory);
}

int store_create(const struct store *store, struct error *err)
{
    if (directory_create(store->directory, err) < 0)
        return -1;
    directory_clean(store->directory);
    return 0;
}

void store_free(struct store *store)
{
    if (store->claims >= 0)
        close(store->claims);
    store->claims = -1;
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

/* malloc'ed path of the run's file with this ending. */
static char *run_path(const struct store *store, const char *spec, const char *ending)
{
    char name[STORE_ID_SIZE + 32], id[STORE_ID_SIZE];
    store_id(spec, id);
    snprintf(name, sizeof name, "%s%s", id, ending);
    return path_join(store->directory, name);
}

enum store_found store_load(const struct store *store, const char *spec, struct record *record,
                            struct file_identity *seen, struct error *err)
{
    enum store_found found = STORE_FAILED;
    unsigned char *text = NULL;
    size_t size;
    char *path = run_path(store, spec, ".run");
    *record = (struct record){0};
    *seen = (struct file_identity){0};
    if (!path) {
        error_out_of_memory(err, "a path");
        return STORE_FAILED;
    }
    /* Opened once: another process may replace it at any moment. */
    if (file_read_identified(path, &text, &size, seen, err) < 0) {
        if (err->code == ERROR_DATA)
            found = seen->exists ? STORE_DAMAGED : STORE_MISSING;
    } else if (record_parse(record, (const char *)text, size, path, err) < 0) {
        found = err->code == ERROR_DATA ? STORE_DAMAGED : STORE_FAILED;
    } else if (strcmp(record->spec, spec) != 0) {
        record_free(record);
        error_set(err, ERROR_DATA,
                  "cannot use the record '%s': it is of another run than its name says; was it renamed?", path);
        found = STORE_DAMAGED;
    } else {
        found = STORE_FOUND;
    }
    free(text);
    free(path);
    return found;
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

int store_set_aside(const struct store *store, const char *spec, const struct file_identity *seen, struct error *err)
{
    char *from = run_path(store, spec, ".run"), *to = NULL, ending[32] = ".damaged";
    int result = from ? 0 : error_out_of_memory(err, "a path");
    for (unsigned n = 2; result == 0; n++) {
        free(to);
        to = run_path(store, spec, ending);
        snprintf(ending, sizeof ending, ".damaged-%u", n);
        if (!to) {
            result = error_out_of_memory(err, "a path");
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
    free(from);
    free(to);
    return result;
}

int store_save(const struct store *store, const struct record *record, struct error *err)
{
    char *text, *path;
    size_t size;
    if (record_text(record, &text, &size, err) < 0)
        return -1;
    path = run_path(store, record->spec, ".run");
    int result = path ? file_write_atomic(path, text, size, err) : error_out_of_memory(err, "a path");
    /* A directory of the run's name is what rename cannot replace, and is seen before only when the run was looked for.
     */
    struct stat info;
    if (result < 0 && path && stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        const struct file_identity seen = file_identity(path);
        if (store_set_aside(store, record->spec, &seen, err) == 0)
            result = file_write_atomic(path, text, size, err);
    }
    free(path);
    free(text);
    return result;
}
