/* Means, deviations and intervals against values by hand and against R. */
#include "support.h"

#include "dlexp/statistics/statistics.h"

static void check_close(double actual, double expected, double relative)
{
    if (!(fabs(actual - expected) <= relative * fabs(expected)))
        fail_msg("expected %.17g, got %.17g", expected, actual);
}

/* R's qt(0.975, n) to 15 digits; the same by inverting mpmath's betainc. */
static void t95_is_students_quantile(void **state)
{
    static const struct {
        size_t freedom;
        double t;
    } table[] = {
        {1, 12.7062047361747},  {2, 4.30265272974946},   {3, 3.18244630528371},   {4, 2.77644510519779},
        {5, 2.57058183563631},  {6, 2.44691185114497},   {7, 2.36462425159278},   {8, 2.30600413520417},
        {9, 2.26215716279820},  {10, 2.22813885198627},  {14, 2.14478668791780},  {19, 2.09302405440831},
        {20, 2.08596344726586}, {29, 2.04522964213270},  {30, 2.04227245630124},  {60, 2.00029782201426},
        {99, 1.98421695158642}, {100, 1.98397151852355}, {120, 1.97993040508242}, {1000, 1.96233908082641},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check_close(statistics_t95(table[i].freedom), table[i].t, 1e-9);
}

/* Between a table's entries: falls with the degrees of freedom, towards the normal quantile, and never reaches it. */
static void t95_falls_to_the_normal_quantile(void **state)
{
    const double normal = 1.959963984540054;
    double before = statistics_t95(1);
    (void)state;
    for (size_t freedom = 2; freedom <= 500; freedom++) {
        double t = statistics_t95(freedom);
        assert_true(t < before);
        assert_true(t > normal);
        before = t;
    }
    /* Cornish & Fisher: t = z + (z^3 + z) / (4 n) + O(1 / n^2). */
    const double n = 1e6;
    check_close(statistics_t95(1000000), normal + (normal * normal * normal + normal) / (4 * n), 1e-9);
    check_close(statistics_t95(1000001), statistics_t95(1000000), 1e-9);
}

/* 1, 2, 3, 4: mean 2.5, squares 5, deviation sqrt(5 / 3), half width qt(0.975, 3) * deviation / 2. */
static void values_by_hand(void **state)
{
    static const double values[] = {4, 1, 3, 2};
    (void)state;
    struct statistics s = statistics_of(values, 4);
    assert_int_equal(s.count, 4);
    check_close(s.mean, 2.5, 1e-15);
    check_close(s.deviation, 1.2909944487358056, 1e-15);
    check_close(s.half_width, 3.18244630528371 * 1.2909944487358056 / 2, 1e-9);

    /* Two values: half their difference times 12.7, since the deviation is d / sqrt(2). */
    s = statistics_of((const double[]){97.5, 98}, 2);
    check_close(s.mean, 97.75, 1e-15);
    check_close(s.half_width, 12.7062047361747 * 0.25, 1e-9);
}

static void one_value_has_no_interval(void **state)
{
    (void)state;
    struct statistics s = statistics_of((const double[]){-3.25}, 1);
    assert_int_equal(s.count, 1);
    assert_true(s.mean == -3.25);
    assert_true(isnan(s.deviation));
    assert_true(isnan(s.half_width));
}

static void equal_values_have_none_either(void **state)
{
    (void)state;
    struct statistics s = statistics_of((const double[]){11.35, 11.35, 11.35, 11.35}, 4);
    assert_true(s.mean == 11.35);
    assert_true(s.deviation == 0);
    assert_true(s.half_width == 0);
}

/* The sum of squares minus the square of the sum would lose every digit here; the mean comes first. */
static void offset_does_not_cancel(void **state)
{
    (void)state;
    struct statistics s = statistics_of((const double[]){1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}, 4);
    check_close(s.mean, 1e9 + 10, 1e-15);
    check_close(s.deviation * s.deviation, 30, 1e-12);
}

static void nan_is_not_hidden(void **state)
{
    (void)state;
    struct statistics s = statistics_of((const double[]){1, (double)NAN, 2}, 3);
    assert_true(isnan(s.mean));
    assert_true(isnan(s.half_width));
}

/* numpy.quantile([3, 1, 2, 10], [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]) */
static void quantiles_as_numpy(void **state)
{
    (void)state;
    static const double probabilities[] = {0, 0.05, 0.25, 0.5, 0.75, 0.95, 1};
    static const double expected[] = {1, 1.15, 1.75, 2.5, 4.75, 8.95, 10};
    double values[] = {3, 1, 2, 10}, quantiles[7];
    statistics_quantiles(values, 4, probabilities, 7, quantiles);
    for (size_t k = 0; k < 7; k++)
        check_close(quantiles[k], expected[k], 1e-15);
    values[0] = -7;
    statistics_quantiles(values, 1, probabilities, 7, quantiles);
    for (size_t k = 0; k < 7; k++)
        assert_true(quantiles[k] == -7);
}

static int compare_reals(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Against a full sort, on values in random, ascending and descending order, with few distinct ones and with one. */
static void quantiles_are_those_of_a_sort(void **state)
{
    (void)state;
    enum { MOST = 3000 };
    static double values[MOST], sorted[MOST];
    uint64_t seed = 5;
    for (int round = 0; round < 500; round++) {
        const size_t count = test_between(&seed, 1, round % 3 ? 60 : MOST);
        double probabilities[STATISTICS_QUANTILES_MAX], quantiles[STATISTICS_QUANTILES_MAX];
        const size_t asked = test_between(&seed, 1, STATISTICS_QUANTILES_MAX);
        for (size_t k = 0; k < asked; k++)
            probabilities[k] = test_uniform(&seed, 0, 1);
        qsort(probabilities, asked, sizeof *probabilities, compare_reals);
        for (size_t i = 0; i < count; i++) {
            const double x = test_uniform(&seed, -1, 1);
            values[i] = round % 5 == 0   ? x
                        : round % 5 == 1 ? (double)i
                        : round % 5 == 2 ? -(double)i
                        : round % 5 == 3 ? floor(3 * x)
                                         : 0.5;
        }
        memcpy(sorted, values, count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, compare_reals);
        statistics_quantiles(values, count, probabilities, asked, quantiles);
        for (size_t k = 0; k < asked; k++) {
            const double place = probabilities[k] * (double)(count - 1);
            const size_t rank = (size_t)place;
            const double next = rank + 1 < count ? sorted[rank + 1] : sorted[rank];
            const double expected = sorted[rank] + (place - (double)rank) * (next - sorted[rank]);
            assert_true(fabs(quantiles[k] - expected) <= 1e-15 * (fabs(sorted[rank]) + fabs(next)));
        }
        qsort(values, count, sizeof *values, compare_reals); /* reordered, nothing lost */
        assert_memory_equal(values, sorted, count * sizeof *sorted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t95_is_students_quantile),
        cmocka_unit_test(t95_falls_to_the_normal_quantile),
        cmocka_unit_test(values_by_hand),
        cmocka_unit_test(one_value_has_no_interval),
        cmocka_unit_test(equal_values_have_none_either),
        cmocka_unit_test(offset_does_not_cancel),
        cmocka_unit_test(nan_is_not_hidden),
        cmocka_unit_test(quantiles_as_numpy),
        cmocka_unit_test(quantiles_are_those_of_a_sort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
