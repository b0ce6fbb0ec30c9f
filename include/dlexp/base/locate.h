/*
 * locate.h - where the files are that belong to the program: in the source tree it was built from, else in the share
 * directory beside the program that runs, else where it was to be installed.
 *
 * *path is malloc'ed (the caller frees it), NULL after a failure: ERROR_DATA, with the three places, where none has
 * it.
 */
#ifndef DLEXP_LOCATE_H
#define DLEXP_LOCATE_H

#include <stdbool.h>

#include "dlexp/base/error.h"

/* locate_data - a file or directory of data/, such as "mnist" or "published/epochs.csv". */
int locate_data(char **path, const char *name, struct error *err);

/* locate_script - a file of scripts/, such as "plots/samples.gp". */
int locate_script(char **path, const char *name, struct error *err);

/* locate_program - whether a program of this name stands in a directory of the PATH. */
bool locate_program(const char *name);

#endif
