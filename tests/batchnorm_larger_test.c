/* The claim that BatchNorm trains at larger rates, on grids made by hand: numbers are reckoned in the comments. */
#include "batchnorm_grids.h"

static void larger_rates(void **state)
{
    (void)state;
    const struct evidence_answer *answer = &made.evidence.answers[EVIDENCE_LARGER];
    made_init(&made, decades, 5, 8);
    set_range(NONE, 0, 2, 1);
    set_range(BATCHNORM, 0, 3, 1);
    conclude(&made);
    check(&made, EVIDENCE_LARGER, VERDICT_SUPPORTED, "");
    near_to(answer->claim.effect.estimate, 10);
    near_to(answer->bracket.low, 1);    /* 1 / 1 */
    near_to(answer->bracket.high, 100); /* 10 / 0.1 */
    near_to(made.evidence.limits[NONE][0].largest, 0.1);
    near_to(made.evidence.limits[NONE][0].next, 1);
    near_to(made.evidence.width[BATCHNORM], 3); /* 90 is within 1 point of 91 */
    assert_true(made.evidence.width_open[BATCHNORM]);
    says(&made, EVIDENCE_LARGER, "trains up to 10 times the rate (");
    says(&made, EVIDENCE_LARGER,
         "which leaves a ratio of 1 to 100. Rates within 1 point of the best: with BatchNorm at least 3.00 decades");
    /* At the end of the grid one rate is a bound, and the direction is sure. */
    set_range(BATCHNORM, 0, 4, 1);
    conclude(&made);
    check(&made, EVIDENCE_LARGER, VERDICT_SUPPORTED, "");
    near_to(answer->claim.effect.estimate, 100);
    assert_true(answer->bracket.high == INF);
    /* Both there: nothing is known. */
    set_range(NONE, 0, 4, 1);
    conclude(&made);
    check(&made, EVIDENCE_LARGER, VERDICT_NOT_COMPARABLE, "both nets train up to the largest rate; give larger ones");
    assert_int_equal(answer->beyond, 8);
    /* A gap ends it: from the best rate up, at every rate. */
    set_range(NONE, 0, 4, 1);
    for (size_t s = 0; s < 8; s++)
        set_run(&made, NONE, 2, s, 10);
    conclude(&made);
    near_to(made.evidence.limits[NONE][0].largest, 0.01);
    near_to(answer->claim.effect.estimate, 1000);
    near_to(made.evidence.width[NONE], 1);
    assert_true(made.evidence.width_open[NONE]);
    /* A rate below the net's own best never counts. */
    set_range(NONE, 0, 1, 3);
    set_range(BATCHNORM, 0, 2, 2);
    conclude(&made);
    near_to(made.evidence.limits[NONE][0].largest, 1);
    near_to(answer->claim.effect.estimate, 0.1);
    check(&made, EVIDENCE_LARGER, VERDICT_CONTRADICTED, "");
    assert_false(made.evidence.width_open[NONE]);
    near_to(made.evidence.width[NONE], 0);
}

static void rates_at_which_it_fails(void **state)
{
    (void)state;
    const struct evidence_answer *answer = &made.evidence.answers[EVIDENCE_LARGER];
    made_init(&made, decades, 5, 8);
    made.rules.trained = 80;
    set_range(NONE, 1, 1, 1);
    set_range(BATCHNORM, 0, 2, 1);
    for (size_t s = 0; s < 5; s++) /* of none's best rate, five of eight fail; elsewhere all: it stays the best */
        set_run(&made, NONE, 1, s, 10);
    conclude(&made);
    assert_int_equal(made.evidence.best_rate[NONE], 1);
    near_to(made.evidence.limits[NONE][0].largest, 0);
    assert_true(answer->claim.effect.estimate == INF);
    near_to(answer->bounds.estimate, 0.1 / 0.01);
    assert_int_equal(answer->claim.failed, 5);
    check(&made, EVIDENCE_LARGER, VERDICT_SUPPORTED, "");
    says(&made, EVIDENCE_LARGER, "trains up to > 10 times");
    for (size_t s = 0; s < 5; s++)
        set_run(&made, BATCHNORM, 1, s, 10);
    conclude(&made);
    assert_int_equal(made.evidence.best_rate[BATCHNORM], 0); /* 90 in the mean there, 42 at 0.01 */
    for (size_t s = 0; s < 5; s++)
        for (size_t r = 0; r < 5; r++)
            set_run(&made, BATCHNORM, r, s, 10);
    conclude(&made);
    assert_int_equal(answer->never, 5);
    check(&made, EVIDENCE_LARGER, VERDICT_UNDECIDED, "5 left out, in which neither net trains at its best rate");
}

static void ties_of_rates(void **state)
{
    (void)state;
    made_init(&made, decades, 5, 8);
    set_range(NONE, 0, 2, 1);
    set_range(BATCHNORM, 0, 2, 1);
    conclude(&made);
    /* log2(log 10 / log 1.25) = log2(10.3) = 3.4: four halvings. */
    check(&made, EVIDENCE_LARGER, VERDICT_NOT_COMPARABLE, "neighbouring values lie a ratio of 10 apart");
    check(&made, EVIDENCE_LARGER, VERDICT_NOT_COMPARABLE, "give --refine 4");
    made_init(&made, (double[]){1, 1.2, 1.44}, 3, 8);
    set_range(NONE, 0, 1, 0);
    set_range(BATCHNORM, 0, 1, 0);
    conclude(&made);
    check(&made, EVIDENCE_LARGER, VERDICT_EQUIVALENT, "surely smaller than the margin, a ratio of 1.25");
    /* Refined: 0.3 lies between 0.1 and 1, there for some seeds alone, and counts for nothing else. */
    made_init(&made, (double[]){0.01, 0.1, 0.3, 1}, 4, 8);
    made.rates[2].refined = true;
    set_range(NONE, 0, 1, 1);
    set_range(BATCHNORM, 0, 2, 1);
    for (size_t s = 0; s < 8; s++) {
        run_at(&made, NONE, 2, s)->present = s < 4;
        run_at(&made, BATCHNORM, 2, s)->present = s < 6;
        run_at(&made, BATCHNORM, 2, s)->test = run_at(&made, BATCHNORM, 2, s)->selection = 99;
    }
    conclude(&made);
    const struct evidence_answer *answer = &made.evidence.answers[EVIDENCE_LARGER];
    near_to(made.evidence.trained, 10 + 0.9 * (91 - 10));
    assert_int_equal(made.evidence.best_rate[BATCHNORM], 1);
    near_to(made.evidence.limits[BATCHNORM][0].largest, 0.3);
    near_to(made.evidence.limits[BATCHNORM][7].largest, 0.1);
    assert_int_equal(answer->paired.wins, 4);
    assert_int_equal(answer->uncertain, 2); /* 0.3..1 against 0.1..1 */
    assert_int_equal(answer->paired.ties, 2);
    assert_int_equal(made.evidence.line_count[EVIDENCE_BETTER], 3);
    check(&made, EVIDENCE_LARGER, VERDICT_UNDECIDED, "2 left out, whose brackets overlap");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(larger_rates),
        TEST(rates_at_which_it_fails),
        TEST(ties_of_rates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
