/*
 * options_explain.h - what help, manual pages and completions say of a command's options, for writers of each.
 */
#ifndef DLEXP_OPTIONS_EXPLAIN_H
#define DLEXP_OPTIONS_EXPLAIN_H

#include "dlexp/cli/option.h"

/* Takes the next piece of a text, which may end within a word. */
typedef void options_put_fn(void *to, const char *text);

/* options_explain - the option's sentence, for which names of its owner it counts, its known names, default and alias.
 */
void options_explain(const struct command *command, const struct option *option, options_put_fn *put, void *to);

/*
 * Options by heading.  Those of a group need not stand together in the table, whose order is that of a run's spec:
 *
 *     for each option that options_is_first_of_group: a heading, options_group, and from there on options_next_of_group
 *     until NULL
 */
const char *options_group(const struct option *options, const struct option *option);
bool options_is_first_of_group(const struct option *options, const struct option *option);
const struct option *options_next_of_group(const struct option *options, const struct option *option);

/* options_example_length - of the command in a line of a command's examples, which two blanks or the line's end close.
 */
size_t options_example_length(const char *line);

#endif
