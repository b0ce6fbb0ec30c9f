#include "dlexp/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *err, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    err->code = code;
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return -1;
}

int error_set_errno(struct error *err, const char *format, ...)
{
    int saved = errno;
    va_list args;
    va_start(args, format);
    err->code = ERROR_IO;
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    error_add(err, ": %s", strerror(saved));
    return -1;
}

void error_add(struct error *err, const char *format, ...)
{
    const size_t used = strlen(err->message);
    va_list args;
    va_start(args, format);
    vsnprintf(err->message + used, sizeof err->message - used, format, args);
    va_end(args);
}

int error_out_of_memory(struct error *err, const char *what)
{
    return error_set(err, ERROR_IO, "out of memory for %s", what);
}
