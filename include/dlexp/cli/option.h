/*
 * option.h - one option and one command as rows of tables.  options.h reads command lines by them.
 */
#ifndef DLEXP_OPTION_H
#define DLEXP_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlexp/base/error.h"
#include "dlexp/base/lists.h"

/* The type of an option is the type of the configuration's field at `offset`. */
enum option_type {
    OPTION_FLAG,     /* bool; takes no value */
    OPTION_INTEGER,  /* int64_t */
    OPTION_REAL,     /* double */
    OPTION_NAME,     /* int64_t: index of the name in the table that `choice` walks */
    OPTION_TEXT,     /* const char *: points into argv or to `initial`; not freed; "" is refused */
    OPTION_INTEGERS, /* struct integers: comma-separated */
    OPTION_SEED,     /* int64_t: see options_seed; no bounds of its own */
    OPTION_SEEDS,    /* struct integers: such seeds, comma-separated, with inclusive ranges 5..9 */
    OPTION_REALS,    /* struct reals: comma-separated */
    OPTION_NAMES     /* struct integers: comma-separated names */
};

struct option {
    const char *name;  /* without the dashes; a row with a NULL name ends the table */
    const char *alias; /* a second name for the same thing, or NULL */
    char letter;       /* a short form, or 0 */
    enum option_type type;
    size_t offset;       /* of the field in the configuration */
    const char *value;   /* what --help calls the value, e.g. "LIST"; NULL for a flag */
    const char *initial; /* the default as one would type it, read by the same parser; NULL: zero, false, empty, NULL */
    double low, high;    /* every number must satisfy low <= number <= high; both 0: any; INFINITY: no limit */
    bool low_open;       /* low < number instead; with low and high both 0: any number > 0 */
    bool high_open;      /* number < high instead */
    size_t exactly;      /* a list must have this many elements; 0: one or more */
    bool (*choice)(size_t index, const char **name); /* the i-th known name; false past the last */
    const char *help;  /* one sentence without final period; --help adds the default and the known names */
    const char *group; /* heading in --help; NULL: the same as the row before */
};

struct invocation;

/* A command: one file of an experiment's room and one row in the table of main.c. */
struct command {
    const char *name;
    const char *summary;     /* one line for `dlexp --help` */
    const char *operand;     /* the one positional argument in --help: "[DIR]", or "DIR" if required; NULL: none */
    size_t operand_offset;   /* of its const char * in the configuration; NULL is left there when it is not given */
    const char *description; /* paragraphs for `dlexp help NAME` */
    const char *examples;    /* lines "dlexp batchnorm --lr 0.5    what it does" */
    const struct option *options;
    size_t config_size; /* of the configuration struct that the options fill in */
    int (*run)(const void *config, const struct invocation *invocation, struct error *err);
};

/* What a command may want to know of its call, beside its configuration. */
struct invocation {
    int argc;
    char **argv; /* the whole command line; argv[0] is the program */
    const struct command *command;
    const bool *given; /* given[i]: row i of the options table stood on the command line */
};

/*
 * options_seed - the one integer that stands for a seed of torch.manual_seed: -2^63 to 2^64 - 1 may be typed, and a
 * negative s means 2^64 + s, so the two spellings of one seed are one number here, in labels, tables and names of runs.
 * It is the signed one, -1 for 18446744073709551615; lists are in ascending order of these.
 */
int64_t options_seed(uint64_t bits);

/*
 * options_find - index of the name (or -1): the exact-match look-up that the parser uses for OPTION_NAME.  names is
 * walked as `choice` above.
 */
int64_t options_find(const char *text, size_t length, bool (*names)(size_t index, const char **name));

#endif
