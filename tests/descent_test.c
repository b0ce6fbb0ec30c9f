/* Descents: PyTorch's trajectories, closed forms, rates against the theory, and what is read off a trajectory. */
#include "support.h"

#include "../src/optim/optim_results.h"
#include "dlexp/cli/commands.h"
#include "dlexp/formats/csv.h"
#include "dlexp/optim/descent.h"
#include "dlexp/run/setting.h"

static const struct objective *find_objective(const char *name)
{
    const struct objective *o;
    for (size_t i = 0; (o = objective_row(i)) != NULL; i++)
        if (strcmp(o->name, name) == 0)
            return o;
    fail_msg("no function %s", name);
    return NULL;
}

static size_t find_optimizer(const char *name)
{
    const struct optimizer *o;
    for (size_t i = 0; (o = optimizer_row(i)) != NULL; i++)
        if (strcmp(o->name, name) == 0 || (o->alias && strcmp(o->alias, name) == 0))
            return i;
    fail_msg("no optimizer %s", name);
    return 0;
}

/* The homework's setting of a function and an optimizer; quad at this angle. */
static struct descent_config setting(const char *fn, const char *optimizer, double angle, uint64_t iterations)
{
    struct descent_config config = {
        .objective = find_objective(fn),
        .shape = quadratic_make(1, 0.1, angle),
        .optimizer = find_optimizer(optimizer),
        .hyper = hyperparameters_initial(),
        .lr = 1e-3,
        .iterations = iterations,
    };
    objective_start(config.objective, &config.shape, config.init);
    return config;
}

static const double *run(const struct descent_config *config, struct record *record, size_t *rows)
{
    record_init(record, "");
    descent_run(config, NULL, record);
    assert_false(record->failed);
    const struct record_table *table = record_table_find(record, "trajectory");
    assert_non_null(table);
    assert_int_equal(table->columns, DESCENT_COLUMNS);
    assert_int_equal(record_column(table, "x"), DESCENT_X);
    assert_int_equal(record_column(table, "y"), DESCENT_Y);
    assert_int_equal(record_column(table, "objective"), DESCENT_OBJECTIVE);
    *rows = table->rows;
    return table->cells;
}

static double cell(const struct csv *csv, size_t row, const char *name)
{
    const int column = csv_column(csv, name);
    assert_true(column >= 0);
    return strtod(csv_cell(csv, row, (size_t)column), NULL);
}

/* Every trajectory that torch.optim wrote, bit for bit: x, y and the objective at every stored iteration. */
static void check_pytorch(void **unused)
{
    (void)unused;
    struct csv csv;
    struct error err;
    size_t trajectories = 0, points = 0;
    if (csv_read(&csv, DLEXP_SOURCE_DIR "/tests/golden/optim_trajectories.csv", &err) < 0)
        fail_msg("%s", err.message);
    const size_t fn = (size_t)csv_column(&csv, "fn"), optimizer = (size_t)csv_column(&csv, "optimizer");
    for (size_t first = 0, end; first < csv.rows; first = end) {
        struct descent_config config = setting(csv_cell(&csv, first, fn), csv_cell(&csv, first, optimizer), 30, 2000);
        struct record record;
        size_t rows;
        config.lr = cell(&csv, first, "lr");
        config.hyper = (struct hyperparameters){.momentum = cell(&csv, first, "momentum"),
                                                .alpha = cell(&csv, first, "alpha"),
                                                .beta1 = cell(&csv, first, "beta1"),
                                                .beta2 = cell(&csv, first, "beta2"),
                                                .eps = cell(&csv, first, "eps"),
                                                .weight_decay = cell(&csv, first, "weight_decay")};
        config.init[0] = cell(&csv, first, "init_x");
        config.init[1] = cell(&csv, first, "init_y");
        const double *cells = run(&config, &record, &rows);
        assert_int_equal(rows, 2001);
        for (end = first; end < csv.rows && (end == first || cell(&csv, end, "iteration") > 0); end++) {
            static const char *const columns[DESCENT_COLUMNS] = {"x", "y", "objective"};
            const size_t k = (size_t)cell(&csv, end, "iteration");
            for (size_t c = 0; c < DESCENT_COLUMNS; c++) {
                const double expected = cell(&csv, end, columns[c]), got = cells[k * DESCENT_COLUMNS + c];
                if (got != expected)
                    fail_msg("%s %s, iteration %zu, %s: expected %.17g, got %.17g", config.objective->name,
                             optimizer_row(config.optimizer)->name, k, columns[c], expected, got);
                points++;
            }
        }
        trajectories++;
        record_free(&record);
    }
    assert_int_equal(trajectories, 194);
    assert_int_equal(points, 3 * csv.rows);
    csv_free(&csv);
}

