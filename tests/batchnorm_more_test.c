/* How many more seeds and rates: the rules by hand, and by simulation that they hold what they promise. */
#include "support.h"

#include "../src/batchnorm/batchnorm_more.h"
#include "dlexp/statistics/anytime.h"
#include "dlexp/statistics/statistics.h"

enum { FIRST = 10 };

/* Ten differences with mean 0 and deviation 3: 5 x 3 sqrt(9/10), 5 x -3 sqrt(9/10); t_9 at 95 % is 2.262157 in tables.
 */
static const double unit = 2.8460498941515414; /* 3 sqrt(0.9) */
static void make_differences(double differences[FIRST], double mean)
{
    for (size_t i = 0; i < FIRST; i++)
        differences[i] = mean + (i % 2 ? unit : -unit);
}

static void width_by_hand(void **unused)
{
    (void)unused;
    static const struct {
        double half_width;
        size_t most, wanted, seeds;
    } cases[] = {
        {3, 100, 10, 10},      /* (2.262157 x 3 / 3)^2 = 5.1: those that are there do */
        {1, 100, 47, 47},      /* 46.06 */
        {0.7, 100, 94, 94},    /* 93.99 */
        {0.5, 100, 185, 100},  /* 184.2 */
        {0.5, 185, 185, 185},  /* the most that is allowed is not too many */
        {1e-6, 100, 0, 100},   /* 4.6e13: more than can be counted */
        {2.1461, 100, 10, 10}, /* 9.9996 */
        {2.1460, 100, 11, 11}, /* 10.0006 */
    };
    double differences[FIRST];
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (int shift = 0; shift < 2; shift++) { /* the mean decides nothing */
            make_differences(differences, shift ? 50 : 0);
            const struct more_width width = more_width_of(statistics_of(differences, FIRST).deviation, FIRST,
                                                          cases[c].half_width, 0.95, cases[c].most);
            assert_int_equal(width.first, FIRST);
            assert_true(fabs(width.deviation - 3) < 1e-12);
            assert_int_equal(width.wanted, cases[c].wanted);
            assert_int_equal(width.seeds, cases[c].seeds);
            assert_int_equal(width.capped, cases[c].seeds != cases[c].wanted);
            assert_true(fabs(width.half_width - 2.262157 * 3 / sqrt((double)cases[c].seeds)) < 1e-6);
            assert_true(width.capped || width.half_width <= cases[c].half_width);
        }
    const double equal[FIRST] = {0};
    assert_int_equal(more_width_of(statistics_of(equal, FIRST).deviation, FIRST, 0.1, 0.95, 100).seeds, FIRST);
}

/* Box & Muller. */
static double normal(uint64_t *seed)
{
    const double u = test_uniform(seed, 0, 1), v = test_uniform(seed, 0, 1);
    return sqrt(-2 * log(1 - u)) * cos(6.28318530717958647693 * v);
}

/* The interval of all covers the mean in 95 % of 10,000 draws, within four standard errors, 0.87 %, though their number
 * hangs on results. */
static void width_covers(void **unused)
{
    (void)unused;
    enum { DRAWS = 10000, MOST = 1000 };
    uint64_t seed = 11;
    size_t covered = 0, several = 0;
    for (int i = 0; i < DRAWS; i++) {
        double differences[MOST], mean = 0;
        for (size_t s = 0; s < FIRST; s++)
            differences[s] = normal(&seed);
        const struct more_width width =
            more_width_of(statistics_of(differences, FIRST).deviation, FIRST, 0.5, 0.95, MOST);
        for (size_t s = FIRST; s < width.seeds; s++)
            differences[s] = normal(&seed);
        for (size_t s = 0; s < width.seeds; s++)
            mean += differences[s] / (double)width.seeds;
        covered += fabs(mean) <= width.half_width;
        several += width.seeds > FIRST;
        assert_true(width.half_width <= 0.5 && !width.capped);
    }
    print_message("half width 0.5: covered %.2f %%, %.1f %% with a second stage\n", 100.0 * (double)covered / DRAWS,
                  100.0 * (double)several / DRAWS);
    assert_true(fabs((double)covered / DRAWS - 0.95) <= 4 * sqrt(0.95 * 0.05 / DRAWS));
    assert_true(several > DRAWS / 2);
}

