/*
 * svg.h - makes of gnuplot's SVG a picture that can stand in a page.
 */
#ifndef DLEXP_SVG_H
#define DLEXP_SVG_H

#include <stddef.h>
#include <stdio.h>

/* What gnuplot does not know of a picture. */
struct svg_facts {
    const char *name;         /* identifiers begin with it: letters, digits, '_', '-', '.' */
    const char *title, *text; /* of <title> and <desc> */
    double width;             /* of the picture in pixels, 96 per inch; 0: as gnuplot has it */
    const char *unit;         /* of the stated size, with its pixels; NULL: pixels */
    double unit_pixels;
};

/*
 * svg_finish - the SVG in text, as gnuplot's terminal writes it, onto `out`, which remembers failures (output.h).
 *
 * The result begins with "<svg", with role="img" and the facts' title and description in the place of gnuplot's; plots
 * lose the titles that are gnuplot's syntax; identifiers and the references to them get the name before them; behind
 * the font's name stands "sans-serif".  A style sheet of its own turns light into dark where the reader's screen is
 * dark (prefers-color-scheme), not in print.  Returns 0, or -1 where the text is no SVG of gnuplot's.
 */
int svg_finish(const char *text, const struct svg_facts *facts, FILE *out);

#endif
