/*
 * The interval of the mean terminal error covers what it should, by simulation with draws of its own.  Of each cell
 * 500 samples by default, and fewer cells; with DLEXP_LONG=1 10,000, of which 93.5 % must be covered.  Prints its
 * table.
 */
#include "sgd_mean.h"

#include "dlexp/statistics/chi_square.h"
#include "dlexp/statistics/student.h"

enum { MOST = 30 };

static size_t samples(void)
{
    return test_is_long() ? 10000 : 500;
}

/* 93.5 %; of fewer samples than 10,000, four standard errors less than that. */
static void check_covered(size_t covered, size_t count)
{
    const double share = (double)covered / (double)count, least = 0.935;
    assert_true(share >= least - (count < 10000 ? 4 * sqrt(least * (1 - least) / (double)count) : 0));
}

struct order {
    uint64_t stream;
    uint32_t index[128]; /* of the points that a pass has left; at its beginning all */
};

/* The terminal error of one trial. */
static double draw_terminal(struct order *order, const struct sgd_mean_config *config, const struct points *points)
{
    const size_t first = sgd_mean_last_half(config->iterations), n = points->count;
    double y = config->start, sum = 0;
    for (size_t t = 1; t <= config->iterations; t++) {
        const size_t left = config->sampling == SGD_MEAN_SHUFFLE ? n - (t - 1) % n : n;
        const size_t pick = test_between(&order->stream, 0, left - 1);
        const uint32_t index = order->index[pick];
        order->index[pick] = order->index[left - 1];
        order->index[left - 1] = index;
        y -= 2 * config->lr * (y - points->x[index]);
        if (t >= first)
            sum += (y - points->mean) * (y - points->mean);
    }
    return sum / (double)(config->iterations - first + 1);
}

static double expected_terminal(const struct sgd_mean_config *config, const struct points *points)
{
    double expected[512], sum = 0;
    const size_t first = sgd_mean_last_half(config->iterations);
    assert_true(config->iterations < 512);
    sgd_mean_expected(expected, config->iterations, config, points);
    for (size_t t = first; t <= config->iterations; t++)
        sum += expected[t];
    return sum / (double)(config->iterations - first + 1);
}

static struct order order_of(uint64_t stream, const struct points *points)
{
    struct order order = {.stream = stream};
    assert_true(points->count <= 128);
    for (uint32_t i = 0; i < points->count; i++)
        order.index[i] = i;
    return order;
}

static bool covers(struct measure interval, double mean)
{
    return interval.low <= mean && mean <= interval.high;
}

/* Drawn with replacement, from 2 trials on. */
static void check_cell(const char *name, const struct sgd_mean_config *config, const struct points *points)
{
    static const size_t trials[] = {2, 5, 10, MOST};
    enum { COUNTS = sizeof trials / sizeof *trials };
    const double freedom = sgd_mean_terminal_freedom(config, config->iterations, points);
    const double exact = expected_terminal(config, points);
    struct order order = order_of(99, points);
    size_t covered[COUNTS] = {0};
    assert_true(freedom > 0);
    for (size_t s = 0; s < samples(); s++) {
        double sum = 0;
        for (size_t i = 1, k = 0; i <= MOST; i++) {
            sum += draw_terminal(&order, config, points);
            if (i == trials[k]) {
                const double count = (double)i;
                covered[k++] += (size_t)covers(sgd_mean_mean_interval(sum / count, count * freedom, 0.95), exact);
            }
        }
    }
    print_message("%-11s %6g %5g %10zu %12.4g", name, config->lr, config->start, config->iterations, freedom);
    for (size_t k = 0; k < COUNTS; k++)
        print_message(" %6.2f", 100 * (double)covered[k] / (double)samples());
    print_message("\n");
    for (size_t k = 0; k < COUNTS; k++)
        check_covered(covered[k], samples());
}

