#include "dlexp/sgd_mean/sgd_mean.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dlexp/base/number.h"
#include "dlexp/base/random.h"
#include "dlexp/run/record_audit.h"
#include "dlexp/statistics/statistics.h"

#define TRAJECTORY_HEADER "y,objective,squared_error"
#define BANDS_HEADER "mean,standard_error,q5,q25,q50,q75,q95"

bool sgd_mean_sampling_name(size_t index, const char **name)
{
    static const char *const names[] = {"with-replacement", "shuffle"};
    if (index < sizeof names / sizeof *names)
        *name = names[index];
    return index < sizeof names / sizeof *names;
}

/* Python's random.shuffle(list(range(count))). */
static void shuffle(struct random *random, uint32_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    for (size_t i = count; i-- > 1;) {
        const size_t j = random_python_index(random, i + 1);
        const uint32_t swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
    }
}

/* Trials are drawn this many at a time: they lie beside each other in memory, and their generators fit the cache. */
enum { LANES = 16 };

int sgd_mean_draw(struct sgd_mean_draws *draws, const struct sgd_mean_config *config, size_t points,
                  const atomic_bool *stop, struct error *err)
{
    const size_t trials = config->trials;
    const bool shuffled = config->sampling == SGD_MEAN_SHUFFLE;
    assert(trials >= 1 && config->iterations >= 1 && trials <= SGD_MEAN_DRAWS_MAX / config->iterations);
    struct random *random = malloc(LANES * sizeof *random);
    uint32_t *orders = malloc(shuffled ? LANES * points * sizeof *orders : 1);
    draws->index = malloc(trials * config->iterations * sizeof *draws->index);
    if (!random || !orders || !draws->index) {
        free(random);
        free(orders);
        sgd_mean_draws_free(draws);
        return error_out_of_memory(err, "the draws");
    }
    for (size_t first = 0; first < trials && !(stop && atomic_load(stop)); first += LANES) {
        const size_t lanes = trials - first < LANES ? trials - first : LANES;
        for (size_t l = 0; l < lanes; l++)
            random_seed_python(&random[l], config->seed + ((uint64_t)(first + l) << 32));
        for (size_t t = 0; t < config->iterations; t++) {
            uint32_t *index = draws->index + t * trials + first;
            for (size_t l = 0; l < lanes; l++) {
                uint32_t *order = orders + l * points;
                if (shuffled && t % points == 0)
                    shuffle(&random[l], order, points);
                index[l] = shuffled ? order[t % points] : (uint32_t)random_python_index(&random[l], points);
            }
        }
    }
    free(random);
    free(orders);
    return 0;
}

void sgd_mean_draws_free(struct sgd_mean_draws *draws)
{
    free(draws->index);
    draws->index = NULL;
}

/* A step of trial i: the one place for the sum that all its numbers hang on. */
static void step(double *y, const uint32_t *index, size_t trials, double twice, const double *x)
{
    for (size_t i = 0; i < trials; i++)
        y[i] -= twice * (y[i] - x[index[i]]);
}

size_t sgd_mean_last_half(size_t iterations)
{
    return iterations / 2 + 1;
}

/*
 * Mean of non-negative numbers and its standard error.  They are divided before they are summed, so that neither
 * overflows; the second pass also takes out of the mean what rounding put into it.
 */
static void mean_over_trials(const double *values, size_t count, double *mean, double *standard_error)
{
    const double n = (double)count;
    double sum = 0, rest = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i] / n;
    for (size_t i = 0; i < count && sum > 0; i++) {
        const double d = values[i] / sum - 1;
        rest += d;
        squares += d * d;
    }
    *mean = sum * (1 + rest / n);
    *standard_error = count > 1 ? sum * sqrt(fmax(0, squares - rest * rest / n) / (n - 1) / n) : (double)NAN;
}

static void set_terminal(struct record *record, const double *average, size_t trials)
{
    double mean, standard_error;
    mean_over_trials(average, trials, &mean, &standard_error);
    record_set(record, "status", "completed");
    record_set_real(record, "terminal_error", mean);
    if (trials > 1)
        record_set_real(record, "terminal_standard_error", standard_error);
}

