/*
 * setting.h - what decides a run's numbers: the rows with a key in a command's table of options (option.h).
 *
 * One row is one setting; its spec line, its part of a label, its column in tables and its place among the runs of a
 * grid (grid.h) are read off it.  `config` is a run's configuration: the command's, in which every setting has the
 * value of this run.
 */
#ifndef DLEXP_SETTING_H
#define DLEXP_SETTING_H

#include <stdbool.h>
#include <stdio.h>

#include "dlexp/base/error.h"
#include "dlexp/cli/option.h"
#include "dlexp/formats/frame.h"

enum { SETTING_TEXT_SIZE = 512 }; /* the widths of as many layers as a net may have fit in */

/* setting_applies - whether it does anything in this run. */
bool setting_applies(const struct option *row, const void *config);

/* setting_is_seed - whether its values are seeds: runs that differ in them alone are of one configuration. */
bool setting_is_seed(const struct option *row);

/* setting_is_length - whether it only says how long a run goes on (OPTION_LENGTH). */
bool setting_is_length(const struct option *row);

/* setting_of_line - the setting that a line "key=value" of a spec is of, among the rows of this kind, such as
 * setting_is_seed; NULL: it is of none of them.  Rows end at a NULL name. */
typedef bool setting_kind_fn(const struct option *row);
const struct option *setting_of_line(const struct option *rows, const char *line, setting_kind_fn *kind);

/* setting_initial - of one with initial_of: its default in this run. */
double setting_initial(const struct option *row, const void *config);

/* settings_set_initials - those with initial_of that were not given (given[i]: rows[i] was): their defaults in this
 * run, once everything else of the configuration is set. */
void settings_set_initials(const struct option *rows, const bool *given, void *config);

/* settings_check_used - ERROR_USAGE where one was given that says what it applies to and applies to nothing: used[i]
 * is whether rows[i] does. */
int settings_check_used(const struct option *rows, const bool *given, const bool *used, struct error *err);

/* setting_key - what tables and labels call it: its key, or where each element has its own, its option's name. */
const char *setting_key(const struct option *row);

/*
 * setting_format - the value as text: numbers in their shortest exact form, names, lists with commas; "none" for a list
 * without elements.  spec: names as specs have them.  Cut where it is longer than the buffer.
 */
const char *setting_format(char buffer[SETTING_TEXT_SIZE], const struct option *row, const void *config, bool spec);

/* setting_is_initial - whether it has its default, whose `initial` is written as setting_format writes it. */
bool setting_is_initial(const struct option *row, const void *config);

/*
 * settings_print_spec - a line "key=value" for each setting that applies, in the table's order.  A setting with
 * OPTION_QUIET has none at its default, which is found by comparing texts: its `initial` must be written as
 * setting_format writes it.
 */
void settings_print_spec(FILE *out, const struct option *rows, const void *config);

/*
 * setting_label - the setting's part of a run's label: as row->label says; without one, a name of a key stands alone
 * ("batchnorm") and everything else follows its key ("lr 0.01", "optimizer adam").  A label is made of the keys, the
 * settings with a row->label, and those that have several values.
 */
const char *setting_label(char buffer[SETTING_TEXT_SIZE], const struct option *row, const void *config);

/* settings_print_set - ", " and the label of each setting with OPTION_QUIET that applies and has not its default: what
 * a plan would not say otherwise. */
void settings_print_set(FILE *out, const struct option *rows, const void *config);

/* setting_column - the setting as the column of a table; setting_fill - its cell, which is empty where it does not
 * apply.  A list stands there without commas, 128-64 or 0.9/0.999: not every reader of CSV sees quotes.
 */
struct frame_column setting_column(const struct option *row);
void setting_fill(struct frame *frame, const struct option *row, const void *config);

/* setting_compare - two values in their order: numbers by size, names by their place in the table, lists by their
 * elements.  a, b: fields of the option's type (without OPTION_CHAIN). */
int setting_compare(const struct option *row, const void *a, const void *b);

#endif
