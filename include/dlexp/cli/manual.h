/*
 * manual.h - manual pages for man(1), as the macros of man(7).
 */
#ifndef DLEXP_MANUAL_H
#define DLEXP_MANUAL_H

#include <stdio.h>

#include "dlexp/cli/program.h"

/* manual_print_program - dlexp(1).  manual_print_command - dlexp-NAME(1).  Failures of `out` are for its owner to see.
 */
void manual_print_program(const struct program *program, FILE *out);
void manual_print_command(const struct command *command, FILE *out);

#endif
