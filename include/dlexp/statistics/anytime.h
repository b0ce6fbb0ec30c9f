/*
 * anytime.h - intervals and tests that hold at every number of runs at once, so that one may look, add runs and look
 * again.
 */
#ifndef DLEXP_ANYTIME_H
#define DLEXP_ANYTIME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * anytime_half_width - of the interval of a normal mean around the mean of n values with sample deviation s =
 * `deviation` (divisor n - 1): s sqrt((n - 1) (r - 1) / (n (1 - r / (1 + n g)))), r = ((1 + n g) / alpha^2)^(1 / n), g
 * = 1, alpha = 1 - level.
 *
 * The chance that the mean is ever outside, at any n, is at most alpha (Wang & Ramdas 2023, the t test with a normal
 * mixture of variance g on mean / deviation).  nan while r >= 1 + n g: at 95 % before n = 5.
 */
double anytime_half_width(size_t n, double deviation, double level);

/*
 * anytime_sign_log_evidence - ln(2^n / ((n + 1) C(n, wins))), n untied pairs: how many times likelier the wins are
 * under some probability of winning, uniform on 0..1, than under 1/2.
 *
 * anytime_sign_decides - is it ln(1 / (1 - level)) or more?  With equal chances this happens at any n with probability
 * at most 1 - level (Ville 1939); the side is that of the wins.
 */
double anytime_sign_log_evidence(size_t wins, size_t n);
bool anytime_sign_decides(size_t wins, size_t n, double level);

/*
 * anytime_order_rank - the largest k with anytime_sign_decides(k - 1, n, level), 0 if there is none: the chance that
 * the median ever leaves x_(k) .. x_(n+1-k), at any n, is at most 1 - level, whatever the law of independent values.
 */
size_t anytime_order_rank(size_t n, double level);

#endif
