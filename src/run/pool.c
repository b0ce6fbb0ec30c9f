/* The pending runs of a plan, computed on a pool of threads and stored. */
#include "pool_parts.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "dlexp/base/clock.h"
#include "dlexp/base/interrupt.h"
#include "kept.h"
#include "loader.h"

/*
 * The next run for a thread, with the lock held; false when there is none.  *claimed: no other process has it under
 * way.
 */
static bool take(struct pool *pool, size_t *index, bool *claimed)
{
    const size_t count = pool->plan->count;
    while (pool->next < count) {
        const size_t turn = pool->next++;
        *index = pool->own_order ? runner_position(turn, count, pool->own_order) : turn;
        const struct run *run = &pool->plan->runs[*index];
        if (run->done)
            continue;
        if ((*claimed = store_claim(&pool->store, run->id)))
            return true;
        pool->deferred[pool->deferred_count++] = *index;
    }
    if (pool->deferred_count == 0)
        return false;
    *index = pool->deferred[--pool->deferred_count];
    *claimed = store_claim(&pool->store, pool->plan->runs[*index].id);
    return true;
}

/* Whether this thread may compute what another process has under way: one at a time may. */
static bool may_duplicate(struct pool *pool)
{
    pthread_mutex_lock(&pool->workers.lock);
    const bool may = !pool->duplicating;
    pool->duplicating = true;
    pthread_mutex_unlock(&pool->workers.lock);
    return may;
}

enum outcome { RUN_FAILED, RUN_COMPUTED, RUN_LOADED, RUN_STOPPED, RUN_LEFT };

/* Load or compute one run, without the lock. */
static enum outcome finish_run(struct pool *pool, struct run *run, bool claimed, struct file_draft *draft,
                               struct error *err)
{
    enum outcome outcome = RUN_LEFT;
    const enum store_found found =
        pool->force ? STORE_MISSING : loader_look_up(pool->plan, run, &pool->store, false, err);
    if (found == STORE_FAILED) {
        outcome = RUN_FAILED;
    } else if (found == STORE_FOUND) {
        atomic_fetch_add_explicit(&pool->progress.done, run->units - run->begun, memory_order_relaxed);
        outcome = RUN_LOADED;
    } else if (claimed || may_duplicate(pool)) {
        bool whole;
        outcome = pool_compute(pool, run, &whole, draft, err) < 0 ? RUN_FAILED : whole ? RUN_COMPUTED : RUN_STOPPED;
    }
    if (claimed && outcome != RUN_COMPUTED) /* what was computed is in the store only when it is settled */
        store_release(&pool->store, run->id);
    return outcome;
}

/* These three are called and left with the lock held. */

static void note_done(struct pool *pool, size_t index, bool computed)
{
    struct run *run = &pool->plan->runs[index];
    run->done = true;
    run->computed = computed;
    pool->finished[pool->finished_count++] = index;
}

static void note_failure(struct pool *pool, size_t index, const struct error *err)
{
    atomic_store(&pool->workers.stop, true);
    if (index < pool->failed_run) {
        pool->failed_run = index;
        pool->failure = *err;
    }
}

/* Put what was written into the store; other runs go on meanwhile. */
static void settle(struct pool *pool)
{
    struct error err;
    size_t placed;
    struct saver_group *group = saver_take(&pool->saver);
    pthread_mutex_unlock(&pool->workers.lock);
    const int result = store_settle(&pool->store, group->drafts, group->count, &placed, &err);
    for (size_t i = 0; i < placed && pool->plan->checkpoints; i++)
        checkpoint_remove(&pool->store, pool->plan->runs[group->runs[i]].id);
    for (size_t i = 0; i < group->count; i++)
        if (group->claimed[i])
            store_release(&pool->store, pool->plan->runs[group->runs[i]].id);
    pthread_mutex_lock(&pool->workers.lock);
    for (size_t i = 0; i < placed; i++)
        note_done(pool, group->runs[i], true);
    if (result < 0)
        note_failure(pool, group->runs[placed < group->count ? placed : 0], &err);
    saver_give_back(&pool->saver, group);
}

static void work(void *pool_)
{
    struct pool *pool = pool_;
    struct error err;
    size_t index;
    bool claimed;
    pthread_mutex_lock(&pool->workers.lock);
    while (!atomic_load(&pool->workers.stop) && take(pool, &index, &claimed)) {
        struct run *run = &pool->plan->runs[index];
        pthread_mutex_unlock(&pool->workers.lock);
        struct file_draft draft;
        const enum outcome outcome = finish_run(pool, run, claimed, &draft, &err);
        pthread_mutex_lock(&pool->workers.lock);
        if (outcome == RUN_LEFT) { /* for the thread that is at such a run, and looks for more of them after it */
            pool->deferred[pool->deferred_count++] = index;
            break;
        }
        if (!claimed && outcome != RUN_LOADED)
            pool->duplicating = false;
        if (outcome == RUN_FAILED) {
            note_failure(pool, index, &err);
        } else if (outcome == RUN_COMPUTED) {
            if (saver_add(&pool->saver, &pool->workers.lock, index, claimed, &draft))
                pthread_cond_signal(&pool->workers.changed);
        } else if (outcome == RUN_LOADED) {
            note_done(pool, index, false);
            pthread_cond_signal(&pool->workers.changed);
        }
    }
    pthread_mutex_unlock(&pool->workers.lock);
}