/* However many seeds are computed at a time, there are as many in the end. */
static void steps_in_batches(void **unused)
{
    (void)unused;
    enum { MOST = 30 };
    for (size_t stop = FIRST; stop <= MOST + 1; stop++)
        for (size_t batch = 1; batch <= 9; batch++) {
            bool decided[MOST + 9] = {false};
            size_t seeds = FIRST, largest = FIRST;
            struct more_step step;
            /* Decided first at `stop`, then no more, then again: what comes later does not count. */
            for (size_t n = FIRST; n < MOST + 9; n++)
                decided[n - FIRST] = n >= stop && (n - stop) % 3 == 0;
            while (!(step = more_step_of(decided, FIRST, seeds, batch, MOST)).enough) {
                assert_true(step.seeds > seeds && step.seeds <= MOST && step.seeds - seeds <= batch);
                seeds = largest = step.seeds;
            }
            assert_int_equal(step.seeds, stop <= MOST ? stop : MOST);
            assert_int_equal(step.decided, stop <= MOST);
            assert_true(largest < step.seeds + batch);
            /* Once more, with what is left: the same. */
            const struct more_step again = more_step_of(decided, FIRST, step.seeds, batch, MOST);
            assert_true(again.enough && again.seeds == step.seeds && again.decided == step.decided);
        }
    const bool none[1] = {false};
    const struct more_step at_most = more_step_of(none, FIRST, FIRST, 4, FIRST);
    assert_true(at_most.enough && !at_most.decided && at_most.seeds == FIRST);
}

static void batches(void **unused)
{
    (void)unused;
    assert_int_equal(more_batch(2, 26), 1);
    assert_int_equal(more_batch(4, 4), 1);
    assert_int_equal(more_batch(5, 4), 2);
    assert_int_equal(more_batch(64, 4), 16);
    assert_int_equal(more_batch(1, 2), 1);
}

/*
 * With no difference at all, and a look after each of 10 to 100 seeds: that any of three claims is ever decided, two of
 * them by signs, one by the mean, each at 1 - 0.05 / 3, happens in at most 5 % of 4,000 experiments.  A t test at each
 * look would be wrong in a quarter of them or more.
 */
static void rarely_wrong(void **unused)
{
    (void)unused;
    enum { EXPERIMENTS = 4000, MOST = 100, CLAIMS = 3 };
    const double level = 1 - 0.05 / CLAIMS;
    uint64_t seed = 5;
    size_t wrong = 0, single = 0;
    for (int e = 0; e < EXPERIMENTS; e++) {
        size_t wins[2] = {0};
        double sum = 0, squares = 0;
        bool decided = false, rejected = false;
        for (size_t n = 1; n <= MOST; n++) {
            const double difference = normal(&seed);
            sum += difference;
            squares += difference * difference;
            for (int c = 0; c < 2; c++)
                wins[c] += normal(&seed) > 0;
            if (n < FIRST)
                continue;
            const double deviation = sqrt((squares - sum * sum / (double)n) / (double)(n - 1));
            decided |= fabs(sum / (double)n) > anytime_half_width(n, deviation, level);
            rejected |= fabs(sum) / sqrt((double)n) > 2 * deviation;
            for (int c = 0; c < 2; c++)
                decided |= anytime_sign_decides(wins[c], n, level);
        }
        wrong += decided;
        single += rejected;
    }
    print_message("wrong verdicts, a look after each seed: %.1f %%; t at each look: %.1f %%\n",
                  100.0 * (double)wrong / EXPERIMENTS, 100.0 * (double)single / EXPERIMENTS);
    assert_true(wrong <= EXPERIMENTS / 20);
    assert_true(single > EXPERIMENTS / 4);
}

/* sqrt(a b) to 6 digits, by Python's decimal. */
static void middles(void **unused)
{
    (void)unused;
    assert_true(more_middle(0.1, 1) == 0.316228);
    assert_true(more_middle(0.316228, 1) == 0.562342);
    assert_true(more_middle(0.1, 0.316228) == 0.177828);
    assert_true(more_middle(4.64159, 10) == 6.81292);
    assert_true(more_middle(1, 1.00001) == 0); /* no number of 6 digits between */
    assert_true(more_middle(1, 1.00002) == 1.00001);
    assert_true(more_middle(0, 0.1) == 0);
    assert_true(more_middle(1, (double)INFINITY) == 0);
    assert_true(more_middle((double)NAN, 1) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(width_by_hand), cmocka_unit_test(width_covers), cmocka_unit_test(steps_in_batches),
        cmocka_unit_test(batches),       cmocka_unit_test(rarely_wrong), cmocka_unit_test(middles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