static void test_chi_square_interval_covers(void **unused)
{
    (void)unused;
    static const double lrs[] = {0.003, 0.03, 0.1, 0.5, 0.95}, starts[] = {0, 3, 0.5};
    static const size_t lengths[] = {19, 40, 200};
    double skewed[100];
    struct points uniform, few, exponential = {.x = skewed, .count = 100};
    struct error err;
    assert_int_equal(points_draw(&uniform, 1, 100, &err), 0);
    assert_int_equal(points_draw(&few, 2, 7, &err), 0);
    for (size_t i = 0; i < 100; i++) { /* its quantiles */
        skewed[i] = -log((100 - (double)i - 0.5) / 100);
        exponential.mean += skewed[i] / 100;
    }
    for (size_t i = 0; i < 100; i++)
        exponential.variance += (skewed[i] - exponential.mean) * (skewed[i] - exponential.mean) / 100;
    print_message("points          lr start iterations      freedom   covered with 2, 5, 10, 30 trials, %%\n");
    for (size_t i = 0; i < sizeof lrs / sizeof *lrs; i++)
        for (size_t s = test_is_long() ? 0 : 2; s < 3; s++)
            for (size_t t = 0; t < (test_is_long() ? 3 : 2); t++) {
                const struct sgd_mean_config config = {.lr = lrs[i], .start = starts[s], .iterations = lengths[t]};
                check_cell("uniform", &config, &uniform);
                if (lengths[t] == 19) { /* where it has least to average */
                    check_cell("uniform, 7", &config, &few);
                    check_cell("exponential", &config, &exponential);
                }
            }
    points_free(&uniform);
    points_free(&few);
}

/* Elsewhere, from SGD_MEAN_T_TRIALS trials on. */
static void test_student_interval_covers(void **unused)
{
    (void)unused;
    static const struct sgd_mean_config configs[] = {
        {.lr = 0.01, .start = 0.5, .iterations = 1, .sampling = SGD_MEAN_SHUFFLE},
        {.lr = 0.01, .start = 0.5, .iterations = 10, .sampling = SGD_MEAN_SHUFFLE},
        {.lr = 0.1, .start = 0, .iterations = 40, .sampling = SGD_MEAN_SHUFFLE},
        {.lr = 0.9, .start = 0.5, .iterations = 40, .sampling = SGD_MEAN_SHUFFLE},
        {.lr = 0.1, .start = 0.5, .iterations = 18},
    };
    struct points points;
    struct error err;
    assert_int_equal(points_draw(&points, 1, 100, &err), 0);
    for (size_t c = 0; c < sizeof configs / sizeof *configs; c++) {
        const double exact = expected_terminal(&configs[c], &points), n = SGD_MEAN_T_TRIALS;
        struct order order = order_of(98, &points);
        size_t covered = 0;
        for (size_t s = 0; s < samples(); s++) {
            double sum = 0, squares = 0;
            for (size_t i = 0; i < SGD_MEAN_T_TRIALS; i++) {
                const double e = draw_terminal(&order, &configs[c], &points);
                sum += e;
                squares += e * e;
            }
            const double error = sqrt((squares - sum * sum / n) / (n - 1) / n);
            covered += (size_t)covers(measure_around(sum / n, student_critical(0.95, n - 1) * error), exact);
        }
        print_message("Student t, %d trials, lr %g, start %g, %zu iterations, %s: %.2f %%\n", SGD_MEAN_T_TRIALS,
                      configs[c].lr, configs[c].start, configs[c].iterations,
                      configs[c].sampling == SGD_MEAN_SHUFFLE ? "shuffled" : "with replacement",
                      100 * (double)covered / (double)samples());
        check_covered(covered, samples());
    }
    points_free(&points);
}

/* Its ends are where the law of the mean has its tails; and where the normal law takes over nothing jumps. */
static void test_ends_of_the_interval(void **unused)
{
    (void)unused;
    static const double freedoms[] = {0.3, 2, 100, 9999};
    for (size_t i = 0; i < sizeof freedoms / sizeof *freedoms; i++) {
        const struct measure m = sgd_mean_mean_interval(3, freedoms[i], 0.9);
        check_close(chi_square_cdf(3 / m.low * freedoms[i], freedoms[i]), 0.95, 1e-10);
        check_close(chi_square_cdf(3 / m.high * freedoms[i], freedoms[i]), 0.05, 1e-10);
    }
    const struct measure below = sgd_mean_mean_interval(1, 1e4, 0.95);
    const struct measure above = sgd_mean_mean_interval(1, nextafter(1e4, 1e5), 0.95);
    check_close(below.low, above.low, 1e-7);
    check_close(below.high, above.high, 1e-7);
    assert_true(isnan(sgd_mean_mean_interval(1, (double)NAN, 0.95).low));
}

int sgd_mean_interval_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chi_square_interval_covers),
        cmocka_unit_test(test_student_interval_covers),
        cmocka_unit_test(test_ends_of_the_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
