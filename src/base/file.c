/* Files read and looked at, and directories.  How files are written is in file_write.c. */
#include "dlexp/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dlexp/base/temporary.h"

char *path_join(const char *a, const char *b)
{
    size_t length_a = strlen(a), length_b = strlen(b);
    char *path = malloc(length_a + length_b + 2);
    if (!path)
        return NULL;
    memcpy(path, a, length_a);
    if (length_a > 0 && a[length_a - 1] != '/')
        path[length_a++] = '/';
    memcpy(path + length_a, b, length_b + 1);
    return path;
}

/*
 * What calls that follow links mean by ENOENT, EEXIST or ELOOP where the name itself is there: a link that leads
 * nowhere.  Fills in the error and returns true in that case.
 */
static bool is_dead_link(const char *path, const char *doing, const char *expected, struct error *err)
{
    struct stat info;
    char target[512];
    if (lstat(path, &info) < 0 || !S_ISLNK(info.st_mode) || stat(path, &info) == 0 ||
        (errno != ENOENT && errno != ELOOP))
        return false;
    const bool loop = errno == ELOOP;
    const ssize_t length = readlink(path, target, sizeof target);
    error_set(err, ERROR_IO, "%s '%s': expected %s, got a symbolic link to '%.*s', %s; remove the link or mend it",
              doing, path, expected, length > 0 ? (int)length : 0, target,
              loop ? "which leads back to itself" : "which does not exist");
    return true;
}

static struct file_identity identity_of(const struct stat *info)
{
    return (struct file_identity){true,
                                  (uintmax_t)info->st_dev,
                                  (uintmax_t)info->st_ino,
                                  (uintmax_t)info->st_size,
                                  (intmax_t)info->st_mtim.tv_sec,
                                  (intmax_t)info->st_mtim.tv_nsec};
}

struct file_identity file_identity(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 || lstat(path, &info) == 0 ? identity_of(&info) : (struct file_identity){0};
}

bool file_identity_same(const struct file_identity *a, const struct file_identity *b)
{
    return a->exists && b->exists && a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->seconds == b->seconds && a->nanoseconds == b->nanoseconds;
}

static int refuse_kind(const char *path, mode_t mode, struct error *err)
{
    return error_set(err, ERROR_DATA, "cannot read '%s': expected a file, got %s", path,
                     S_ISDIR(mode) ? "a directory" : "something else");
}

int file_read(const char *path, unsigned char **data, size_t *size, struct error *err)
{
    struct file_identity ignored;
    return file_read_identified(path, SIZE_MAX, data, size, &ignored, err);
}

int file_reader_open(struct file_reader *reader, const char *path, struct error *err)
{
    struct stat info;
    *reader = (struct file_reader){.path = path};
    reader->fd =
        open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* not to wait for the writer of a FIFO, refused below */
    if (reader->fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        if (is_dead_link(path, "cannot read", "a file", err)) {
            err->code = ERROR_DATA;
            reader->identity = file_identity(path);
        } else { /* there was none, though another process may have put one there since */
            error_set(err, ERROR_DATA, "cannot read '%s': expected a file, got none of that name", path);
        }
        return -1;
    }
    if (reader->fd < 0) {
        /* A socket cannot be opened at all, and a FIFO can be closed to us: those are no files either. */
        error_set_errno(err, "cannot open '%s'", path);
        if (stat(path, &info) < 0 || S_ISREG(info.st_mode) || S_ISDIR(info.st_mode))
            return -1;
        reader->identity = identity_of(&info);
        return refuse_kind(path, info.st_mode, err);
    }
    int result = fstat(reader->fd, &info) < 0 ? error_set_errno(err, "cannot read '%s'", path) : 0;
    if (result == 0) {
        reader->identity = identity_of(&info);
        result = S_ISREG(info.st_mode) ? 0 : refuse_kind(path, info.st_mode, err);
    }
    if (result < 0)
        close(reader->fd);
    return result;
}

