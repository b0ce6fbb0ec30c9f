/* sign_flip.c - see sign_flip.h. */
#include "dlexp/statistics/sign_flip.h"

#include "dlexp/base/random.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { HALF = SIGN_FLIP_EXACT_MAX / 2, SUMS = 1 << HALF };

/* The ascending sums of all assignments of signs to `count` <= HALF values: each value is a merge of two copies. */
static size_t all_sums(const double *values, size_t count, double sums[SUMS])
{
    double before[SUMS / 2];
    size_t size = 1;
    sums[0] = 0;
    for (size_t v = 0; v < count; v++) {
        const double step = fabs(values[v]);
        memcpy(before, sums, size * sizeof *sums);
        for (size_t minus = 0, plus = 0; minus + plus < 2 * size;) {
            const size_t to = minus + plus;
            if (minus < size && before[minus] - step <= before[plus] + step)
                sums[to] = before[minus++] - step;
            else
                sums[to] = before[plus++] + step;
        }
        size *= 2;
    }
    return size;
}

/* The share of assignments whose sum is `least` > 0 or more, or -least or less: pairs of sums of the two halves. */
static double exact(const double *values, size_t count, double least)
{
    double first[SUMS], second[SUMS];
    const size_t a = all_sums(values, count / 2, first), b = all_sums(values + count / 2, count - count / 2, second);
    size_t hits = 0, enough = b; /* second[enough, b) reach least with first[i]; more of them as first[i] grows */
    for (size_t i = 0; i < a; i++) {
        while (enough > 0 && first[i] + second[enough - 1] >= least)
            enough--;
        hits += b - enough;
    }
    return 2 * (double)hits / ((double)a * (double)b); /* flipping all signs mirrors the sums */
}

/* Of up to 32 values: the sum of each eight with every assignment of signs, so that a flip is four of these sums. */
struct sums {
    double of[4][256];
};

static void sums_of(struct sums *sums, const double *values, size_t count)
{
    for (size_t eight = 0; eight < 4; eight++)
        for (size_t bits = 0; bits < 256; bits++) {
            sums->of[eight][bits] = 0;
            for (size_t i = 0; i < 8 && 8 * eight + i < count; i++)
                sums->of[eight][bits] += bits >> i & 1 ? -values[8 * eight + i] : values[8 * eight + i];
        }
}

static double sum_of(const struct sums *sums, uint32_t bits)
{
    return sums->of[0][bits & 255] + sums->of[1][bits >> 8 & 255] + sums->of[2][bits >> 16 & 255] +
           sums->of[3][bits >> 24];
}

static double sampled(const double *values, size_t count, double least)
{
    enum { TABLES = 4 }; /* for the first 128 values; more take as long as they are many */
    struct sums sums[TABLES];
    struct random random;
    size_t hits = 0;
    for (size_t t = 0; t < TABLES && 32 * t < count; t++)
        sums_of(&sums[t], values + 32 * t, count - 32 * t);
    random_seed_python(&random, 1);
    for (int flip = 0; flip < SIGN_FLIP_FLIPS; flip++) {
        double sum = 0;
        for (size_t first = 0; first < count; first += 32) {
            const size_t end = first + 32 < count ? first + 32 : count;
            uint32_t bits = random_u32(&random);
            if (first < 32 * TABLES)
                sum += sum_of(&sums[first / 32], bits);
            else
                for (size_t i = first; i < end; i++, bits >>= 1)
                    sum += values[i] * (1 - 2 * (double)(bits & 1));
        }
        hits += (size_t)(fabs(sum) >= least);
    }
    return (1 + (double)hits) / (1 + (double)SIGN_FLIP_FLIPS);
}

