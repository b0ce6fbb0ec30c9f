/* What is known of image files from earlier readings is used only while it is true. */
#include "raw_cache_scratch.h"

static void what_was_read_is_known_the_next_time(void **state)
{
    char images[1024], source[1024], own[1024];
    (void)state;
    assert_int_equal(open_and_compare(), 0);
    assert_int_equal(open_and_compare(), 2);
    find_paths(images, source, own);
    struct bytes kept = read_file(images); /* as a plain IDX file */
    assert_int_equal(kept.size, files.files[TRAIN_IMAGES].size);
    assert_memory_equal(kept.data, files.files[TRAIN_IMAGES].data, kept.size);
    bytes_free(&kept);
    struct stat info;
    assert_int_equal(stat(cache_place, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700); /* nobody else's */
    assert_true(cache_size() > 0);
}

static void a_file_that_just_changed_is_not_entered(void **state)
{
    (void)state;
    ahead_s = 0;
    assert_int_equal(open_and_compare(), 0);
    assert_int_equal(open_and_compare(), 0);
    assert_int_equal(cache_size(), 0);
}

static void a_file_that_changed_while_it_was_read_is_not_entered(void **state)
{
    char images[1024], source[1024], own[1024];
    struct idx idx;
    struct raw_facts facts;
    struct error err;
    (void)state;
    find_paths(images, source, own);
    const struct raw_source before = raw_source_of(own, false);
    assert_int_equal(idx_read(&idx, own, IDX_IMAGES, &(struct idx_changes){0}, &err), 0);
    assert_int_equal(utimensat(AT_FDCWD, own, NULL, 0), 0);
    raw_cache_keep(&idx, 1, own, &before);
    const struct raw_source after = raw_source_of(own, false);
    assert_false(raw_cache_find(&facts, &before));
    assert_false(raw_cache_find(&facts, &after));
    raw_cache_keep(&idx, 1, own, &after);
    assert_true(raw_cache_find(&facts, &after));
    idx_free(&idx);
}

static void loading_reads_the_files(void **state)
{
    struct dataset data;
    struct error err;
    (void)state;
    for (int round = 0; round < 2; round++) {
        assert_int_equal(dataset_load(&data, &(struct dataset_source){.directory = data_place}, &err), 0);
        assert_int_equal(cache_size(), 0); /* and leaves nothing there */
        dataset_free(&data);
    }
    open_and_compare();
    assert_int_equal(dataset_load(&data, &(struct dataset_source){.directory = data_place}, &err), 0);
    assert_non_null(data.train.images);
    assert_null(data.train.later);
    dataset_free(&data);
}

static void transposed_images_are_others(void **state)
{
    struct dataset data;
    struct error err;
    const struct dataset_source turned = {.directory = data_place, .transpose = true};
    (void)state;
    open_and_compare();
    for (int round = 0; round < 2; round++) {
        assert_int_equal(dataset_open(&data, &turned, &err), 0);
        assert_int_equal(!data.train.images, round);
        assert_int_equal(dataset_fetch(&data.train, &err), 0);
        assert_int_equal(data.rows, 4);
        /* Pixel (1, 0) is what was pixel (0, 1). */
        assert_int_equal(data.train.images[data.columns], files.files[TRAIN_IMAGES].data[16 + 1]);
        dataset_free(&data);
    }
    assert_int_equal(open_and_compare(), 2);
}

static void what_was_replaced_is_read_anew(void **state)
{
    char images[1024], source[1024], own[1024], plain[1024], aside[1024];
    struct stat before;
    (void)state;
    find_paths(images, source, own);
    assert_int_equal(unlink(own), 0);
    write_idx(data_place, TRAIN_IMAGES, FORM_PLAIN, files.files[TRAIN_IMAGES]);
    snprintf(plain, sizeof plain, "%s/train-images-idx3-ubyte", data_place);
    snprintf(aside, sizeof aside, "%s/new", directory);
    open_and_compare();
    assert_int_equal(open_and_compare(), 2);

    /* In its place, by others of the same size, with the time set back. */
    assert_int_equal(stat(plain, &before), 0);
    const struct timespec times[2] = {before.st_atim, before.st_mtim};
    change_images();
    write_file(plain, files.files[TRAIN_IMAGES].data, files.files[TRAIN_IMAGES].size);
    assert_int_equal(utimensat(AT_FDCWD, plain, times, 0), 0);
    assert_int_equal(open_and_compare(), 1);
    assert_int_equal(open_and_compare(), 2);

    /* By another file of that size and time, which takes its name. */
    change_images();
    files.files[TRAIN_IMAGES].data[16] ^= 1;
    write_file(aside, files.files[TRAIN_IMAGES].data, files.files[TRAIN_IMAGES].size);
    assert_int_equal(utimensat(AT_FDCWD, aside, times, 0), 0);
    assert_int_equal(rename(aside, plain), 0);
    assert_int_equal(open_and_compare(), 1);
    assert_int_equal(open_and_compare(), 2);

    /* Shorter, and touched: the same data at another time. */
    assert_int_equal(utimensat(AT_FDCWD, plain, NULL, 0), 0);
    assert_int_equal(open_and_compare(), 1);
    assert_int_equal(open_and_compare(), 2);
}

static void without_a_cache_all_is_the_same(void **state)
{
    char path[1024];
    (void)state;
    static const char *const none[] = {"off", "", "/dev/null/cache", "/proc/none"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(setenv("DLEXP_CACHE", none[i], 1), 0);
        assert_int_equal(open_and_compare(), 0);
        assert_int_equal(open_and_compare(), 0);
        assert_int_equal(cache_size(), 0);
    }
    snprintf(path, sizeof path, "%s/file", directory);
    write_file(path, "x", 1);
    assert_int_equal(setenv("DLEXP_CACHE", path, 1), 0);
    assert_int_equal(open_and_compare(), 0);
    assert_int_equal(open_and_compare(), 0);
}

static void a_file_replaced_after_it_was_opened_is_noticed(void **state)
{
    char images[1024], source[1024], own[1024];
    struct dataset data;
    struct error err;
    (void)state;
    open_and_compare();
    find_paths(images, source, own);
    assert_int_equal(dataset_open(&data, &(struct dataset_source){.directory = data_place}, &err), 0);
    change_images();
    write_idx(data_place, TRAIN_IMAGES, FORM_GZ, files.files[TRAIN_IMAGES]);
    assert_int_equal(unlink(images), 0); /* else it would go on with what was opened */
    assert_int_equal(dataset_fetch(&data.train, &err), -1);
    assert_int_equal(err.code, ERROR_DATA);
    assert_non_null(strstr(err.message, own));
    assert_non_null(strstr(err.message, "replaced"));
    assert_null(data.train.images);
    dataset_free(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(what_was_read_is_known_the_next_time),
        IN_DIRECTORY(a_file_that_just_changed_is_not_entered),
        IN_DIRECTORY(a_file_that_changed_while_it_was_read_is_not_entered),
        IN_DIRECTORY(loading_reads_the_files),
        IN_DIRECTORY(transposed_images_are_others),
        IN_DIRECTORY(what_was_replaced_is_read_anew),
        IN_DIRECTORY(without_a_cache_all_is_the_same),
        IN_DIRECTORY(a_file_replaced_after_it_was_opened_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
