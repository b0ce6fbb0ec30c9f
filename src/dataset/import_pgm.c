/*
 * A folder with a folder of PGM images per class: the names of these folders are the labels where all of them are whole
 * numbers of 0..255, otherwise the classes are numbered from 0 in alphabetical (byte) order.
 *
 * PGM: P5 (bytes) or P2 (decimal numbers), blanks and comments between the numbers of the head, the largest value 255.
 * Source: https://netpbm.sourceforge.net/doc/pgm.html
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"
#include "dlexp/base/number.h"
#include "import.h"

/* Entries of a folder, in the order of their bytes. */
struct entries {
    struct dirent **items;
    int count;
};

static int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int list(struct entries *entries, const char *path, struct error *err)
{
    entries->items = NULL;
    entries->count = scandir(path, &entries->items, not_hidden, by_bytes);
    return entries->count < 0 ? error_set_errno(err, "cannot list '%s'", path) : 0;
}

static void entries_free(struct entries *entries)
{
    for (int i = 0; i < entries->count; i++)
        free(entries->items[i]);
    free(entries->items);
}

struct pgm {
    const char *path;
    const unsigned char *at, *end;
    bool binary;
    size_t rows, columns;
};

/* The next decimal number, behind blanks and comments; SIZE_MAX where there is none. */
static size_t next_number(struct pgm *pgm)
{
    size_t number = 0;
    while (pgm->at < pgm->end && (strchr(" \t\r\n\v\f", *pgm->at) || *pgm->at == '#')) {
        if (*pgm->at == '\0')
            return SIZE_MAX;
        if (*pgm->at++ == '#')
            while (pgm->at < pgm->end && *pgm->at != '\n')
                pgm->at++;
    }
    const unsigned char *first = pgm->at;
    for (; pgm->at < pgm->end && *pgm->at >= '0' && *pgm->at <= '9'; pgm->at++)
        number = number > IMPORT_SIDE ? number : number * 10 + (size_t)(*pgm->at - '0');
    return pgm->at > first ? number : SIZE_MAX;
}

static int read_head(struct pgm *pgm, struct error *err)
{
    if (pgm->end - pgm->at < 2 || pgm->at[0] != 'P' || (pgm->at[1] != '5' && pgm->at[1] != '2'))
        return error_set(err, ERROR_DATA,
                         "cannot import '%s': expected a PGM image, which begins with P5 or P2, got another file; "
                         "convert it, e.g. with: magick IMAGE -colorspace Gray -depth 8 IMAGE.pgm",
                         pgm->path);
    pgm->binary = pgm->at[1] == '5';
    pgm->at += 2;
    pgm->columns = next_number(pgm);
    pgm->rows = next_number(pgm);
    const size_t most = next_number(pgm);
    if (pgm->rows == 0 || pgm->columns == 0 || pgm->rows > IMPORT_SIDE || pgm->columns > IMPORT_SIDE)
        return error_set(err, ERROR_DATA,
                         "cannot import '%s': expected a width and a height of 1..%d in its head; is it damaged?",
                         pgm->path, IMPORT_SIDE);
    if (most != 255)
        return error_set(err, ERROR_DATA,
                         "cannot import '%s': expected 255 as the largest value, got %lld; convert it, e.g. with: "
                         "pamdepth 255",
                         pgm->path, most == SIZE_MAX ? -1LL : (long long)most);
    if (pgm->binary)
        pgm->at += pgm->at < pgm->end;
    return 0;
}

static int read_pixels(struct pgm *pgm, uint8_t *pixels, struct error *err)
{
    const size_t count = pgm->rows * pgm->columns, left = (size_t)(pgm->end - pgm->at);
    if (pgm->binary && left != count)
        return error_set(err, ERROR_DATA, "cannot import '%s': expected %zu bytes of pixels, got %zu; is it damaged?",
                         pgm->path, count, left);
    if (pgm->binary) {
        memcpy(pixels, pgm->at, count);
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        const size_t value = next_number(pgm);
        if (value > 255)
            return error_set(
                err, ERROR_DATA,
                "cannot import '%s': pixel %zu of %zu: expected a number of 0..255, got %s; is it damaged?", pgm->path,
                i + 1, count, value == SIZE_MAX ? "none" : "a larger one");
        pixels[i] = (uint8_t)value;
    }
    if (next_number(pgm) != SIZE_MAX || pgm->at < pgm->end)
        return error_set(err, ERROR_DATA, "cannot import '%s': expected %zu pixels, got more; is it damaged?",
                         pgm->path, count);
    return 0;
}