double sign_flip_p(const double *differences, size_t count)
{
    double sum = 0, sizes = 0;
    for (size_t i = 0; i < count; i++) {
        assert(isfinite(differences[i]));
        sum += differences[i];
        sizes += fabs(differences[i]);
    }
    const double least = fabs(sum) - 1e-10 * sizes;
    if (least <= 0)
        return 1;
    return count <= SIGN_FLIP_EXACT_MAX ? exact(differences, count, least) : sampled(differences, count, least);
}

/* The means of the values that an assignment flips and of those that it keeps; it flips `flipped`, which sum to `sum`.
 */
struct parts {
    double low, high; /* infinite where one part is empty: such an assignment reaches any centre */
};

static struct parts parts_of(double sum, size_t flipped, double total, size_t count)
{
    if (flipped == 0 || flipped == count)
        return (struct parts){-(double)INFINITY, (double)INFINITY};
    const double a = sum / (double)flipped, b = (total - sum) / (double)(count - flipped);
    return (struct parts){fmin(a, b), fmax(a, b)};
}

/* One of each mirrored pair of assignments: the last value keeps its sign. */
static void exact_parts(const double *values, size_t count, double total, struct parts *parts)
{
    parts[0] = parts_of(0, 0, total, count);
    for (size_t flips = 1; flips < (size_t)1 << (count - 1); flips++) {
        double sum = 0;
        size_t flipped = 0;
        for (size_t i = 0; i + 1 < count; i++)
            if (flips >> i & 1) {
                sum += values[i];
                flipped++;
            }
        parts[flips] = parts_of(sum, flipped, total, count);
    }
}

/* The assignment seen, which flips none, and the random ones that sampled() has. */
static void sampled_parts(const double *values, size_t count, double total, struct parts *parts)
{
    struct random random;
    random_seed_python(&random, 1);
    parts[0] = parts_of(0, 0, total, count);
    for (int flip = 1; flip <= SIGN_FLIP_FLIPS; flip++) {
        double sum = 0;
        size_t flipped = 0;
        for (size_t first = 0; first < count; first += 32) {
            const size_t end = first + 32 < count ? first + 32 : count;
            uint32_t bits = random_u32(&random);
            for (size_t i = first; i < end; i++, bits >>= 1) {
                sum += values[i] * (double)(bits & 1);
                flipped += bits & 1;
            }
        }
        parts[flip] = parts_of(sum, flipped, total, count);
    }
}

static int by_low(const void *a, const void *b)
{
    const double x = ((const struct parts *)a)->low, y = ((const struct parts *)b)->low;
    return (x > y) - (x < y);
}

static int by_high(const void *a, const void *b)
{
    const double x = ((const struct parts *)a)->high, y = ((const struct parts *)b)->high;
    return (x < y) - (x > y);
}

int sign_flip_interval(double *low, double *high, const double *differences, size_t count, double level,
                       struct error *err)
{
    const bool all = count <= SIGN_FLIP_EXACT_MAX;
    const size_t size = all ? (size_t)1 << (count > 0 ? count - 1 : 0) : SIGN_FLIP_FLIPS + 1;
    const size_t rank = (size_t)((1 - level) * (double)size); /* so many means may lie further out */
    double total = 0, sizes = 0;
    assert(level > 0 && level < 1);
    *low = *high = (double)NAN;
    if (rank == 0 || count == 0)
        return 0;
    struct parts *parts = malloc(size * sizeof *parts);
    if (parts == NULL)
        return error_out_of_memory(err, "the sign flips");
    for (size_t i = 0; i < count; i++) {
        assert(isfinite(differences[i]));
        total += differences[i];
        sizes += fabs(differences[i]);
    }
    (all ? exact_parts : sampled_parts)(differences, count, total, parts);
    qsort(parts, size, sizeof *parts, by_low);
    *low = parts[rank].low;
    qsort(parts, size, sizeof *parts, by_high);
    *high = parts[rank].high;
    free(parts);
    for (double **end = (double *[]){low, high, NULL}; *end != NULL; end++)
        if (fabs(**end) <= 1e-10 * sizes / (double)count)
            **end = 0;
    return 0;
}