/* The usual start of quad in the golden file is its usual start here, and so for all functions. */
static void check_starts(void **unused)
{
    (void)unused;
    static const struct {
        const char *fn;
        double x, y;
    } starts[] = {{"f1", 1, 1},    {"f2", 1.4142135623730951, 0}, {"rosenbrock", -1.2, 1},
                  {"beale", 1, 1}, {"himmelblau", 0, 0},          {"booth", 0, 0}};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        const struct descent_config config = setting(starts[i].fn, "gd", 0, 1);
        assert_true(config.init[0] == starts[i].x && config.init[1] == starts[i].y);
    }
}

/* f_k = (1 - 2 lr)^2k + 0.1 (1 - 0.2 lr)^2k on f1 and on every rotation of it. */
static void check_closed_form(void **unused)
{
    (void)unused;
    for (double angle = 0; angle <= 180; angle += 22.5) {
        const struct descent_config config = setting("quad", "gd", angle, 2000);
        struct record record;
        size_t rows;
        const double *cells = run(&config, &record, &rows);
        for (size_t k = 0; k < rows; k++) {
            const double expected =
                pow(1 - 2 * config.lr, 2 * (double)k) + 0.1 * pow(1 - 0.2 * config.lr, 2 * (double)k);
            assert_true(fabs(cells[k * DESCENT_COLUMNS + DESCENT_OBJECTIVE] - expected) < 1e-12 * expected);
        }
        record_free(&record);
    }
}

/* Steps until f < 1e-3, measured elsewhere (Python). */
static void check_reference_iterations(void **unused)
{
    (void)unused;
    static const struct {
        const char *fn, *optimizer;
        int64_t reached;
    } expected[] = {{"f1", "gd", 11512},      {"f2", "gd", 11512},     {"f1", "momentum", 1139},
                    {"f2", "momentum", 1139}, {"f1", "rmsprop", 1116}, {"f2", "rmsprop", 1603},
                    {"f1", "adam", 1885},     {"f2", "adam", 3892}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const struct descent_config config = setting(expected[i].fn, expected[i].optimizer, 0, 12000);
        struct record record;
        size_t rows;
        const double *cells = run(&config, &record, &rows);
        assert_int_equal(descent_passage(cells, rows, 0, 1e-3).reached, expected[i].reached);
        record_free(&record);
    }
}

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

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

/* The curves of what is a linear recurrence do not depend on the angle; those of the others do. */
static void check_rotation(void **unused)
{
    (void)unused;
    const struct optimizer *o;
    for (size_t i = 0; (o = optimizer_row(i)) != NULL; i++) {
        struct record records[2];
        const double *cells[2];
        size_t rows;
        double difference = 0;
        for (size_t a = 0; a < 2; a++) {
            const struct descent_config config = setting("quad", o->name, a ? 33 : 0, 1000);
            cells[a] = run(&config, &records[a], &rows);
        }
        for (size_t k = 0; k < rows; k++)
            difference = fmax(difference, fabs(cells[0][k * DESCENT_COLUMNS + DESCENT_OBJECTIVE] -
                                               cells[1][k * DESCENT_COLUMNS + DESCENT_OBJECTIVE]));
        if (o->recurrence)
            assert_true(difference < 1e-14);
        else
            assert_true(difference > 1e-3);
        record_free(&records[0]);
        record_free(&records[1]);
    }
}

static void check_divergence(void **unused)
{
    (void)unused;
    struct descent_config config = setting("f1", "gd", 0, 5000);
    struct record record;
    size_t rows;
    config.lr = 1.1; /* x is multiplied by -1.2 in each step */
    const double *cells = run(&config, &record, &rows);
    assert_string_equal(record_get(&record, "status"), "diverged");
    /* x^2 = 1.2^2k overflows first. */
    assert_int_equal(rows, (size_t)(log(1.7976931348623157e308) / (2 * log(1.2))) + 1);
    assert_true(record_get_real(&record, "diverged_iteration") == (double)rows);
    for (size_t i = 0; i < rows * DESCENT_COLUMNS; i++)
        assert_true(isfinite(cells[i]));
    record_free(&record);

    config.init[0] = 1e200;
    run(&config, &record, &rows);
    assert_int_equal(rows, 0);
    assert_string_equal(record_get(&record, "diverged_iteration"), "0");
    record_free(&record);

    config = setting("f1", "gd", 0, 3);
    run(&config, &record, &rows);
    assert_int_equal(rows, 4);
    assert_string_equal(record_get(&record, "status"), "completed");
    assert_null(record_get(&record, "diverged_iteration"));
    record_free(&record);
}

