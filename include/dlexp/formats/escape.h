/*
 * escape.h - any text inside a page of a format, so that nothing in it is read as the format's own signs.
 */
#ifndef DLEXP_ESCAPE_H
#define DLEXP_ESCAPE_H

#include <stddef.h>
#include <stdio.h>

/* HTML: also inside an attribute in double quotes.  Markdown: GitHub's, with mathematics between $.  LaTeX: in a
 * paragraph.  A line's end is a blank in the latter two; other control characters are left out everywhere. */
void escape_html(FILE *out, const char *text, size_t length);
void escape_markdown(FILE *out, const char *text, size_t length);
void escape_latex(FILE *out, const char *text, size_t length);

#endif
