/* Softmax cross-entropy: in exact arithmetic, by hand, and against what PyTorch gives (tests/golden, made by
 * make_loss.py).
 */
#include "scene.h"

#include "dlexp/formats/csv.h"

/* One row's gradient against exact arithmetic; its loss, and whether the largest logit is the label's. */
static double softmax_near_row(const float *dz, const float *z, uint8_t label, size_t rows, size_t classes,
                               bool *is_right)
{
    size_t best = 0;
    long double sum = 0;
    for (size_t c = 0; c < classes; c++)
        if (z[c] > z[best])
            best = c;
    for (size_t c = 0; c < classes; c++)
        sum += expl((long double)z[c] - (long double)z[best]);
    for (size_t c = 0; c < classes; c++) {
        /* Rounding z - max and what is left after - log(sum) moves the exponential by twice their size times U,
         * relatively, the sum by its roundings; the exponential adds 1 ulp. */
        const long double distance = (long double)z[best] - (long double)z[c];
        const double p = (double)(expl(-distance) / sum), target = c == label ? 1 : 0;
        expect_near(dz[c], (p - target) / (double)rows,
                    U * (p * ((double)classes + 12 + 2 * fmin((double)distance, 90)) + 4 * fabs(p - target)) /
                            (double)rows +
                        1.7e-38,
                    "dz");
    }
    *is_right = best == label;
    return (double)(logl(sum) - ((long double)z[label] - (long double)z[best]));
}

static void softmax_case(struct scene *scene)
{
    const size_t rows = test_between(&scene->state, 1, 70), classes = test_between(&scene->state, 1, 40);
    const size_t stride = real_padded(classes);
    const double range = test_between(&scene->state, 0, 3) ? 5 : 200;
    const float *z = input(scene, rows, classes, -range, range);
    uint8_t *labels = place(scene, rows);
    for (size_t b = 0; b < rows; b++)
        labels[b] = (uint8_t)test_between(&scene->state, 0, classes - 1);
    float *dz = output(scene, rows * stride);
    uint8_t *right = place(scene, rows);
    memset(right, 2, rows);
    size_t correct = 1000, again = 0, expected_correct = 0; /* counts are added to what is there */
    const double loss = scene->kernels->softmax_cross_entropy(dz, z, labels, rows, classes, stride, &correct, NULL);
    const double without = scene->kernels->softmax_cross_entropy(NULL, z, labels, rows, classes, stride, &again, right);
    assert_true(memcmp(&loss, &without, sizeof loss) == 0 || (isnan(loss) && isnan(without)));
    assert_int_equal(correct, again + 1000);
    expect_padding(dz, rows, classes, "dz");

    double expected = 0, tolerance = 0;
    for (size_t b = 0; b < rows && scene->kind == ORDINARY; b++) {
        bool is_right;
        const double row_loss = softmax_near_row(dz + b * stride, z + b * stride, labels[b], rows, classes, &is_right);
        expected += row_loss;
        tolerance += U * ((double)classes + 8 + 2 * row_loss); /* a float for each row */
        expected_correct += is_right;
        assert_int_equal(right[b], is_right);
    }
    if (scene->kind == ORDINARY) {
        assert_int_equal(again, expected_correct);
        if (!(fabs(loss - expected) <= tolerance))
            fail_msg("loss: expected %.17g within %.3g, got %.17g", expected, tolerance, loss);
    } else {
        /* A row with nan or +inf among its logits has no loss, and neither has the batch. */
        bool broken = false;
        for (size_t b = 0; b < rows; b++)
            for (size_t c = 0; c < classes; c++)
                broken = broken || isnan(z[b * stride + c]) || z[b * stride + c] == INFINITY;
        assert_true(!broken || !isfinite(loss));
    }
    size_t counted_right = 0;
    for (size_t b = 0; b < rows; b++)
        counted_right += right[b];
    assert_int_equal(counted_right, again);
    const float counted = (float)again, halves[2] = {(float)loss, (float)(loss - (double)(float)loss)};
    keep(scene, dz, rows * stride);
    keep(scene, &counted, 1);
    keep(scene, halves, 2); /* together 48 bits of the sum */
}

/*
 * Logarithm and exponential, each within 1 ulp: logits 0 and -a, one row.  Label 0: the loss is L = log(1 + exp(-a)),
 * and dz[1] is exp(-a - L).  From a = 17.5 on the sum rounds to 1, L is 0.
 */
