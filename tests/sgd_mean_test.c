/*
 * SGD for the mean: draws and trajectories as Python's, bands as numpy's, trials as theory says, and the degenerate
 * cases.
 */
#include "support.h"

#include "../src/sgd_mean/sgd_mean_results.h"
#include "dlexp/base/number.h"
#include "dlexp/cli/commands.h"
#include "dlexp/formats/csv.h"
#include "dlexp/run/setting.h"
#include "dlexp/sgd_mean/sgd_mean.h"
#include "dlexp/statistics/statistics.h"

static const struct sgd_mean_config homework = {.iterations = 200, .trials = 1, .seed = 1234};

/* A run with nothing around it. */
static void run_with(struct record *record, const struct sgd_mean_config *config, double lr,
                     const struct points *points, const struct sgd_mean_draws *draws)
{
    struct error err;
    atomic_bool stop = false;
    atomic_uint_fast64_t done = 0;
    struct sgd_mean_config with_rate = *config;
    with_rate.lr = lr;
    record_init(record, "");
    assert_int_equal(
        sgd_mean_run(&with_rate, points, draws, &(struct run_hooks){&stop, &done, NULL, NULL}, record, &err), 0);
    assert_false(record->failed);
}

static void run_once(struct record *record, const struct sgd_mean_config *config, double lr,
                     const struct points *points)
{
    struct error err;
    struct sgd_mean_draws draws;
    assert_int_equal(sgd_mean_draw(&draws, config, points->count, NULL, &err), 0);
    run_with(record, config, lr, points, &draws);
    sgd_mean_draws_free(&draws);
}

static double table_cell(const struct record *record, const char *name, size_t row, const char *column)
{
    const struct record_table *table = record_table_find(record, name);
    assert_non_null(table);
    assert_true(row < table->rows);
    return table->cells[row * table->columns + record_column(table, column)];
}

static void check_close(double actual, double expected, double tolerance)
{
    if (!(fabs(actual - expected) <= tolerance))
        fail_msg("expected %.17g, got %.17g", expected, actual);
}

/* ---- golden numbers (tests/golden/make_sgd_mean.py) ---- */

static void read_golden(struct csv *csv, const char *name)
{
    char path[1024];
    struct error err;
    scratch_path(path, DLEXP_SOURCE_DIR "/tests/golden", name);
    if (csv_read(csv, path, &err) < 0)
        fail_msg("%s", err.message);
    assert_true(csv->rows > 100);
}

static const char *golden_text(const struct csv *csv, size_t row, const char *column)
{
    const int c = csv_column(csv, column);
    assert_true(c >= 0);
    return csv_cell(csv, row, (size_t)c);
}

static double golden(const struct csv *csv, size_t row, const char *column)
{
    double value;
    const char *why, *text = golden_text(csv, row, column);
    assert_int_equal(number_parse_real(text, strlen(text), &value, &why), 0);
    return value;
}

/* Rows of one case: they stand together, by ascending iteration. */
static size_t case_end(const struct csv *csv, size_t first)
{
    size_t end = first + 1;
    while (end < csv->rows && golden(csv, end, "iteration") > 0)
        end++;
    return end;
}

static enum sgd_mean_sampling golden_sampling(const struct csv *csv, size_t row)
{
    return strcmp(golden_text(csv, row, "sampling"), "shuffle") == 0 ? SGD_MEAN_SHUFFLE : SGD_MEAN_WITH_REPLACEMENT;
}

static void golden_points(struct points *points, const struct csv *csv, size_t row)
{
    struct error err;
    assert_int_equal(points_draw(points, (uint32_t)golden(csv, row, "seed"), (size_t)golden(csv, row, "points"), &err),
                     0);
}

