/*
 * optim_line.h - pieces of text that flow into lines of 80 columns, or into one.
 */
#ifndef DLEXP_OPTIM_LINE_H
#define DLEXP_OPTIM_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { OPTIM_LINE_WIDTH = 80 };

struct optim_line {
    FILE *out;
    size_t indent; /* of further lines */
    bool one;      /* there are none: it is one line, however long */
    size_t column;
};

/* optim_line_begin - with this text; optim_line_add - a piece that is not broken, a blank before it;
 * optim_line_end. */
struct optim_line optim_line_begin(FILE *out, size_t indent, const char *text);
void optim_line_add(struct optim_line *line, const char *piece);
void optim_line_end(struct optim_line *line);

#endif
