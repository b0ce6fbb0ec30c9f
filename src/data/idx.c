#include "dlexp/data/idx.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/counted.h"
#include "dlexp/base/memory.h"
#include "dlexp/base/number.h"
#include "dlexp/data/gzip.h"
#include "foreign.h"
#include "idx_values.h"

enum {
    CHUNK_SIZE = 1 << 17, /* read and hashed at a time: small enough to stay in the cache */
    PREFIX_SIZE = 512     /* looked at to say what a file is that is not IDX */
};

static const char *kind_name(enum idx_kind kind)
{
    return kind == IDX_IMAGES ? "images" : "labels";
}

/* A file on its way in. */
struct reader {
    struct gzip gzip;
    enum idx_kind kind;
    const struct idx_type *type;
    unsigned dims;         /* dimensions */
    size_t header_size;    /* bytes */
    size_t stride;         /* numbers of the file to one byte of idx->data */
    uint64_t expected;     /* bytes of the whole content */
    char form[96], of[80]; /* where the form is not the usual one: "magic 0xc01: 32-bit integers in 1 dimension"; and
                              " of 32-bit integers" */
};

/* How to make a file that is read, for the end of a message. */
static const char *remedy(enum idx_kind kind)
{
    return kind == IDX_IMAGES
               ? "to convert it with numpy, for whole numbers a of 0..255 in the shape (N, rows, columns): "
                 "f.write(bytes([0, 0, 8, 3]) + numpy.array(a.shape, '>i4').tobytes() + a.astype('u1').tobytes())"
               : "to convert it with numpy, for classes a of 0..255 in the shape (N,): f.write(bytes([0, 0, 8, 1]) + "
                 "numpy.array(a.shape, '>i4').tobytes() + a.astype('u1').tobytes())";
}

/* The four bytes of the magic are not those of the kind: say what they are. */
static int refuse_magic(struct reader *reader, const unsigned char magic[4], struct error *err)
{
    const enum idx_kind kind = reader->kind;
    const struct idx_type *type = magic[0] == 0 && magic[1] == 0 ? idx_type_find(magic[2]) : NULL;
    char what[512] = "not an IDX file";
    uint32_t value = (uint32_t)magic[0] << 24 | (uint32_t)magic[1] << 16 | (uint32_t)magic[2] << 8 | magic[3];
    if (value == IDX_LABELS || value == IDX_IMAGES) {
        snprintf(what, sizeof what, "%s: are the images and labels files swapped?",
                 kind_name(value == IDX_LABELS ? IDX_LABELS : IDX_IMAGES));
    } else if (type) {
        snprintf(what, sizeof what, "IDX of %s in %u dimension%s; %s", type->name, magic[3],
                 plural_end(magic[3], "dimension"), remedy(kind));
    } else if (magic[2] == 0 && magic[3] == 0 && magic[1] == 8) {
        snprintf(what, sizeof what, "little-endian: an IDX file has its numbers big-endian");
    } else if ((magic[0] == 0x1f) != (magic[1] == 0x8b) && magic[2] == 8) {
        snprintf(what, sizeof what, "a gzip file with a damaged header?");
    } else {
        /* A damage further on is not the point here, so a failure only ends the prefix. */
        unsigned char prefix[PREFIX_SIZE];
        struct error ignored;
        size_t got;
        memcpy(prefix, magic, 4);
        gzip_read(&reader->gzip, prefix + 4, sizeof prefix - 4, &got, &ignored);
        const char *guess = foreign_name(prefix, 4 + got);
        if (guess)
            snprintf(what, sizeof what, "%s", guess);
    }
    return error_set(err, ERROR_DATA, "cannot read '%s': expected magic 0x%x (%s), got 0x%x (%s)", reader->gzip.path,
                     (unsigned)kind, kind_name(kind), (unsigned)value, what);
}

static int refuse_header(const struct reader *reader, size_t header_size, size_t got, struct error *err)
{
    return error_set(err, ERROR_DATA,
                     "cannot read '%s': expected an IDX header of %zu bytes, got a file truncated to %zu bytes",
                     reader->gzip.path, header_size, got);
}

