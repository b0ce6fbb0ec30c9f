/*
 * raw_cache_scratch.h - a small data set and a cache in a scratch directory: what the tests of raw_cache.h share.
 *
 * A test file includes it first.
 */
#ifndef DLEXP_TESTS_RAW_CACHE_SCRATCH_H
#define DLEXP_TESTS_RAW_CACHE_SCRATCH_H

#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <time.h>

#include "dlexp/base/cache.h"
#include "dlexp/data/dataset.h"
#include "dlexp/data/raw_cache.h"
#include "idx_files.h"

/* The program's clock goes before by this: files that were just written have not changed for long. */
static time_t ahead_s;

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec + ahead_s;
    return now.tv_sec + ahead_s;
}

static char directory[PATH_SIZE], data_place[PATH_SIZE + 8], cache_place[PATH_SIZE + 8];
static struct quadruple files;

static inline int set_up(void **state)
{
    (void)state;
    ahead_s = 10;
    make_directory(directory);
    snprintf(data_place, sizeof data_place, "%s/data", directory);
    snprintf(cache_place, sizeof cache_place, "%s/cache", directory);
    assert_int_equal(mkdir(data_place, 0777), 0);
    assert_int_equal(setenv("DLEXP_CACHE", cache_place, 1), 0);
    files = quadruple_make(9, 8, 3, 4, 3);
    for (int i = 0; i < FILE_COUNT; i++)
        write_idx(data_place, i, FORM_GZ, files.files[i]);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    quadruple_free(&files);
    remove_directory(directory);
    return 0;
}

/* Opens and fetches; fails unless all is what is in `files`.  Returns how many halves were known before. */
static inline int open_and_compare(void)
{
    struct dataset data;
    struct error err;
    const struct dataset_source source = {.directory = data_place};
    if (dataset_open(&data, &source, &err) < 0)
        fail_msg("%s", err.message);
    const int known = !data.train.images + !data.test.images;
    struct dataset_part *const parts[] = {&data.train, &data.test};
    for (size_t i = 0; i < 2; i++) {
        const struct bytes *images = &files.files[2 * i], *labels = &files.files[2 * i + 1];
        char sha256[SHA256_HEX_SIZE];
        if (dataset_fetch(parts[i], &err) < 0 || dataset_fetch(parts[i], &err) < 0)
            fail_msg("%s", err.message);
        assert_int_equal(parts[i]->count * data.pixels, images->size - 16);
        assert_memory_equal(parts[i]->images, images->data + 16, images->size - 16);
        for (size_t slack = 0; slack < IDX_SLACK; slack++)
            assert_int_equal(parts[i]->images[images->size - 16 + slack], 0);
        assert_memory_equal(parts[i]->labels, labels->data + 8, labels->size - 8);
        sha256_hex(images->data, images->size, sha256);
        assert_string_equal(parts[i]->images_sha256, sha256);
    }
    size_t non_zero = 0;
    for (size_t i = 16; i < files.files[TRAIN_IMAGES].size; i++)
        non_zero += files.files[TRAIN_IMAGES].data[i] != 0;
    assert_true(data.density == (double)non_zero / (double)(files.files[TRAIN_IMAGES].size - 16));
    dataset_free(&data);
    return known;
}

static inline void path_of(char path[1024], const char *folder, const char *name)
{
    snprintf(path, 1024, "%s/%s/%s", cache_place, folder, name);
}

/* Of the training images: the file of the cache's that holds them, that of their source, and their own. */
static inline void find_paths(char images[1024], char source[1024], char own[1024])
{
    char sha256[SHA256_HEX_SIZE], name[80];
    sha256_hex(files.files[TRAIN_IMAGES].data, files.files[TRAIN_IMAGES].size, sha256);
    path_of(images, "images", sha256);
    snprintf(own, 1024, "%s/train-images-idx3-ubyte.gz", data_place);
    const struct raw_source at = raw_source_of(own, false);
    snprintf(name, sizeof name, "%jx-%jx", at.device, at.inode);
    path_of(source, "sources", name);
}

static inline struct bytes read_file(const char *path)
{
    struct bytes bytes = {0};
    struct error err;
    if (file_read(path, &bytes.data, &bytes.size, &err) < 0)
        fail_msg("%s", err.message);
    return bytes;
}

static inline void write_file(const char *path, const void *data, size_t size)
{
    write_bytes(path, (struct bytes){(unsigned char *)(uintptr_t)data, size, 0});
}

/* The training images become others, of the same number and, plain, of the same size. */
static inline void change_images(void)
{
    for (size_t i = 16; i < files.files[TRAIN_IMAGES].size; i++)
        files.files[TRAIN_IMAGES].data[i] ^= 0x55;
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