static void test_trajectories_are_those_of_a_notebook(void **unused)
{
    (void)unused;
    struct csv csv;
    read_golden(&csv, "sgd_mean.csv");
    size_t cases = 0;
    for (size_t first = 0, end; first < csv.rows; first = end, cases++) {
        struct points points;
        struct record record;
        struct sgd_mean_config config = homework;
        end = case_end(&csv, first);
        golden_points(&points, &csv, first);
        config.seed = (uint32_t)golden(&csv, first, "seed");
        config.iterations = end - first - 1;
        run_once(&record, &config, golden(&csv, first, "lr"), &points);
        assert_string_equal(record_get(&record, "status"), "completed");
        for (size_t row = first; row < end; row++) {
            const double y = table_cell(&record, "trajectory", row - first, "y");
            check_close(y, golden(&csv, row, "y"), 1e-12);
            check_close(table_cell(&record, "trajectory", row - first, "objective"), golden(&csv, row, "objective"),
                        1e-12);
            check_close(table_cell(&record, "trajectory", row - first, "squared_error"),
                        (y - points.mean) * (y - points.mean), 1e-16);
        }
        record_free(&record);
        points_free(&points);
    }
    assert_int_equal(cases, 10);
    csv_free(&csv);
}

static void test_further_trials_and_shuffles_are_those_of_python(void **unused)
{
    (void)unused;
    struct csv csv;
    read_golden(&csv, "sgd_mean_trials.csv");
    for (size_t first = 0, end; first < csv.rows; first = end) {
        struct points points;
        struct sgd_mean_draws draws;
        struct error err;
        const size_t trial = (size_t)golden(&csv, first, "trial");
        const double lr = golden(&csv, first, "lr");
        end = case_end(&csv, first);
        struct sgd_mean_config config = {.iterations = end - first - 1,
                                         .trials = trial + 1,
                                         .seed = (uint32_t)golden(&csv, first, "seed"),
                                         .sampling = golden_sampling(&csv, first)};
        golden_points(&points, &csv, first);
        assert_int_equal(sgd_mean_draw(&draws, &config, points.count, NULL, &err), 0);
        double y = 0;
        for (size_t t = 0; t <= config.iterations; t++) {
            if (t > 0)
                y -= 2 * lr * (y - points.x[draws.index[(t - 1) * config.trials + trial]]);
            check_close(y, golden(&csv, first + t, "y"), 1e-12);
        }
        sgd_mean_draws_free(&draws);
        points_free(&points);
    }
    csv_free(&csv);
}

static void test_bands_are_those_of_numpy(void **unused)
{
    (void)unused;
    static const char *const columns[] = {"mean", "standard_error", "q5", "q25", "q50", "q75", "q95"};
    struct csv csv;
    read_golden(&csv, "sgd_mean_bands.csv");
    for (size_t first = 0, end; first < csv.rows; first = end) {
        struct points points;
        struct record record;
        struct sgd_mean_config config = {.iterations = (size_t)golden(&csv, first, "iterations"),
                                         .trials = (size_t)golden(&csv, first, "trials"),
                                         .seed = (uint32_t)golden(&csv, first, "seed"),
                                         .sampling = golden_sampling(&csv, first)};
        end = case_end(&csv, first);
        golden_points(&points, &csv, first);
        run_once(&record, &config, golden(&csv, first, "lr"), &points);
        assert_int_equal(record_table_find(&record, "bands")->rows, config.iterations + 1);
        for (size_t row = first; row < end; row++)
            for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
                check_close(table_cell(&record, "bands", row - first, columns[c]), golden(&csv, row, columns[c]),
                            1e-12);
        check_close(record_get_real(&record, "terminal_error"), golden(&csv, first, "terminal_error"), 1e-12);
        check_close(record_get_real(&record, "terminal_standard_error"), golden(&csv, first, "terminal_standard_error"),
                    1e-12);
        record_free(&record);
        points_free(&points);
    }
    csv_free(&csv);
}

/* ---- draws ---- */

static void test_shuffle_passes_through_every_point(void **unused)
{
    (void)unused;
    enum { POINTS = 13, TRIALS = 21, PASSES = 4 };
    struct sgd_mean_config config = {
        .iterations = POINTS * PASSES, .trials = TRIALS, .seed = 3, .sampling = SGD_MEAN_SHUFFLE};
    struct sgd_mean_draws draws;
    struct error err;
    assert_int_equal(sgd_mean_draw(&draws, &config, POINTS, NULL, &err), 0);
    for (size_t trial = 0; trial < TRIALS; trial++)
        for (size_t pass = 0; pass < PASSES; pass++) {
            unsigned seen = 0;
            for (size_t i = 0; i < POINTS; i++)
                seen |= 1u << draws.index[(pass * POINTS + i) * TRIALS + trial];
            assert_int_equal(seen, (1u << POINTS) - 1);
        }
    sgd_mean_draws_free(&draws);
}

