/* normal.h - the standard normal law. */
#ifndef DLEXP_NORMAL_H
#define DLEXP_NORMAL_H

/* normal_cdf - P(Z <= z), by the C library's erfc; the upper tail, with all its digits, is normal_cdf(-z). */
double normal_cdf(double z);

/*
 * normal_quantile - the z with P(Z <= z) = p, 0 < p < 1: Wichura 1988, algorithm AS 241 (PPND16), relative error
 * about 1e-15.
 */
double normal_quantile(double p);

#endif
