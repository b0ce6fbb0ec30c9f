/*
 * A pair of .npy files as numpy.save writes them: images of unsigned bytes, (N, rows, columns) or (N, pixels), and
 * labels of any type of integers, (N) or (N, 1).
 *
 *   bytes 0..5   \x93NUMPY
 *   6, 7         version of the format: 1.0 or 2.0
 *   8..          length of the header, little-endian, in 2 bytes (version 1) or 4
 *   then         the header, a dict of Python: {'descr': '|u1', 'fortran_order': False, 'shape': (60000, 28, 28), }
 *   then         the numbers, and nothing after them
 *
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
#include <stdlib.h>
#include <string.h>

#include "import.h"

enum { DIMENSIONS = 3, TYPE_SIZE = 16, HEADER_MOST = 65536, MAGIC_SIZE = 6 };

static const char magic[] = "\x93NUMPY";

struct npy {
    unsigned char *content;
    size_t size;
    const unsigned char *data; /* within content */
    char type[TYPE_SIZE];      /* "|u1" */
    bool fortran, has_order, has_shape;
    size_t shape[DIMENSIONS], dimensions; /* dimensions may be DIMENSIONS + 1: too many */
};

/* The header's text; `ok` turns false at the first thing that is not as it must be. */
struct scan {
    const char *at, *end;
    bool ok;
};

static void skip_blanks(struct scan *scan)
{
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\n'))
        scan->at++;
}

static bool take(struct scan *scan, char c)
{
    skip_blanks(scan);
    const bool there = scan->at < scan->end && *scan->at == c;
    scan->at += there;
    return there;
}

static void expect(struct scan *scan, char c)
{
    scan->ok = scan->ok && take(scan, c);
}

static void take_string(struct scan *scan, char text[TYPE_SIZE])
{
    size_t length = 0;
    expect(scan, '\'');
    while (scan->ok && scan->at < scan->end && *scan->at != '\'' && length + 1 < TYPE_SIZE)
        text[length++] = *scan->at++;
    text[length] = '\0';
    scan->ok = scan->ok && scan->at < scan->end && *scan->at == '\'';
    scan->at += scan->ok;
}

