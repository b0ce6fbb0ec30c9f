/* Runs that are put into the store together: what is told as finished was made sure of before, and few syncs do it. */
#define _GNU_SOURCE /* syncfs is Linux's own, nftw of X/Open */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dlexp/base/error.h"
#include "dlexp/formats/output.h"
#include "dlexp/run/runner.h"

/* ---- the system's calls, noted in their order; a sync may be let fail ---- */

enum { EVENTS = 8192 };
static char events[EVENTS]; /* F: fsync, S: syncfs, R: rename */
static atomic_size_t event_count;
static char failing_kind;       /* of these calls */
static atomic_long working_yet; /* so many go well, the next one fails, and those after it go well */

/* Whether the call fails. */
static bool note(char event)
{
    const size_t at = atomic_fetch_add(&event_count, 1);
    if (at < EVENTS - 1)
        events[at] = event;
    errno = EIO;
    return event == failing_kind && atomic_fetch_sub(&working_yet, 1) == 0;
}

int fsync(int fd)
{
    return note('F') ? -1 : (int)syscall(SYS_fsync, fd);
}

int syncfs(int fd)
{
    return note('S') ? -1 : (int)syscall(SYS_syncfs, fd);
}

int rename(const char *from, const char *to)
{
    return note('R') ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

/* ---- a store, and a plan of tiny runs ---- */

enum { RUNS = 300 };

struct fixture {
    char directory[512];
    struct store store;
    size_t told; /* finished runs */
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct error err;
    assert_non_null(f);
    scratch_create(f->directory);
    failing_kind = 0;
    assert_int_equal(store_init(&f->store, f->directory, &err), 0);
    assert_int_equal(store_create(&f->store, NULL, NULL, &err), 0);
    memset(events, 0, sizeof events);
    atomic_store(&event_count, 0);
    *state = f;
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info, (void)type, (void)where;
    return remove(path);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    store_free(&f->store);
    nftw(f->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(f);
    return 0;
}

static bool is_in_store(const struct fixture *f, const char *spec)
{
    struct record record;
    struct file_identity seen;
    struct error err;
    const bool found = store_load(&f->store, spec, true, &record, &seen, &err) == STORE_FOUND;
    record_free(&record);
    return found;
}

static int compute(const struct plan *plan, const struct run *run, const struct run_hooks *hooks, struct record *record,
                   struct error *err)
{
    (void)plan, (void)run, (void)hooks, (void)err;
    record_set(record, "status", "completed");
    return 0;
}

/* Called for every run that is told as finished: it is there, and since its name was given a sync went through. */
static void describe(const struct plan *plan, const struct run *run, char *line, size_t size)
{
    struct fixture *f = plan->context;
    const char *last_rename = strrchr(events, 'R'), *last_sync = strpbrk(last_rename ? last_rename : "", "FS");
    assert_true(is_in_store(f, run->spec));
    /* Another run's draft cannot be renamed meanwhile: the thread that tells is the one that renames. */
    assert_non_null(last_sync);
    f->told++;
    snprintf(line, size, "%s", run->label);
}

static void make_plan(struct plan *plan, struct fixture *f, size_t runs)
{
    *plan = (struct plan){.directory = f->directory, .compute = compute, .describe = describe, .context = f};
    for (size_t i = 0; i < runs; i++) {
        struct output spec;
        struct error err;
        assert_int_equal(output_open(&spec, &err), 0);
        fprintf(spec.stream, "run=%zu\n", i);
        assert_int_equal(plan_add(plan, &spec, NULL, 0, 1, "run", &err), 0);
    }
}

static size_t count_events(const char *kinds)
{
    size_t count = 0;
    for (const char *p = events; (p = strpbrk(p, kinds)); p++)
        count++;
    return count;
}

/* ---- tests ---- */

static void content_is_synced_before_names_and_names_before_the_end(void **state)
{
    enum { COUNT = 5 };
    struct fixture *f = *state;
    struct file_draft drafts[COUNT];
    struct error err;
    char spec[32];
    size_t placed;
    for (size_t i = 0; i < COUNT; i++) {
        struct record record;
        snprintf(spec, sizeof spec, "run=%zu\n", i);
        record_init(&record, spec);
        assert_int_equal(store_write(&f->store, &record, &drafts[i], &err), 0);
        record_free(&record);
        assert_false(is_in_store(f, spec));
    }
    assert_null(strchr(events, 'R'));
    const bool whole = f->store.file_system >= 0; /* it depends on where the tests run */
    assert_string_equal(events, whole ? "" : "FFFFF");
    assert_int_equal(store_settle(&f->store, drafts, COUNT, &placed, &err), 0);
    assert_int_equal(placed, COUNT);
    if (whole)
        assert_string_equal(events, "SRRRRRS");
    else /* each of the folders, and theirs */
        assert_memory_equal(events, "FFFFFRRRRRFF", 12);
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(spec, sizeof spec, "run=%zu\n", i);
        assert_true(is_in_store(f, spec));
    }
}

static void a_single_run_waits_for_nobody_elses_files(void **state)
{
    struct fixture *f = *state;
    struct record record;
    struct error err;
    record_init(&record, "run=0\n");
    assert_int_equal(store_save(&f->store, &record, &err), 0);
    record_free(&record);
    assert_string_equal(events, "FRFF");
}

static void what_is_told_as_finished_was_made_sure_of(void **state)
{
    struct fixture *f = *state;
    struct plan plan;
    struct error err;
    make_plan(&plan, f, RUNS);
    assert_int_equal(runner_compute(&plan, &(struct run_options){.quiet = true, .jobs = 2}, &err), 0);
    assert_int_equal(plan_pending(&plan), 0);
    assert_int_equal(f->told, RUNS);
    assert_int_equal(count_events("R"), RUNS);
    /* One by one it would be two each.  A group ends after 50 ms at the earliest: 300 syncs would be 7 s of such
     * groups.
     */
    if (f->store.file_system >= 0)
        assert_true(count_events("FS") < RUNS / 2);
    plan_free(&plan);
}

/* The n-th call of this kind fails: so does the whole, and what counts as done is in the store. */
static void let_fail(struct fixture *f, size_t runs, char kind, long n)
{
    struct plan plan;
    struct error err;
    size_t done = 0;
    make_plan(&plan, f, runs);
    f->told = 0;
    failing_kind = kind;
    atomic_store(&working_yet, n - 1);
    assert_int_equal(runner_compute(&plan, &(struct run_options){.quiet = true, .jobs = 2, .force = true}, &err), -1);
    assert_int_equal(err.code, ERROR_IO);
    for (size_t i = 0; i < plan.count; i++) {
        done += plan.runs[i].done;
        assert_true(!plan.runs[i].done || is_in_store(f, plan.runs[i].spec));
    }
    assert_int_equal(f->told, done);
    assert_true(done < runs);
    plan_free(&plan);
}

static void what_could_not_be_made_sure_of_is_not_done(void **state)
{
    struct fixture *f = *state;
    let_fail(f, 1, 'F', 2); /* the first is that of the probe for space, the second that of the run's content */
    let_fail(f, RUNS, 'R', 200);
    if (f->store.file_system < 0)
        return;
    let_fail(f, RUNS, 'S', 1); /* of contents */
    let_fail(f, RUNS, 'S', 2); /* of names */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(content_is_synced_before_names_and_names_before_the_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_single_run_waits_for_nobody_elses_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_told_as_finished_was_made_sure_of, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_could_not_be_made_sure_of_is_not_done, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
