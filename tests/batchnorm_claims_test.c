/* What dlexp batchnorm concludes from accuracies by hand: every claim has its line, and says no more than the runs
 * show. */
#include "support.h"

#include "../src/batchnorm/batchnorm_claims.h"
#include "../src/batchnorm/batchnorm_curves.h"
#include "../src/batchnorm/batchnorm_groups.h"
#include "../src/batchnorm/batchnorm_result.h"

enum { EPOCHS = 3, RATES = 5, SEEDS = 12, ROWS = 2 * RATES * SEEDS };

/* A report over made-up runs: no records, no data set. */
struct made {
    struct batchnorm_config config;
    struct batchnorm report;
    struct run run; /* all rows have the same, of block 0 */
    struct report_row rows[ROWS];
    double cells[ROWS][EPOCHS][TRAIN_MEASURES];
    struct segment_result results[ROWS];
    double lrs[RATES];
    size_t rates, seeds, norms;
};

static void made_init(struct made *made, size_t norms, const double *lrs, size_t rates, size_t seeds)
{
    *made = (struct made){.rates = rates, .seeds = seeds, .norms = norms};
    memcpy(made->lrs, lrs, rates * sizeof *lrs);
    made->config = (struct batchnorm_config){.train = {.lrs = {made->lrs, rates}, .epochs = EPOCHS, .batch = 10}};
    made->report = (struct batchnorm){
        .config = &made->config, .rows = made->rows, .count = norms * rates * seeds, .chance_percent = 10};
    made->report.data.train.count = 1000;
    for (size_t i = 0; i < made->report.count; i++) {
        struct report_row *row = &made->rows[i];
        *row = (struct report_row){.run = &made->run,
                                   .train = &made->config.train,
                                   .norm = (size_t)(i / (rates * seeds)),
                                   .lr = lrs[i / seeds % rates],
                                   .seed = (int64_t)(i % seeds),
                                   .epochs = EPOCHS,
                                   .result = &made->results[i]};
        layer_norm_name(row->norm, &row->norm_name);
        made->results[i] = (struct segment_result){.epochs = EPOCHS, .cells = made->cells[i][0], .steps_an_epoch = 100};
        for (size_t k = 0; k < EPOCHS; k++) {
            made->cells[i][k][EPOCH_NUMBER] = (double)(k + 1);
        }
    }
}

static size_t row_of(const struct made *made, size_t norm, size_t rate, size_t seed)
{
    return (norm * made->rates + rate) * made->seeds + seed;
}

/* Both nets' accuracies at a rate after the first epoch, and after the others; seeds differ a little. */
static void set_net(struct made *made, size_t norm, size_t rate, double first, double later)
{
    for (size_t s = 0; s < made->seeds; s++)
        for (size_t k = 0; k < EPOCHS; k++)
            made->cells[row_of(made, norm, rate, s)][k][EPOCH_TEST_ACCURACY] =
                (k == 0 ? first : later) + 0.1 * (double)((7 * s + 3 * norm) % 5);
}

static void set_rate(struct made *made, size_t rate, double none_first, double none, double first, double batchnorm)
{
    set_net(made, 0, rate, none_first, none);
    set_net(made, 1, rate, first, batchnorm);
}

static void conclude(struct made *made)
{
    struct error err;
    made->report.group_count = made->report.answer_count = made->report.note_count = 0;
    assert_int_equal(report_make_groups(&made->report, &err), 0);
    assert_int_equal(report_make_answers(&made->report, &err), 0);
    report_make_notes(&made->report);
}

static void made_free(struct made *made)
{
    free(made->report.scratch);
    free(made->report.groups);
    free(made->report.answers);
}

static const struct report_answer *answer_at(const struct made *made, enum report_claim claim, double lr)
{
    for (size_t i = 0; i < made->report.answer_count; i++) {
        const struct report_answer *answer = &made->report.answers[i];
        if (answer->about == claim && (claim == CLAIM_RATES || answer->claim.lr == lr))
            return answer;
    }
    fail_msg("claim %d has no line at lr %g", claim, lr);
    return NULL;
}

