#include "dlexp/data/dataset.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset_files.h"
#include "dlexp/data/idx.h"
#include "dlexp/data/known.h"
#include "dlexp/data/raw_cache.h"

static const enum idx_kind kinds[FILE_COUNT] = {
    [TRAIN_IMAGES] = IDX_IMAGES,
    [TRAIN_LABELS] = IDX_LABELS,
    [TEST_IMAGES] = IDX_IMAGES,
    [TEST_LABELS] = IDX_LABELS,
};

/* One of the four files on its way into memory. */
struct loading {
    pthread_t thread;
    bool threaded;
    enum idx_kind kind;
    const struct idx_changes *changes;
    bool cached; /* from an earlier reading, and for later ones */
    char *path;
    struct idx idx;         /* without data where it is known */
    struct raw_facts known; /* then */
    size_t non_zero;        /* bytes of data that are not 0 */
    int status;
    struct error error;
};

/* Reads a file of images; `cached`: and notes for later calls what is in it. */
static int read_images(struct idx *idx, size_t *non_zero, const char *path, const struct idx_changes *changes,
                       bool cached, struct error *err)
{
    const struct raw_source source = raw_source_of(path, changes->transpose);
    if (idx_read(idx, path, IDX_IMAGES, changes, err) < 0)
        return -1;
    *non_zero = 0;
    for (size_t i = 0; i < idx->size; i++)
        *non_zero += idx->data[i] != 0;
    if (cached)
        raw_cache_keep(idx, *non_zero, path, &source);
    return 0;
}

static bool is_known(struct loading *loading)
{
    struct idx *idx = &loading->idx;
    const struct raw_facts *known = &loading->known;
    const struct raw_source source = raw_source_of(loading->path, loading->changes->transpose);
    if (!raw_cache_find(&loading->known, &source))
        return false;
    *idx = (struct idx){.size = known->count * known->rows * known->columns,
                        .count = known->count,
                        .rows = known->rows,
                        .columns = known->columns};
    memcpy(idx->sha256, known->sha256, SHA256_HEX_SIZE);
    loading->non_zero = known->non_zero;
    return true;
}

static void *load(void *argument)
{
    struct loading *loading = argument;
    if (loading->kind == IDX_LABELS)
        loading->status = idx_read(&loading->idx, loading->path, IDX_LABELS, loading->changes, &loading->error);
    else if (!loading->cached || !is_known(loading))
        loading->status = read_images(&loading->idx, &loading->non_zero, loading->path, loading->changes,
                                      loading->cached, &loading->error);
    return NULL;
}

/* ---- images that are fetched later ---- */

struct dataset_later {
    pthread_mutex_t lock;
    struct idx_changes changes;
    struct raw_facts known;
};

static int leave_images(struct dataset_part *part, const struct loading *images, struct error *err)
{
    if (part->images)
        return 0;
    part->later = malloc(sizeof *part->later);
    if (!part->later)
        return error_out_of_memory(err, part->images_path);
    pthread_mutex_init(&part->later->lock, NULL);
    part->later->changes = *images->changes;
    part->later->known = images->known;
    return 0;
}

/* With the lock held.  What the cache lacks, or has damaged, is read from the file again. */
static int fetch(struct dataset_part *part, struct error *err)
{
    struct idx idx = {0};
    size_t non_zero;
    part->images = raw_cache_read(&part->later->known);
    if (part->images)
        return 0;
    int result = read_images(&idx, &non_zero, part->images_path, &part->later->changes, true, err);
    if (result == 0 && strcmp(idx.sha256, part->images_sha256) != 0)
        result = error_set(err, ERROR_DATA,
                           "cannot use '%s': expected the images with which this call began (SHA-256 %s), got others "
                           "(SHA-256 %s); was the file replaced meanwhile? then give the command again",
                           part->images_path, part->images_sha256, idx.sha256);
    if (result == 0) {
        part->images = idx.data;
        idx.data = NULL;
    }
    idx_free(&idx);
    return result;
}

int dataset_fetch(struct dataset_part *part, struct error *err)
{
    if (!part->later)
        return 0;
    pthread_mutex_lock(&part->later->lock);
    const int result = part->images ? 0 : fetch(part, err);
    pthread_mutex_unlock(&part->later->lock);
    return result;
}

/* ---- all four ---- */

