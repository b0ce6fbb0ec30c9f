/*
 * Checkpoints: a run of training that was stopped anywhere, once or again and again, or whose process was killed,
 * leaves the bytes of one that was not: record, tables, models.
 *
 * Quick: some moments of each configuration.  With DLEXP_LONG=1: every one.
 */
#include "checkpoint/training.h"

static void a_stopped_run_is_taken_up(void **state)
{
    struct fixture *f = *state;
    struct call call = {.models = true};
    uint64_t draw = 1;
    for (size_t i = 0; configuration(i, &call.config); i++) {
        struct outcome whole = {0}, again = {0};
        call.stop_at = 0;
        run(&whole, f, &call);
        assert_string_equal(whole.notes, "");
        const size_t count = moments.calls, step = test_is_long() ? 1 : 1 + count / 2;
        for (size_t at = 1 + test_u64(&draw) % step; at <= count; at += step) {
            call.stop_at = at;
            run(&again, f, &call);
            assert_null(again.text);
            /* Behind its first step there is something to keep. */
            assert_int_equal(has(f, spec, STORE_CHECKPOINT), again.checkpoint.reached > 0);
            assert_int_equal(again.checkpoint.kept, again.checkpoint.reached);
            call.stop_at = 0;
            run(&again, f, &call);
            assert_int_equal(again.checkpoint.begun.done, again.checkpoint.kept);
            assert_string_equal(again.notes, "");
            same(&whole, &again);
            assert_false(has(f, spec, STORE_CHECKPOINT));
            free(again.text);
        }
        free(whole.text);
    }
}

/* A call that gets no further than some steps, again and again, comes to the end; each time with other kernels. */
static void a_run_stopped_again_and_again_ends(void **state)
{
    struct fixture *f = *state;
    struct call call = {.models = true};
    uint64_t draw = 2;
    for (size_t i = 0; configuration(i, &call.config); i++) {
        struct outcome whole = {0}, again = {0};
        size_t calls = 0;
        call.stop_at = 0;
        run(&whole, f, &call);
        do {
            if (!kernels_name(calls, &call.kernels))
                call.kernels = NULL;
            /* An evaluation is passed in one go, or begun anew. */
            call.stop_at = test_is_long() ? 4 + test_u64(&draw) % 9 : 8 + test_u64(&draw) % 12;
            run(&again, f, &call);
            assert_true(++calls < 200);
        } while (!again.text);
        same(&whole, &again);
        free(again.text);
        free(whole.text);
    }
}

/* By the clock; what comes behind is lost with the process, which leaves no more than a call that is stopped and writes
 * nothing. */
static void a_killed_run_is_taken_up_where_its_clock_left_it(void **state)
{
    struct fixture *f = *state;
    struct call call = {.models = true};
    uint64_t draw = 3;
    for (size_t i = 0; configuration(i, &call.config); i++) {
        struct outcome whole = {0}, again = {0};
        call.stop_at = call.due_at = 0;
        call.keeps_no_time = false;
        run(&whole, f, &call);
        const size_t count = moments.calls, tries = test_is_long() ? 20 : 1;
        for (size_t n = 0; n < tries; n++) {
            call.due_at = 1 + test_u64(&draw) % count;
            call.stop_at = call.due_at + test_u64(&draw) % (count - call.due_at + 1);
            call.keeps_no_time = true;
            run(&again, f, &call);
            const uint64_t kept = again.checkpoint.kept;
            assert_int_equal(has(f, spec, STORE_CHECKPOINT), kept > 0);
            free(again.text);
            call.due_at = call.stop_at = 0;
            run(&again, f, &call);
            assert_int_equal(again.checkpoint.begun.done, kept);
            same(&whole, &again);
            free(again.text);
        }
        free(whole.text);
    }
}

static void checkpoints_come_when_they_are_due(void **state)
{
    struct fixture *f = *state;
    struct call call = {.config = base(1), .rules.every = 2, .stop_at = 3};
    struct outcome outcome = {0};
    call.config.epochs = 5;
    /* With a number of epochs a stop is always worth one... */
    call.keeps_no_time = true;
    run(&outcome, f, &call);
    assert_int_equal(outcome.checkpoint.kept, 3);
    drop(f, spec, STORE_CHECKPOINT);
    /* ... without one only after a second, or of a run that was taken up. */
    call.rules.every = 0;
    run(&outcome, f, &call);
    assert_int_equal(outcome.checkpoint.kept, 0);
    assert_int_equal(outcome.checkpoint.reached, 3);
    call.keeps_no_time = false;
    run(&outcome, f, &call);
    assert_int_equal(outcome.checkpoint.kept, 3);
    call.keeps_no_time = true;
    call.stop_at = 2;
    run(&outcome, f, &call);
    assert_int_equal(outcome.checkpoint.begun.done, 3);
    assert_int_equal(outcome.checkpoint.kept, 5);
    /* The clock is asked where no number of epochs is given, and starts again from each. */
    struct checkpoint c = {.clock_ms = &moments.clock_ms};
    checkpoint_start(&c);
    assert_false(checkpoint_due(&c));
    atomic_fetch_add(&moments.clock_ms, CHECKPOINT_INTERVAL_S * 1000 - 1);
    assert_false(checkpoint_due(&c));
    atomic_fetch_add(&moments.clock_ms, 1);
    assert_true(checkpoint_due(&c));
    assert_false(checkpoint_due_epoch(&c, 1));
    checkpoint_keep(&c, 1, NULL, NULL); /* writes nothing, as c.written is false */
    assert_false(checkpoint_due(&c));
    c.rules.every = 2;
    atomic_fetch_add(&moments.clock_ms, CHECKPOINT_INTERVAL_S * 1000);
    assert_false(checkpoint_due(&c));
    /* By epochs: not while as much time has passed as the last one took. */
    c.last_s = clock_now_s() - 100;
    c.cost_s = 99;
    assert_false(checkpoint_due_epoch(&c, 3));
    assert_true(checkpoint_due_epoch(&c, 4));
    c.cost_s = 200;
    assert_false(checkpoint_due_epoch(&c, 4));
    assert_false(checkpoint_due(NULL));
    drop(f, spec, STORE_CHECKPOINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DATA(a_stopped_run_is_taken_up),
        WITH_DATA(a_run_stopped_again_and_again_ends),
        WITH_DATA(a_killed_run_is_taken_up_where_its_clock_left_it),
        WITH_DATA(checkpoints_come_when_they_are_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + checkpoint_damage_tests() + checkpoint_last_tests() +
           checkpoint_store_tests();
}
