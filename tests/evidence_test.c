/* Order statistics, tests of pairs, sizes: what tabulated values do not hold - ends, ties, infinities, laws they obey.
 */
#include "support.h"

#include "dlexp/statistics/anytime.h"
#include "dlexp/statistics/best_of.h"
#include "dlexp/statistics/beta.h"
#include "dlexp/statistics/binomial.h"
#include "dlexp/statistics/chi_square.h"
#include "dlexp/statistics/crossed.h"
#include "dlexp/statistics/holm.h"
#include "dlexp/statistics/normal.h"
#include "dlexp/statistics/order.h"
#include "dlexp/statistics/sample_size.h"
#include "dlexp/statistics/sign_flip.h"
#include "dlexp/statistics/sign_test.h"
#include "dlexp/statistics/student.h"

#define INF ((double)INFINITY)

static void check_close(double actual, double expected, double relative)
{
    if (!(fabs(actual - expected) <= relative * fabs(expected)))
        fail_msg("expected %.17g, got %.17g", expected, actual);
}

/* -- laws -- */

/* Printed tables: Fisher & Yates 1963, t at 5 and 1 % two-sided; 10 degrees of freedom at 1e-4 % from R's qt. */
static void t_as_printed(void **state)
{
    (void)state;
    static const struct {
        double level, freedom, t;
    } table[] = {{0.95, 1, 12.706}, {0.95, 9, 2.262},  {0.95, 30, 2.042}, {0.95, INF, 1.960}, {0.99, 1, 63.657},
                 {0.99, 9, 3.250},  {0.99, 30, 2.750}, {0.9, 9, 1.833},   {0.9, INF, 1.645}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_true(fabs(student_critical(table[i].level, table[i].freedom) - table[i].t) <= 0.00051);
}

/* One degree of freedom is Cauchy's law, two have a closed form; quantile and cdf undo each other at all others. */
static void t_laws(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int i = 0; i < 2000; i++) {
        const double p = i % 2 ? test_uniform(&seed, 0, 1) : exp(test_uniform(&seed, -40, -0.7));
        const double f = exp(test_uniform(&seed, 0, 13.8));
        check_close(student_quantile(p, 1),
                    p < 0.5 ? -1 / tan(3.14159265358979323846 * p) : tan(3.14159265358979323846 * (p - 0.5)), 1e-12);
        check_close(student_quantile(p, 2), (2 * p - 1) / sqrt(2 * p * (1 - p)), 1e-12);
        check_close(student_cdf(student_quantile(p, f), f), p, 1e-11);
        if (p > 1e-15)
            assert_true(student_quantile(1 - p, f) == -student_quantile(1 - (1 - p), f));
    }
    assert_true(student_quantile(0.5, 3) == 0 && student_cdf(0, 3) == 0.5);
    assert_true(student_cdf(INF, 3) == 1 && student_cdf(-INF, 3) == 0);
    check_close(student_quantile(0.975, INF), 1.959963984540054, 1e-15);
    check_close(student_quantile(0.975, 1e6), student_quantile(0.975, 1e6 + 0.001), 1e-14); /* two methods meet */
}

static void noncentral_t_laws(void **state)
{
    (void)state;
    uint64_t seed = 12;
    for (int i = 0; i < 300; i++) {
        const double t = test_uniform(&seed, -8, 8), f = exp(test_uniform(&seed, 0, 9)),
                     shift = test_uniform(&seed, -6, 6);
        assert_true(fabs(student_noncentral_cdf(t, f, 0) - student_cdf(t, f)) <= 1e-12);
        assert_true(fabs(student_noncentral_cdf(0, f, shift) - normal_cdf(-shift)) <= 1e-12);
        assert_true(fabs(student_noncentral_cdf(t, f, shift) + student_noncentral_cdf(-t, f, -shift) - 1) <= 1e-12);
    }
    assert_true(student_noncentral_cdf(2, INF, 1) == normal_cdf(1));
}

