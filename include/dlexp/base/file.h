/*
 * file.h - reading and writing whole files, and making and checking directories.
 */
#ifndef DLEXP_FILE_H
#define DLEXP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlexp/base/error.h"

/*
 * file_read - the whole of a regular file into memory.
 *
 * *data is malloc'ed (the caller frees it), one NUL byte follows the *size bytes.  ERROR_DATA for a
 * missing file and for what is not a regular file, such as a directory; ERROR_IO where the system refuses.
 */
int file_read(const char *path, unsigned char **data, size_t *size, struct error *err);

/* Which file a name stood for at some moment.  Later it may stand for another: file_write_atomic replaces the file. */
struct file_identity {
    bool exists;
    uintmax_t device, inode, size;
    intmax_t seconds, nanoseconds; /* of its last change: the inode number of a removed file is used again */
};

/* file_identity - of what path names now; of a link that leads nowhere, its own.  file_identity_same - false if one of
 * them does not exist. */
struct file_identity file_identity(const char *path);
bool file_identity_same(const struct file_identity *a, const struct file_identity *b);

/*
 * file_read_identified - as file_read, of the first `most` bytes at most; it also tells the identity of what was
 * opened, even if that is refused because it is not a regular file.  identity->size is that of the whole file.
 */
int file_read_identified(const char *path, size_t most, unsigned char **data, size_t *size,
                         struct file_identity *identity, struct error *err);

/*
 * A file that is read piece by piece.  file_reader_open - fails as file_read_identified does; path must stay.
 * file_reader_take - the next `size` bytes, which must be there.  file_reader_seek - to go on from byte `at`.
 */
struct file_reader {
    const char *path;
    int fd;
    struct file_identity identity; /* with its size */
};
int file_reader_open(struct file_reader *reader, const char *path, struct error *err);
int file_reader_take(struct file_reader *reader, void *data, size_t size, struct error *err);
int file_reader_seek(struct file_reader *reader, size_t at, struct error *err);
void file_reader_close(struct file_reader *reader);

/*
 * file_write_atomic - put data[0..size) at path: a reader sees the old file or the new one, never a part.
 *
 * Writes a temporary file beside it, fsyncs, renames, fsyncs the directory.  On failure the old file stands, the
 * temporary one is removed.  The directory must exist.
 */
int file_write_atomic(const char *path, const void *data, size_t size, struct error *err);

/*
 * The same of a file that is written piece by piece.  file_writer_add remembers a failure, file_writer_close tells it;
 * until that has succeeded the old file stands.  path must stay.
 */
struct file_writer {
    const char *path;
    char *temporary;
    int fd, failure; /* errno of the first one, or 0 */
    bool
        unsynced; /* set after file_writer_open: a power cut may leave a part of it, for whoever checks what he reads */
};
int file_writer_open(struct file_writer *writer, const char *path, struct error *err);
void file_writer_add(struct file_writer *writer, const void *data, size_t size);
int file_writer_close(struct file_writer *writer, struct error *err);

/* file_writer_drop - instead of file_writer_close: the old file stands. */
void file_writer_drop(struct file_writer *writer);

/* A file that is whole, and has a temporary name beside the one it is to have.  Both are malloc'ed. */
struct file_draft {
    char *path, *temporary;
};

/*
 * What file_write_atomic does, in steps, for whoever writes many files and makes sure of all of them at once.
 *
 * file_draft_write - write data[0..size) under the temporary name; `sync`: and fsync it.  file_draft_sync - fsync it
 * later.  file_draft_place - give it its name; its directory is not synced.  file_draft_free - what is not placed is
 * removed; all drafts that were written end here.
 *
 * Nothing is to be placed that was not synced: after a power cut the name would stand for a part of the file.
 */
int file_draft_write(struct file_draft *draft, const char *path, const void *data, size_t size, bool sync,
                     struct error *err);
int file_draft_sync(const struct file_draft *draft, struct error *err);
int file_draft_place(struct file_draft *draft, struct error *err);
void file_draft_free(struct file_draft *draft);

/* file_sync_parent - the directory that the file is in, as directory_sync. */
void file_sync_parent(const char *path);

/* file_is_folder - whether path is a folder; what is not there is none.  ERROR_IO where the system does not tell. */
int file_is_folder(bool *folder, const char *path, struct error *err);

/* file_exists - whether path names anything that can be stat'ed. */
bool file_exists(const char *path);

/* file_look - the same where it matters that the system can tell: ERROR_IO where it refuses to look. */
int file_look(bool *there, const char *path, struct error *err);

/* file_remove - remove a file if it is there; a missing one is no error. */
int file_remove(const char *path, struct error *err);

/* directory_create - mkdir -p: every missing part of path. */
int directory_create(const char *path, struct error *err);

/* directory_sync - so that names that are new in it survive a power cut; where the system cannot, it is no failure. */
void directory_sync(const char *path);

/*
 * directory_check - whether `size` bytes can be written below the existing directory path: free space by statvfs, and
 * a probe file written, synced and removed.
 */
int directory_check(const char *path, size_t size, struct error *err);

/*
 * directory_clean - remove the unfinished files that processes of this host left in the directory when they were
 * killed (temporary.h); every command that writes into a directory does so first.
 */
void directory_clean(const char *path);

/* directory_clean_also - and hand every name that stays to a function. */
typedef void directory_entry_fn(void *context, const char *directory, const char *name);
void directory_clean_also(const char *path, directory_entry_fn *also, void *context);

/* path_join - malloc'ed "a/b" (the caller frees it), or NULL when memory ran out. */
char *path_join(const char *a, const char *b);

#endif
