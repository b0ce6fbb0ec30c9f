/* Threads and who looks after them: every piece is done once, and the last look comes after the last thread's end. */
#include "support.h"

#include "dlexp/base/workers.h"

enum { PIECES = 2000 };

struct shared {
    struct workers workers;
    size_t next, done[PIECES], ended, seen;
};

static void work(void *shared_)
{
    struct shared *shared = shared_;
    pthread_mutex_lock(&shared->workers.lock);
    while (!atomic_load(&shared->workers.stop) && shared->next < PIECES) {
        const size_t piece = shared->next++;
        pthread_mutex_unlock(&shared->workers.lock);
        pthread_mutex_lock(&shared->workers.lock);
        shared->done[piece]++;
        shared->ended++;
        pthread_cond_signal(&shared->workers.changed);
    }
    pthread_mutex_unlock(&shared->workers.lock);
}

/* Sees one piece at a look, so that some are left when all threads have ended. */
static double watch(void *shared_)
{
    struct shared *shared = shared_;
    shared->seen += shared->seen < shared->ended;
    return shared->seen < shared->ended ? 0 : 10;
}

static void every_piece_once_and_seen(void **unused)
{
    (void)unused;
    for (size_t threads = 1; threads <= 7; threads += 3) {
        static struct shared shared;
        struct error err;
        shared = (struct shared){.next = 0};
        workers_init(&shared.workers);
        assert_int_equal(workers_run(&shared.workers, threads, work, watch, &shared, &err), 0);
        for (size_t i = 0; i < PIECES; i++)
            assert_int_equal(shared.done[i], 1);
        assert_int_equal(shared.seen, PIECES);
        assert_int_equal(shared.workers.working, 0);
        assert_false(atomic_load(&shared.workers.stop));
        workers_free(&shared.workers);
    }
}

static double stopping(void *shared_)
{
    struct shared *shared = shared_;
    if (shared->ended >= 10)
        atomic_store(&shared->workers.stop, true);
    return 10;
}

static void a_watcher_stops_them(void **unused)
{
    (void)unused;
    static struct shared shared;
    struct error err;
    workers_init(&shared.workers);
    assert_int_equal(workers_run(&shared.workers, 2, work, stopping, &shared, &err), 0);
    assert_int_equal(shared.workers.working, 0);
    assert_true(shared.ended >= 10 || shared.next == PIECES);
    workers_free(&shared.workers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_piece_once_and_seen),
        cmocka_unit_test(a_watcher_stops_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