int sgd_mean_run(const struct sgd_mean_config *config, const struct points *points, const struct sgd_mean_draws *draws,
                 const struct run_hooks *hooks, struct record *record, struct error *err)
{
    static const double probabilities[] = {0.05, 0.25, 0.5, 0.75, 0.95};
    enum { QUANTILES = sizeof probabilities / sizeof *probabilities };
    const size_t trials = config->trials, last_half = sgd_mean_last_half(config->iterations);
    const double halves = (double)(config->iterations - last_half + 1), minimum = points->mean, twice = config->lr * 2;
    double *block = malloc(3 * trials * sizeof *block);
    if (!block)
        return error_out_of_memory(err, "the trials");
    double *y = block, *error = y + trials, *average = error + trials; /* average: of error over the last half */
    bool finite = true;

    /* The second table's pointer would move the first: it is asked for again. */
    record_table_add(record, "trajectory", TRAJECTORY_HEADER, 0);
    if (trials > 1)
        record_table_add(record, "bands", BANDS_HEADER, 0);
    struct record_table *bands = record->table_count > 0 ? &record->tables[record->table_count - 1] : NULL;
    struct record_table *trajectory = bands ? &record->tables[0] : NULL;
    if (record->failed) {
        free(block);
        return error_out_of_memory(err, "a run's record");
    }

    for (size_t i = 0; i < trials; i++) {
        y[i] = config->start;
        average[i] = 0;
    }
    for (size_t t = 0; t <= config->iterations && !atomic_load(hooks->stop); t++) {
        if (t > 0) {
            step(y, draws->index + (t - 1) * trials, trials, twice, points->x);
            atomic_fetch_add_explicit(hooks->done, 1, memory_order_relaxed);
        }
        for (size_t i = 0; i < trials; i++) {
            error[i] = (y[i] - minimum) * (y[i] - minimum);
            finite = finite && isfinite(error[i] + points->variance);
        }
        if (!finite) {
            record_set(record, "status", "diverged");
            record_set(record, "iteration", "%zu", t);
            break;
        }
        if (t >= last_half)
            for (size_t i = 0; i < trials; i++)
                average[i] += error[i] / halves;
        record_table_row(record, trajectory, (const double[]){y[0], error[0] + points->variance, error[0]});
        if (trials > 1) {
            double row[2 + QUANTILES];
            mean_over_trials(error, trials, &row[0], &row[1]);
            statistics_quantiles(error, trials, probabilities, QUANTILES, &row[2]);
            record_table_row(record, bands, row);
        }
    }
    if (finite)
        set_terminal(record, average, trials);
    free(block);
    return 0;
}

int sgd_mean_trial_errors(double *error_at, double *terminal, size_t at, const struct sgd_mean_config *config,
                          const struct points *points, const struct sgd_mean_draws *draws, struct error *err)
{
    const size_t trials = config->trials, last_half = sgd_mean_last_half(config->iterations);
    const double halves = (double)(config->iterations - last_half + 1);
    double *y = malloc(trials * sizeof *y);
    assert(at <= config->iterations);
    if (!y)
        return error_out_of_memory(err, "the trials");
    for (size_t i = 0; i < trials; i++) {
        y[i] = config->start;
        terminal[i] = 0;
    }
    for (size_t t = 0; t <= config->iterations; t++) {
        if (t > 0)
            step(y, draws->index + (t - 1) * trials, trials, config->lr * 2, points->x);
        for (size_t i = 0; i < trials && (t == at || t >= last_half); i++) {
            const double squared = (y[i] - points->mean) * (y[i] - points->mean);
            const double error = isnan(squared) ? INFINITY : squared; /* infinity less infinity */
            if (t == at)
                error_at[i] = error;
            if (t >= last_half)
                terminal[i] += error / halves;
        }
    }
    free(y);
    return 0;
}

int sgd_mean_check_record(const struct sgd_mean_config *config, const struct record *record, struct error *err)
{
    struct record_audit audit = {.record = record};
    const struct record_table *trajectory = record_audit_table(&audit, "trajectory", TRAJECTORY_HEADER, 0);
    const struct record_table *bands = config->trials > 1 ? record_audit_table(&audit, "bands", BANDS_HEADER, 0) : NULL;
    const char *status = record_audit_value(&audit, "status", false);
    uint64_t rows = config->iterations + 1;
    if (strcmp(status, "diverged") == 0) {
        rows = record_audit_integer(&audit, "iteration", 0, config->iterations);
    } else if (strcmp(status, "completed") == 0) {
        record_audit_real(&audit, "terminal_error");
        if (config->trials > 1)
            record_audit_real(&audit, "terminal_standard_error");
    } else {
        record_audit_fail(&audit, "expected the value 'status' to be a status, got '%.40s'", status);
    }
    record_audit_rows(&audit, trajectory, rows);
    record_audit_rows(&audit, bands, rows);
    record_audit_finite(&audit, trajectory, 0, trajectory ? trajectory->rows : 0);
    return record_audit_end(&audit, err);
}
