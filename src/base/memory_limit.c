/* _SC_PHYS_PAGES is no part of POSIX. */
#define _GNU_SOURCE

#include "dlexp/base/memory_limit.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, LINE_SIZE = 4096 };

/* The number behind `key` in a file of lines "key number ...", or the first number where key is ""; NAN: none. */
static double read_number(const char *path, const char *key)
{
    char line[LINE_SIZE];
    double value = NAN;
    FILE *file = fopen(path, "re");
    while (file && isnan(value) && fgets(line, sizeof line, file))
        if (strncmp(line, key, strlen(key)) == 0 && sscanf(line + strlen(key), "%lf", &value) != 1)
            value = NAN;
    if (file)
        fclose(file);
    return value;
}

static void lower(struct memory_limit *limit, double bytes, const char *name)
{
    bytes = bytes > 0 ? bytes : 0;
    if (bytes < limit->bytes)
        *limit = (struct memory_limit){bytes, name};
}

static void machine_limit(struct memory_limit *limit, const char *root)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/proc/meminfo", root);
    const double available = read_number(path, "MemAvailable:"), swap = read_number(path, "SwapFree:");
    if (!isnan(available))
        lower(limit, 1024 * (available + (isnan(swap) ? 0 : swap)), "the machine's memory that is not in use");
#ifdef _SC_PHYS_PAGES
    else if (sysconf(_SC_PHYS_PAGES) > 0)
        lower(limit, (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE), "the machine's memory");
#endif
}

/* What one control group leaves: its file pages that nobody needs are given up before it is out of memory. */
static void group_limit(struct memory_limit *limit, const char *directory, bool second)
{
    char path[PATH_SIZE + 64];
    snprintf(path, sizeof path, "%s/%s", directory, second ? "memory.max" : "memory.limit_in_bytes");
    const double most = read_number(path, "");
    snprintf(path, sizeof path, "%s/%s", directory, second ? "memory.current" : "memory.usage_in_bytes");
    const double used = read_number(path, "");
    snprintf(path, sizeof path, "%s/memory.stat", directory);
    const double spare = read_number(path, second ? "inactive_file " : "total_inactive_file ");
    if (!isnan(most) && !isnan(used)) /* "max": no limit */
        lower(limit, most - used + (isnan(spare) ? 0 : spare), "the limit of the control group");
}

static bool lists_memory(const char *controllers, size_t length)
{
    for (const char *end = controllers + length; controllers < end; controllers++) {
        const size_t word = strcspn(controllers, ",:");
        if (word == 6 && memcmp(controllers, "memory", 6) == 0)
            return true;
        controllers += word;
    }
    return false;
}

/* The groups of the process, from each to the root: /proc/self/cgroup has lines "number:controllers:path". */
static void group_limits(struct memory_limit *limit, const char *root)
{
    char line[LINE_SIZE], directory[PATH_SIZE];
    snprintf(directory, sizeof directory, "%s/proc/self/cgroup", root);
    FILE *file = fopen(directory, "re");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        const char *controllers = strchr(line, ':');
        char *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path)
            continue;
        controllers++;
        const bool second = controllers == path;
        if (!second && !lists_memory(controllers, (size_t)(path - controllers)))
            continue;
        for (path++;; *strrchr(path, '/') = '\0') {
            /* In a container the path may be the host's, and only the root be there. */
            if (snprintf(directory, sizeof directory, "%s/sys/fs/cgroup%s%s", root, second ? "" : "/memory", path) <
                (int)sizeof directory)
                group_limit(limit, directory, second);
            if (!strchr(path, '/'))
                break;
        }
    }
    if (file)
        fclose(file);
}

/* What the limits of the process leave. */
static void own_limits(struct memory_limit *limit, const char *root)
{
    const double page = (double)sysconf(_SC_PAGESIZE);
    double size = 0, data = 0;
    char path[PATH_SIZE];
    struct rlimit own;
    snprintf(path, sizeof path, "%s/proc/self/statm", root);
    FILE *file = fopen(path, "re");
    if (file && fscanf(file, "%lf %*f %*f %*f %*f %lf", &size, &data) != 2)
        size = data = 0;
    if (file)
        fclose(file);
    if (getrlimit(RLIMIT_AS, &own) == 0 && own.rlim_cur != RLIM_INFINITY)
        lower(limit, (double)own.rlim_cur - size * page, "the limit on address space, ulimit -v");
    if (getrlimit(RLIMIT_DATA, &own) == 0 && own.rlim_cur != RLIM_INFINITY)
        lower(limit, (double)own.rlim_cur - data * page, "the limit on data, ulimit -d");
}

struct memory_limit memory_limit_below(const char *root)
{
    struct memory_limit limit = {INFINITY, "nothing known"};
    machine_limit(&limit, root);
    group_limits(&limit, root);
    own_limits(&limit, root);
    return limit;
}

struct memory_limit memory_limit_now(void)
{
    return memory_limit_below("");
}

const char *memory_format(char buffer[MEMORY_TEXT_SIZE], double bytes)
{
    const double mb = bytes / 1e6;
    if (mb >= 999.5)
        snprintf(buffer, MEMORY_TEXT_SIZE, "%.*f GB", mb < 99950 ? 1 : 0, mb / 1e3);
    else if (mb >= 0.9995)
        snprintf(buffer, MEMORY_TEXT_SIZE, "%.*f MB", mb < 9.95 ? 1 : 0, mb);
    else if (bytes >= 999.5)
        snprintf(buffer, MEMORY_TEXT_SIZE, "%.*f kB", bytes < 9950 ? 1 : 0, bytes / 1e3);
    else
        snprintf(buffer, MEMORY_TEXT_SIZE, "%.0f byte%s", bytes, bytes == 1 ? "" : "s");
    return buffer;
}

int memory_limit_check(double bytes, const char *what, const char *remedy, struct error *err)
{
    char takes[MEMORY_TEXT_SIZE], left[MEMORY_TEXT_SIZE];
    const struct memory_limit limit = memory_limit_now();
    if (bytes <= limit.bytes)
        return 0;
    return error_set(err, ERROR_IO, "not enough memory for %s: expected at least %s, got %s (%s); %s", what,
                     memory_format(takes, bytes), memory_format(left, limit.bytes), limit.name, remedy);
}
