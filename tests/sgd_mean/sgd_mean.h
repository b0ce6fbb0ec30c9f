/* sgd_mean.h - what the tests of SGD for the mean share. */
#ifndef DLEXP_TESTS_SGD_MEAN_H
#define DLEXP_TESTS_SGD_MEAN_H

#include "../support.h"

#include "../../src/sgd_mean/sgd_mean_results.h"
#include "dlexp/base/number.h"
#include "dlexp/formats/csv.h"
#include "dlexp/run/setting.h"
#include "dlexp/sgd_mean/sgd_mean.h"
#include "dlexp/sgd_mean/sgd_mean_theory.h"

/* Each group of tests, a file each; 0 or how many failed. */
int sgd_mean_theory_tests(void);
int sgd_mean_interval_tests(void);

/* A run with nothing around it. */
static inline void run_with(struct record *record, const struct sgd_mean_config *config, double lr,
                            const struct points *points, const struct sgd_mean_draws *draws)
{
    struct error err;
    atomic_bool stop = false;
    atomic_uint_fast64_t done = 0;
    struct sgd_mean_config with_rate = *config;
    with_rate.lr = lr;
    record_init(record, "");
    assert_int_equal(
        sgd_mean_run(&with_rate, points, draws, &(struct run_hooks){.stop = &stop, .done = &done}, record, &err), 0);
    assert_false(record->failed);
}

static inline void run_once(struct record *record, const struct sgd_mean_config *config, double lr,
                            const struct points *points)
{
    struct error err;
    struct sgd_mean_draws draws;
    assert_int_equal(sgd_mean_draw(&draws, config, points->count, NULL, &err), 0);
    run_with(record, config, lr, points, &draws);
    sgd_mean_draws_free(&draws);
}

static inline double table_cell(const struct record *record, const char *name, size_t row, const char *column)
{
    const struct record_table *table = record_table_find(record, name);
    assert_non_null(table);
    assert_true(row < table->rows);
    return table->cells[row * table->columns + record_column(table, column)];
}

static inline void check_close(double actual, double expected, double tolerance)
{
    if (!(fabs(actual - expected) <= tolerance))
        fail_msg("expected %.17g, got %.17g", expected, actual);
}

/* ---- golden numbers (tests/golden/make_sgd_mean.py) ---- */

static inline void read_golden(struct csv *csv, const char *name)
{
    char path[1024];
    struct error err;
    scratch_path(path, DLEXP_SOURCE_DIR "/tests/golden", name);
    if (csv_read(csv, path, &err) < 0)
        fail_msg("%s", err.message);
    assert_true(csv->rows > 100);
}

static inline const char *golden_text(const struct csv *csv, size_t row, const char *column)
{
    const int c = csv_column(csv, column);
    assert_true(c >= 0);
    return csv_cell(csv, row, (size_t)c);
}

static inline double golden(const struct csv *csv, size_t row, const char *column)
{
    double value;
    const char *why, *text = golden_text(csv, row, column);
    assert_int_equal(number_parse_real(text, strlen(text), &value, &why), 0);
    return value;
}

static inline enum sgd_mean_sampling golden_sampling(const struct csv *csv, size_t row)
{
    return strcmp(golden_text(csv, row, "sampling"), "shuffle") == 0 ? SGD_MEAN_SHUFFLE : SGD_MEAN_WITH_REPLACEMENT;
}

static inline void golden_points(struct points *points, const struct csv *csv, size_t row)
{
    struct error err;
    assert_int_equal(points_draw(points, (uint32_t)golden(csv, row, "seed"), (size_t)golden(csv, row, "points"), &err),
                     0);
}

#endif
