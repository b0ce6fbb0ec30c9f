/* Transposes, against plain ones. */
#include "scene.h"

static void transpose_case(struct scene *scene)
{
    const size_t rows = test_between(&scene->state, 1, 70), wide = test_between(&scene->state, 1, 90);
    const size_t columns = test_between(&scene->state, 1, wide); /* the others lie between the rows */
    const size_t from_row = real_padded(wide),
                 to_row = real_padded(rows) + REAL_PAD * test_between(&scene->state, 0, 1);
    const size_t count = (columns - 1) * to_row + real_padded(rows); /* the last row ends with its padding */
    const float *from = input(scene, rows, wide, -1, 1), zero = 0;
    float *to = output(scene, count);
    scene->kernels->transpose(to, to_row, from, from_row, rows, columns);
    for (size_t j = 0; j < columns; j++) {
        for (size_t i = 0; i < real_padded(rows); i++)
            expect_same(&to[j * to_row + i], i < rows ? &from[i * from_row + j] : &zero, 1, "transpose");
        for (size_t i = real_padded(rows); i < to_row && j + 1 < columns; i++)
            assert_true(isnan(to[j * to_row + i])); /* what lies beside it is left alone */
    }
    keep(scene, to, count);
}

static void transpose_bytes_case(struct scene *scene)
{
    enum { ROWS = ARRAYS_MAX - 1 };
    const uint8_t *row[ROWS];
    const size_t rows = test_between(&scene->state, 1, ROWS), columns = test_between(&scene->state, 1, 70);
    const size_t to_row = PIXELS_SLACK * ((rows - 1) / PIXELS_SLACK + test_between(&scene->state, 1, 2));
    for (size_t i = 0; i < rows; i++) {
        uint8_t *bytes = place(scene, columns + PIXELS_SLACK);
        for (size_t j = 0; j < columns + PIXELS_SLACK; j++)
            bytes[j] = (uint8_t)test_u64(&scene->state);
        row[i] = bytes;
    }
    uint8_t *to = place(scene, columns * to_row);
    scene->kernels->transpose_bytes(to, to_row, row, rows, columns);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            assert_int_equal(to[j * to_row + i], row[i][j]);
}

static const struct member_test members[] = {
    {MEMBER(transpose), transpose_case},
    {MEMBER(transpose_bytes), transpose_bytes_case},
    {0},
};
static const struct CMUnitTest others[] = {{0}};
const struct kernel_tests transpose_tests = {members, others};
