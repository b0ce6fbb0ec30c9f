/*
 * options_names.h - rows of a table of options by their names.
 */
#ifndef DLEXP_OPTIONS_NAMES_H
#define DLEXP_OPTIONS_NAMES_H

#include "dlexp/cli/option.h"

/* options_names_has - whether the row has this name, or has it as its alias.  options_names_find - the row of the table
 * that has, or NULL. */
bool options_names_has(const struct option *option, const char *name, size_t length);
const struct option *options_names_find(const struct option *options, const char *name, size_t length);

/* options_names_meant - for a name that the invocation's command has not: "; did you mean 'PREFIXlr'?", or where none
 * is near, which other commands have it, or else "; known: " and all.  prefix: "--", or "" for a key of a file. */
void options_names_meant(char *text, size_t size, const struct invocation *invocation, const char *name, size_t length,
                         const char *prefix);

#endif
