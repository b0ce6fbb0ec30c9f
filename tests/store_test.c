/* The run store: what was saved is found, what keeps it from being saved is told. */
#include "store_scratch.h"

static void id_is_the_hash_of_the_spec(void **state)
{
    char id[STORE_ID_SIZE], other[STORE_ID_SIZE];
    (void)state;
    store_id(spec, id);
    assert_string_equal(id, spec_id);
    store_id("experiment=test\nlr=0.1\nseed=2\n", other);
    assert_string_not_equal(id, other);
}

static void a_store_that_is_not_there_misses_everything(void **state)
{
    struct fixture *f = *state;
    struct error err;
    assert_int_equal(load(f, &err), STORE_MISSING);
    assert_false(file_exists(f->store.directory)); /* looking touches nothing */
    assert_int_equal(store_create(&f->store, NULL, NULL, &err), 0);
    assert_int_equal(store_create(&f->store, NULL, NULL, &err), 0);
    assert_int_equal(load(f, &err), STORE_MISSING);
}

static void saved_is_found_under_its_name(void **state)
{
    struct fixture *f = *state;
    struct error err;
    struct stat info;
    save(f, spec, 100);
    assert_true(file_exists(f->path));
    assert_int_equal(count_files(f), 1); /* no temporary file stays */
    assert_int_equal(load(f, &err), STORE_FOUND);
    assert_int_equal(stat(f->path, &info), 0);
    mode_t mask = umask(0);
    umask(mask);
    assert_int_equal(info.st_mode & 0777, 0666 & ~mask);
    save(f, spec, 100); /* over itself */
    assert_int_equal(load(f, &err), STORE_FOUND);
    assert_int_equal(count_files(f), 1);
}

static void a_copied_store_is_a_store(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char moved[1024];
    save(f, spec, 10);
    snprintf(moved, sizeof moved, "%s/elsewhere", f->directory);
    assert_int_equal(rename(f->store.directory, moved), 0);
    assert_int_equal(load(f, &err), STORE_MISSING);
    assert_int_equal(rename(moved, f->store.directory), 0);
    assert_int_equal(load(f, &err), STORE_FOUND);
}

static void a_directory_does_not_keep_a_run_from_being_saved(void **state)
{
    struct fixture *f = *state;
    struct error err;
    make_folder(f);
    assert_int_equal(mkdir(f->path, 0777), 0);
    save(f, spec, 3);
    assert_int_equal(load(f, &err), STORE_FOUND);
}

static void an_unreadable_record_is_an_error(void **state)
{
    struct fixture *f = *state;
    struct error err;
    save(f, spec, 3);
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(symlink(f->path, f->path), 0); /* ELOOP, for root too */
    assert_int_equal(load(f, &err), STORE_FAILED);
    assert_int_equal(err.code, ERROR_IO);
    assert_non_null(strstr(err.message, f->path));
    if (geteuid() != 0) {
        assert_int_equal(unlink(f->path), 0);
        save(f, spec, 3);
        assert_int_equal(chmod(f->path, 0), 0);
        assert_int_equal(load(f, &err), STORE_FAILED);
        assert_int_equal(err.code, ERROR_IO);
    }
}

static void saving_without_a_directory_is_an_error(void **state)
{
    struct fixture *f = *state;
    struct record record;
    struct error err;
    make_record(&record, spec, 3);
    assert_int_equal(store_save(&f->store, &record, &err), -1);
    assert_int_equal(err.code, ERROR_IO);
    assert_non_null(strstr(err.message, f->store.directory));
    record.failed = true; /* as after a failed allocation */
    assert_int_equal(store_create(&f->store, NULL, NULL, &err), 0);
    assert_int_equal(store_save(&f->store, &record, &err), -1);
    assert_int_equal(count_files(f), 0);
    record_free(&record);
}

static void a_file_in_the_way_of_the_directory_is_an_error(void **state)
{
    struct fixture *f = *state;
    struct error err;
    FILE *file = fopen(f->store.directory, "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(load(f, &err), STORE_MISSING);
    assert_int_equal(store_create(&f->store, NULL, NULL, &err), -1);
    assert_int_equal(err.code, ERROR_IO);
    assert_non_null(strstr(err.message, f->store.directory));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(id_is_the_hash_of_the_spec),
        IN_DIRECTORY(a_store_that_is_not_there_misses_everything),
        IN_DIRECTORY(saved_is_found_under_its_name),
        IN_DIRECTORY(a_copied_store_is_a_store),
        IN_DIRECTORY(a_directory_does_not_keep_a_run_from_being_saved),
        IN_DIRECTORY(an_unreadable_record_is_an_error),
        IN_DIRECTORY(saving_without_a_directory_is_an_error),
        IN_DIRECTORY(a_file_in_the_way_of_the_directory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
