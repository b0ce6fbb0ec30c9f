/*
 * cache.h - files that are kept because making them again takes time: CACHE/FOLDER/NAME.
 *
 * CACHE is the directory that DLEXP_CACHE names, and there is none if that is "off" or empty; where it is not set, it
 * is XDG_CACHE_HOME/dlexp if that is an absolute path, as its specification wants, else HOME/.cache/dlexp.  It is made
 * for its user alone, as what is kept may be a copy of what others are not to read.
 *
 * Whoever keeps files checks what comes back.  Nothing here is an error: a file cannot be had, or cannot be kept.
 */
#ifndef DLEXP_CACHE_H
#define DLEXP_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* cache_path - malloc'ed CACHE/folder/name, or CACHE/folder or CACHE where these are NULL; NULL: there is no cache. */
char *cache_path(const char *folder, const char *name);

/* cache_open - a file to read, and its size; -1 if it is not there, no regular file, or another user's. */
int cache_open(uintmax_t *size, const char *folder, const char *name);

/* The most that a folder holds.  A file that is more than half of that, or a tenth of what is free on the disk, is not
 * kept. */
struct cache_limit {
    uintmax_t bytes;
    size_t files;
};

/*
 * cache_write - put a file there, given as two pieces of which either may be empty; of others, those that were not used
 * for longest make room within the limit.  It is not synced.
 */
void cache_write(const char *folder, const char *name, const void *head, size_t head_size, const void *data,
                 size_t size, const struct cache_limit *limit);

/* cache_remove - a file that is not what it was. */
void cache_remove(const char *folder, const char *name);

/* cache_size - of all that is kept. */
uintmax_t cache_size(void);

#endif