/* A trial's draws do not depend on how many trials or iterations are asked for. */
static void test_draws_of_a_trial_stay(void **unused)
{
    (void)unused;
    for (int sampling = SGD_MEAN_WITH_REPLACEMENT; sampling <= SGD_MEAN_SHUFFLE; sampling++) {
        struct sgd_mean_config few = {
            .iterations = 30, .trials = 5, .seed = 99, .sampling = (enum sgd_mean_sampling)sampling};
        struct sgd_mean_config many = few;
        struct sgd_mean_draws a, b;
        struct error err;
        many.iterations = 90;
        many.trials = 40;
        assert_int_equal(sgd_mean_draw(&a, &few, 17, NULL, &err), 0);
        assert_int_equal(sgd_mean_draw(&b, &many, 17, NULL, &err), 0);
        for (size_t t = 0; t < few.iterations; t++)
            for (size_t trial = 0; trial < few.trials; trial++)
                assert_int_equal(a.index[t * few.trials + trial], b.index[t * many.trials + trial]);
        sgd_mean_draws_free(&a);
        sgd_mean_draws_free(&b);
    }
}

static void test_stops(void **unused)
{
    (void)unused;
    struct sgd_mean_config config = homework;
    struct sgd_mean_draws draws;
    struct points points;
    struct record record;
    atomic_uint_fast64_t done = 0;
    struct error err;
    atomic_bool stop = true;
    assert_int_equal(points_draw(&points, 1, 10, &err), 0);
    config.trials = SGD_MEAN_DRAWS_MAX / (1 << 12) / config.iterations;
    assert_int_equal(sgd_mean_draw(&draws, &config, points.count, &stop, &err), 0);
    record_init(&record, "");
    assert_int_equal(
        sgd_mean_run(&config, &points, &draws, &(struct run_hooks){&stop, &done, NULL, NULL}, &record, &err), 0);
    assert_int_equal(record_table_find(&record, "trajectory")->rows, 0);
    record_free(&record);
    sgd_mean_draws_free(&draws);
    points_free(&points);
}

/* ---- theory ---- */

static void test_recurrence_is_the_closed_form(void **unused)
{
    (void)unused;
    static const double lrs[] = {1e-6, 0.01, 0.1, 0.49, 0.5, 0.9, 0.99, 1.2};
    enum { ITERATIONS = 300 };
    struct points points;
    struct error err;
    double expected[ITERATIONS + 1];
    assert_int_equal(points_draw(&points, 1234, 100, &err), 0);
    for (size_t i = 0; i < sizeof lrs / sizeof *lrs; i++) {
        sgd_mean_expected(expected, ITERATIONS, lrs[i], -2, &points);
        for (size_t t = 0; t <= ITERATIONS; t++) {
            const double closed = sgd_mean_expected_at(t, lrs[i], -2, &points);
            check_close(expected[t], closed, 1e-12 * closed);
        }
        const double floor = sgd_mean_floor(lrs[i], &points);
        if (lrs[i] < 1)
            check_close(floor, sgd_mean_expected_at(100000000, lrs[i], 0, &points), 1e-9 * floor);
        else
            assert_true(isnan(floor));
    }
    assert_true(isnan(sgd_mean_floor(1, &points)));
    points_free(&points);
}

