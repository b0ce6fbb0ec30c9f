/* cpus.c - how many CPUs this process may use: affinity and the quota of control groups. */
#ifdef __linux__
#define _GNU_SOURCE /* sched_getaffinity is Linux's own */
#endif

#include "dlexp/base/cpus.h"

#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

size_t cpus_online(void)
{
    const long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (size_t)online : 1;
}

/* CPUs that the affinity allows, or 0 where that is not known. */
static size_t count_allowed(void)
{
    size_t count = 0;
#ifdef __linux__
    /* The kernel refuses a set that is smaller than its own. */
    for (int cpus = 1024; cpus <= 1 << 20 && count == 0; cpus *= 4) {
        cpu_set_t *set = CPU_ALLOC((size_t)cpus);
        if (!set)
            return 0;
        const size_t size = CPU_ALLOC_SIZE((size_t)cpus);
        if (sched_getaffinity(0, size, set) == 0)
            count = (size_t)CPU_COUNT_S(size, set);
        CPU_FREE(set);
    }
#endif
    return count;
}

/* The first line of root/directory/name without its end; false where there is none. */
static bool read_line(char *line, size_t size, const char *root, const char *directory, const char *name)
{
    char path[3 * PATH_SIZE];
    if (snprintf(path, sizeof path, "%s%s/%s", root, directory, name) >= (int)sizeof path)
        return false;
    FILE *file = fopen(path, "re");
    const bool found = file && fgets(line, (int)size, file) != NULL;
    if (file)
        fclose(file);
    if (found)
        line[strcspn(line, "\n")] = '\0';
    return found;
}

/* quota/period in CPUs; infinity unless both are positive numbers (version 2 says "max", version 1 says -1). */
static double ratio(const char *quota, const char *period)
{
    const double q = strtod(quota, NULL), p = strtod(period, NULL);
    return q > 0 && p > 0 && isfinite(q) ? q / p : INFINITY;
}

/* The quota of one group. */
static double group_quota(const char *root, const char *directory, bool version_2)
{
    char quota[128], period[128];
    if (!version_2)
        return read_line(quota, sizeof quota, root, directory, "cpu.cfs_quota_us") &&
                       read_line(period, sizeof period, root, directory, "cpu.cfs_period_us")
                   ? ratio(quota, period)
                   : INFINITY;
    if (!read_line(quota, sizeof quota, root, directory, "cpu.max") || strncmp(quota, "max", 3) == 0)
        return INFINITY;
    const char *blank = strchr(quota, ' ');
    return blank ? ratio(quota, blank + 1) : INFINITY;
}

/* Whether the comma-separated list has the word. */
static bool has_word(const char *list, const char *word)
{
    const size_t length = strlen(word);
    while (list) {
        if (strncmp(list, word, length) == 0 && (list[length] == ',' || list[length] == '\0'))
            return true;
        list = strchr(list, ',');
        list += list != NULL;
    }
    return false;
}

/* The path of this process's group in the hierarchy of version 2, or in that of version 1 which has the CPU. */
static bool find_group(char path[PATH_SIZE], const char *root, bool version_2)
{
    char name[PATH_SIZE], *line = NULL;
    size_t size = 0;
    bool found = false;
    snprintf(name, sizeof name, "%s/proc/self/cgroup", root);
    FILE *file = fopen(name, "re");
    while (file && !found && getline(&line, &size, file) > 0) {
        /* number:controllers:path; version 2 is 0::path */
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!group)
            continue;
        *controllers++ = *group++ = '\0';
        found = (version_2 ? strcmp(line, "0") == 0 && *controllers == '\0' : has_word(controllers, "cpu")) &&
                snprintf(path, PATH_SIZE, "%s", group) < PATH_SIZE;
    }
    free(line);
    if (file)
        fclose(file);
    return found;
}

/* In mountinfo a blank and its kin are written as a backslash and three octal digits. */
static void unescape(char *text)
{
    char *to = text;
    for (; *text; text++)
        if (*text == '\\' && strspn(text + 1, "01234567") >= 3) {
            *to++ = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
            text += 3;
        } else {
            *to++ = *text;
        }
    *to = '\0';
}

/*
 * Takes a line of mountinfo apart: number parent device root directory options ... - type source options.  False unless
 * it is a mount of the wanted hierarchy.
 */
static bool parse_mount(char *line, char **mount_root, char **directory, bool version_2)
{
    char *fields[5] = {NULL}, *rest = NULL, *type, *source, *options;
    char *tail = strstr(line, " - ");
    if (!tail)
        return false;
    *tail = '\0';
    tail += 3;
    fields[0] = strtok_r(line, " ", &rest);
    for (size_t i = 1; i < 5 && fields[i - 1]; i++)
        fields[i] = strtok_r(NULL, " ", &rest);
    type = strtok_r(tail, " \n", &rest);
    source = type ? strtok_r(NULL, " \n", &rest) : NULL;
    options = source ? strtok_r(NULL, " \n", &rest) : NULL;
    if (!fields[4] || !type || (version_2 ? strcmp(type, "cgroup2") != 0 : strcmp(type, "cgroup") != 0) ||
        (!version_2 && !has_word(options, "cpu")))
        return false;
    unescape(*mount_root = fields[3]);
    unescape(*directory = fields[4]);
    return true;
}

/* Where the hierarchy's mount shows the group: the mount's own directory, and the path below it ("" for itself). */
static bool find_directory(char directory[PATH_SIZE], char below[PATH_SIZE], const char *root, const char *group,
                           bool version_2)
{
    char name[PATH_SIZE], *line = NULL, *mount_root, *mounted;
    size_t size = 0;
    bool found = false;
    snprintf(name, sizeof name, "%s/proc/self/mountinfo", root);
    FILE *file = fopen(name, "re");
    while (file && !found && getline(&line, &size, file) > 0) {
        if (!parse_mount(line, &mount_root, &mounted, version_2))
            continue;
        const size_t length = strcmp(mount_root, "/") == 0 ? 0 : strlen(mount_root);
        /* A container may see its group by the name that it has outside, and the mount begin elsewhere. */
        const bool inside = strncmp(group, mount_root, length) == 0 && (group[length] == '/' || group[length] == '\0');
        found = snprintf(directory, PATH_SIZE, "%s", mounted) < PATH_SIZE;
        snprintf(below, PATH_SIZE, "%s", inside ? group + length : "");
    }
    free(line);
    if (file)
        fclose(file);
    return found;
}

/* The least quota from the group up to the top of its hierarchy. */
static double hierarchy_quota(const char *root, bool version_2)
{
    char group[PATH_SIZE], directory[PATH_SIZE], below[PATH_SIZE], path[2 * PATH_SIZE];
    double least = INFINITY;
    if (!find_group(group, root, version_2) || !find_directory(directory, below, root, group, version_2))
        return least;
    for (;;) {
        snprintf(path, sizeof path, "%s%s", directory, below);
        least = fmin(least, group_quota(root, path, version_2));
        char *slash = strrchr(below, '/');
        if (!slash)
            return least;
        *slash = '\0';
    }
}

double cpus_quota(const char *root)
{
    return fmin(hierarchy_quota(root, false), hierarchy_quota(root, true));
}

size_t cpus_available(void)
{
    const size_t allowed = count_allowed();
    size_t count = cpus_online();
    if (allowed > 0 && allowed < count)
        count = allowed;
    const double quota = ceil(cpus_quota(""));
    return quota < (double)count ? (size_t)quota : count;
}
