/* store_scratch.h - a run store in a scratch directory, and one run in it: what the tests of the store share. */
#ifndef DLEXP_TESTS_STORE_SCRATCH_H
#define DLEXP_TESTS_STORE_SCRATCH_H

#include "support.h"

#include <dirent.h>
#include <sys/stat.h>

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

static inline int set_up(void **state)
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

static inline void remove_all(const char *path)
{
    DIR *directory = opendir(path);
    if (directory) {
        for (struct dirent *entry; (entry = readdir(directory));) {
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
                char *inner = path_join(path, entry->d_name);
                assert_non_null(inner);
                remove_all(inner);
                free(inner);
            }
        }
        closedir(directory);
    }
    remove(path);
}

static inline int tear_down(void **state)
{
    struct fixture *f = *state;
    store_free(&f->store);
    remove_all(f->directory);
    free(f);
    return 0;
}

static inline void make_record(struct record *record, const char *of, size_t rows)
{
    record_init(record, of);
    record_set(record, "status", "completed");
    struct record_table *table = record_table_add(record, "steps", "loss", RECORD_BULK);
    for (size_t i = 0; i < rows; i++)
        record_table_row(record, table, &(double){1.0 / (double)(i + 1)});
}

static inline void save(struct fixture *f, const char *of, size_t rows)
{
    struct record record;
    struct error err;
    make_record(&record, of, rows);
    if (store_create(&f->store, NULL, NULL, &err) < 0 || store_save(&f->store, &record, &err) < 0)
        fail_msg("%s", err.message);
    record_free(&record);
}

static inline enum store_found load(const struct fixture *f, struct error *err)
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

/* In the store's directory and its folders of two digits. */
static inline size_t count_in(const char *path, bool folders)
{
    DIR *directory = opendir(path);
    size_t count = 0;
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        char *inner = path_join(path, entry->d_name);
        assert_non_null(inner);
        if (entry->d_name[0] != '.')
            count += folders && strlen(entry->d_name) == 2 ? count_in(inner, false) : 1;
        free(inner);
    }
    closedir(directory);
    return count;
}

static inline size_t count_files(const struct fixture *f)
{
    return count_in(f->store.directory, true);
}

/* The folder in which the run's file is to be. */
static inline void make_folder(const struct fixture *f)
{
    char folder[1024];
    struct error err;
    snprintf(folder, sizeof folder, "%s/4b", f->store.directory);
    assert_int_equal(directory_create(folder, &err), 0);
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
