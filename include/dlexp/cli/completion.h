/*
 * completion.h - scripts with which a shell completes the program's commands, options, the names that options know
 * (also behind a comma), files and folders.
 *
 * A shell is one row of `shells` and one file, completion_SHELL.c.
 */
#ifndef DLEXP_COMPLETION_H
#define DLEXP_COMPLETION_H

#include <stdio.h>

#include "dlexp/cli/program.h"

/* completion_shell - the i-th shell's name; false past the last.  completion_print - the script for this one; failures
 * of `out` are for its owner to see. */
bool completion_shell(size_t index, const char **name);
void completion_print(size_t shell, const struct program *program, FILE *out);

#endif