/* Reads the four files side by side. */
static int load_files(struct loading loadings[FILE_COUNT], const char *directory, const struct idx_changes *changes,
                      bool cached, struct error *err)
{
    char *paths[FILE_COUNT];
    int status = dataset_files_find(paths, directory, err);
    for (size_t i = 0; i < FILE_COUNT; i++) {
        loadings[i].kind = kinds[i];
        loadings[i].changes = changes;
        loadings[i].cached = cached;
        loadings[i].path = paths[i];
    }
    if (status < 0)
        return -1;
    /* The largest goes first; where a thread cannot be had, the file is read here. */
    for (size_t i = 0; i < FILE_COUNT; i++) {
        loadings[i].threaded = pthread_create(&loadings[i].thread, NULL, load, &loadings[i]) == 0;
        if (!loadings[i].threaded)
            load(&loadings[i]);
    }
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

enum { GAP = 16 }; /* so many classes without an example in a row are too many */

/* The position of the first label above the highest that may be, or the number of labels. */
static size_t find_label_above(const struct idx *labels, size_t highest)
{
    size_t i = 0;
    while (i < labels->count && labels->data[i] <= highest)
        i++;
    return i;
}

/* The largest label that has no large gap below it (dataset.h), and the smallest, of those that have examples. */
static void find_range(size_t *lowest, size_t *highest, const struct idx *labels)
{
    enum { LABELS = 256 };
    size_t examples[LABELS] = {0};
    for (size_t i = 0; i < labels->count; i++)
        examples[labels->data[i]]++;
    *lowest = 0;
    while (*lowest < LABELS - 1 && examples[*lowest] == 0)
        (*lowest)++;
    *highest = 0;
    for (size_t i = 0, gap = 0; i < LABELS && gap < GAP; i++) {
        gap = examples[i] > 0 ? 0 : gap + 1;
        if (examples[i] > 0)
            *highest = i;
    }
}

/*
 * Works out the number of classes from the training labels, and holds every label against it (rules: dataset.h).
 * Messages give labels as they are in the file: with the offset that was subtracted.
 */
static int check_labels(struct dataset *data, const struct loading loadings[FILE_COUNT], struct error *err)
{
    const struct idx *train = &loadings[TRAIN_LABELS].idx, *test = &loadings[TEST_LABELS].idx;
    const struct known *known = known_of_images(loadings[TRAIN_IMAGES].idx.sha256);
    const long long offset = loadings[TRAIN_LABELS].changes->label_offset;
    size_t highest, i;
    find_range(&data->first_class, &highest, train);
    if (known && highest >= known->classes)
        highest = known->classes - 1;
    i = find_label_above(train, highest);
    if (i < train->count) {
        if (known)
            return error_set(err, ERROR_DATA,
                             "cannot use '%s': expected labels %lld..%lld for the images of %s, got label %lld at "
                             "index %zu (out of range: a damaged file?)",
                             loadings[TRAIN_LABELS].path, offset, offset + (long long)highest, known->genuine,
                             offset + train->data[i], i);
        return error_set(
            err, ERROR_DATA,
            "cannot use '%s': expected labels without large gaps, got label %lld at index %zu, while %d or "
            "more classes below it have no example (out of range: a damaged file?%s)",
            loadings[TRAIN_LABELS].path, offset + train->data[i], i, GAP,
            data->first_class >= GAP ? " or labels that begin later: --label-offset N subtracts N" : "");
    }
    if (highest == 0)
        return error_set(err, ERROR_DATA, "cannot use '%s': expected labels of 2 or more classes, got only label %lld",
                         loadings[TRAIN_LABELS].path, offset);
    i = find_label_above(test, highest);
    if (i < test->count)
        return error_set(err, ERROR_DATA,
                         "cannot use '%s': expected labels %lld..%lld as in '%s', got label %lld at index %zu (out of "
                         "range)",
                         loadings[TEST_LABELS].path, offset, offset + (long long)highest, loadings[TRAIN_LABELS].path,
                         offset + test->data[i], i);
    data->classes = highest + 1;
    return 0;
}

static const char *find_name(const struct loading loadings[FILE_COUNT])
{
    const char *sha256[FILE_COUNT];
    for (size_t i = 0; i < FILE_COUNT; i++)
        sha256[i] = loadings[i].idx.sha256;
    const struct known *known = known_genuine(sha256);
    return known ? known->genuine : "unknown data";
}

/* Data that were found by their name are what the name says, where its hashes are known. */
static int check_genuine(const struct dataset *data, const struct known *known, const char *place, struct error *err)
{
    if (!known->genuine || strcmp(data->name, known->genuine) == 0)
        return 0;
    return error_set(err, ERROR_DATA,
                     "cannot use '%s' as the data set %s: expected the published files (SHA-256, data/README.md), got "
                     "others; --data '%s' reads them as they are",
                     place, known->name, place);
}

/* Moves a half of what was read into the data set. */
static int take_part(struct dataset_part *part, struct loading *images, struct loading *labels, struct error *err)
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
    return leave_images(part, images, err);
}

