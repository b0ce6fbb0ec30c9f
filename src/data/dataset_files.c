/* Where the four files of a data set are: the names they may have, and what is there instead. */
#include "dataset_files.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dlexp/base/file.h"

enum { NAME_SIZE = 256 };

static const struct {
    const char *parts[2]; /* words for its half of the data, the first preferred; NULL: no second */
    const char *kind;
    int dims[2]; /* in the names, the usual number first */
} files[FILE_COUNT] = {
    [TRAIN_IMAGES] = {{"train", NULL}, "images", {3, 2}},
    [TRAIN_LABELS] = {{"train", NULL}, "labels", {1, 2}},
    [TEST_IMAGES] = {{"t10k", "test"}, "images", {3, 2}},
    [TEST_LABELS] = {{"t10k", "test"}, "labels", {1, 2}},
};

/*
 * The i-th name that a file may have, in the order of preference; false past the last, or where a prefix makes it
 * longer than any file's name.  The first four: train-images-idx3-ubyte, with .gz, train-images.idx3-ubyte, with .gz.
 */
static bool candidate(char name[NAME_SIZE], const char *prefix, size_t which, size_t i)
{
    static const char *const endings[] = {"", ".gz"}, *const joints[] = {"-", "."};
    static const char *const types[] = {"ubyte", "int", "byte", "short", "float", "double"};
    enum { TYPES = sizeof types / sizeof *types };
    const char *ending = endings[i % 2], *joint = joints[i / 2 % 2];
    const int dims = files[which].dims[i / 4 % 2];
    const char *type = types[i / 8 % TYPES];
    const size_t part = i / 8 / TYPES;
    if (part >= 2 || !files[which].parts[part])
        return false;
    return snprintf(name, NAME_SIZE, "%s%s-%s%sidx%d-%s%s", prefix, files[which].parts[part], files[which].kind, joint,
                    dims, type, ending) < NAME_SIZE;
}

/* A growing list of malloc'ed names. */
struct names {
    char **items;
    size_t count;
};

static void names_free(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
    *names = (struct names){0};
}

