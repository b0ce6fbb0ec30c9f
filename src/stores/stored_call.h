/*
 * stored_call.h - the call whose runs a results folder holds, given once more with a task (run/task.h) in the place of
 * computing.
 *
 * Which call that was stands in DIR/plan.json, of calls that compute a part of it each, or else in DIR/run.json: its
 * experiment and configuration, as --config takes them.  Relative paths in it count from where this call is given.
 */
#ifndef DLEXP_STORED_CALL_H
#define DLEXP_STORED_CALL_H

#include <stddef.h>

#include "dlexp/base/error.h"
#include "dlexp/cli/option.h"
#include "dlexp/run/task.h"

/* An option of that call which gets another value, if it is not NULL. */
struct stored_option {
    const char *name, *value;
};

struct stored_call {
    const char *directory;               /* DIR */
    const struct stored_option *options; /* up to a NULL name */
    const char *document;                /* out: the name of the file that told of the call */
    const struct command *command;       /* out: the call's */
};

/* stored_call_check - ERROR_DATA unless text, of a file of this path, is one that tells of a call of some experiment.
 */
int stored_call_check(const char *text, const char *path, struct error *err);

/*
 * stored_call_run - find the call and give it.  ERROR_DATA: there is no such file, or it is not one of an experiment;
 * ERROR_USAGE: an option that the call's command has not.  What the call and the task fail with.
 */
int stored_call_run(struct stored_call *call, const struct run_task *task, const struct invocation *invocation,
                    struct error *err);

/* The option of a command that gives such a call again: where its data lie now. */
#define STORED_DATA_OPTION(field)                                                                                      \
    .name = "data", .type = OPTION_TEXT, .flags = OPTION_FOLDER, .offset = field, .value = "DIR",                      \
    .help = "where the data of the runs are; without it where the call of DIR found them"

#endif
