/*
 * program.h - what the program answers, as tables: for its help, its manual pages and the completions of shells, which
 * are all made by walking them.
 */
#ifndef DLEXP_PROGRAM_H
#define DLEXP_PROGRAM_H

#include "dlexp/cli/option.h"

/* A word in the place of a command that main itself answers. */
struct builtin {
    const char *name, *summary;
    const char *operand;                                    /* what may follow it, "[COMMAND]"; NULL: nothing */
    bool (*choice)(size_t index, const char **name);        /* the i-th of these words; false past the last */
    int (*run)(int count, char **words, struct error *err); /* words: what follows its name */
};

struct exit_status {
    const char *status, *meaning;
};

/* Each list ends with a NULL, the latter two with one in the row's first member. */
struct program {
    const char *summary; /* what the program does, without its name */
    const struct command *const *commands;
    const struct builtin *builtins;
    const struct exit_status *statuses;
};

#endif
