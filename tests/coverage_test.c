/* Intervals and tests do what their level says: by simulation, with fixed streams. */
#include "support.h"

#include "dlexp/statistics/anytime.h"
#include "dlexp/statistics/binomial.h"
#include "dlexp/statistics/crossed.h"
#include "dlexp/statistics/order.h"
#include "dlexp/statistics/sign_flip.h"
#include "dlexp/statistics/sign_test.h"
#include "dlexp/statistics/student.h"

enum { DRAWS = 10000 };

/* Three laws with median 0: normal (Box & Muller), a skewed one, and one of which 10 % are infinite. */
enum law { NORMAL, SKEWED, FAILING, LAWS };

static double draw(uint64_t *seed, enum law law)
{
    const double u = test_uniform(seed, 0, 1), v = test_uniform(seed, 0, 1);
    if (law == NORMAL)
        return sqrt(-2 * log(1 - u)) * cos(6.28318530717958647693 * v);
    if (law == SKEWED)
        return -log(1 - u) - log(2.0);
    return u < 0.9 ? u - 0.5 : (double)INFINITY;
}

static void draw_all(uint64_t *seed, enum law law, double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = draw(seed, law);
}

/* The share of 10,000 draws is within four standard errors, 4 sqrt(p (1 - p) / 10,000), of what it should be. */
static void check_share(size_t hits, double expected, const char *what, size_t n)
{
    const double share = (double)hits / DRAWS;
    print_message("%-42s n = %3zu: %6.2f %%, expected %6.2f %%\n", what, n, 100 * share, 100 * expected);
    assert_true(fabs(share - expected) <= 4 * sqrt(expected * (1 - expected) / DRAWS));
}

/* Exactly its printed level, whatever the law, failing runs among them. */
static void order_interval_covers(void **state)
{
    static const char *const names[LAWS] = {"order interval, normal", "order interval, skewed",
                                            "order interval, 10 % fail"};
    static const size_t counts[] = {6, 10, 25};
    uint64_t seed = 21;
    (void)state;
    for (enum law law = NORMAL; law < LAWS; law++)
        for (size_t c = 0; c < 3; c++) {
            double values[25];
            size_t covered = 0;
            struct order_interval interval = {0};
            for (int i = 0; i < DRAWS; i++) {
                draw_all(&seed, law, values, counts[c]);
                order_sort(values, counts[c]);
                interval = order_interval_of(values, counts[c], 0.95);
                covered += interval.low <= 0 && interval.high >= 0;
            }
            assert_true(interval.level >= 0.95);
            check_share(covered, interval.level, names[law], counts[c]);
        }
}

/* Rejects at 5 % as often as the discrete law lets it: P(p <= 0.05) = 2 P(Bin(n, 1/2) <= k - 1), k the interval's rank.
 */
static void sign_test_has_its_level(void **state)
{
    static const size_t counts[] = {5, 10, 25};
    static const double expected[] = {0, 22.0 / 1024, 0.0432851};
    uint64_t seed = 22;
    (void)state;
    for (size_t c = 0; c < 3; c++) {
        double values[25];
        size_t rejected = 0;
        for (int i = 0; i < DRAWS; i++) {
            draw_all(&seed, FAILING, values, counts[c]);
            rejected += sign_test_of(values, counts[c]).p <= 0.05;
        }
        check_share(rejected, expected[c], "sign test at 5 %, 10 % fail", counts[c]);
    }
}

/* Exact for laws symmetric around 0: at 5 % with 10 values, floor(0.05 1024) / 1024 assignments, two at a time. */
static void sign_flip_has_its_level(void **state)
{
    uint64_t seed = 23;
    size_t rejected = 0;
    (void)state;
    for (int i = 0; i < DRAWS; i++) {
        double values[10];
        draw_all(&seed, NORMAL, values, 10);
        rejected += sign_flip_p(values, 10) <= 0.05;
    }
    check_share(rejected, 50.0 / 1024, "sign flips at 5 %, normal", 10);
}

/* At least its level, for shares near an end and in the middle. */
static void share_interval_covers(void **state)
{
    static const double shares[] = {0.03, 0.5, 0.9};
    uint64_t seed = 24;
    (void)state;
    for (size_t s = 0; s < 3; s++) {
        double low[11], high[11];
        size_t covered = 0;
        for (size_t k = 0; k <= 10; k++)
            binomial_interval(k, 10, 0.95, &low[k], &high[k]);
        for (int i = 0; i < DRAWS; i++) {
            size_t k = 0;
            for (int j = 0; j < 10; j++)
                k += test_uniform(&seed, 0, 1) < shares[s];
            covered += low[k] <= shares[s] && shares[s] <= high[k];
        }
        assert_true((double)covered >= DRAWS * 0.95 - 4 * sqrt(0.95 * 0.05 * DRAWS));
    }
}

