/* Any number of processes may save in a run store at once, and a claim keeps a run to one of them. */
#include "store_scratch.h"

#include "children.h"

/* In a process of its own: whether it gets the claim. */
static bool another_claims(const struct fixture *f, const char *id)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct store store;
        struct error err;
        const bool claimed =
            store_init(&store, f->directory, &err) == 0 && store_claims_open(&store) && store_claim(&store, id);
        _exit(claimed ? 0 : 1); /* which lifts its locks */
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status) == 0;
}

static void a_claim_keeps_other_processes_away(void **state)
{
    struct fixture *f = *state;
    struct error err;
    assert_false(store_claims_open(&f->store)); /* no directory yet */
    assert_true(store_claim(&f->store, spec_id));
    store_release(&f->store, spec_id);
    assert_int_equal(store_create(&f->store, NULL, NULL, &err), 0);
    if (!store_claims_open(&f->store))
        skip(); /* a file system without locks */
    assert_true(store_claim(&f->store, spec_id));
    assert_false(another_claims(f, spec_id));
    assert_true(another_claims(f, "5b437cd1"));
    store_release(&f->store, spec_id);
    assert_true(another_claims(f, spec_id));
    assert_true(another_claims(f, spec_id)); /* the first one is gone, and its claim with it */
    assert_int_equal(count_files(f), 0);     /* the file of claims is hidden */
}

/* Four processes save the same run over and over while this one reads it: it is always there and always whole. */
static void processes_save_the_same_run_at_once(void **state)
{
    enum { PROCESSES = 4, SAVES = 60 };
    struct fixture *f = *state;
    struct error err;
    pid_t children[PROCESSES];
    size_t loads = 0;
    save(f, spec, 2000);
    for (size_t i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            struct record record;
            int failed = 0;
            make_record(&record, spec, 2000);
            for (int n = 0; n < SAVES && !failed; n++)
                failed = store_save(&f->store, &record, &err) < 0;
            _exit(failed);
        }
    }
    while (children_running(children, PROCESSES) > 0) {
        assert_int_equal(load(f, &err), STORE_FOUND);
        loads++;
    }
    assert_true(loads >= PROCESSES);
    assert_int_equal(count_files(f), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(a_claim_keeps_other_processes_away),
        IN_DIRECTORY(processes_save_the_same_run_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
