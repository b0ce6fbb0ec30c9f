/* The order in which a process takes the runs of a plan where it cannot see what others have under way. */
#include "support.h"

#include "dlexp/run/runner.h"

static void every_run_is_met_once(void **state)
{
    (void)state;
    for (size_t count = 1; count <= 64; count++)
        for (uint64_t seed = 1; seed < 50; seed++) {
            bool met[64] = {false};
            for (size_t turn = 0; turn < count; turn++) {
                const size_t index = runner_position(turn, count, seed);
                assert_true(index < count);
                assert_false(met[index]);
                met[index] = true;
            }
        }
}

static void other_seeds_go_other_ways(void **state)
{
    size_t same = 0;
    (void)state;
    for (uint64_t seed = 1; seed < 1000; seed++) {
        size_t equal = 0;
        for (size_t turn = 0; turn < 40; turn++)
            equal += runner_position(turn, 40, seed) == runner_position(turn, 40, seed + 1);
        same += equal > 20;
    }
    assert_true(same < 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_run_is_met_once),
        cmocka_unit_test(other_seeds_go_other_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
