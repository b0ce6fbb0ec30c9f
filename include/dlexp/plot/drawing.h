/*
 * drawing.h - draws figures, as many at a time as there are CPUs, and hands them over in order.
 */
#ifndef DLEXP_PLOT_DRAWING_H
#define DLEXP_PLOT_DRAWING_H

#include "dlexp/plot/figure.h"

/* A figure to draw, and what became of it. */
struct drawing {
    const struct figure *figure;
    const char *folder;
    const struct figure_style *style;
    bool formats[FIGURE_FORMATS];

    enum figure_end end;
    struct pictures pictures; /* drawings_draw frees them when they were handed over */
    struct error err;         /* where it was not drawn */
    bool finished;
};

/* Takes a finished drawing; -1 ends it all, and err says why. */
typedef int drawing_fn(struct drawing *drawing, void *context, struct error *err);

/*
 * drawings_draw - the drawings one after the other to `take`, in the thread that called, as if each were drawn then:
 * only sooner, as others are being drawn meanwhile.  No more than a few wait in memory.  Returns the -1 of
 * `take`, or 0.
 */
int drawings_draw(struct drawing *drawings, size_t count, drawing_fn *take, void *context, struct error *err);

#endif
