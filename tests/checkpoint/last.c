/* The end of a run is the beginning of a longer one (--keep-last). */
#include "training.h"

#include "dlexp/train/train_checkpoint.h"

static void a_longer_run_goes_on_from_the_end_of_a_shorter(void **state)
{
    struct fixture *f = *state;
    struct call call = {.models = true, .rules.keep_last = true};
    size_t prolonged = 0;
    for (size_t i = 0; configuration(i, &call.config); i++) {
        struct outcome whole = {0}, shorter = {0}, longer = {0}, again = {0};
        struct error err;
        const bool prolongs = train_check_prolongs(&call.config, &err) == 0;
        const size_t epochs = call.config.epochs;
        assert_true(prolongs || strstr(err.message, "--keep-last: expected "));
        call.rules.keep_last = false;
        run(&whole, f, &call);
        call.rules.keep_last = true;
        call.config.epochs = epochs - 1;
        run(&shorter, f, &call);
        const bool kept = has(f, stem, STORE_LAST);
        assert_int_equal(kept, prolongs && strstr(shorter.text, "status=completed"));
        /* The same run once more: what is noted at its end is made of the state. */
        run(&again, f, &call);
        assert_int_equal(again.checkpoint.begun.done, kept ? again.checkpoint.units : 0);
        same(&shorter, &again);
        free(again.text);
        call.config.epochs = epochs;
        run(&longer, f, &call);
        const uint64_t steps = kept ? (epochs - 1) * train_epoch_steps(&call.config, &f->data) : 0;
        assert_int_equal(longer.checkpoint.begun.done, steps);
        same(&whole, &longer);
        prolonged += kept;
        /* Of a longer run it is no beginning, nor does a shorter one's take its place. */
        call.config.epochs = epochs - 1;
        run(&again, f, &call);
        assert_int_equal(again.checkpoint.begun.done, 0);
        assert_string_equal(again.text, shorter.text);
        struct checkpoint_head head;
        assert_int_equal(checkpoint_look(&f->store, stem, CHECKPOINT_LAST, &head, &err),
                         kept ? STORE_FOUND : STORE_MISSING);
        assert_int_equal(head.done, kept ? epochs * train_epoch_steps(&call.config, &f->data) : 0);
        drop(f, stem, STORE_LAST);
        free(whole.text);
        free(shorter.text);
        free(longer.text);
        free(again.text);
    }
    assert_true(prolonged >= 10);
}

/* Of a checkpoint and the end of a shorter run the further one is taken; a damaged one leaves the other. */
static void the_further_one_is_taken(void **state)
{
    struct fixture *f = *state;
    struct call call = {.config = base(1)};
    struct outcome whole = {0}, outcome = {0};
    char *path = path_of(f, spec, STORE_CHECKPOINT);
    size_t size;
    call.config.epochs = 4;
    run(&whole, f, &call);
    call.rules.keep_last = true;
    call.config.epochs = 2;
    run(&outcome, f, &call);
    free(outcome.text);
    call.config.epochs = 4;
    call.stop_at = 3; /* of 5 steps an epoch: 13 in all */
    run(&outcome, f, &call);
    assert_int_equal(outcome.checkpoint.begun.done, 10);
    assert_int_equal(outcome.checkpoint.kept, 13);
    unsigned char *further = read_file(path, &size);
    call.stop_at = 0;
    run(&outcome, f, &call);
    assert_int_equal(outcome.checkpoint.begun.done, 13);
    same(&whole, &outcome);
    free(outcome.text);
    drop(f, stem, STORE_LAST);
    call.config.epochs = 2;
    run(&outcome, f, &call);
    free(outcome.text);
    further[size / 2] ^= 1;
    write_file(path, further, size);
    call.config.epochs = 4;
    run(&outcome, f, &call);
    assert_non_null(strstr(outcome.notes, "its checksum is not as written"));
    assert_int_equal(outcome.checkpoint.begun.done, 10);
    same(&whole, &outcome);
    free(outcome.text);
    free(whole.text);
    free(further);
    free(path);
    drop(f, stem, STORE_LAST);
}

int checkpoint_last_tests(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DATA(a_longer_run_goes_on_from_the_end_of_a_shorter),
        WITH_DATA(the_further_one_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
