/*
 * hints.h - what users of other tools type, and what it is called here: one table of options, one of values.
 *
 * They are asked for words that are unknown only, so that a name which a command has needs no row.  A new word is a
 * row.
 */
#ifndef DLEXP_HINTS_H
#define DLEXP_HINTS_H

#include "dlexp/cli/option.h"

enum { HINT_SIZE = 256 };

/*
 * What follows "unknown option ..." or "unknown name ...": "; did you mean '--lr'?" or "; it runs on the CPU alone";
 * NULL if the word is in no row.  Upper and lower case are the same, and so are '_' and '-'.
 *
 * hints_option - name[0..length) without dashes, which the prefix gives back to the one that is meant ("--").
 * hints_spelling - for a name that the command has in another case or with '_': asked before the others, which would
 * say that it lacks it.  hints_elsewhere - "; 'dlexp optim' has it", by the tables of all commands (up to a NULL; or
 * NULL). hints_value - a value of an option with names.
 */
const char *hints_option(char hint[HINT_SIZE], const struct command *command, const char *name, size_t length,
                         const char *prefix);
const char *hints_spelling(char hint[HINT_SIZE], const struct command *command, const char *name, size_t length,
                           const char *prefix);
const char *hints_elsewhere(char hint[HINT_SIZE], const struct command *const *commands, const char *name,
                            size_t length);
const char *hints_value(char hint[HINT_SIZE], const struct option *option, const char *text, size_t length);

/*
 * hints_decimal - the numbers that a text with decimal commas means: "0.01" of "0,01", "0.9,0.999" of "0,9,0,999"; NULL
 * where nothing looks like it.  *certain: no list looks like this, as an element is such as 01.
 *
 * hints_range - "1..10" of 1-10 or 1:10; NULL of anything else.  hints_list - "128,64" of 128-64 or 128x64.
 *
 * hints_semicolons - "0.01,0.5" of 0.01;0.5, and of numbers also of 0,01;0,5; NULL where there is no semicolon.
 */
const char *hints_decimal(char hint[HINT_SIZE], const char *text, bool *certain);
const char *hints_range(char hint[HINT_SIZE], const char *text, size_t length);
const char *hints_list(char hint[HINT_SIZE], const char *text, size_t length);
const char *hints_semicolons(char hint[HINT_SIZE], const char *text, bool numbers);

#endif
