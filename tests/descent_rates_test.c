/* Rates fitted to descents on quadratics against those of theory: right where given, and given where they can be. */
#include "descent_runs.h"

/* Whether the first rate is a root of r^2 - a r - b. */
static bool is_root(const struct rates *rates, double a, double b)
{
    const double m = rates->modulus[0], angle = rates->angle;
    return near(m * m * cos(2 * angle) - a * m * cos(angle) - b, 0) && near(m * m * sin(2 * angle), a * m * sin(angle));
}

/* The rates fitted to runs are those of the Hessian: real, negative and complex ones, at any angle. */
static void check_rates(void **unused)
{
    (void)unused;
    static const double lrs[] = {1e-4, 1e-3, 0.01, 0.1, 0.45, 0.7}, momenta[] = {0.5, 0.9, 0.99},
                        angles[] = {0, 45, 17, 90};
    static const char *const names[] = {"gd", "momentum", "nesterov"};
    size_t positive = 0, negative = 0, oscillating = 0, second = 0;
    for (size_t o = 0; o < sizeof names / sizeof *names; o++)
        for (size_t l = 0; l < sizeof lrs / sizeof *lrs; l++)
            for (size_t m = 0; m < (o ? 3 : 1); m++)
                for (size_t a = 0; a < 4; a++)
                    for (size_t i = 0; i < 2; i++) {
                        struct descent_config config = setting("quad", names[o], angles[a], 2000);
                        struct rates measured, predicted;
                        struct record record;
                        size_t rows;
                        config.lr = lrs[l];
                        config.hyper.momentum = momenta[m];
                        config.hyper.weight_decay = a == 3 ? 0.05 : 0; /* bends the quadratic */
                        const double *cells = run(&config, &record, &rows);
                        const double curvature = 2 * config.shape.eigen[i], mu = momenta[m];
                        const double h = curvature + config.hyper.weight_decay;
                        assert_true(descent_measure(&measured, &config, cells, rows, &config.shape, i));
                        assert_true(descent_predict(&predicted, &config, curvature));
                        assert_true(near(measured.modulus[0], predicted.modulus[0]));
                        assert_true(near(measured.angle, predicted.angle));
                        if (o == 0) {
                            assert_true(isnan(measured.modulus[1]) && isnan(predicted.modulus[1]));
                            assert_true(near(predicted.modulus[0] * cos(predicted.angle), 1 - lrs[l] * h));
                        } else if (o == 2) {
                            const double shrink = 1 - lrs[l] * h;
                            const bool told = !isnan(measured.modulus[1]);
                            second += told;
                            assert_true(!told || near(measured.modulus[1], predicted.modulus[1]));
                            assert_true(is_root(&predicted, (1 + mu) * shrink, -mu * shrink));
                        } else {
                            assert_true(near(measured.modulus[1], predicted.modulus[1]));
                            /* Vieta: the product of the roots is mu, their sum 1 + mu - lr h. */
                            const double sum = predicted.modulus[0] + predicted.modulus[1];
                            assert_true(near(predicted.modulus[0] * predicted.modulus[1], mu));
                            assert_true(near(sum * cos(predicted.angle), 1 + mu - lrs[l] * h));
                            assert_true(predicted.modulus[0] >= predicted.modulus[1]);
                        }
                        positive += predicted.angle == 0;
                        negative += near(predicted.angle, acos(-1));
                        oscillating += predicted.angle > 0 && predicted.angle < 3;
                        record_free(&record);
                    }
    assert_true(positive > 10 && negative >= 4 && oscillating > 10 && second > 100);

    struct rates rates;
    const struct descent_config adam = setting("f1", "adam", 0, 10);
    assert_false(descent_predict(&rates, &adam, 2));
    assert_false(descent_measure(&rates, &adam, NULL, 0, &adam.shape, 0));
}

