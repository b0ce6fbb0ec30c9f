/*
 * options.h - a command and its options as tables: the parser, --help and the recorded configuration are read off them.
 */
#ifndef DLEXP_OPTIONS_H
#define DLEXP_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "dlexp/base/error.h"
#include "dlexp/cli/option.h"

struct cJSON;

/*
 * options_parse - fill the zeroed configuration from the defaults and from argv[0..argc) (the words after the command's
 * name).
 *
 * Accepted: --name VALUE, --name=VALUE, -l VALUE and, for an integer, -l4 for a letter, the operand anywhere, "--"
 * before an operand that starts with a dash.  The word after an option that takes a value is always its value (so
 * `--seed -1` works). Blanks around the elements of a list do not count. Refused with ERROR_USAGE, the option's name,
 * what was expected and what was got: unknown option (the nearest known one is named), missing value, a value for a
 * flag, the same option twice, empty list or list element, number not whole or out of range, unknown name (the known
 * ones and the nearest are named), a second operand, a range a..b with a > b. given (one bool a row of the table) is
 * filled in.  The lists are freed by options_free, also after a failure.
 */
int options_parse(const struct command *command, int argc, char **argv, void *config, bool *given, struct error *err);
void options_free(const struct command *command, void *config);

/* options_help_asked - whether -h or --help stands among the words, before any "--" and not as the value of an option.
 */
bool options_help_asked(const struct command *command, int argc, char **argv);

/* options_sort_integers, options_sort_reals - put a list that means a set in ascending order. */
void options_sort_integers(const struct integers *list);
void options_sort_reals(const struct reals *list);

/* options_refuse_repeats - ERROR_USAGE, naming the option, if a number stands in the list twice. */
int options_refuse_repeats(const char *option, const struct reals *list, struct error *err);

/* options_given - whether the named option stood on the command line; the name must be in the table (asserted). */
bool options_given(const struct invocation *invocation, const char *name);

/* options_print_help - usage line, description, options by group with defaults and known names, examples. */
void options_print_help(const struct command *command, FILE *out);

/* options_to_json - a new object {option: value} of the whole configuration; json.h tells when memory ran out. */
struct cJSON *options_to_json(const struct command *command, const void *config);

#endif
