/* Learning rates of schedules: PyTorch's doubles (tests/golden/make_variants.py). */
#include "support.h"

#include "dlexp/formats/csv.h"
#include "dlexp/train/schedule.h"

static const char *text_of(const struct csv *csv, size_t row, const char *name)
{
    const int column = csv_column(csv, name);
    assert_true(column >= 0);
    return csv_cell(csv, row, (size_t)column);
}

static size_t find(const char *wanted)
{
    const char *name;
    for (size_t i = 0; schedule_name(i, &name); i++)
        if (strcmp(name, wanted) == 0)
            return i;
    fail_msg("no schedule %s", wanted);
    return 0;
}

static void test_pytorch(void **unused)
{
    (void)unused;
    struct csv csv;
    struct error err;
    if (csv_read(&csv, DLEXP_SOURCE_DIR "/tests/golden/schedule_rates.csv", &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(csv.rows, 120);
    for (size_t row = 0; row < csv.rows; row++) {
        const struct schedule schedule = {.type = find(text_of(&csv, row, "schedule")),
                                          .step_size = (size_t)atoi(text_of(&csv, row, "step_size")),
                                          .gamma = strtod(text_of(&csv, row, "gamma"), NULL),
                                          .lr_min = strtod(text_of(&csv, row, "lr_min"), NULL)};
        const size_t epochs = (size_t)atoi(text_of(&csv, row, "epochs"));
        double lr = strtod(text_of(&csv, row, "lr"), NULL);
        const char *rest = text_of(&csv, row, "rates");
        for (size_t t = 0; t < epochs; t++) {
            char *end;
            const double expected = strtod(rest, &end);
            rest = end;
            lr = t > 0 ? schedule_next(&schedule, lr, t, epochs) : lr;
            if (lr != expected)
                fail_msg("row %zu, epoch %zu: expected %.17g, got %.17g", row, t, expected, lr);
        }
        assert_string_equal(rest, "");
    }
    csv_free(&csv);
}

static void test_constant(void **unused)
{
    (void)unused;
    const struct schedule schedule = {.type = find("constant")};
    assert_true(schedule_next(&schedule, 0.1, 2, 3) == 0.1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pytorch), cmocka_unit_test(test_constant)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
