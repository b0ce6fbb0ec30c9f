/* chi_square.h - the chi-square law, for the interval of a standard deviation. */
#ifndef DLEXP_CHI_SQUARE_H
#define DLEXP_CHI_SQUARE_H

/* chi_square_cdf - P(X <= x) for real degrees of freedom > 0 and x >= 0: the incomplete gamma function P(freedom / 2,
 * x / 2), by DLMF 8.7.1 and 8.9.2.  Relative error below 1e-12 up to 1e4 degrees of freedom. */
double chi_square_cdf(double x, double freedom);

/* chi_square_quantile - the x with P(X <= x) = p, 0 < p < 1. */
double chi_square_quantile(double p, double freedom);

/*
 * chi_square_deviation_limit - the upper limit, at `level` in (0, 1) and one-sided, of the standard deviation of normal
 * values whose sample deviation is `deviation` with `freedom` degrees of freedom:
 * deviation sqrt(freedom / the 1 - level quantile).
 */
double chi_square_deviation_limit(double deviation, double freedom, double level);

#endif
