/* workers.c - see workers.h. */
#include "dlexp/base/workers.h"

#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "dlexp/base/interrupt.h"

void workers_init(struct workers *workers)
{
    pthread_mutex_init(&workers->lock, NULL);
    pthread_cond_init(&workers->changed, NULL);
    workers->working = 0;
    atomic_store(&workers->stop, false);
}

void workers_free(struct workers *workers)
{
    pthread_cond_destroy(&workers->changed);
    pthread_mutex_destroy(&workers->lock);
}

/* What a thread is given. */
struct part {
    struct workers *workers;
    workers_work_fn *work;
    void *context;
};

static void *run_part(void *part_)
{
    const struct part *part = part_;
    struct workers *workers = part->workers;
    part->work(part->context);
    pthread_mutex_lock(&workers->lock);
    workers->working--;
    pthread_cond_signal(&workers->changed);
    pthread_mutex_unlock(&workers->lock);
    return NULL;
}

static void wait_for_change(struct workers *workers, double seconds)
{
    enum { SECOND_NS = 1000000000 };
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)(SECOND_NS * seconds);
    until.tv_sec += until.tv_nsec / SECOND_NS;
    until.tv_nsec %= SECOND_NS;
    pthread_cond_timedwait(&workers->changed, &workers->lock, &until);
}

int workers_run(struct workers *workers, size_t threads, workers_work_fn *work, workers_watch_fn *watch, void *context,
                struct error *err)
{
    struct part part = {workers, work, context};
    pthread_t *thread = malloc(threads * sizeof *thread);
    size_t started = 0;
    double patience_s = 0.05;
    bool last;
    if (!thread)
        return error_out_of_memory(err, "threads");
    pthread_mutex_lock(&workers->lock);
    while (started < threads && pthread_create(&thread[started], NULL, run_part, &part) == 0)
        started++;
    workers->working = started;
    do {
        if (workers->working > 0 && patience_s > 0)
            wait_for_change(workers, patience_s);
        if (interrupt_signal())
            atomic_store(&workers->stop, true);
        last = workers->working == 0; /* threads may end while watch has let the lock go */
        patience_s = watch(context);
    } while (!last || patience_s <= 0);
    pthread_mutex_unlock(&workers->lock);
    for (size_t i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    free(thread);
    if (started == 0)
        return error_set(err, ERROR_IO, "cannot start a thread: the system has none left; try a smaller --jobs");
    return 0;
}
