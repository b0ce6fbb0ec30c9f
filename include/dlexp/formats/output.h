/*
 * output.h - a file made in memory and put in place whole.
 */
#ifndef DLEXP_OUTPUT_H
#define DLEXP_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "dlexp/base/error.h"

/* Must stay where it is while it is open. */
struct output {
    FILE *stream; /* print here; failures are remembered, so nobody need look at what fprintf returns */
    char *text;   /* what the stream has been flushed of, NUL-terminated */
    size_t size, capacity;
    bool failed;
};

/* output_open - start a file in memory. */
int output_open(struct output *output, struct error *err);

/* output_take - end it without a file: the malloc'ed text (output->size bytes), or NULL and an error. */
char *output_take(struct output *output, struct error *err);

/* output_close - put what was printed at path, atomically; a file that already holds the same bytes is left alone. */
int output_close(struct output *output, const char *path, struct error *err);

/* output_close_in - the same at directory/name. */
int output_close_in(struct output *output, const char *directory, const char *name, struct error *err);

#endif
