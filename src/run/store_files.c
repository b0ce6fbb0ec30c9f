/* The names of a store's files. */
#include "dlexp/run/store_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"

static int add_name(struct store_files *files, size_t *capacity, const char *name, struct error *err)
{
    if (files->count == *capacity) {
        *capacity = *capacity ? 2 * *capacity : 64;
        char **grown = realloc(files->names, *capacity * sizeof *grown);
        if (!grown)
            return error_out_of_memory(err, files->directory);
        files->names = grown;
    }
    char *copy = malloc(strlen(name) + 1);
    if (!copy)
        return error_out_of_memory(err, files->directory);
    files->names[files->count++] = strcpy(copy, name);
    return 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int store_files_read(struct store_files *files, const char *store, size_t folder, struct error *err)
{
    char name[8];
    snprintf(name, sizeof name, "%02zx", folder);
    return store_files_in(files, store, folder == STORE_FLAT ? "" : name, err);
}

int store_files_in(struct store_files *files, const char *parent, const char *name, struct error *err)
{
    const struct dirent *entry;
    size_t capacity = 0;
    int result = 0;
    *files = (struct store_files){.directory = *name ? path_join(parent, name) : strdup(parent)};
    if (!files->directory)
        return error_out_of_memory(err, parent);
    DIR *listing = opendir(files->directory);
    if (!listing)
        return errno == ENOENT || errno == ENOTDIR ? 0 : error_set_errno(err, "cannot read '%s'", files->directory);
    while (result == 0 && (errno = 0, entry = readdir(listing)) != NULL)
        if (entry->d_name[0] != '.')
            result = add_name(files, &capacity, entry->d_name, err);
    if (result == 0 && errno != 0)
        result = error_set_errno(err, "cannot read '%s'", files->directory);
    closedir(listing);
    if (files->count > 0)
        qsort(files->names, files->count, sizeof *files->names, compare);
    return result;
}

void store_files_free(struct store_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->names[i]);
    free(files->names);
    free(files->directory);
    *files = (struct store_files){0};
}

bool store_files_id(const char *name, const char *ending, char id[STORE_ID_SIZE])
{
    if (strspn(name, "0123456789abcdef") != STORE_ID_SIZE - 1 || strcmp(name + STORE_ID_SIZE - 1, ending) != 0)
        return false;
    memcpy(id, name, STORE_ID_SIZE - 1);
    id[STORE_ID_SIZE - 1] = '\0';
    return true;
}