/* Takes name over, also on failure; a NULL name is memory that ran out. */
static int names_add(struct names *names, char *name, struct error *err)
{
    char **items = name ? realloc(names->items, (names->count + 1) * sizeof *items) : NULL;
    if (!items) {
        free(name);
        return error_out_of_memory(err, "the names of files");
    }
    names->items = items;
    names->items[names->count++] = name;
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Writes "'a', 'b'" in alphabetical order, or the first of them, and how many more. */
static void names_print(struct names *names, char *text, size_t size)
{
    enum { SHOWN = 8 };
    size_t used = 0;
    if (names->count > 0)
        qsort(names->items, names->count, sizeof *names->items, compare_names);
    *text = '\0';
    for (size_t i = 0; i < names->count && i < SHOWN && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s'%s'", i > 0 ? ", " : "", names->items[i]);
    if (names->count > SHOWN && used < size)
        snprintf(text + used, size - used, " and %zu more", names->count - SHOWN);
}

/* Something that has a file's name, and is none. */
struct irregular {
    char *path;
    const char *what; /* a phrase; path is malloc'ed, and both NULL, where there was nothing */
};

static void note_irregular(struct irregular *irregular, char *path, const char *what)
{
    if (irregular->path) {
        free(path);
        return;
    }
    *irregular = (struct irregular){path, what};
}

/*
 * Looks for the file under each of its names; *path is left NULL where there is none.  What has such a name and is no
 * file is passed over, and the first noted; but where it is a directory, the file may be in it, as some archives
 * unpack: inside says that this is one.
 */
static int find_file(char **path, struct irregular *irregular, const char *directory, const char *prefix, size_t which,
                     bool inside, struct error *err)
{
    char name[NAME_SIZE];
    *path = NULL;
    for (size_t i = 0; !*path && candidate(name, prefix, which, i); i++) {
        struct stat info;
        char *tried = path_join(directory, name);
        if (!tried)
            return error_out_of_memory(err, directory);
        if (stat(tried, &info) < 0) {
            const int code = errno;
            const bool link = code == ENOENT && lstat(tried, &info) == 0 && S_ISLNK(info.st_mode);
            if (code == ELOOP || link) {
                note_irregular(irregular, tried,
                               link ? "a symbolic link that leads nowhere" : "symbolic links in a loop");
                continue;
            }
            errno = code;
            const bool none = code == ENOENT || code == ENOTDIR || code == ENAMETOOLONG;
            if (!none)
                error_set_errno(err, "cannot read '%s'", tried);
            free(tried);
            if (!none)
                return -1;
        } else if (S_ISREG(info.st_mode)) {
            *path = tried;
        } else {
            const bool search = S_ISDIR(info.st_mode) && !inside;
            if (search && find_file(path, irregular, tried, prefix, which, true, err) < 0) {
                free(tried);
                return -1;
            }
            note_irregular(irregular, tried,
                           search                  ? "a directory without it"
                           : S_ISDIR(info.st_mode) ? "a directory"
                                                   : "something else");
        }
    }
    return 0;
}

static bool holds(const char *text, const char *word)
{
    const size_t length = strlen(word);
    for (; *text; text++) {
        size_t same = 0;
        while (same < length && tolower((unsigned char)text[same]) == word[same])
            same++;
        if (same == length)
            return true;
    }
    return false;
}

/* Whether a name may be meant for the file: it has one of its words, and none of another's. */
static bool is_similar(const char *name, size_t which)
{
    const bool train = holds(name, "train"), test = !train && (holds(name, "t10k") || holds(name, "test"));
    const bool images = holds(name, "image"), labels = holds(name, "label");
    const bool train_wanted = which == TRAIN_IMAGES || which == TRAIN_LABELS;
    const bool images_wanted = which == TRAIN_IMAGES || which == TEST_IMAGES;
    if (train_wanted ? test : train)
        return false;
    if (images_wanted ? labels && !images : images && !labels)
        return false;
    return train || test || images || labels || holds(name, "idx") || holds(name, "ubyte");
}

/*
 * Adds the names below directory that are similar to the file's, as seen from where the search began (below: "" or
 * "inner/"), up to two directories deep.  *patience: so many entries are looked at.  What cannot be listed tells
 * nothing.
 */
static int list_similar(struct names *names, const char *directory, const char *below, size_t which, int depth,
                        int *patience, struct error *err)
{
    struct dirent *entry;
    int status = 0;
    DIR *listing = opendir(directory);
    while (listing && status == 0 && (entry = readdir(listing)) != NULL && (*patience)-- > 0) {
        struct stat info;
        char name[2 * NAME_SIZE];
        if (entry->d_name[0] == '.' ||
            snprintf(name, sizeof name, "%s%s", below, entry->d_name) >= (int)sizeof name - 1)
            continue;
        char *path = path_join(directory, entry->d_name);
        if (!path) {
            status = error_out_of_memory(err, directory);
            continue;
        }
        const bool inner = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
        if (inner)
            strcat(name, "/");
        if (is_similar(entry->d_name, which))
            status = names_add(names, strdup(name), err);
        if (status == 0 && inner && depth < 2)
            status = list_similar(names, path, name, which, depth + 1, patience, err);
        free(path);
    }
    if (listing)
        closedir(listing);
    return status;
}

/* The file was not found. */
static int refuse_missing(const char *directory, const char *prefix, size_t which, const struct irregular *irregular,
                          struct error *err)
{
    struct names names = {0};
    int patience = 2000;
    char list[1024];
    if (list_similar(&names, directory, "", which, 0, &patience, err) < 0) {
        names_free(&names);
        return -1;
    }
    names_print(&names, list, sizeof list);
    const char *lead = names.count > 0 ? "; similar names there: " : "";
    names_free(&names);
    if (irregular->path)
        return error_set(err, ERROR_DATA, "cannot read '%s': expected a file, or a directory that holds it, got %s%s%s",
                         irregular->path, irregular->what, lead, list);
    const char *part = files[which].parts[0], *kind = files[which].kind;
    const int dims = files[which].dims[0];
    return error_set(err, ERROR_DATA,
                     "cannot find '%s%s-%s-idx%d-ubyte' in '%s': expected that name or '%s%s-%s.idx%d-ubyte', with or "
                     "without .gz, got neither (a data directory holds four files: train-images, train-labels, "
                     "t10k-images, t10k-labels)%s%s",
                     prefix, part, kind, dims, directory, prefix, part, kind, dims, lead, list);
}

/*
 * The prefixes, each with its dash, with which training images lie in the directory: "emnist-letters-" of
 * emnist-letters-train-images-idx3-ubyte.
 */
static int list_prefixes(struct names *prefixes, const char *directory, struct error *err)
{
    static const char words[] = "-train-images";
    struct dirent *entry;
    int status = 0;
    DIR *listing = opendir(directory);
    if (!listing)
        return error_set_errno(err, "cannot list the data directory '%s'", directory);
    for (errno = 0; status == 0 && (entry = readdir(listing)) != NULL; errno = 0) {
        const char *found = strstr(entry->d_name, words);
        if (!found ||
            (strncmp(found + strlen(words), "-idx", 4) != 0 && strncmp(found + strlen(words), ".idx", 4) != 0))
            continue;
        char *prefix = strndup(entry->d_name, (size_t)(found + 1 - entry->d_name)), *path = NULL;
        struct irregular irregular = {0};
        bool known = !prefix;
        for (size_t i = 0; i < prefixes->count && !known; i++)
            known = strcmp(prefixes->items[i], prefix) == 0;
        if (!known)
            status = find_file(&path, &irregular, directory, prefix, TRAIN_IMAGES, false, err);
        if (!prefix || path)
            status = names_add(prefixes, prefix, err);
        else
            free(prefix);
        free(path);
        free(irregular.path);
    }
    if (status == 0 && errno != 0)
        status = error_set_errno(err, "cannot list the data directory '%s'", directory);
    closedir(listing);
    return status;
}

/* Writes the prefixes as one would name them: DIRECTORY/PREFIX. */
static int prefixes_print(struct names *prefixes, const char *directory, char *text, size_t size, struct error *err)
{
    struct names places = {0};
    int status = 0;
    for (size_t i = 0; i < prefixes->count && status == 0; i++) {
        char *place = path_join(directory, prefixes->items[i]);
        if (place)
            place[strlen(place) - 1] = '\0'; /* the dash */
        status = names_add(&places, place, err);
    }
    if (status == 0)
        names_print(&places, text, size);
    names_free(&places);
    return status;
}

/* Finds the four files of the prefix.  Where none is there, *none is set and nothing reported. */
static int find_all(char *paths[FILE_COUNT], const char *directory, const char *prefix, bool *none, struct error *err)
{
    struct irregular irregular[FILE_COUNT] = {0};
    size_t found = 0;
    int status = 0;
    for (size_t i = 0; i < FILE_COUNT && status == 0; i++) {
        status = find_file(&paths[i], &irregular[i], directory, prefix, i, false, err);
        found += paths[i] || irregular[i].path;
    }
    *none = found == 0;
    for (size_t i = 0; i < FILE_COUNT && status == 0 && !*none; i++)
        if (!paths[i])
            status = refuse_missing(directory, prefix, i, &irregular[i], err);
    for (size_t i = 0; i < FILE_COUNT; i++)
        free(irregular[i].path);
    return status;
}

/* In a directory: the files of plain names; where there are none, those of the only prefix. */
static int find_in_directory(char *paths[FILE_COUNT], const char *directory, struct error *err)
{
    struct names prefixes = {0};
    char list[1024];
    bool none;
    int status = find_all(paths, directory, "", &none, err);
    if (status < 0 || !none)
        return status;
    status = list_prefixes(&prefixes, directory, err);
    if (status == 0 && prefixes.count == 0)
        status = refuse_missing(directory, "", TRAIN_IMAGES, &(struct irregular){0}, err);
    else if (status == 0 && prefixes.count == 1)
        status = find_all(paths, directory, prefixes.items[0], &none, err);
    else if (status == 0 && (status = prefixes_print(&prefixes, directory, list, sizeof list, err)) == 0)
        status = error_set(err, ERROR_DATA,
                           "cannot choose among the data sets in '%s': expected one, got %zu; name one of them: %s",
                           directory, prefixes.count, list);
    names_free(&prefixes);
    return status;
}

/* For a place that is not there: DIRECTORY/PREFIX? */
static int find_prefixed(char *paths[FILE_COUNT], const char *place, struct error *err)
{
    const char *slash = strrchr(place, '/'), *base = slash ? slash + 1 : place;
    struct stat info;
    struct names prefixes = {0};
    char *directory = slash ? strndup(place, slash == place ? 1 : (size_t)(slash - place)) : strdup(".");
    char *prefix = malloc(strlen(base) + 2), list[1024] = "";
    bool none = true;
    int status = -1;
    if (!directory || !prefix) {
        error_out_of_memory(err, place);
        goto done;
    }
    strcat(strcpy(prefix, base), "-");
    const bool there = stat(directory, &info) == 0 && S_ISDIR(info.st_mode);
    if (there && *base && find_all(paths, directory, prefix, &none, err) < 0)
        goto done;
    if (none && there &&
        (list_prefixes(&prefixes, directory, err) < 0 ||
         prefixes_print(&prefixes, directory, list, sizeof list, err) < 0))
        goto done;
    status = !none ? 0
                   : error_set(err, ERROR_DATA,
                               "cannot read the data directory '%s': expected a directory with four IDX files, got "
                               "nothing of that name; %s%s",
                               place, *list ? "data sets there: " : "--data DIR says where they are", list);
done:
    names_free(&prefixes);
    free(directory);
    free(prefix);
    return status;
}

int dataset_files_find(char *paths[FILE_COUNT], const char *place, struct error *err)
{
    struct stat info;
    for (size_t i = 0; i < FILE_COUNT; i++)
        paths[i] = NULL;
    if (stat(place, &info) < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return find_prefixed(paths, place, err);
        return error_set_errno(err, "cannot read the data directory '%s'", place);
    }
    if (!S_ISDIR(info.st_mode))
        return error_set(err, ERROR_DATA,
                         "cannot read the data directory '%s': expected a directory with four IDX files, got a file "
                         "(name the directory it is in)",
                         place);
    return find_in_directory(paths, place, err);
}
