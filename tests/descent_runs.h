/* descent_runs.h - descents of the homework's settings: what their tests share. */
#ifndef DLEXP_TESTS_DESCENT_RUNS_H
#define DLEXP_TESTS_DESCENT_RUNS_H

#include "support.h"

#include "../src/optim/optim_results.h"
#include "dlexp/optim/descent.h"

static inline const struct objective *find_objective(const char *name)
{
    const struct objective *o;
    for (size_t i = 0; (o = objective_row(i)) != NULL; i++)
        if (strcmp(o->name, name) == 0)
            return o;
    fail_msg("no function %s", name);
    return NULL;
}

static inline size_t find_optimizer(const char *name)
{
    const struct optimizer *o;
    for (size_t i = 0; (o = optimizer_row(i)) != NULL; i++)
        if (strcmp(o->name, name) == 0 || (o->alias && strcmp(o->alias, name) == 0))
            return i;
    fail_msg("no optimizer %s", name);
    return 0;
}

/* The homework's setting of a function and an optimizer; quad at this angle. */
static inline struct descent_config setting(const char *fn, const char *optimizer, double angle, uint64_t iterations)
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

static inline const double *run(const struct descent_config *config, struct record *record, size_t *rows)
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

static inline bool near(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

#endif
