/*
 * completion_parts.h - what the scripts for all shells have in common.
 */
#ifndef DLEXP_COMPLETION_PARTS_H
#define DLEXP_COMPLETION_PARTS_H

#include <stdio.h>

#include "dlexp/cli/program.h"

/* What may stand as a value. */
enum completion_kind {
    COMPLETION_NONE, /* nothing: the option is a flag */
    COMPLETION_ANY,  /* something that cannot be completed, such as a number */
    COMPLETION_NAME, /* one of the names that `choice` walks */
    COMPLETION_LIST, /* several of these, separated by commas */
    COMPLETION_FILE,
    COMPLETION_FOLDER,
    COMPLETION_KINDS
};

/* completion_kind_of - the option's value.  completion_operand_kind - what stands without an option. */
enum completion_kind completion_kind_of(const struct option *option);
enum completion_kind completion_operand_kind(const struct command *command);

/* completion_row - the i-th option that a command takes, its own and then those of all commands; NULL past the last. */
const struct option *completion_row(const struct command *command, size_t index);

/* completion_print_names - the names, each with a blank before it but the first. */
void completion_print_names(bool (*choice)(size_t index, const char **name), FILE *out);

/* completion_brief - the option's explanation, cut to what a list of options has room for. */
enum { COMPLETION_BRIEF = 80 };
const char *completion_brief(char brief[COMPLETION_BRIEF], const struct option *option);

/* The shells. */
void completion_bash(const struct program *program, FILE *out);
void completion_zsh(const struct program *program, FILE *out);
void completion_fish(const struct program *program, FILE *out);

#endif
