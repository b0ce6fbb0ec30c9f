/* The claim that BatchNorm ends better, on grids made by hand: numbers are reckoned in the comments. */
#include "batchnorm_grids.h"

static void ends_better(void **state)
{
    (void)state;
    /* Differences 1, 2, ... 10 points: mean 5.5, deviation sqrt(55 / 6), t 5.74 with 9 degrees of freedom. */
    made_init(&made, (double[]){0.1}, 1, 10);
    for (size_t s = 0; s < 10; s++)
        set_run(&made, BATCHNORM, 0, s, 91 + (double)s);
    conclude(&made);
    const struct evidence_answer *answer = &made.evidence.answers[EVIDENCE_BETTER];
    const double half = 2.2621571627409915 * sqrt(55.0 / 6 / 10);
    check(&made, EVIDENCE_BETTER, VERDICT_SUPPORTED, "");
    near_to(answer->claim.effect.estimate, 5.5);
    near_to(answer->claim.effect.low, 5.5 - half);
    near_to(answer->claim.effect.high, 5.5 + half);
    near_to(answer->claim.level, 0.95);
    near_to(answer->claim.a.estimate, 95.5);
    near_to(answer->claim.b.estimate, 90);
    near_to(answer->paired.interquartile_mean, 5.5);
    says(&made, EVIDENCE_BETTER, "supported. With BatchNorm the net ends 5.50 points of test accuracy higher (");
    says(&made, EVIDENCE_BETTER, "interquartile mean +5.50; 10 wins of 10, sign-flip p 0.002.");
}

static void failed_runs_decide_by_order(void **state)
{
    (void)state;
    made_init(&made, (double[]){0.1}, 1, 10);
    for (size_t s = 0; s < 10; s++)
        set_run(&made, BATCHNORM, 0, s, 91 + (double)s);
    run_at(&made, BATCHNORM, 0, 4)->diverged = true;
    conclude(&made);
    const struct claim *claim = claim_of(&made, EVIDENCE_BETTER);
    near_to(claim->effect.estimate, 5); /* of -80, 1, 2, 3, 4, 6, 7, 8, 9, 10 */
    near_to(claim->effect.low, 1);
    near_to(claim->effect.high, 9);
    near_to(claim->p, 22.0 / 1024);
    near_to(claim->p_holm, 66.0 / 1024);
    assert_int_equal(claim->failed, 1);
    check(&made, EVIDENCE_BETTER, VERDICT_UNDECIDED, "");
}

/* The rate of seed s is that of highest mean over the others. */
static void best_rate_of_others(void **state)
{
    (void)state;
    made_init(&made, (double[]){0.1, 0.2, 0.4}, 3, 3);
    made.rules.trained = 60;
    static const double accuracies[3][3] = {{90, 90, 90}, {99, 88, 88}, {70, 91, 91}};
    for (size_t i = 0; i < 9; i++)
        set_run(&made, BATCHNORM, i / 3, i % 3, accuracies[i / 3][i % 3]);
    conclude(&made);
    /* Others of seed 0: 90, 88, 91; of 1 and 2: 90, 93.5, 80.5.  Over all: 90, 91.67, 84. */
    static const size_t expected[] = {2, 1, 1};
    for (size_t s = 0; s < 3; s++)
        assert_int_equal(made.evidence.best[BATCHNORM][s], expected[s]);
    assert_int_equal(made.evidence.best_rate[BATCHNORM], 1);
    /* So batchnorm is tested with 70, 88 and 88, none with 90 at the smallest of equals. */
    near_to(claim_of(&made, EVIDENCE_BETTER)->effect.estimate, -8);
    assert_int_equal(made.evidence.best[NONE][0], 0);
    check(&made, EVIDENCE_BETTER, VERDICT_UNDECIDED,
          "none is best at the grid's smallest rate, 0.1: give smaller ones");
    assert_null(strstr(claim_of(&made, EVIDENCE_BETTER)->reason, "batchnorm is best"));
    size_t seeds[3];
    assert_int_equal(evidence_pairs(&made.evidence, seeds), 3);
    assert_true(evidence_better_run(&made.evidence, EVIDENCE_BATCHNORM, 0) == run_at(&made, BATCHNORM, 2, 0));
    says(&made, EVIDENCE_BETTER,
         "Each net at its own best rate: batchnorm lr 0.2 to 0.4, none lr 0.1, chosen on test by the other seeds.");
    /* What chooses is not what is tested. */
    for (size_t i = 0; i < 9; i++)
        run_at(&made, BATCHNORM, i / 3, i % 3)->test = 50;
    conclude(&made);
    near_to(claim_of(&made, EVIDENCE_BETTER)->effect.estimate, -40);
    assert_int_equal(made.evidence.best[BATCHNORM][0], 2);
    /* One seed chooses for itself, and that is said. */
    made_init(&made, (double[]){0.1, 0.2}, 2, 1);
    set_run(&made, NONE, 1, 0, 95);
    conclude(&made);
    assert_int_equal(made.evidence.best[NONE][0], 1);
    says(&made, EVIDENCE_BETTER, "the one seed itself, which is optimistic");
}

