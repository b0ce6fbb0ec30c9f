/* claim_test.c - the words of judgement, and claims.csv, which is the same in every experiment. */
#include "support.h"

#include "dlexp/run/claim_table.h"

/* As documented: other programs read them. */
static void test_words(void **state)
{
    (void)state;
    assert_string_equal(verdict_name(VERDICT_NOT_COMPARABLE), "not comparable");
    assert_string_equal(verdict_name(VERDICT_SUPPORTED), "supported");
    assert_string_equal(verdict_name(VERDICT_CONTRADICTED), "contradicted");
    assert_string_equal(verdict_name(VERDICT_EQUIVALENT), "equivalent");
    assert_string_equal(verdict_name(VERDICT_UNDECIDED), "undecided");
}

static void fill(const void *claim, struct frame *frame)
{
    claim_fill(frame, claim, NULL);
}

static void assert_row(const struct claim *claim, const char *expected)
{
    struct error err;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(frame_print(&frame_csv, out, claim_columns, fill, claim, &err), 0);
    fclose(out);
    assert_string_equal(strchr(text, '\n') + 1, expected);
    free(text);
}

static void test_rows(void **state)
{
    (void)state;
    struct claim claim = claim_make("faster", "guess", "a is faster", "a", "b");
    claim_conclude(&claim, VERDICT_NOT_COMPARABLE, "b was not %s", "run");
    assert_row(&claim, "guess,a is faster,,,not comparable,a,,b,,faster,,,,,,,,,,,,,,0,0,b was not run,,,,,,,,\n");
    claim.lr = 0.5;
    claim.threshold = "1e-3";
    claim.measured = "steps";
    claim.a = measure_around(3, 0.25);
    claim.b.estimate = 5;
    claim.effect = measure_around(-2, 0.25);
    claim.effect_name = "difference";
    claim.level = 0.95;
    claim.method = "t, paired";
    claim.n = 6;
    claim.failed = 1;
    claim.iterations = true;
    claim_conclude(&claim, VERDICT_SUPPORTED, "%s", "");
    assert_row(&claim, "guess,a is faster,0.5,1e-3,supported,a,3,b,5,faster,steps,3,2.75,3.25,5,,,difference,"
                       "-2,-2.25,-1.75,0.95,\"t, paired\",6,1,,,,,,,,,\n");
    /* The anytime verdict is one of chance: none without a p. */
    snprintf(claim.at, sizeof claim.at, "%s", "best");
    claim.margin = 0.25;
    claim.p = 0.0078125;
    claim.p_holm = 0.015625;
    claim.anytime_low = -3;
    claim.anytime_high = 1;
    claim.anytime_verdict = VERDICT_UNDECIDED;
    claim.needs = 4;
    assert_row(&claim, "guess,a is faster,0.5,1e-3,supported,a,3,b,5,faster,steps,3,2.75,3.25,5,,,difference,"
                       "-2,-2.25,-1.75,0.95,\"t, paired\",6,1,,best,0.25,0.0078125,0.015625,-3,1,undecided,4\n");
}

/* An estimate without an interval has neither end. */
static void test_measures(void **state)
{
    (void)state;
    const struct measure m = measure_around(1, (double)NAN), none = measure_none();
    assert_true(m.estimate == 1 && isnan(m.low) && isnan(m.high));
    assert_true(isnan(none.estimate) && isnan(none.low) && isnan(none.high));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words), cmocka_unit_test(test_rows),
                                       cmocka_unit_test(test_measures)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
