/* Runs of a plan taken from the store. */
#include "loader.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "begun.h"
#include "dlexp/base/cpus.h"
#include "dlexp/base/interrupt.h"
#include "dlexp/base/team.h"

enum {
    MANY = 256, /* so many runs are loaded on several threads, and by the store's index */
    PART = 64   /* runs that a thread takes at a time */
};

/* A record that is read and not what the run writes is damaged, too.  `plan` says what may be asked of it. */
static enum store_found checked(const struct plan *plan, const struct store *store, const struct run *run,
                                enum store_found found, struct record *record, struct error *err)
{
    struct error what;
    if (found != STORE_FOUND || !plan->check || plan->check(plan, run, record, &what) == 0)
        return found;
    record_free(record);
    if (what.code != ERROR_DATA) {
        *err = what;
        return STORE_FAILED;
    }
    error_set(err, ERROR_DATA, "cannot use the record '%s/%.2s/%s.run': %s", store->directory, run->id, run->id,
              what.message);
    return STORE_DAMAGED;
}

/* The run's head, if the store has the run with all that is asked for; *seen is the file that is damaged. */
static enum store_found load_record(const struct plan *plan, struct run *run, const struct store *store,
                                    struct file_identity *seen, struct error *err)
{
    enum store_found found =
        store_load(store, run->spec, plan->wants_bulk || plan->reads_whole, &run->record, seen, err);
    found = checked(plan, store, run, found, &run->record, err);
    if (found != STORE_FOUND)
        return found;
    run->lacking = false;
    if (plan->incomplete && plan->incomplete(&run->lacking, plan, run, err) < 0)
        found = STORE_FAILED;
    else if (run->lacking)
        found = STORE_MISSING;
    if (found == STORE_FOUND) {
        store_index_add(store, &run->record, seen);
        if (plan_keep(plan, run, err) < 0)
            found = STORE_FAILED;
    }
    if (found != STORE_FOUND)
        record_free(&run->record);
    return found;
}

/* The same; and of a run that is to be computed, where it is taken up. */
static enum store_found load(const struct plan *plan, struct run *run, const struct store *store,
                             struct file_identity *seen, struct error *err)
{
    struct error second;
    const enum store_found found = load_record(plan, run, store, seen, err);
    if ((found != STORE_MISSING && found != STORE_DAMAGED) || begun_look(plan, store, run, &second) == 0)
        return found;
    *err = second;
    return STORE_FAILED;
}

enum store_found loader_look_up(const struct plan *plan, struct run *run, const struct store *store, bool dry_run,
                                struct error *err)
{
    struct file_identity seen;
    struct error second;
    const enum store_found found = load_record(plan, run, store, &seen, err);
    if (found != STORE_DAMAGED || dry_run || store_set_aside(store, run->id, STORE_RUN, &seen, &second) == 0)
        return found;
    *err = second;
    return STORE_FAILED;
}

/* What the threads of one runner_load share. */
struct loading {
    struct plan *plan;
    const struct store *store;
    atomic_size_t next; /* run to look at next */
    bool *left;         /* [run]: to be looked at again, alone and in the plan's order, as something is to be told */
    pthread_mutex_t lock;
    size_t failed;        /* the first run, in the plan's order, of which the system refused something; or count */
    struct error failure; /* what */
};

static void note_failure(struct loading *loading, size_t run, const struct error *failure)
{
    pthread_mutex_lock(&loading->lock);
    if (run < loading->failed) {
        loading->failed = run;
        loading->failure = *failure;
    }
    pthread_mutex_unlock(&loading->lock);
}

static void load_parts(void *loading_, size_t index, size_t count)
{
    struct loading *loading = loading_;
    struct plan *plan = loading->plan;
    (void)index;
    (void)count;
    while (!interrupt_signal()) {
        const size_t first = atomic_fetch_add(&loading->next, PART);
        if (first >= plan->count)
            return;
        for (size_t i = first; i < plan->count && i < first + PART; i++) {
            struct file_identity seen;
            struct error err;
            if (plan->runs[i].done)
                continue;
            const enum store_found found = load(plan, &plan->runs[i], loading->store, &seen, &err);
            plan->runs[i].done = found == STORE_FOUND;
            loading->left[i] = found == STORE_DAMAGED;
            if (found == STORE_FAILED)
                note_failure(loading, i, &err);
        }
    }
}

static void load_on_threads(struct loading *loading, size_t jobs)
{
    struct team *team = NULL;
    struct error ignored;
    const size_t cpus = cpus_available(), threads = jobs > 0 && jobs < cpus ? jobs : cpus;
    if (loading->plan->count >= MANY && team_start(&team, threads, &ignored) < 0)
        team = NULL; /* it only takes longer */
    team_run(team, load_parts, loading);
    team_stop(team);
}