static void test_exp_log_error(void **unused)
{
    (void)unused;
    const struct kernels *set;
    for (size_t k = 0; (set = kernels_row(k)); k++) {
        if (!set->supported())
            continue;
        double worst_exp = 0, worst_log = 0;
        for (int i = 0; i <= 86 * 4096; i++) {
            _Alignas(REAL_ALIGN) float z[REAL_PAD] = {0}, dz[REAL_PAD];
            const uint8_t label = 0;
            size_t correct = 0;
            const double a = i / 4096.0;
            z[1] = (float)-a;
            const double loss = set->softmax_cross_entropy(dz, z, &label, 1, 2, REAL_PAD, &correct, NULL);
            assert_int_equal(correct, 1);
            assert_true(loss == (double)(float)loss);
            const double e = exp((double)((float)-a - (float)loss));
            int exponent;
            frexp(e, &exponent);
            worst_exp = fmax(worst_exp, fabs((double)dz[1] - e) / ldexp(1, exponent - 24));

            /* The sum is rounded, and its exponential is off by an ulp: that much the logarithm moves. */
            const double exact = log1p(exp(-a)), sum_error = U * (1 + exp(-a)) + 2 * U * exp(-a);
            frexp(exact, &exponent);
            worst_log = fmax(worst_log, (fabs(loss - exact) - sum_error) / ldexp(1, exponent - 24));
            if (a >= 17.5)
                assert_true(loss == 0);
        }
        if (!(worst_exp <= 1 && worst_log <= 1))
            fail_msg("%s: exp is off by %.3f ulp, log by %.3f", set->name, worst_exp, worst_log);

        /* What is below -87 counts as -87. */
        static const float below[] = {-87.0f, -87.25f, -88, -104, -1e6f, -FLT_MAX, -INFINITY};
        for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
            _Alignas(REAL_ALIGN) float z[REAL_PAD] = {0, below[i]}, dz[REAL_PAD];
            const uint8_t label = 0;
            size_t correct = 0;
            assert_true(set->softmax_cross_entropy(dz, z, &label, 1, 2, REAL_PAD, &correct, NULL) == 0);
            expect_near(dz[1], exp(-87), 2 * U * exp(-87), "exp(-87)");
        }
    }
}

/* -- PyTorch's numbers -- */

static void golden_read(struct csv *csv, const char *name)
{
    char path[1024];
    struct error err;
    snprintf(path, sizeof path, "%s/tests/golden/%s", DLEXP_SOURCE_DIR, name);
    if (csv_read(csv, path, &err) < 0)
        fail_msg("%s", err.message);
}

/* The numbers of a cell; fails if they are not `count`. */
static void golden_floats(float *x, size_t count, const struct csv *csv, size_t row, const char *column)
{
    const int index = csv_column(csv, column);
    if (index < 0)
        fail_msg("no column '%s'", column);
    const char *text = csv_cell(csv, row, (size_t)index);
    for (size_t i = 0; i < count; i++) {
        char *end;
        x[i] = strtof(text, &end);
        assert_ptr_not_equal(end, text);
        text = end;
    }
    assert_string_equal(text, "");
}

static void test_exp_log(void **unused)
{
    (void)unused;
    struct csv csv;
    const struct kernels *set;
    golden_read(&csv, "exp_log.csv");
    assert_true(csv.rows >= 400);
    for (size_t r = 0; r < csv.rows; r++)
        for (size_t k = 0; (set = kernels_row(k)); k++) {
            if (!set->supported())
                continue;
            _Alignas(REAL_ALIGN) float z[REAL_PAD] = {0}, dz[REAL_PAD];
            float zeros, log_sum, softmax_0, softmax_x;
            size_t correct = 0;
            golden_floats(&zeros, 1, &csv, r, "zeros");
            const uint8_t last = (uint8_t)zeros, first = 0;
            golden_floats(&z[last], 1, &csv, r, "x");
            golden_floats(&log_sum, 1, &csv, r, "log_sum");
            golden_floats(&softmax_0, 1, &csv, r, "softmax_0");
            golden_floats(&softmax_x, 1, &csv, r, "softmax_x");
            const float loss =
                (float)set->softmax_cross_entropy(dz, z, &first, 1, last + (size_t)1, REAL_PAD, &correct, NULL);
            expect_same(&loss, &log_sum, 1, "the logarithm");
            expect_same(&dz[last], &softmax_x, 1, "the exponential");
            set->softmax_cross_entropy(dz, z, &last, 1, last + (size_t)1, REAL_PAD, &correct, NULL);
            expect_same(&dz[0], &softmax_0, 1, "the exponential");
        }
    csv_free(&csv);
}

