/* Which folders hold tables; see folders.h. */
#include "dlexp/plot/folders.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"

static bool is_table(const char *name)
{
    const size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, ".csv") == 0;
}

/* Calls `see` with the name of each entry but those that begin with a dot, until it is not 0. */
static int walk(const char *path, int (*see)(const char *name, void *context), void *context, struct error *err)
{
    const struct dirent *entry;
    int result = 0;
    DIR *directory = opendir(path);
    if (!directory && (errno == ENOENT || errno == ENOTDIR))
        return error_set(err, ERROR_DATA,
                         "'%s' is no folder; expected one that a command wrote its tables to, or one that holds such "
                         "folders, as results after 'dlexp optim'",
                         path);
    if (!directory)
        return error_set_errno(err, "cannot read the folder '%s'", path);
    while (result == 0 && (errno = 0, entry = readdir(directory)) != NULL)
        if (entry->d_name[0] != '.')
            result = see(entry->d_name, context);
    if (result == 0 && errno != 0)
        result = error_set_errno(err, "cannot read the folder '%s'", path);
    closedir(directory);
    return result;
}

/* What a folder holds. */
struct holdings {
    bool tables, run;
};

static int see_file(const char *name, void *context)
{
    struct holdings *holdings = context;
    holdings->tables |= is_table(name);
    holdings->run |= strcmp(name, "run.json") == 0;
    return 0;
}

struct gathering {
    struct folders *folders;
    const char *directory;
    struct error *err;
};

/* path and name, both malloc'ed and taken over. */
static int add(struct folders *folders, char *path, char *name, struct error *err)
{
    const size_t size = (folders->count + 1) * sizeof *folders->paths;
    char **paths = realloc(folders->paths, size), **names = realloc(folders->names, size);
    folders->paths = paths ? paths : folders->paths;
    folders->names = names ? names : folders->names;
    if (!path || !name || !paths || !names) {
        free(path);
        free(name);
        return error_out_of_memory(err, "the list of folders");
    }
    folders->paths[folders->count] = path;
    folders->names[folders->count++] = name;
    return 0;
}

/* A name among those of the directory: a folder with tables is added. */
static int see_folder(const char *name, void *context)
{
    struct gathering *gathering = context;
    struct error err;
    struct holdings holdings = {false, false};
    char *path = path_join(gathering->directory, name);
    if (!path)
        return error_out_of_memory(gathering->err, name);
    errno = 0;
    const int result = walk(path, see_file, &holdings, &err);
    const bool closed = errno == EACCES;
    if (result == 0 && holdings.tables)
        return add(gathering->folders, path, strdup(name), gathering->err);
    free(path);
    /* What is no folder, or one that may not be looked into, has no tables for this call. */
    if (result == 0 || err.code == ERROR_DATA || closed)
        return 0;
    *gathering->err = err;
    return -1;
}

/* Insertion: there are a few. */
static void sort(struct folders *folders)
{
    for (size_t i = 1; i < folders->count; i++)
        for (size_t k = i; k > 0 && strcmp(folders->names[k - 1], folders->names[k]) > 0; k--) {
            char *path = folders->paths[k], *name = folders->names[k];
            folders->paths[k] = folders->paths[k - 1];
            folders->names[k] = folders->names[k - 1];
            folders->paths[k - 1] = path;
            folders->names[k - 1] = name;
        }
}

int folders_find(struct folders *folders, const char *directory, struct error *err)
{
    struct gathering gathering = {folders, directory, err};
    struct holdings holdings = {false, false};
    *folders = (struct folders){NULL, NULL, 0};
    if (walk(directory, see_file, &holdings, err) < 0)
        return -1;
    const bool is_result = holdings.tables && holdings.run;
    if (!is_result && walk(directory, see_folder, &gathering, err) < 0)
        return -1;
    if (is_result || (folders->count == 0 && holdings.tables))
        return add(folders, strdup(directory), strdup(""), err);
    if (folders->count == 0)
        return error_set(err, ERROR_DATA,
                         "'%s' holds no tables, and no folder with tables; expected what a command wrote, as results "
                         "after 'dlexp optim'",
                         directory);
    sort(folders);
    return 0;
}

void folders_free(struct folders *folders)
{
    for (size_t i = 0; i < folders->count; i++) {
        free(folders->paths[i]);
        free(folders->names[i]);
    }
    free(folders->paths);
    free(folders->names);
    *folders = (struct folders){NULL, NULL, 0};
}