static size_t take_number(struct scan *scan)
{
    size_t number = 0;
    skip_blanks(scan);
    const char *first = scan->at;
    for (; scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9'; scan->at++)
        if (__builtin_mul_overflow(number, (size_t)10, &number) ||
            __builtin_add_overflow(number, (size_t)(*scan->at - '0'), &number))
            scan->ok = false;
    scan->ok = scan->ok && scan->at > first;
    return number;
}

static void take_shape(struct scan *scan, struct npy *npy)
{
    expect(scan, '(');
    while (scan->ok && !take(scan, ')')) {
        const size_t length = take_number(scan);
        if (npy->dimensions < DIMENSIONS)
            npy->shape[npy->dimensions] = length;
        npy->dimensions += npy->dimensions <= DIMENSIONS;
        if (!take(scan, ',')) {
            expect(scan, ')');
            break;
        }
    }
    npy->has_shape = true;
}

static void take_order(struct scan *scan, struct npy *npy)
{
    skip_blanks(scan);
    const size_t left = (size_t)(scan->end - scan->at);
    npy->has_order = true;
    npy->fortran = left >= 4 && strncmp(scan->at, "True", 4) == 0;
    scan->ok = scan->ok && (npy->fortran || (left >= 5 && strncmp(scan->at, "False", 5) == 0));
    scan->at += !scan->ok ? 0 : npy->fortran ? 4 : 5;
}

static bool parse_header(struct npy *npy, const char *text, size_t length)
{
    struct scan scan = {text, text + length, true};
    char key[TYPE_SIZE];
    expect(&scan, '{');
    while (scan.ok && !take(&scan, '}')) {
        take_string(&scan, key);
        expect(&scan, ':');
        if (!scan.ok)
            return false;
        if (strcmp(key, "descr") == 0 && npy->type[0] == '\0')
            take_string(&scan, npy->type);
        else if (strcmp(key, "fortran_order") == 0 && !npy->has_order)
            take_order(&scan, npy);
        else if (strcmp(key, "shape") == 0 && !npy->has_shape)
            take_shape(&scan, npy);
        else
            return false;
        if (!take(&scan, ',')) {
            expect(&scan, '}');
            break;
        }
    }
    skip_blanks(&scan);
    return scan.ok && scan.at == scan.end && npy->type[0] && npy->has_order && npy->has_shape;
}

/* Where the header is and how long; false where it does not fit into the file. */
static bool find_header(const struct npy *npy, size_t *at, size_t *length)
{
    const unsigned char *p = npy->content;
    *at = p[6] == 1 ? 10 : 12;
    if (npy->size < *at)
        return false;
    *length = (size_t)p[8] | (size_t)p[9] << 8;
    if (p[6] == 2)
        *length |= (size_t)p[10] << 16 | (size_t)p[11] << 24;
    return *length <= npy->size - *at && *length <= HEADER_MOST;
}

static int npy_read(struct npy *npy, const char *path, struct error *err)
{
    size_t at = 0, length = 0;
    if (import_content(path, &npy->content, &npy->size, err) < 0)
        return -1;
    if (npy->size < 10 || memcmp(npy->content, magic, MAGIC_SIZE) != 0)
        return error_set(
            err, ERROR_DATA,
            "cannot import '%s': expected a file of numpy.save, which begins with \\x93NUMPY, got another; "
            "write it with numpy.save (not savez)",
            path);
    if (npy->content[6] < 1 || npy->content[6] > 2 || npy->content[7] != 0)
        return error_set(err, ERROR_DATA,
                         "cannot import '%s': expected version 1.0 or 2.0 of the .npy format, got %d.%d; write plain "
                         "arrays with numpy.save",
                         path, npy->content[6], npy->content[7]);
    if (!find_header(npy, &at, &length) || !parse_header(npy, (const char *)npy->content + at, length))
        return error_set(err, ERROR_DATA,
                         "cannot import '%s': expected a header like {'descr': '|u1', 'fortran_order': False, 'shape': "
                         "(60000, 28, 28), }, got '%.60s'; is the file damaged, or an array of records or objects?",
                         path, npy->size > at ? (const char *)npy->content + at : "");
    if (npy->fortran)
        return error_set(err, ERROR_DATA,
                         "cannot import '%s': expected an array in C order, got one in Fortran order; save "
                         "numpy.ascontiguousarray(array)",
                         path);
    npy->data = npy->content + at + length;
    return 0;
}

/* That the file holds exactly the array that its header tells of, of elements of so many bytes. */
static int check_size(const struct npy *npy, size_t element, const char *path, struct error *err)
{
    const size_t left = npy->size - (size_t)(npy->data - npy->content);
    size_t size = element;
    bool fits = true;
    for (size_t i = 0; i < npy->dimensions && i < DIMENSIONS; i++)
        fits = fits && !__builtin_mul_overflow(size, npy->shape[i], &size);
    if (fits && size == left)
        return 0;
    if (!fits)
        return error_set(err, ERROR_DATA,
                         "cannot import '%s': expected a shape that fits into memory, got a larger one", path);
    return error_set(err, ERROR_DATA,
                     "cannot import '%s': expected %zu bytes behind the header, got %zu; is it cut off?", path, size,
                     left);
}

static int take_images(struct import_images *images, struct npy *npy, const struct import_source *source,
                       struct error *err)
{
    if (strcmp(npy->type, "|u1") != 0)
        return error_set(err, ERROR_DATA,
                         "cannot import '%s': expected images of unsigned bytes ('|u1'), got '%s'; save "
                         "array.astype(numpy.uint8), after scaling it to 0..255",
                         source->path, npy->type);
    if (npy->dimensions < 2 || npy->dimensions > DIMENSIONS)
        return error_set(err, ERROR_DATA,
                         "cannot import '%s': expected images (N, rows, columns) or (N, pixels), got an array of %s; "
                         "colours are not read",
                         source->path, npy->dimensions < 2 ? "fewer dimensions" : "4 or more dimensions");
    if (check_size(npy, 1, source->path, err) < 0)
        return -1;
    if (npy->shape[0] == 0)
        return 0;
    struct import_source known = *source;
    if (npy->dimensions == 3 && source->rows == 0 && source->columns == 0) {
        known.rows = npy->shape[1];
        known.columns = npy->shape[2];
    }
    const size_t pixels = (npy->size - (size_t)(npy->data - npy->content)) / npy->shape[0];
    if (import_shape(images, &known, pixels, err) < 0 || import_room(images, npy->shape[0], source->path, err) < 0)
        return -1;
    images->count = npy->shape[0];
    memcpy(images->images, npy->data, images->count * pixels);
    return 0;
}

/* The types of integers: what stands behind the sign of the byte order. */
static size_t integer_size(const char *type)
{
    const bool integer = strchr("<>|=", type[0]) && (type[1] == 'i' || type[1] == 'u') && strlen(type) == 3;
    return integer && strchr("1248", type[2]) ? (size_t)(type[2] - '0') : 0;
}

static int take_labels(struct import_images *images, const struct npy *npy, const char *path, struct error *err)
{
    const size_t size = integer_size(npy->type);
    if (size == 0)
        return error_set(err, ERROR_DATA,
                         "cannot import '%s': expected labels of integers, got '%s'; save "
                         "labels.astype(numpy.int64)",
                         path, npy->type);
    if (npy->dimensions != 1 && !(npy->dimensions == 2 && npy->shape[1] == 1))
        return error_set(err, ERROR_DATA,
                         "cannot import '%s': expected one label per image, (N), got another shape; of one-hot labels "
                         "save labels.argmax(axis=1)",
                         path);
    if (check_size(npy, size, path, err) < 0)
        return -1;
    if (npy->shape[0] != images->count)
        return error_set(err, ERROR_DATA, "cannot import '%s': expected %zu labels, one per image, got %zu", path,
                         images->count, npy->shape[0]);
    for (size_t i = 0; i < images->count; i++) {
        uint64_t value = 0;
        for (size_t b = 0; b < size; b++)
            value = value << 8 | npy->data[i * size + (npy->type[0] == '>' ? b : size - 1 - b)];
        if (value > 255 || (npy->type[1] == 'i' && size == 1 && value > 127)) {
            const int64_t shown = npy->type[1] == 'i' ? (int64_t)(value << (64 - 8 * size)) >> (64 - 8 * size) : 0;
            return shown != 0 || npy->type[1] == 'i'
                       ? error_set(err, ERROR_DATA,
                                   "cannot import '%s': index %zu: expected a label of 0..255, got %lld; "
                                   "number the classes from 0",
                                   path, i, (long long)shown)
                       : error_set(err, ERROR_DATA,
                                   "cannot import '%s': index %zu: expected a label of 0..255, got %llu; "
                                   "number the classes from 0",
                                   path, i, (unsigned long long)value);
        }
        images->labels[i] = (uint8_t)value;
    }
    return 0;
}

static int read_npy(struct import_images *images, const struct import_source *source, struct error *err)
{
    struct npy pixels = {0}, labels = {0};
    int status = npy_read(&pixels, source->path, err);
    if (status == 0)
        status = take_images(images, &pixels, source, err);
    if (status == 0)
        status = npy_read(&labels, source->labels, err);
    if (status == 0)
        status = take_labels(images, &labels, source->labels, err);
    free(pixels.content);
    free(labels.content);
    return status;
}

static bool recognises_npy(bool folder, const unsigned char *first, size_t size)
{
    return !folder && size >= MAGIC_SIZE && memcmp(first, magic, MAGIC_SIZE) == 0;
}

const struct import_reader import_npy = {".npy of NumPy", recognises_npy, .labels_apart = true, .read = read_npy};