/* Reads the magic into header[0..4). */
static int read_magic(struct reader *reader, unsigned char *header, struct error *err)
{
    size_t got;
    const unsigned usual = reader->kind & 0xff; /* dimensions */
    if (gzip_read(&reader->gzip, header, 4, &got, err) < 0)
        return -1;
    if (got == 0)
        return error_set(err, ERROR_DATA, "cannot read '%s': expected an IDX file of %s, got an empty file",
                         reader->gzip.path, kind_name(reader->kind));
    if (got < 4)
        return refuse_header(reader, 4 + 4 * usual, got, err);
    reader->type = idx_type_find(header[2]);
    reader->dims = header[3];
    if (header[0] != 0 || header[1] != 0 || !reader->type || (reader->dims != usual && reader->dims != 2))
        return refuse_magic(reader, header, err);
    if (reader->type->code != IDX_BYTES || reader->dims != usual) {
        snprintf(reader->form, sizeof reader->form, "magic 0x%x%02x: %s in %u dimension%s", (unsigned)header[2],
                 reader->dims, reader->type->name, reader->dims, plural_end(reader->dims, "dimension"));
        snprintf(reader->of, sizeof reader->of, " of %s", reader->type->name);
    }
    return 0;
}

/* What the dimensions say: idx's count, rows and columns, and the reader's stride. */
static int read_shape(struct idx *idx, struct reader *reader, const size_t dims[3], struct error *err)
{
    const char *path = reader->gzip.path;
    idx->count = dims[0];
    idx->rows = idx->columns = reader->stride = 1;
    if (idx->count == 0)
        return error_set(err, ERROR_DATA, "cannot read '%s': expected 1 or more %s, got 0 (an empty set)", path,
                         kind_name(reader->kind));
    if (reader->kind == IDX_IMAGES) {
        const size_t side = (size_t)sqrt((double)dims[1]);
        const bool square = side * side == dims[1];
        idx->rows = reader->dims == 3 ? dims[1] : square ? side : 1;
        idx->columns = reader->dims == 3 ? dims[2] : square ? side : dims[1];
        if (idx->rows == 0 || idx->columns == 0)
            return error_set(err, ERROR_DATA,
                             "cannot read '%s': expected images of 1 x 1 pixels or more, got %zu x %zu", path,
                             idx->rows, idx->columns);
    } else if (reader->dims == 2) {
        reader->stride = dims[1];
        if (dims[1] != 1 && !(dims[1] == 8 && reader->type->code == IDX_INTEGERS_32))
            return error_set(err, ERROR_DATA,
                             "cannot read '%s': expected labels in one column, or QMNIST's 8 columns of 32-bit "
                             "integers, got %zu columns of %s (one-hot? then a = a.argmax(1) are the classes; %s)",
                             path, dims[1], reader->type->name, remedy(IDX_LABELS));
    }
    return 0;
}

/* Holds the sizes against the file: idx's size and the reader's expected. */
static int check_size(struct idx *idx, struct reader *reader, struct error *err)
{
    const struct gzip *gzip = &reader->gzip;
    char sizes[256];
    if (reader->kind == IDX_IMAGES)
        snprintf(sizes, sizeof sizes, "%zu images of %zu x %zu pixels", idx->count, idx->rows, idx->columns);
    else
        snprintf(sizes, sizeof sizes, "%zu labels", idx->count);
    if (*reader->form)
        snprintf(sizes + strlen(sizes), sizeof sizes - strlen(sizes), "; %s", reader->form);
    const size_t most = (SIZE_MAX - 16) / reader->type->size / reader->stride;
    if (idx->rows > most / idx->columns || idx->rows * idx->columns > most / idx->count)
        return error_set(err, ERROR_DATA,
                         "cannot read '%s': expected sizes that fit into memory, got %s: their product overflows "
                         "(a damaged header?)",
                         gzip->path, sizes);
    idx->size = idx->count * idx->rows * idx->columns;
    reader->expected = (uint64_t)idx->size * reader->stride * reader->type->size + reader->header_size;

    uint64_t capacity = gzip_capacity(gzip);
    if (!gzip->compressed && reader->expected != capacity)
        return error_set(err, ERROR_DATA, "cannot read '%s': expected %llu bytes (header and %s), got %llu (%s)",
                         gzip->path, (unsigned long long)reader->expected, sizes, (unsigned long long)capacity,
                         reader->expected > capacity ? "a truncated file or a damaged header?" : "trailing bytes");
    if (reader->expected > capacity)
        return error_set(err, ERROR_DATA,
                         "cannot read '%s': expected %llu bytes (header and %s), got a gzip file of %llu bytes, which "
                         "cannot hold more than %llu (a truncated file or a damaged header?)",
                         gzip->path, (unsigned long long)reader->expected, sizes, (unsigned long long)gzip->file_size,
                         (unsigned long long)capacity);
    return 0;
}