/* As `show`. */
static void show_notes(struct pool *pool)
{
    char *notes = pool->notes, *rest = NULL;
    pool->notes = NULL;
    if (!notes)
        return;
    pthread_mutex_unlock(&pool->workers.lock);
    for (char *text = strtok_r(notes, "\n", &rest); text; text = strtok_r(NULL, "\n", &rest))
        progress_note(&pool->progress, text);
    free(notes);
    pthread_mutex_lock(&pool->workers.lock);
}

/* Show what ended since the last look.  Called and left with the lock held; printing happens without it. */
static void show(struct pool *pool)
{
    char line[256];
    show_notes(pool);
    while (pool->shown < pool->finished_count) {
        const struct run *run = &pool->plan->runs[pool->finished[pool->shown++]];
        if (!run->computed)
            pool->progress.finished++; /* another process told about it */
        if (!run->computed)
            continue;
        pthread_mutex_unlock(&pool->workers.lock);
        if (pool->plan->describe) {
            pool->plan->describe(pool->plan, run, line, sizeof line);
            progress_finished(&pool->progress, line);
        } else {
            progress_passed(&pool->progress, run->label, run->seconds);
        }
        pthread_mutex_lock(&pool->workers.lock);
    }
    reports_draw(&pool->reports, &pool->progress);
}

/* What was written is put into the store when it is due, and told. */
static double watch(void *pool_)
{
    const double often_s = 0.05; /* the progress line */
    struct pool *pool = pool_;
    if (saver_due(&pool->saver, pool->workers.working == 0))
        settle(pool);
    atomic_store_explicit(&pool->clock_ms, (uint_fast64_t)((clock_now_s() - pool->start_s) * 1000),
                          memory_order_relaxed);
    show(pool);
    return saver_due(&pool->saver, pool->workers.working == 0) ? 0 : saver_patience(&pool->saver, often_s);
}

/* The memory and the order of a pool, and its claims; cleared by free of both arrays. */
static int prepare(struct pool *pool, size_t pending, struct error *err)
{
    pool->finished = malloc(pending * sizeof *pool->finished);
    pool->deferred = malloc(pending * sizeof *pool->deferred);
    if (!pool->finished || !pool->deferred)
        return error_out_of_memory(err, "the plan");
    /* With --force every process is to compute everything itself. */
    if (!pool->force && !store_claims_open(&pool->store)) {
        struct timespec now = {0};
        clock_gettime(CLOCK_REALTIME, &now);
        pool->own_order = ((uint64_t)getpid() << 32 ^ (uint64_t)now.tv_nsec) | 1;
    }
    return 0;
}

/* Whether a run is to be computed though the store may have a record of it. */
static bool is_pending(const void *plan_, const char *id)
{
    const struct plan *plan = plan_;
    for (size_t i = 0; i < plan->count; i++)
        if (!plan->runs[i].done && strcmp(plan->runs[i].id, id) == 0)
            return true;
    return false;
}

int runner_compute(struct plan *plan, const struct run_options *options, struct error *err)
{
    struct pool pool = {.plan = plan, .failed_run = plan->count, .force = options->force};
    size_t pending = plan_pending(plan), jobs = runner_jobs(plan, options), loaded = 0;
    uint64_t units = 0;
    int result = -1;

    if (store_init(&pool.store, plan->directory, err) < 0)
        return -1;
    if (store_create(&pool.store, is_pending, plan, err) < 0 ||
        directory_check(pool.store.directory, (pending + 1) * plan->bytes_a_run, err) < 0)
        goto done;
    if (pending == 0) {
        result = 0;
        goto done;
    }
    if (prepare(&pool, pending, err) < 0)
        goto done;
    for (size_t i = 0; i < plan->count; i++)
        units += plan->runs[i].done ? 0 : plan->runs[i].units - plan->runs[i].begun;

    workers_init(&pool.workers);
    pool.reports.lock = &pool.workers.lock;
    pool.start_s = clock_now_s();
    saver_init(&pool.saver);
    interrupt_watch();
    atomic_store(&pool.workers.stop, interrupt_signal() != 0);
    progress_start(&pool.progress, pending, units, options->quiet);
    result = workers_run(&pool.workers, jobs, work, watch, &pool, err);
    progress_stop(&pool.progress);
    saver_end(&pool.saver);
    workers_free(&pool.workers);

    for (size_t i = 0; i < pool.finished_count; i++)
        loaded += !plan->runs[pool.finished[i]].computed;
    if (result == 0 && loaded > 0 && !options->quiet)
        fprintf(stderr, "%zu of these runs: computed by another process meanwhile, taken from the store\n", loaded);
    const struct kept kept = {plan, pool.store.directory, options->force, pool.lost};
    if (result == 0 && pool.failed_run < plan->count) {
        *err = pool.failure;
        result = -1;
        kept_add_failed(&kept, err);
    } else if (result == 0 && plan_pending(plan) > 0) {
        result = interrupt_check(err);
        kept_add_stopped(&kept, err);
    }
done:
    free(pool.finished);
    free(pool.deferred);
    free(pool.notes);
    store_free(&pool.store);
    return result;
}