static void test_trials_agree_with_theory(void **unused)
{
    (void)unused;
    static const double lrs[] = {0.01, 0.1, 0.5};
    static const size_t at[] = {1, 2, 5, 20, 50, 86, 100, 150, 200};
    struct sgd_mean_config config = {.iterations = 200, .trials = 10000, .start = -0.25, .seed = 20};
    struct points points;
    struct sgd_mean_draws draws;
    struct error err;
    double expected[201];
    assert_int_equal(points_draw(&points, (uint32_t)config.seed, 100, &err), 0);
    assert_int_equal(sgd_mean_draw(&draws, &config, points.count, NULL, &err), 0);
    for (size_t i = 0; i < sizeof lrs / sizeof *lrs; i++) {
        struct record record;
        double terminal = 0, z;
        run_with(&record, &config, lrs[i], &points, &draws);
        sgd_mean_expected(expected, config.iterations, lrs[i], config.start, &points);
        for (size_t k = 0; k < sizeof at / sizeof *at; k++) {
            z = (table_cell(&record, "bands", at[k], "mean") - expected[at[k]]) /
                table_cell(&record, "bands", at[k], "standard_error");
            if (!(fabs(z) < 4))
                fail_msg("lr %g: z = %g at iteration %zu", lrs[i], z, at[k]);
        }
        assert_int_equal(sgd_mean_last_half(config.iterations), 101);
        for (size_t t = 101; t <= 200; t++)
            terminal += expected[t] / 100;
        z = (record_get_real(&record, "terminal_error") - terminal) /
            record_get_real(&record, "terminal_standard_error");
        if (!(fabs(z) < 4))
            fail_msg("lr %g: z = %g of the terminal error", lrs[i], z);
        /* The interval is no wider than it must be: theory 2 % off is seen. */
        assert_true(record_get_real(&record, "terminal_standard_error") < 0.02 * terminal);
        record_free(&record);
    }
    sgd_mean_draws_free(&draws);
    points_free(&points);
}

/* E (y_t - y*)^2 of shuffled draws by the law in words: a pass multiplies the error by a^(2k) and adds V_k. */
static void expect_shuffled(double *expected, size_t iterations, double lr, double start, const struct points *points)
{
    const double a = 1 - 2 * lr, n = (double)points->count;
    double before = (start - points->mean) * (start - points->mean), sum = 0, squares = 0, left = 1;
    expected[0] = before;
    for (size_t t = 1; t <= iterations; t++) {
        sum += 2 * lr * left; /* of the weights 2 lr a^i, i < k */
        squares += 4 * lr * lr * left * left;
        left *= a;
        expected[t] = left * left * before + points->variance * n / (n - 1) * (squares - sum * sum / n);
        if (t % points->count == 0) {
            before = expected[t];
            sum = squares = 0;
            left = 1;
        }
    }
}

static double mean_of_last_half(const double *values, size_t iterations)
{
    double sum = 0;
    for (size_t t = sgd_mean_last_half(iterations); t <= iterations; t++)
        sum += values[t];
    return sum / (double)(iterations - sgd_mean_last_half(iterations) + 1);
}

static void test_share_of_the_start(void **unused)
{
    (void)unused;
    enum { LONGEST = 1001 };
    static const double lrs[] = {0.0005, 0.01, 0.1, 0.5, 0.75, 0.99};
    static const size_t lengths[] = {1, 2, 7, 16, 200, 201, LONGEST};
    /* Of a far start 1e-16 is much. */
    static const double starts[] = {-0.25, 1e9, 1e100};
    enum { RATES = sizeof lrs / sizeof *lrs, STARTS = sizeof starts / sizeof *starts };
    static double expected[LONGEST + 1], start[LONGEST + 1];
    struct points points;
    struct error err;
    assert_int_equal(points_draw(&points, 7, 16, &err), 0);
    for (int sampling = 0; sampling < 2; sampling++)
        for (size_t n = 0; n < RATES * STARTS; n++) {
            const size_t i = n % RATES;
            const struct sgd_mean_config config = {.start = starts[n / RATES],
                                                   .sampling = (enum sgd_mean_sampling)sampling};
            for (size_t t = 0; t <= LONGEST; t++)
                start[t] = pow(1 - 2 * lrs[i], 2 * (double)t) * pow(config.start - points.mean, 2);
            (sampling == SGD_MEAN_SHUFFLE ? expect_shuffled : sgd_mean_expected)(expected, LONGEST, lrs[i],
                                                                                 config.start, &points);
            for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++)
                check_close(sgd_mean_start_share(&config, (double)lengths[k], lrs[i], &points),
                            mean_of_last_half(start, lengths[k]) / mean_of_last_half(expected, lengths[k]), 1e-9);
            /* The fewest iterations, for a window over passes as good as fewest. */
            const double settled = sgd_mean_settling(&config, lrs[i], &points);
            assert_true(settled >= 1 && settled < 1e6);
            assert_true(sgd_mean_start_share(&config, settled, lrs[i], &points) < SGD_MEAN_SETTLED);
            assert_true(settled == 1 ||
                        sgd_mean_start_share(&config, settled - 1, lrs[i], &points) >= SGD_MEAN_SETTLED);
        }
    points_free(&points);
}

