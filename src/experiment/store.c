#include "dlexp/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dlexp/file.h"
#include "dlexp/sha256.h"

void store_id(const char *spec, char id[STORE_ID_SIZE])
{
    char hex[SHA256_HEX_SIZE];
    sha256_hex(spec, strlen(spec), hex);
    memcpy(id, hex, STORE_ID_SIZE - 1);
    id[STORE_ID_SIZE - 1] = '\0';
}

int store_init(struct store *store, const char *directory, struct error *err)
{
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
    free(store->directory);
    store->directory = NULL;
}

/* malloc'ed path of the run's file with this ending. */
static char *run_path(const struct store *store, const char *spec, const char *ending)
{
    char name[STORE_ID_SIZE + 32], id[STORE_ID_SIZE];
    store_id(spec, id);
    snprintf(name, sizeof name, "%s%s", id, ending);
    return path_join(store->directory, name);
}

enum store_found store_load(const struct store *store, const char *spec, struct record *record, struct error *err)
{
    enum store_found found = STORE_FAILED;
    unsigned char *text = NULL;
    size_t size;
    struct stat info;
    char *path = run_path(store, spec, ".run");
    *record = (struct record){0};
    if (!path) {
        error_out_of_memory(err, "a path");
        return STORE_FAILED;
    }
    if (stat(path, &info) < 0) {
        found = errno == ENOENT || errno == ENOTDIR ? STORE_MISSING : STORE_FAILED;
        error_set_errno(err, "cannot read '%s'", path);
    } else if (!S_ISREG(info.st_mode)) {
        error_set(err, ERROR_DATA, "cannot use the record '%s': expected a file, got %s", path,
                  S_ISDIR(info.st_mode) ? "a directory" : "something else");
        found = STORE_DAMAGED;
    } else if (file_read(path, &text, &size, err) == 0) {
        if (record_parse(record, (const char *)text, size, path, err) < 0) {
            found = err->code == ERROR_DATA ? STORE_DAMAGED : STORE_FAILED;
        } else if (strcmp(record->spec, spec) != 0) {
            record_free(record);
            error_set(err, ERROR_DATA,
                      "cannot use the record '%s': it is of another run than its name says; was it renamed?", path);
            found = STORE_DAMAGED;
        } else {
            found = STORE_FOUND;
        }
    }
    free(text);
    free(path);
    return found;
}

int store_set_aside(const struct store *store, const char *spec, struct error *err)
{
    char *from = run_path(store, spec, ".run"), *to = run_path(store, spec, ".damaged"), ending[32];
    int result = 0;
    /* Never over an older one: that may be of another kind, which rename refuses. */
    for (unsigned n = 2; to && file_exists(to); n++) {
        free(to);
        snprintf(ending, sizeof ending, ".damaged-%u", n);
        to = run_path(store, spec, ending);
    }
    if (!from || !to)
        result = error_out_of_memory(err, "a path");
    else if (rename(from, to) < 0 && errno != ENOENT) /* ENOENT: another process was faster */
        result = error_set_errno(err, "cannot set aside '%s'", from);
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
    if (result < 0 && path && stat(path, &info) == 0 && S_ISDIR(info.st_mode) &&
        store_set_aside(store, record->spec, err) == 0)
        result = file_write_atomic(path, text, size, err);
    free(path);
    free(text);
    return result;
}
