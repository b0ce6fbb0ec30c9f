/*
 * crossed.h - seeds x images: how sure a difference of accuracies is for new seeds, and for new seeds on new images.
 *
 * d_(s,i) in {-1, 0, 1} is the difference of correctness of the first and the second net of seed s on image i: every
 * seed meets every image, two crossed random effects with one value in each cell.
 */
#ifndef DLEXP_CROSSED_H
#define DLEXP_CROSSED_H

#include <stddef.h>
#include <stdint.h>

/* Shares, not percent: times 100 for points of accuracy, and the variances times 100^2. */
struct crossed {
    double mean;        /* of all d */
    double s2_seeds;    /* sample variance of the n seed means */
    double s2_images;   /* sample variance of the m image means */
    double s2_residual; /* sum (d - row - column + grand)^2 / ((n - 1) (m - 1)) */
    double variance;    /* of the mean, for new seeds and images */
    double freedom;     /* its degrees of freedom */
};

/*
 * crossed_of - of d[seed * images + image], n = seeds >= 2, m = images >= 2, seeds * images <= 3e9 (asserted).
 *
 * variance = s2_seeds / n + s2_images / m - s2_residual / (n m), but at least s2_seeds / n, which is that of new seeds
 * on these images with n - 1 degrees of freedom.  freedom is Satterthwaite's 1946: variance^2 over the sum of the
 * squared terms, each divided by its own degrees of freedom (n - 1, m - 1, (n - 1) (m - 1)); at least min(n - 1, m -
 * 1), since with a term taken off it can fall towards 0; where the bound above holds, n - 1.  The interval is mean +-
 * student_critical(level, freedom) sqrt(variance).  Sums are integers: nothing is rounded before the end.
 */
struct crossed crossed_of(const int8_t *d, size_t seeds, size_t images);

/*
 * crossed_of_bits - of d = first - second, each one bit per image: image i of seed s is bit i mod 8 (0: the least) of
 * byte i / 8 of first[s] and of second[s], 1 where the net was right.
 */
struct crossed crossed_of_bits(const uint8_t *const *first, const uint8_t *const *second, size_t seeds, size_t images);

#endif
