/* fopencookie and funopen are no part of POSIX. */
#define _GNU_SOURCE

#include "standard_output.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/*
 * printf fails when the buffer is full, in the middle of a table; by the time anyone looks, ferror() tells that a write
 * failed but errno no longer why.  So the stream below stdout is ours, where the C library lets stdout be another one.
 */
#if defined __GLIBC__ || defined __APPLE__
static int failure; /* errno of the first write that failed */

#ifdef __APPLE__
static int write_cookie(void *unused, const char *data, int size)
#else
static ssize_t write_cookie(void *unused, const char *data, size_t size)
#endif
{
    size_t left = (size_t)size;
    (void)unused;
    while (left > 0 && failure == 0) {
        const ssize_t wrote = write(STDOUT_FILENO, data, left);
        if (wrote < 0 && errno != EINTR)
            failure = errno;
        if (wrote > 0) {
            data += wrote;
            left -= (size_t)wrote;
        }
    }
#ifdef __APPLE__
    return left > 0 ? -1 : size;
#else
    return left > 0 ? 0 : (ssize_t)size;
#endif
}

void standard_output_begin(void)
{
#ifdef __APPLE__
    FILE *stream = funopen(NULL, NULL, write_cookie, NULL, NULL);
#else
    FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_cookie});
#endif
    if (!stream)
        return; /* the C library's own does, but for the reason */
    setvbuf(stream, NULL, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, BUFSIZ);
    stdout = stream;
}
#else
static const int failure = 0;

void standard_output_begin(void)
{
}
#endif

int standard_output_end(void)
{
    errno = 0;
    const int flushed = fflush(stdout), reason = errno;
    if (flushed == 0 && !ferror(stdout))
        return 0;
    return failure != 0 ? failure : reason != 0 ? reason : -1;
}
