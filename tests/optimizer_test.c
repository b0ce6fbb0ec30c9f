/* The optimizers' table, and their rules in double against the textbook formulas. */
#include "support.h"

#include <float.h>

#include "dlexp/base/number.h"
#include "dlexp/kernels/optimizer.h"

static size_t hyperparameter_count(void)
{
    size_t count = 0;
    while (hyperparameter_row(count))
        count++;
    return count;
}

static size_t optimizer_count(void)
{
    size_t count = 0;
    while (optimizer_row(count))
        count++;
    return count;
}

static void test_table(void **unused)
{
    (void)unused;
    const size_t count = optimizer_count(), constants = hyperparameter_count();
    assert_true(count >= 4);
    assert_null(optimizer_row(count + 1));
    assert_null(optimizer_row(SIZE_MAX));
    const char *name = NULL;
    assert_false(optimizer_name(count, &name));
    assert_null(name);
    unsigned used = 0;
    for (size_t i = 0; i < count; i++) {
        const struct optimizer *row = optimizer_row(i);
        assert_true(optimizer_name(i, &name));
        assert_string_equal(name, row->name);
        assert_true(*row->name && *row->title && *row->formula);
        assert_non_null(strstr(row->formula, "lr"));
        assert_non_null(row->constants);
        assert_non_null(optimizer_update_f64[i]);
        assert_true(row->states <= OPTIMIZER_STATES_MAX);
        assert_int_equal(row->uses >> constants, 0);
        used |= row->uses;
        /* The formula names what the rule uses, eps and all; but not the weight decay, of which it knows nothing. */
        for (size_t j = 0; j < constants; j++) {
            const bool own =
                strcmp(row->name, "adamw") == 0 && strcmp(hyperparameter_row(j)->name, "weight_decay") == 0;
            assert_true(optimizer_initial(row, j) == (own ? 0.01 : hyperparameter_row(j)->initial));
            if (row->uses & 1u << j && strcmp(hyperparameter_row(j)->name, "weight_decay") != 0 &&
                !strstr(row->formula, hyperparameter_row(j)->name))
                fail_msg("%s uses %s, but its formula does not", row->name, hyperparameter_row(j)->name);
        }
        for (const char *p = row->name; *p; p++)
            assert_true((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '-' || *p == '_');
        for (size_t j = 0; j < count; j++) {
            const struct optimizer *other = optimizer_row(j);
            if (i != j) {
                assert_string_not_equal(row->name, other->name);
                assert_string_not_equal(row->title, other->title);
            }
            if (other->alias) {
                assert_string_not_equal(row->name, other->alias);
                if (i != j && row->alias)
                    assert_string_not_equal(row->alias, other->alias);
            }
        }
    }
    assert_int_equal(used, (1u << constants) - 1); /* no constant is there for nothing */
}

/* PyTorch's: torch.optim.RMSprop, Adam (the momentum that the homework used). */
static void test_defaults(void **unused)
{
    (void)unused;
    const struct hyperparameters hyper = hyperparameters_initial();
    assert_true(hyper.momentum == 0.9);
    assert_true(hyper.alpha == 0.99);
    assert_true(hyper.beta1 == 0.9);
    assert_true(hyper.beta2 == 0.999);
    assert_true(hyper.eps == 1e-8);
    assert_true(hyper.weight_decay == 0);
    for (size_t i = 0; i < hyperparameter_count(); i++) {
        const struct hyperparameter *row = hyperparameter_row(i);
        assert_true(*row->name && *row->option);
        assert_true(row->low <= row->initial && row->initial <= row->high && row->low < row->high);
        assert_true(!row->low_open || row->low < row->initial);
        assert_true(row->offset % sizeof(double) == 0 && row->offset < sizeof hyper);
        assert_true(hyperparameter_value(&hyper, i) == row->initial);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(row->name, hyperparameter_row(j)->name);
            assert_true(row->offset != hyperparameter_row(j)->offset);
        }
    }
    assert_int_equal(hyperparameter_count() * sizeof(double), sizeof hyper); /* every field has its row */
}

