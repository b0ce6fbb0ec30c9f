/* The run store: what was saved is found, what was damaged is not taken, and any number of processes may save at once.
 */
#include "support.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "dlexp/base/error.h"
#include "dlexp/base/file.h"
#include "dlexp/run/store.h"

static const char spec[] = "experiment=test\nlr=0.1\nseed=1\n";
/* printf 'experiment=test\nlr=0.1\nseed=1\n' | sha256sum | cut -c1-32 */
static const char spec_id[] = "4b437cd13269a9bdc3d05102726beb56";

struct fixture {
    char directory[512];
    struct store store;
    char path[1024]; /* of the run's file */
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct error err;
    assert_non_null(f);
    scratch_create(f->directory);
    assert_int_equal(store_init(&f->store, f->directory, &err), 0);
    snprintf(f->path, sizeof f->path, "%s/runs/4b/%s.run", f->directory, spec_id);
    *state = f;
    return 0;
}

static void remove_all(const char *path)
{
    DIR *directory = opendir(path);
    if (directory) {
        for (struct dirent *entry; (entry = readdir(directory));) {
            char inner[2048];
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
                snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
                remove_all(inner);
            }
        }
        closedir(directory);
    }
    remove(path);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    store_free(&f->store);
    remove_all(f->directory);
    free(f);
    return 0;
}

static void make_record(struct record *record, const char *of, size_t rows)
{
    record_init(record, of);
    record_set(record, "status", "completed");
    struct record_table *table = record_table_add(record, "steps", "loss", RECORD_BULK);
    for (size_t i = 0; i < rows; i++)
        record_table_row(record, table, &(double){1.0 / (double)(i + 1)});
}

static void save(struct fixture *f, const char *of, size_t rows)
{
    struct record record;
    struct error err;
    make_record(&record, of, rows);
    if (store_create(&f->store, NULL, NULL, &err) < 0 || store_save(&f->store, &record, &err) < 0)
        fail_msg("%s", err.message);
    record_free(&record);
}

static enum store_found load(const struct fixture *f, struct error *err)
{
    struct record record;
    struct file_identity seen;
    enum store_found found = store_load(&f->store, spec, true, &record, &seen, err);
    if (found == STORE_FOUND) {
        assert_string_equal(record.spec, spec);
        assert_string_equal(record_get(&record, "status"), "completed");
    } else {
        assert_null(record.spec);
    }
    record_free(&record);
    return found;
}

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

/* In the store's directory and its folders of two digits. */
static size_t count_in(const char *path, bool folders)
{
    DIR *directory = opendir(path);
    char inner[2048];
    size_t count = 0;
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.')
            count += folders && strlen(entry->d_name) == 2 ? count_in(inner, false) : 1;
    }
    closedir(directory);
    return count;
}

static size_t count_files(const struct fixture *f)
{
    return count_in(f->store.directory, true);
}

/* The folder in which the run's file is to be. */
static void make_folder(const struct fixture *f)
{
    char folder[1024];
    struct error err;
    snprintf(folder, sizeof folder, "%s/4b", f->store.directory);
    assert_int_equal(directory_create(folder, &err), 0);
}

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

/* Four processes save the same run over and over while this one reads it: it is always there and always whole. */
static void processes_save_the_same_run_at_once(void **state)
{
    enum { PROCESSES = 4, SAVES = 60 };
    struct fixture *f = *state;
    struct error err;
    pid_t children[PROCESSES];
    size_t running = PROCESSES, loads = 0;
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
    while (running > 0) {
        for (size_t i = 0; i < PROCESSES; i++) {
            int status;
            if (children[i] > 0 && waitpid(children[i], &status, WNOHANG) == children[i]) {
                assert_true(WIFEXITED(status));
                assert_int_equal(WEXITSTATUS(status), 0);
                children[i] = 0;
                running--;
            }
        }
        assert_int_equal(load(f, &err), STORE_FOUND);
        loads++;
    }
    assert_true(loads >= PROCESSES);
    assert_int_equal(count_files(f), 1);
}

/* ---- files that lie flat, from earlier versions ---- */

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

/* ---- the index ---- */

