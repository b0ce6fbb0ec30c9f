/*
 * raw_cache.h - what the image files of data sets hold, kept so that it need not be inflated and hashed again.
 *
 *     CACHE/sources/DEVICE-INODE[-transposed]   what was found in a file: sizes, SHA-256 and checksum of its images
 *     CACHE/images/SHA256                       these, as a plain IDX file (sha256sum of it is its name)
 *
 * CACHE: base/cache.h.  2 GB of images at most.
 *
 * A source counts while its file has the device, inode, size and times (of modification, and of the last change of any
 * kind, which nobody can set back) that it had before and after it was read, and while its text is whole (SHA-256).
 * Images count while they have the checksum that the source's text tells.  So neither data that were replaced, be it by
 * others of the same size and time, nor a cache that is damaged, of whatever kind, is used.  Files that changed within
 * the last seconds are not entered: another change at once might leave their times as they are.
 *
 * What this does not protect from: a disk that gives other bytes for an unchanged file than when that was read, and
 * somebody who writes into the user's cache on purpose.  dataset_load reads the files themselves.
 *
 * No failure is told: without a cache nothing is wrong, only slower.  Any number of processes may use it at once, as
 * files appear whole; they may be removed at any time.
 */
#ifndef DLEXP_RAW_CACHE_H
#define DLEXP_RAW_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlexp/base/checksum.h"
#include "dlexp/data/idx.h"

/* A file of images at some moment, and how it is read. */
struct raw_source {
    bool there, transposed;
    uintmax_t device, inode, size;
    struct {
        intmax_t seconds, nanoseconds;
    } modified, changed;
};

/* What is in it. */
struct raw_facts {
    size_t count, rows, columns;
    size_t non_zero; /* pixels that are not 0 */
    char sha256[SHA256_HEX_SIZE], checksum[CHECKSUM_HEX_SIZE];
};

/* raw_source_of - the file as it is now. */
struct raw_source raw_source_of(const char *path, bool transposed);

/* raw_cache_find - whether it is known what is in the file. */
bool raw_cache_find(struct raw_facts *facts, const struct raw_source *source);

/* raw_cache_read - the images, then IDX_SLACK zeros, to be freed by free(); NULL where they are not there whole.  What
 * is damaged is removed. */
uint8_t *raw_cache_read(const struct raw_facts *facts);

/* raw_cache_keep - idx, of which so many pixels are not 0, which was read from path when that was `before`. */
void raw_cache_keep(const struct idx *idx, size_t non_zero, const char *path, const struct raw_source *before);

#endif
