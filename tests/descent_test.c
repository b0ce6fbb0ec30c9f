/* Descents: PyTorch's trajectories, closed forms, what is read off a trajectory, and the spec of one. */
#include "descent_runs.h"

#include "dlexp/cli/commands.h"
#include "dlexp/formats/csv.h"
#include "dlexp/run/setting.h"

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
        cmocka_unit_test(check_pytorch),     cmocka_unit_test(check_starts),
        cmocka_unit_test(check_closed_form), cmocka_unit_test(check_reference_iterations),
        cmocka_unit_test(check_rotation),    cmocka_unit_test(check_divergence),
        cmocka_unit_test(check_readings),    cmocka_unit_test(check_spec),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
