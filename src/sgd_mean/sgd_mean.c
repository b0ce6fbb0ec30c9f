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
            const uint32_t *index = draws->index + (t - 1) * trials;
            for (size_t i = 0; i < trials; i++)
                y[i] -= twice * (y[i] - points->x[index[i]]);
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
    if (finite) {
        double mean, standard_error;
        mean_over_trials(average, trials, &mean, &standard_error);
        record_set(record, "status", "completed");
        record_set_real(record, "terminal_error", mean);
        if (trials > 1)
            record_set_real(record, "terminal_standard_error", standard_error);
    }
    free(block);
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

static double start_error(double start, const struct points *points)
{
    return (start - points->mean) * (start - points->mean);
}

void sgd_mean_expected(double *expected, size_t iterations, double lr, double start, const struct points *points)
{
    const double a = 1 - 2 * lr;
    expected[0] = start_error(start, points);
    for (size_t t = 0; t < iterations; t++)
        expected[t + 1] = a * a * expected[t] + 4 * lr * lr * points->variance;
}

double sgd_mean_expected_at(size_t iteration, double lr, double start, const struct points *points)
{
    assert(lr != 1);
    const double left = pow(1 - 2 * lr, 2 * (double)iteration);
    return left * start_error(start, points) + points->variance * lr / (1 - lr) * (1 - left);
}

double sgd_mean_floor(double lr, const struct points *points)
{
    return lr < 1 ? points->variance * lr / (1 - lr) : (double)NAN;
}

/* ---- what of the terminal error is still the start's ---- */

/* 1 - a^m without losing the digits of a small lr, m an integer. */
static double one_minus_power(double lr, double m)
{
    return lr < 0.5 ? -expm1(m * log1p(-2 * lr)) : 1 - pow(1 - 2 * lr, m);
}

/* a^m itself: 1 - one_minus_power loses it below 1e-16, which of a far start is much. */
static double power(double lr, double m)
{
    return lr < 0.5 ? exp(m * log1p(-2 * lr)) : pow(1 - 2 * lr, m);
}

/* The mean of a^(2t) over t = first..first + count - 1. */
static double mean_left(double lr, double first, double count)
{
    return power(lr, 2 * first) * one_minus_power(lr, 2 * count) / (4 * lr * (1 - lr) * count);
}

/*
 * Shuffled draws, once the start is forgotten: k draws into a pass the expected error is a^(2k) B + V_k, with
 *
 *   V_k = S (r (1 - a^(2k)) - (1 - a^k)^2 / n),   S = sigma^2 n / (n - 1),   r = lr / (1 - lr),   B = V_n / (1 -
 * a^(2n))
 *
 * as an index's weight is 2 lr a^i, i draws later, and drawing without replacement makes draws of a pass correlate by
 * -1 / (n - 1).  Returns the sum of it over the first `count` iterations; *level is B.
 */
static double shuffled_sum(double lr, const struct points *points, double count, double *level)
{
    const double n = (double)points->count, s = points->variance * n / (n - 1), r = lr / (1 - lr);
    const double to_q = one_minus_power(lr, n), rest = fmod(count, n), passes = (count - rest) / n;
    double sum = 0;
    *level = fmax(0, s * (r - to_q / (2 - to_q) / n));
    for (int whole = 0; whole < 2; whole++) {
        const double m = whole ? n : rest;
        const double powers = one_minus_power(lr, m) / (2 * lr),
                     squares = one_minus_power(lr, 2 * m) / (4 * lr * (1 - lr));
        const double part = *level * squares + s * (r * (m - squares) - (m - 2 * powers + squares) / n);
        sum += (whole ? passes : 1) * fmax(0, part);
    }
    return sum;
}

double sgd_mean_start_share(const struct sgd_mean_config *config, double iterations, double lr,
                            const struct points *points)
{
    assert(lr < 1);
    const double first = floor(iterations / 2) + 1, count = iterations - first + 1, left = mean_left(lr, first, count);
    const double start = left * start_error(config->start, points);
    double noise = 0, level;
    if (points->variance > 0 && config->sampling == SGD_MEAN_SHUFFLE)
        noise = fmax(0, (shuffled_sum(lr, points, first + count, &level) - shuffled_sum(lr, points, first, &level)) /
                                count -
                            left * level);
    else
        noise = sgd_mean_floor(lr, points) * (1 - left);
    return start / (start + noise);
}

double sgd_mean_settling(const struct sgd_mean_config *config, double lr, const struct points *points)
{
    double low = 0, high = 1; /* not settled at low, settled at high */
    if (points->variance == 0)
        return INFINITY;
    while (!(sgd_mean_start_share(config, high, lr, points) < SGD_MEAN_SETTLED)) {
        low = high;
        high *= 2;
        if (isinf(high))
            return INFINITY;
    }
    while (high - low > fmax(1, 1e-15 * high)) {
        const double middle = floor((low + high) / 2);
        *(sgd_mean_start_share(config, middle, lr, points) < SGD_MEAN_SETTLED ? &high : &low) = middle;
    }
    return high;
}
