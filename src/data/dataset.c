#include "dlexp/dataset.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dlexp/file.h"
#include "dlexp/idx.h"
#include "dlexp/kernels.h"
#include "dlexp/locate.h"

_Static_assert((int)IDX_SLACK >= (int)PIXELS_SLACK, "kernels read so far behind the last image");

enum { TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS, FILE_COUNT };

static const struct {
    const char *stem; /* of the file name, before -idx or .idx */
    enum idx_kind kind;
} files[FILE_COUNT] = {
    [TRAIN_IMAGES] = {"train-images", IDX_IMAGES},
    [TRAIN_LABELS] = {"train-labels", IDX_LABELS},
    [TEST_IMAGES] = {"t10k-images", IDX_IMAGES},
    [TEST_LABELS] = {"t10k-labels", IDX_LABELS},
};

/* The data sets that are recognised, by the SHA-256 of their decompressed files. */
static const struct known {
    const char *name;
    size_t classes;
    const char *sha256[FILE_COUNT];
} known_sets[] = {
    {"genuine MNIST",
     10,
     {"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
      "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
      "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
      "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}},
    {"genuine Fashion-MNIST",
     10,
     {"c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
      "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
      "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
      "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"}},
};
enum { KNOWN_COUNT = sizeof known_sets / sizeof *known_sets };

/* One of the four files on its way into memory. */
struct loading {
    pthread_t thread;
    bool threaded;
    enum idx_kind kind;
    char *path;
    struct idx idx;
    size_t non_zero; /* bytes of data that are not 0 */
    int status;
    struct error error;
};

static void *load(void *argument)
{
    struct loading *loading = argument;
    loading->status = idx_read(&loading->idx, loading->path, loading->kind, &loading->error);
    if (loading->status == 0)
        for (size_t i = 0; i < loading->idx.size; i++)
            loading->non_zero += loading->idx.data[i] != 0;
    return NULL;
}

static int check_directory(const char *directory, struct error *err)
{
    struct stat info;
    if (stat(directory, &info) < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return error_set(err, ERROR_DATA,
                             "cannot read the data directory '%s': expected a directory with four IDX files, got "
                             "nothing of that name",
                             directory);
        return error_set_errno(err, "cannot read the data directory '%s'", directory);
    }
    if (!S_ISDIR(info.st_mode))
        return error_set(err, ERROR_DATA,
                         "cannot read the data directory '%s': expected a directory with four IDX files, got a file "
                         "(name the directory it is in)",
                         directory);
    return 0;
}

/* Finds the file under one of the names it may have; *path is malloc'ed. */
static int find_file(char **path, const char *directory, size_t which, struct error *err)
{
    static const char *const joints[] = {"-", "."}, *const endings[] = {"", ".gz"};
    const int dims = files[which].kind == IDX_IMAGES ? 3 : 1;
    const char *stem = files[which].stem;
    for (size_t i = 0; i < 4; i++) {
        char name[64];
        struct stat info;
        snprintf(name, sizeof name, "%s%sidx%d-ubyte%s", stem, joints[i / 2], dims, endings[i % 2]);
        *path = path_join(directory, name);
        if (!*path)
            return error_out_of_memory(err, directory);
        if (stat(*path, &info) == 0)
            return 0;
        if (errno != ENOENT)
            return error_set_errno(err, "cannot read '%s'", *path);
        free(*path);
        *path = NULL;
    }
    return error_set(err, ERROR_DATA,
                     "cannot find '%s-idx%d-ubyte' in '%s': expected that name or '%s.idx%d-ubyte', with or without "
                     ".gz, got neither (a data directory holds four files: train-images, train-labels, t10k-images, "
                     "t10k-labels)",
                     stem, dims, directory, stem, dims);
}

/* Reads the four files side by side. */
static int load_files(struct loading loadings[FILE_COUNT], const char *directory, struct error *err)
{
    for (size_t i = 0; i < FILE_COUNT; i++) {
        loadings[i].kind = files[i].kind;
        if (find_file(&loadings[i].path, directory, i, err) < 0)
            return -1;
    }
    /* The largest goes first; where a thread cannot be had, the file is read here. */
    for (size_t i = 0; i < FILE_COUNT; i++) {
        loadings[i].threaded = pthread_create(&loadings[i].thread, NULL, load, &loadings[i]) == 0;
        if (!loadings[i].threaded)
            load(&loadings[i]);
    }
    int status = 0;
    for (size_t i = 0; i < FILE_COUNT; i++) {
        if (loadings[i].threaded)
            pthread_join(loadings[i].thread, NULL);
        if (loadings[i].status < 0 && status == 0) {
            *err = loadings[i].error;
            status = -1;
        }
    }
    return status;
}

static int check_counts(const struct loading *images, const struct loading *labels, struct error *err)
{
    if (images->idx.count == labels->idx.count)
        return 0;
    return error_set(err, ERROR_DATA,
                     "cannot use '%s': expected as many labels as '%s' has images, %zu, got %zu (take both files from "
                     "the same set)",
                     labels->path, images->path, images->idx.count, labels->idx.count);
}

/* The position of the first label above the highest that may be, or the number of labels. */
static size_t find_label_above(const struct idx *labels, size_t highest)
{
    size_t i = 0;
    while (i < labels->count && labels->data[i] <= highest)
        i++;
    return i;
}

/* Works out the number of classes from the training labels, and holds every label against it (rules: dataset.h). */
static int check_labels(size_t *classes, const struct loading loadings[FILE_COUNT], struct error *err)
{
    enum { GAP = 16, LABELS = 256 };
    const struct idx *train = &loadings[TRAIN_LABELS].idx, *test = &loadings[TEST_LABELS].idx;
    const struct known *known = NULL;
    size_t examples[LABELS] = {0}, highest = 0, gap = LABELS, i;
    for (i = 0; i < KNOWN_COUNT; i++)
        if (strcmp(loadings[TRAIN_IMAGES].idx.sha256, known_sets[i].sha256[TRAIN_IMAGES]) == 0)
            known = &known_sets[i];
    for (i = 0; i < train->count; i++)
        examples[train->data[i]]++;
    /* highest: the largest label that has no gap below it. */
    for (i = 0, gap = 0; i < LABELS && gap < GAP; i++) {
        gap = examples[i] > 0 ? 0 : gap + 1;
        if (examples[i] > 0)
            highest = i;
    }
    if (known && highest >= known->classes)
        highest = known->classes - 1;
    i = find_label_above(train, highest);
    if (i < train->count) {
        if (known)
            return error_set(err, ERROR_DATA,
                             "cannot use '%s': expected labels 0..%zu for the images of %s, got label %d at index %zu "
                             "(out of range: a damaged file?)",
                             loadings[TRAIN_LABELS].path, highest, known->name, train->data[i], i);
        return error_set(err, ERROR_DATA,
                         "cannot use '%s': expected labels without large gaps, got label %d at index %zu, while %d or "
                         "more classes below it have no example (out of range: a damaged file?)",
                         loadings[TRAIN_LABELS].path, train->data[i], i, GAP);
    }
    if (highest == 0)
        return error_set(err, ERROR_DATA, "cannot use '%s': expected labels of 2 or more classes, got only label 0",
                         loadings[TRAIN_LABELS].path);
    i = find_label_above(test, highest);
    if (i < test->count)
        return error_set(err, ERROR_DATA,
                         "cannot use '%s': expected labels 0..%zu as in '%s', got label %d at index %zu (out of range)",
                         loadings[TEST_LABELS].path, highest, loadings[TRAIN_LABELS].path, test->data[i], i);
    *classes = highest + 1;
    return 0;
}

static const char *find_name(const struct loading loadings[FILE_COUNT])
{
    for (size_t k = 0; k < KNOWN_COUNT; k++) {
        size_t same = 0;
        while (same < FILE_COUNT && strcmp(loadings[same].idx.sha256, known_sets[k].sha256[same]) == 0)
            same++;
        if (same == FILE_COUNT)
            return known_sets[k].name;
    }
    return "unknown data";
}

/* Moves a half of what was read into the data set. */
static void take_part(struct dataset_part *part, struct loading *images, struct loading *labels)
{
    part->count = images->idx.count;
    part->images = images->idx.data;
    part->labels = labels->idx.data;
    part->images_path = images->path;
    part->labels_path = labels->path;
    memcpy(part->images_sha256, images->idx.sha256, SHA256_HEX_SIZE);
    memcpy(part->labels_sha256, labels->idx.sha256, SHA256_HEX_SIZE);
    images->idx.data = labels->idx.data = NULL;
    images->path = labels->path = NULL;
}

int dataset_load(struct dataset *data, const char *directory, struct error *err)
{
    struct loading *loadings = calloc(FILE_COUNT, sizeof *loadings); /* a struct error each: large for a stack */
    char *located = NULL;
    int status = -1;
    *data = (struct dataset){0};
    if (!loadings) {
        error_out_of_memory(err, "the data set");
        goto done;
    }
    if (!directory) {
        if (locate_data(&located, "mnist", err) < 0)
            goto done;
        directory = located;
    }
    if (check_directory(directory, err) < 0 || load_files(loadings, directory, err) < 0)
        goto done;

    const struct loading *train = &loadings[TRAIN_IMAGES], *test = &loadings[TEST_IMAGES];
    if (check_counts(train, &loadings[TRAIN_LABELS], err) < 0 || check_counts(test, &loadings[TEST_LABELS], err) < 0)
        goto done;
    if (train->idx.rows != test->idx.rows || train->idx.columns != test->idx.columns) {
        error_set(err, ERROR_DATA,
                  "cannot use '%s': expected images of %zu x %zu pixels as in '%s', got %zu x %zu (take all files from "
                  "the same set)",
                  test->path, train->idx.rows, train->idx.columns, train->path, test->idx.rows, test->idx.columns);
        goto done;
    }
    if (check_labels(&data->classes, loadings, err) < 0)
        goto done;

    struct sha256 sha;
    sha256_init(&sha);
    for (size_t i = 0; i < FILE_COUNT; i++)
        sha256_update(&sha, loadings[i].idx.sha256, SHA256_HEX_SIZE - 1);
    sha256_final(&sha, data->sha256);
    data->rows = train->idx.rows;
    data->columns = train->idx.columns;
    data->pixels = data->rows * data->columns;
    data->density = (double)train->non_zero / (double)train->idx.size;
    data->name = find_name(loadings);
    take_part(&data->train, &loadings[TRAIN_IMAGES], &loadings[TRAIN_LABELS]);
    take_part(&data->test, &loadings[TEST_IMAGES], &loadings[TEST_LABELS]);
    data->sparse = data->density <= DATASET_SPARSE;
    status = 0;
done:
    for (size_t i = 0; loadings && i < FILE_COUNT; i++) {
        idx_free(&loadings[i].idx);
        free(loadings[i].path);
    }
    free(loadings);
    free(located);
    return status;
}

void dataset_free(struct dataset *data)
{
    struct dataset_part *const parts[] = {&data->train, &data->test};
    for (size_t i = 0; i < 2; i++) {
        free(parts[i]->images);
        free(parts[i]->labels);
        free(parts[i]->images_path);
        free(parts[i]->labels_path);
    }
    *data = (struct dataset){0};
}
