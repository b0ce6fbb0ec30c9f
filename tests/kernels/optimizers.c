/* The update rules, against the textbook forms in support.h. */
#include "scene.h"

static void update_case(struct scene *scene)
{
    const struct optimizer *row;
    for (size_t o = 0; (row = optimizer_row(o)); o++) {
        const size_t count = REAL_PAD * test_between(&scene->state, 1, 9);
        struct hyperparameters hyper = hyperparameters_initial();
        const size_t others = test_between(&scene->state, 0, 2);
        if (others > 0)
            hyper = (struct hyperparameters){0.5, 0.9, 0.8, 0.95, 0.05, others > 1 ? 0.03 : 0};
        const double lr = test_uniform(&scene->state, 0.001, 0.5);
        const uint64_t t = test_between(&scene->state, 1, 3000);
        float *w = input(scene, 1, count, -2, 2), *s[OPTIMIZER_STATES_MAX], before[9 * REAL_PAD];
        const float *g = input(scene, 1, count, -2, 2);
        double m[9 * REAL_PAD], v[9 * REAL_PAD], c[OPTIMIZER_CONSTANTS_MAX] = {0};
        float *state[OPTIMIZER_STATES_MAX] = {NULL, NULL};
        for (size_t j = 0; j < OPTIMIZER_STATES_MAX; j++) {
            s[j] = input(scene, 1, count, 0.01, 2); /* a mean square is positive */
            if (j < row->states)
                state[j] = s[j];
        }
        for (size_t i = 0; i < count; i++) {
            before[i] = w[i];
            m[i] = (double)s[0][i];
            v[i] = (double)s[1][i];
        }
        row->constants(c, lr, &hyper, t);
        scene->kernels->update[o](w, g, state, count, c);
        for (size_t i = 0; i < count && scene->kind == ORDINARY; i++) {
            const double size_m = fabs(m[i]) + fabs((double)g[i]) + hyper.weight_decay * fabs((double)before[i]);
            struct textbook_step step = {0, 0};
            if (!textbook_step(&step, row->name, (double)before[i], (double)g[i], &m[i], &v[i], lr, &hyper, t))
                fail_msg("optimizer %s has no textbook form in support.h: add it", row->name);
            expect_near(w[i], step.w, 2 * U * fabs(step.w) + 24 * U * step.magnitude, row->name);
            if (row->states > 0)
                expect_near(s[0][i], m[i], 8 * U * (size_m + fabs(m[i])), "the first state");
            if (row->states > 1)
                expect_near(s[1][i], v[i], 8 * U * fabs(v[i]), "the second state");
        }
        keep(scene, w, count);
        for (size_t j = 0; j < row->states; j++)
            keep(scene, s[j], count);
    }
}

/* Zero parameters with zero gradients, as in the padding, stay +0 under every rule. */
static void update_padding_case(struct scene *scene)
{
    struct hyperparameters hyper = hyperparameters_initial();
    const struct optimizer *row;
    hyper.weight_decay = test_between(&scene->state, 0, 1) ? 0 : 0.01;
    for (size_t o = 0; (row = optimizer_row(o)); o++) {
        static const float zero[REAL_PAD];
        _Alignas(REAL_ALIGN) float w[REAL_PAD] = {0}, g[REAL_PAD] = {0}, s[OPTIMIZER_STATES_MAX][REAL_PAD] = {{0}};
        float *state[] = {s[0], s[1]};
        for (uint64_t t = 1; t <= 3; t++) {
            double c[OPTIMIZER_CONSTANTS_MAX] = {0};
            row->constants(c, 0.5, &hyper, t);
            scene->kernels->update[o](w, g, state, REAL_PAD, c);
        }
        assert_memory_equal(w, zero, sizeof zero);
        keep(scene, w, REAL_PAD);
    }
}

CASE_TEST(update_padding)

/* A float of any sign near the least ones, where a set may compute by other ways; often 0, sometimes ordinary. */
static float small_number(struct scene *scene)
{
    const uint64_t kind = test_between(&scene->state, 0, 9);
    const int exponents[] = {-149, -148, -146, -140, -127, -126, -125, -100, -60, -27, -24, -23, -1};
    const int exponent = exponents[test_between(&scene->state, 0, sizeof exponents / sizeof *exponents - 1)];
    if (kind < 3)
        return 0;
    return (float)ldexp(test_uniform(&scene->state, -1, 1), exponent + (kind > 6 ? 1 : 0));
}

/* What is left of the momentum of a unit that is dead: every set gives the same bits. */
static void update_small_case(struct scene *scene)
{
    enum { COUNT = 4 * REAL_PAD, TIMES = 12 };
    struct hyperparameters hyper = hyperparameters_initial();
    const struct optimizer *row;
    if (test_between(&scene->state, 0, 1))
        hyper = (struct hyperparameters){0.99, 0.9, 0.95, 0.8, 1e-30, 0};
    hyper.weight_decay = test_between(&scene->state, 0, 3) ? 0 : 0.01;
    const double lr = ldexp(test_uniform(&scene->state, 0.5, 1), (int)test_between(&scene->state, 0, 24) - 10);
    for (size_t o = 0; (row = optimizer_row(o)); o++) {
        float *w = output(scene, COUNT), *g = output(scene, COUNT), *state[OPTIMIZER_STATES_MAX];
        for (size_t j = 0; j < OPTIMIZER_STATES_MAX; j++)
            state[j] = output(scene, COUNT);
        for (size_t i = 0; i < COUNT; i++) {
            w[i] = small_number(scene);
            g[i] = test_between(&scene->state, 0, 2) ? 0 : small_number(scene);
            state[0][i] = small_number(scene);
            if (row->states == 1 && !row->recurrence)
                state[0][i] = fabsf(state[0][i]); /* a mean square is not negative */
            state[1][i] = fabsf(small_number(scene));
        }
        for (uint64_t t = 1; t <= TIMES; t++) {
            double c[OPTIMIZER_CONSTANTS_MAX] = {0};
            row->constants(c, lr, &hyper, t);
            scene->kernels->update[o](w, g, state, COUNT, c);
        }
        keep(scene, w, COUNT);
        for (size_t j = 0; j < row->states; j++)
            keep(scene, state[j], COUNT);
    }
}

CASE_TEST(update_small)

static const struct member_test members[] = {
    {MEMBER(update), update_case},
    {0},
};
static const struct CMUnitTest others[] = {
    cmocka_unit_test(test_update_padding),
    cmocka_unit_test(test_update_small),
    {0},
};
const struct kernel_tests optimizer_tests = {members, others};
