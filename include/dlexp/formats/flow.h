/*
 * flow.h - words that flow into lines of a width, for a person to read.
 *
 *     struct flow flow = {.out = stdout, .line = FLOW_SCREEN, .indent = 2};
 *     flow_text(&flow, "a sentence of any length");
 *     flow_end(&flow);
 */
#ifndef DLEXP_FLOW_H
#define DLEXP_FLOW_H

#include <stddef.h>
#include <stdio.h>

/* Columns of the screens that results are made for. */
enum { FLOW_SCREEN = 80 };

/* column is where the next character goes (0..), and begins where whoever printed before stopped; lines after the
 * first begin at `indent`.  The rest is flow's own. */
struct flow {
    FILE *out;
    size_t line, indent, column;
    size_t length, width; /* of the word being gathered, in bytes and in characters */
    int blank, begun;     /* a space separates it from what stands before; a word stands on this line */
    char word[512];
};

/* flow_text - words are parted by blanks and newlines, but for "97.5 %"; a word goes on into the next text.  flow_end -
 * ends the line. */
void flow_text(struct flow *flow, const char *text);
void flow_end(struct flow *flow);

/* flow_print - a text as a paragraph: its first line from column 0 on, the others indented. */
void flow_print(FILE *out, const char *text, size_t line, size_t indent);

/* flow_width - characters of UTF-8 among the first `length` bytes. */
size_t flow_width(const char *text, size_t length);

#endif
