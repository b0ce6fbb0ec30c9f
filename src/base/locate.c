#include "dlexp/base/locate.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include "dlexp/base/file.h"

/*
 * CMake says where: DLEXP_SOURCE_DIR, the source tree; DLEXP_SHARE_DIR, the share directory it would install to; and
 * DLEXP_RELATIVE_SHARE_DIR, the way there from the program's own directory, which holds wherever the tree was put.
 */

enum { PLACES = 3, PATH_SIZE = 4096 };

/* The share directory beside the program that runs, or "" where the system does not tell. */
static void share_beside_program(char path[PATH_SIZE])
{
    path[0] = '\0';
#ifdef __APPLE__
    uint32_t size = PATH_SIZE;
    if (_NSGetExecutablePath(path, &size) != 0)
        path[0] = '\0';
#else
    ssize_t length = readlink("/proc/self/exe", path, PATH_SIZE - 1);
    path[length > 0 ? length : 0] = '\0';
#endif
    char *slash = strrchr(path, '/');
    size_t room = slash ? (size_t)(path + PATH_SIZE - slash) : 0;
    if (!slash || snprintf(slash, room, "/%s", DLEXP_RELATIVE_SHARE_DIR) >= (int)room)
        path[0] = '\0';
}

/* Looks for `directory`/`name` below each place. */
static int locate(char **path, const char *directory, const char *name, const char *remedy, struct error *err)
{
    char beside[PATH_SIZE], relative[PATH_SIZE];
    struct stat info;
    share_beside_program(beside);
    const char *const places[PLACES] = {beside, DLEXP_SOURCE_DIR, DLEXP_SHARE_DIR};
    if (snprintf(relative, sizeof relative, "%s/%s", directory, name) >= (int)sizeof relative)
        return error_set(err, ERROR_DATA, "cannot find '%s': the name is too long", name);
    for (size_t i = 0; i < PLACES; i++) {
        if (!places[i][0])
            continue;
        *path = path_join(places[i], relative);
        if (!*path)
            return error_out_of_memory(err, name);
        if (stat(*path, &info) == 0)
            return 0;
        /* A place that this user may not look into is as good as none. */
        const bool none = errno == ENOENT || errno == ENOTDIR || errno == EACCES;
        if (!none)
            error_set_errno(err, "cannot look for '%s'", *path);
        free(*path);
        *path = NULL;
        if (!none)
            return -1;
    }
    return error_set(err, ERROR_DATA, "cannot find '%s': expected it in '%s', '%s' or '%s' (%s)", relative, places[0],
                     places[1], places[2], remedy);
}

int locate_data(char **path, const char *name, struct error *err)
{
    return locate(path, "data", name, "name another directory on the command line, or run cmake --install", err);
}

int locate_input(char **path, const char *typed, struct error *err)
{
    static const char own[] = "data/";
    struct stat info;
    if (strncmp(typed, own, strlen(own)) == 0 && stat(typed, &info) != 0 && errno == ENOENT)
        return locate(path, "data", typed + strlen(own), "or below the current directory; check the name", err);
    *path = strdup(typed);
    return *path ? 0 : error_out_of_memory(err, "a path");
}

int locate_script(char **path, const char *name, struct error *err)
{
    return locate(path, "scripts", name, "run cmake --install", err);
}

bool locate_program(const char *name)
{
    const char *directory = getenv("PATH");
    if (!directory)
        directory = "/bin:/usr/bin"; /* where posix_spawnp looks then */
    for (;; directory++) {
        char path[PATH_SIZE];
        struct stat info;
        const int length = (int)strcspn(directory, ":");
        /* An empty one is the current directory. */
        if (snprintf(path, sizeof path, "%.*s%s%s", length, directory, length > 0 ? "/" : "", name) <
                (int)sizeof path &&
            stat(path, &info) == 0 && S_ISREG(info.st_mode) && access(path, X_OK) == 0)
            return true;
        directory += length;
        if (*directory == '\0')
            return false;
    }
}
