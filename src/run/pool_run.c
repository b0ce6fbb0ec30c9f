/* One run in a thread of the pool: computed, its checkpoint kept, its record written. */
#include "pool_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "begun.h"
#include "dlexp/base/clock.h"

/* A note of a checkpoint: the thread that draws shows it. */
static void note(void *pool_, const char *text)
{
    struct pool *pool = pool_;
    pthread_mutex_lock(&pool->workers.lock);
    const size_t used = pool->notes ? strlen(pool->notes) : 0;
    char *grown = realloc(pool->notes, used + strlen(text) + 2);
    if (grown) {
        sprintf(grown + used, "%s\n", text);
        pool->notes = grown;
    }
    pthread_mutex_unlock(&pool->workers.lock);
}

/* The run's checkpoint in `hooks`, where the plan has them. */
static int start_checkpoint(struct pool *pool, const struct run *run, struct begun *begun, struct run_hooks *hooks,
                            struct error *err)
{
    struct checkpoint *checkpoint = &begun->checkpoint;
    *begun = (struct begun){0};
    if (!pool->plan->checkpoints)
        return 0;
    if (begun_start(begun, pool->plan, &pool->store, run, pool->force, err) < 0)
        return -1;
    checkpoint->clock_ms = &pool->clock_ms;
    checkpoint->note = note;
    checkpoint->note_to = pool;
    checkpoint->told = &pool->told;
    checkpoint_start(checkpoint);
    hooks->checkpoint = checkpoint;
    return 0;
}

/* Where the run is taken up again as long as it is not in the store. */
static void leave_checkpoint(struct pool *pool, struct run *run, const struct checkpoint *checkpoint)
{
    run->begun = checkpoint->kept;
    pthread_mutex_lock(&pool->workers.lock);
    pool->lost += checkpoint->reached > checkpoint->kept ? checkpoint->reached - checkpoint->kept : 0;
    pthread_mutex_unlock(&pool->workers.lock);
}

int pool_compute(struct pool *pool, struct run *run, bool *whole, struct file_draft *draft, struct error *err)
{
    struct reporter reporter = {&pool->reports, run};
    struct run_hooks hooks = {
        .stop = &pool->workers.stop, .done = &pool->progress.done, .report = reporter_report, .report_to = &reporter};
    struct begun begun;
    reporter_report(&reporter, ""); /* it begins */
    const double start = clock_now_s();
    *whole = false;
    if (start_checkpoint(pool, run, &begun, &hooks, err) < 0)
        return -1;
    record_init(&run->record, run->spec);
    int result = pool->plan->compute(pool->plan, run, &hooks, &run->record, err);
    *whole = result == 0 && !atomic_load(&pool->workers.stop);
    if (*whole)
        result = store_write(&pool->store, &run->record, draft, err);
    if (*whole && result == 0 && plan_keep(pool->plan, run, err) < 0) { /* who wants its bulk reads it */
        file_draft_free(draft);
        result = -1;
    }
    if (hooks.checkpoint)
        leave_checkpoint(pool, run, hooks.checkpoint);
    if (!*whole || result < 0)
        record_free(&run->record); /* nothing that may be kept */
    run->seconds = hooks.checkpoint ? checkpoint_seconds(hooks.checkpoint) : clock_now_s() - start;
    run->finished_at = time(NULL);
    begun_free(&begun);
    return result;
}
