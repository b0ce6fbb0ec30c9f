/* What groups.csv, pairs.csv and tuning.csv say of runs whose numbers are known. */
#include "batchnorm_made.h"

#include "../src/batchnorm/batchnorm_pairs.h"
#include "../src/batchnorm/batchnorm_tuning.h"

static void near(double actual, double expected)
{
    if (!(fabs(actual - expected) <= 1e-9 * fmax(1, fabs(expected))))
        fail_msg("expected %.17g, got %.17g", expected, actual);
}

/* After each epoch of one run; the training loss falls from epoch to epoch by a tenth, or stands. */
static void set_run(struct made *made, size_t norm, size_t rate, size_t seed, const double accuracies[EPOCHS],
                    bool falls)
{
    const size_t row = row_of(made, norm, rate, seed);
    for (size_t k = 0; k < EPOCHS; k++) {
        made->cells[row][k][EPOCH_TEST_ACCURACY] = accuracies[k];
        made->cells[row][k][EPOCH_TRAIN_LOSS] = falls ? 1 - 0.1 * (double)k : 1;
    }
}

static void diverge(struct made *made, size_t norm, size_t rate, size_t seed)
{
    made->rows[row_of(made, norm, rate, seed)].diverged = true;
    made->rows[row_of(made, norm, rate, seed)].epochs = 0;
}

static char *csv_of(const struct batchnorm *report, const struct frame_column *columns, frame_fill_fn *fill)
{
    struct error err;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(frame_print(&frame_csv, out, columns, fill, report, &err), 0);
    fclose(out);
    return text;
}

/* Two nets at two rates with four seeds, and layernorm.  B is 91, the median of 90, 90, 92, 92; chance 10; so T = 82.9.
 */
static void make(struct made *made)
{
    made_init(made, 3, (double[]){0.1, 1}, 2, 4);
    const double none[4][EPOCHS] = {{50, 83, 84}, {50, 60, 70}, {50, 85, 60}, {50, 60, 86}};
    for (size_t s = 0; s < 4; s++) {
        set_run(made, 0, 0, s, none[s], s == 1);
        set_run(made, 0, 1, s, (const double[]){20, 20, 20}, true);
        set_run(made, 1, 0, s, (const double[]){88, 80, s < 2 ? 90 : 92}, false);
        set_run(made, 1, 1, s, (const double[]){40, 83, s == 3 ? 90 : 85}, false);
        set_run(made, 2, 0, s, (const double[]){40, 50, 60 + (double)s}, true);
        set_run(made, 2, 1, s, (const double[]){40, 50, 89}, true);
    }
    set_run(made, 0, 1, 3, (const double[]){20, 20, 88}, true); /* so that a larger rate trains */
    diverge(made, 0, 1, 0);
    conclude(made);
}

static void outcomes(void **state)
{
    static struct made made;
    (void)state;
    make(&made);
    near(made.report.evidence[0].evidence.trained, 10 + 0.9 * 81);
    static const char *const expected[3][2][4] = {
        {{"trained", "slow", "collapsed", "trained"}, {"diverged", "failed", "failed", "trained"}},
        {{"trained", "trained", "trained", "trained"}, {"trained", "trained", "trained", "trained"}},
        {{"slow", "slow", "slow", "slow"}, {"trained", "trained", "trained", "trained"}}};
    for (size_t norm = 0; norm < 3; norm++)
        for (size_t rate = 0; rate < 2; rate++)
            for (size_t seed = 0; seed < 4; seed++) {
                const size_t row = row_of(&made, norm, rate, seed);
                assert_string_equal(judged_outcome_name(&made.report, &made.rows[row]), expected[norm][rate][seed]);
                /* The two nets' are those that the claims are judged by. */
                if (norm < 2)
                    assert_int_equal(made.report.verdicts[row].outcome,
                                     made.report.evidence[0].evidence.verdicts[norm][rate * 4 + seed].outcome);
            }
    made_free(&made);
}

static void groups(void **state)
{
    static struct made made;
    (void)state;
    make(&made);
    /* none at 0.1: 84, 70, 60, 86; two of four trained: Clopper & Pearson 6.76 to 93.24 %. */
    const struct judged *none = &made.report.groups[0].judged;
    assert_int_equal(none->runs, 4);
    assert_int_equal(none->outcomes[EVIDENCE_TRAINED], 2);
    near(round(none->trained_low * 100) / 100, 6.76);
    near(round(none->trained_high * 100) / 100, 93.24);
    near(none->test.mean, 75);
    near(none->test.median, 77);
    assert_true(isnan(none->test.order.low)); /* of four values no interval has 95 % */
    near(none->test.interquartile_mean, 77);
    /* Squares around 75: 81 + 25 + 225 + 121 = 452; t(0.975, 3) = 3.18244630528. */
    near(none->test.half_width, 3.18244630528371 * sqrt(452.0 / 3 / 4));
    assert_int_equal(none->difference.n, 0);
    /* The run that diverged counts as chance: 10, 20, 20, 88. */
    near(made.report.groups[1].judged.test.mean, 34.5);
    /* batchnorm - none at 0.1: 6, 20, 32, 6, mean 16, squares 100 + 16 + 256 + 100 = 472; two rates, so 97.5 %. */
    const struct judged_difference *difference = &made.report.groups[2].judged.difference;
    assert_int_equal(difference->n, 4);
    near(difference->mean, 16);
    near(difference->level, 0.975);
    near(difference->half_width, 4.176534846 * sqrt(472.0 / 3 / 4)); /* t(0.9875, 3) */
    /* layernorm - none at 1: 79, 69, 69, 1. */
    near(made.report.groups[5].judged.difference.mean, 54.5);
    made_free(&made);
}

