/* The three claims about BatchNorm on grids made by hand: each rule with numbers that are reckoned in the comments. */
#include "support.h"

#include <time.h>

#include "../src/batchnorm/batchnorm_evidence.h"

enum { RATES = 6, SEEDS = 14, LOOKS = 3, LAST = 1000, NONE = EVIDENCE_NONE, BATCHNORM = EVIDENCE_BATCHNORM };
#define INF ((double)INFINITY)

struct made {
    struct evidence_rate rates[RATES];
    struct evidence_run runs[EVIDENCE_NETS][RATES * SEEDS];
    struct evidence_evaluation looks[EVIDENCE_NETS][RATES * SEEDS][LOOKS];
    struct evidence_grid grid;
    struct evidence_rules rules;
    struct evidence evidence;
};

static struct evidence_run *run_at(struct made *made, int net, size_t rate, size_t seed)
{
    return &made->runs[net][rate * made->grid.seeds + seed];
}

/* Evaluated at step 1, at `before`, and at `steps`, where it has its final accuracy; at step 1 it has `first`. */
static void set_steps(struct made *made, int net, size_t rate, size_t seed, double first, double before, double steps)
{
    struct evidence_run *run = run_at(made, net, rate, seed);
    struct evidence_evaluation *looks = made->looks[net][rate * made->grid.seeds + seed];
    looks[0] = (struct evidence_evaluation){1, first};
    looks[1] = (struct evidence_evaluation){(uint64_t)before, first};
    looks[2] = (struct evidence_evaluation){isinf(steps) ? LAST : (uint64_t)steps, isinf(steps) ? first : run->test};
    run->evaluations = looks;
    run->evaluation_count = LOOKS;
}

static void set_run(struct made *made, int net, size_t rate, size_t seed, double accuracy)
{
    *run_at(made, net, rate, seed) = (struct evidence_run){
        .present = true, .selection = accuracy, .test = accuracy, .losses = {1, 1}, .steps = LAST, .row = seed};
    set_steps(made, net, rate, seed, 20, 90, 100);
}

/* All runs end with 90 % and get there in 100 steps; chance is 10. */
static void made_init(struct made *made, const double *lrs, size_t rates, size_t seeds)
{
    evidence_free(&made->evidence);
    memset(made, 0, sizeof *made);
    for (size_t r = 0; r < rates; r++)
        made->rates[r].lr = lrs[r];
    made->grid = (struct evidence_grid){made->rates, rates, seeds, {made->runs[NONE], made->runs[BATCHNORM]}};
    made->rules = (struct evidence_rules){0.95, 1.25, 0.2, (double)NAN, (double)NAN, 10, 10, false, 0};
    for (int net = 0; net < EVIDENCE_NETS; net++)
        for (size_t i = 0; i < rates * seeds; i++)
            set_run(made, net, i / seeds, i % seeds, 90);
}

static void conclude(struct made *made)
{
    struct error err;
    evidence_free(&made->evidence);
    assert_int_equal(evidence_make(&made->evidence, &made->grid, &made->rules, &err), 0);
}

static const struct claim *claim_of(const struct made *made, enum evidence_claim about)
{
    return &made->evidence.answers[about].claim;
}

static void check(const struct made *made, enum evidence_claim about, enum verdict verdict, const char *why)
{
    const struct claim *claim = claim_of(made, about);
    if (claim->verdict != verdict || !strstr(claim->reason, why))
        fail_msg("claim %d: expected '%s: ...%s', got '%s: %s' (estimate %g, p %g)", (int)about, verdict_name(verdict),
                 why, verdict_name(claim->verdict), claim->reason, claim->effect.estimate, claim->p_holm);
}

static void says(const struct made *made, enum evidence_claim about, const char *text)
{
    char *sentence = evidence_sentence(&made->evidence, about, false);
    if (!sentence || !strstr(sentence, text))
        fail_msg("claim %d: expected '%s' in '%s'", (int)about, text, sentence ? sentence : "nothing");
    free(sentence);
}

static void near_to(double actual, double expected)
{
    if (!(actual == expected || fabs(actual - expected) <= 1e-9 * fmax(1, fabs(expected))))
        fail_msg("expected %.17g, got %.17g", expected, actual);
}

static struct made made;

/* ---- what counts as trained ---- */

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

/* ---- (a) ---- */

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

/* ---- (b) ---- */

/* Trains at rates [from, to] with 90 %, at `best` with 91; elsewhere not at all. */
static void set_range(int net, size_t from, size_t to, size_t best)
{
    for (size_t r = 0; r < made.grid.rate_count; r++)
        for (size_t s = 0; s < made.grid.seeds; s++)
            set_run(&made, net, r, s, r == best ? 91 : r >= from && r <= to ? 90 : 10);
}

static const double decades[] = {0.001, 0.01, 0.1, 1, 10};

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

/* ---- (c) ---- */

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

static int teardown(void **state)
{
    (void)state;
    evidence_free(&made.evidence);
    memset(&made.evidence, 0, sizeof made.evidence);
    return 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(thresholds),
        TEST(outcomes),
        TEST(ratios_of_steps),
        TEST(never),
        TEST(spacing),
        TEST(fastest_rate_of_others),
        TEST(larger_rates),
        TEST(rates_at_which_it_fails),
        TEST(ties_of_rates),
        TEST(no_difference),
        TEST(ends_better),
        TEST(failed_runs_decide_by_order),
        TEST(best_rate_of_others),
        TEST(new_images),
        TEST(lines_at_rates),
        TEST(anytime_numbers),
        TEST(every_claim_has_its_line),
        TEST(ten_thousand_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
