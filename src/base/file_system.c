/* One sync for all that was written to a file system. */
#ifdef __linux__
#define _GNU_SOURCE /* syncfs and statfs are Linux's own */
#include <sys/vfs.h>
#endif

#include "dlexp/base/file_system.h"

#include <fcntl.h>
#include <stddef.h>
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
