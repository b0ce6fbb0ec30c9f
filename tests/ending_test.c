/* How descents end: limit cycles are found, with their period and height, and no run that converges is one. */
#include "descent_runs.h"

#include "dlexp/optim/ending.h"

/* The ending of a run from the usual start, with the constants at their defaults. */
static struct ending end_of(const char *fn, size_t optimizer, double angle, double lr, uint64_t iterations)
{
    struct descent_config config = {.objective = find_objective(fn),
                                    .shape = quadratic_make(1, 0.1, angle),
                                    .optimizer = optimizer,
                                    .hyper = hyperparameters_initial(),
                                    .lr = lr,
                                    .iterations = iterations};
    struct record record;
    struct quadratic quadratic;
    struct rates rates;
    double modulus = (double)NAN;
    objective_start(config.objective, &config.shape, config.init);
    record_init(&record, "");
    descent_run(&config, NULL, &record);
    assert_false(record.failed);
    const struct record_table *table = record_table_find(&record, "trajectory");
    for (size_t i = 0; i < 2 && objective_quadratic(config.objective, &config.shape, &quadratic); i++)
        if (descent_predict(&rates, &config, 2 * quadratic.eigen[i]))
            modulus = fmax(modulus, rates.modulus[0]);
    const struct ending ending = ending_of(table->cells, table->rows, config.objective->minimum,
                                           record_get(&record, "diverged_iteration") != NULL, modulus);
    record_free(&record);
    return ending;
}

/*
 * RMSProp: where a coordinate is +-c in turn its gradient has one size, so that the step is lr and c = lr / 2: on f1
 * the height is (1 + 0.1) (lr / 2)^2.  On f2 both x and y do so with opposite signs: x - y = lr, x + y = 0 and lr^2
 * / 2.
 */
static void check_rmsprop(void **unused)
{
    (void)unused;
    const size_t rmsprop = find_optimizer("rmsprop");
    double heights[2][2];
    for (size_t f = 0; f < 2; f++)
        for (size_t l = 0; l < 2; l++) {
            const double lr = l ? 2e-3 : 1e-3, expected = (f ? 0.5 : 1.1 / 4) * lr * lr;
            const struct ending ending = end_of(f ? "f2" : "f1", rmsprop, 0, lr, 12000);
            assert_int_equal(ending.kind, ENDING_LIMIT_CYCLE);
            assert_int_equal(ending.period, 2);
            assert_true(fabs(ending.height - expected) < 1e-3 * expected); /* eps takes about 1e-8 / lr of it */
            heights[f][l] = ending.height;
        }
    for (size_t f = 0; f < 2; f++)
        assert_true(fabs(heights[f][1] / heights[f][0] - 4) < 1e-3);
    /* So it is soon at a large rate; and not told before it is there. */
    assert_int_equal(end_of("f1", rmsprop, 0, 0.1, 3000).kind, ENDING_LIMIT_CYCLE);
    assert_int_equal(end_of("f1", rmsprop, 0, 1e-3, 2000).kind, ENDING_CONVERGING);
}

/* x is multiplied by 1 - 2 lr: at lr 1 by -1, for ever; y decays, so that f is 1. */
static void check_gd(void **unused)
{
    (void)unused;
    const size_t gd = find_optimizer("gd");
    static const uint64_t iterations[] = {300, 2000, 20001};
    for (size_t i = 0; i < 3; i++)
        for (double angle = 0; angle <= 90; angle += 22.5) {
            const struct ending ending = end_of("quad", gd, angle, 1, iterations[i]);
            assert_int_equal(ending.kind, ENDING_LIMIT_CYCLE);
            assert_int_equal(ending.period, 2);
            assert_true(fabs(ending.height - 1) < 1e-9);
        }
    /* Just beside it the run converges, or grows. */
    static const double below[] = {0.9, 0.99, 0.999, 0.9999, 0.99999, 1 - 1e-6, 1 - 1e-8, 1 - 1e-10};
    for (size_t i = 0; i < sizeof below / sizeof *below; i++)
        for (uint64_t n = 20; n < 3000; n += n / 8)
            assert_int_equal(end_of("f1", gd, 0, below[i], n).kind, ENDING_CONVERGING);
    assert_int_equal(end_of("f1", gd, 0, 1.01, 1000).kind, ENDING_RISING);
    assert_int_equal(end_of("f1", gd, 0, 1.1, 5000).kind, ENDING_DIVERGED);
    /* PyTorch's momentum at lr h = 2 (1 + mu) has the root -1: lr 1.9 for h = 2. */
    assert_int_equal(end_of("f1", find_optimizer("momentum"), 0, 1.9, 2000).period, 2);
    assert_int_equal(end_of("f1", find_optimizer("momentum"), 0, 1.8999, 2000).kind, ENDING_CONVERGING);
}

