/*
 * student.h - Student's t, central and noncentral, for any real degrees of freedom > 0 (infinite: the normal law).
 *
 * Relative errors of tails and quantiles are below 1e-10 for 1 to 1e6 degrees of freedom (about 1e-13 in tests); 12
 * digits are sure on every machine, the last ones depend on the C library's exp and log.
 */
#ifndef DLEXP_STUDENT_H
#define DLEXP_STUDENT_H

/* student_cdf - P(T <= t); the upper tail, with all its digits, is student_cdf(-t, freedom). */
double student_cdf(double t, double freedom);

/* student_quantile - the t with P(T <= t) = p, 0 < p < 1. */
double student_quantile(double p, double freedom);

/* student_critical - of a two-sided interval or test at `level` in (0, 1): the (1 + level) / 2 quantile. */
double student_critical(double level, double freedom);

/*
 * student_noncentral_cdf - P(T <= t), T = (Z + shift) / W, Z standard normal, W = sqrt(chi-square / freedom): the law
 * of mean / (s / sqrt(n)) where the mean is shift standard errors from 0.  |t|, |shift| up to 1e3; absolute error
 * below 1e-11.
 *
 * The mean of normal_cdf(t W - shift) over ln W by the trapezoidal rule, whose error falls exponentially with the
 * step, as the integrand is analytic in a strip (Trefethen & Weideman 2014).
 */
double student_noncentral_cdf(double t, double freedom, double shift);

#endif
