#include "dlexp/runner.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "dlexp/file.h"
#include "dlexp/interrupt.h"

int plan_add(struct plan *plan, struct output *spec, uint64_t units, const char *label, struct error *err)
{
    char *text = output_take(spec, err);
    if (!text)
        return -1;
    struct run *grown = realloc(plan->runs, (plan->count + 1) * sizeof *grown);
    if (!grown) {
        free(text);
        return error_out_of_memory(err, "the plan");
    }
    plan->runs = grown;
    struct run *run = &grown[plan->count++];
    *run = (struct run){.spec = text, .units = units};
    snprintf(run->label, sizeof run->label, "%s", label);
    store_id(text, run->id);
    return 0;
}

void plan_free(struct plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        record_free(&plan->runs[i].record);
        free(plan->runs[i].spec);
    }
    free(plan->runs);
    plan->runs = NULL;
    plan->count = 0;
}

size_t plan_pending(const struct plan *plan)
{
    size_t pending = 0;
    for (size_t i = 0; i < plan->count; i++)
        pending += !plan->runs[i].done;
    return pending;
}

/* store_load, and what is not what the run writes is damaged, too. */
static enum store_found load(const struct plan *plan, const struct store *store, struct run *run, struct error *err)
{
    struct error what;
    const enum store_found found = store_load(store, run->spec, &run->record, err);
    if (found != STORE_FOUND || !plan->check || plan->check(plan, run, &run->record, &what) == 0)
        return found;
    record_free(&run->record);
    error_set(err, ERROR_DATA, "cannot use the record '%s/%s.run': %s", store->directory, run->id, what.message);
    return STORE_DAMAGED;
}

int runner_load(struct plan *plan, const struct run_options *options, struct error *err)
{
    struct store store;
    int result = 0;
    if (options->force)
        return 0;
    if (store_init(&store, plan->directory, err) < 0)
        return -1;
    for (size_t i = 0; i < plan->count && result == 0; i++) {
        struct run *run = &plan->runs[i];
        switch (load(plan, &store, run, err)) {
        case STORE_FOUND:
            run->lacking = plan->incomplete && plan->incomplete(plan, run);
            run->done = !run->lacking;
            if (!run->done)
                record_free(&run->record);
            break;
        case STORE_DAMAGED:
            fprintf(stderr, "dlexp: note: %s; %s\n", err->message,
                    options->dry_run ? "it would be set aside and computed again" : "set aside, computing it again");
            if (!options->dry_run)
                result = store_set_aside(&store, run->spec, err);
            break;
        case STORE_FAILED:
            result = -1;
            break;
        case STORE_MISSING:
            break;
        }
    }
    store_free(&store);
    return result;
}

size_t runner_jobs(const struct plan *plan, const struct run_options *options)
{
    size_t pending = plan_pending(plan);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t threads = plan->threads_a_run > 0 ? plan->threads_a_run : 1;
    size_t jobs = options->jobs > 0 ? (size_t)options->jobs : (cores > 0 ? (size_t)cores : 1) / threads;
    jobs = jobs > 0 ? jobs : 1;
    jobs = plan->jobs_that_fit > 0 && plan->jobs_that_fit < jobs ? plan->jobs_that_fit : jobs;
    return jobs < pending ? jobs : pending > 0 ? pending : 1;
}

/* What the threads of one runner_compute share; everything but the atomics is under the lock. */
struct pool {
    struct plan *plan;
    struct store store;
    struct progress progress;
    atomic_bool stop;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t next;          /* run to look at next */
    size_t working;       /* threads not yet through */
    size_t failed_run;    /* first run that failed, in the plan's order; plan->count: none */
    struct error failure; /* its error */
    size_t *finished;     /* runs ended since the drawing thread last looked, in order of ending */
    size_t finished_count;
    char last[160]; /* last metrics reported */
    bool reported;
};

static void report(void *pool_, const char *text)
{
    struct pool *pool = pool_;
    pthread_mutex_lock(&pool->lock);
    snprintf(pool->last, sizeof pool->last, "%s", text);
    pool->reported = true;
    pthread_mutex_unlock(&pool->lock);
}

static int compute_run(struct pool *pool, struct run *run, struct error *err)
{
    const struct run_hooks hooks = {&pool->stop, &pool->progress, report, pool};
    double start = progress_clock_s();
    record_init(&run->record, run->spec);
    int result = pool->plan->compute(pool->plan, run, &hooks, &run->record, err);
    if (result == 0 && !atomic_load(&pool->stop))
        result = store_save(&pool->store, &run->record, err);
    else
        record_free(&run->record); /* stopped half way: nothing that may be kept */
    run->seconds = progress_clock_s() - start;
    run->finished_at = time(NULL);
    return result;
}

