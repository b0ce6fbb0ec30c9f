/* Which folders hold tables; see folders.h. */
#include "dlexp/plot/folders.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"
#include "dlexp/run/run_json.h"

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
    holdings->run |= strcmp(name, RUN_JSON) == 0;
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

/* A folder with tables, or with a run.json: added, or left out.  path and name, both malloc'ed, are taken over. */
static int take(struct folders *folders, const struct holdings *holdings, char *path, char *name, struct error *err)
{
    char *call = NULL;
    if (path && holdings->run && run_json_unfinished(&call, path, err) < 0) {
        free(path);
        free(name);
        return -1;
    }
    if (call) {
        struct folder_left *left = realloc(folders->left, (folders->left_count + 1) * sizeof *left);
        free(name);
        if (!left) {
            free(path);
            free(call);
            return error_out_of_memory(err, "the list of folders");
        }
        folders->left = left;
        left[folders->left_count++] = (struct folder_left){path, call};
        return 0;
    }
    if (holdings->tables)
        return add(folders, path, name, err);
    free(path);
    free(name);
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
    if (result == 0 && (holdings.tables || holdings.run))
        return take(gathering->folders, &holdings, path, strdup(name), gathering->err);
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
    *folders = (struct folders){.count = 0};
    if (walk(directory, see_file, &holdings, err) < 0)
        return -1;
    const bool is_result = holdings.tables && holdings.run;
    if (!is_result && walk(directory, see_folder, &gathering, err) < 0)
        return -1;
    const bool is_last = folders->count == 0 && folders->left_count == 0;
    if ((is_result || is_last) && take(folders, &holdings, strdup(directory), strdup(""), err) < 0)
        return -1;
    if (folders->count == 0 && folders->left_count > 0)
        return error_set(err, ERROR_DATA,
                         "'%s': expected the tables of a call that has finished, got a run.json of one that runs or "
                         "was stopped, and tables, if there are any, that may be those of an earlier call; give it "
                         "again, it computes only what is missing: %s",
                         folders->left[0].path, folders->left[0].call);
    if (folders->count == 0)
        return error_set(err, ERROR_DATA,
                         "'%s' holds no tables, and no folder with tables; expected what a command wrote, as results "
                         "after 'dlexp optim'",
                         directory);
    sort(folders);
    return 0;
}

void folders_tell_left(const struct folders *folders)
{
    for (size_t i = 0; i < folders->left_count; i++)
        fprintf(
            stderr,
            "dlexp: note: '%s' is left out: its call runs or was stopped, and the tables there, if any, may be those "
            "of an earlier one; this finishes it: %s\n",
            folders->left[i].path, folders->left[i].call);
}

void folders_free(struct folders *folders)
{
    for (size_t i = 0; i < folders->count; i++) {
        free(folders->paths[i]);
        free(folders->names[i]);
    }
    for (size_t i = 0; i < folders->left_count; i++) {
        free(folders->left[i].path);
        free(folders->left[i].call);
    }
    free(folders->paths);
    free(folders->names);
    free(folders->left);
    *folders = (struct folders){.count = 0};
}