static void ends_of_laws(void **state)
{
    (void)state;
    double low, high;
    assert_true(beta_cdf(2, 3, 0, 1) == 0 && beta_cdf(2, 3, 1, 0) == 1);
    check_close(beta_quantile(1, 1, 0.3), 0.3, 1e-14);
    check_close(beta_quantile(1, 3, 1e-12), 1 - cbrt(1 - 1e-12), 1e-3);
    check_close(beta_log(3, 4), -log(60), 1e-14);
    assert_true(binomial_lower(0, 5, 0) == 1 && binomial_lower(4, 5, 1) == 0 && binomial_lower(5, 5, 1) == 1);
    assert_true(binomial_upper(0, 5, 0) == 1 && binomial_upper(1, 5, 0) == 0 && binomial_upper(6, 5, 1) == 0);
    assert_true(binomial_half_lower(0, 3) == 0.125 && binomial_half_lower(3, 3) == 1);
    /* No run of 10 failed, at 95 %: 0 .. 1 - 0.025^(1/10), the printed 30.85 %. */
    binomial_interval(0, 10, 0.95, &low, &high);
    assert_true(low == 0);
    check_close(high, 0.3084971078187608, 1e-13);
    binomial_interval(10, 10, 0.95, &low, &high);
    assert_true(high == 1);
    check_close(chi_square_cdf(2 * log(4), 2), 0.75, 1e-14); /* two degrees: 1 - exp(-x / 2) */
    assert_true(chi_square_cdf(0, 2) == 0);
    check_close(chi_square_deviation_limit(3, 2, 0.8), 3 * sqrt(-1 / log(0.8)), 1e-13);
}

/* -- order -- */

/* evidence of a run that never arrives: infinite steps count as such, and only the end they reach is infinite. */
static void order_with_infinities(void **state)
{
    (void)state;
    double values[] = {INF, 3, -INF, 1, 2, INF, 5, 4, 7, 6};
    order_sort(values, 10);
    assert_true(values[0] == -INF && values[8] == INF && values[9] == INF);
    assert_true(order_median(values, 10) == 4.5);
    assert_true(order_interquartile_mean(values, 10) == 4.5); /* 2 .. 7: floor(10 / 4) = 2 on each side */
    const struct order_interval interval = order_interval_of(values, 10, 0.95);
    assert_int_equal(interval.rank, 2);
    assert_true(interval.low == 1 && interval.high == INF);
    assert_true(interval.level == 1 - 22.0 / 1024); /* 2 (1 + 10) / 2^10: 97.9 % */
    assert_true(order_median((const double[]){1, INF}, 2) == INF);
    assert_true(order_median((const double[]){INF, INF}, 2) == INF);
    assert_true(isnan(order_median((const double[]){-INF, INF}, 2)));
    assert_true(order_median((const double[]){1, 2, INF}, 3) == 2);
    assert_true(order_interquartile_mean((const double[]){1, 2, 3}, 3) == 2);
    assert_true(order_interquartile_mean((const double[]){-9, 2, 4, INF}, 4) == 3);
}

/* Fewer than 6 have none at 95 %; a level that is met exactly is met. */
static void order_interval_ends(void **state)
{
    (void)state;
    static const double ascending[] = {1, 2, 3, 4, 5, 6};
    for (size_t n = 0; n <= 5; n++)
        assert_int_equal(order_interval_of(ascending, n, 0.95).rank, 0);
    const struct order_interval six = order_interval_of(ascending, 6, 0.95);
    assert_true(six.rank == 1 && six.low == 1 && six.high == 6 && six.level == 1 - 2.0 / 64);
    assert_true(order_interval_of(ascending, 3, 0.75).rank == 1 &&
                order_interval_of(ascending, 3, 0.7500001).rank == 0);
}

/* -- tests of pairs -- */

static void sign_test_drops_ties(void **state)
{
    (void)state;
    const struct sign_test test = sign_test_of((const double[]){INF, 0, 1, -0.0, 2, -INF, 3, 4, 5}, 9);
    assert_true(test.wins == 6 && test.losses == 1 && test.ties == 2);
    assert_true(test.p == 2 * 8.0 / 128);
    const struct sign_test tied = sign_test_of((const double[]){0, 0}, 2);
    assert_true(tied.ties == 2 && tied.p == 1);
}