static int read_image(struct import_images *images, const struct import_source *source, const char *path, uint8_t label,
                      struct error *err)
{
    unsigned char *data = NULL;
    size_t size = 0;
    int status = import_content(path, &data, &size, err);
    struct pgm pgm = {.path = path, .at = data, .end = data ? data + size : NULL};
    if (status == 0)
        status = read_head(&pgm, err);
    if (status == 0 && images->count == 0) {
        const struct import_source shape = {path, NULL, NULL, source->rows ? source->rows : pgm.rows,
                                            source->columns ? source->columns : pgm.columns};
        status = import_shape(images, &shape, pgm.rows * pgm.columns, err);
    }
    if (status == 0 && (pgm.rows != images->rows || pgm.columns != images->columns))
        status = error_set(
            err, ERROR_DATA,
            "cannot import '%s': expected %zu x %zu pixels as in the images before it, got %zu x %zu; bring all "
            "to one size, e.g. with: magick mogrify -resize 28x28! *.pgm",
            path, images->rows, images->columns, pgm.rows, pgm.columns);
    if (status == 0)
        status = import_room(images, images->count + 1, path, err);
    if (status == 0)
        status = read_pixels(&pgm, images->images + images->count * images->rows * images->columns, err);
    if (status == 0)
        images->labels[images->count++] = label;
    free(data);
    return status;
}

static int read_class(struct import_images *images, const struct import_source *source, const char *name, uint8_t label,
                      struct error *err)
{
    struct entries entries = {0};
    char *folder = path_join(source->path, name);
    int status = folder ? list(&entries, folder, err) : error_out_of_memory(err, source->path);
    const size_t before = images->count;
    for (int i = 0; i < entries.count && status == 0; i++) {
        char *path = path_join(folder, entries.items[i]->d_name);
        status = path ? read_image(images, source, path, label, err) : error_out_of_memory(err, source->path);
        free(path);
    }
    if (status == 0 && images->count == before)
        status = error_set(err, ERROR_DATA,
                           "cannot import '%s': expected PGM images, got none; remove the empty folder", folder);
    entries_free(&entries);
    free(folder);
    return status;
}

/* The label that a folder's name is, or -1. */
static int label_of(const char *name)
{
    uint64_t value;
    const char *why;
    return number_parse_unsigned(name, strlen(name), &value, &why) == 0 && value < IMPORT_CLASSES ? (int)value : -1;
}

/* The label of each folder; a label twice (1 and 01) is refused. */
static int find_labels(struct import_images *images, const struct entries *entries, int labels[IMPORT_CLASSES],
                       const char *path, struct error *err)
{
    bool numbers = true;
    if (entries->count < 2 || entries->count > IMPORT_CLASSES)
        return error_set(err, ERROR_DATA, "cannot import '%s': expected 2..%d folders in it, one per class, got %d",
                         path, IMPORT_CLASSES, entries->count);
    for (int i = 0; i < entries->count; i++)
        numbers = numbers && label_of(entries->items[i]->d_name) >= 0;
    for (int i = 0; i < entries->count; i++) {
        const char *name = entries->items[i]->d_name;
        labels[i] = numbers ? label_of(name) : i;
        if (images->names[labels[i]])
            return error_set(err, ERROR_DATA,
                             "cannot import '%s': expected a folder per class, got '%s' and '%s', both class %d", path,
                             images->names[labels[i]], name, labels[i]);
        images->names[labels[i]] = strdup(name);
        if (!images->names[labels[i]])
            return error_out_of_memory(err, path);
    }
    return 0;
}

/* What lies in the input is a folder per class. */
static int check_folder(const struct import_source *source, const char *name, struct error *err)
{
    bool folder = false;
    char *path = path_join(source->path, name);
    int status = path ? file_is_folder(&folder, path, err) : error_out_of_memory(err, source->path);
    if (status == 0 && !folder)
        status = error_set(err, ERROR_DATA,
                           "cannot import '%s': expected a folder per class, with the PGM images of the class in it, "
                           "got the file '%s'; put it elsewhere",
                           source->path, name);
    free(path);
    return status;
}

static int read_pgm(struct import_images *images, const struct import_source *source, struct error *err)
{
    struct entries entries = {0};
    int labels[IMPORT_CLASSES];
    int status = list(&entries, source->path, err);
    for (int i = 0; i < entries.count && status == 0; i++)
        status = check_folder(source, entries.items[i]->d_name, err);
    if (status == 0)
        status = find_labels(images, &entries, labels, source->path, err);
    for (int i = 0; i < entries.count && status == 0; i++)
        status = read_class(images, source, entries.items[i]->d_name, (uint8_t)labels[i], err);
    entries_free(&entries);
    return status;
}

static bool recognises_pgm(bool folder, const unsigned char *first, size_t size)
{
    (void)first;
    (void)size;
    return folder;
}

const struct import_reader import_pgm = {"a folder of PGM images", recognises_pgm, .read = read_pgm};
