/* fopencookie and funopen are no part of POSIX. */
#define _GNU_SOURCE

#include "dlexp/formats/output.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/file.h"

/*
 * Not open_memstream: when its memory cannot grow it may drop a write without a sign (glibc 2.36), and a table would
 * miss a number.  Here the first failure is remembered.
 */
static bool append(struct output *output, const char *data, size_t size)
{
    if (output->failed || size > SIZE_MAX / 2 - output->size) {
        output->failed = true;
        return false;
    }
    if (output->size + size >= output->capacity) {
        const size_t needed = output->size + size + 1, doubled = 2 * output->capacity;
        const size_t capacity = needed > doubled ? needed : doubled;
        char *grown = realloc(output->text, capacity);
        if (!grown) {
            output->failed = true;
            return false;
        }
        output->text = grown;
        output->capacity = capacity;
    }
    memcpy(output->text + output->size, data, size);
    output->size += size;
    output->text[output->size] = '\0';
    return true;
}

#ifdef __APPLE__
static int write_cookie(void *output, const char *data, int size)
{
    return append(output, data, (size_t)size) ? size : -1;
}
#else
static ssize_t write_cookie(void *output, const char *data, size_t size)
{
    return append(output, data, size) ? (ssize_t)size : 0;
}
#endif

int output_open(struct output *output, struct error *err)
{
    *output = (struct output){0};
#ifdef __APPLE__
    output->stream = funopen(output, NULL, write_cookie, NULL, NULL);
#else
    output->stream = fopencookie(output, "w", (cookie_io_functions_t){.write = write_cookie});
#endif
    if (output->stream && append(output, "", 0))
        return 0;
    if (output->stream)
        fclose(output->stream);
    output->stream = NULL;
    return error_out_of_memory(err, "a file to write");
}

char *output_take(struct output *output, struct error *err)
{
    const bool failed = ferror(output->stream) != 0;
    if (fclose(output->stream) != 0 || failed || output->failed) {
        free(output->text);
        output->text = NULL;
        error_out_of_memory(err, "a file to write");
    }
    output->stream = NULL;
    return output->text;
}

int output_close(struct output *output, const char *path, struct error *err)
{
    unsigned char *old = NULL;
    size_t old_size = 0;
    struct error ignored;
    if (!output_take(output, err))
        return -1;
    int result = 0;
    if (file_read(path, &old, &old_size, &ignored) < 0 || old_size != output->size ||
        memcmp(old, output->text, old_size) != 0)
        result = file_write_atomic(path, output->text, output->size, err);
    free(old);
    free(output->text);
    output->text = NULL;
    return result;
}

int output_close_in(struct output *output, const char *directory, const char *name, struct error *err)
{
    char *path = path_join(directory, name);
    if (!path) {
        free(output_take(output, err));
        return error_out_of_memory(err, "a path");
    }
    int result = output_close(output, path, err);
    free(path);
    return result;
}