/* What becomes of a run whose record is damaged. */
static const char *then(const struct plan *plan, struct run *run, const struct store *store, bool dry_run)
{
    struct file_identity seen;
    struct record head;
    struct error ignored;
    if (!dry_run)
        return "set aside, computing it again";
    run->unseen = !plan->wants_bulk && store_load(store, run->spec, false, &head, &seen, &ignored) == STORE_FOUND;
    if (!run->unseen)
        return "it would be set aside and computed again";
    record_free(&head);
    return "it is computed again where a table needs that part, or once the file is removed";
}

/* The runs that are left, one by one: what is damaged is set aside and told. */
static int load_left(const struct loading *loading, bool dry_run, struct error *err)
{
    struct plan *plan = loading->plan;
    for (size_t i = 0; i < plan->count && !interrupt_signal(); i++) {
        if (i == loading->failed) {
            *err = loading->failure;
            return -1;
        }
        if (!loading->left[i])
            continue;
        const enum store_found found = loader_look_up(plan, &plan->runs[i], loading->store, dry_run, err);
        plan->runs[i].done = found == STORE_FOUND;
        if (found == STORE_DAMAGED)
            fprintf(stderr, "dlexp: note: %s; %s\n", err->message, then(plan, &plan->runs[i], loading->store, dry_run));
        else if (found == STORE_FAILED)
            return -1;
    }
    if (interrupt_check(err) == 0)
        return 0;
    strcat(err->message, " before anything was computed");
    return -1;
}

int runner_load(struct plan *plan, const struct run_options *options, struct error *err)
{
    struct store store;
    if (options->force || plan_pending(plan) == 0)
        return 0;
    if (store_init(&store, plan->directory, err) < 0)
        return -1;
    if (plan->count >= MANY && !plan->wants_bulk && !plan->reads_whole)
        store_index_open(&store, !options->dry_run);
    struct loading loading = {.plan = plan, .store = &store, .failed = plan->count};
    pthread_mutex_init(&loading.lock, NULL);
    loading.left = calloc(plan->count, sizeof *loading.left);
    int result = loading.left ? 0 : error_out_of_memory(err, "the plan");
    if (result == 0) {
        load_on_threads(&loading, (size_t)options->jobs);
        result = load_left(&loading, options->dry_run, err);
    }
    pthread_mutex_destroy(&loading.lock);
    free(loading.left);
    store_free(&store);
    return result;
}

/* What is damaged, or gone, since the run was loaded by its head: trained again.  What the plan made of it stays. */
static int compute_again(const struct plan *plan, const struct run *run, struct error *err)
{
    struct run *of = &plan->runs[run - plan->runs], again = *of;
    again.record = (struct record){0};
    again.result = NULL;
    again.done = again.computed = false;
    again.begun = 0;
    struct plan one = *plan;
    one.runs = &again;
    one.count = one.capacity = 1;
    one.wants_bulk = true; /* else the damage would not be met again, and not be set aside */
    const struct run_options options = {.jobs = 1, .quiet = true};
    int result = runner_fit_memory(&one, &options, err);
    if (result == 0)
        result = runner_compute(&one, &options, err);
    if (again.computed) {
        of->computed = true;
        of->seconds = again.seconds;
        of->finished_at = again.finished_at;
    }
    record_free(&again.record);
    free(again.result);
    return result;
}

static enum store_found read_whole(const struct plan *plan, const struct run *run, struct record *record,
                                   struct error *err)
{
    struct store store;
    struct file_identity seen;
    if (store_init(&store, plan->directory, err) < 0)
        return STORE_FAILED;
    enum store_found found = store_load(&store, run->spec, true, record, &seen, err);
    found = checked(plan, &store, run, found, record, err);
    if (found == STORE_MISSING)
        error_set(err, ERROR_DATA, "the record of run %s is gone from '%s' since it was looked for", run->id,
                  store.directory);
    store_free(&store);
    return found;
}

int runner_read_whole(const struct plan *plan, const struct run *run, struct record *record, struct error *err)
{
    enum store_found found = read_whole(plan, run, record, err);
    if ((found == STORE_MISSING || found == STORE_DAMAGED) && !plan->read_only) {
        fprintf(stderr, "dlexp: note: %s; %scomputing it again\n", err->message,
                found == STORE_DAMAGED ? "set aside, " : "");
        if (compute_again(plan, run, err) < 0)
            return -1;
        found = read_whole(plan, run, record, err);
    }
    return found == STORE_FOUND ? 0 : -1;
}