/*
 * A look after each of 100 runs: the anytime interval and the sign test with equal chances are ever wrong in at most 5
 * % of histories, where intervals for one look are wrong in some 40 %.
 */
static void looks_are_paid_for(void **state)
{
    enum { HISTORIES = 3000, RUNS = 100 };
    double anytime[RUNS + 1], single[RUNS + 1];
    size_t wrong = 0, wrong_single = 0, wrong_sign = 0;
    uint64_t seed = 25;
    (void)state;
    for (size_t n = 2; n <= RUNS; n++) {
        anytime[n] = anytime_half_width(n, 1, 0.95);
        single[n] = student_critical(0.95, (double)(n - 1)) / sqrt((double)n);
    }
    for (int h = 0; h < HISTORIES; h++) {
        bool outside = false, outside_single = false, decided = false;
        double sum = 0, squares = 0;
        size_t wins = 0;
        for (size_t n = 1; n <= RUNS; n++) {
            const double value = draw(&seed, NORMAL);
            sum += value;
            squares += value * value;
            wins += value > 0;
            decided |= anytime_sign_decides(wins, n, 0.95);
            if (n < 2)
                continue;
            const double mean = sum / (double)n, s = sqrt((squares - sum * mean) / (double)(n - 1));
            outside |= fabs(mean) > anytime[n] * s; /* nan: no interval yet */
            outside_single |= fabs(mean) > single[n] * s;
        }
        wrong += outside;
        wrong_single += outside_single;
        wrong_sign += decided;
    }
    print_message("ever wrong in 100 looks: anytime t %.1f %%, anytime sign %.1f %%, t %.1f %%\n",
                  100.0 * (double)wrong / HISTORIES, 100.0 * (double)wrong_sign / HISTORIES,
                  100.0 * (double)wrong_single / HISTORIES);
    assert_true(wrong <= HISTORIES * 5 / 100 && wrong_sign <= HISTORIES * 5 / 100);
    assert_true(wrong > 0 && wrong_sign > 0);
    assert_true(wrong_single > HISTORIES * 25 / 100);
}

/*
 * Seeds and images that both differ, 10 x 100, expected difference 0: the interval on new images covers, the one on
 * these images misses far too often.
 */
static void crossed_interval_covers(void **state)
{
    enum { SEEDS = 10, IMAGES = 100, ROUNDS = 2000 };
    size_t covered = 0, covered_here = 0;
    uint64_t seed = 26;
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        double by_image[IMAGES];
        int8_t d[SEEDS * IMAGES];
        for (size_t i = 0; i < IMAGES; i++)
            by_image[i] = test_uniform(&seed, -1.5, 1.5);
        for (size_t s = 0; s < SEEDS; s++) {
            const double by_seed = test_uniform(&seed, -0.3, 0.3);
            for (size_t i = 0; i < IMAGES; i++) {
                const double score = by_seed + by_image[i] + test_uniform(&seed, -1, 1);
                d[s * IMAGES + i] = (int8_t)((score > 1) - (score < -1));
            }
        }
        const struct crossed c = crossed_of(d, SEEDS, IMAGES);
        covered += fabs(c.mean) <= student_critical(0.95, c.freedom) * sqrt(c.variance);
        covered_here += fabs(c.mean) <= student_critical(0.95, SEEDS - 1) * sqrt(c.s2_seeds / SEEDS);
    }
    print_message("seeds x images: %.1f %% covered on new images, %.1f %% by the seeds alone\n",
                  100.0 * (double)covered / ROUNDS, 100.0 * (double)covered_here / ROUNDS);
    assert_true(covered >= ROUNDS * 935 / 1000 && covered <= ROUNDS * 975 / 1000);
    assert_true(covered_here <= ROUNDS * 85 / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_interval_covers),   cmocka_unit_test(sign_test_has_its_level),
        cmocka_unit_test(sign_flip_has_its_level), cmocka_unit_test(share_interval_covers),
        cmocka_unit_test(looks_are_paid_for),      cmocka_unit_test(crossed_interval_covers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