/* What the files say together. */
static void take_facts(struct dataset *data, const struct loading *loadings)
{
    const struct loading *train = &loadings[TRAIN_IMAGES];
    struct sha256 sha;
    sha256_init(&sha);
    for (size_t i = 0; i < FILE_COUNT; i++)
        sha256_update(&sha, loadings[i].idx.sha256, SHA256_HEX_SIZE - 1);
    sha256_final(&sha, data->sha256);
    data->rows = train->idx.rows;
    data->columns = train->idx.columns;
    data->pixels = data->rows * data->columns;
    data->density = (double)train->non_zero / (double)train->idx.size;
    data->sparse = data->density <= DATASET_SPARSE;
    data->name = find_name(loadings);
}

static int open_or_load(struct dataset *data, const struct dataset_source *source, bool cached, struct error *err)
{
    const struct known *known = source->directory ? NULL : known_row(source->known);
    const struct idx_changes changes = {.label_offset = known && source->label_offset == 0 ? known->label_offset
                                                                                           : source->label_offset,
                                        .transpose = source->transpose || (known && known->transpose)};
    struct loading *loadings = calloc(FILE_COUNT, sizeof *loadings); /* a struct error each: large for a stack */
    const char *directory = source->directory;
    char *located = NULL;
    int status = -1;
    *data = (struct dataset){0};
    if (!loadings) {
        error_out_of_memory(err, "the data set");
        goto done;
    }
    if (directory && source->known != 0) {
        error_set(err, ERROR_USAGE, "expected --dataset or --data (DIR), got both; leave one of them out");
        goto done;
    }
    if (known) {
        if (known_find(&located, known, err) < 0)
            goto done;
        directory = located;
    }
    if (load_files(loadings, directory, &changes, cached, err) < 0)
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
    if (check_labels(data, loadings, err) < 0)
        goto done;

    take_facts(data, loadings);
    data->label_offset = changes.label_offset;
    if (known && changes.label_offset == known->label_offset && changes.transpose == known->transpose &&
        check_genuine(data, known, directory, err) < 0)
        goto done;
    if (take_part(&data->train, &loadings[TRAIN_IMAGES], &loadings[TRAIN_LABELS], err) == 0)
        status = take_part(&data->test, &loadings[TEST_IMAGES], &loadings[TEST_LABELS], err);
done:
    for (size_t i = 0; loadings && i < FILE_COUNT; i++) {
        idx_free(&loadings[i].idx);
        free(loadings[i].path);
    }
    free(loadings);
    free(located);
    return status;
}

int dataset_load(struct dataset *data, const struct dataset_source *source, struct error *err)
{
    return open_or_load(data, source, false, err);
}

int dataset_open(struct dataset *data, const struct dataset_source *source, struct error *err)
{
    return open_or_load(data, source, true, err);
}

void dataset_free(struct dataset *data)
{
    struct dataset_part *const parts[] = {&data->train, &data->test};
    for (size_t i = 0; i < 2; i++) {
        free(parts[i]->images);
        if (parts[i]->later)
            pthread_mutex_destroy(&parts[i]->later->lock);
        free(parts[i]->later);
        free(parts[i]->labels);
        free(parts[i]->images_path);
        free(parts[i]->labels_path);
    }
    *data = (struct dataset){0};
}

bool dataset_hint(const struct dataset *data, char text[DATASET_HINT_SIZE])
{
    if (data->first_class == 0)
        return false;
    snprintf(text, DATASET_HINT_SIZE,
             "no training image is of class 0, the smallest label is %zu; if the classes begin there, --label-offset "
             "%lld makes it 0",
             data->first_class, (long long)data->label_offset + (long long)data->first_class);
    return true;
}