/* Its last change is so long ago that another one would show. */
static void settle(const char *path)
{
    const struct timespec times[2] = {{1600000000, 123456789}, {1600000000, 123456789}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* The head of the run, by a store of its own that uses the index and adds to it. */
static enum store_found load_by_index(const struct fixture *f)
{
    struct store store;
    struct record record;
    struct file_identity seen;
    struct error err;
    assert_int_equal(store_init(&store, f->directory, &err), 0);
    store_index_open(&store, true);
    const enum store_found found = store_load(&store, spec, false, &record, &seen, &err);
    if (found == STORE_FOUND) {
        assert_string_equal(record.spec, spec);
        assert_string_equal(record_get(&record, "status"), "completed");
        assert_int_equal(record_table_find(&record, "steps")->rows, 10);
        store_index_add(&store, &record, &seen);
    }
    record_free(&record);
    store_free(&store);
    return found;
}

/* Fills the file with something else, in place; its inode and size stay. */
static void spoil(const char *path)
{
    const struct file_identity file = file_identity(path);
    FILE *out = fopen(path, "r+b");
    assert_non_null(out);
    for (size_t i = 0; i < file.size; i++)
        fputc('x', out);
    assert_int_equal(fclose(out), 0);
}

static void heads_come_from_the_index_while_the_file_is_the_same(void **state)
{
    struct fixture *f = *state;
    char index[1024];
    snprintf(index, sizeof index, "%s/.index", f->store.directory);
    save(f, spec, 10);
    assert_int_equal(load_by_index(f), STORE_FOUND);
    assert_false(file_exists(index)); /* too fresh */
    settle(f->path);
    assert_int_equal(load_by_index(f), STORE_FOUND);
    const struct file_identity one = file_identity(index);
    assert_true(one.exists);
    assert_int_equal(load_by_index(f), STORE_FOUND);
    assert_int_equal(file_identity(index).size, one.size); /* added once */

    spoil(f->path);
    assert_int_equal(load_by_index(f), STORE_DAMAGED); /* its time is another one */
    settle(f->path);
    assert_int_equal(load_by_index(f), STORE_FOUND); /* so it was from the index before */
    assert_int_equal(truncate(f->path, 10), 0);
    settle(f->path);
    assert_int_equal(load_by_index(f), STORE_DAMAGED); /* its size */
    save(f, spec, 10);
    settle(f->path);
    spoil(f->path);
    settle(f->path);
    assert_int_equal(load_by_index(f), STORE_DAMAGED); /* its inode */
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(load_by_index(f), STORE_MISSING);
}

/* Cut anywhere, any byte changed, rubbish before or behind: the record is what it is. */
static void a_damaged_index_is_no_matter(void **state)
{
    struct fixture *f = *state;
    struct error err;
    char index[1024];
    unsigned char *text;
    size_t size;
    snprintf(index, sizeof index, "%s/.index", f->store.directory);
    save(f, spec, 10);
    settle(f->path);
    assert_int_equal(load_by_index(f), STORE_FOUND);
    assert_int_equal(file_read(index, &text, &size, &err), 0);
    for (size_t i = 0; i < size; i++)
        for (int kind = 0; kind < 4; kind++) {
            FILE *out = fopen(index, "wb");
            assert_non_null(out);
            text[i] ^= kind == 1 ? 1 : kind == 2 ? 0xff : 0;
            fwrite(text, 1, kind == 0 ? i : size, out);
            fwrite(text, 1, kind == 3 ? i : 0, out);
            text[i] ^= kind == 1 ? 1 : kind == 2 ? 0xff : 0;
            assert_int_equal(fclose(out), 0);
            assert_int_equal(load_by_index(f), STORE_FOUND);
            assert_int_equal(load_by_index(f), STORE_FOUND);
        }
    free(text);
}

int main(void)
{
#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(id_is_the_hash_of_the_spec),
        IN_DIRECTORY(a_store_that_is_not_there_misses_everything),
        IN_DIRECTORY(saved_is_found_under_its_name),
        IN_DIRECTORY(a_copied_store_is_a_store),
        IN_DIRECTORY(damaged_is_set_aside),
        IN_DIRECTORY(a_renamed_run_is_not_taken),
        IN_DIRECTORY(setting_aside_what_is_gone_is_no_failure),
        IN_DIRECTORY(a_good_record_of_another_process_stays),
        IN_DIRECTORY(a_claim_keeps_other_processes_away),
        IN_DIRECTORY(a_directory_does_not_keep_a_run_from_being_saved),
        IN_DIRECTORY(an_unreadable_record_is_an_error),
        IN_DIRECTORY(saving_without_a_directory_is_an_error),
        IN_DIRECTORY(a_file_in_the_way_of_the_directory_is_an_error),
        IN_DIRECTORY(processes_save_the_same_run_at_once),
        IN_DIRECTORY(a_flat_record_is_found_and_gives_way),
        IN_DIRECTORY(heads_come_from_the_index_while_the_file_is_the_same),
        IN_DIRECTORY(a_damaged_index_is_no_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
