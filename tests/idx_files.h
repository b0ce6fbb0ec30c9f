/*
 * idx_files.h - for tests: small IDX files in memory and on disk, in a temporary directory of their own.
 *
 * Everything here asserts (cmocka) instead of returning errors.  Include after cmocka.h.
 */
#ifndef DLEXP_TEST_IDX_FILES_H
#define DLEXP_TEST_IDX_FILES_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "dlexp/base/file.h"

struct bytes {
    unsigned char *data;
    size_t size, capacity; /* capacity: 0 if it is not known */
};

static inline struct bytes bytes_copy(const void *data, size_t size)
{
    struct bytes bytes = {.data = malloc(size + 1), .size = size};
    assert_non_null(bytes.data);
    if (size > 0)
        memcpy(bytes.data, data, size);
    return bytes;
}

/* data NULL: bytes to be filled in. */
static inline void bytes_append(struct bytes *bytes, const void *data, size_t size)
{
    if (bytes->size + size + 1 > bytes->capacity) {
        bytes->capacity = 2 * (bytes->size + size + 1);
        bytes->data = realloc(bytes->data, bytes->capacity);
    }
    assert_non_null(bytes->data);
    if (data && size > 0)
        memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

static inline void bytes_append_number(struct bytes *bytes, size_t number)
{
    const unsigned char big_endian[4] = {(unsigned char)(number >> 24), (unsigned char)(number >> 16),
                                         (unsigned char)(number >> 8), (unsigned char)number};
    bytes_append(bytes, big_endian, 4);
}

static inline void bytes_free(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){0};
}

/* As gzip writes it; header: with file name, comment and header checksum, which must all be skipped rightly. */
static inline struct bytes bytes_gzip(struct bytes plain, bool header)
{
    z_stream stream = {0};
    gz_header fields = {.name = (Bytef *)"a name", .comment = (Bytef *)"a comment", .hcrc = 1, .os = 3};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    if (header)
        assert_int_equal(deflateSetHeader(&stream, &fields), Z_OK);
    size_t room = deflateBound(&stream, (uLong)plain.size) + 64;
    struct bytes packed = {malloc(room), 0, room};
    assert_non_null(packed.data);
    stream.next_in = plain.data;
    stream.avail_in = (uInt)plain.size;
    stream.next_out = packed.data;
    stream.avail_out = (uInt)room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed.size = room - stream.avail_out;
    deflateEnd(&stream);
    if (packed.size < 18) /* header and trailer; abort, so that the compiler knows it too */
        abort();
    return packed;
}

/* An IDX file of images whose pixels are (7 i) mod 256, the i-th pixel of the file; i = 0 gives a zero pixel. */
static inline struct bytes idx_images(size_t count, size_t rows, size_t columns)
{
    struct bytes bytes = bytes_copy("\0\0\x08\x03", 4);
    bytes_append_number(&bytes, count);
    bytes_append_number(&bytes, rows);
    bytes_append_number(&bytes, columns);
    const size_t header = bytes.size, pixels = count * rows * columns;
    bytes_append(&bytes, NULL, pixels);
    for (size_t i = 0; i < pixels; i++)
        bytes.data[header + i] = (unsigned char)(7 * i);
    return bytes;
}

/* An IDX file of the labels 0, 1, ..., classes - 1, 0, 1, ... */
static inline struct bytes idx_labels(size_t count, size_t classes)
{
    struct bytes bytes = bytes_copy("\0\0\x08\x01", 4);
    bytes_append_number(&bytes, count);
    const size_t header = bytes.size;
    bytes_append(&bytes, NULL, count);
    for (size_t i = 0; i < count; i++)
        bytes.data[header + i] = (unsigned char)(i % classes);
    return bytes;
}

static inline void write_bytes(const char *path, struct bytes bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    if (bytes.size > 0)
        assert_int_equal(fwrite(bytes.data, 1, bytes.size, file), bytes.size);
    assert_int_equal(fclose(file), 0);
}

enum { PATH_SIZE = 512 };

static inline void make_directory(char path[PATH_SIZE])
{
    const char *base = getenv("TMPDIR");
    snprintf(path, PATH_SIZE, "%s/dlexp-test-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(path));
}

/* Removes the directory with all that is in it. */
static inline void remove_directory(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    assert_non_null(directory);
    while ((entry = readdir(directory))) {
        struct stat info;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char *inner = path_join(path, entry->d_name);
        assert_non_null(inner);
        if (lstat(inner, &info) == 0 && S_ISDIR(info.st_mode))
            remove_directory(inner);
        else
            unlink(inner);
        free(inner);
    }
    closedir(directory);
    rmdir(path);
}

/* The four files of a data set, in the order train images, train labels, test images, test labels. */
enum { TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS, FILE_COUNT };

struct quadruple {
    struct bytes files[FILE_COUNT];
};

static inline struct quadruple quadruple_make(size_t train, size_t test, size_t rows, size_t columns, size_t classes)
{
    struct quadruple quadruple = {{
        [TRAIN_IMAGES] = idx_images(train, rows, columns),
        [TRAIN_LABELS] = idx_labels(train, classes),
        [TEST_IMAGES] = idx_images(test, rows, columns),
        [TEST_LABELS] = idx_labels(test, classes),
    }};
    return quadruple;
}

static inline void quadruple_free(struct quadruple *quadruple)
{
    for (size_t i = 0; i < FILE_COUNT; i++)
        bytes_free(&quadruple->files[i]);
}

/* Forms of a file's name: bit 0: .gz at the end, bit 1: a dot before idx instead of a dash. */
enum { FORM_PLAIN = 0, FORM_GZ = 1, FORM_DOT = 2, FORM_COUNT = 4 };

static inline const char *idx_name(char name[64], int which, int form)
{
    static const char *const stems[FILE_COUNT] = {"train-images", "train-labels", "t10k-images", "t10k-labels"};
    snprintf(name, 64, "%s%cidx%d-ubyte%s", stems[which], form & FORM_DOT ? '.' : '-', which % 2 ? 1 : 3,
             form & FORM_GZ ? ".gz" : "");
    return name;
}

/* Writes one file under the name of its form, packed where that ends in .gz. */
static inline void write_idx(const char *directory, int which, int form, struct bytes content)
{
    char name[64];
    char *path = path_join(directory, idx_name(name, which, form));
    struct bytes packed = {0};
    assert_non_null(path);
    if (form & FORM_GZ)
        packed = bytes_gzip(content, false);
    write_bytes(path, form & FORM_GZ ? packed : content);
    bytes_free(&packed);
    free(path);
}

#endif
