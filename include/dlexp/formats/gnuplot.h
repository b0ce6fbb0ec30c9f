/*
 * gnuplot.h - runs gnuplot on a figure script.
 */
#ifndef DLEXP_GNUPLOT_H
#define DLEXP_GNUPLOT_H

#include <stddef.h>

#include "dlexp/base/error.h"

enum gnuplot_end {
    GNUPLOT_FAILED = -1, /* err says why */
    GNUPLOT_ENDED_WELL,
    GNUPLOT_MISSING, /* there is none in the PATH; err says so, with the remedy */
    GNUPLOT_DECLINED /* the script ended with status 3: its data are well, but not to be drawn; err has its words */
};

/* What a child printed. */
struct gnuplot_output {
    char *bytes; /* malloc'ed, with a NUL behind the last; the caller frees it, after failures too */
    size_t size;
};

/*
 * gnuplot_run - `gnuplot -d -e SETTINGS -c SCRIPT ARGUMENTS`, without a shell; its standard output, which is the
 * picture where the settings say so.  settings: gnuplot's language, or NULL; arguments: up to a NULL.  What it says on
 * standard error becomes the message of a failure.  Several threads may each run one.
 */
enum gnuplot_end gnuplot_run(const char *settings, const char *script, const char *const *arguments,
                             struct gnuplot_output *output, struct error *err);

#endif
