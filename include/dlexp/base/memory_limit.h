/*
 * memory_limit.h - how much memory this process may still take.  It is asked before memory is allocated, because a
 * system that overcommits grants every allocation and later kills the process without a message.
 */
#ifndef DLEXP_MEMORY_LIMIT_H
#define DLEXP_MEMORY_LIMIT_H

#include <stddef.h>

#include "dlexp/base/error.h"

struct memory_limit {
    double bytes;     /* that are left; INFINITY where nothing is known */
    const char *name; /* what sets that limit, for a message: "the limit of the control group" */
};

/*
 * memory_limit_now - the least of what is left by the machine (its swap included), by the control groups the process is
 * in (version 1 or 2, and those above them), and by the process's own limits on address space and data.
 */
struct memory_limit memory_limit_now(void);

/* memory_limit_below - the same with /proc and /sys below this directory. */
struct memory_limit memory_limit_below(const char *root);

enum { MEMORY_TEXT_SIZE = 32 };

/* memory_format - a number of bytes for people, "1.7 GB", in the buffer, which is returned. */
const char *memory_format(char buffer[MEMORY_TEXT_SIZE], double bytes);

/* memory_limit_check - ERROR_IO if `what` takes more bytes than are left; the message has both numbers and the remedy.
 */
int memory_limit_check(double bytes, const char *what, const char *remedy, struct error *err);

#endif
