/*
 * beta.h - the beta law, from which Student's t and binomial tails follow.
 *
 * Parameters a, b > 0.  A place is given twice, as x and as y = 1 - x, so that neither end loses digits.  Relative
 * errors are below 1e-12 for parameters up to 1e6 (about 1e-14 below 1e3); the last digits depend on the C library's
 * exp and log.  Time grows as the root of the larger parameter: microseconds at 1e6.
 */
#ifndef DLEXP_BETA_H
#define DLEXP_BETA_H

/* beta_term - x^a y^b / B(a, b), which is x y times the density; 0 < x, y < 1. */
double beta_term(double a, double b, double x, double y);

/* beta_log - ln B(a, b) = ln Gamma(a) + ln Gamma(b) - ln Gamma(a + b). */
double beta_log(double a, double b);

/*
 * beta_cdf - I_x(a, b), the regularised incomplete beta function; 0 <= x, y <= 1.  The upper tail, with all its
 * digits, is beta_cdf(b, a, y, x).  Continued fraction of DLMF 8.17.22, in Didonato & Morris' form (1992).
 */
double beta_cdf(double a, double b, double x, double y);

/* beta_quantile - the x with I_x(a, b) = p, 0 < p < 1. */
double beta_quantile(double a, double b, double p);

#endif