static void tuning(void **state)
{
    static struct made made;
    (void)state;
    made_init(&made, 1, (double[]){0.1, 1}, 2, 2);
    static const double last[4] = {60, 90, 80, 0};
    for (size_t i = 0; i < 4; i++)
        set_run(&made, 0, i / 2, i % 2, (const double[]){50, 50, last[i]}, true);
    diverge(&made, 0, 1, 1);
    conclude(&made);
    /* Of 10, 60, 80, 90: their mean; the largest of two, over the six pairs: (60 + 80 + 80 + 90 + 90 + 90) / 6. */
    char *text = csv_of(&made.report, tuning_columns, tuning_fill);
    assert_string_equal(text, "norm,trials,expected_best_percent,selected_on,runs\n"
                              "none,1,60,test,4\n"
                              "none,2,81.6666667,test,4\n");
    free(text);
    made_free(&made);
}

static void pairs(void **state)
{
    static struct made made;
    (void)state;
    made_init(&made, 2, (double[]){0.1, 1}, 2, 2);
    for (size_t s = 0; s < 2; s++) {
        set_run(&made, 0, 0, s, (const double[]){50, 89, 90}, false);
        set_run(&made, 0, 1, s, (const double[]){20, 20, 20}, false);
        set_run(&made, 1, 0, s, (const double[]){88, 90, 92.1}, false);
        set_run(&made, 1, 1, s, (const double[]){88, 80, 91}, false);
    }
    diverge(&made, 0, 1, 0);
    conclude(&made);
    /* T = 10 + 0.9 * 82.1 = 83.89: with BatchNorm after 100 steps, without after 200 at 0.1 and never at 1. */
    char *text = csv_of(&made.report, pairs_columns, pairs_fill);
    assert_string_equal(text,
                        "claim,lr,at,seed,lr_batchnorm,lr_none,measured,batchnorm,none,effect\n"
                        "faster,,each net at its own fastest rate,0,0.1,0.1,steps to the target accuracy,100,200,1\n"
                        "faster,,each net at its own fastest rate,1,0.1,0.1,steps to the target accuracy,100,200,1\n"
                        "faster,0.1,lr 0.1,0,0.1,0.1,steps to the target accuracy,100,200,1\n"
                        "faster,0.1,lr 0.1,1,0.1,0.1,steps to the target accuracy,100,200,1\n"
                        "faster,1,lr 1,0,1,1,steps to the target accuracy,100,inf,inf\n"
                        "faster,1,lr 1,1,1,1,steps to the target accuracy,100,inf,inf\n"
                        "rates,,from each net's own best rate up,0,0.1,0.1,largest rate that trains,1,0.1,3.32192809\n"
                        "rates,,from each net's own best rate up,1,0.1,0.1,largest rate that trains,1,0.1,3.32192809\n"
                        "better,,each net at its own best rate,0,0.1,0.1,\"test accuracy at the end, %\",92.1,90,2.1\n"
                        "better,,each net at its own best rate,1,0.1,0.1,\"test accuracy at the end, %\",92.1,90,2.1\n"
                        "better,0.1,lr 0.1,0,0.1,0.1,\"test accuracy at the end, %\",92.1,90,2.1\n"
                        "better,0.1,lr 0.1,1,0.1,0.1,\"test accuracy at the end, %\",92.1,90,2.1\n"
                        "better,1,lr 1,0,1,1,\"test accuracy at the end, %\",91,10,81\n"
                        "better,1,lr 1,1,1,1,\"test accuracy at the end, %\",91,20,71\n");
    free(text);
    made_free(&made);
}

/* A norm that no claim speaks of, alone: nothing says what counts as trained. */
static void no_threshold(void **state)
{
    static struct made made;
    (void)state;
    made_init(&made, 1, (double[]){0.1}, 1, 2);
    for (size_t i = 0; i < 2; i++)
        made.rows[i].norm = 2;
    conclude(&made);
    assert_null(judged_outcome_name(&made.report, &made.rows[0]));
    assert_int_equal(made.report.groups[0].judged.outcomes[EVIDENCE_MISSING], 2);
    assert_true(isnan(made.report.groups[0].judged.trained_low));
    assert_false(pairs_wanted(&made.report));
    made_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outcomes), cmocka_unit_test(groups),       cmocka_unit_test(tuning),
        cmocka_unit_test(pairs),    cmocka_unit_test(no_threshold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
