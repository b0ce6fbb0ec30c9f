/*
 * file.h - whole files in, whole files out.
 */
#ifndef DLEXP_FILE_H
#define DLEXP_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/error.h"

/*
 * file_read - the whole of a regular file into memory.
 *
 * *data is malloc'ed (the caller frees it), one NUL byte follows the *size bytes.  A missing file and what is no
 * file are ERROR_DATA, as an input that is not what it must be; ERROR_IO where the system refuses.
 */
int file_read(const char *path, unsigned char **data, size_t *size, struct error *err);

/*
 * file_write_atomic - put data[0..size) at path: a reader sees the old file or the new one, never a part.
 *
 * Writes a temporary file beside it, fsyncs, renames, fsyncs the directory.  On failure the old file stands, the
 * temporary one is removed.  The directory must exist.
 */
int file_write_atomic(const char *path, const void *data, size_t size, struct error *err);

/* file_exists - whether path names anything that can be stat'ed. */
bool file_exists(const char *path);

/* file_remove - remove a file if it is there; a missing one is no error. */
int file_remove(const char *path, struct error *err);

/* directory_create - mkdir -p: every missing part of path. */
int directory_create(const char *path, struct error *err);

/*
 * directory_check - whether `size` bytes can be written below the existing directory path: free space by statvfs, and
 * a probe file written, synced and removed.
 */
int directory_check(const char *path, size_t size, struct error *err);

/*
 * directory_clean - remove what processes that were killed while writing left in the directory: temporary files over an
 * hour old, which nobody can still be writing.
 */
void directory_clean(const char *path);

/* path_join - malloc'ed "a/b" (the caller frees it), or NULL when memory ran out. */
char *path_join(const char *a, const char *b);

#endif