/* Against every assignment, one after the other; the order of the values and their signs as a whole do not matter. */
static void sign_flip_counts_all(void **state)
{
    (void)state;
    uint64_t seed = 13;
    for (int round = 0; round < 200; round++) {
        const size_t n = test_between(&seed, 1, 11);
        double d[11], mirrored[11];
        long seen = 0, hits = 0, whole[11];
        for (size_t i = 0; i < n; i++) {
            whole[i] = (long)test_between(&seed, 0, 12) - 5;
            seen += whole[i];
            d[i] = (double)whole[i] * 0.1;
            mirrored[n - 1 - i] = -d[i];
        }
        for (unsigned flips = 0; flips < 1u << n; flips++) {
            long sum = 0;
            for (size_t i = 0; i < n; i++)
                sum += flips >> i & 1 ? -whole[i] : whole[i];
            hits += labs(sum) >= labs(seen);
        }
        check_close(sign_flip_p(d, n), (double)hits / (double)(1u << n), 1e-15);
        assert_true(sign_flip_p(mirrored, n) == sign_flip_p(d, n));
    }
    assert_true(sign_flip_p(NULL, 0) == 1 && sign_flip_p((const double[]){0, 0}, 2) == 1);
    /* 21 equal values are sampled: no random assignment of 100,000 is expected to have one sign. */
    double equal[21];
    for (size_t i = 0; i < 21; i++)
        equal[i] = 0.25;
    assert_true(sign_flip_p(equal, 20) == 2.0 / 1048576);
    assert_true(sign_flip_p(equal, 21) <= 3.0 / 100001);
}

/* Holm 1979; p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") in R. */
static void holm_as_r(void **state)
{
    (void)state;
    static const double p[] = {0.01, 0.04, 0.03, 0.005}, expected[] = {0.03, 0.06, 0.06, 0.02};
    double adjusted[4];
    holm_adjust(p, adjusted, 4, 4);
    for (size_t i = 0; i < 4; i++)
        check_close(adjusted[i], expected[i], 1e-15);
    /* A claim without a test counts where the family is said to hold it. */
    const double some[] = {0.02, (double)NAN, 0.5};
    holm_adjust(some, adjusted, 3, 2);
    assert_true(adjusted[0] == 0.04 && isnan(adjusted[1]) && adjusted[2] == 0.5);
    holm_adjust(some, adjusted, 3, 3);
    assert_true(adjusted[0] == 0.06 && adjusted[2] == 1);
    const double equal[] = {0.02, 0.02};
    holm_adjust(equal, adjusted, 2, 2);
    assert_true(adjusted[0] == 0.04 && adjusted[1] == 0.04);
}

/* -- looks, sizes -- */

/* At 5 % finite from 5 values; sign test: 8 wins of 8 (256 / 9 >= 20) decide, 7 of 7 (128 / 8) do not. */
static void anytime_begins(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 4; n++)
        assert_true(isnan(anytime_half_width(n, 1, 0.95)));
    for (size_t n = 5; n <= 2000; n++)
        assert_true(anytime_half_width(n, 1, 0.95) > student_critical(0.95, (double)(n - 1)) / sqrt((double)n));
    assert_true(anytime_half_width(10, 0, 0.95) == 0);
    assert_false(anytime_sign_decides(7, 7, 0.95));
    assert_true(anytime_sign_decides(8, 8, 0.95) && anytime_sign_decides(0, 8, 0.95));
    assert_true(anytime_sign_decides(7, 7, 1 - 1 / 15.99) && !anytime_sign_decides(7, 7, 1 - 1 / 16.01));
}

static void sample_sizes(void **state)
{
    (void)state;
    /* Cohen 1988, paired t at 5 %, power 80 %: an effect of half a deviation needs 34 pairs. */
    assert_true(sample_size_power(0.5, 33, 0.95) < 0.8 && sample_size_power(0.5, 34, 0.95) >= 0.8);
    for (size_t seeds = 2; seeds <= 40; seeds += 19) {
        const double margin = 0.2, deviation = 0.3,
                     limit = chi_square_deviation_limit(deviation, (double)seeds - 1, 0.8);
        const size_t n = sample_size_seeds(margin, deviation, seeds, 0.95);
        assert_true(sample_size_power(margin / limit, n, 0.95) >= 0.8 &&
                    sample_size_power(margin / limit, n - 1, 0.95) < 0.8);
    }
    assert_int_equal(sample_size_seeds(0.2, 0, 10, 0.95), 2);  /* no spread */
    assert_int_equal(sample_size_seeds(1e-9, 1, 10, 0.95), 0); /* more than anyone runs */
    assert_int_equal(sample_size_width(1e-9, 1, 10, 0.95), 0);
    assert_int_equal(sample_size_width(0.5, 0.2, 10, 0.95), 10); /* the first ones are enough */
    assert_int_equal(sample_size_width(0.1, 0.2, 10, 0.95), 21); /* (2.2622 x 2)^2 = 20.47 */
}

