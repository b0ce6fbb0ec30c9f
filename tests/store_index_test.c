/* The index of a run store: heads come from it only while their files are the same, and no damage to it matters. */
#include "store_scratch.h"

#include <fcntl.h>

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
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(heads_come_from_the_index_while_the_file_is_the_same),
        IN_DIRECTORY(a_damaged_index_is_no_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
