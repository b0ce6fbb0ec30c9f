/* What counts as trained on a grid made by hand; the words fit the numbers of the three claims on any grid. */
#include "batchnorm_grids.h"

#include <time.h>

static void thresholds(void **state)
{
    (void)state;
    made_init(&made, (double[]){0.1, 1}, 2, 3);
    /* Medians: none 60 at 0.1 and 50 at 1, batchnorm 90 (of 10, 90, 95) and 40. T = 10 + 0.9 (90 - 10). */
    static const double accuracies[2][2][3] = {{{60, 20, 70}, {50, 50, 99}}, {{10, 95, 90}, {40, 40, 40}}};
    for (int net = 0; net < 2; net++)
        for (size_t i = 0; i < 6; i++)
            set_run(&made, net, i / 3, i % 3, accuracies[net][i / 3][i % 3]);
    conclude(&made);
    near_to(made.evidence.best_median, 90);
    near_to(made.evidence.trained, 82);
    near_to(made.evidence.target, 82);
    /* A rate between those of the grid has no say: its runs are not of all seeds. */
    made.rates[0].refined = true;
    conclude(&made);
    near_to(made.evidence.best_median, 50);
    near_to(made.evidence.trained, 46);
    made.rates[0].refined = false;
    made.rules.trained = 55;
    made.rules.target = 70;
    conclude(&made);
    near_to(made.evidence.trained, 55);
    near_to(made.evidence.target, 70);
    /* Below 10 + 0.1 (100 - 10) = 19 nothing has been learnt, from 19 on it has. */
    made_init(&made, (double[]){0.1}, 1, 7);
    for (int net = 0; net < 2; net++)
        for (size_t s = 0; s < 7; s++)
            set_run(&made, net, 0, s, 18.9);
    conclude(&made);
    assert_true(isinf(made.evidence.trained));
    check(&made, EVIDENCE_FASTER, VERDICT_NOT_COMPARABLE, "no net learns");
    check(&made, EVIDENCE_LARGER, VERDICT_NOT_COMPARABLE, "no net learns at any of these rates");
    check(&made, EVIDENCE_BETTER, VERDICT_NOT_COMPARABLE, "neither net trains");
    for (size_t s = 0; s < 7; s++)
        set_run(&made, BATCHNORM, 0, s, 19);
    conclude(&made);
    near_to(made.evidence.trained, 10 + 0.9 * 9);
}

static void outcomes(void **state)
{
    (void)state;
    static const enum evidence_outcome expected[] = {EVIDENCE_TRAINED,  EVIDENCE_COLLAPSED, EVIDENCE_SLOW,
                                                     EVIDENCE_DIVERGED, EVIDENCE_FAILED,    EVIDENCE_FAILED,
                                                     EVIDENCE_MISSING};
    made_init(&made, (double[]){0.1, 1}, 2, 7);
    made.rules.trained = 80;
    set_run(&made, NONE, 0, 0, 80);
    set_run(&made, NONE, 0, 1, 79.9);
    set_steps(&made, NONE, 0, 1, 80, 2, INF);
    for (size_t s = 2; s < 7; s++)
        set_run(&made, NONE, 0, s, 30);
    run_at(&made, NONE, 0, 2)->losses[1] = 0.989;
    run_at(&made, NONE, 0, 3)->diverged = true;
    run_at(&made, NONE, 0, 3)->selection = 99;          /* of no run that diverged */
    run_at(&made, NONE, 0, 4)->losses[1] = 0.99;        /* just 1 % */
    run_at(&made, NONE, 0, 5)->losses[0] = (double)NAN; /* one epoch */
    run_at(&made, NONE, 0, 6)->present = false;
    conclude(&made);
    for (size_t s = 0; s < 7; s++)
        assert_string_equal(evidence_outcome_name(made.evidence.verdicts[NONE][s].outcome),
                            evidence_outcome_name(expected[s]));
    /* Slow is what a larger rate would help: without one that trains it has failed. */
    for (size_t s = 0; s < 7; s++)
        set_run(&made, NONE, 1, s, 30);
    conclude(&made);
    assert_int_equal(made.evidence.verdicts[NONE][2].outcome, EVIDENCE_FAILED);
}

