#include "dlexp/base/team.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

struct member {
    struct team *team;
    pthread_t thread;
    size_t index;
};

struct team {
    size_t count;             /* members, the caller among them */
    struct member *members;   /* count - 1: all but the caller */
    atomic_size_t piece;      /* number of the piece of work at hand; work and context are valid for it */
    atomic_size_t unfinished; /* members still at it */
    atomic_bool stop;
    team_work_fn *work;
    void *context;
};

enum { SPINS = 4000 };

/* Some time passes: first without, then with a word to the scheduler, so that a crowded machine goes on. */
static void wait_a_moment(unsigned *waited)
{
    if (++*waited > SPINS)
        sched_yield();
#if defined __x86_64__
    else
        __builtin_ia32_pause();
#endif
}

static void *serve(void *member_)
{
    const struct member *member = member_;
    struct team *team = member->team;
    size_t seen = 0;
    for (;;) {
        unsigned waited = 0;
        size_t piece;
        while ((piece = atomic_load_explicit(&team->piece, memory_order_acquire)) == seen)
            wait_a_moment(&waited);
        seen = piece;
        if (atomic_load_explicit(&team->stop, memory_order_relaxed))
            return NULL;
        team->work(team->context, member->index, team->count);
        atomic_fetch_sub_explicit(&team->unfinished, 1, memory_order_release);
    }
}

int team_start(struct team **team_, size_t threads, struct error *err)
{
    *team_ = NULL;
    if (threads <= 1)
        return 0;
    struct team *team = calloc(1, sizeof *team);
    struct member *members = calloc(threads - 1, sizeof *members);
    if (!team || !members) {
        free(team);
        free(members);
        return error_out_of_memory(err, "threads");
    }
    team->members = members;
    team->count = 1;
    for (size_t i = 0; i + 1 < threads; i++) {
        members[i] = (struct member){.team = team, .index = i + 1};
        if (pthread_create(&members[i].thread, NULL, serve, &members[i]) != 0) {
            team_stop(team);
            return error_set(err, ERROR_IO, "cannot start thread %zu of %zu", i + 2, threads);
        }
        team->count++;
    }
    *team_ = team;
    return 0;
}

void team_stop(struct team *team)
{
    if (!team)
        return;
    atomic_store(&team->stop, true);
    atomic_fetch_add_explicit(&team->piece, 1, memory_order_release);
    for (size_t i = 0; i + 1 < team->count; i++)
        pthread_join(team->members[i].thread, NULL);
    free(team->members);
    free(team);
}

void team_run(struct team *team, team_work_fn *work, void *context)
{
    if (!team) {
        work(context, 0, 1);
        return;
    }
    unsigned waited = 0;
    team->work = work;
    team->context = context;
    atomic_store_explicit(&team->unfinished, team->count - 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&team->piece, 1, memory_order_release);
    work(context, 0, team->count);
    while (atomic_load_explicit(&team->unfinished, memory_order_acquire) > 0)
        wait_a_moment(&waited);
}

void team_share(size_t total, size_t grain, size_t index, size_t count, size_t *first, size_t *length)
{
    const size_t grains = (total + grain - 1) / grain;
    const size_t from = grains * index / count * grain, to = grains * (index + 1) / count * grain;
    *first = from < total ? from : total;
    *length = (to < total ? to : total) - *first;
}