static void check(const struct made *made, enum report_claim claim, double lr, enum verdict verdict, const char *why)
{
    const struct report_answer *answer = answer_at(made, claim, lr);
    if (answer->claim.verdict != verdict || !strstr(answer->claim.reason, why))
        fail_msg("claim %d at %g: expected '%s: ...%s', got '%s: %s'", claim, lr, verdict_name(verdict), why,
                 verdict_name(answer->claim.verdict), answer->claim.reason);
}

static void check_near(double actual, double expected, double tolerance)
{
    if (!(fabs(actual - expected) <= tolerance))
        fail_msg("expected %.17g, got %.17g", expected, actual);
}

/* 43 % after the first epoch is what the claim is about, not a reason to say nothing of it. */
static void slow_start_is_judged(void **state)
{
    static struct made made;
    (void)state;
    made_init(&made, 2, (double[]){0.0002}, 1, 10);
    set_rate(&made, 0, 43, 79, 89, 94);
    conclude(&made);
    check(&made, CLAIM_FASTER, 0.0002, VERDICT_SUPPORTED, "");
    check(&made, CLAIM_RATES, 0.0002, VERDICT_NOT_COMPARABLE,
          "both nets learn at the largest rate, 0.0002; add larger");
    check(&made, CLAIM_BETTER, 0.0002, VERDICT_SUPPORTED, "");
    made_free(&made);

    /* Nor is a net that never learns: it is said. */
    set_rate(&made, 0, 11, 11, 89, 94);
    conclude(&made);
    check(&made, CLAIM_FASTER, 0.0002, VERDICT_SUPPORTED, "by the end only the net with BatchNorm has learnt");
    check(&made, CLAIM_RATES, 0.0002, VERDICT_NOT_COMPARABLE, "without BatchNorm learns at none of these rates");
    check(&made, CLAIM_BETTER, 0.0002, VERDICT_NOT_COMPARABLE, "only the net with BatchNorm learns");
    made_free(&made);

    set_rate(&made, 0, 89, 94, 11, 11);
    conclude(&made);
    check(&made, CLAIM_FASTER, 0.0002, VERDICT_CONTRADICTED, "by the end only the net without BatchNorm has learnt");
    check(&made, CLAIM_RATES, 0.0002, VERDICT_NOT_COMPARABLE, "with BatchNorm learns at none");
    check(&made, CLAIM_BETTER, 0.0002, VERDICT_NOT_COMPARABLE, "only the net without BatchNorm learns");
    made_free(&made);

    set_rate(&made, 0, 11, 11, 11, 11);
    conclude(&made);
    for (int claim = CLAIM_FASTER; claim <= CLAIM_BETTER; claim++)
        check(&made, (enum report_claim)claim, 0.0002, VERDICT_NOT_COMPARABLE, "neither net");
    made_free(&made);
}

static void larger_rates_lie_above_the_best(void **state)
{
    static struct made made;
    static const double lrs[RATES] = {0.001, 0.01, 0.1, 1, 10};
    (void)state;
    made_init(&made, 2, lrs, RATES, 10);
    /* SGD: at 0.001 the plain net has not got far yet, both train at 1 and neither at 10. */
    set_rate(&made, 0, 21, 51, 85, 91);
    set_rate(&made, 1, 81, 90, 95, 97);
    set_rate(&made, 2, 93, 97, 97, 98);
    set_rate(&made, 3, 87, 94, 97, 97);
    set_rate(&made, 4, 10, 10, 10, 10);
    conclude(&made);
    check(&made, CLAIM_RATES, 0, VERDICT_NOT_COMPARABLE,
          "both nets learn up to lr 1 and neither at 10; add rates between");
    assert_true(isnan(answer_at(&made, CLAIM_RATES, 0)->claim.lr));
    made_free(&made);

    /* One goes further: the first rate at which the other fails decides. */
    set_rate(&made, 3, 10, 10, 97, 97);
    conclude(&made);
    check(&made, CLAIM_RATES, 0, VERDICT_SUPPORTED, "BatchNorm learns up to lr 1, the net without it up to 0.1");
    assert_true(answer_at(&made, CLAIM_RATES, 0)->claim.lr == 1);
    made_free(&made);
    set_rate(&made, 3, 87, 94, 10, 10);
    conclude(&made);
    check(&made, CLAIM_RATES, 0, VERDICT_CONTRADICTED, "BatchNorm learns up to lr 0.1, the net without it up to 1");
    made_free(&made);

    /* At the largest rate of all it is "at least". */
    set_rate(&made, 3, 10, 10, 97, 97);
    set_rate(&made, 4, 10, 10, 96, 96);
    conclude(&made);
    check(&made, CLAIM_RATES, 0, VERDICT_SUPPORTED, "up to lr 10 at least, the net without it up to 0.1");
    assert_true(answer_at(&made, CLAIM_RATES, 0)->claim.lr == 1);
    made_free(&made);

    /* Rates at which a net learns above one at which it does not. */
    set_rate(&made, 3, 10, 10, 10, 10);
    set_rate(&made, 4, 96, 96, 97, 98.5);
    conclude(&made);
    check(&made, CLAIM_RATES, 0, VERDICT_NOT_COMPARABLE, "though not at every rate below");
    made_free(&made);
}