/* "1 times as many" and "0.00 points higher" say what nobody would. */
static void no_difference(void **state)
{
    (void)state;
    made_init(&made, decades, 5, 8);
    set_range(NONE, 0, 2, 1);
    set_range(BATCHNORM, 0, 2, 1);
    for (size_t s = 0; s < made.grid.seeds; s++)
        set_run(&made, BATCHNORM, 1, s, s % 2 == 0 ? 91.004 : 91); /* 0.002 points in the mean */
    conclude(&made);
    says(&made, EVIDENCE_FASTER, "the net without BatchNorm takes just as many steps (");
    says(&made, EVIDENCE_LARGER, "With BatchNorm the net trains up to the same rate (");
    says(&made, EVIDENCE_BETTER, "With BatchNorm the net ends at the same test accuracy, to 0.01 points (");
}

/* ---- any grid ---- */

static void random_grid(uint64_t *seed)
{
    static const double lrs[RATES] = {0.001, 0.01, 0.1, 0.3, 1, 10}, close[RATES] = {1, 1.2, 1.4, 1.6, 1.8, 2};
    const size_t kind = test_between(seed, 0, 5); /* 0: all diverge, 3: all tied */
    made_init(&made, kind == 3 ? close : lrs, test_between(seed, 1, RATES), test_between(seed, 1, SEEDS));
    const bool gaps = test_between(seed, 0, 3) == 0, rough = test_between(seed, 0, 1) == 0;
    for (int net = 0; net < EVIDENCE_NETS; net++) {
        if (test_between(seed, 0, 19) == 0)
            made.grid.runs[net] = NULL;
        for (size_t i = 0; i < made.grid.rate_count * made.grid.seeds; i++) {
            const size_t rate = i / made.grid.seeds, s = i % made.grid.seeds;
            const bool learns =
                kind == 1 || (kind == 3 ? rate + 1 < made.grid.rate_count : test_between(seed, 0, 3) > 0);
            set_run(&made, net, rate, s, learns ? kind == 2 || kind == 3 ? 90 : test_uniform(seed, 60, 99) : 10);
            struct evidence_run *run = run_at(&made, net, rate, s);
            run->diverged = kind == 0 || (kind != 3 && test_between(seed, 0, 8) == 0);
            run->losses[1] = test_uniform(seed, 0.5, 1);
            run->present = !gaps || test_between(seed, 0, 4) > 0;
            set_steps(&made, net, rate, s, test_uniform(seed, 5, 40), rough ? 10 : 95,
                      kind == 3                       ? 100
                      : test_between(seed, 0, 2) == 0 ? INF
                                                      : (double)(100 + 10 * test_between(seed, 0, 30)));
            run->evaluation_count = run->diverged ? test_between(seed, 0, LOOKS) : LOOKS;
        }
    }
    if (made.grid.rate_count > 2 && test_between(seed, 0, 3) == 0)
        made.rates[1].refined = true;
    made.rates[made.grid.rate_count - 1].carried = made.grid.rate_count > 1 && test_between(seed, 0, 9) == 0;
}

/* The words fit the numbers, and nothing is left open without a reason. */
static void check_answer(const struct evidence_answer *answer, double nothing, double level)
{
    const struct claim *claim = &answer->claim;
    const bool decided = claim->verdict == VERDICT_SUPPORTED || claim->verdict == VERDICT_CONTRADICTED;
    assert_true(decided || *claim->reason);
    if (decided) {
        assert_true(claim->p_holm <= 1 - level && claim->n >= PAIRED_LEAST);
        assert_true(claim->verdict == VERDICT_SUPPORTED ? claim->effect.estimate > nothing
                                                        : claim->effect.estimate < nothing);
    }
    if (claim->verdict == VERDICT_UNDECIDED)
        assert_true(!(claim->p_holm <= 1 - level) || claim->n < PAIRED_LEAST_UNTIED || answer->paired.ties > 0 ||
                    isnan(claim->effect.estimate) || claim->effect.estimate == nothing);
    if (claim->verdict == VERDICT_NOT_COMPARABLE)
        assert_true(answer->settled || answer->paired.ties == answer->paired.n);
    assert_int_equal(answer->paired.wins + answer->paired.losses + answer->paired.ties, answer->paired.n);
    assert_true(answer->claim.failed <= 2 * claim->n);
    assert_true(!(claim->effect.low > claim->effect.estimate) && !(claim->effect.high < claim->effect.estimate));
}