/* The law of shuffled draws is what shuffled draws do. */
static void test_shuffled_trials_agree_with_theory(void **unused)
{
    (void)unused;
    const struct sgd_mean_config config = {
        .iterations = 50, .trials = 10000, .start = -0.25, .seed = 3, .sampling = SGD_MEAN_SHUFFLE};
    struct points points;
    struct record record;
    struct error err;
    double expected[51];
    assert_int_equal(points_draw(&points, (uint32_t)config.seed, 16, &err), 0);
    run_once(&record, &config, 0.1, &points);
    expect_shuffled(expected, config.iterations, 0.1, config.start, &points);
    for (size_t t = 1; t <= config.iterations; t++)
        assert_true(fabs(table_cell(&record, "bands", t, "mean") - expected[t]) <
                    4.5 * table_cell(&record, "bands", t, "standard_error") + 1e-15);
    record_free(&record);
    points_free(&points);
}

/* Rates and starts at the ends of what there is: a number, in time. */
static void test_settling_at_the_limits(void **unused)
{
    (void)unused;
    struct sgd_mean_config config = {.start = 0};
    struct points points, equal;
    struct error err;
    static const double lrs[] = {5e-324, 1e-300, 1e-17, 1e-9, 0.5, 1 - 0x1p-53};
    assert_int_equal(points_draw(&points, 7, 100, &err), 0);
    assert_int_equal(points_draw(&equal, 7, 1, &err), 0);
    for (int sampling = 0; sampling < 2; sampling++)
        for (size_t i = 0; i < sizeof lrs / sizeof *lrs; i++) {
            config.sampling = (enum sgd_mean_sampling)sampling;
            config.start = 0;
            assert_true(sgd_mean_settling(&config, lrs[i], &points) >= 1);
            assert_true(isinf(sgd_mean_settling(&config, lrs[i], &equal)));
            config.start = points.mean;
            assert_true(sgd_mean_settling(&config, lrs[i], &points) >= 1);
        }
    points_free(&points);
    points_free(&equal);
}

/* ---- degenerate cases ---- */

static void test_one_point_has_no_noise(void **unused)
{
    (void)unused;
    struct points points;
    struct record record;
    struct error err;
    struct sgd_mean_config config = {.iterations = 400, .trials = 3, .start = 5, .seed = 1};
    assert_int_equal(points_draw(&points, 1, 1, &err), 0);
    assert_true(points.mean == points.x[0] && points.variance == 0);
    run_once(&record, &config, 0.1, &points);
    for (size_t t = 0; t < 40; t++) {
        const double exact = pow(0.8, 2 * (double)t) * (5 - points.x[0]) * (5 - points.x[0]);
        check_close(table_cell(&record, "bands", t, "mean"), exact, 1e-12);
        check_close(table_cell(&record, "bands", t, "q5"), exact, 1e-12);
        check_close(table_cell(&record, "bands", t, "standard_error"), 0, 1e-13 * exact);
    }
    /* It ends within rounding of the point. */
    check_close(table_cell(&record, "trajectory", 400, "squared_error"), 0, 1e-30);
    assert_true(sgd_mean_floor(0.1, &points) == 0);
    record_free(&record);
    points_free(&points);
}

