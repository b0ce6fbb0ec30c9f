/* Functions of two variables: gradients against differences, minima, starts, the quadratics' shapes. */
#include "support.h"

#include "dlexp/optim/objective.h"

/* Every row, the shaped one with several shapes. */
#define FOR_EACH(o, shape)                                                                                             \
    for (size_t i_ = 0; (o = objective_row(i_)) != NULL; i_++)                                                         \
        for (size_t s_ = 0; s_ < (o->shaped ? sizeof shapes / sizeof *shapes : 1) && (shape = make_shape(s_), true);   \
             s_++)

static const double shapes[][3] = {{1, 0.1, 45}, {1, 0.1, 0}, {3, 7, 30}, {0.01, 100, -17.5}, {2, 2, 200}};

static struct quadratic make_shape(size_t i)
{
    return quadratic_make(shapes[i][0], shapes[i][1], shapes[i][2]);
}

static void check_table(void **unused)
{
    (void)unused;
    const struct objective *o;
    const char *name;
    size_t count = 0;
    for (; (o = objective_row(count)) != NULL; count++) {
        assert_true(objective_name(count, &name));
        assert_string_equal(name, o->name);
        assert_non_null(o->formula);
        for (size_t j = 0; j < count; j++)
            assert_string_not_equal(objective_row(j)->name, o->name);
        assert_true(o->window[0] < o->window[1] && o->window[2] < o->window[3]);
        assert_in_range(o->minima, 1, OBJECTIVE_MINIMA_MAX);
        for (size_t m = 0; m < o->minima; m++) {
            const double x = o->minima_at[m][0], y = o->minima_at[m][1];
            assert_true(o->window[0] < x && x < o->window[1] && o->window[2] < y && y < o->window[3]);
        }
    }
    assert_int_equal(count, 7);
    assert_false(objective_name(count, &name));
}

static void check_gradients(void **unused)
{
    (void)unused;
    const struct objective *o;
    struct quadratic shape;
    uint64_t state = 1;
    FOR_EACH(o, shape)
    {
        for (int trial = 0; trial < 200; trial++) {
            const double x = test_uniform(&state, o->window[0], o->window[1]);
            const double y = test_uniform(&state, o->window[2], o->window[3]), h = 1e-5;
            double g[2];
            o->gradient(&shape, g, x, y);
            /* Third derivatives are below 1e5 in the windows: the differences are wrong by at most 1e-5. */
            const double dx = (o->value(&shape, x + h, y) - o->value(&shape, x - h, y)) / (2 * h);
            const double dy = (o->value(&shape, x, y + h) - o->value(&shape, x, y - h)) / (2 * h);
            const double size = 1 + fabs(g[0]) + fabs(g[1]);
            assert_true(fabs(g[0] - dx) < 1e-6 * size && fabs(g[1] - dy) < 1e-6 * size);
            assert_true(o->value(&shape, x, y) >= o->minimum);
        }
    }
}

static void check_minima(void **unused)
{
    (void)unused;
    const struct objective *o;
    struct quadratic shape;
    FOR_EACH(o, shape)
    {
        for (size_t m = 0; m < o->minima; m++) {
            double g[2];
            o->gradient(&shape, g, o->minima_at[m][0], o->minima_at[m][1]);
            assert_true(fabs(g[0]) < 1e-12 && fabs(g[1]) < 1e-12);
            assert_true(o->value(&shape, o->minima_at[m][0], o->minima_at[m][1]) - o->minimum < 1e-25);
            for (size_t n = 0; n < m; n++)
                assert_true(fabs(o->minima_at[m][0] - o->minima_at[n][0]) > 0.1);
        }
    }
}

