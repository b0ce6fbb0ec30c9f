/*
 * screen.h - what the screen that a stream goes to is like: how wide, and whether it shows colours.
 *
 * Asked for here alone.  A stream is stdout, stderr, or any other, which goes to no screen.
 */
#ifndef DLEXP_SCREEN_H
#define DLEXP_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum {
    SCREEN_COLUMNS = 80, /* off a terminal, where the environment has no COLUMNS */
    SCREEN_LEAST = 40,   /* narrower ones are taken to have so many, but for the line that is redrawn */
    SCREEN_TEXT = 100    /* lines of words are no longer: the eye would lose them */
};

/*
 * screen_columns - of stdout and stderr as many as COLUMNS says, if that is in the environment and a number above 0 (a
 * shell keeps it to itself unless it is exported); else as the terminal says; off a terminal SCREEN_COLUMNS, so that
 * logs and pipes are the same everywhere.
 *
 * screen_width - the same for tables: no fewer than SCREEN_LEAST.  screen_text_width - for words: SCREEN_TEXT at most.
 */
size_t screen_columns(FILE *out);
size_t screen_width(FILE *out);
size_t screen_text_width(FILE *out);

/* screen_redraws - whether it is a terminal on which a line can be redrawn and colours be shown: not TERM=dumb. */
bool screen_redraws(FILE *out);

/* Whether words are coloured; auto: on a terminal, unless NO_COLOR is set to anything (no-color.org). */
enum screen_color { SCREEN_COLOR_AUTO, SCREEN_COLOR_ALWAYS, SCREEN_COLOR_NEVER };
bool screen_color_name(size_t index, const char **name);

/* screen_set_color - for the rest of the program; until then it is auto.  screen_colors - whether `out` gets them. */
void screen_set_color(enum screen_color when);
bool screen_colors(FILE *out);

#endif
