#include "dlexp/data/known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset_files.h"
#include "dlexp/base/file.h"
#include "dlexp/base/locate.h"

/* Folders that torchvision, keras-like caches, Debian and hands give them. */
static const char *const mnist_folders[] = {"MNIST/raw", "MNIST", "mnist", NULL};
static const char *const fashion_folders[] = {"FashionMNIST/raw", "fashion-mnist", "fashion_mnist", NULL};
static const char *const kmnist_folders[] = {"KMNIST/raw", "KMNIST", "kmnist", NULL};
static const char *const qmnist_folders[] = {"QMNIST/raw", "QMNIST", "qmnist", NULL};
static const char *const emnist_folders[] = {"EMNIST/raw", "EMNIST/raw/gzip", "emnist", "emnist/gzip", NULL};

#define EMNIST(split, count, offset)                                                                                   \
    {                                                                                                                  \
        .name = "emnist-" split, .classes = count, .label_offset = offset, .transpose = true,                          \
        .prefix = "emnist-" split, .folders = emnist_folders                                                           \
    }

static const struct known rows[] = {
    {.name = "mnist",
     .genuine = "genuine MNIST",
     .classes = 10,
     .installed = "mnist",
     .folders = mnist_folders,
     .sha256 = {"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}},
    {.name = "fashion-mnist",
     .genuine = "genuine Fashion-MNIST",
     .classes = 10,
     .folders = fashion_folders,
     .sha256 = {"c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"}},
    {.name = "kmnist", .classes = 10, .folders = kmnist_folders},
    {.name = "qmnist", .classes = 10, .prefix = "qmnist", .folders = qmnist_folders},
    EMNIST("balanced", 47, 0),
    EMNIST("byclass", 62, 0),
    EMNIST("bymerge", 47, 0),
    EMNIST("digits", 10, 0),
    EMNIST("letters", 26, 1),
    EMNIST("mnist", 10, 0),
};
enum { ROWS = sizeof rows / sizeof *rows };

/* What the folders are looked for below: a directory, or one that a variable names, or else another. */
static const struct {
    const char *variable, *below;
} roots[] = {
    {NULL, "data"},           {"TORCH_HOME", NULL}, {"XDG_CACHE_HOME", NULL}, {"HOME", ".cache"},
    {"HOME", ".cache/torch"}, {"HOME", "data"},     {"HOME", "datasets"},     {NULL, "/usr/share/datasets"},
};
enum { ROOTS = sizeof roots / sizeof *roots };

const struct known *known_row(size_t index)
{
    return index < ROWS ? &rows[index] : NULL;
}

bool known_name(size_t index, const char **name)
{
    if (index < ROWS)
        *name = rows[index].name;
    return index < ROWS;
}

const struct known *known_genuine(const char *const sha256[KNOWN_FILES])
{
    for (size_t k = 0; k < ROWS; k++) {
        size_t same = 0;
        while (rows[k].genuine && same < KNOWN_FILES && strcmp(sha256[same], rows[k].sha256[same]) == 0)
            same++;
        if (same == KNOWN_FILES)
            return &rows[k];
    }
    return NULL;
}

const struct known *known_of_images(const char *sha256)
{
    for (size_t k = 0; k < ROWS; k++)
        if (rows[k].genuine && strcmp(sha256, rows[k].sha256[0]) == 0)
            return &rows[k];
    return NULL;
}

int known_root(char **path, size_t index, struct error *err)
{
    *path = NULL;
    if (index >= ROOTS)
        return 0;
    const char *variable = roots[index].variable ? getenv(roots[index].variable) : "", *below = roots[index].below;
    if (!variable || (roots[index].variable && !*variable))
        return 1;
    *path = !below ? strdup(variable) : *variable ? path_join(variable, below) : strdup(below);
    return *path ? 1 : error_out_of_memory(err, "the places of data sets");
}

int known_place(char **path, const struct known *known, size_t index, struct error *err)
{
    size_t folders = 0;
    char *root;
    *path = NULL;
    if (known->installed && index-- == 0) {
        if (locate_data(path, known->installed, err) < 0 && err->code != ERROR_DATA)
            return -1;
        return 1;
    }
    while (known->folders[folders])
        folders++;
    const int more = known_root(&root, index / folders, err);
    if (root) {
        char *folder = path_join(root, known->folders[index % folders]);
        *path = !folder || !known->prefix ? folder : path_join(folder, known->prefix);
        if (*path != folder)
            free(folder);
        free(root);
        return *path ? 1 : error_out_of_memory(err, known->name);
    }
    return more;
}

int known_is_there(bool *there, const char *place, struct error *err)
{
    char *paths[FILE_COUNT];
    const int status = dataset_files_find(paths, place, err);
    for (size_t i = 0; i < FILE_COUNT; i++)
        free(paths[i]);
    *there = status == 0;
    return status == 0 || err->code == ERROR_DATA ? 0 : -1;
}

int known_find(char **path, const struct known *known, struct error *err)
{
    char looked[1024] = "";
    size_t used = 0;
    int more;
    for (size_t i = 0; (more = known_place(path, known, i, err)) > 0; i++) {
        bool there = false;
        if (*path && known_is_there(&there, *path, err) < 0)
            more = -1;
        if (there)
            return 0;
        if (*path && used < sizeof looked)
            used += (size_t)snprintf(looked + used, sizeof looked - used, "%s%s", used > 0 ? ", " : "", *path);
        free(*path);
        *path = NULL;
        if (more < 0)
            return -1;
    }
    return more < 0
               ? -1
               : error_set(
                     err, ERROR_DATA,
                     "cannot find the data set %s: expected its four IDX files in a usual place, got none in %s%s; "
                     "put them into one of these, or name their folder by --data DIR",
                     known->name, looked, used >= sizeof looked ? " ..." : "");
}
