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
 * name), and the invocation, whose command is set.
 *
 * Accepted: --name VALUE, --name=VALUE, -l VALUE and, for an integer, -l4 for a letter, the operand anywhere, "--"
 * before an operand that starts with a dash.  The word after an option that takes a value is always its value (so
 * `--seed -1` works). Blanks around the elements of a list do not count. Refused with ERROR_USAGE, the option's name,
 * what was expected and what was got: unknown option (the nearest known one is named), missing value, a value for a
 * flag, the same option twice, empty list or list element, number not whole or out of range, unknown name (the known
 * ones and the nearest are named), a second operand, a range a..b with a > b.
 *
 * --config FILE is an option of every command (options_file.h); what the command line gives wins over the file, and
 * what neither gives has its default.
 *
 * The lists of both are freed by options_free, which is to be called after success and failure alike.
 */
int options_parse(struct invocation *invocation, int argc, char **argv, void *config, struct error *err);
void options_free(struct invocation *invocation, void *config);

/* options_help_asked - whether -h or --help stands among the words, before any "--" and not as the value of an option.
 */
bool options_help_asked(const struct command *command, int argc, char **argv);

/* options_given - whether the named option stood on the command line or in the file; the name must be in the table
 * (asserted). */
bool options_given(const struct invocation *invocation, const char *name);

/* options_axis - the values of the named option, which has OPTION_AXIS (both asserted). */
const struct axis *options_axis(const struct invocation *invocation, const char *name);

/* options_set_field - the option's field from values of its axis: number `first`, or with OPTION_CHAIN `count` of them
 * from there on, which stay the axis'. */
void options_set_field(const struct option *option, const struct axis *axis, size_t first, size_t count, void *config);

/* command_find - by its name among the commands up to a NULL; NULL: it is none of them.  command_has_setting - whether
 * the column of a table, or the name in a spec, is of one of the command's settings. */
const struct command *command_find(const struct command *const *commands, const char *name);
bool command_has_setting(const struct command *command, const char *column);

/* options_print_help - usage line, description, options by group with defaults and known names, examples. */
void options_print_help(const struct command *command, FILE *out);

/*
 * options_to_json - a new object {option: value} of the whole configuration; json.h tells when memory ran out.  What
 * may have several values is an array, always where it is a key (OPTION_KEY, OPTION_CHAIN), otherwise where it has.
 * Integers beyond 2^53 are strings (RFC 7493, 2.2).
 *
 * options_add_json - the same as the member "config", and as "given" the names of the options that the call gave: all
 * that --config needs to make the same call again.  options_add_plan_json - without the options that have OPTION_CALL.
 */
struct cJSON *options_to_json(const struct invocation *invocation, const void *config);
void options_add_json(struct cJSON *object, const struct invocation *invocation, const void *config);
void options_add_plan_json(struct cJSON *object, const struct invocation *invocation, const void *config);

#endif
