/*
 * reports.h - what runs say while they compute, from the threads that compute them to the one that draws: of several
 * the last.
 */
#ifndef DLEXP_REPORTS_H
#define DLEXP_REPORTS_H

#include <pthread.h>
#include <stdbool.h>

#include "dlexp/cli/progress.h"
#include "dlexp/run/runner.h"

/* All but the lock is under it. */
struct reports {
    pthread_mutex_t *lock;                /* the caller's */
    char name[RUN_LABEL_SIZE], last[160]; /* the run that reported last, and its metrics */
    bool reported;                        /* one has */
};

/* A run that reports. */
struct reporter {
    struct reports *reports;
    const struct run *run;
};

/* reporter_report - run_hooks.report, to a struct reporter; without the lock. */
void reporter_report(void *reporter, const char *text);

/* reports_draw - draw the progress line with the last report; called and left with the lock held, drawn without. */
void reports_draw(const struct reports *reports, struct progress *progress);

#endif
