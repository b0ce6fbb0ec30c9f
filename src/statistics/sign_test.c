/* sign_test.c - see sign_test.h. */
#include "dlexp/statistics/sign_test.h"

#include "dlexp/statistics/binomial.h"

#include <assert.h>
#include <math.h>

double sign_test_p(size_t wins, size_t losses)
{
    /* As many wins as losses: the middle counts in both tails, and their sum is above 1. */
    return fmin(1, 2 * binomial_half_lower(wins < losses ? wins : losses, wins + losses));
}

struct sign_test sign_test_of(const double *differences, size_t count)
{
    struct sign_test test = {0, 0, 0, 1};
    for (size_t i = 0; i < count; i++) {
        assert(!isnan(differences[i]));
        test.wins += (size_t)(differences[i] > 0);
        test.losses += (size_t)(differences[i] < 0);
    }
    test.ties = count - test.wins - test.losses;
    test.p = sign_test_p(test.wins, test.losses);
    return test;
}