/* Three images, seeds as differences of bits: 1 -1 0 / 1 0 0 / 1 1 0 ... of crossed.h, whose numbers have their test.
 */
static void new_images(void **state)
{
    (void)state;
    made_init(&made, (double[]){0.1}, 1, 2);
    conclude(&made);
    const uint8_t first[2] = {0x3, 0x7}, second[2] = {0x4, 0x1}; /* d: 1 1 -1 and 0 1 1 */
    const uint8_t *const batchnorm[2] = {&first[0], &first[1]}, *const none[2] = {&second[0], &second[1]};
    const struct crossed crossed = crossed_of_bits(batchnorm, none, 2, 3);
    assert_true(isnan(made.evidence.answers[EVIDENCE_BETTER].new_images.low));
    evidence_new_images(&made.evidence, batchnorm, none, 2, 3);
    const struct evidence_answer *answer = &made.evidence.answers[EVIDENCE_BETTER];
    near_to(answer->new_images.estimate, 50); /* (1 + 1 - 1 + 0 + 1 + 1) / 6 */
    near_to((answer->new_images.high - 50) / (100 * sqrt(crossed.variance)),
            crossed.freedom == 1 ? 12.706204736174698
                                 : (answer->new_images.high - 50) / (100 * sqrt(crossed.variance)));
    near_to(answer->new_images_freedom, crossed.freedom);
    says(&made, EVIDENCE_BETTER, " on new images");
}

/* At each rate alone: intervals that hold for all rates at once, t at 1 - 0.05 / 2. */
static void lines_at_rates(void **state)
{
    (void)state;
    made_init(&made, (double[]){0.1, 0.2}, 2, 10);
    for (size_t s = 0; s < 10; s++)
        set_run(&made, BATCHNORM, 1, s, 91 + (double)s);
    conclude(&made);
    assert_int_equal(made.evidence.line_count[EVIDENCE_BETTER], 2);
    assert_int_equal(made.evidence.line_count[EVIDENCE_LARGER], 0);
    const struct claim *claim = &made.evidence.lines[EVIDENCE_BETTER][1].answer.claim;
    const double half = 2.6850108468 * sqrt(55.0 / 6 / 10); /* the 0.9875 quantile of t, 9 degrees of freedom */
    near_to(claim->level, 0.975);
    assert_string_equal(claim->at, "lr 0.2");
    assert_true(claim->lr == 0.2 && fabs(claim->effect.high - 5.5 - half) < 1e-6);
    assert_int_equal(claim->verdict, VERDICT_SUPPORTED);
    assert_int_equal(made.evidence.lines[EVIDENCE_BETTER][0].answer.claim.verdict, VERDICT_EQUIVALENT);
    char *text = evidence_line_text(&made.evidence, EVIDENCE_BETTER, &made.evidence.lines[EVIDENCE_BETTER][1]);
    assert_non_null(strstr(
        text,
        "lr 0.2: +5.50 points (97.5 % interval +2.93 to +8.07, Student t, paired; 10 pairs that decide, no failed run "
        "among them)"));
    free(text);
}

/* Whoever adds seeds and looks again: pairs of a rate that the seeds before chose, the first three of them only choose.
 */
static void anytime_numbers(void **state)
{
    (void)state;
    made_init(&made, (double[]){0.1}, 1, 13);
    for (size_t s = 0; s < 13; s++)
        set_run(&made, BATCHNORM, 0, s, s < 3 ? 10 : 92 + 0.01 * (double)(s % 2));
    conclude(&made);
    const struct claim *claim = claim_of(&made, EVIDENCE_BETTER);
    assert_int_equal(claim->failed, 3);
    assert_int_equal(claim->verdict, VERDICT_UNDECIDED); /* 10 of 13 by the sign test */
    /* Ten pairs of 2 and 2.01, all trained. */
    assert_true(claim->anytime_low > 1.9 && claim->anytime_high < 2.1);
    assert_int_equal(claim->anytime_verdict, VERDICT_SUPPORTED);
    made_init(&made, (double[]){0.1}, 1, 3);
    conclude(&made);
    assert_int_equal(claim_of(&made, EVIDENCE_BETTER)->anytime_verdict, VERDICT_UNDECIDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ends_better),         TEST(failed_runs_decide_by_order),
        TEST(best_rate_of_others), TEST(new_images),
        TEST(lines_at_rates),      TEST(anytime_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
