/*
 * progress.h - what a person sees while runs are under way; all of it on stderr.
 *
 * On a terminal one line is redrawn about ten times a second: the run that reported last, percent over all work, time
 * left, that run's metrics, and a bar.  What does not fit is left out whole, so that no number is cut: first the bar,
 * then metrics from the last one on, then the time.  Off a terminal (a pipe, a log file, CI) nothing is redrawn: one
 * line per finished run.
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
    char name[160], last[160]; /* of the run that reported last, and its metrics, parted by ", " */
    int width;                 /* columns of the line drawn last, to erase it */
};

/* progress_start - runs and units still to do; quiet prints nothing ever. */
void progress_start(struct progress *progress, size_t runs, uint_fast64_t units, bool quiet);

/* progress_draw - redraw the line, if there is a terminal.  The run's name and its metrics (or ""); NULL keeps both. */
void progress_draw(struct progress *progress, const char *name, const char *last);

/* progress_finished - a run ended: its line of text stays (on a terminal above the redrawn one).  progress_passed - one
 * so short that its line, "[3/8] name (0.2 s)", is for pipes and files alone. */
void progress_finished(struct progress *progress, const char *line);
void progress_passed(struct progress *progress, const char *name, double seconds);

/* progress_note - "dlexp: note: TEXT" above the redrawn line; also where progress is quiet. */
void progress_note(struct progress *progress, const char *text);

/* progress_stop - erase the redrawn line. */
void progress_stop(struct progress *progress);

/* progress_time - "0.4 s", "12 s", "3 min 20 s", "2 h 5 min" for a number of seconds. */
const char *progress_time(char buffer[32], double seconds);

#endif