/* By the definition, all numbers of pairs tried: the power is a saw, which halving alone does not see through. */
static void pairs_for_a_sign_test(void **state)
{
    (void)state;
    static const double shares[] = {0.55, 0.6, 0.75, 0.9, 1}, levels[] = {0.8, 0.95, 1 - 0.05 / 3};
    for (size_t i = 0; i < sizeof shares / sizeof *shares * 3; i++) {
        const double share = shares[i / 3], level = levels[i % 3];
        size_t first = 0;
        for (size_t n = 2; first == 0; n++) {
            const size_t rank = order_rank(n, level); /* fewer losses, or wins, reject */
            if (rank > 0 && binomial_lower(rank - 1, n, 1 - share) + binomial_upper(n - rank + 1, n, 1 - share) >= 0.8)
                first = n;
        }
        assert_int_equal(sample_size_sign(share, level), first);
    }
    assert_int_equal(sample_size_sign(1, 0.95), 6); /* 2 / 2^6 is below 5 % */
    assert_int_equal(sample_size_sign(0.5000001, 0.95), 0);
}

/* -- seeds x images -- */

/* All right against all wrong: no spread at all. */
static void crossed_without_spread(void **state)
{
    (void)state;
    int8_t d[6 * 100];
    memset(d, 1, sizeof d);
    const struct crossed same = crossed_of(d, 6, 100);
    assert_true(same.mean == 1 && same.s2_seeds == 0 && same.s2_images == 0 && same.s2_residual == 0);
    assert_true(same.variance == 0 && same.freedom == 5);
    /* Images differ and seeds do not: the variance is that of the images. */
    for (size_t i = 0; i < sizeof d; i++)
        d[i] = (int8_t)(i % 100 < 50);
    const struct crossed images = crossed_of(d, 6, 100);
    check_close(images.mean, 0.5, 1e-15);
    check_close(images.variance, 0.25 / 99, 1e-14);
    check_close(images.freedom, 99, 1e-13);
}

/* Where the terms nearly cancel, Satterthwaite's freedom would fall towards 0, and t with it to infinity. */
static void crossed_freedom_has_a_floor(void **state)
{
    enum { SEEDS = 4, IMAGES = 12 };
    size_t raised = 0;
    uint64_t seed = 14;
    (void)state;
    for (int round = 0; round < 2000; round++) {
        int8_t d[SEEDS * IMAGES];
        for (size_t i = 0; i < SEEDS * IMAGES; i++)
            d[i] = (int8_t)((int)test_between(&seed, 0, 2) - 1);
        const struct crossed c = crossed_of(d, SEEDS, IMAGES);
        const double a = c.s2_seeds / SEEDS, b = c.s2_images / IMAGES, e = c.s2_residual / (SEEDS * IMAGES);
        const double raw = (a + b - e) * (a + b - e) / (a * a / 3 + b * b / 11 + e * e / 33);
        assert_true(c.freedom >= 3 && c.variance >= a);
        if (b > e)
            check_close(c.freedom, fmax(raw, 3), 1e-9);
        raised += b > e && raw < 3;
    }
    assert_true(raised > 0);
}

static void best_of_ends(void **state)
{
    (void)state;
    static const double ascending[] = {-INF, 1, 2, 6};
    assert_true(best_of(ascending, 4, 4) == 6 && best_of(ascending, 4, 1) == -INF);
    assert_true(fabs(best_of(ascending, 4, 2) - (1 * 1 + 2 * 2 + 3 * 6) / 6.0) < 1e-14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_as_printed),
        cmocka_unit_test(t_laws),
        cmocka_unit_test(noncentral_t_laws),
        cmocka_unit_test(ends_of_laws),
        cmocka_unit_test(order_with_infinities),
        cmocka_unit_test(order_interval_ends),
        cmocka_unit_test(sign_test_drops_ties),
        cmocka_unit_test(sign_flip_counts_all),
        cmocka_unit_test(holm_as_r),
        cmocka_unit_test(anytime_begins),
        cmocka_unit_test(sample_sizes),
        cmocka_unit_test(pairs_for_a_sign_test),
        cmocka_unit_test(crossed_without_spread),
        cmocka_unit_test(crossed_freedom_has_a_floor),
        cmocka_unit_test(best_of_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
