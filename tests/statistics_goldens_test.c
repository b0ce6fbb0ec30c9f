/* Laws, intervals and tests against tests/golden/statistics.csv: exact fractions and integrals of 30 digits. */
#include "support.h"

#include "dlexp/formats/csv.h"
#include "dlexp/statistics/anytime.h"
#include "dlexp/statistics/best_of.h"
#include "dlexp/statistics/beta.h"
#include "dlexp/statistics/binomial.h"
#include "dlexp/statistics/chi_square.h"
#include "dlexp/statistics/crossed.h"
#include "dlexp/statistics/normal.h"
#include "dlexp/statistics/order.h"
#include "dlexp/statistics/sample_size.h"
#include "dlexp/statistics/sign_flip.h"
#include "dlexp/statistics/sign_test.h"
#include "dlexp/statistics/student.h"

enum { VALUES_MAX = 100, CELLS_MAX = 4000 };

/* A row: up to four numbers, and a list of numbers or, crossed, one word of +0- per seed. */
struct row {
    double a, b, c, d;
    const char *values;
    double list[VALUES_MAX];
    size_t count;
};

static double of_student_cdf(const struct row *r)
{
    return student_cdf(r->a, r->b);
}

static double of_student_quantile(const struct row *r)
{
    return student_quantile(r->a, r->b);
}

static double of_student_noncentral_cdf(const struct row *r)
{
    return student_noncentral_cdf(r->a, r->b, r->c);
}

static double of_chi_square_quantile(const struct row *r)
{
    return chi_square_quantile(r->a, r->b);
}

static double of_chi_square_cdf(const struct row *r)
{
    return chi_square_cdf(r->a, r->b);
}

static double of_normal_quantile(const struct row *r)
{
    return normal_quantile(r->a);
}

static double of_beta_cdf(const struct row *r)
{
    return beta_cdf(r->a, r->b, r->c, 1 - r->c);
}

static double of_binomial_lower(const struct row *r)
{
    return binomial_lower((size_t)r->a, (size_t)r->b, r->c);
}

static double of_binomial_upper(const struct row *r)
{
    return binomial_upper((size_t)r->a, (size_t)r->b, r->c);
}

static double of_binomial_half_lower(const struct row *r)
{
    return binomial_half_lower((size_t)r->a, (size_t)r->b);
}

static double of_binomial_low(const struct row *r)
{
    double low, high;
    binomial_interval((size_t)r->a, (size_t)r->b, r->c, &low, &high);
    return low;
}

static double of_binomial_high(const struct row *r)
{
    double low, high;
    binomial_interval((size_t)r->a, (size_t)r->b, r->c, &low, &high);
    return high;
}

static double of_sign_test_p(const struct row *r)
{
    return sign_test_p((size_t)r->a, (size_t)r->b);
}

/* x_(i) = i, so that the ends are ranks. */
static struct order_interval ranks(const struct row *r)
{
    double ascending[1000];
    for (size_t i = 0; i < 1000; i++)
        ascending[i] = (double)i + 1;
    const struct order_interval interval = order_interval_of(ascending, (size_t)r->a, r->b);
    if (interval.rank > 0) {
        assert_true(interval.low == (double)interval.rank && interval.high == r->a + 1 - interval.low);
        assert_true(interval.level >= r->b);
    } else {
        assert_true(isnan(interval.low) && isnan(interval.high) && isnan(interval.level));
    }
    return interval;
}

static double of_order_rank(const struct row *r)
{
    return (double)ranks(r).rank;
}

static double of_order_level(const struct row *r)
{
    return ranks(r).level;
}

static double of_anytime_half_width(const struct row *r)
{
    return anytime_half_width((size_t)r->a, r->b, r->c);
}

static double of_anytime_sign_log_evidence(const struct row *r)
{
    return anytime_sign_log_evidence((size_t)r->a, (size_t)r->b);
}

static double of_sample_size_power(const struct row *r)
{
    return sample_size_power(r->a, (size_t)r->b, r->c);
}

static double of_sample_size_seeds(const struct row *r)
{
    return (double)sample_size_seeds(r->a, r->b, (size_t)r->c, r->d);
}

static double of_sample_size_width(const struct row *r)
{
    return (double)sample_size_width(r->a, r->b, (size_t)r->c, r->d);
}

/* Of hundredths too: sums that are equal stay so when the values are rounded. */
static double of_sign_flip_p(const struct row *r)
{
    double hundredths[VALUES_MAX];
    for (size_t i = 0; i < r->count; i++)
        hundredths[i] = r->list[i] / 100;
    const double p = sign_flip_p(r->list, r->count);
    assert_true(sign_flip_p(hundredths, r->count) == p);
    return p;
}

static double of_best_of(const struct row *r)
{
    return best_of(r->list, r->count, (size_t)r->a);
}

