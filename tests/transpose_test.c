/* Every set's transposes against a plain one, in arrays that end at an inaccessible page and start as garbage. */
#include "support.h"

#include "dlexp/kernels/kernels.h"

enum { SEEDS = 200 };

static void test_reals(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        uint64_t state = seed;
        struct guarded from_memory, to_memory;
        const size_t rows = test_between(&state, 1, 70), columns = test_between(&state, 1, 70);
        const size_t from_row = real_padded(columns) + REAL_PAD * test_between(&state, 0, 1);
        const size_t to_row = real_padded(rows) + REAL_PAD * test_between(&state, 0, 1);
        /* The last row of each ends with its padding. */
        const size_t from_count = (rows - 1) * from_row + real_padded(columns);
        const size_t to_count = (columns - 1) * to_row + real_padded(rows);
        real *from = guarded_new(&from_memory, from_count * sizeof *from);
        real *to = guarded_new(&to_memory, to_count * sizeof *to);
        for (size_t i = 0; i < from_count; i++)
            from[i] = (real)test_uniform(&state, -1, 1);
        for (size_t k = 0; kernels_row(k); k++) {
            if (!kernels_row(k)->supported())
                continue;
            memset(to, 0xff, to_count * sizeof *to);
            kernels_row(k)->transpose(to, to_row, from, from_row, rows, columns);
            for (size_t j = 0; j < columns; j++)
                for (size_t i = 0; i < real_padded(rows); i++)
                    assert_true(to[j * to_row + i] == (i < rows ? from[i * from_row + j] : 0));
            for (size_t j = 0; j + 1 < columns; j++)
                for (size_t i = real_padded(rows); i < to_row; i++)
                    assert_true(isnan((double)to[j * to_row + i])); /* what lies beside it is left alone */
        }
        guarded_free(&from_memory);
        guarded_free(&to_memory);
    }
}

static void test_bytes(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        uint64_t state = seed;
        enum { ROWS = 100 };
        struct guarded memory[ROWS], to_memory;
        const uint8_t *row[ROWS];
        const size_t rows = test_between(&state, 1, ROWS), columns = test_between(&state, 1, 70);
        const size_t to_row = (rows + 63) / 64 * 64;
        for (size_t i = 0; i < rows; i++) {
            uint8_t *bytes = guarded_new(&memory[i], columns + PIXELS_SLACK);
            for (size_t j = 0; j < columns + PIXELS_SLACK; j++)
                bytes[j] = (uint8_t)test_u64(&state);
            row[i] = bytes;
        }
        uint8_t *to = guarded_new(&to_memory, columns * to_row);
        for (size_t k = 0; kernels_row(k); k++) {
            if (!kernels_row(k)->supported())
                continue;
            memset(to, 0, columns * to_row);
            kernels_row(k)->transpose_bytes(to, to_row, row, rows, columns);
            for (size_t i = 0; i < rows; i++)
                for (size_t j = 0; j < columns; j++)
                    assert_int_equal(to[j * to_row + i], row[i][j]);
        }
        for (size_t i = 0; i < rows; i++)
            guarded_free(&memory[i]);
        guarded_free(&to_memory);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_reals), cmocka_unit_test(test_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