static void few_seeds_decide_nothing(void **state)
{
    static struct made made;
    (void)state;
    for (size_t seeds = 1; seeds <= 7; seeds++) {
        made_init(&made, 2, (double[]){0.01, 0.5}, 2, seeds);
        set_rate(&made, 0, 93, 97, 96, 98);
        set_rate(&made, 1, 11, 10, 95, 97);
        conclude(&made);
        for (int claim = CLAIM_FASTER; claim <= CLAIM_BETTER; claim++) {
            const struct report_answer *answer = answer_at(&made, (enum report_claim)claim, 0.01);
            check(&made, (enum report_claim)claim, 0.01, seeds < 6 ? VERDICT_UNDECIDED : VERDICT_SUPPORTED,
                  seeds < 6 ? "give more seeds, 10 are usual" : "");
            assert_int_equal(answer->difference.count, seeds);
            assert_true(isnan(answer->difference.half_width) == (seeds == 1)); /* shown all the same */
        }
        made_free(&made);
    }
    /* Differences on both sides of 0. */
    made_init(&made, 2, (double[]){0.01}, 1, 10);
    set_rate(&made, 0, 93, 97, 93, 97);
    conclude(&made);
    check(&made, CLAIM_FASTER, 0.01, VERDICT_UNDECIDED, "the interval holds 0");
    made_free(&made);
}

/* What is surely smaller than 0.2 points makes no difference; what is surely not 0 keeps its word and says so. */
static void small_differences(void **state)
{
    static const struct {
        double difference;
        enum verdict verdict;
        const char *why;
    } cases[] = {{0, VERDICT_EQUIVALENT, "within the margin, 0.2 points"},
                 {0.1, VERDICT_SUPPORTED, "smaller than the margin, 0.2 points"},
                 {-0.1, VERDICT_CONTRADICTED, "smaller than the margin, 0.2 points"},
                 {0.3, VERDICT_SUPPORTED, ""}};
    static struct made made;
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        made_init(&made, 2, (double[]){0.01}, 1, 10);
        set_rate(&made, 0, 93, 97, 93, 97);
        for (size_t s = 0; s < made.seeds; s++)
            made.cells[row_of(&made, 1, 0, s)][EPOCHS - 1][EPOCH_TEST_ACCURACY] =
                made.cells[row_of(&made, 0, 0, s)][EPOCHS - 1][EPOCH_TEST_ACCURACY] + cases[c].difference +
                (s % 2 ? 0.02 : -0.02);
        conclude(&made);
        check(&made, CLAIM_BETTER, 0.01, cases[c].verdict, cases[c].why);
        if (!*cases[c].why)
            assert_string_equal(answer_at(&made, CLAIM_BETTER, 0.01)->claim.reason, "");
        made_free(&made);
    }
}

static void one_net_alone(void **state)
{
    static struct made made;
    (void)state;
    made_init(&made, 1, (double[]){0.01, 0.5}, 2, 10);
    set_net(&made, 0, 0, 93, 97);
    set_net(&made, 0, 1, 93, 97);
    conclude(&made);
    assert_int_equal(made.report.answer_count, 3);
    for (int claim = CLAIM_FASTER; claim <= CLAIM_BETTER; claim++) {
        const struct report_answer *answer = &made.report.answers[claim];
        assert_int_equal(answer->about, claim);
        assert_int_equal(answer->claim.verdict, VERDICT_NOT_COMPARABLE);
        assert_string_equal(answer->claim.reason, "the net with BatchNorm was not trained; give --norm none,batchnorm");
    }
    made_free(&made);
}