static int read_header(struct idx *idx, struct reader *reader, struct error *err)
{
    unsigned char header[16];
    size_t dims[3] = {1, 1, 1}, got;
    if (read_magic(reader, header, err) < 0)
        return -1;
    reader->header_size = 4 + 4 * reader->dims;
    if (gzip_read(&reader->gzip, header + 4, reader->header_size - 4, &got, err) < 0)
        return -1;
    if (got < reader->header_size - 4)
        return refuse_header(reader, reader->header_size, got + 4, err);
    for (size_t i = 0; i < reader->dims; i++) {
        const unsigned char *p = header + 4 + 4 * i;
        dims[i] = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
    }
    return read_shape(idx, reader, dims, err) < 0 ? -1 : check_size(idx, reader, err);
}

size_t idx_usual_header(unsigned char header[IDX_HEADER_MOST], enum idx_kind kind, size_t count, size_t rows,
                        size_t columns)
{
    const size_t dims[] = {count, rows, columns}, dim_count = kind == IDX_IMAGES ? 3 : 1;
    memcpy(header, (unsigned char[4]){0, 0, (unsigned char)(kind >> 8), kind & 0xff}, 4);
    for (size_t i = 0; i < dim_count; i++)
        for (size_t b = 0; b < 4; b++)
            header[4 + 4 * i + b] = (unsigned char)(dims[i] >> (24 - 8 * b));
    return 4 + 4 * dim_count;
}

static void hash_header(struct sha256 *sha, const struct idx *idx, enum idx_kind kind)
{
    unsigned char header[IDX_HEADER_MOST];
    sha256_update(sha, header, idx_usual_header(header, kind, idx->count, idx->rows, idx->columns));
}

/* A number that is no byte. */
static int refuse_value(const struct idx *idx, const struct reader *reader, const struct idx_values *values,
                        struct error *err)
{
    char number[NUMBER_TEXT_SIZE], where[80], expected[128];
    const size_t pixels = idx->rows * idx->columns, at = values->done;
    number_format_real(number, values->wrong_value);
    if (reader->kind == IDX_LABELS) {
        snprintf(where, sizeof where, "label %s at index %zu", number, at);
        snprintf(expected, sizeof expected, "labels that are whole numbers of %lld..%lld", (long long)values->offset,
                 (long long)values->offset + 255);
        if (values->offset != 0)
            snprintf(expected + strlen(expected), sizeof expected - strlen(expected), " with --label-offset %lld",
                     (long long)values->offset);
    } else {
        snprintf(where, sizeof where, "%s in image %zu at pixel %zu", number, at / pixels, at % pixels);
        snprintf(expected, sizeof expected, "pixels that are whole numbers of 0..255%s",
                 !reader->type->real ? ""
                 : values->between   ? " or all of them one of 0/255, 1/255, ..., 255/255 (as those before)"
                                     : " or all of them one of 0/255, 1/255, ..., 255/255");
    }
    const bool unit = reader->kind == IDX_IMAGES && reader->type->real &&
                      (values->between || (values->wrong_value > 0 && values->wrong_value < 1));
    return error_set(err, ERROR_DATA, "cannot use '%s'%s%s%s: expected %s, got %s (%s%s)", reader->gzip.path,
                     *reader->form ? " (" : "", reader->form, *reader->form ? ")" : "", expected, where,
                     unit ? "where a is of 0..1, first a = (255 * a).round(); " : "", remedy(reader->kind));
}

static int refuse_truncated(const struct idx *idx, const struct reader *reader, size_t missing, struct error *err)
{
    return error_set(err, ERROR_DATA, "cannot read '%s': expected %llu bytes (%zu %s%s), got %llu (truncated)",
                     reader->gzip.path, (unsigned long long)reader->expected, idx->count, kind_name(reader->kind),
                     reader->of, (unsigned long long)(reader->expected - missing));
}

/* Reads bytes that are taken as they are; hashes them while they are in the cache, where sha is not NULL. */
static int read_bytes(struct idx *idx, struct reader *reader, struct sha256 *sha, struct error *err)
{
    size_t filled = 0, got;
    while (filled < idx->size) {
        size_t want = idx->size - filled < CHUNK_SIZE ? idx->size - filled : CHUNK_SIZE;
        if (gzip_read(&reader->gzip, idx->data + filled, want, &got, err) < 0)
            return -1;
        if (sha)
            sha256_update(sha, idx->data + filled, got);
        filled += got;
        if (got < want)
            return refuse_truncated(idx, reader, idx->size - filled, err);
    }
    return 0;
}

