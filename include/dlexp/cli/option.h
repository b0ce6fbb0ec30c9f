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

/* The type of an option's value, which is the type of the configuration's field at `offset`. */
enum option_type {
    OPTION_FLAG,     /* bool; takes no value */
    OPTION_INTEGER,  /* int64_t */
    OPTION_COUNT,    /* size_t: an integer that is not negative */
    OPTION_REAL,     /* double */
    OPTION_NAME,     /* size_t: index of the name in the table that `choice` walks */
    OPTION_TEXT,     /* const char *: points into argv or to `initial`; not freed; "" is refused */
    OPTION_SEED,     /* int64_t: see options_seed; no bounds of its own */
    OPTION_INTEGERS, /* struct integers: comma-separated */
    OPTION_REALS     /* comma-separated: double[exactly], or a struct reals where there may be any number */
};

enum option_flags {
    /*
     * The option may have several values, and there is a run for each.  They stand in the invocation's axis;
     * the field has the first.  Where a value is no list itself the values are comma-separated, with ranges: seeds
     * 5..9, and A..B:N for N numbers from A to B, evenly spaced on a logarithmic scale.  Lists are given by giving the
     * option again.
     */
    OPTION_AXIS = 1,
    /* The field is a list of such values (struct indices, integers, reals): one run may go through several in turn. */
    OPTION_CHAIN = 2,
    OPTION_LINEAR = 4,    /* A..B:N is evenly spaced on a linear scale */
    OPTION_MAY_EMPTY = 8, /* a list may be the word "none", which has no element */
    /* Of settings (run/setting.h): */
    OPTION_KEY = 16,   /* tables always have its column */
    OPTION_QUIET = 32, /* its default is not in a run's spec, so that it can be added without renaming stored runs */
    /* Of an OPTION_TEXT, for the completion of shells: */
    OPTION_FILE = 64,    /* it names a file */
    OPTION_FOLDER = 128, /* it names a folder */
    OPTION_COMMON = 256, /* one of all commands, without a field (options_common.h) */
    OPTION_CALL = 512,   /* how this call goes about it, which changes no number: plan.json has no such option */
    /* Of a setting: it only says how long a run goes on, which with a smaller value is the beginning of one with a
     * larger (unless another setting hangs on it). */
    OPTION_LENGTH = 1024,
    OPTION_DATA = 2048, /* it says which data are read: no setting, as runs are named by what was read, but it decides
                         * what their numbers are */
    OPTION_RUNS = 4096  /* no setting, but which runs there are hangs on it */
};

struct option {
    const char *name;  /* without the dashes; a row with a NULL name ends the table */
    const char *alias; /* a second name for the same thing, or NULL */
    char letter;       /* a short form, or 0 */
    enum option_type type;
    unsigned flags;      /* of enum option_flags */
    size_t offset;       /* of the field in the configuration */
    const char *value;   /* what --help calls the value, e.g. "LIST"; NULL for a flag */
    const char *initial; /* the default as one would type it, read by the same parser; NULL: zero, false, empty, NULL */
    double low, high;    /* every number must satisfy low <= number <= high; both 0: any; INFINITY: no limit */
    bool low_open;       /* low < number instead; with low and high both 0: any number > 0 */
    bool high_open;      /* number < high instead */
    size_t exactly;      /* a list must have this many elements; 0: one or more */
    bool (*choice)(size_t index, const char **name); /* the i-th known name; false past the last */
    size_t (*meant)(size_t index);                   /* the name that this one is another of; NULL: each is its own */
    const char *help;  /* one sentence without final period; --help adds the default and the known names */
    const char *group; /* heading in --help; NULL: the same as the row before */

    /* A row with a key is a setting: it decides what a run's numbers are (run/setting.h). */
    const char *key;   /* its name in specs, tables and labels; "beta1,beta2": of each of its elements */
    const char *label; /* how it reads in every label, as "at %s degrees"; NULL: as setting.h says */
    bool (*spec_choice)(size_t index, const char **name); /* what specs call the names; NULL: as `choice` does */
    /*
     * A setting that hangs on another one, its owner, whose field is at this offset: whether it does anything where the
     * owner has this value (NULL: always), and, of a real, its default there (NULL: `initial`).  Where the owner is a
     * name, --help says for which names it applies and which have another default than `initial`.
     */
    size_t owner;
    bool (*applies)(const void *owner, const struct option *row);
    double (*initial_of)(const void *owner, const struct option *row);
    /* What there must be for it to apply, for a message: "an optimizer that uses it".  NULL: it may be given where it
     * does not. */
    const char *applies_to;
};

/* The values of an option with OPTION_AXIS: an array of what its type says, without OPTION_CHAIN. */
struct axis {
    void *values;
    size_t count;
};

/* options_value_size - bytes of one value. */
size_t options_value_size(const struct option *option);

struct cJSON;
struct invocation;
struct run_task;
struct experiment_table;

/* A command: one file of an experiment's room and one row in the table of main.c. */
struct command {
    const char *name;       /* one word */
    const char *words;      /* how it is typed, where that is in two words: "data import" of data-import; or NULL */
    const char *summary;    /* one line for `dlexp --help` */
    const char *operand;    /* the one positional argument in --help: "[DIR]", or "DIR" if required; NULL: none */
    size_t operand_offset;  /* of its const char * in the configuration; NULL is left there when it is not given */
    unsigned operand_flags; /* OPTION_FILE or OPTION_FOLDER, or 0 */
    bool operands;          /* there may be several ("[DIR...]"): those behind the first stand in the invocation */
    bool experiment;        /* it goes the way of experiments (run/experiment.h): a task can be done with its plan */
    const struct experiment_table *tables; /* that it writes (run/experiment_table.h); or NULL */
    const char *description;               /* paragraphs for `dlexp help NAME` */
    const char *examples;                  /* lines "dlexp batchnorm --lr 0.5    what it does" */
    const struct option *options;
    size_t config_size; /* of the configuration struct that the options fill in */
    int (*run)(const void *config, const struct invocation *invocation, struct error *err);
};

/* command_typed - how it is typed: its words, or its name. */
static inline const char *command_typed(const struct command *command)
{
    return command->words != NULL ? command->words : command->name;
}

/* What a command may want to know of its call, beside its configuration. */
struct invocation {
    int argc;
    char **argv; /* the whole command line; argv[0] is the program */
    const struct command *command;
    bool *given;       /* given[i]: row i of the options table stood on the command line, or in the file of --config */
    bool *filled;      /* its value is there: it was given, or recorded by the call whose run.json --config names */
    struct axis *axes; /* axes[i]: the values of row i, where it may have several */
    char **further;    /* operands behind the first, where there may be several; argv's */
    size_t further_count;
    struct cJSON *file;                    /* that of --config, which texts of the configuration point into; or NULL */
    const struct command *const *commands; /* of the program, up to a NULL: for one that gives another's call again */
    const struct run_task
        *task; /* of an experiment: what is done with its plan in the place of computing it; or NULL */
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