/* The notebook's accuracies A_k are means over epochs 1..k; judged are k A_k - (k - 1) A_(k - 1). */
static void notebook_means_are_undone(void **state)
{
    static struct made made;
    static const double own[2][EPOCHS] = {{80, 97, 98.22}, {96, 97, 97.77}};
    (void)state;
    made_init(&made, 2, (double[]){0.01, 0.5}, 2, 10);
    made.config.train.protocol = TRAIN_NOTEBOOK;
    for (size_t i = 0; i < made.report.count; i++) {
        double sum = 0;
        for (size_t k = 0; k < EPOCHS; k++) {
            sum += own[made.rows[i].norm][k] + 0.01 * (double)(i % 3);
            made.cells[i][k][EPOCH_TEST_ACCURACY] = sum / (double)(k + 1);
        }
    }
    conclude(&made);
    const struct report_group *none = &made.report.groups[0], *batchnorm = &made.report.groups[2];
    assert_true(batchnorm->shown[SHOWN_END].mean > none->shown[SHOWN_END].mean + 4);
    check_near(none->shown[SHOWN_OWN].mean, 98.23, 0.02);
    const struct report_answer *answer = answer_at(&made, CLAIM_BETTER, 0.01);
    check_near(answer->difference.mean, 97.77 - 98.22, 0.02);
    check(&made, CLAIM_BETTER, 0.01, VERDICT_CONTRADICTED, "");
    check(&made, CLAIM_FASTER, 0.01, VERDICT_SUPPORTED, "");
    check_near(answer_at(&made, CLAIM_FASTER, 0.01)->difference.mean, 16, 0.02);
    /* Where the chain comes with trained nets, epoch 1 says nothing of convergence. */
    check(&made, CLAIM_FASTER, 0.5, VERDICT_NOT_COMPARABLE, "already trained");
    made_free(&made);
}

/* A run that diverged is in the claims with chance; in the table's means it is not, and that is said. */
static void diverged_runs_count_as_chance(void **state)
{
    static struct made made;
    (void)state;
    made_init(&made, 2, (double[]){0.01}, 1, 10);
    set_rate(&made, 0, 93, 97, 96, 98);
    made.rows[row_of(&made, 1, 0, 3)].diverged = true;
    made.rows[row_of(&made, 1, 0, 3)].epochs = 0;
    made.rows[row_of(&made, 1, 0, 4)].diverged = true;
    made.rows[row_of(&made, 1, 0, 4)].epochs = 1;
    conclude(&made);
    const struct report_answer *better = answer_at(&made, CLAIM_BETTER, 0.01);
    assert_int_equal(better->batchnorm.count, 10);
    assert_int_equal(better->difference.count, 10);
    assert_int_equal(better->batchnorm_diverged, 2);
    assert_int_equal(better->none_diverged, 0);
    check_near(better->batchnorm.mean, (8 * 98.2 + 2 * 10) / 10, 0.1);
    check(&made, CLAIM_BETTER, 0.01, VERDICT_UNDECIDED, "");
    assert_int_equal(answer_at(&made, CLAIM_FASTER, 0.01)->batchnorm_diverged, 1);
    assert_int_equal(made.report.groups[1].shown[SHOWN_END].count, 8);
    size_t notes = 0;
    for (size_t i = 0; i < made.report.note_count; i++)
        notes += strstr(made.report.notes[i], "2 of 20 runs diverged") != NULL;
    assert_int_equal(notes, 1);
    made_free(&made);
}

