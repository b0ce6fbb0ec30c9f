/* The block: measured as it is assigned, aligned, zeroed; sizes that overflow are refused. */
#include "support.h"

#include "dlexp/base/memory.h"
#include "dlexp/base/real.h"

enum { TAKES = 40 };

static void take_all(struct memory *memory, uint64_t seed, unsigned char *taken[TAKES], size_t bytes[TAKES])
{
    for (size_t i = 0; i < TAKES; i++) {
        size_t count = test_between(&seed, 0, 100), size = test_between(&seed, 1, 16);
        taken[i] = memory_take(memory, count, size);
        bytes[i] = count * size;
    }
}

static void test_measure_then_assign(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct memory memory = {0};
        struct error err;
        unsigned char *taken[TAKES];
        size_t bytes[TAKES];
        take_all(&memory, seed, taken, bytes);
        for (size_t i = 0; i < TAKES; i++)
            assert_null(taken[i]);
        const size_t measured = memory.used;
        assert_int_equal(memory_allocate(&memory, "a test", &err), 0);
        assert_non_null(memory.base);
        assert_int_equal(memory.used, 0);
        take_all(&memory, seed, taken, bytes);
        assert_int_equal(memory.used, measured);
        for (size_t i = 0; i < TAKES; i++) {
            assert_int_equal((uintptr_t)taken[i] % REAL_ALIGN, 0);
            assert_true(taken[i] >= memory.base && taken[i] + bytes[i] <= memory.base + measured);
            for (size_t j = 0; j < bytes[i]; j++)
                assert_int_equal(taken[i][j], 0); /* zeroed, and no neighbour's 0xff reaches in */
            memset(taken[i], 0xff, bytes[i]);
        }
        memory_free(&memory);
        assert_null(memory.base);
        assert_int_equal(memory.used, 0);
    }
}

static void test_empty(void **unused)
{
    (void)unused;
    struct memory memory = {0};
    struct error err;
    assert_null(memory_take(&memory, 0, 8));
    assert_int_equal(memory.used, 0);
    assert_int_equal(memory_allocate(&memory, "nothing", &err), 0);
    assert_non_null(memory_take(&memory, 0, 8));
    memory_free(&memory);
    memory_free(&memory); /* twice is harmless */
}

static void test_overflow_is_refused(void **unused)
{
    (void)unused;
    static const size_t takes[][2][2] = {
        {{SIZE_MAX, 2}, {0, 0}},
        {{SIZE_MAX / 4 + 1, 4}, {0, 0}},
        {{SIZE_MAX, 1}, {0, 0}},
        {{SIZE_MAX / 2 + 1, 1}, {0, 0}},
        {{SIZE_MAX / 2, 1}, {SIZE_MAX / 2, 1}}, /* each passes, their sum does not */
        {{SIZE_MAX / 8, 4}, {SIZE_MAX / 8, 4}}, /* representable, but nobody has it */
    };
    for (size_t i = 0; i < sizeof takes / sizeof *takes; i++) {
        struct memory memory = {0};
        struct error err = {0};
        for (size_t j = 0; j < 2; j++)
            assert_null(memory_take(&memory, takes[i][j][0], takes[i][j][1]));
        for (int j = 0; j < 100; j++) /* what comes later cannot wrap it round */
            assert_null(memory_take(&memory, 64, 1));
        assert_int_equal(memory_allocate(&memory, "a giant", &err), -1);
        assert_int_equal(err.code, ERROR_IO);
        assert_non_null(strstr(err.message, "a giant"));
        assert_null(memory.base);
        memory_free(&memory);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_measure_then_assign),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_overflow_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