/* Batches of rows with as many classes: their gradient as a batch, the loss of each row. */
static void test_cross_entropy(void **unused)
{
    (void)unused;
    enum { CLASSES_MAX = 48, ROWS_MAX = 8 };
    struct csv csv;
    const struct kernels *set;
    size_t batches = 0;
    golden_read(&csv, "cross_entropy.csv");
    for (size_t first = 0, rows; first < csv.rows; first += rows, batches++) {
        _Alignas(REAL_ALIGN) float z[ROWS_MAX * CLASSES_MAX] = {0}, dz[ROWS_MAX * CLASSES_MAX];
        float classes, other, number, losses[ROWS_MAX], gradient[ROWS_MAX][CLASSES_MAX];
        uint8_t labels[ROWS_MAX];
        golden_floats(&classes, 1, &csv, first, "classes");
        const size_t n = (size_t)classes, stride = real_padded(n);
        assert_true(n <= CLASSES_MAX);
        for (rows = 0; first + rows < csv.rows; rows++) {
            golden_floats(&other, 1, &csv, first + rows, "classes");
            if (other != classes)
                break;
            assert_true(rows < ROWS_MAX);
            golden_floats(&number, 1, &csv, first + rows, "label");
            labels[rows] = (uint8_t)number;
            golden_floats(&losses[rows], 1, &csv, first + rows, "loss");
            golden_floats(z + rows * stride, n, &csv, first + rows, "logits");
            golden_floats(gradient[rows], n, &csv, first + rows, "gradient");
        }
        for (size_t k = 0; (set = kernels_row(k)); k++) {
            if (!set->supported())
                continue;
            size_t correct = 0;
            double sum = 0;
            const double loss = set->softmax_cross_entropy(dz, z, labels, rows, n, stride, &correct, NULL);
            for (size_t b = 0; b < rows; b++) {
                char what[64];
                snprintf(what, sizeof what, "%s: %zu classes, row %zu", set->name, n, b);
                const float row_loss =
                    (float)set->softmax_cross_entropy(NULL, z + b * stride, labels + b, 1, n, stride, &correct, NULL);
                if (row_loss != losses[b]) /* of one class torch's is -0 */
                    fail_msg("%s: expected a loss of %a, got %a", what, (double)losses[b], (double)row_loss);
                expect_same(dz + b * stride, gradient[b], n, what);
                sum += (double)losses[b];
            }
            assert_true(loss == sum);
        }
    }
    assert_true(batches >= 10);
    csv_free(&csv);
}

static void test_softmax_by_hand(void **unused)
{
    (void)unused;
    const struct kernels *set;
    for (size_t k = 0; (set = kernels_row(k)); k++) {
        if (!set->supported())
            continue;
        _Alignas(REAL_ALIGN) float z[REAL_PAD] = {0}, dz[REAL_PAD];
        size_t correct = 0;
        uint8_t label = 1;

        /* All alike: log(n), and the first counts as the largest. */
        double loss = set->softmax_cross_entropy(dz, z, &label, 1, 10, REAL_PAD, &correct, NULL);
        assert_true(fabs(loss - log(10)) < 0x1p-22); /* 1 ulp */
        assert_int_equal(correct, 0);
        label = 0;
        set->softmax_cross_entropy(dz, z, &label, 1, 10, REAL_PAD, &correct, NULL);
        assert_int_equal(correct, 1);
        assert_true(fabs((double)dz[0] + 0.9) < 1e-7 && fabs((double)dz[9] - 0.1) < 1e-8);

        /* A tie further on: again the first of the two. */
        z[3] = z[5] = 2;
        label = 5;
        set->softmax_cross_entropy(NULL, z, &label, 1, 10, REAL_PAD, &correct, NULL);
        assert_int_equal(correct, 1);
        label = 3;
        set->softmax_cross_entropy(NULL, z, &label, 1, 10, REAL_PAD, &correct, NULL);
        assert_int_equal(correct, 2);

        /* One class: no loss, no gradient. */
        label = 0;
        loss = set->softmax_cross_entropy(dz, z, &label, 1, 1, REAL_PAD, &correct, NULL);
        assert_true(loss == 0 && dz[0] == 0);

        /* Far apart: no overflow, and the loss is the distance. */
        z[0] = -1e30f;
        z[1] = 1e30f;
        loss = set->softmax_cross_entropy(dz, z, &label, 1, 2, REAL_PAD, &correct, NULL);
        assert_true(loss == (double)z[1] - (double)z[0]);
        assert_true(dz[0] == -1 && dz[1] == 1);

        /* Diverged: not a number, or infinite, never a finite loss. */
        z[1] = INFINITY;
        loss = set->softmax_cross_entropy(dz, z, &label, 1, 2, REAL_PAD, &correct, NULL);
        assert_true(!isfinite(loss));
        z[0] = -INFINITY;
        z[1] = 0;
        loss = set->softmax_cross_entropy(dz, z, &label, 1, 2, REAL_PAD, &correct, NULL);
        assert_true(!isfinite(loss));
        for (int i = 0; i < 3; i++) {
            memset(z, 0, sizeof z);
            z[i] = NAN;
            loss = set->softmax_cross_entropy(dz, z, &label, 1, 3, REAL_PAD, &correct, NULL);
            assert_true(isnan(loss));
        }
    }
}

static const struct member_test members[] = {
    {MEMBER(softmax_cross_entropy), softmax_case},
    {0},
};
static const struct CMUnitTest others[] = {
    cmocka_unit_test(test_softmax_by_hand),
    cmocka_unit_test(test_exp_log_error),
    cmocka_unit_test(test_exp_log),
    cmocka_unit_test(test_cross_entropy),
    {0},
};
const struct kernel_tests loss_tests = {members, others};
