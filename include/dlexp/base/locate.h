/*
 * locate.h - finds the files that belong to the program: in the share directory beside the running program, so that an
 * installed one needs no source tree and may be moved; else in the source tree it was built from; else where it was to
 * be installed.
 *
 * *path is malloc'ed (the caller frees it), and NULL after a failure.  If none of the three places has the file, that
 * is ERROR_DATA, and the message names them.
 */
#ifndef DLEXP_LOCATE_H
#define DLEXP_LOCATE_H

#include <stdbool.h>

#include "dlexp/base/error.h"

/* locate_data - a file or directory of data/, such as "mnist" or "published/epochs.csv". */
int locate_data(char **path, const char *name, struct error *err);

/* locate_input - a file that the user names, as it was typed; or one of data/ where it was typed as "data/..." and
 * there is none of that name in the current directory.  The message of a failure names all these places. */
int locate_input(char **path, const char *typed, struct error *err);

/* locate_script - a file of scripts/, such as "plots/samples.gp". */
int locate_script(char **path, const char *name, struct error *err);

/* locate_program - whether a program of this name stands in a directory of the PATH. */
bool locate_program(const char *name);

#endif
