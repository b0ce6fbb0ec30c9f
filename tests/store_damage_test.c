/* What is damaged in a run store, or is not the run of its name, is not taken but set aside. */
#include "store_scratch.h"

/* The damaged file that is at the run's name now. */
static struct file_identity see_damaged(const struct fixture *f)
{
    struct record record;
    struct error err;
    struct file_identity seen;
    assert_int_equal(store_load(&f->store, spec, true, &record, &seen, &err), STORE_DAMAGED);
    assert_int_equal(err.code, ERROR_DATA);
    assert_non_null(strstr(err.message, f->path));
    assert_true(seen.exists);
    return seen;
}

static int set_aside(const struct fixture *f, const struct file_identity *seen, struct error *err)
{
    char id[STORE_ID_SIZE];
    store_id(spec, id);
    return store_set_aside(&f->store, id, STORE_RUN, seen, err);
}

static void check_damaged(struct fixture *f)
{
    struct error err;
    const struct file_identity seen = see_damaged(f);
    const size_t before = count_files(f);
    assert_true(file_exists(f->path)); /* looking moves nothing */
    assert_int_equal(set_aside(f, &seen, &err), 0);
    const size_t after = count_files(f); /* a directory is moved, a file has a second name */
    assert_int_equal(after, before + file_exists(f->path));
    assert_int_equal(set_aside(f, &seen, &err), 0); /* as another process that saw it, too */
    assert_int_equal(count_files(f), after);
    save(f, spec, 3);
    assert_int_equal(load(f, &err), STORE_FOUND);
    assert_int_equal(count_files(f), before + 1);
}

/* Change the run's file in place: cut it to `size` and, if `at` lies in it, flip a bit there. */
static void damage(struct fixture *f, size_t size, size_t at)
{
    unsigned char *data;
    size_t whole;
    struct error err;
    assert_int_equal(file_read(f->path, &data, &whole, &err), 0);
    FILE *file = fopen(f->path, "wb");
    assert_non_null(file);
    if (at < whole)
        data[at] ^= 1;
    if (size > whole)
        size = whole;
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    free(data);
}

/* One after the other, so that every one is set aside beside the ones before. */
static void damaged_is_set_aside(void **state)
{
    struct fixture *f = *state;
    struct error err;
    save(f, spec, 3);
    damage(f, 0, SIZE_MAX);
    check_damaged(f);
    damage(f, 20, SIZE_MAX);
    check_damaged(f);
    damage(f, SIZE_MAX, 100);
    check_damaged(f);
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(mkdir(f->path, 0777), 0);
    check_damaged(f);
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(mkfifo(f->path, 0666), 0); /* and nobody waits for its writer */
    check_damaged(f);
    damage(f, 20, SIZE_MAX);
    check_damaged(f);
    assert_int_equal(count_files(f), 7);
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(symlink("nowhere", f->path), 0);
    const struct file_identity seen = see_damaged(f);
    assert_int_equal(set_aside(f, &seen, &err), 0);
    save(f, spec, 3);
    assert_int_equal(load(f, &err), STORE_FOUND);
    assert_int_equal(count_files(f), 8);
}

static void a_renamed_run_is_not_taken(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char other[1024], id[STORE_ID_SIZE];
    static const char other_spec[] = "experiment=test\nlr=0.1\nseed=2\n";
    save(f, other_spec, 3);
    store_id(other_spec, id);
    make_folder(f);
    snprintf(other, sizeof other, "%s/runs/%.2s/%s.run", f->directory, id, id);
    assert_int_equal(rename(other, f->path), 0);
    assert_int_equal(load(f, &err), STORE_DAMAGED);
    assert_non_null(strstr(err.message, "renamed"));
    check_damaged(f);
}

static void setting_aside_what_is_gone_is_no_failure(void **state)
{
    struct fixture *f = *state;
    struct error err;
    assert_int_equal(store_create(&f->store, NULL, NULL, &err), 0);
    assert_int_equal(set_aside(f, &(struct file_identity){0}, &err), 0); /* another process did it */
}

/* Two processes see the damage; one sets it aside and saves before the other comes to it. */
static void a_good_record_of_another_process_stays(void **state)
{
    struct fixture *f = *state;
    struct error err;
    save(f, spec, 3);
    damage(f, 20, SIZE_MAX);
    const struct file_identity seen = see_damaged(f);
    assert_int_equal(set_aside(f, &seen, &err), 0);
    save(f, spec, 3);
    const struct file_identity good = file_identity(f->path);
    assert_int_equal(set_aside(f, &seen, &err), 0);
    assert_int_equal(load(f, &err), STORE_FOUND);
    const struct file_identity still = file_identity(f->path);
    assert_true(file_identity_same(&good, &still));
    assert_int_equal(count_files(f), 2); /* and the damaged one is kept once */
}

/* A file that lies flat in the store, as earlier versions left it. */
static void a_flat_record_is_found_and_gives_way(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char flat[1024];
    save(f, spec, 10);
    snprintf(flat, sizeof flat, "%s/%s.run", f->store.directory, spec_id);
    assert_int_equal(rename(f->path, flat), 0);
    assert_int_equal(load(f, &err), STORE_FOUND);
    save(f, spec, 10);
    assert_true(file_exists(f->path));
    assert_false(file_exists(flat));
    assert_int_equal(load(f, &err), STORE_FOUND);

    assert_int_equal(rename(f->path, flat), 0);
    assert_int_equal(truncate(flat, 40), 0);
    struct record record;
    struct file_identity seen;
    assert_int_equal(store_load(&f->store, spec, false, &record, &seen, &err), STORE_DAMAGED);
    assert_non_null(strstr(err.message, flat));
    assert_int_equal(set_aside(f, &seen, &err), 0);
    save(f, spec, 10);
    assert_int_equal(load(f, &err), STORE_FOUND);
    assert_int_equal(count_files(f), 2); /* the record, and what was set aside beside the folders */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(damaged_is_set_aside),
        IN_DIRECTORY(a_renamed_run_is_not_taken),
        IN_DIRECTORY(setting_aside_what_is_gone_is_no_failure),
        IN_DIRECTORY(a_good_record_of_another_process_stays),
        IN_DIRECTORY(a_flat_record_is_found_and_gives_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
