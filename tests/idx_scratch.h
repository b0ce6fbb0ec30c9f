/* idx_scratch.h - one IDX file in a scratch directory, and what must come out of it: what the tests of idx.h share. */
#ifndef DLEXP_TESTS_IDX_SCRATCH_H
#define DLEXP_TESTS_IDX_SCRATCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dlexp/data/idx.h"
#include "idx_files.h"

static char directory[PATH_SIZE], path[PATH_SIZE + 16];

static inline int set_up(void **state)
{
    (void)state;
    make_directory(directory);
    snprintf(path, sizeof path, "%s/file", directory);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    remove_directory(directory);
    return 0;
}

static inline void expect_read(struct bytes file, struct bytes content, enum idx_kind kind, size_t count, size_t rows,
                               size_t columns)
{
    struct idx idx;
    struct error err = {0};
    char hex[SHA256_HEX_SIZE];
    size_t header = kind == IDX_IMAGES ? 16 : 8;
    write_bytes(path, file);
    if (idx_read(&idx, path, kind, &(struct idx_changes){0}, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(idx.count, count);
    assert_int_equal(idx.rows, rows);
    assert_int_equal(idx.columns, columns);
    assert_int_equal(idx.size, count * rows * columns);
    assert_int_equal(idx.size, content.size - header);
    assert_memory_equal(idx.data, content.data + header, idx.size);
    sha256_hex(content.data, content.size, hex);
    assert_string_equal(idx.sha256, hex);
    idx_free(&idx);
}

#endif
