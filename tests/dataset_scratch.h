/* dataset_scratch.h - a directory for the files of a small data set, and what must have been loaded from it. */
#ifndef DLEXP_TESTS_DATASET_SCRATCH_H
#define DLEXP_TESTS_DATASET_SCRATCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dlexp/data/dataset.h"
#include "idx_files.h"

static char directory[PATH_SIZE];

static inline int set_up(void **state)
{
    (void)state;
    make_directory(directory);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    remove_directory(directory);
    return 0;
}

static inline int load(struct dataset *data, const char *place, struct error *err)
{
    return dataset_load(data, &(struct dataset_source){.directory = place}, err);
}

static inline void write_all(const struct quadruple *quadruple, const int forms[FILE_COUNT])
{
    for (int i = 0; i < FILE_COUNT; i++)
        write_idx(directory, i, forms[i], quadruple->files[i]);
}

static inline void empty_directory(void)
{
    remove_directory(directory);
    assert_int_equal(mkdir(directory, 0777), 0);
}

static inline void expect_loaded(const struct quadruple *quadruple, size_t train, size_t test, size_t rows,
                                 size_t columns, size_t classes)
{
    struct dataset data;
    struct error err = {0};
    char hexes[FILE_COUNT * (SHA256_HEX_SIZE - 1) + 1], hex[SHA256_HEX_SIZE];
    size_t non_zero = 0;
    if (load(&data, directory, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(data.train.count, train);
    assert_int_equal(data.test.count, test);
    assert_int_equal(data.rows, rows);
    assert_int_equal(data.columns, columns);
    assert_int_equal(data.pixels, rows * columns);
    assert_int_equal(data.classes, classes);
    assert_string_equal(data.name, "unknown data");
    assert_memory_equal(data.train.images, quadruple->files[TRAIN_IMAGES].data + 16, train * rows * columns);
    assert_memory_equal(data.train.labels, quadruple->files[TRAIN_LABELS].data + 8, train);
    assert_memory_equal(data.test.images, quadruple->files[TEST_IMAGES].data + 16, test * rows * columns);
    assert_memory_equal(data.test.labels, quadruple->files[TEST_LABELS].data + 8, test);
    for (size_t i = 0; i < train * rows * columns; i++)
        non_zero += data.train.images[i] != 0;
    assert_true(data.density == (double)non_zero / (double)(train * rows * columns));
    for (size_t i = 0; i < FILE_COUNT; i++)
        sha256_hex(quadruple->files[i].data, quadruple->files[i].size, hexes + i * (SHA256_HEX_SIZE - 1));
    assert_memory_equal(data.train.images_sha256, hexes, SHA256_HEX_SIZE - 1);
    assert_string_equal(data.test.labels_sha256, hexes + 3 * (SHA256_HEX_SIZE - 1));
    sha256_hex(hexes, sizeof hexes - 1, hex);
    assert_string_equal(data.sha256, hex);
    dataset_free(&data);
}

#endif
