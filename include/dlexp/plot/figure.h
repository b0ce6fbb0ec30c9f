/*
 * figure.h - the figures there are, one row each: what a figure is drawn from, what it shows, and drawing it.
 *
 *     for (size_t i = 0; (figure = figure_row(i)) != NULL; i++)
 *         if (figure_applies(figure, "results/optim", why, &err) == FIGURE_APPLIES)
 *             figure_draw(figure, "results/optim", &style, formats, &pictures, &err);
 *
 * A figure belongs to the folders that hold the tables it needs, whoever wrote them.  Tables hold what is drawn; the
 * scripts in scripts/plots, run by gnuplot, only draw.
 */
#ifndef DLEXP_PLOT_FIGURE_H
#define DLEXP_PLOT_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/error.h"

enum { FIGURE_NEEDS = 5, FIGURE_WHY = 256 };

/* A table that must be there; columns, parted by blanks, that it must have; with `least`, how many different values the
 * first of them must have at least; with `value`, the one that some row must have there.  The last two read the whole
 * table, so they are asked of short ones. */
struct figure_need {
    const char *table, *columns;
    size_t least;
    const char *value;
};

struct figure {
    const char *name;                       /* of the files, and of --figure */
    const char *command;                    /* whose tables it draws: "optim" */
    const char *script;                     /* below scripts/plots */
    const char *table;                      /* what the script is given: a table of the folder, or "" for the folder */
    const char *setting;                    /* its third argument, "fn=f1", or NULL */
    struct figure_need needs[FIGURE_NEEDS]; /* up to one without a table; the first is `table` or the main one */
    const char *made_by;                    /* a call that writes the tables: "dlexp optim" */
    const char *title;
    const char *description; /* for whoever cannot see it: what is drawn and how it is to be read; nothing
                              * that hangs on what the runs show, as other runs show something else */
};

/* figure_row - the i-th figure, in the order in which a report shows them; NULL past the last. */
const struct figure *figure_row(size_t index);

/* figure_find - the row of that name, or NULL. */
const struct figure *figure_find(const char *name);

/* figure_name - the same as a name, for option tables: false past the last. */
bool figure_name(size_t index, const char **name);

enum figure_fit { FIGURE_FAILED = -1, FIGURE_APPLIES, FIGURE_LACKS };

/* figure_applies - whether the folder holds what the figure needs; where not, `why` says what is missing and which call
 * writes it.  FIGURE_FAILED: the system refused, and err says what. */
enum figure_fit figure_applies(const struct figure *figure, const char *folder, char why[FIGURE_WHY],
                               struct error *err);

/* figure_table - the i-th of the tables it reads, for links; NULL past the last.  Not all need be there. */
const char *figure_table(const struct figure *figure, size_t index);

enum figure_format { FIGURE_SVG, FIGURE_PNG, FIGURE_PDF, FIGURE_FORMATS };

/* figure_format_name - "svg" and so on, which is also the ending of files. */
bool figure_format_name(size_t index, const char **name);

/* How a figure is drawn; all zero: as it is best on a screen, 800 pixels wide or somewhat more, with its title. */
struct figure_style {
    double width;       /* of the picture in pixels, 96 per inch; 0: the figure's own */
    const char *unit;   /* in which an SVG states its size: "mm", "in"; NULL: pixels */
    double unit_pixels; /* pixels of such a unit */
    bool no_title;      /* for a page that has a caption */
    const char *id; /* what an SVG's identifiers begin with, letters, digits, '_', '-', '.'; NULL: the figure's name */
    const char *font; /* NULL: DejaVu Sans; where a screen lacks it, another one without serifs */
};

/* A picture in memory. */
struct picture {
    char *bytes; /* malloc'ed, with a NUL behind the last; NULL: none */
    size_t size;
};

/* A figure's pictures by their formats; pictures_free after success and failure alike. */
struct pictures {
    struct picture of[FIGURE_FORMATS];
};

void picture_free(struct picture *picture);
void pictures_free(struct pictures *pictures);

enum figure_end {
    FIGURE_NOT_DRAWN = -1, /* failed: err says why */
    FIGURE_DRAWN,
    FIGURE_NO_GNUPLOT, /* err says so, with the remedy; whoever can do without goes on */
    FIGURE_NOT_LEGIBLE /* the script declined: more curves than can be told apart; err says what to pick */
};

/*
 * figure_draw - the folder's figure in the formats whose flag is set, drawn by one gnuplot, which reads the tables but
 * once; in memory.  All of them, or none.
 *
 * An SVG has the figure's title and description, its identifiers begin with the figure's name (so that several can
 * stand in one HTML page; the text from "<svg" on does), and a background of its own: white, or dark where the page is
 * (svg.h).  PNG and PDF are white.  The same tables give the same bytes, but for the date in a PDF, which is that of
 * SOURCE_DATE_EPOCH where the environment has it.
 */
enum figure_end figure_draw(const struct figure *figure, const char *folder, const struct figure_style *style,
                            const bool formats[FIGURE_FORMATS], struct pictures *pictures, struct error *err);

#endif
