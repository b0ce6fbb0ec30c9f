/* The claim that BatchNorm takes fewer steps, on grids made by hand: numbers are reckoned in the comments. */
#include "batchnorm_grids.h"

static void ratios_of_steps(void **state)
{
    (void)state;
    /* none takes 150 ... 600 steps, batchnorm 100: ratios 1.5, 2, 2.5, ... 6; median (3.5 + 4) / 2 as logarithms. */
    made_init(&made, (double[]){0.1}, 1, 10);
    for (size_t s = 0; s < 10; s++)
        set_steps(&made, NONE, 0, s, 20, 140 + 50 * (double)s, 150 + 50 * (double)s);
    conclude(&made);
    const struct claim *claim = claim_of(&made, EVIDENCE_FASTER);
    check(&made, EVIDENCE_FASTER, VERDICT_SUPPORTED, "");
    near_to(claim->effect.estimate, sqrt(3.5 * 4));
    near_to(claim->effect.low, 2); /* the second and the last but one of ten: 1 - 2 (1 + 10) / 1024 */
    near_to(claim->effect.high, 5.5);
    near_to(claim->level, 1 - 22.0 / 1024);
    near_to(claim->p, 2.0 / 1024);
    near_to(claim->p_holm, 6.0 / 1024);
    near_to(claim->margin, 1.25);
    near_to(claim->a.estimate, 100);
    near_to(claim->b.estimate, 375);
    says(&made, EVIDENCE_FASTER,
         "supported. To 82.00 % test accuracy the net without BatchNorm takes 3.74 times as many");
    says(&made, EVIDENCE_FASTER, "(97.85 % interval 2 to 5.5, ");
    says(&made, EVIDENCE_FASTER,
         "; p 0.0059 under Holm; 10 pairs that decide, no failed run among them). Both nets at lr 0.1.");
    /* The same the other way round. */
    made.grid.runs[NONE] = made.runs[BATCHNORM];
    made.grid.runs[BATCHNORM] = made.runs[NONE];
    conclude(&made);
    check(&made, EVIDENCE_FASTER, VERDICT_CONTRADICTED, "");
    near_to(claim->effect.estimate, 1 / sqrt(3.5 * 4));
}

/* Six of seven runs of none never get there: the median is infinite, and what is sure of it is said. */
static void never(void **state)
{
    (void)state;
    made_init(&made, (double[]){0.1}, 1, 9);
    for (size_t s = 0; s < 9; s++) {
        set_steps(&made, NONE, 0, s, 20, 90, s == 0 ? 200 : INF);
        set_steps(&made, BATCHNORM, 0, s, 20, 90, s < 7 ? 100 : INF);
    }
    conclude(&made);
    check(&made, EVIDENCE_FASTER, VERDICT_SUPPORTED, "2 pairs left out, in which neither net gets to the target");
    assert_true(claim_of(&made, EVIDENCE_FASTER)->effect.estimate == INF);
    assert_int_equal(claim_of(&made, EVIDENCE_FASTER)->n, 7);
    near_to(made.evidence.answers[EVIDENCE_FASTER].bounds.estimate, LAST / 100.0);
    says(&made, EVIDENCE_FASTER, "takes > 10 times as many steps");
    says(&made, EVIDENCE_FASTER, "interval 2 to > 10,"); /* n = 7: the smallest and the largest */
    /* Where batchnorm is as slow, 1000 / 500, the finite ratio 3 is still below the median of all. */
    for (size_t s = 0; s < 7; s++)
        set_steps(&made, BATCHNORM, 0, s, 20, 490, 500);
    set_steps(&made, BATCHNORM, 0, 0, 20, 90, 100);
    set_steps(&made, NONE, 0, 0, 20, 290, 300);
    conclude(&made);
    says(&made, EVIDENCE_FASTER, "takes > 3 times as many steps");
    says(&made, EVIDENCE_FASTER, "interval 3 to > 3,");
    for (size_t s = 0; s < 9; s++)
        set_steps(&made, BATCHNORM, 0, s, 20, 90, INF), set_steps(&made, NONE, 0, s, 20, 90, INF);
    conclude(&made);
    check(&made, EVIDENCE_FASTER, VERDICT_NOT_COMPARABLE, "neither net gets to 82.00 %; give more epochs");
}