/* From bytes, and from bits: + is right against wrong, 0 in turn both right and both wrong. */
static struct crossed crossed_both(const struct row *r)
{
    const size_t seeds = (size_t)r->a, images = (size_t)r->b;
    static int8_t d[CELLS_MAX];
    static uint8_t bits[2][CELLS_MAX];
    const uint8_t *first[VALUES_MAX], *second[VALUES_MAX];
    assert_true(seeds * images <= CELLS_MAX && seeds <= VALUES_MAX);
    memset(bits, 0, sizeof bits);
    for (size_t s = 0; s < seeds; s++) {
        const size_t start = s * ((images + 7) / 8);
        first[s] = bits[0] + start;
        second[s] = bits[1] + start;
        for (size_t i = 0; i < images; i++) {
            const char cell = r->values[s * (images + 1) + i];
            d[s * images + i] = (int8_t)((cell == '+') - (cell == '-'));
            const int both = cell == '0' && (s + i) % 2;
            bits[0][start + i / 8] |= (uint8_t)((cell == '+' || both) << i % 8);
            bits[1][start + i / 8] |= (uint8_t)((cell == '-' || both) << i % 8);
        }
    }
    const struct crossed of_bytes = crossed_of(d, seeds, images),
                         of_bits = crossed_of_bits(first, second, seeds, images);
    assert_memory_equal(&of_bytes, &of_bits, sizeof of_bytes);
    return of_bytes;
}

static double of_crossed_mean(const struct row *r)
{
    return crossed_both(r).mean;
}

static double of_crossed_s2_seeds(const struct row *r)
{
    return crossed_both(r).s2_seeds;
}

static double of_crossed_s2_images(const struct row *r)
{
    return crossed_both(r).s2_images;
}

static double of_crossed_s2_residual(const struct row *r)
{
    return crossed_both(r).s2_residual;
}

static double of_crossed_variance(const struct row *r)
{
    return crossed_both(r).variance;
}

static double of_crossed_freedom(const struct row *r)
{
    return crossed_both(r).freedom;
}

/* relative and absolute: |actual - expected| <= relative |expected| + absolute. */
#define OF(name, relative, absolute)                                                                                   \
    {                                                                                                                  \
#name, of_##name, relative, absolute                                                                           \
    }
static const struct function {
    const char *name;
    double (*value)(const struct row *row);
    double relative, absolute;
} functions[] = {
    OF(student_cdf, 1e-12, 0),
    OF(student_quantile, 1e-12, 0),
    OF(student_noncentral_cdf, 0, 1e-12),
    OF(chi_square_quantile, 1e-12, 0),
    OF(chi_square_cdf, 1e-12, 0),
    OF(normal_quantile, 2e-15, 0),
    OF(beta_cdf, 1e-12, 0),
    OF(binomial_lower, 1e-12, 0),
    OF(binomial_upper, 1e-12, 0),
    OF(binomial_half_lower, 1e-12, 0),
    OF(binomial_low, 1e-12, 0),
    OF(binomial_high, 1e-12, 0),
    OF(sign_test_p, 1e-12, 0),
    OF(order_rank, 0, 0),
    OF(order_level, 1e-14, 0),
    OF(anytime_half_width, 1e-13, 0),
    OF(anytime_sign_log_evidence, 1e-13, 1e-13),
    OF(sample_size_power, 0, 1e-12),
    OF(sample_size_seeds, 0, 0),
    OF(sample_size_width, 0, 0),
    OF(sign_flip_p, 1e-15, 0),
    OF(crossed_mean, 1e-15, 0),
    OF(crossed_s2_seeds, 1e-15, 0),
    OF(crossed_s2_images, 1e-15, 0),
    OF(crossed_s2_residual, 1e-15, 0),
    OF(crossed_variance, 1e-14, 0),
    OF(crossed_freedom, 1e-13, 0),
    OF(best_of, 1e-14, 0),
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

static void read_row(struct row *row, const struct csv *csv, size_t index)
{
    double *const numbers[] = {&row->a, &row->b, &row->c, &row->d};
    for (size_t k = 0; k < 4; k++)
        *numbers[k] = atof(csv_cell(csv, index, 1 + k));
    row->values = csv_cell(csv, index, 5);
    row->count = 0;
    for (const char *text = row->values; *text && row->count < VALUES_MAX;) {
        char *end;
        row->list[row->count++] = strtod(text, &end);
        text = end > text ? end : ""; /* words of signs */
    }
}

static void all_goldens(void **state)
{
    struct csv csv;
    struct error err;
    size_t met[FUNCTIONS] = {0};
    double worst[FUNCTIONS] = {0};
    (void)state;
    if (csv_read(&csv, DLEXP_SOURCE_DIR "/tests/golden/statistics.csv", &err) < 0)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < csv.rows; i++) {
        static struct row row;
        size_t f = 0;
        while (f < FUNCTIONS && strcmp(functions[f].name, csv_cell(&csv, i, 0)) != 0)
            f++;
        if (f == FUNCTIONS)
            fail_msg("row %zu: no function %s", i + 1, csv_cell(&csv, i, 0));
        read_row(&row, &csv, i);
        const double expected = atof(csv_cell(&csv, i, 6)), actual = functions[f].value(&row);
        const double off = fabs(actual - expected), allowed = functions[f].relative * fabs(expected);
        if (!(off <= allowed + functions[f].absolute) && !(isnan(expected) && isnan(actual)))
            fail_msg("row %zu: %s(%g, %g, %g, %g; %.40s): expected %.17g, got %.17g, %.2g relative", i + 1,
                     functions[f].name, row.a, row.b, row.c, row.d, row.values, expected, actual, off / fabs(expected));
        worst[f] = fmax(worst[f], functions[f].absolute > 0 || expected == 0 ? off : off / fabs(expected));
        met[f]++;
    }
    csv_free(&csv);
    for (size_t f = 0; f < FUNCTIONS; f++) {
        print_message("%-26s %3zu rows, worst %.1e\n", functions[f].name, met[f], worst[f]);
        if (met[f] == 0)
            fail_msg("no row of %s", functions[f].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_goldens)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
