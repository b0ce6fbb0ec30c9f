#include "dlexp/idx.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/gzip.h"
#include "dlexp/memory.h"

enum {
    CHUNK_SIZE = 1 << 17, /* read and hashed at a time: small enough to stay in the cache */
    PREFIX_SIZE = 512     /* looked at to say what a file is that is not IDX */
};

static const char *kind_name(enum idx_kind kind)
{
    return kind == IDX_IMAGES ? "images" : "labels";
}

/* Whether the text holds the lower-case word, in any case. */
static bool holds_word(const unsigned char *text, size_t size, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= size; i++) {
        size_t same = 0;
        while (same < length && tolower(text[i + same]) == word[same])
            same++;
        if (same == length)
            return true;
    }
    return false;
}

/* A guess at what a file is that starts so, or NULL. */
static const char *guess_content(const unsigned char *text, size_t size)
{
    static const struct {
        const char *start, *name;
    } known[] = {
        {"PK\3\4", "a zip archive: unpack it"},
        {"BZh", "a bzip2 file: unpack it"},
        {"\xfd"
         "7zXZ",
         "an xz file: unpack it"},
        {"\x1f\x8b", "gzip inside gzip: unpack it once"},
        {"\x89PNG", "a PNG picture"},
        {"\xff\xd8\xff", "a JPEG picture"},
        {"\x93NUMPY", "a NumPy array"},
        {"version https://git-lfs", "a Git LFS pointer: run git lfs pull"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t length = strlen(known[i].start);
        if (size >= length && memcmp(text, known[i].start, length) == 0)
            return known[i].name;
    }
    static const char *const page[] = {"<!doctype html", "<html", "<head", "<body", "<title"};
    for (size_t i = 0; i < sizeof page / sizeof *page; i++)
        if (holds_word(text, size, page[i]))
            return "an HTML page: a download that failed?";
    bool printable = size >= 4;
    for (size_t i = 0; i < size; i++)
        printable = printable && (text[i] >= 0x80 || isprint(text[i]) || isspace(text[i]));
    return printable ? "a text file" : NULL;
}

/* The four bytes of the magic are not those of the kind: say what they are. */
static int refuse_magic(struct gzip *gzip, const unsigned char magic[4], enum idx_kind kind, struct error *err)
{
    static const struct {
        unsigned char code;
        const char *name;
    } types[] = {{0x08, "unsigned bytes"},  {0x09, "signed bytes"},  {0x0b, "16-bit integers"},
                 {0x0c, "32-bit integers"}, {0x0d, "32-bit floats"}, {0x0e, "64-bit floats"}};
    const char *type = NULL;
    char what[128] = "not an IDX file";
    uint32_t value = (uint32_t)magic[0] << 24 | (uint32_t)magic[1] << 16 | (uint32_t)magic[2] << 8 | magic[3];
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (magic[0] == 0 && magic[1] == 0 && magic[2] == types[i].code)
            type = types[i].name;
    if (value == IDX_LABELS || value == IDX_IMAGES) {
        snprintf(what, sizeof what, "%s: are the images and labels files swapped?",
                 kind_name(value == IDX_LABELS ? IDX_LABELS : IDX_IMAGES));
    } else if (type) {
        snprintf(what, sizeof what, "IDX of %s in %u dimension%s", type, magic[3], magic[3] == 1 ? "" : "s");
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
        gzip_read(gzip, prefix + 4, sizeof prefix - 4, &got, &ignored);
        const char *guess = guess_content(prefix, 4 + got);
        if (guess)
            snprintf(what, sizeof what, "%s", guess);
    }
    return error_set(err, ERROR_DATA, "cannot read '%s': expected magic 0x%x (%s), got 0x%x (%s)", gzip->path,
                     (unsigned)kind, kind_name(kind), (unsigned)value, what);
}

/* Reads the header; *expected is the size of the whole content. */
static int read_header(struct idx *idx, struct gzip *gzip, enum idx_kind kind, struct sha256 *sha, uint64_t *expected,
                       struct error *err)
{
    unsigned char header[16];
    size_t dims[3] = {1, 1, 1}, dim_count = kind == IDX_IMAGES ? 3 : 1, header_size = 4 + 4 * dim_count, got;
    if (gzip_read(gzip, header, 4, &got, err) < 0)
        return -1;
    if (got == 0)
        return error_set(err, ERROR_DATA, "cannot read '%s': expected an IDX file of %s, got an empty file", gzip->path,
                         kind_name(kind));
    if (got < 4)
        return error_set(err, ERROR_DATA,
                         "cannot read '%s': expected an IDX header of %zu bytes, got a file truncated to %zu bytes",
                         gzip->path, header_size, got);
    if (header[0] != 0 || header[1] != 0 || header[2] != (unsigned)kind >> 8 || header[3] != (kind & 0xff))
        return refuse_magic(gzip, header, kind, err);
    if (gzip_read(gzip, header + 4, header_size - 4, &got, err) < 0)
        return -1;
    if (got < header_size - 4)
        return error_set(err, ERROR_DATA,
                         "cannot read '%s': expected an IDX header of %zu bytes, got a file truncated to %zu bytes",
                         gzip->path, header_size, got + 4);
    for (size_t i = 0; i < dim_count; i++) {
        const unsigned char *p = header + 4 + 4 * i;
        dims[i] = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
    }
    idx->count = dims[0];
    idx->rows = dims[1];
    idx->columns = dims[2];
    if (idx->count == 0)
        return error_set(err, ERROR_DATA, "cannot read '%s': expected 1 or more %s, got 0 (an empty set)", gzip->path,
                         kind_name(kind));
    if (idx->rows == 0 || idx->columns == 0)
        return error_set(err, ERROR_DATA, "cannot read '%s': expected images of 1 x 1 pixels or more, got %zu x %zu",
                         gzip->path, idx->rows, idx->columns);

    char sizes[96];
    if (kind == IDX_IMAGES)
        snprintf(sizes, sizeof sizes, "%zu images of %zu x %zu pixels", idx->count, idx->rows, idx->columns);
    else
        snprintf(sizes, sizeof sizes, "%zu labels", idx->count);
    const size_t most = SIZE_MAX - sizeof header;
    if (idx->rows > most / idx->columns || idx->rows * idx->columns > most / idx->count)
        return error_set(err, ERROR_DATA,
                         "cannot read '%s': expected sizes that fit into memory, got %s: their product overflows "
                         "(a damaged header?)",
                         gzip->path, sizes);
    idx->size = idx->count * idx->rows * idx->columns;
    *expected = (uint64_t)idx->size + header_size;

    uint64_t capacity = gzip_capacity(gzip);
    if (!gzip->compressed && *expected != capacity)
        return error_set(err, ERROR_DATA, "cannot read '%s': expected %llu bytes (header and %s), got %llu (%s)",
                         gzip->path, (unsigned long long)*expected, sizes, (unsigned long long)capacity,
                         *expected > capacity ? "a truncated file or a damaged header?" : "trailing bytes");
    if (*expected > capacity)
        return error_set(err, ERROR_DATA,
                         "cannot read '%s': expected %llu bytes (header and %s), got a gzip file of %llu bytes, which "
                         "cannot hold more than %llu (a truncated file or a damaged header?)",
                         gzip->path, (unsigned long long)*expected, sizes, (unsigned long long)gzip->file_size,
                         (unsigned long long)capacity);
    sha256_update(sha, header, header_size);
    return 0;
}

int idx_read(struct idx *idx, const char *path, enum idx_kind kind, struct error *err)
{
    struct gzip gzip;
    struct sha256 sha;
    uint64_t expected = 0;
    unsigned char beyond;
    size_t got, filled = 0;
    int status = -1;
    *idx = (struct idx){0};
    sha256_init(&sha);
    if (gzip_open(&gzip, path, err) < 0 || read_header(idx, &gzip, kind, &sha, &expected, err) < 0)
        goto done;
    if (idx->size <= SIZE_MAX - IDX_SLACK)
        idx->data = memory_pages(idx->size + IDX_SLACK);
    if (!idx->data) {
        error_out_of_memory(err, path);
        goto done;
    }
    memset(idx->data + idx->size, 0, IDX_SLACK);
    while (filled < idx->size) {
        size_t want = idx->size - filled < CHUNK_SIZE ? idx->size - filled : CHUNK_SIZE;
        if (gzip_read(&gzip, idx->data + filled, want, &got, err) < 0)
            goto done;
        sha256_update(&sha, idx->data + filled, got);
        filled += got;
        if (got < want) {
            error_set(err, ERROR_DATA, "cannot read '%s': expected %llu bytes (%zu %s), got %llu (truncated)", path,
                      (unsigned long long)expected, idx->count, kind_name(kind),
                      (unsigned long long)(expected - (idx->size - filled)));
            goto done;
        }
    }
    /* Only asking past the end makes zlib compare the checksum and the length. */
    if (gzip_read(&gzip, &beyond, 1, &got, err) < 0)
        goto done;
    if (got > 0) {
        error_set(err, ERROR_DATA, "cannot read '%s': expected %llu bytes (%zu %s), got more (trailing bytes)", path,
                  (unsigned long long)expected, idx->count, kind_name(kind));
        goto done;
    }
    sha256_final(&sha, idx->sha256);
    status = 0;
done:
    gzip_close(&gzip);
    return status;
}

void idx_free(struct idx *idx)
{
    free(idx->data);
    *idx = (struct idx){0};
}