static void test_divergence_is_a_result(void **unused)
{
    (void)unused;
    for (size_t trials = 1; trials <= 5; trials += 4) {
        struct points points;
        struct record record;
        struct error err;
        struct sgd_mean_config config = {.iterations = 2000, .trials = trials, .seed = 1};
        assert_int_equal(points_draw(&points, 1, 10, &err), 0);
        run_once(&record, &config, 3,
                 &points); /* |1 - 2 lr| = 5: the square passes 1.8e308 near 154 / log10(5) = 220 */
        const struct record_table *table = record_table_find(&record, "trajectory");
        assert_string_equal(record_get(&record, "status"), "diverged");
        assert_in_range(table->rows, 200, 240);
        check_close(record_get_real(&record, "iteration"), (double)table->rows, 0);
        assert_null(record_get(&record, "terminal_error"));
        for (size_t i = 0; i < table->rows * table->columns; i++)
            assert_true(isfinite(table->cells[i]));
        const struct record_table *bands = record_table_find(&record, "bands");
        assert_true((trials > 1) == (bands != NULL));
        for (size_t i = 0; bands && i < bands->rows * bands->columns; i++)
            assert_true(isfinite(bands->cells[i]));
        record_free(&record);
        points_free(&points);
    }
}

static void test_one_iteration(void **unused)
{
    (void)unused;
    struct points points;
    struct record record;
    struct error err;
    struct sgd_mean_config config = {.iterations = 1, .trials = 2, .seed = 1};
    assert_int_equal(points_draw(&points, 1, 10, &err), 0);
    run_once(&record, &config, 0.5, &points); /* jumps onto a point */
    const double y = table_cell(&record, "trajectory", 1, "y");
    size_t hits = 0;
    for (size_t i = 0; i < points.count; i++)
        hits += y == points.x[i];
    assert_int_equal(hits, 1);
    check_close(record_get_real(&record, "terminal_error"), table_cell(&record, "bands", 1, "mean"), 1e-17);
    record_free(&record);
    points_free(&points);
}

/* ---- spec ---- */

static void spec_of(char text[1024], const struct sgd_mean_config *config, double lr)
{
    struct sgd_mean_options options = {.config = *config};
    FILE *out = tmpfile();
    assert_non_null(out);
    options.config.lr = lr;
    settings_print_spec(out, command_sgd_mean.options, &options);
    rewind(out);
    const size_t length = fread(text, 1, 1023, out);
    text[length] = '\0';
    fclose(out);
}

static void test_spec_holds_all_that_decides(void **unused)
{
    (void)unused;
    char base[1024], other[1024];
    spec_of(base, &homework, 0.1);
    assert_string_equal(base, "lr=0.1\nstart=0\niterations=200\ntrials=1\nseed=1234\nsampling=with-replacement\n");

    struct sgd_mean_config configs[5] = {homework, homework, homework, homework, homework};
    configs[0].iterations++;
    configs[1].trials++;
    configs[2].start = nextafter(0, 1);
    configs[3].seed++;
    configs[4].sampling = SGD_MEAN_SHUFFLE;
    for (size_t i = 0; i < 5; i++) {
        spec_of(other, &configs[i], 0.1);
        assert_string_not_equal(base, other);
    }
    spec_of(other, &homework, nextafter(0.1, 1));
    assert_string_not_equal(base, other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trajectories_are_those_of_a_notebook),
        cmocka_unit_test(test_further_trials_and_shuffles_are_those_of_python),
        cmocka_unit_test(test_bands_are_those_of_numpy),
        cmocka_unit_test(test_shuffle_passes_through_every_point),
        cmocka_unit_test(test_draws_of_a_trial_stay),
        cmocka_unit_test(test_stops),
        cmocka_unit_test(test_recurrence_is_the_closed_form),
        cmocka_unit_test(test_trials_agree_with_theory),
        cmocka_unit_test(test_share_of_the_start),
        cmocka_unit_test(test_shuffled_trials_agree_with_theory),
        cmocka_unit_test(test_settling_at_the_limits),
        cmocka_unit_test(test_one_point_has_no_noise),
        cmocka_unit_test(test_divergence_is_a_result),
        cmocka_unit_test(test_one_iteration),
        cmocka_unit_test(test_spec_holds_all_that_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
