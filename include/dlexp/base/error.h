/*
 * error.h - how a module that touches the outside world reports failure.
 *
 * Such a function returns 0, or -1 with a filled struct error; it prints nothing and never exits.  Only main
 * prints the message and turns the code into the exit status.  Functions that only compute cannot fail.
 */
#ifndef DLEXP_ERROR_H
#define DLEXP_ERROR_H

/* The exit statuses of the program, documented in README.md and `dlexp --help`. */
enum error_code {
    ERROR_RUN = 1,          /* a run failed for a reason that none of the codes below names */
    ERROR_USAGE = 2,        /* the command line is wrong */
    ERROR_DATA = 3,         /* a file's content is not what it must be */
    ERROR_IO = 4,           /* the system refused: files, directories, memory, threads */
    ERROR_CHECK = 5,        /* a check was not met */
    ERROR_INTERRUPTED = 130 /* stopped by SIGINT; 128 + n for any other signal n */
};

struct error {
    int code;           /* an enum error_code, or 128 + signal number */
    char message[2048]; /* what, where, expected, got, remedy; no trailing newline */
};

/* error_set - fill *err (any previous content is replaced) and return -1, so that `return error_set(...)` reads well.
 */
int error_set(struct error *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* error_set_errno - as error_set, with ": " and the text of errno appended; code is ERROR_IO. */
int error_set_errno(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* error_add - append to the message that is there; what does not fit is cut off. */
void error_add(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* error_out_of_memory - the one wording for a failed allocation of `what`; returns -1. */
int error_out_of_memory(struct error *err, const char *what);

#endif
