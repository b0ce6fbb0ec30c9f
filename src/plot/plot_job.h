/*
 * plot_job.h - what one call of `dlexp plot` draws: figures of folders, each in some formats, into a folder.
 */
#ifndef DLEXP_PLOT_JOB_H
#define DLEXP_PLOT_JOB_H

#include "dlexp/plot/figure.h"
#include "dlexp/plot/folders.h"

enum { PLOT_FIGURES_MAX = 64 };

enum plot_status {
    PLOT_DRAWN,
    PLOT_UNCHANGED, /* the picture of the same tables, scripts and style is there */
    PLOT_LEFT_OUT,  /* the folder lacks what it needs, or its curves cannot be told apart */
    PLOT_FAILED
};

/* A figure of a folder. */
struct plot_item {
    const struct figure *figure;
    size_t folder; /* in job->folders */
    enum plot_status status;
    char *why;                    /* where it was left out or failed; else NULL */
    bool removed[FIGURE_FORMATS]; /* pictures of an earlier call that went, as they show what is no more */
};

struct plot_job {
    struct folders folders;
    const char *out;               /* pictures of folder NAME go to out/NAME */
    bool wanted[PLOT_FIGURES_MAX]; /* of the rows of the table */
    bool formats[FIGURE_FORMATS];
    struct figure_style style;
    bool force; /* draw also what is unchanged */

    struct plot_item *items;
    size_t count;
    size_t counts[PLOT_FAILED + 1]; /* of each status */
    char **gone;                    /* pictures that went, as the folder they show is no more; malloc'ed */
    size_t gone_count;
};

/*
 * plot_job_run - decides and draws, folder by folder; those that fail are remembered and the others drawn all the same.
 * Returns -1 where nothing more can be drawn: no gnuplot, no memory, a folder that cannot be written.
 */
int plot_job_run(struct plot_job *job, struct error *err);

/* plot_gone_remove - remove what earlier calls drew from folders in `directory` that are no more, and the folder of
 * pictures with the last of them. */
int plot_gone_remove(struct plot_job *job, const char *directory, struct error *err);

void plot_job_free(struct plot_job *job);

/* plot_job_path - malloc'ed: the item's picture, out/NAME/figure.svg, or, with `figure` NULL, its folder. */
char *plot_job_path(const struct plot_job *job, size_t folder, const struct figure *figure, const char *ending);

/* plot_index_write - out/index.html: what is drawn, with titles and links to pictures and tables. */
int plot_index_write(const struct plot_job *job, struct error *err);

#endif