static void every_claim_has_its_line(void **state)
{
    uint64_t seed = 5;
    size_t seen[EVIDENCE_CLAIMS][VERDICT_UNDECIDED + 1] = {{0}};
    (void)state;
    for (int round = 0; round < (test_is_long() ? 4000 : 2000); round++) {
        random_grid(&seed);
        conclude(&made);
        const struct evidence *evidence = &made.evidence;
        for (int c = 0; c < EVIDENCE_CLAIMS; c++) {
            const struct evidence_answer *answer = &evidence->answers[c];
            const double nothing = c == EVIDENCE_BETTER ? 0 : 1;
            check_answer(answer, nothing, 0.95);
            assert_true(answer->paired.n + answer->never + answer->beyond + answer->uncertain <= made.grid.seeds);
            seen[c][answer->claim.verdict]++;
            char *text = evidence_sentence(evidence, (enum evidence_claim)c, false);
            assert_non_null(text);
            assert_true(strncmp(text, verdict_name(answer->claim.verdict), 5) == 0 && !strstr(text, "nan") &&
                        !strstr(text, "inf "));
            free(text);
            for (size_t l = 0; l < evidence->line_count[c]; l++) {
                const struct evidence_line *line = &evidence->lines[c][l];
                check_answer(&line->answer, nothing, 1 - 0.05 / (double)evidence->line_count[c]);
                text = evidence_line_text(evidence, (enum evidence_claim)c, line);
                assert_true(text && !strstr(text, "nan"));
                free(text);
            }
        }
    }
    for (int c = 0; c < EVIDENCE_CLAIMS; c++)
        for (int v = 0; v <= VERDICT_UNDECIDED; v++)
            if (seen[c][v] == 0)
                fail_msg("no grid in which claim %d is %s", c, verdict_name((enum verdict)v));
}

/* ---- size ---- */

static void ten_thousand_runs(void **state)
{
    enum { MANY_RATES = 10, MANY_SEEDS = 500, RUNS = MANY_RATES * MANY_SEEDS };
    static struct evidence_run runs[EVIDENCE_NETS][RUNS];
    static struct evidence_evaluation looks[LOOKS] = {{1, 20}, {95, 30}, {100, 99}};
    static struct evidence_rate rates[MANY_RATES];
    const struct evidence_grid grid = {rates, MANY_RATES, MANY_SEEDS, {runs[0], runs[1]}};
    const struct evidence_rules rules = {0.95, 1.25, 0.2, (double)NAN, (double)NAN, 10, 10, false, 0};
    struct evidence evidence;
    struct error err;
    uint64_t seed = 3;
    (void)state;
    for (size_t r = 0; r < MANY_RATES; r++)
        rates[r].lr = 0.01 * (double)(r + 1);
    for (int net = 0; net < EVIDENCE_NETS; net++)
        for (size_t i = 0; i < RUNS; i++) {
            const double accuracy = test_uniform(&seed, 95, 99);
            runs[net][i] = (struct evidence_run){.present = true,
                                                 .selection = accuracy,
                                                 .test = accuracy,
                                                 .losses = {1, 1},
                                                 .evaluations = looks,
                                                 .evaluation_count = LOOKS,
                                                 .steps = LAST};
        }
    const clock_t start = clock();
    assert_int_equal(evidence_make(&evidence, &grid, &rules, &err), 0);
    const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    print_message("10,000 runs: %.2f s\n", seconds);
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    assert_true(seconds < 2);
#endif
    assert_int_equal(evidence.answers[EVIDENCE_BETTER].claim.n, MANY_SEEDS);
    evidence_free(&evidence);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(thresholds), TEST(outcomes), TEST(no_difference), TEST(every_claim_has_its_line), TEST(ten_thousand_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
