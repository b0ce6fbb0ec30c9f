/* The runs of a verification on a pool of threads; see verify_pool.h. */
#include "verify_pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/clock.h"
#include "dlexp/base/file.h"
#include "dlexp/base/interrupt.h"
#include "dlexp/base/sha256.h"
#include "dlexp/base/workers.h"
#include "dlexp/cli/progress.h"
#include "dlexp/run/reports.h"
#include "dlexp/run/store_files.h"
#include "models.h"

/* What the threads share; everything but the atomics is under the lock. */
struct pool {
    const struct run_task_call *call;
    struct verified *runs;
    size_t count;
    struct store_files models;
    struct progress progress;
    struct workers workers;
    size_t next;   /* run to take next */
    size_t failed; /* the first run that failed; count: none */
    struct error failure;
    struct ended {
        size_t run;
        double seconds;
    } * ended;                 /* in the order of ending */
    size_t ended_count, shown; /* shown: of them, to the person */
    struct reports reports;
};

/* ---- one run ---- */

/* The files of the run's models, whose hashes the record of now must have. */
static int compare_models(const struct pool *pool, struct verified *verified, const struct record *now,
                          struct error *err)
{
    char digits[MODELS_DIGITS + 1], sha256[SHA256_HEX_SIZE];
    struct record_comparison *c = &verified->comparison;
    for (size_t i = 0; i < pool->models.count; i++) {
        const char *name = pool->models.names[i];
        unsigned char *data;
        size_t size;
        bool told = false;
        if (!models_digits(digits, name) || strncmp(digits, verified->run->id, MODELS_DIGITS) != 0)
            continue;
        char *path = path_join(pool->models.directory, name);
        const int result = path ? file_read(path, &data, &size, err) : error_out_of_memory(err, name);
        free(path);
        if (result < 0 && err->code != ERROR_DATA)
            return -1;
        snprintf(sha256, sizeof sha256, "none");
        if (result == 0) { /* else it is no file */
            sha256_hex(data, size, sha256);
            free(data);
        }
        verified->models++;
        if (models_has_hash(now, sha256, &told) || c->differs)
            continue;
        c->differs = true;
        snprintf(c->where, sizeof c->where, "model '%.*s', SHA-256", RECORD_WHERE_SIZE - 32, name);
        snprintf(c->a, sizeof c->a, "%s", sha256);
        snprintf(c->b, sizeof c->b, "another");
    }
    return 0;
}

/* The run trained again, against its record. */
static int verify_one(struct pool *pool, struct verified *verified, struct error *err)
{
    const struct plan *plan = pool->call->plan;
    const struct run *run = verified->run;
    struct reporter reporter = {&pool->reports, run};
    const struct run_hooks hooks = {.stop = &pool->workers.stop,
                                    .done = &pool->progress.done,
                                    .report = reporter_report,
                                    .report_to = &reporter,
                                    .record_only = true};
    struct record now, stored;
    reporter_report(&reporter, "");
    record_init(&now, run->spec);
    int result = plan->compute(plan, run, &hooks, &now, err);
    if (result == 0 && now.failed)
        result = error_out_of_memory(err, "a run's record");
    if (result == 0 && !atomic_load(&pool->workers.stop)) {
        result = runner_read_whole(plan, run, &stored, err);
        if (result == 0) {
            record_compare(&verified->comparison, &stored, &now);
            record_free(&stored);
            result = compare_models(pool, verified, &now, err);
            verified->agrees = !verified->comparison.differs;
        } else if (err->code == ERROR_DATA) { /* damage that shows only in the whole of it */
            verified->damaged = true;
            snprintf(verified->comparison.where, sizeof verified->comparison.where, "its record was damaged");
            result = 0;
        }
    }
    record_free(&now);
    return result;
}

/* ---- the threads ---- */

/* The next run, with the lock held; false: there is none. */
static bool take(struct pool *pool, size_t *index)
{
    while (pool->next < pool->count && pool->runs[pool->next].damaged)
        pool->next++;
    *index = pool->next;
    return pool->next < pool->count && ++pool->next;
}

static void work(void *pool_)
{
    struct pool *pool = pool_;
    struct error err;
    size_t index;
    pthread_mutex_lock(&pool->workers.lock);
    while (!atomic_load(&pool->workers.stop) && take(pool, &index)) {
        pthread_mutex_unlock(&pool->workers.lock);
        const double start_s = clock_now_s();
        const int result = verify_one(pool, &pool->runs[index], &err);
        pthread_mutex_lock(&pool->workers.lock);
        if (result < 0) {
            atomic_store(&pool->workers.stop, true);
            if (index < pool->failed) {
                pool->failed = index;
                pool->failure = err;
            }
        } else if (!atomic_load(&pool->workers.stop)) {
            pool->ended[pool->ended_count++] = (struct ended){index, clock_now_s() - start_s};
            pthread_cond_signal(&pool->workers.changed);
        }
    }
    pthread_mutex_unlock(&pool->workers.lock);
}

/* What ended since the last look, and the line. */
static double watch(void *pool_)
{
    const double often_s = 0.05;
    struct pool *pool = pool_;
    char line[RUN_LABEL_SIZE + 64], time[32];
    while (pool->shown < pool->ended_count) {
        const struct ended ended = pool->ended[pool->shown++];
        const struct verified *verified = &pool->runs[ended.run];
        snprintf(line, sizeof line, "%s: %s (%s)", verified->run->label, verified->agrees ? "agrees" : "DIFFERS",
                 progress_time(time, ended.seconds));
        pthread_mutex_unlock(&pool->workers.lock);
        progress_finished(&pool->progress, line);
        pthread_mutex_lock(&pool->workers.lock);
    }
    reports_draw(&pool->reports, &pool->progress);
    return often_s;
}

static int finish(struct pool *pool, struct error *err)
{
    if (pool->failed < pool->count) {
        *err = pool->failure;
        return -1;
    }
    if (interrupt_check(err) == 0)
        return 0;
    error_add(err, " with %zu of %zu runs looked at; nothing was written", pool->ended_count, pool->count);
    return -1;
}

int verify_pool_run(struct verified *runs, size_t count, const struct run_task_call *call, bool quiet,
                    struct error *err)
{
    const struct plan *plan = call->plan;
    const size_t pending = plan_pending(plan);
    struct pool pool = {.call = call, .runs = runs, .count = count, .failed = count};
    uint64_t units = 0;
    int result = store_files_in(&pool.models, plan->directory, MODELS_FOLDER, err);
    pool.ended = calloc(count + 1, sizeof *pool.ended);
    if (result == 0 && !pool.ended)
        result = error_out_of_memory(err, "the runs");
    for (size_t i = 0; i < plan->count; i++)
        units += plan->runs[i].done ? 0 : plan->runs[i].units;
    workers_init(&pool.workers);
    pool.reports.lock = &pool.workers.lock;
    progress_start(&pool.progress, pending, units, quiet);
    if (result == 0 && pending > 0)
        result = workers_run(&pool.workers, runner_jobs(plan, call->options), work, watch, &pool, err);
    progress_stop(&pool.progress);
    if (result == 0)
        result = finish(&pool, err);
    workers_free(&pool.workers);
    store_files_free(&pool.models);
    free(pool.ended);
    return result;
}