/* No optimizer but RMSProp has a limit cycle on f1 and its rotations, at whatever rate and length. */
static void check_no_false_cycles(void **unused)
{
    (void)unused;
    static const uint64_t iterations[] = {17, 45, 100, 333, 2000, 5000};
    size_t converging = 0, runs = 0;
    for (size_t o = 0; optimizer_row(o); o++) {
        const bool adaptive = strcmp(optim_problem_optimizer(o), "rmsprop") == 0;
        for (double lr = 1e-5; lr < 30 && !adaptive; lr *= 1.53)
            for (size_t a = 0; a < 3; a++)
                for (size_t i = 0; i < sizeof iterations / sizeof *iterations; i++) {
                    static const double angles[] = {0, 45, 17};
                    const struct ending ending = end_of("quad", o, angles[a], lr, iterations[i]);
                    if (ending.kind == ENDING_LIMIT_CYCLE)
                        fail_msg("%s at lr %g, angle %g, %llu iterations: a limit cycle of period %zu",
                                 optim_problem_optimizer(o), lr, angles[a], (unsigned long long)iterations[i],
                                 ending.period);
                    converging += ending.kind == ENDING_CONVERGING;
                    runs++;
                }
    }
    assert_true(converging > runs / 2);
}

/* Trajectories made by hand, in x alone: objective = x^2. */
static struct ending by_hand(double (*x)(size_t k), size_t rows)
{
    double cells[400 * DESCENT_COLUMNS];
    assert_true(rows <= 400);
    for (size_t k = 0; k < rows; k++) {
        cells[k * DESCENT_COLUMNS + DESCENT_X] = x(k);
        cells[k * DESCENT_COLUMNS + DESCENT_Y] = 0;
        cells[k * DESCENT_COLUMNS + DESCENT_OBJECTIVE] = x(k) * x(k);
    }
    return ending_of(cells, rows, 0, false, (double)NAN);
}

static double of_period_3(size_t k)
{
    return k < 5 ? 9 : 1 + (double)(k % 3);
}

static double spiral(size_t k)
{
    return pow(0.99, (double)k) * cos(0.7 * (double)k); /* a complex pair of modulus 0.99 */
}

static double slow_spiral(size_t k)
{
    return pow(0.9999, (double)k) * cos(0.7 * (double)k);
}

static double through_zero(size_t k)
{
    return (double)(k % 2); /* returns, but to the minimum */
}

static double flips_a_bit(size_t k)
{
    return k < 5 ? 9 : k % 2 ? 3 : 3 + 4e-16; /* where a descent has come to rest */
}

static void check_by_hand(void **unused)
{
    (void)unused;
    const struct ending cycle = by_hand(of_period_3, 200);
    assert_int_equal(cycle.kind, ENDING_LIMIT_CYCLE);
    assert_int_equal(cycle.period, 3);
    assert_true(cycle.height == 9);
    assert_int_equal(by_hand(spiral, 400).kind, ENDING_CONVERGING);
    assert_int_equal(by_hand(slow_spiral, 400).kind, ENDING_OSCILLATING); /* not halved */
    assert_int_equal(by_hand(through_zero, 200).kind, ENDING_OSCILLATING);
    assert_int_equal(by_hand(flips_a_bit, 200).period, 0);
    assert_int_equal(by_hand(of_period_3, ENDING_ROWS_MIN - 1).kind, ENDING_UNTOLD);
    assert_null(ending_name(ENDING_UNTOLD));
    assert_string_equal(ending_name(ENDING_LIMIT_CYCLE), "limit_cycle");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_rmsprop),
        cmocka_unit_test(check_gd),
        cmocka_unit_test(check_no_false_cycles),
        cmocka_unit_test(check_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