/* A trajectory made by hand: (x, y, objective). */
static void check_readings(void **unused)
{
    (void)unused;
    const struct quadratic axes = quadratic_make(1, 0.1, 0), swapped = quadratic_make(0.1, 1, 0);
    /* x passes 0 at k = 1 and comes back; it has decayed from k = 3 on. */
    const double cells[] = {1, 1, 1.1, 0, 0.9, 0.5, -0.5, 0.8, 0.6, 0.01, 0.8, 0.3, 0, 0.5, 0.2};
    assert_int_equal(descent_passage(cells, 5, 0, 2).reached, 0);
    assert_int_equal(descent_passage(cells, 5, 0, 0.55).reached, 1);
    assert_int_equal(descent_passage(cells, 5, 0, 0.5).reached, 3); /* below, not at */
    assert_int_equal(descent_passage(cells, 5, 0.1, 0.5).reached, 1);
    assert_int_equal(descent_passage(cells, 5, 0, 0.1).reached, -1);
    assert_int_equal(descent_passage(cells, 0, 0, 1).reached, -1);

    /* From where on it stays below: a touch does not count. */
    const double touching[] = {0, 0, 2, 0, 0, 0.1, 0, 0, 3, 0, 0, 0.2, 0, 0, 0.3};
    assert_int_equal(descent_passage(touching, 5, 0, 1).reached, 1);
    assert_int_equal(descent_passage(touching, 5, 0, 1).settled, 3);
    assert_int_equal(descent_passage(touching, 3, 0, 1).settled, -1);
    assert_int_equal(descent_passage(touching, 5, 0, 0.3).settled, -1); /* below, not at */
    assert_int_equal(descent_passage(touching, 5, 0, 4).settled, 0);
    assert_int_equal(descent_passage(touching, 0, 0, 1).settled, -1);
    assert_int_equal(descent_passage(touching, 5, 0, 1).crossings, 3); /* down, up, down */
    assert_int_equal(descent_passage(touching, 5, 0, 4).crossings, 0); /* below from the start on */
    assert_int_equal(descent_passage(touching, 5, 0, 0.01).crossings, 0);
    assert_int_equal(descent_passage(touching, 0, 0, 1).crossings, 0);

    assert_true(near(descent_slope(cells, 0, 0, 4), log(0.2 / 1.1) / 4));
    assert_true(near(descent_slope(cells, 0.1, 1, 3), log(0.2 / 0.4) / 2));
    assert_true(isnan(descent_slope(cells, 0, 2, 2)));
    assert_true(isnan(descent_slope(cells, 0.2, 0, 4)));

    assert_int_equal(descent_steep(&axes), 0);
    assert_int_equal(descent_steep(&swapped), 1);
    assert_int_equal(descent_phase_end(cells, 5, &axes, 0.01), 3);
    assert_int_equal(descent_phase_end(cells, 5, &axes, 0.3), 1);
    assert_int_equal(descent_phase_end(cells, 4, &axes, 0.01), -1);
    assert_int_equal(descent_phase_end(cells, 5, &swapped, 0.01), -1);
    assert_int_equal(descent_phase_end(cells, 0, &axes, 0.01), -1);
}

static void read_spec(const struct descent_config *config, char text[1024])
{
    struct optim_config options = {
        .eigen = {config->shape.eigen[0], config->shape.eigen[1]}, .angle = config->shape.angle, .descent = *config};
    FILE *out = tmpfile();
    assert_non_null(out);
    while (objective_row(options.fn) != config->objective)
        options.fn++;
    settings_print_spec(out, command_optim.options, &options);
    rewind(out);
    text[fread(text, 1, 1023, out)] = '\0';
    fclose(out);
}

/* The spec names all that decides the numbers and nothing else. */
static void check_spec(void **unused)
{
    (void)unused;
    struct descent_config config = setting("f1", "sgd", 45, 2000);
    char before[1024], after[1024];
    read_spec(&config, before);
    assert_string_equal(before, "fn=f1\ninit=1,1\noptimizer=sgd\nlr=0.001\niterations=2000\n");
    config.shape = quadratic_make(3, 4, 5); /* f1 has its own */
    config.hyper.momentum = 0.5;            /* gd has none */
    read_spec(&config, after);
    assert_string_equal(before, after);

    config = setting("quad", "momentum", 30, 2000);
    for (int change = 0; change < 8; change++) {
        struct descent_config other = config;
        read_spec(&config, before);
        if (change == 0)
            other.shape = quadratic_make(1, 0.1, 31);
        else if (change == 1)
            other.shape = quadratic_make(1, 0.2, 30);
        else if (change == 2)
            other.init[1] = nextafter(other.init[1], 2);
        else if (change == 3)
            other.lr = 0.002;
        else if (change == 4)
            other.hyper.momentum = 0.91;
        else if (change == 5)
            other.iterations++;
        else if (change == 6)
            other.hyper.weight_decay = 0.01;
        else
            other.optimizer = find_optimizer("adam");
        read_spec(&other, after);
        assert_string_not_equal(before, after);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_pytorch),
        cmocka_unit_test(check_starts),
        cmocka_unit_test(check_closed_form),
        cmocka_unit_test(check_reference_iterations),
        cmocka_unit_test(check_rates),
        cmocka_unit_test(check_rates_given),
        cmocka_unit_test(check_rates_without_motion),
        cmocka_unit_test(check_rotation),
        cmocka_unit_test(check_divergence),
        cmocka_unit_test(check_readings),
        cmocka_unit_test(check_spec),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