/* 2000 steps down a quadratic of unequal curvatures. */
static void test_textbook(void **unused)
{
    (void)unused;
    enum { COUNT = 32, STEPS = 2000 };
    static const struct hyperparameters settings[] = {
        {.momentum = 0.9, .alpha = 0.99, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8},
        {.momentum = 0.5, .alpha = 0.9, .beta1 = 0.8, .beta2 = 0.99, .eps = 1e-3},
        {.momentum = 0, .alpha = 0, .beta1 = 0, .beta2 = 0, .eps = 0.1},
        {.momentum = 0.9, .alpha = 0.99, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .weight_decay = 0.3},
    };
    for (size_t o = 0; o < optimizer_count(); o++)
        for (size_t h = 0; h < sizeof settings / sizeof *settings; h++) {
            const struct optimizer *row = optimizer_row(o);
            double w[COUNT], g[COUNT], s[OPTIMIZER_STATES_MAX][COUNT] = {{0}}, expected[COUNT], m[COUNT] = {0},
                                       v[COUNT] = {0};
            double *const state[OPTIMIZER_STATES_MAX] = {s[0], s[1]};
            const double lr = 1e-3;
            uint64_t seed = 1 + o;
            for (int i = 0; i < COUNT; i++)
                expected[i] = w[i] = test_uniform(&seed, 3, 9) * (i % 2 ? -1 : 1);
            for (uint64_t t = 1; t <= STEPS; t++) {
                double c[OPTIMIZER_CONSTANTS_MAX] = {0};
                row->constants(c, lr, &settings[h], t);
                for (int i = 0; i < COUNT; i++) {
                    const double curvature = 0.1 + i, gradient = curvature * expected[i];
                    struct textbook_step step = {0, 0};
                    if (!textbook_step(&step, row->name, expected[i], gradient, &m[i], &v[i], lr, &settings[h], t))
                        fail_msg("optimizer %s has no textbook form in support.h: add it", row->name);
                    g[i] = curvature * w[i];
                    expected[i] = step.w;
                }
                optimizer_update_f64[o](w, g, state, COUNT, c);
                for (int i = 0; i < COUNT; i++)
                    if (!(fabs(w[i] - expected[i]) <= 1e-12 * fmax(1, fabs(expected[i]))))
                        fail_msg("%s, setting %zu, step %ju, element %d: expected %.17g, got %.17g", row->name, h,
                                 (uintmax_t)t, i, expected[i], w[i]);
            }
            assert_true(fabs(w[0]) > 0); /* it moved, and not to nothing at once */
        }
}

/* At the first step Adam moves by lr whatever the gradient's size, RMSProp by lr / sqrt(1 - alpha). */
static void test_first_step(void **unused)
{
    (void)unused;
    const struct hyperparameters hyper = hyperparameters_initial();
    for (size_t o = 0; o < optimizer_count(); o++) {
        const struct optimizer *row = optimizer_row(o);
        double expected = strcmp(row->name, "adam") == 0 ? 0.01 : strcmp(row->name, "rmsprop") == 0 ? 0.1 : 0;
        if (expected == 0)
            continue;
        double w[1] = {0}, g[1] = {1e3}, a[1] = {0}, b[1] = {0}, c[OPTIMIZER_CONSTANTS_MAX] = {0};
        double *const state[] = {a, b};
        row->constants(c, 0.01, &hyper, 1);
        optimizer_update_f64[o](w, g, state, 1, c);
        assert_true(fabs(w[0] + expected) < 1e-9);
    }
}