/* What the figures draw: means and ranges of the runs that reached the end, and those that stopped by themselves. */
static void curves_are_of_whole_runs(void **state)
{
    static struct made made;
    static const double accuracies[3][EPOCHS] = {{10, 20, 30}, {12, 0, 0}, {20, 30, 44}};
    struct error err;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    (void)state;
    made_init(&made, 1, (double[]){0.5}, 1, 3);
    for (size_t s = 0; s < 3; s++)
        for (size_t k = 0; k < EPOCHS; k++)
            made.cells[s][k][EPOCH_TEST_ACCURACY] = accuracies[s][k];
    made.rows[1].diverged = true;
    made.rows[1].epochs = 1;
    conclude(&made);
    assert_non_null(out);
    assert_int_equal(frame_print(&frame_csv, out, curves_columns(&made.report), curves_fill, &made.report, &err), 0);
    fclose(out);
    assert_string_equal(strchr(text, '\n') + 1, "none,0.5,,1,2,1,no,0,0,0,0,0,0,0,0,0,15,10,20\n"
                                                "none,0.5,,2,2,1,no,0,0,0,0,0,0,0,0,0,25,20,30\n"
                                                "none,0.5,,3,2,1,no,0,0,0,0,0,0,0,0,0,37,30,44\n"
                                                "none,0.5,1,1,2,1,yes,0,,,0,,,0,,,12,,\n");
    free(text);
    made_free(&made);
}

/* Any grid: one line for each claim and rate, a reason for each that is open, no verdict without six pairs. */
static void every_claim_has_its_line(void **state)
{
    static struct made made;
    uint64_t seed = 1;
    (void)state;
    for (int round = 0; round < 3000; round++) {
        const size_t norms = test_between(&seed, 1, 2), rates = test_between(&seed, 1, RATES),
                     seeds = test_between(&seed, 1, SEEDS);
        made_init(&made, norms, (double[]){0.001, 0.01, 0.1, 1, 10}, rates, seeds);
        made.config.train.protocol = round % 3 == 0 ? TRAIN_NOTEBOOK : TRAIN_FAIR;
        for (size_t i = 0; i < made.report.count; i++) {
            const bool learns = test_between(&seed, 0, 3) > 0;
            made.rows[i].diverged = test_between(&seed, 0, 5) == 0;
            made.rows[i].epochs = made.rows[i].diverged ? test_between(&seed, 0, EPOCHS - 1) : EPOCHS;
            for (size_t k = 0; k < EPOCHS; k++)
                made.cells[i][k][EPOCH_TEST_ACCURACY] = learns ? test_uniform(&seed, 60, 99) : 10;
        }
        conclude(&made);
        assert_int_equal(made.report.answer_count, norms == 1 ? 3 : 2 * rates + 1);
        for (size_t i = 0; i < made.report.answer_count; i++) {
            const struct report_answer *answer = &made.report.answers[i];
            const bool decided =
                answer->claim.verdict == VERDICT_SUPPORTED || answer->claim.verdict == VERDICT_CONTRADICTED;
            assert_true(decided || *answer->claim.reason);
            assert_true(!decided || (answer->difference.count >= CLAIM_PAIRS && answer->difference.count == seeds));
            assert_true(!decided || fabs(answer->difference.mean) > answer->difference.half_width);
            assert_true(answer->difference.count == 0 || answer->difference.count == seeds);
        }
        made_free(&made);
    }
}

/* What cannot be allocated is an error, never "no runs". */
static void no_memory_is_told(void **state)
{
    static struct made made;
    struct error err;
    (void)state;
    made_init(&made, 2, (double[]){0.01}, 1, 1);
    made.report.count = SIZE_MAX / 64;
    assert_int_equal(report_make_groups(&made.report, &err), -1);
    assert_int_equal(err.code, ERROR_IO);
    made_free(&made);
    made_init(&made, 2, (double[]){0.01}, 1, 1);
    made.report.group_count = SIZE_MAX / 1024;
    assert_int_equal(report_make_answers(&made.report, &err), -1);
    assert_int_equal(err.code, ERROR_IO);
    made_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_start_is_judged),
        cmocka_unit_test(larger_rates_lie_above_the_best),
        cmocka_unit_test(few_seeds_decide_nothing),
        cmocka_unit_test(small_differences),
        cmocka_unit_test(one_net_alone),
        cmocka_unit_test(notebook_means_are_undone),
        cmocka_unit_test(diverged_runs_count_as_chance),
        cmocka_unit_test(curves_are_of_whole_runs),
        cmocka_unit_test(every_claim_has_its_line),
        cmocka_unit_test(no_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
