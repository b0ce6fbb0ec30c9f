/*
 * flow.h - words that flow into lines of a width, for a person to read.
 *
 *     struct flow flow = {.out = stdout, .line = screen_text_width(stdout), .indent = 2};
 *     flow_text(&flow, "a sentence of any length");
 *     flow_end(&flow);
 */
#ifndef DLEXP_FLOW_H
#define DLEXP_FLOW_H

#include <stddef.h>
#include <stdio.h>

#include "dlexp/formats/screen.h"

/* column is where the next character goes (0..), and begins where whoever printed before stopped; lines after the
 * first begin at `indent`.  The rest is flow's own. */
struct flow {
    FILE *out;
    size_t line, indent, column;
    size_t length;    /* of the word being gathered, in bytes */
    int blank, begun; /* a space separates it from what stands before; a word stands on this line */
    char word[512];
};

/* flow_text - words are parted by blanks and newlines, but for "97.5 %"; a word goes on into the next text.  flow_piece
 * - one word after those before, whatever blanks it has.  flow_end - ends the line. */
void flow_text(struct flow *flow, const char *text);
void flow_piece(struct flow *flow, const char *text);
void flow_end(struct flow *flow);

/*
 * flow_begin - a paragraph as wide as the screen of `out`: a label at its beginning ("runs:", "  "; it may be wider
 * than that), its words from column `indent` on; with the label "" the first line begins at column 0.
 *
 * flow_print - such a paragraph, whole.  flow_say - of a printf; what is longer than 4,000 bytes is cut.
 */
struct flow flow_begin(FILE *out, const char *label, size_t indent);
void flow_print(FILE *out, const char *label, size_t indent, const char *text);
void flow_say(FILE *out, const char *label, size_t indent, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* flow_width - columns that the first `length` bytes of UTF-8 take: a character is one, a colour none. */
size_t flow_width(const char *text, size_t length);

#endif