static void *work(void *pool_)
{
    struct pool *pool = pool_;
    struct error err;
    pthread_mutex_lock(&pool->lock);
    while (!atomic_load(&pool->stop)) {
        while (pool->next < pool->plan->count && pool->plan->runs[pool->next].done)
            pool->next++;
        if (pool->next == pool->plan->count)
            break;
        size_t index = pool->next++;
        struct run *run = &pool->plan->runs[index];
        pthread_mutex_unlock(&pool->lock);
        int result = compute_run(pool, run, &err);
        pthread_mutex_lock(&pool->lock);
        if (result < 0) {
            record_free(&run->record);
            atomic_store(&pool->stop, true);
            if (index < pool->failed_run) {
                pool->failed_run = index;
                pool->failure = err;
            }
        } else if (run->record.spec) {
            run->done = run->computed = true;
            pool->finished[pool->finished_count++] = index;
            pthread_cond_signal(&pool->changed);
        }
    }
    pool->working--;
    pthread_cond_signal(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Show what ended since the last look.  Called and left with the lock held; printing happens without it. */
static void show(struct pool *pool, size_t *shown)
{
    char line[256], last[sizeof pool->last];
    while (*shown < pool->finished_count) {
        const struct run *run = &pool->plan->runs[pool->finished[(*shown)++]];
        if (!pool->plan->describe)
            continue;
        pthread_mutex_unlock(&pool->lock);
        pool->plan->describe(pool->plan, run, line, sizeof line);
        progress_finished(&pool->progress, line);
        pthread_mutex_lock(&pool->lock);
    }
    bool reported = pool->reported;
    memcpy(last, pool->last, sizeof last);
    pthread_mutex_unlock(&pool->lock);
    progress_draw(&pool->progress, reported ? last : NULL);
    pthread_mutex_lock(&pool->lock);
}

static int run_pool(struct pool *pool, size_t jobs, struct error *err)
{
    pthread_t *threads = malloc(jobs * sizeof *threads);
    size_t started = 0, shown = 0;
    if (!threads)
        return error_out_of_memory(err, "threads");
    pthread_mutex_lock(&pool->lock);
    while (started < jobs && pthread_create(&threads[started], NULL, work, pool) == 0)
        started++;
    pool->working = started;
    while (pool->working > 0) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 50 * 1000 * 1000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
        pthread_cond_timedwait(&pool->changed, &pool->lock, &until);
        if (interrupt_signal())
            atomic_store(&pool->stop, true);
        show(pool, &shown);
    }
    show(pool, &shown);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    progress_stop(&pool->progress);
    if (started == 0)
        return error_set(err, ERROR_IO, "cannot start a thread: the system has none left; try a smaller --jobs");
    return 0;
}

int runner_compute(struct plan *plan, const struct run_options *options, struct error *err)
{
    struct pool pool = {.plan = plan, .failed_run = plan->count};
    size_t pending = plan_pending(plan), jobs = runner_jobs(plan, options);
    uint64_t units = 0;
    int result = -1;

    if (store_init(&pool.store, plan->directory, err) < 0)
        return -1;
    if (store_create(&pool.store, err) < 0 ||
        directory_check(pool.store.directory, (pending + 1) * plan->bytes_a_run, err) < 0)
        goto done;
    if (pending == 0) {
        result = 0;
        goto done;
    }
    pool.finished = malloc(pending * sizeof *pool.finished);
    if (!pool.finished) {
        error_out_of_memory(err, "the plan");
        goto done;
    }
    for (size_t i = 0; i < plan->count; i++)
        units += plan->runs[i].done ? 0 : plan->runs[i].units;

    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.changed, NULL);
    interrupt_watch();
    progress_start(&pool.progress, pending, units, options->quiet);
    result = run_pool(&pool, jobs, err);
    pthread_cond_destroy(&pool.changed);
    pthread_mutex_destroy(&pool.lock);

    if (result == 0 && pool.failed_run < plan->count) {
        *err = pool.failure;
        result = -1;
        const size_t length = strlen(err->message), done = plan->count - plan_pending(plan);
        if (done > 0)
            snprintf(err->message + length, sizeof err->message - length,
                     "; %zu of %zu runs are done and kept: once that is mended, the same command goes on", done,
                     plan->count);
    } else if (result == 0 && plan_pending(plan) > 0) {
        result =
            error_set(err, 128 + interrupt_signal(),
                      "stopped by signal %d with %zu of %zu runs done; they are kept in '%s': give the same command "
                      "again%s to continue",
                      interrupt_signal(), plan->count - plan_pending(plan), plan->count, pool.store.directory,
                      options->force ? " without --force" : "");
    }
done:
    free(pool.finished);
    store_free(&pool.store);
    return result;
}
