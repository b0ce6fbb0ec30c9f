/*
 * preload.c - lets the n-th call of a kind fail, for a program started with this library in LD_PRELOAD.
 *
 *   DLEXP_FAULT="KIND N MODE"   KIND: see `kinds`; N: 1, 2, ...; 0 lets none fail and counts
 *                               MODE: fail (the kind's errno), short (half of a read or write), zero (a read or write
 *                               of 0 bytes)
 *   DLEXP_FAULT_REPORT=FILE     at the end "CALLS FIRED LIVE THREADS": calls of the kind, 1 if one failed, blocks not
 *                              freed, threads started
 *
 * Only the program itself is meant: the library takes itself out of the environment, so that its children run without.
 * For glibc, whose allocator has second names to go on with.
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

enum kind {
    ALLOC,
    OPEN,
    READ,
    WRITE,
    FSYNC,
    RENAME,
    LINK,
    CLOSE,
    MKDIR,
    UNLINK,
    STAT,
    LIST,
    THREAD,
    FCLOSE,
    FFLUSH,
    SPAWN,
    KINDS
};

static const struct {
    const char *name;
    int error;
} kinds[KINDS] = {
    [ALLOC] = {"alloc", ENOMEM},   [OPEN] = {"open", EMFILE},     [READ] = {"read", EIO},
    [WRITE] = {"write", ENOSPC},   [FSYNC] = {"fsync", EIO},      [RENAME] = {"rename", EACCES},
    [LINK] = {"link", EACCES},     [CLOSE] = {"close", EIO},      [MKDIR] = {"mkdir", ENOSPC},
    [UNLINK] = {"unlink", EACCES}, [STAT] = {"stat", EIO},        [LIST] = {"list", EIO},
    [THREAD] = {"thread", EAGAIN}, [FCLOSE] = {"fclose", ENOSPC}, [FFLUSH] = {"fflush", EIO},
    [SPAWN] = {"spawn", EAGAIN},
};

static enum { FAIL, SHORT, ZERO } mode;
static int wanted_kind = -1;
static unsigned long wanted;
static atomic_ulong calls;
static atomic_int fired;
static atomic_long live, threads;
static char report[4096];

/* Whether this call is the one; sets errno. */
static int fails(enum kind kind)
{
    if ((int)kind != wanted_kind || atomic_fetch_add(&calls, 1) + 1 != wanted)
        return 0;
    atomic_store(&fired, 1);
    errno = kinds[kind].error;
    return 1;
}

#define REAL(function) ((__typeof__(&(function)))dlsym(RTLD_NEXT, #function))

__attribute__((constructor)) static void begin(void)
{
    const char *fault = getenv("DLEXP_FAULT"), *path = getenv("DLEXP_FAULT_REPORT");
    char kind[16] = "", how[16] = "";
    unsigned long n = 0;
    if (!fault || sscanf(fault, "%15s %lu %15s", kind, &n, how) != 3)
        return;
    mode = strcmp(how, "short") == 0 ? SHORT : strcmp(how, "zero") == 0 ? ZERO : FAIL;
    if (path && strlen(path) < sizeof report)
        strcpy(report, path);
    unsetenv("LD_PRELOAD");
    for (int k = 0; k < KINDS; k++)
        if (strcmp(kinds[k].name, kind) == 0) {
            wanted = n;
            wanted_kind = k;
        }
}

