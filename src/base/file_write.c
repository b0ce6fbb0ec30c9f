/* Files written whole or not at all: under a temporary name first. */
#include "dlexp/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "dlexp/base/memory_limit.h"
#include "dlexp/base/temporary.h"

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

void file_sync_parent(const char *path)
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

/* The file is whole from now on, and synced or not; its temporary name is left to the caller, also after a failure. */
static int end_writer(struct file_writer *writer, bool sync, struct error *err)
{
    if (writer->failure == 0 && sync)
        note_failure(writer, fsync(writer->fd) < 0);
    note_failure(writer, close(writer->fd) < 0);
    errno = writer->failure;
    return writer->failure == 0 ? 0 : error_set_errno(err, "cannot write '%s'", writer->path);
}

int file_writer_close(struct file_writer *writer, struct error *err)
{
    int result = end_writer(writer, !writer->unsynced, err);
    if (result == 0 && rename(writer->temporary, writer->path) < 0)
        result = error_set_errno(err, "cannot write '%s'", writer->path);
    if (result == 0 && !writer->unsynced)
        file_sync_parent(writer->path); /* the new name itself survives a power cut, too */
    if (result < 0)
        unlink(writer->temporary);
    free(writer->temporary);
    return result;
}

int file_draft_write(struct file_draft *draft, const char *path, const void *data, size_t size, bool sync,
                     struct error *err)
{
    struct file_writer writer = {.fd = -1};
    *draft = (struct file_draft){.path = strdup(path)};
    int result = draft->path ? file_writer_open(&writer, path, err) : error_out_of_memory(err, path);
    if (result == 0) {
        draft->temporary = writer.temporary;
        file_writer_add(&writer, data, size);
        result = end_writer(&writer, sync, err);
    }
    if (result < 0)
        file_draft_free(draft);
    return result;
}

int file_draft_sync(const struct file_draft *draft, struct error *err)
{
    const int fd = open(draft->temporary, O_RDONLY | O_CLOEXEC);
    int result = fd >= 0 && fsync(fd) == 0 ? 0 : error_set_errno(err, "cannot write '%s'", draft->path);
    if (fd >= 0)
        close(fd);
    return result;
}

int file_draft_place(struct file_draft *draft, struct error *err)
{
    if (rename(draft->temporary, draft->path) < 0)
        return error_set_errno(err, "cannot write '%s'", draft->path);
    free(draft->temporary);
    draft->temporary = NULL;
    return 0;
}

void file_draft_free(struct file_draft *draft)
{
    if (draft->temporary)
        unlink(draft->temporary);
    free(draft->temporary);
    free(draft->path);
    *draft = (struct file_draft){0};
}

int file_write_atomic(const char *path, const void *data, size_t size, struct error *err)
{
    struct file_writer writer;
    if (file_writer_open(&writer, path, err) < 0)
        return -1;
    file_writer_add(&writer, data, size);
    return file_writer_close(&writer, err);
}

int directory_check(const char *path, size_t size, struct error *err)
{
    struct statvfs space;
    char wanted[MEMORY_TEXT_SIZE], there[MEMORY_TEXT_SIZE];
    const double free_bytes = statvfs(path, &space) == 0 ? (double)space.f_bavail * (double)space.f_frsize : INFINITY;
    if (free_bytes < (double)size)
        return error_set(err, ERROR_IO, "cannot write below '%s': expected %s of free space, got %s", path,
                         memory_format(wanted, (double)size), memory_format(there, free_bytes));

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
