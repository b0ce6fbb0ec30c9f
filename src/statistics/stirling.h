/*
 * stirling.h - what is left of log-gamma and of a logarithm when their large parts are taken off by hand.
 *
 * Differences of log-gamma lose a digit for each digit of its size; with these two a density of the beta and the gamma
 * law keeps nearly all of them, whatever its parameters (Loader 2000, Fast and accurate computation of binomial
 * probabilities).
 */
#ifndef DLEXP_STIRLING_H
#define DLEXP_STIRLING_H

#define STIRLING_TWO_PI 6.28318530717958647693

/* stirling_rest - ln Gamma(x) - ((x - 1/2) ln x - x + ln(2 pi) / 2), x > 0, to about 1e-15; 1 / (12 x) for large x. */
double stirling_rest(double x);

/*
 * stirling_log - ln(ratio) - excess, ratio = 1 + excess > 0: about -excess^2 / 2, with nearly all its digits.
 *
 * Takes both, because neither gives the other where ratio is near 0 or near 1.
 */
double stirling_log(double excess, double ratio);

#endif