int file_reader_take(struct file_reader *reader, void *data, size_t size, struct error *err)
{
    for (size_t filled = 0; filled < size;) {
        const ssize_t got = read(reader->fd, (char *)data + filled, size - filled);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_errno(err, "cannot read '%s'", reader->path);
        if (got == 0) /* nobody who writes files as this module does shortens one */
            return error_set(err, ERROR_IO,
                             "cannot read '%s': expected %zu bytes, got %zu; it became shorter meanwhile", reader->path,
                             size, filled);
        filled += (size_t)got;
    }
    return 0;
}

int file_reader_seek(struct file_reader *reader, size_t at, struct error *err)
{
    return lseek(reader->fd, (off_t)at, SEEK_SET) >= 0 ? 0 : error_set_errno(err, "cannot read '%s'", reader->path);
}

void file_reader_close(struct file_reader *reader)
{
    close(reader->fd);
}

int file_read_identified(const char *path, size_t most, unsigned char **data, size_t *size,
                         struct file_identity *identity, struct error *err)
{
    struct file_reader reader;
    *data = NULL;
    *size = 0;
    const int opened = file_reader_open(&reader, path, err);
    *identity = reader.identity;
    if (opened < 0)
        return -1;
    const uintmax_t wanted = identity->size < most ? identity->size : most;
    unsigned char *content = wanted < SIZE_MAX ? malloc((size_t)wanted + 1) : NULL;
    const int result =
        content ? file_reader_take(&reader, content, (size_t)wanted, err) : error_out_of_memory(err, path);
    file_reader_close(&reader);
    if (result < 0) {
        free(content);
        return -1;
    }
    content[wanted] = '\0';
    *data = content;
    *size = (size_t)wanted;
    return 0;
}

int file_is_folder(bool *folder, const char *path, struct error *err)
{
    struct stat info;
    const bool seen = stat(path, &info) == 0;
    *folder = seen && S_ISDIR(info.st_mode);
    return seen || errno == ENOENT || errno == ENOTDIR ? 0 : error_set_errno(err, "cannot look at '%s'", path);
}

bool file_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

int file_look(bool *there, const char *path, struct error *err)
{
    errno = 0;
    *there = file_exists(path);
    return *there || errno == ENOENT || errno == ENOTDIR ? 0 : error_set_errno(err, "cannot look for '%s'", path);
}

int file_remove(const char *path, struct error *err)
{
    if (unlink(path) < 0 && errno != ENOENT)
        return error_set_errno(err, "cannot remove '%s'", path);
    return 0;
}

int directory_create(const char *path, struct error *err)
{
    struct stat info;
    if (*path == '\0')
        return error_set(err, ERROR_IO, "cannot create directory '': expected a path, got an empty one");
    char *partial = malloc(strlen(path) + 1);
    if (!partial)
        return error_out_of_memory(err, path);
    strcpy(partial, path);
    for (char *p = partial + 1;; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char separator = *p;
        *p = '\0';
        if (mkdir(partial, 0777) < 0) {
            /* Whatever mkdir objects to (it exists, a parent is read-only), what counts is that a directory is there.
             */
            int saved = errno;
            bool exists = stat(partial, &info) == 0;
            if (!exists || !S_ISDIR(info.st_mode)) {
                if (exists || !is_dead_link(partial, "cannot create directory", "a directory or nothing", err)) {
                    errno = exists ? ENOTDIR : saved;
                    error_set_errno(err, "cannot create directory '%s'", partial);
                }
                free(partial);
                return -1;
            }
        }
        *p = separator;
        if (separator == '\0')
            break;
    }
    free(partial);
    return 0;
}

void directory_clean(const char *path)
{
    directory_clean_also(path, NULL, NULL);
}

void directory_clean_also(const char *path, directory_entry_fn *also, void *context)
{
    const struct dirent *entry;
    struct stat info;
    DIR *listing = opendir(path);
    while (listing && (entry = readdir(listing)) != NULL) {
        char *file = temporary_abandoned(entry->d_name) ? path_join(path, entry->d_name) : NULL;
        if (file && lstat(file, &info) == 0 && S_ISREG(info.st_mode))
            unlink(file);
        else if (also)
            also(context, path, entry->d_name);
        free(file);
    }
    if (listing)
        closedir(listing);
}
