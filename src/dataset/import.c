/* What the readers of `dlexp data import` have in common, and the split. */
#include "import.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"
#include "dlexp/base/random.h"
#include "dlexp/data/gzip.h"

static const struct import_reader *const readers[] = {&import_pgm, &import_npy, &import_csv};

static int check_words(const struct import_reader *reader, const struct import_source *source, struct error *err)
{
    if (reader->labels_apart && !source->labels)
        return error_set(err, ERROR_USAGE,
                         "cannot import '%s': expected a file of labels beside the images, got none; name it by "
                         "--labels FILE (of --test: --test-labels FILE)",
                         source->path);
    if (!reader->labels_apart && source->labels)
        return error_set(err, ERROR_USAGE, "--labels: '%s' is %s, which has labels of its own; leave the option out",
                         source->path, reader->name);
    if (!reader->takes_label && source->label)
        return error_set(err, ERROR_USAGE, "--label: '%s' is %s, which has no column of labels; leave the option out",
                         source->path, reader->name);
    return 0;
}

int import_read(struct import_images *images, const struct import_reader **reader, const struct import_source *source,
                struct error *err)
{
    struct file_identity identity;
    unsigned char *first = NULL;
    size_t size = 0, i = 0;
    bool folder;
    *images = (struct import_images){0};
    if (file_is_folder(&folder, source->path, err) < 0)
        return -1;
    if (!folder && file_read_identified(source->path, IMPORT_FIRST, &first, &size, &identity, err) < 0)
        return -1;
    while (!readers[i]->recognises(folder, first, size)) /* the last one takes what is left */
        i++;
    free(first);
    *reader = readers[i];
    if (check_words(*reader, source, err) < 0 || (*reader)->read(images, source, err) < 0)
        return -1;
    if (images->count == 0)
        return error_set(err, ERROR_DATA, "cannot import '%s': expected images, got none", source->path);
    return 0;
}

void import_free(struct import_images *images)
{
    free(images->images);
    free(images->labels);
    for (size_t i = 0; i < IMPORT_CLASSES; i++)
        free(images->names[i]);
    *images = (struct import_images){0};
}

int import_match(struct import_images *test, const struct import_images *train, const char *test_path,
                 const char *train_path, struct error *err)
{
    uint8_t number[IMPORT_CLASSES];
    bool named = false;
    for (size_t c = 0; c < IMPORT_CLASSES; c++)
        named = named || train->names[c];
    for (size_t i = 0; i < IMPORT_CLASSES; i++) {
        size_t c = 0;
        while (test->names[i] && c < IMPORT_CLASSES &&
               (!train->names[c] || strcmp(train->names[c], test->names[i]) != 0))
            c++;
        if (c == IMPORT_CLASSES)
            return error_set(err, ERROR_DATA,
                             "cannot import '%s': expected the classes of '%s', got '%s', which is none of them",
                             test_path, train_path, test->names[i]);
        number[i] = test->names[i] ? (uint8_t)c : (uint8_t)i;
    }
    for (size_t i = 0; i < test->count; i++) {
        if (named && !test->names[test->labels[i]])
            return error_set(err, ERROR_DATA,
                             "cannot import '%s': expected classes by their names, as in '%s', got class %d", test_path,
                             train_path, test->labels[i]);
        test->labels[i] = number[test->labels[i]];
    }
    return 0;
}

int import_shape(struct import_images *images, const struct import_source *source, size_t pixels, struct error *err)
{
    size_t rows = source->rows, columns = source->columns;
    if (rows > 0 && columns == 0)
        columns = pixels / rows;
    else if (columns > 0 && rows == 0)
        rows = pixels / columns;
    if (rows == 0 && columns == 0) {
        const size_t side = (size_t)lround(sqrt((double)pixels));
        rows = side * side == pixels ? side : 1;
        columns = pixels / rows;
    }
    if (rows * columns != pixels)
        return error_set(err, ERROR_DATA,
                         "cannot import '%s': expected images of %zu x %zu pixels as --rows and --columns say, got %zu "
                         "pixels each; correct the options, or leave them out",
                         source->path, rows, columns, pixels);
    if (pixels == 0 || rows > IMPORT_SIDE || columns > IMPORT_SIDE)
        return error_set(err, ERROR_DATA,
                         "cannot import '%s': expected images of 1..%d rows and columns, got %zu x %zu", source->path,
                         IMPORT_SIDE, rows, columns);
    images->rows = rows;
    images->columns = columns;
    return 0;
}

int import_room(struct import_images *images, size_t count, const char *path, struct error *err)
{
    size_t room = images->room > 0 ? images->room : count, size;
    if (count <= images->room)
        return 0;
    while (room < count)
        room *= 2;
    if (__builtin_mul_overflow(room, images->rows * images->columns, &size))
        return error_out_of_memory(err, path);
    uint8_t *pixels = realloc(images->images, size);
    if (pixels)
        images->images = pixels;
    uint8_t *labels = realloc(images->labels, room);
    if (labels)
        images->labels = labels;
    if (!pixels || !labels)
        return error_out_of_memory(err, path);
    images->room = room;
    return 0;
}

int import_content(const char *path, unsigned char **data, size_t *size, struct error *err)
{
    struct gzip gzip;
    size_t room = 0, got = 0;
    int status = gzip_open(&gzip, path, err);
    *data = NULL;
    *size = 0;
    while (status == 0 && *size == room) {
        room = room > 0 ? room * 2 : (gzip.compressed ? 1 << 16 : (size_t)gzip.file_size + 1);
        unsigned char *more = realloc(*data, room + 1);
        if (!more) {
            status = error_out_of_memory(err, path);
            break;
        }
        *data = more;
        status = gzip_read(&gzip, *data + *size, room - *size, &got, err);
        *size += got;
    }
    gzip_close(&gzip);
    if (status == 0)
        (*data)[*size] = '\0';
    return status;
}

int import_split(bool **in_test, const struct import_images *images, double share, uint64_t seed, struct error *err)
{
    size_t left[IMPORT_CLASSES] = {0}, drawn = 0;
    uint32_t *order = NULL;
    if (images->count > UINT32_MAX)
        return error_set(err, ERROR_DATA, "expected at most %u images, got %zu", UINT32_MAX, images->count);
    *in_test = calloc(images->count, sizeof **in_test);
    order = malloc(images->count * sizeof *order);
    if (!*in_test || !order) {
        free(order);
        return error_out_of_memory(err, "the split");
    }
    for (size_t i = 0; i < images->count; i++)
        left[images->labels[i]]++;
    for (size_t c = 0; c < IMPORT_CLASSES; c++) {
        const size_t count = left[c];
        left[c] = (size_t)floor(share * (double)count + 0.5);
        if (count > 0 && left[c] >= count)
            left[c] = count - 1;
        drawn += left[c];
    }
    if (drawn == 0) {
        free(order);
        return error_set(
            err, ERROR_DATA,
            "expected images for testing, got none: a share of %g of each class is less than half an image "
            "of each; choose a larger --test-share, or name test images by --test",
            share);
    }
    random_torch_permutation(seed, order, images->count);
    for (size_t i = 0; i < images->count; i++) {
        size_t *rest = &left[images->labels[order[i]]];
        if (*rest > 0) {
            (*rest)--;
            (*in_test)[order[i]] = true;
        }
    }
    free(order);
    return 0;
}
