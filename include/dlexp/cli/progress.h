/*
 * progress.h - what a person sees while runs are under way; all of it on stderr.
 *
 * On a terminal one line is redrawn about ten times a second: a bar over all work, percent, time left, and the last
 * metrics.  Off a terminal (a pipe, a log file, CI) nothing is redrawn: one line per finished run.
 */
#ifndef DLEXP_PROGRESS_H
#define DLEXP_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool quiet, terminal;
    size_t runs, finished;     /* runs to do, runs finished; only the drawing thread touches these */
    uint_fast64_t units;       /* work over all runs (training steps) */
    atomic_uint_fast64_t done; /* units done so far; workers add to it (relaxed) */
    double start_s;            /* monotonic clock at progress_start */
    double drawn_s;            /* the same when the line was drawn last */
    char last[160];            /* last metrics: text of the run that reported last */
    int width;                 /* columns of the line drawn last, to erase it */
};

/* progress_start - runs and units still to do; quiet prints nothing ever. */
void progress_start(struct progress *progress, size_t runs, uint_fast64_t units, bool quiet);

/* progress_draw - redraw the line, if there is a terminal.  `last` replaces the last metrics; NULL keeps them. */
void progress_draw(struct progress *progress, const char *last);

/* progress_finished - a run ended: its line of text stays (on a terminal above the bar). */
void progress_finished(struct progress *progress, const char *line);

/* progress_stop - erase the redrawn line. */
void progress_stop(struct progress *progress);

/* progress_time - "0.4 s", "12 s", "3 min 20 s", "2 h 5 min" for a number of seconds. */
const char *progress_time(char buffer[32], double seconds);

#endif
