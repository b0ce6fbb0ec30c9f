/*
 * output.h - a file made in memory and put in place whole.
 */
#ifndef DLEXP_OUTPUT_H
#define DLEXP_OUTPUT_H

#include <stdio.h>

#include "dlexp/error.h"

struct output {
    FILE *stream; /* print here */
    char *text;
    size_t size;
};

/* output_open - start a file in memory. */
int output_open(struct output *output, struct error *err);

/* output_close - put what was printed at directory/name, atomically; a file that already holds the same bytes is left
 * alone. */
int output_close(struct output *output, const char *directory, const char *name, struct error *err);

/* output_take - end it without a file: the malloc'ed text, or NULL and an error. */
char *output_take(struct output *output, struct error *err);

#endif
