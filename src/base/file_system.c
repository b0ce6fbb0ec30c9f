/* One sync for all that was written to a file system. */
#ifdef __linux__
#define _GNU_SOURCE /* syncfs and statfs are Linux's own */
#include <sys/vfs.h>
#endif

#include "dlexp/base/file_system.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__

/* statfs(2), the f_type of each. */
static const unsigned long known[] = {
    0xef53,     /* ext2, ext3, ext4 */
    0x58465342, /* XFS */
    0x9123683e, /* Btrfs */
    0xf2f52010, /* F2FS */
    0x01021994, /* tmpfs */
};

int file_system_open(const char *directory)
{
    struct statfs info;
    const int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (fstatfs(fd, &info) == 0)
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (((unsigned long)info.f_type & 0xffffffff) == known[i])
                return fd;
    close(fd);
    return -1;
}

int file_system_sync(int file_system, const char *directory, struct error *err)
{
    return syncfs(file_system) < 0 ? error_set_errno(err, "cannot write below '%s'", directory) : 0;
}

#else

int file_system_open(const char *directory)
{
    (void)directory;
    return -1;
}

int file_system_sync(int file_system, const char *directory, struct error *err)
{
    (void)file_system;
    return error_set(err, ERROR_IO, "cannot sync '%s' as a whole", directory);
}

#endif

/* So few are synced one by one: others may have written much to the file system. */
enum { FEW = 2 };

/* Whether one sync serves for all of so many drafts. */
static bool at_once(int file_system, size_t count)
{
    return file_system >= 0 && count > FEW;
}

/* The content of the drafts survives a power cut. */
static int sync_content(int file_system, const char *directory, const struct file_draft *drafts, size_t count,
                        struct error *err)
{
    if (at_once(file_system, count))
        return file_system_sync(file_system, directory, err);
    for (size_t i = 0; i < count && file_system >= 0; i++) /* else they are */
        if (file_draft_sync(&drafts[i], err) < 0)
            return -1;
    return 0;
}

/* Whether an earlier draft is in the same folder. */
static bool has_neighbour(const struct file_draft *drafts, size_t index)
{
    const char *path = drafts[index].path;
    const size_t length = (size_t)(strrchr(path, '/') - path);
    size_t i = 0;
    while (i < index && strncmp(drafts[i].path, path, length + 1) != 0)
        i++;
    return i < index;
}

/* Their names do, and the folders', which may be new. */
static int sync_names(int file_system, const char *directory, const struct file_draft *drafts, size_t count,
                      struct error *err)
{
    if (at_once(file_system, count))
        return file_system_sync(file_system, directory, err);
    for (size_t i = 0; i < count; i++)
        if (!has_neighbour(drafts, i))
            file_sync_parent(drafts[i].path);
    directory_sync(directory);
    return 0;
}

int file_system_settle(int file_system, const char *directory, struct file_draft *drafts, size_t count, size_t *placed,
                       struct error *err)
{
    struct error second;
    int result = sync_content(file_system, directory, drafts, count, err);
    for (*placed = 0; result == 0 && *placed < count; *placed += result == 0)
        result = file_draft_place(&drafts[*placed], err);
    if (sync_names(file_system, directory, drafts, *placed, &second) == 0)
        return result;
    *placed = 0;
    *err = result == 0 ? second : *err;
    return -1;
}
