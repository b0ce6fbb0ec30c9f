/* sign_test.h - does one of a pair win more often than the other? */
#ifndef DLEXP_SIGN_TEST_H
#define DLEXP_SIGN_TEST_H

#include <stddef.h>

/*
 * Wins and losses are the differences above and below 0, infinite ones among them; ties are dropped and counted.  p is
 * exact and two-sided, min(1, 2 P(Bin(wins + losses, 1/2) <= min(wins, losses))); 1 where all are tied.
 */
struct sign_test {
    size_t wins, losses, ties;
    double p;
};

/* sign_test_of - of `count` differences, none of them nan (asserted). */
struct sign_test sign_test_of(const double *differences, size_t count);

/* sign_test_p - the p of counts alone. */
double sign_test_p(size_t wins, size_t losses);

#endif
