/* temporary.c - names of files that are being written. */
#include "dlexp/base/temporary.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PREFIX_SIZE = TEMPORARY_HOST_SIZE + 32 };

/* The start time of a process in clock ticks since the system started, or 0 where that cannot be read. */
static uintmax_t start_time(pid_t pid)
{
    enum { BEFORE = 19 }; /* fields between the name in parentheses and the 22nd, see proc(5) */
    char path[64], text[1024];
    uintmax_t start = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    const ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    text[size > 0 ? size : 0] = '\0';
    const char *p = strrchr(text, ')'); /* the name may hold blanks and parentheses */
    for (int i = 0; p && i <= BEFORE; i++)
        p = strchr(p + 1, ' ');
    return p && sscanf(p, "%" SCNuMAX, &start) == 1 ? start : 0;
}

/* What the suffixes of all processes that this one can see begin with. */
static void make_prefix(char prefix[PREFIX_SIZE])
{
    char host[TEMPORARY_HOST_SIZE] = "";
    struct stat info;
    gethostname(host, sizeof host);
    host[sizeof host - 1] = '\0';
    for (char *p = host; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '.' && *p != '-')
            *p = '_';
    const uintmax_t namespace = stat("/proc/self/ns/pid", &info) == 0 ? (uintmax_t)info.st_ino : 0;
    snprintf(prefix, PREFIX_SIZE, ".tmp-%s-%" PRIuMAX "-", *host ? host : "_", namespace);
}

void temporary_suffix(char suffix[TEMPORARY_SUFFIX_SIZE])
{
    static atomic_uint counter;
    char prefix[PREFIX_SIZE];
    const pid_t pid = getpid(); /* each time: a forked process is another one */
    make_prefix(prefix);
    snprintf(suffix, TEMPORARY_SUFFIX_SIZE, "%s%ld-%" PRIuMAX "-%u", prefix, (long)pid, start_time(pid),
             atomic_fetch_add(&counter, 1));
}

/* A number as printf writes it, up to `limit`, and what follows it; false for anything else. */
static bool take_number(const char **text, uintmax_t limit, uintmax_t *value)
{
    const char *p = *text;
    *value = 0;
    if (!isdigit((unsigned char)*p) || (p[0] == '0' && isdigit((unsigned char)p[1])))
        return false;
    for (; isdigit((unsigned char)*p); p++) {
        const unsigned digit = (unsigned)(*p - '0');
        if (*value > (limit - digit) / 10)
            return false;
        *value = *value * 10 + digit;
    }
    *text = p;
    return true;
}

static bool is_gone(pid_t pid, uintmax_t start)
{
    if (kill(pid, 0) < 0 && errno == ESRCH)
        return true;
    const uintmax_t now = start > 0 ? start_time(pid) : 0;
    return now > 0 && now != start;
}

bool temporary_abandoned(const char *name)
{
    char prefix[PREFIX_SIZE];
    make_prefix(prefix);
    /* The last one: the name itself may hold anything. */
    const char *found = NULL;
    for (const char *p = name; (p = strstr(p, prefix)) != NULL; p++)
        found = p;
    if (!found || found == name)
        return false;
    const char *p = found + strlen(prefix);
    uintmax_t pid, start, number;
    return take_number(&p, INT_MAX, &pid) && pid > 0 && *p++ == '-' && take_number(&p, UINTMAX_MAX, &start) &&
           *p++ == '-' && take_number(&p, UINT_MAX, &number) && *p == '\0' && is_gone((pid_t)pid, start);
}

/* The last "-" before `end`, if a number stands between them; NULL. */
static const char *number_before(const char *begin, const char *end)
{
    const char *p = end;
    uintmax_t ignored;
    while (p > begin && isdigit((unsigned char)p[-1]))
        p--;
    const char *number = p;
    return p > begin && p[-1] == '-' && take_number(&number, UINTMAX_MAX, &ignored) && number == end ? p - 1 : NULL;
}

bool temporary_host(const char *name, char host[TEMPORARY_HOST_SIZE], bool *here)
{
    static const char mark[] = ".tmp-";
    char prefix[PREFIX_SIZE];
    const char *found = NULL, *end = name + strlen(name);
    for (const char *p = name; (p = strstr(p, mark)) != NULL; p++)
        found = p;
    /* Behind the host: namespace, process, start, number. */
    for (int i = 0; i < 4 && found && end; i++)
        end = number_before(found, end);
    if (!found || found == name || !end || end <= found + sizeof mark - 1)
        return false;
    const size_t length = (size_t)(end - found) - (sizeof mark - 1);
    if (length >= TEMPORARY_HOST_SIZE)
        return false;
    memcpy(host, found + sizeof mark - 1, length);
    host[length] = '\0';
    make_prefix(prefix);
    *here = strncmp(found, prefix, strlen(prefix)) == 0;
    return true;
}