/* Where a function says that it is a quadratic, its value, its Hessian and its start follow from that. */
static void check_quadratics(void **unused)
{
    (void)unused;
    const struct objective *o;
    struct quadratic shape, q;
    uint64_t state = 2;
    size_t found = 0;
    FOR_EACH(o, shape)
    {
        if (!objective_quadratic(o, &shape, &q))
            continue;
        found++;
        for (int trial = 0; trial < 100; trial++) {
            const double x = test_uniform(&state, -2, 2), y = test_uniform(&state, -2, 2);
            double uv[2], g[2];
            quadratic_coordinates(&q, uv, x, y);
            const double expected = q.eigen[0] * uv[0] * uv[0] + q.eigen[1] * uv[1] * uv[1];
            assert_true(fabs(o->value(&shape, x, y) - expected) <= 1e-14 * (1 + expected));
            /* Along the direction of u the gradient is 2 eigen u times that direction, and so for v. */
            const double direction[2][2] = {{q.cosine, -q.sine}, {q.sine, q.cosine}};
            for (size_t d = 0; d < 2; d++) {
                o->gradient(&shape, g, x * direction[d][0], x * direction[d][1]);
                assert_true(fabs(g[0] - 2 * q.eigen[d] * x * direction[d][0]) <= 1e-13 * q.eigen[d] * 4 + 1e-12);
                assert_true(fabs(g[1] - 2 * q.eigen[d] * x * direction[d][1]) <= 1e-13 * q.eigen[d] * 4 + 1e-12);
            }
        }
        double start[2], uv[2];
        objective_start(o, &shape, start);
        quadratic_coordinates(&q, uv, start[0], start[1]);
        assert_true(fabs(uv[0] - 1) < 1e-15 && fabs(uv[1] - 1) < 1e-15);
    }
    assert_int_equal(found, 2 + sizeof shapes / sizeof *shapes);
}

static const struct objective *find(const char *name)
{
    const struct objective *o;
    for (size_t i = 0; (o = objective_row(i)) != NULL; i++)
        if (strcmp(o->name, name) == 0)
            return o;
    return NULL;
}

/* quad at 0 and at 45 degrees is f1 and f2. */
static void check_quad_is_f1_and_f2(void **unused)
{
    (void)unused;
    const struct objective *quad = find("quad");
    const struct quadratic turned[2] = {quadratic_make(1, 0.1, 0), quadratic_make(1, 0.1, 45)};
    uint64_t state = 3;
    for (size_t f = 0; f < 2; f++) {
        const struct objective *o = find(f ? "f2" : "f1");
        double a[2], b[2];
        objective_start(o, NULL, a);
        objective_start(quad, &turned[f], b);
        assert_true(a[0] == b[0] && a[1] == b[1]);
        for (int trial = 0; trial < 200; trial++) {
            const double x = test_uniform(&state, -2, 2), y = test_uniform(&state, -2, 2);
            o->gradient(NULL, a, x, y);
            quad->gradient(&turned[f], b, x, y);
            assert_true(fabs(o->value(NULL, x, y) - quad->value(&turned[f], x, y)) < 1e-14);
            assert_true(fabs(a[0] - b[0]) < 1e-14 && fabs(a[1] - b[1]) < 1e-14);
        }
    }
    double start[2];
    objective_start(find("f2"), NULL, start);
    assert_true(start[0] == sqrt(2) && start[1] == 0);
}

static void check_angles(void **unused)
{
    (void)unused;
    static const double exact[][3] = {{0, 1, 0},   {90, 0, 1},   {180, -1, 0}, {270, 0, -1},
                                      {360, 1, 0}, {-90, 0, -1}, {1170, 0, 1}};
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++) {
        const struct quadratic q = quadratic_make(1, 1, exact[i][0]);
        assert_true(q.cosine == exact[i][1] && q.sine == exact[i][2]);
    }
    for (double angle = -720; angle <= 720; angle += 7.5) {
        const struct quadratic q = quadratic_make(1, 1, angle);
        const double radians = angle * acos(-1) / 180;
        assert_true(fabs(q.cosine - cos(radians)) < 1e-14 && fabs(q.sine - sin(radians)) < 1e-14);
    }
    assert_true(quadratic_make(1, 1, -1e-300).cosine == 1);
}

/* In exact arithmetic the x-gradient is 0 there; a rounding error would be scaled up by RMSProp and Adam. */
static void check_beale_start(void **unused)
{
    (void)unused;
    double g[2];
    find("beale")->gradient(NULL, g, 1, 1);
    assert_true(g[0] == 0 && g[1] == 27.75);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_table),       cmocka_unit_test(check_gradients),         cmocka_unit_test(check_minima),
        cmocka_unit_test(check_quadratics),  cmocka_unit_test(check_quad_is_f1_and_f2), cmocka_unit_test(check_angles),
        cmocka_unit_test(check_beale_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