__attribute__((destructor)) static void end(void)
{
    char text[128];
    wanted_kind = -1;
    const int length = snprintf(text, sizeof text, "%lu %d %ld %ld\n", atomic_load(&calls), atomic_load(&fired),
                                atomic_load(&live), atomic_load(&threads));
    const long fd = report[0] ? syscall(SYS_openat, AT_FDCWD, report, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
    if (fd >= 0) {
        syscall(SYS_write, fd, text, (size_t)length);
        syscall(SYS_close, fd);
    }
}

/* ---- memory ---- */

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

static void *counted(void *block)
{
    if (block)
        atomic_fetch_add(&live, 1);
    return block;
}

void *malloc(size_t size)
{
    return fails(ALLOC) ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return fails(ALLOC) ? NULL : counted(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size)
{
    if (fails(ALLOC))
        return NULL;
    void *moved = __libc_realloc(block, size);
    if (!block && moved)
        counted(moved);
    if (block && !moved && size == 0)
        atomic_fetch_sub(&live, 1);
    return moved;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails(ALLOC) ? NULL : counted(__libc_memalign(alignment, size));
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    if (fails(ALLOC))
        return ENOMEM;
    void *made = counted(__libc_memalign(alignment, size));
    if (made)
        *block = made;
    return made ? 0 : ENOMEM;
}

void free(void *block)
{
    if (block)
        atomic_fetch_sub(&live, 1);
    __libc_free(block);
}

/* ---- files ---- */

static mode_t mode_argument(int flags, va_list arguments)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    const mode_t permissions = mode_argument(flags, arguments);
    va_end(arguments);
    return fails(OPEN) ? -1 : REAL(open)(path, flags, permissions);
}

int openat(int directory, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    const mode_t permissions = mode_argument(flags, arguments);
    va_end(arguments);
    return fails(OPEN) ? -1 : REAL(openat)(directory, path, flags, permissions);
}

FILE *fopen(const char *path, const char *how)
{
    return fails(OPEN) ? NULL : REAL(fopen)(path, how);
}

ssize_t read(int fd, void *data, size_t size)
{
    ssize_t (*real)(int, void *, size_t) = REAL(read);
    if (!fails(READ))
        return real(fd, data, size);
    return mode == FAIL ? -1 : mode == ZERO ? 0 : real(fd, data, size > 1 ? size / 2 : size);
}

/* What read is under _FORTIFY_SOURCE. */
ssize_t __read_chk(int fd, void *data, size_t size, size_t room)
{
    return size <= room ? read(fd, data, size) : (abort(), -1);
}

ssize_t write(int fd, const void *data, size_t size)
{
    ssize_t (*real)(int, const void *, size_t) = REAL(write);
    if (!fails(WRITE))
        return real(fd, data, size);
    return mode == FAIL ? -1 : mode == ZERO ? 0 : real(fd, data, size > 1 ? size / 2 : size);
}

int fsync(int fd)
{
    return fails(FSYNC) ? -1 : REAL(fsync)(fd);
}

int syncfs(int fd)
{
    return fails(FSYNC) ? -1 : REAL(syncfs)(fd);
}

int rename(const char *from, const char *to)
{
    return fails(RENAME) ? -1 : REAL(rename)(from, to);
}

int link(const char *from, const char *to)
{
    return fails(LINK) ? -1 : REAL(link)(from, to);
}

/* As Linux does it: the descriptor is gone all the same. */
int close(int fd)
{
    const int failed = fails(CLOSE), result = REAL(close)(fd);
    if (failed)
        errno = kinds[CLOSE].error;
    return failed ? -1 : result;
}

int mkdir(const char *path, mode_t permissions)
{
    return fails(MKDIR) ? -1 : REAL(mkdir)(path, permissions);
}

int unlink(const char *path)
{
    return fails(UNLINK) ? -1 : REAL(unlink)(path);
}

int stat(const char *path, struct stat *info)
{
    return fails(STAT) ? -1 : REAL(stat)(path, info);
}

int lstat(const char *path, struct stat *info)
{
    return fails(STAT) ? -1 : REAL(lstat)(path, info);
}

int fstat(int fd, struct stat *info)
{
    return fails(STAT) ? -1 : REAL(fstat)(fd, info);
}

int statvfs(const char *path, struct statvfs *info)
{
    return fails(STAT) ? -1 : REAL(statvfs)(path, info);
}

DIR *opendir(const char *path)
{
    return fails(LIST) ? NULL : REAL(opendir)(path);
}

struct dirent *readdir(DIR *listing)
{
    return fails(LIST) ? NULL : REAL(readdir)(listing);
}

int fclose(FILE *stream)
{
    const int failed = fails(FCLOSE), result = REAL(fclose)(stream);
    if (failed)
        errno = kinds[FCLOSE].error;
    return failed ? EOF : result;
}

int fflush(FILE *stream)
{
    return fails(FFLUSH) ? EOF : REAL(fflush)(stream);
}

/* ---- threads and processes ---- */

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
    if (fails(THREAD))
        return kinds[THREAD].error;
    atomic_fetch_add(&threads, 1);
    return REAL(pthread_create)(thread, attributes, start, argument);
}

int posix_spawnp(pid_t *child, const char *file, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes, char *const argv[], char *const environment[])
{
    return fails(SPAWN) ? kinds[SPAWN].error : REAL(posix_spawnp)(child, file, actions, attributes, argv, environment);
}
