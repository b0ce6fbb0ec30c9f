#include "dlexp/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
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
    return stat(path, &info) == 0 ? identity_of(&info) : (struct file_identity){0};
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
        if (is_dead_link(path, "cannot read", "a file", err))
            err->code = ERROR_DATA;
        else
            error_set(err, ERROR_DATA, "cannot read '%s': expected a file, got none of that name", path);
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

int file_reader_rewind(struct file_reader *reader, struct error *err)
{
    return lseek(reader->fd, 0, SEEK_SET) == 0 ? 0 : error_set_errno(err, "cannot read '%s'", reader->path);
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

static int write_all(int fd, const void *data, size_t size)
{
    const char *p = data;
    while (size > 0) {
        ssize_t wrote = write(fd, p, size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return -1;
        p += wrote;
        size -= (size_t)wrote;
    }
    return 0;
}

/*
 * A new empty file beside path, opened for writing; its name is malloc'ed.  Not mkstemp: that gives mode 0600, and
 * changing it to what umask says takes umask(), which is not safe beside other threads.
 */
static int open_temporary(const char *path, char **name, struct error *err)
{
    const size_t length = strlen(path);
    char suffix[TEMPORARY_SUFFIX_SIZE];
    *name = malloc(length + sizeof suffix);
    if (!*name)
        return error_out_of_memory(err, path);
    int fd;
    do {
        temporary_suffix(suffix);
        memcpy(*name, path, length);
        memcpy(*name + length, suffix, sizeof suffix);
        fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (fd < 0 && errno == EEXIST);
    if (fd < 0) {
        int saved = errno;
        free(*name);
        *name = NULL;
        errno = saved;
        error_set_errno(err, "cannot write '%s'", path);
        errno = saved; /* directory_check words it otherwise */
    }
    return fd;
}

void directory_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

/* So that the new name itself survives a power cut. */
static void sync_parent(const char *path)
{
    char *parent = malloc(strlen(path) + 2);
    if (!parent)
        return;
    strcpy(parent, path);
    char *slash = strrchr(parent, '/');
    if (slash)
        slash[slash == parent] = '\0';
    else
        strcpy(parent, ".");
    directory_sync(parent);
    free(parent);
}

int file_writer_open(struct file_writer *writer, const char *path, struct error *err)
{
    *writer = (struct file_writer){.path = path};
    writer->fd = open_temporary(path, &writer->temporary, err);
    return writer->fd < 0 ? -1 : 0;
}

static void note_failure(struct file_writer *writer, bool failed)
{
    if (failed && writer->failure == 0)
        writer->failure = errno;
}

void file_writer_add(struct file_writer *writer, const void *data, size_t size)
{
    if (writer->failure == 0)
        note_failure(writer, write_all(writer->fd, data, size) < 0);
}

void file_writer_drop(struct file_writer *writer)
{
    close(writer->fd);
    unlink(writer->temporary);
    free(writer->temporary);
}

int file_writer_close(struct file_writer *writer, struct error *err)
{
    if (writer->failure == 0)
        note_failure(writer, fsync(writer->fd) < 0);
    note_failure(writer, close(writer->fd) < 0);
    if (writer->failure == 0)
        note_failure(writer, rename(writer->temporary, writer->path) < 0);
    if (writer->failure == 0) {
        sync_parent(writer->path);
    } else {
        unlink(writer->temporary);
        errno = writer->failure;
        error_set_errno(err, "cannot write '%s'", writer->path);
    }
    free(writer->temporary);
    return writer->failure == 0 ? 0 : -1;
}

int file_write_atomic(const char *path, const void *data, size_t size, struct error *err)
{
    struct file_writer writer;
    if (file_writer_open(&writer, path, err) < 0)
        return -1;
    file_writer_add(&writer, data, size);
    return file_writer_close(&writer, err);
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

int directory_check(const char *path, size_t size, struct error *err)
{
    struct statvfs space;
    if (statvfs(path, &space) == 0 && (double)space.f_bavail * (double)space.f_frsize < (double)size)
        return error_set(err, ERROR_IO, "cannot write below '%s': expected %.1f MB of free space, got %.1f MB", path,
                         (double)size / 1e6, (double)space.f_bavail * (double)space.f_frsize / 1e6);

    /* Permissions and quotas show only when something is written. */
    char *name = path_join(path, "write-check"), *temporary;
    if (!name)
        return error_out_of_memory(err, path);
    int fd = open_temporary(name, &temporary, err), saved = errno;
    free(name);
    if (fd < 0) {
        errno = saved;
        return error_set_errno(err, "cannot write below '%s'", path);
    }
    static const char block[65536];
    int failed = 0;
    for (size_t left = size < (1u << 20) ? size : 1u << 20; left > 0 && !failed;) {
        size_t part = left < sizeof block ? left : sizeof block;
        failed = write_all(fd, block, part) < 0;
        left -= part;
    }
    failed = failed || fsync(fd) < 0;
    saved = errno;
    close(fd);
    unlink(temporary);
    free(temporary);
    errno = saved;
    return failed ? error_set_errno(err, "cannot write below '%s'", path) : 0;
}