/*
 * A rate that is given is right to 1e-9 of itself, also where a direction is lost beside one that grows, the run is
 * short, the rates are close, or there is next to no step; and in the plain cases it is given.
 */
static void check_rates_given(void **unused)
{
    (void)unused;
    static const double lrs[] = {1e-16, 1e-11, 1e-8,   1e-6, 1e-3, 0.0026334, 0.4999, 0.5, 0.95, 1,
                                 1.1,   1.9,   1.9005, 2,    5,    10,        12,     100, 1e10, 1e140};
    static const double angles[] = {0, 45, 17, 67.5}, eigens[][2] = {{1, 0.1}, {0.1, 1}, {1, 1e-8}, {1e6, 1}};
    static const double momenta[] = {-1, 0, 0.1, 0.9, 0.999}; /* -1: gd */
    static const uint64_t iterations[] = {1, 2, 3, 10, 2000};
    for (size_t l = 0; l < sizeof lrs / sizeof *lrs; l++)
        for (size_t c = 0; c < 800; c++) { /* all combinations */
            const size_t n = c / 160, m = c / 32 % 5, a = c / 8 % 4, e = c / 2 % 4, i = c % 2;
            struct descent_config config =
                setting("quad", momenta[m] < 0 ? "gd" : "momentum", angles[a], iterations[n]);
            struct rates measured, predicted;
            struct record record;
            size_t rows;
            config.shape = quadratic_make(eigens[e][0], eigens[e][1], angles[a]);
            config.hyper.momentum = fmax(momenta[m], 0);
            config.lr = lrs[l];
            objective_start(config.objective, &config.shape, config.init);
            const double *cells = run(&config, &record, &rows);
            assert_true(descent_measure(&measured, &config, cells, rows, &config.shape, i));
            assert_true(descent_predict(&predicted, &config, 2 * config.shape.eigen[i]));
            for (size_t r = 0; r < 2; r++) {
                const double got = measured.modulus[r], expected = predicted.modulus[r];
                if (isnan(got))
                    continue;
                if (!(fabs(got - expected) <= 1e-9 * (got > 0 ? expected : 1)))
                    fail_msg("lr %g, momentum %g, angle %g, eigen %g,%g, %zu rows, rate %zu: %.12g for %.12g", lrs[l],
                             momenta[m], angles[a], eigens[e][0], eigens[e][1], rows, r, got, expected);
            }
            const bool plain = e == 0 && n == 4 && rows > 4 && lrs[l] >= 1e-3;
            if (plain && (m == 0 || m == 3) && lrs[l] != 0.5 && lrs[l] != 5)
                assert_true(measured.modulus[0] > 0);
            record_free(&record);
        }
}

/* A start on an axis: nothing can be told of the other one. */
static void check_rates_without_motion(void **unused)
{
    (void)unused;
    struct descent_config config = setting("quad", "momentum", 0, 100);
    struct record record;
    struct rates rates;
    size_t rows;
    config.init[1] = 0;
    const double *cells = run(&config, &record, &rows);
    assert_true(descent_measure(&rates, &config, cells, rows, &config.shape, 1));
    assert_true(isnan(rates.modulus[0]) && isnan(rates.modulus[1]));
    assert_true(descent_measure(&rates, &config, cells, rows, &config.shape, 0));
    assert_true(near(rates.modulus[0] * rates.modulus[1], 0.9));
    assert_true(descent_measure(&rates, &config, cells, 3, &config.shape, 0));
    assert_true(isnan(rates.modulus[0])); /* one equation for two numbers */
    record_free(&record);

    config.hyper.momentum = 0; /* momentum 0 is gd: a single power */
    cells = run(&config, &record, &rows);
    assert_true(descent_measure(&rates, &config, cells, rows, &config.shape, 0));
    assert_true(near(rates.modulus[0], 0.998));
    record_free(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_rates),
        cmocka_unit_test(check_rates_given),
        cmocka_unit_test(check_rates_without_motion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
