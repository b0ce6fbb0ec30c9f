/* What dlexp batchnorm makes of its rows: grids for its claims, groups and curves.  How claims are judged is in
 * batchnorm_evidence_test.c and in a file for each of them. */
#include "batchnorm_made.h"

#include "../src/batchnorm/batchnorm_curves.h"

static const struct claim *claim_of(const struct made *made, enum evidence_claim about)
{
    assert_int_equal(made->report.evidence_count, 1);
    return &made->report.evidence[0].evidence.answers[about].claim;
}

/* At a rate that both nets have. */
static const struct claim *line_at(const struct made *made, enum evidence_claim about, double lr)
{
    const struct evidence *evidence = &made->report.evidence[0].evidence;
    for (size_t l = 0; l < evidence->line_count[about]; l++)
        if (evidence->lines[about][l].answer.claim.lr == lr)
            return &evidence->lines[about][l].answer.claim;
    fail_msg("claim %d has no line at lr %g", (int)about, lr);
    return NULL;
}

static void check(const struct claim *claim, enum verdict verdict, const char *why)
{
    if (claim->verdict != verdict || !strstr(claim->reason, why))
        fail_msg("%s at %s: expected '%s: ...%s', got '%s: %s'", claim->id, claim->at, verdict_name(verdict), why,
                 verdict_name(claim->verdict), claim->reason);
}

static void check_near(double actual, double expected, double tolerance)
{
    if (!(fabs(actual - expected) <= tolerance))
        fail_msg("expected %.17g, got %.17g", expected, actual);
}

/* Nets of other norms, and where one of the two is missing: the claims are there all the same. */
static void one_net_alone(void **state)
{
    static struct made made;
    (void)state;
    made_init(&made, 1, (double[]){0.01, 0.5}, 2, 10);
    set_net(&made, 0, 0, 93, 97);
    set_net(&made, 0, 1, 93, 97);
    conclude(&made);
    for (int about = 0; about < EVIDENCE_CLAIMS; about++) {
        const struct claim *claim = claim_of(&made, (enum evidence_claim)about);
        assert_int_equal(claim->verdict, VERDICT_NOT_COMPARABLE);
        assert_string_equal(claim->reason, "the net with BatchNorm was not trained; give --norm none,batchnorm");
    }
    made_free(&made);
}

/* Each run is at its place: rates and seeds ascend, and the nets are not changed for one another. */
static void rows_have_their_places(void **state)
{
    static struct made made;
    (void)state;
    made_init(&made, 2, (double[]){0.01, 0.5, 1}, 3, 7);
    for (size_t r = 0; r < 3; r++)
        set_rate(&made, r, 43, 90 - (double)r, 89, 94 + (double)r);
    conclude(&made);
    const struct evidence *evidence = &made.report.evidence[0].evidence;
    assert_int_equal(evidence->grid.rate_count, 3);
    assert_int_equal(evidence->grid.seeds, 7);
    for (size_t i = 0; i < made.report.count; i++) {
        const size_t net = i / 21, place = i % 21;
        const struct evidence_run *run = &evidence->grid.runs[net][place];
        assert_int_equal(run->row, i);
        assert_int_equal(run->steps, 300);
        assert_int_equal(run->evaluation_count, EPOCHS);
        assert_int_equal(run->evaluations[1].step, 200);
        assert_true(run->test == made.cells[i][EPOCHS - 1][EPOCH_TEST_ACCURACY] && run->selection == run->test);
        assert_true(run->evaluations[0].accuracy == made.cells[i][0][EPOCH_TEST_ACCURACY]);
    }
    /* Best median: 96 + 0.1 * 2 or so; T = 10 + 0.9 (B - 10). */
    check_near(evidence->trained, 10 + 0.9 * (96.2 - 10), 0.2);
    check(claim_of(&made, EVIDENCE_FASTER), VERDICT_NOT_COMPARABLE, "--eval-every 20 or less");
    check(claim_of(&made, EVIDENCE_BETTER), VERDICT_SUPPORTED, "none is best at the grid's smallest rate, 0.01");
    check_near(claim_of(&made, EVIDENCE_BETTER)->effect.estimate, 6, 0.4);
    char *sentence = evidence_sentence(evidence, EVIDENCE_BETTER, false);
    assert_non_null(
        strstr(sentence, "14 of 14 runs lack their bits per image, the same command with --bits makes them"));
    free(sentence);
    made_free(&made);
}

/* Runs of a rate that some seeds have. */
static void gaps_are_no_runs(void **state)
{
    static struct made made;
    (void)state;
    made_init(&made, 2, (double[]){0.01, 0.5}, 2, 7);
    set_rate(&made, 0, 43, 90, 89, 94);
    set_rate(&made, 1, 43, 90, 89, 94);
    memmove(&made.rows[3], &made.rows[4], (--made.report.count - 3) * sizeof *made.rows);
    conclude(&made);
    const struct evidence *evidence = &made.report.evidence[0].evidence;
    assert_false(evidence->grid.runs[EVIDENCE_NONE][3].present);
    assert_true(evidence->grid.runs[EVIDENCE_NONE][10].present && evidence->grid.runs[EVIDENCE_BATCHNORM][3].present);
    assert_int_equal(line_at(&made, EVIDENCE_BETTER, 0.01)->n, 6);
    assert_int_equal(line_at(&made, EVIDENCE_BETTER, 0.5)->n, 7);
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
    const struct claim *better = line_at(&made, EVIDENCE_BETTER, 0.01);
    check_near(better->effect.estimate, 97.77 - 98.22, 0.02);
    check(better, VERDICT_CONTRADICTED, "");
    check(claim_of(&made, EVIDENCE_BETTER), VERDICT_CONTRADICTED, "");
    check_near(claim_of(&made, EVIDENCE_BETTER)->effect.estimate, 97.77 - 98.22, 0.02);
    const struct evidence_evaluation *own_ones = made.report.evidence[0].evidence.grid.runs[0][0].evaluations;
    check_near(own_ones[1].accuracy, 97.0, 1e-9);
    /* Where the chain comes with trained nets, nothing is said of convergence; the fastest rate is one with fresh nets.
     */
    check(line_at(&made, EVIDENCE_FASTER, 0.5), VERDICT_NOT_COMPARABLE, "already trained");
    assert_int_equal(made.report.evidence[0].evidence.fastest[EVIDENCE_NONE][0], 0);
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
    const struct claim *better = claim_of(&made, EVIDENCE_BETTER);
    assert_int_equal(better->n, 10);
    assert_int_equal(better->failed, 2);
    check_near(better->a.estimate, (8 * 98.2 + 2 * 10) / 10, 0.1);
    check_near(better->b.estimate, 97.2, 0.1);
    check_near(better->p, 112.0 / 1024, 1e-12); /* 8 of 10: 2 (1 + 10 + 45) / 1024 */
    check(better, VERDICT_UNDECIDED, "");
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
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_net_alone),
        cmocka_unit_test(rows_have_their_places),
        cmocka_unit_test(gaps_are_no_runs),
        cmocka_unit_test(notebook_means_are_undone),
        cmocka_unit_test(diverged_runs_count_as_chance),
        cmocka_unit_test(curves_are_of_whole_runs),
        cmocka_unit_test(no_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
