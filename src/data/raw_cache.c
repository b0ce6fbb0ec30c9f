/* What image files hold, kept between calls. */
#include "dlexp/data/raw_cache.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dlexp/base/cache.h"
#include "dlexp/base/memory.h"

enum {
    TEXT_SIZE = 1024,     /* of a source */
    CHUNK_SIZE = 1 << 18, /* read and checked at a time, while it is in the processor's cache */
    SETTLED_S = 3         /* a file that has not changed for so long gets another time when it does */
};

static const struct cache_limit images_limit = {(uintmax_t)2 << 30, 1000}, sources_limit = {1 << 20, 1000};

struct raw_source raw_source_of(const char *path, bool transposed)
{
    struct stat info;
    if (stat(path, &info) < 0 || !S_ISREG(info.st_mode))
        return (struct raw_source){0};
    return (struct raw_source){
        .there = true,
        .transposed = transposed,
        .device = (uintmax_t)info.st_dev,
        .inode = (uintmax_t)info.st_ino,
        .size = (uintmax_t)info.st_size,
        .modified = {(intmax_t)info.st_mtim.tv_sec, (intmax_t)info.st_mtim.tv_nsec},
        .changed = {(intmax_t)info.st_ctim.tv_sec, (intmax_t)info.st_ctim.tv_nsec},
    };
}

static void make_name(char name[80], const struct raw_source *source)
{
    snprintf(name, 80, "%jx-%jx%s", source->device, source->inode, source->transposed ? "-transposed" : "");
}

/* The file of a source: first what must be as it was, then what was found, then a seal. */
static size_t make_text(char text[TEXT_SIZE], const struct raw_source *source, const struct raw_facts *facts)
{
    char seal[SHA256_HEX_SIZE];
    int size =
        snprintf(text, TEXT_SIZE,
                 "dlexp source 1\ndevice %ju inode %ju size %ju modified %jd.%09jd changed %jd.%09jd "
                 "transposed %d\n",
                 source->device, source->inode, source->size, source->modified.seconds, source->modified.nanoseconds,
                 source->changed.seconds, source->changed.nanoseconds, source->transposed);
    if (!facts)
        return (size_t)size;
    size += snprintf(text + size, TEXT_SIZE - (size_t)size,
                     "images %zu rows %zu columns %zu non-zero %zu\nsha256 %s\nchecksum %s\n", facts->count,
                     facts->rows, facts->columns, facts->non_zero, facts->sha256, facts->checksum);
    sha256_hex(text, (size_t)size, seal);
    return (size_t)size + (size_t)snprintf(text + size, TEXT_SIZE - (size_t)size, "end %s\n", seal);
}

/* All of a file, or as much of it as there is: a size that is none of the file's is no match. */
static size_t read_at(int fd, void *data, size_t size, size_t at)
{
    size_t filled = 0;
    ssize_t got = 1;
    while (filled < size && got > 0) {
        got = pread(fd, (char *)data + filled, size - filled, (off_t)(at + filled));
        filled += got > 0 ? (size_t)got : 0;
    }
    return filled;
}

bool raw_cache_find(struct raw_facts *facts, const struct raw_source *source)
{
    char name[80], text[TEXT_SIZE] = "", expected[TEXT_SIZE];
    uintmax_t size;
    if (!source->there)
        return false;
    make_name(name, source);
    const int fd = cache_open(&size, "sources", name);
    if (fd < 0)
        return false;
    const size_t got = size < TEXT_SIZE ? read_at(fd, text, (size_t)size, 0) : 0,
                 known = make_text(expected, source, NULL);
    close(fd);
    /* Whether it is what would be written for what is read from it: the seal makes the rest certain. */
    return got > known && memcmp(text, expected, known) == 0 &&
           sscanf(text + known, "images %zu rows %zu columns %zu non-zero %zu sha256 %64s checksum %128s",
                  &facts->count, &facts->rows, &facts->columns, &facts->non_zero, facts->sha256,
                  facts->checksum) == 6 &&
           make_text(expected, source, facts) == got && memcmp(text, expected, got) == 0;
}

uint8_t *raw_cache_read(const struct raw_facts *facts)
{
    unsigned char header[IDX_HEADER_MOST];
    char checksum[CHECKSUM_HEX_SIZE];
    struct checksum sum;
    uintmax_t size;
    const size_t pixels = facts->count * facts->rows * facts->columns;
    const size_t start = idx_usual_header(header, IDX_IMAGES, facts->count, facts->rows, facts->columns);
    const int fd = cache_open(&size, "images", facts->sha256);
    uint8_t *images = fd >= 0 && size == start + pixels ? memory_pages(pixels + IDX_SLACK) : NULL;
    size_t at = 0, got = 1;
    checksum_init(&sum);
    for (; images && at < pixels && got > 0; at += got) {
        got = read_at(fd, images + at, pixels - at < CHUNK_SIZE ? pixels - at : CHUNK_SIZE, start + at);
        checksum_add(&sum, images + at, got);
    }
    if (fd >= 0)
        close(fd);
    checksum_hex(&sum, checksum);
    if (!images || at < pixels || strcmp(checksum, facts->checksum) != 0) {
        free(images);
        if (fd >= 0)
            cache_remove("images", facts->sha256); /* so that it is written again */
        return NULL;
    }
    memset(images + pixels, 0, IDX_SLACK);
    return images;
}

static bool is_settled(const struct raw_source *source)
{
    const intmax_t now = (intmax_t)time(NULL);
    return source->modified.seconds <= now - SETTLED_S && source->changed.seconds <= now - SETTLED_S;
}

static bool same(const struct raw_source *a, const struct raw_source *b)
{
    char text_a[TEXT_SIZE], text_b[TEXT_SIZE];
    return a->there && b->there && make_text(text_a, a, NULL) == make_text(text_b, b, NULL) &&
           strcmp(text_a, text_b) == 0;
}

static bool is_kept(const struct raw_facts *facts, size_t size)
{
    uintmax_t kept;
    const int fd = cache_open(&kept, "images", facts->sha256);
    if (fd >= 0)
        close(fd);
    return fd >= 0 && kept == size;
}

void raw_cache_keep(const struct idx *idx, size_t non_zero, const char *path, const struct raw_source *before)
{
    struct raw_facts facts = {.count = idx->count, .rows = idx->rows, .columns = idx->columns, .non_zero = non_zero};
    struct checksum sum;
    char name[80], text[TEXT_SIZE];
    unsigned char header[IDX_HEADER_MOST];
    const struct raw_source after = raw_source_of(path, before->transposed);
    if (!same(before, &after) || !is_settled(before))
        return;
    memcpy(facts.sha256, idx->sha256, SHA256_HEX_SIZE);
    checksum_init(&sum);
    checksum_add(&sum, idx->data, idx->size);
    checksum_hex(&sum, facts.checksum);
    const size_t start = idx_usual_header(header, IDX_IMAGES, idx->count, idx->rows, idx->columns);
    if (!is_kept(&facts, start + idx->size))
        cache_write("images", facts.sha256, header, start, idx->data, idx->size, &images_limit);
    make_name(name, before);
    cache_write("sources", name, NULL, 0, text, make_text(text, before, &facts), &sources_limit);
}
