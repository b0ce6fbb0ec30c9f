/*
 * workers.h - threads that work until there is nothing left to do, and the caller, who looks after them meanwhile.
 */
#ifndef DLEXP_WORKERS_H
#define DLEXP_WORKERS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#include "dlexp/base/error.h"

struct workers {
    pthread_mutex_t lock;   /* of all that the threads share */
    pthread_cond_t changed; /* to be signalled where there is something to look at */
    size_t working;         /* threads not yet through; under the lock */
    atomic_bool stop;       /* all are to end soon: a signal came, or one of them says so */
};

void workers_init(struct workers *workers);
void workers_free(struct workers *workers);

/* Each thread's part, without the lock; it ends when nothing is left, or workers->stop is set. */
typedef void workers_work_fn(void *context);

/*
 * The caller's part, with the lock held, which it may let go for a while.  Returns the seconds that it need not be
 * called unless workers->changed is signalled; 0: again at once, also when no thread works any more.
 */
typedef double workers_watch_fn(void *context);

/*
 * workers_run - all of it, on at most so many threads; the last call of `watch` comes after the last thread's end.
 * ERROR_IO if not even one can be started.
 */
int workers_run(struct workers *workers, size_t threads, workers_work_fn *work, workers_watch_fn *watch, void *context,
                struct error *err);

#endif
