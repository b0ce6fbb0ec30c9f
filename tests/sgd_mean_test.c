/*
 * SGD for the mean: draws and trajectories as Python's, bands as numpy's, trials as theory says, and the degenerate
 * cases.
 */
#include "sgd_mean/sgd_mean.h"

#include "dlexp/cli/commands.h"

static const struct sgd_mean_config homework = {.iterations = 200, .trials = 1, .seed = 1234};

/* Rows of one case: they stand together, by ascending iteration. */
static size_t case_end(const struct csv *csv, size_t first)
{
    size_t end = first + 1;
    while (end < csv->rows && golden(csv, end, "iteration") > 0)
        end++;
    return end;
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
        sgd_mean_run(&config, &points, &draws, &(struct run_hooks){.stop = &stop, .done = &done}, &record, &err), 0);
    assert_int_equal(record_table_find(&record, "trajectory")->rows, 0);
    record_free(&record);
    sgd_mean_draws_free(&draws);
    points_free(&points);
}

/* Trial by trial what the record has of trial 0 and on average. */
static void test_trial_errors_are_the_runs(void **unused)
{
    (void)unused;
    enum { TRIALS = 21, AT = 17 };
    struct sgd_mean_config config = {.lr = 0.1, .iterations = 40, .trials = TRIALS, .seed = 9};
    double at[TRIALS], terminal[TRIALS], sum = 0, terminal_sum = 0;
    struct points points;
    struct record record;
    struct sgd_mean_draws draws;
    struct error err;
    assert_int_equal(points_draw(&points, 9, 10, &err), 0);
    assert_int_equal(sgd_mean_draw(&draws, &config, points.count, NULL, &err), 0);
    run_with(&record, &config, config.lr, &points, &draws);
    assert_int_equal(sgd_mean_trial_errors(at, terminal, AT, &config, &points, &draws, &err), 0);
    assert_true(at[0] == table_cell(&record, "trajectory", AT, "squared_error"));
    for (size_t i = 0; i < TRIALS; i++) {
        sum += at[i] / TRIALS;
        terminal_sum += terminal[i] / TRIALS;
    }
    check_close(sum, table_cell(&record, "bands", AT, "mean"), 1e-15);
    check_close(terminal_sum, record_get_real(&record, "terminal_error"), 1e-15);
    /* Past what there are numbers for: infinite, not nan. */
    config.lr = 1e300;
    assert_int_equal(sgd_mean_trial_errors(at, terminal, AT, &config, &points, &draws, &err), 0);
    assert_true(isinf(at[3]) && isinf(terminal[3]));
    record_free(&record);
    sgd_mean_draws_free(&draws);
    points_free(&points);
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
    config.lr = 0.1;
    assert_true(sgd_mean_floor(&config, &points) == 0);
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
        cmocka_unit_test(test_trial_errors_are_the_runs),
        cmocka_unit_test(test_one_point_has_no_noise),
        cmocka_unit_test(test_divergence_is_a_result),
        cmocka_unit_test(test_one_iteration),
        cmocka_unit_test(test_spec_holds_all_that_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + sgd_mean_theory_tests() + sgd_mean_interval_tests();
}