/* Steps far out: the constants stay finite and go to their limits. */
static void test_constants_far_out(void **unused)
{
    (void)unused;
    const struct hyperparameters hyper = hyperparameters_initial();
    static const uint64_t steps[] = {1, 2, 3, 1000, 123457, (uint64_t)1 << 32, UINT64_MAX};
    for (size_t o = 0; o < optimizer_count(); o++)
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
            double c[OPTIMIZER_CONSTANTS_MAX] = {0};
            optimizer_row(o)->constants(c, 0.25, &hyper, steps[i]);
            for (int j = 0; j < OPTIMIZER_CONSTANTS_MAX; j++)
                assert_true(isfinite(c[j]));
            if (strcmp(optimizer_row(o)->name, "adam") != 0)
                continue;
            const double t = (double)steps[i], limits[] = {-0.25 / (1 - pow(0.9, t)), sqrt(1 - pow(0.999, t))};
            assert_true(fabs(c[0] - limits[0]) <= 1e-12 * fabs(limits[0]));
            assert_true(fabs(c[5] - limits[1]) <= 1e-12 * limits[1]);
        }
}

/* Adam's corrections from beta^t rounded once (Python's integers); plain repeated squaring would miss some of them. */
static void test_powers(void **unused)
{
    (void)unused;
    static const struct {
        double beta;
        uint64_t t;
        double c0, c5; /* -1 / (1 - beta^t), sqrt(1 - beta^t) */
    } expected[] = {
        {0.5, 3, -0x1.2492492492492p+0, 0x1.deeea11683f49p-1},
        {0.994, 20, -0x1.1a2fcee3eb060p+3, 0x1.58d4cdd70d3a9p-2},
        {0.99, 503, -0x1.01a47e9fbef5bp+0, 0x1.fe5d84a2f3a95p-1},
        {0.999, 2000, -0x1.2805ad55b30cdp+0, 0x1.dc21eb0d527d0p-1},
        {0.99999, 75, -0x1.4d74e9216e658p+10, 0x1.c09c7facfdb63p-6},
    };
    for (size_t o = 0; o < optimizer_count(); o++)
        for (size_t i = 0; strcmp(optimizer_row(o)->name, "adam") == 0 && i < sizeof expected / sizeof *expected; i++) {
            const struct hyperparameters hyper = {.beta1 = expected[i].beta, .beta2 = expected[i].beta, .eps = 1e-8};
            double c[OPTIMIZER_CONSTANTS_MAX] = {0};
            optimizer_row(o)->constants(c, 1, &hyper, expected[i].t);
            assert_true(c[0] == expected[i].c0 && c[5] == expected[i].c5);
        }
}

/* A rule touches its own arrays alone, in the first `count` elements. */
static void test_extent(void **unused)
{
    (void)unused;
    enum { COUNT = 16, MARGIN = 16 };
    const struct hyperparameters hyper = hyperparameters_initial();
    for (size_t o = 0; o < optimizer_count(); o++) {
        double w[COUNT + MARGIN], g[COUNT + MARGIN], s[OPTIMIZER_STATES_MAX][COUNT + MARGIN],
            c[OPTIMIZER_CONSTANTS_MAX] = {0};
        double *state[OPTIMIZER_STATES_MAX] = {NULL, NULL}; /* those the rule has no use for are not there */
        for (size_t j = 0; j < optimizer_row(o)->states; j++)
            state[j] = s[j];
        for (int i = 0; i < COUNT + MARGIN; i++)
            w[i] = g[i] = 0.5, s[0][i] = s[1][i] = 0.125;
        optimizer_row(o)->constants(c, 0.1, &hyper, 3);
        optimizer_update_f64[o](w, g, state, COUNT, c);
        for (int i = 0; i < COUNT + MARGIN; i++) {
            assert_true((w[i] != 0.5) == (i < COUNT));
            assert_true(g[i] == 0.5);
            for (size_t j = 0; j < OPTIMIZER_STATES_MAX; j++)
                assert_true((s[j][i] != 0.125) == (i < COUNT && j < optimizer_row(o)->states));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),      cmocka_unit_test(test_defaults),          cmocka_unit_test(test_textbook),
        cmocka_unit_test(test_first_step), cmocka_unit_test(test_constants_far_out), cmocka_unit_test(test_extent),
        cmocka_unit_test(test_powers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