static void spacing(void **state)
{
    (void)state;
    made_init(&made, (double[]){0.1}, 1, 8);
    /* Evaluated at 100 and at 126: more than a quarter apart.  126 (1 - 1 / 1.25) = 25.2, and of 100 it would be 20. */
    for (size_t s = 0; s < 8; s++)
        set_steps(&made, NONE, 0, s, 20, s < 4 ? 100 : 105, 126);
    conclude(&made);
    check(&made, EVIDENCE_FASTER, VERDICT_NOT_COMPARABLE, "give --eval-every 25 or less");
    for (size_t s = 0; s < 8; s++) /* of fewer than half of the pairs the median does not hang on */
        set_steps(&made, NONE, 0, s, 20, s < 3 ? 100 : 105, 126);
    conclude(&made);
    check(&made, EVIDENCE_FASTER, VERDICT_SUPPORTED,
          "3 pairs known to a wider step than the margin: give --eval-every");
    for (size_t s = 0; s < 8; s++) { /* every step is looked at: there is no finer */
        set_steps(&made, NONE, 0, s, 20, 2, 3);
        set_steps(&made, BATCHNORM, 0, s, 20, 1, 2);
    }
    conclude(&made);
    check(&made, EVIDENCE_FASTER, VERDICT_SUPPORTED, "");
    for (size_t s = 0; s < 8; s++)
        set_steps(&made, BATCHNORM, 0, s, 20, 90, 100);
    for (size_t s = 0; s < 8; s++) /* just the margin */
        set_steps(&made, NONE, 0, s, 20, 100, 125);
    conclude(&made);
    check(&made, EVIDENCE_FASTER, VERDICT_SUPPORTED, "");
    /* Ties: within the margin. */
    made_init(&made, (double[]){0.1}, 1, 8);
    conclude(&made);
    check(&made, EVIDENCE_FASTER, VERDICT_EQUIVALENT, "surely smaller than the margin, a ratio of 1.25");
    assert_true(isnan(made.evidence.answers[EVIDENCE_FASTER].bracket.low)); /* of steps the grid has no brackets */
    made_init(&made, (double[]){0.1}, 1, 5);
    conclude(&made);
    check(&made, EVIDENCE_FASTER, VERDICT_UNDECIDED, "more");
}

/* Each seed is tested at the rate that the others are fastest at. */
static void fastest_rate_of_others(void **state)
{
    (void)state;
    made_init(&made, (double[]){0.1, 0.2, 0.4}, 3, 3);
    static const double steps[3][3] = {{300, 300, 300}, {100, 400, 400}, {200, 320, 280}};
    for (size_t i = 0; i < 9; i++)
        set_steps(&made, NONE, i / 3, i % 3, 20, 90, steps[i / 3][i % 3]);
    conclude(&made);
    /* Medians of the others: of seed 0 300, 400, 300: a tie; of seed 1 300, 250, 240; of seed 2 300, 250, 260. */
    static const size_t expected[] = {0, 2, 1};
    for (size_t s = 0; s < 3; s++)
        assert_int_equal(made.evidence.fastest[NONE][s], expected[s]);
    set_steps(&made, NONE, 2, 1, 21, 90, 320); /* a tie goes to the higher first evaluation of the others */
    conclude(&made);
    assert_int_equal(made.evidence.fastest[NONE][0], 2);
    made.rates[2].carried = true; /* where nets come already trained, nothing converges */
    conclude(&made);
    assert_int_equal(made.evidence.fastest[NONE][0], 0);
    assert_int_equal(made.evidence.fastest[NONE][1], 1);
    assert_int_equal(made.evidence.line_count[EVIDENCE_FASTER], 3);
    assert_non_null(strstr(made.evidence.lines[EVIDENCE_FASTER][2].answer.claim.reason, "already trained"));
    /* Infinite ones count: the median of the others is infinite at 0.1, and at 0.2 it is not. */
    made_init(&made, (double[]){0.1, 0.2}, 2, 4);
    for (size_t s = 0; s < 4; s++) {
        set_steps(&made, NONE, 0, s, 20, 90, s < 2 ? INF : 100);
        set_steps(&made, NONE, 1, s, 20, 90, 900);
    }
    conclude(&made);
    assert_int_equal(made.evidence.fastest[NONE][0], 0); /* others: inf, 100, 100 */
    assert_int_equal(made.evidence.fastest[NONE][2], 1); /* others: inf, inf, 100 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ratios_of_steps),
        TEST(never),
        TEST(spacing),
        TEST(fastest_rate_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