/* Reads numbers and converts them.  All are read before one is refused: where the file is damaged, that is the news. */
static int read_numbers(struct idx *idx, struct reader *reader, struct idx_values *values, struct error *err)
{
    const size_t step = reader->stride * reader->type->size; /* bytes of the file to one of data */
    size_t left = idx->size, got;
    int status = -1;
    unsigned char *raw = malloc(CHUNK_SIZE);
    if (!raw)
        return error_out_of_memory(err, reader->gzip.path);
    while (left > 0) {
        const size_t count = left < CHUNK_SIZE / step ? left : CHUNK_SIZE / step;
        if (gzip_read(&reader->gzip, raw, count * step, &got, err) < 0)
            goto done;
        if (got < count * step) {
            refuse_truncated(idx, reader, left * step - got, err);
            goto done;
        }
        idx_values_convert(values, idx->data, raw, count);
        left -= count;
    }
    status = 0;
done:
    free(raw);
    return status;
}

static int transpose(struct idx *idx, const char *path, struct error *err)
{
    const size_t pixels = idx->rows * idx->columns;
    uint8_t *copy = malloc(pixels);
    if (!copy)
        return error_out_of_memory(err, path);
    for (uint8_t *image = idx->data; image < idx->data + idx->size; image += pixels) {
        memcpy(copy, image, pixels);
        for (size_t row = 0; row < idx->rows; row++)
            for (size_t column = 0; column < idx->columns; column++)
                image[column * idx->rows + row] = copy[row * idx->columns + column];
    }
    free(copy);
    const size_t rows = idx->rows;
    idx->rows = idx->columns;
    idx->columns = rows;
    return 0;
}

/* Everything behind the header. */
static int read_content(struct idx *idx, struct reader *reader, const struct idx_changes *changes, struct error *err)
{
    struct sha256 sha;
    struct idx_values values = {.type = reader->type, .stride = reader->stride};
    values.offset = reader->kind == IDX_LABELS ? changes->label_offset : 0;
    values.unit = reader->kind == IDX_IMAGES && reader->type->real;
    const bool as_they_are = reader->type->code == IDX_BYTES && reader->stride == 1 && values.offset == 0;
    const bool turned = changes->transpose && reader->kind == IDX_IMAGES;
    const bool hashed = as_they_are && !turned; /* on the way in */
    unsigned char beyond;
    size_t got;
    sha256_init(&sha);
    if (hashed)
        hash_header(&sha, idx, reader->kind);
    if ((as_they_are ? read_bytes(idx, reader, hashed ? &sha : NULL, err) : read_numbers(idx, reader, &values, err)) <
        0)
        return -1;
    /* Only asking past the end makes zlib compare the checksum and the length. */
    if (gzip_read(&reader->gzip, &beyond, 1, &got, err) < 0)
        return -1;
    if (got > 0)
        return error_set(err, ERROR_DATA, "cannot read '%s': expected %llu bytes (%zu %s%s), got more (trailing bytes)",
                         reader->gzip.path, (unsigned long long)reader->expected, idx->count, kind_name(reader->kind),
                         reader->of);
    if (values.wrong)
        return refuse_value(idx, reader, &values, err);
    if (reader->stride > 1 && !values.several)
        return error_set(err, ERROR_DATA,
                         "cannot use '%s' (%s): expected the class in the first of 8 columns (QMNIST), got one-hot "
                         "labels (a = a.argmax(1) are the classes; %s)",
                         reader->gzip.path, reader->form, remedy(IDX_LABELS));
    if (turned && transpose(idx, reader->gzip.path, err) < 0)
        return -1;
    if (!hashed) {
        hash_header(&sha, idx, reader->kind);
        sha256_update(&sha, idx->data, idx->size);
    }
    sha256_final(&sha, idx->sha256);
    return 0;
}

int idx_read(struct idx *idx, const char *path, enum idx_kind kind, const struct idx_changes *changes,
             struct error *err)
{
    struct reader reader = {.kind = kind};
    int status = -1;
    *idx = (struct idx){0};
    if (gzip_open(&reader.gzip, path, err) < 0 || read_header(idx, &reader, err) < 0)
        goto done;
    if (idx->size <= SIZE_MAX - IDX_SLACK)
        idx->data = memory_pages(idx->size + IDX_SLACK);
    if (!idx->data) {
        error_out_of_memory(err, path);
        goto done;
    }
    memset(idx->data + idx->size, 0, IDX_SLACK);
    status = read_content(idx, &reader, changes, err);
done:
    gzip_close(&reader.gzip);
    return status;
}

void idx_free(struct idx *idx)
{
    free(idx->data);
    *idx = (struct idx){0};
}
