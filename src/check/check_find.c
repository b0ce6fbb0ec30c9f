/* Which of our tables a file belongs to: by its columns. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"
#include "dlexp/base/file.h"
#include "dlexp/plot/folders.h"
#include "dlexp/run/experiment_table.h"

enum { HEADER_MOST = 65536 }; /* bytes of a table that are looked at */

/* How well a table fits; of two the one with the larger first number that differs. */
enum {
    COLUMNS,
    SAME_NAME,
    FEW_MORE,
    RANKS
}; /* FILE's columns that it has; FILE's name; few others, as minus their number */

struct best {
    char *path;
    long rank[RANKS];
    char other[256]; /* one that fits as well, or "" */
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* By the first line of the table at path; what is no table has no columns of FILE's. */
static int find_rank(long rank[RANKS], const struct check *check, const char *path, struct error *err)
{
    unsigned char *text = NULL;
    struct file_identity identity;
    struct csv header = {0};
    size_t size = 0;
    if (file_read_identified(path, HEADER_MOST, &text, &size, &identity, err) < 0)
        return -1;
    unsigned char *end = memchr(text, '\n', size);
    if (end)
        *end = '\0';
    const int status = csv_parse(&header, (char *)text, end ? (size_t)(end - text) : size, path, err);
    rank[COLUMNS] = 0;
    for (size_t i = 0; status == 0 && i < check->yours.columns; i++)
        rank[COLUMNS] += csv_column(&header, check->yours.names[i]) >= 0;
    rank[SAME_NAME] = strcmp(base_name(path), base_name(check->config->file)) == 0;
    rank[FEW_MORE] = rank[COLUMNS] - (long)header.columns;
    csv_free(&header);
    return status == 0 || err->code == ERROR_DATA ? 0 : -1;
}

/* Takes the path over. */
static int consider(struct best *best, const struct check *check, char *path, struct error *err)
{
    const char *wanted = check->config->table;
    long rank[RANKS];
    int compared = best->path ? 0 : 1;
    if (find_rank(rank, check, path, err) < 0) {
        free(path);
        return -1;
    }
    for (size_t i = 0; i < RANKS && compared == 0; i++)
        compared = rank[i] > best->rank[i] ? 1 : rank[i] < best->rank[i] ? -1 : 0;
    if (rank[COLUMNS] == 0 || (wanted && strcmp(base_name(path), wanted) != 0))
        compared = -1;
    if (compared == 0)
        snprintf(best->other, sizeof best->other, "%s", path);
    if (compared <= 0) {
        free(path);
        return 0;
    }
    free(best->path);
    best->path = path;
    memcpy(best->rank, rank, sizeof rank);
    best->other[0] = '\0';
    return 0;
}

static int is_table(const struct dirent *entry)
{
    const size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 4 && strcmp(entry->d_name + length - 4, ".csv") == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int look_into(struct best *best, const struct check *check, const char *folder, struct error *err)
{
    struct dirent **entries = NULL;
    int status = 0;
    const int count = scandir(folder, &entries, is_table, by_bytes);
    if (count < 0)
        return error_set_errno(err, "cannot list '%s'", folder);
    for (int i = 0; i < count; i++) {
        char *path = status == 0 ? path_join(folder, entries[i]->d_name) : NULL;
        if (status == 0)
            status = path ? consider(best, check, path, err) : error_out_of_memory(err, folder);
        free(entries[i]);
    }
    free(entries);
    return status;
}

/* ---- whose table it is ---- */

static bool is_column_of(const struct experiment_table *table, const char *name)
{
    const struct frame_column *column = table->columns ? table->columns : table->make_columns(NULL);
    for (; column->name; column++) {
        char made[128];
        snprintf(made, sizeof made, "%s%s%s", column->of ? column->of : "", column->of ? "_" : "", column->name);
        if (strcmp(column->csv ? column->csv : made, name) == 0)
            return true;
    }
    return false;
}

/* A setting gives a table its column where it has several values. */
static long count_columns(const struct check *check, const struct command *command,
                          const struct experiment_table *table)
{
    long count = 0;
    for (size_t i = 0; i < check->yours.columns; i++)
        count += is_column_of(table, check->yours.names[i]) || command_has_setting(command, check->yours.names[i]);
    return count;
}

/* Twice FILE's columns that it has, and one more for a table that is asked for by its name, or that FILE is called by.
 */
static long fit_of(const struct check *check, const struct command *command, const struct experiment_table *table)
{
    const char *wanted = check->config->table ? check->config->table : base_name(check->config->file);
    return 2 * count_columns(check, command, table) + (strcmp(table->name, wanted) == 0);
}

void check_remedy(const struct check *check, char text[CHECK_REMEDY_SIZE])
{
    const struct experiment_table *best = NULL;
    const struct command *command = NULL;
    long most = 1; /* a name alone says nothing */
    for (size_t i = 0; check->commands && check->commands[i]; i++)
        for (const struct experiment_table *table = check->commands[i]->tables; table && table->name; table++)
            if (*table->name && fit_of(check, check->commands[i], table) > most) {
                most = fit_of(check, check->commands[i], table);
                best = table;
                command = check->commands[i];
            }
    if (best)
        snprintf(text, CHECK_REMEDY_SIZE,
                 "'dlexp %s' writes %s with %ld of its %zu columns: run it with the settings that the file was made "
                 "with",
                 command->name, best->name, count_columns(check, command, best), check->yours.columns);
    else
        snprintf(text, CHECK_REMEDY_SIZE, "run the command whose table it is");
}

/* ---- the table ---- */

int check_find(struct check *check, struct error *err)
{
    const char *against = check->config->against;
    struct folders folders = {0};
    struct best best = {0};
    struct stat info;
    if (stat(against, &info) == 0 && !S_ISDIR(info.st_mode)) {
        check->path = strdup(against);
        return check->path ? 0 : error_out_of_memory(err, against);
    }
    char remedy[CHECK_REMEDY_SIZE];
    check_remedy(check, remedy);
    int status = folders_find(&folders, against, err);
    if (status == 0)
        folders_tell_left(&folders);
    if (status < 0 && err->code == ERROR_DATA && folders.left_count == 0)
        error_add(err, "; %s", remedy);
    for (size_t i = 0; i < folders.count && status == 0; i++)
        status = look_into(&best, check, folders.paths[i], err);
    if (status == 0 && !best.path)
        status =
            error_set(err, ERROR_DATA,
                      "cannot check '%s': expected a table in '%s' with columns of it ('%s', ...), got none%s%s; %s, "
                      "or name the table by --against",
                      check->config->file, against, check->yours.names[0], check->config->table ? " of the name " : "",
                      check->config->table ? check->config->table : "", remedy);
    else if (status == 0 && *best.other)
        status = error_set(err, ERROR_DATA,
                           "cannot check '%s': expected one table with %ld of its columns in '%s', got '%s' and '%s'; "
                           "name the one that is meant by --against",
                           check->config->file, best.rank[COLUMNS], against, best.path, best.other);
    folders_free(&folders);
    check->path = best.path;
    return status;
}
