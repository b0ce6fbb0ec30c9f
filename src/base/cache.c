/* Files that are kept to save time, in a directory of the user's. */
#include "dlexp/base/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "dlexp/base/error.h"
#include "dlexp/base/file.h"

enum { DAY_S = 86400 };

/* Takes `start` over; NULL stays NULL. */
static char *joined(char *start, const char *more)
{
    char *path = start && more ? path_join(start, more) : start;
    if (path != start)
        free(start);
    return path;
}

char *cache_path(const char *folder, const char *name)
{
    const char *own = getenv("DLEXP_CACHE"), *all = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char *path = NULL;
    if (own)
        path = *own && strcmp(own, "off") != 0 ? strdup(own) : NULL;
    else if (all && *all == '/')
        path = path_join(all, "dlexp");
    else if (home && *home == '/')
        path = path_join(home, ".cache/dlexp");
    return joined(joined(path, folder), name);
}

static bool is_own(const struct stat *info)
{
    return S_ISREG(info->st_mode) && info->st_uid == geteuid();
}

/* Used files are the ones that stay; once a day is enough to tell. */
static void note_use(int fd, const struct stat *info)
{
    if (info->st_mtim.tv_sec < time(NULL) - DAY_S)
        futimens(fd, NULL);
}

int cache_open(uintmax_t *size, const char *folder, const char *name)
{
    struct stat info;
    char *path = cache_path(folder, name);
    const int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    free(path);
    if (fd < 0)
        return -1;
    if (fstat(fd, &info) < 0 || !is_own(&info)) {
        close(fd);
        return -1;
    }
    note_use(fd, &info);
    *size = (uintmax_t)info.st_size;
    return fd;
}

/* ---- what is there ---- */

struct kept {
    char *path;
    uintmax_t size;
    intmax_t used_s;
};

struct listing {
    struct kept *files;
    size_t count;
    uintmax_t bytes;
};

static void listing_free(struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        free(listing->files[i].path);
    free(listing->files);
}

/* The user's own files in a directory; takes path over.  False without memory. */
static bool list(struct listing *listing, char *directory)
{
    const struct dirent *entry;
    struct stat info;
    bool enough = directory != NULL;
    DIR *stream = directory ? opendir(directory) : NULL;
    while (stream && enough && (entry = readdir(stream)) != NULL) {
        char *path = path_join(directory, entry->d_name);
        struct kept *files = path ? realloc(listing->files, (listing->count + 1) * sizeof *files) : NULL;
        enough = files != NULL;
        if (files)
            listing->files = files;
        if (files && lstat(path, &info) == 0 && is_own(&info)) {
            listing->bytes += (uintmax_t)info.st_size;
            files[listing->count++] = (struct kept){path, (uintmax_t)info.st_size, (intmax_t)info.st_mtim.tv_sec};
        } else {
            free(path);
        }
    }
    if (stream)
        closedir(stream);
    free(directory);
    return enough;
}

static int compare_use(const void *a_, const void *b_)
{
    const struct kept *a = a_, *b = b_;
    return (a->used_s > b->used_s) - (a->used_s < b->used_s);
}

/* Room for so many bytes more within the limit. */
static void make_room(const char *folder, uintmax_t size, const struct cache_limit *limit)
{
    struct listing listing = {0};
    if (list(&listing, cache_path(folder, NULL)) && listing.count > 0) {
        uintmax_t bytes = listing.bytes;
        size_t files = listing.count;
        qsort(listing.files, listing.count, sizeof *listing.files, compare_use);
        for (size_t i = 0; i < listing.count && (bytes + size > limit->bytes || files >= limit->files); i++, files--) {
            unlink(listing.files[i].path);
            bytes -= listing.files[i].size;
        }
    }
    listing_free(&listing);
}

/* The directories, of which the cache's own are for its user alone. */
static bool make_folder(const char *folder)
{
    struct error ignored;
    char *root = cache_path(NULL, NULL), *path = cache_path(folder, NULL), *slash = root ? strrchr(root, '/') : NULL;
    bool made = root && path;
    if (made && slash && slash > root) {
        *slash = '\0';
        made = directory_create(root, &ignored) == 0;
        *slash = '/';
    }
    made = made && (mkdir(root, 0700) == 0 || errno == EEXIST) && (mkdir(path, 0700) == 0 || errno == EEXIST);
    free(root);
    free(path);
    return made;
}

static bool is_small_enough(uintmax_t size, const char *path, const struct cache_limit *limit)
{
    struct statvfs space;
    return size <= limit->bytes / 2 && statvfs(path, &space) == 0 &&
           (double)size <= (double)space.f_bavail * (double)space.f_frsize / 10;
}

void cache_write(const char *folder, const char *name, const void *head, size_t head_size, const void *data,
                 size_t size, const struct cache_limit *limit)
{
    struct error ignored;
    struct file_writer writer;
    char *directory = cache_path(folder, NULL), *path = cache_path(folder, name);
    if (directory && path && make_folder(folder) && is_small_enough(head_size + size, directory, limit)) {
        directory_clean(directory);
        make_room(folder, head_size + size, limit);
        if (file_writer_open(&writer, path, &ignored) == 0) {
            writer.unsynced = true;
            file_writer_add(&writer, head, head_size);
            file_writer_add(&writer, data, size);
            file_writer_close(&writer, &ignored);
        }
    }
    free(directory);
    free(path);
}

void cache_remove(const char *folder, const char *name)
{
    char *path = cache_path(folder, name);
    if (path)
        unlink(path);
    free(path);
}

uintmax_t cache_size(void)
{
    uintmax_t bytes = 0;
    struct dirent *entry;
    char *root = cache_path(NULL, NULL);
    DIR *stream = root ? opendir(root) : NULL;
    while (stream && (entry = readdir(stream)) != NULL) {
        struct listing listing = {0};
        if (entry->d_name[0] != '.')
            list(&listing, path_join(root, entry->d_name));
        bytes += listing.bytes;
        listing_free(&listing);
    }
    if (stream)
        closedir(stream);
    free(root);
    return bytes;
}
