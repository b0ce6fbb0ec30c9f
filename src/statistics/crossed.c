/* crossed.c - see crossed.h. */
#include "dlexp/statistics/crossed.h"

#include <assert.h>
#include <math.h>

/* Either d, or the bits. */
struct matrix {
    const int8_t *d;
    const uint8_t *const *first, *const *second;
    size_t seeds, images;
};

static int difference(const struct matrix *matrix, size_t seed, size_t image)
{
    if (matrix->d)
        return matrix->d[seed * matrix->images + image];
    const int first = matrix->first[seed][image / 8] >> image % 8 & 1;
    return first - (matrix->second[seed][image / 8] >> image % 8 & 1);
}

/* Sums of d over rows (seeds) and columns (images), all of them integers. */
struct sums {
    int64_t all, squares, rows_squared, columns_squared;
};

static struct sums sums_of(const struct matrix *matrix)
{
    enum { BLOCK = 64 }; /* images side by side in memory */
    struct sums sums = {0, 0, 0, 0};
    for (size_t s = 0; s < matrix->seeds; s++) {
        int64_t row = 0;
        for (size_t i = 0; i < matrix->images; i++) {
            const int d = difference(matrix, s, i);
            row += d;
            sums.squares += d * d;
        }
        sums.all += row;
        sums.rows_squared += row * row;
    }
    for (size_t start = 0; start < matrix->images; start += BLOCK) {
        const size_t width = matrix->images - start < BLOCK ? matrix->images - start : BLOCK;
        int64_t columns[BLOCK] = {0};
        for (size_t s = 0; s < matrix->seeds; s++)
            for (size_t i = 0; i < width; i++)
                columns[i] += difference(matrix, s, start + i);
        for (size_t i = 0; i < width; i++)
            sums.columns_squared += columns[i] * columns[i];
    }
    return sums;
}

static struct crossed analyse(const struct matrix *matrix)
{
    assert(matrix->seeds >= 2 && matrix->images >= 2 && matrix->seeds <= 3000000000u / matrix->images);
    const struct sums sums = sums_of(matrix);
    const int64_t seeds = (int64_t)matrix->seeds, images = (int64_t)matrix->images;
    const double n = (double)seeds, m = (double)images;
    /* Sums of squares times n m, as integers: below (n m)^2 < 2^63. */
    const int64_t rows = seeds * sums.rows_squared - sums.all * sums.all;
    const int64_t columns = images * sums.columns_squared - sums.all * sums.all;
    const int64_t residual = seeds * images * sums.squares - sums.all * sums.all - rows - columns;
    struct crossed result;
    result.mean = (double)sums.all / (n * m);
    result.s2_seeds = (double)rows / (n * m * m * (n - 1));
    result.s2_images = (double)columns / (n * n * m * (m - 1));
    result.s2_residual = (double)residual / (n * m * (n - 1) * (m - 1));
    const double by_seeds = result.s2_seeds / n, by_images = result.s2_images / m;
    const double by_residual = result.s2_residual / (n * m);
    result.variance = by_seeds;
    result.freedom = n - 1;
    if (by_images > by_residual) {
        result.variance = by_seeds + (by_images - by_residual);
        const double squares = by_seeds * by_seeds / (n - 1) + by_images * by_images / (m - 1) +
                               by_residual * by_residual / ((n - 1) * (m - 1));
        result.freedom = fmax(result.variance * result.variance / squares, fmin(n - 1, m - 1));
    }
    return result;
}

struct crossed crossed_of(const int8_t *d, size_t seeds, size_t images)
{
    return analyse(&(struct matrix){.d = d, .seeds = seeds, .images = images});
}

struct crossed crossed_of_bits(const uint8_t *const *first, const uint8_t *const *second, size_t seeds, size_t images)
{
    return analyse(&(struct matrix){.first = first, .second = second, .seeds = seeds, .images = images});
}
