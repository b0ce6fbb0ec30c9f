/* Checkpoints in a run store: which are removed, and how far they are. */
#include "training.h"

#include <sys/stat.h>

#include "dlexp/base/file.h"

static bool is_needed(const void *needed, const char *id)
{
    return strcmp(needed, id) == 0;
}

static void one_whose_record_is_there_is_removed(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char id[STORE_ID_SIZE];
    char *path = path_of(f, spec, STORE_CHECKPOINT), *record = path_of(f, spec, STORE_RUN);
    store_id(spec, id);
    assert_int_equal(store_create_folder(&f->store, id, true, &err), 0);
    write_file(path, "x", 1);
    assert_int_equal(store_create(&f->store, NULL, NULL, &err), 0);
    assert_true(file_exists(path));
    write_file(record, "x", 1);
    assert_int_equal(store_create(&f->store, is_needed, id, &err), 0);
    assert_true(file_exists(path));
    assert_int_equal(store_create(&f->store, is_needed, "another", &err), 0);
    assert_false(file_exists(path));
    assert_true(file_exists(record));
    remove(record);
    free(record);
    free(path);
}

static void looking_tells_how_far_it_is(void **state)
{
    struct fixture *f = *state;
    struct call call = {.config = base(1), .stop_at = 2};
    struct outcome outcome = {0};
    struct checkpoint_head head = {9, 9, 9};
    struct error err;
    size_t size;
    char *path = path_of(f, spec, STORE_CHECKPOINT);
    assert_int_equal(checkpoint_look(&f->store, spec, CHECKPOINT_BEGUN, &head, &err), STORE_MISSING);
    assert_int_equal(head.done, 0);
    run(&outcome, f, &call);
    assert_int_equal(checkpoint_look(&f->store, spec, CHECKPOINT_BEGUN, &head, &err), STORE_FOUND);
    assert_int_equal(head.done, 2);
    assert_int_equal(head.units, 15);
    assert_true(head.seconds >= 2 * CHECKPOINT_WORTH_S && head.seconds < 60);
    /* In its place: what was changed behind its first line, is empty, no file. */
    unsigned char *good = read_file(path, &size);
    good[size / 2] ^= 1;
    write_file(path, good, size);
    free(good);
    assert_int_equal(checkpoint_look(&f->store, spec, CHECKPOINT_BEGUN, &head, &err), STORE_DAMAGED);
    assert_int_equal(head.done, 0);
    assert_non_null(strstr(err.message, "its checksum is not as written"));
    write_file(path, "", 0);
    assert_int_equal(checkpoint_look(&f->store, spec, CHECKPOINT_BEGUN, &head, &err), STORE_DAMAGED);
    remove(path);
    assert_int_equal(mkfifo(path, 0666), 0); /* and nobody waits for its writer */
    assert_int_equal(checkpoint_look(&f->store, spec, CHECKPOINT_BEGUN, &head, &err), STORE_DAMAGED);
    remove(path);
    assert_int_equal(symlink("nowhere", path), 0);
    assert_int_equal(checkpoint_look(&f->store, spec, CHECKPOINT_BEGUN, &head, &err), STORE_DAMAGED);
    remove(path);
    free(path);
}

int checkpoint_store_tests(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DATA(one_whose_record_is_there_is_removed),
        WITH_DATA(looking_tells_how_far_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
