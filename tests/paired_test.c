/* paired_test.c - the one judge: which numbers decide, and which word they get. */
#include "support.h"

#include "dlexp/statistics/anytime.h"
#include "dlexp/statistics/paired.h"
#include "dlexp/statistics/sample_size.h"
#include "dlexp/statistics/sign_flip.h"
#include "dlexp/statistics/student.h"

#define INF ((double)INFINITY)

static const struct paired_rules one = {.level = 0.95, .margin = 0.5, .family = 1};
static const struct paired_rules three = {.level = 0.95, .margin = 0.5, .family = 3};

/* Student 1908: hours of sleep gained by the second drug over the first. */
static const double sleep_gained[10] = {1.2, 2.4, 1.3, 1.3, 0, 1.0, 1.8, 0.8, 4.6, 1.4};

static void close_to(double actual, double expected, double tolerance)
{
    if (!(fabs(actual - expected) <= tolerance))
        fail_msg("got %.17g, expected %.17g", actual, expected);
}

static struct paired judge(enum paired_question question, const double *d, size_t n, size_t failed,
                           const struct paired_rules *rules)
{
    struct paired p;
    struct error err;
    assert_int_equal(paired_of(&p, question, d, n, failed, rules, &err), 0);
    return p;
}

/* One claim alone in a family; the others of it have no test. */
static struct claim conclude(const struct paired *p, const struct paired_rules *rules, double step)
{
    struct claim claim = claim_make("id", "source", "text", "a", "b");
    paired_fill(&claim, p, rules);
    paired_conclude(&(struct paired_claim){&claim, p, "hours", "people", "aside", step}, 1, rules);
    return claim;
}

/* As printed by R's t.test(paired = TRUE) of its data set `sleep`; the flips counted by hand: 4 of 1024. */
static void t_decides(void **state)
{
    (void)state;
    const struct paired p = judge(PAIRED_MEAN, sleep_gained, 10, 0, &one);
    assert_true(p.method == PAIRED_T && p.level == 0.95 && !p.no_spread);
    close_to(p.mean, 1.58, 1e-14);
    close_to(p.t_p, 0.002833, 5e-7);
    close_to(p.effect.low, 0.7001142, 5e-8);
    close_to(p.effect.high, 2.4598858, 5e-8);
    assert_true(p.p == p.t_p && p.t_family.low == p.t.low);
    close_to(p.flip_p, 4.0 / 1024, 1e-15);
    assert_true(p.wins == 9 && p.losses == 0 && p.ties == 1);
    close_to(p.sign_p, 2.0 / 512, 1e-15);
    close_to(p.median, 1.3, 1e-15);
    close_to(p.interquartile_mean, 8.0 / 6, 1e-15);
    assert_true(p.order.rank == 2 && p.order.low == 0.8 && p.order.high == 2.4);
    close_to(p.order.level, 1 - 22.0 / 1024, 1e-15);
    close_to(p.anytime.high - p.mean, anytime_half_width(10, p.deviation, 0.95), 1e-15);
    assert_true(p.needs == sample_size_seeds(0.5, p.deviation, 10, 0.95) - 10);
    /* Bonferroni in a family of three: t at 1 - 0.05 / 3 with 9 degrees of freedom is 2.933. */
    const struct paired f = judge(PAIRED_MEAN, sleep_gained, 10, 0, &three);
    close_to((f.t_family.high - f.mean) / (f.deviation / sqrt(10)), 2.933, 5e-4);
    close_to(f.anytime.high - f.mean, anytime_half_width(10, f.deviation, 1 - 0.05 / 3), 1e-12);
}

/* Stein's interval: s0 = sqrt(2.5) of the first five, t_4 = 2.7764; and a test of the same law. */
static void two_stages(void **state)
{
    static const double d[10] = {1, 2, 3, 4, 5, 1, 1, 1, 1, 1};
    const struct paired_rules stages = {.level = 0.95, .margin = 0.5, .family = 1, .first = 5};
    (void)state;
    const struct paired p = judge(PAIRED_MEAN, d, 10, 0, &stages);
    assert_true(p.method == PAIRED_STAGES && p.mean == 2 && p.effect.low == p.t.low && p.p == p.t_p);
    close_to(p.effect.high - 2, 2.776445 * sqrt(2.5 / 10), 1e-6);
    close_to(p.p, 2 * student_cdf(-2 / sqrt(0.25), 4), 1e-14);
    close_to(p.equivalence.high - 2, 2.131847 * sqrt(2.5 / 10), 1e-6);
    close_to(p.deviation, sqrt(20.0 / 9), 1e-14); /* of all: of the anytime interval, and what is needed */
    /* A failed run is no normal difference: one stage or two, signs decide. */
    assert_true(judge(PAIRED_MEAN, d, 10, 1, &stages).method == PAIRED_SIGN);
    /* Equal ones at first say nothing of the spread. */
    static const double flat[7] = {1, 1, 1, 1, 1, 2, 3};
    const struct paired none = judge(PAIRED_MEAN, flat, 7, 0, &stages);
    assert_true(isnan(none.effect.low) && isnan(none.p) && conclude(&none, &stages, 0).verdict == VERDICT_UNDECIDED);
}

/* One far value: t = 1.66 (p 0.15), but of 128 sums only two are as far from 0.  Ends by exact inversion. */
static void flips_overrule_t(void **state)
{
    static const double d[7] = {1, 2, 3, 4, 5, 6, 40};
    (void)state;
    const struct paired p = judge(PAIRED_MEAN, d, 7, 0, &one);
    assert_true(p.t_p > 0.05 && p.flip_p == 2.0 / 128);
    assert_true(p.method == PAIRED_SIGN_FLIP && p.p == p.flip_p);
    close_to(p.effect.estimate, 61.0 / 7, 1e-14);
    close_to(p.effect.low, 2, 1e-14);
    close_to(p.effect.high, 22.5, 1e-14);
    close_to(p.equivalence.low, 7.0 / 3, 1e-14);
    close_to(p.equivalence.high, 21, 1e-14);
    assert_true(conclude(&p, &one, 0).verdict == VERDICT_SUPPORTED);
}

/* The interval holds exactly what the test does not reject, counted exactly and sampled. */
static void flip_interval_inverts_the_test(void **state)
{
    uint64_t seed = 5;
    struct error err;
    (void)state;
    for (size_t n = 4; n <= 24; n += 4) {
        double d[24], moved[24], low, high;
        for (size_t i = 0; i < n; i++)
            d[i] = pow(test_uniform(&seed, 0, 1), 4);
        assert_int_equal(sign_flip_interval(&low, &high, d, n, 0.95, &err), 0);
        if (n < 6) {
            assert_true(isnan(low) && isnan(high));
            continue;
        }
        for (int side = 0; side < 4; side++) {
            const double at = (side < 2 ? low : high) + (side % 2 ? 1e-6 : -1e-6);
            const bool inside = side == 1 || side == 2;
            for (size_t i = 0; i < n; i++)
                moved[i] = d[i] - at;
            assert_true((sign_flip_p(moved, n) > 0.05) == inside);
        }
    }
}

/* With a failed run, and where all are equal, the order interval and the exact sign test. */
static void signs_decide(void **state)
{
    double d[10];
    (void)state;
    const struct paired failed = judge(PAIRED_MEAN, sleep_gained, 10, 1, &one);
    assert_true(failed.method == PAIRED_SIGN && failed.failed == 1);
    assert_true(failed.effect.low == 0.8 && failed.effect.high == 2.4 && failed.p == 2.0 / 512);
    close_to(failed.level, 1 - 22.0 / 1024, 1e-15);
    for (size_t i = 0; i < 10; i++)
        d[i] = 96.1 - 96.0 + 1e-14 * (double)i;
    const struct paired flat = judge(PAIRED_MEAN, d, 10, 0, &one);
    assert_true(flat.no_spread && flat.method == PAIRED_SIGN && isnan(flat.t_p) && isnan(flat.t.low));
    assert_true(flat.deviation == 0 && flat.p == 2.0 / 1024 && flat.effect.low == d[1]);
    const struct claim claim = conclude(&flat, &one, 0);
    assert_true(claim.verdict == VERDICT_SUPPORTED);
    assert_string_equal(claim.reason, "no spread seen; smaller than the margin, 0.5 hours; aside");
    memset(d, 0, sizeof d);
    const struct paired zero = judge(PAIRED_MEAN, d, 10, 0, &one);
    assert_true(zero.p == 1 && conclude(&zero, &one, 0).verdict == VERDICT_EQUIVALENT);
    d[0] = INF; /* counts as a win */
    const struct paired infinite = judge(PAIRED_MEAN, d, 10, 1, &one);
    assert_true(infinite.method == PAIRED_SIGN && isnan(infinite.mean) && isnan(infinite.flip_p));
    assert_true(infinite.median == 0 && infinite.wins == 1);
}

/* The same differences by powers of two, from denormal to near the largest number: the same judgement. */
static void any_size(void **state)
{
    (void)state;
    const struct paired p = judge(PAIRED_MEAN, sleep_gained, 10, 0, &one);
    for (int exponent = -1020; exponent <= 1020; exponent += 2040) {
        double d[10];
        for (size_t i = 0; i < 10; i++)
            d[i] = ldexp(sleep_gained[i], exponent);
        const struct paired q = judge(PAIRED_MEAN, d, 10, 0, &one);
        assert_true(q.method == PAIRED_T && q.t_p == p.t_p && q.flip_p == p.flip_p);
        assert_true(q.deviation == ldexp(p.deviation, exponent) && isfinite(q.effect.high));
    }
}

static void words(void **state)
{
    double d[12];
    (void)state;
    /* Too few, with and without any spread to go by. */
    for (size_t n = 0; n < PAIRED_LEAST; n++) {
        const struct paired p = judge(PAIRED_MEAN, sleep_gained, n, 0, &one);
        const struct claim c = conclude(&p, &one, 0);
        assert_true(c.verdict == VERDICT_UNDECIDED && c.anytime_verdict == VERDICT_UNDECIDED);
        assert_true(c.needs >= PAIRED_LEAST - n && strstr(c.reason, "a verdict needs 6 people and has"));
        /* The least number that a verdict takes, not the one that shows 0.5 hours. */
        char least[64];
        snprintf(least, sizeof least, "and has %zu; at least %zu more; aside", n, PAIRED_LEAST - n);
        assert_true(n < 2 || c.needs > PAIRED_LEAST - n);
        assert_non_null(strstr(c.reason, least));
        assert_true((n < 2) == isnan(c.p) && (n < 2) == isnan(c.effect.low) && (n < 1) == isnan(c.effect.estimate));
    }
    /* Mirrored: contradicted. */
    for (size_t i = 0; i < 10; i++)
        d[i] = -sleep_gained[i];
    const struct paired mirrored = judge(PAIRED_MEAN, d, 10, 0, &one);
    assert_true(conclude(&mirrored, &one, 0).verdict == VERDICT_CONTRADICTED);
    assert_string_equal(conclude(&mirrored, &one, 0).reason, "aside");
    /* Around 0 with a small spread: equivalent, in the 90 % interval; with a large one undecided. */
    for (size_t i = 0; i < 10; i++)
        d[i] = 0.1 * ((double)i - 4.5);
    const struct paired small = judge(PAIRED_MEAN, d, 10, 0, &one);
    struct claim c = conclude(&small, &one, 0);
    assert_true(c.verdict == VERDICT_EQUIVALENT && strstr(c.reason, "surely smaller than the margin, 0.5 hours"));
    /* t_9 at 95 % one-sided, 1.8331, times 0.30277 / sqrt(10): the interval that decided. */
    assert_true(strstr(c.reason, "(90 % interval -0.1755 to 0.1755)"));
    for (size_t i = 0; i < 10; i++)
        d[i] *= 10;
    const struct paired wide = judge(PAIRED_MEAN, d, 10, 0, &one);
    c = conclude(&wide, &one, 0);
    assert_true(c.verdict == VERDICT_UNDECIDED && c.needs == wide.needs);
    assert_true(wide.needs == sample_size_seeds(0.5, wide.deviation, 10, 0.95) - 10);
    assert_true(strstr(c.reason,
                       " more people would show 0.5 hours with a chance of 80 %; a larger effect takes fewer; aside") !=
                NULL);
    /* As many as a margin that wide takes: none are missing. */
    const struct paired_rules loose = {.level = 0.95, .margin = 5, .family = 1};
    for (size_t i = 0; i < 10; i++)
        d[i] = 4 * ((double)i - 4.5) + 6.5; /* p 0.12, and the 90 % interval reaches beyond 5 */
    const struct paired enough = judge(PAIRED_MEAN, d, 10, 0, &loose);
    c = conclude(&enough, &loose, 0);
    assert_true(c.verdict == VERDICT_UNDECIDED && (c.needs > 0) != c.enough);
    /* Holm: p 0.0039 times 13 is above 5 %. */
    const struct paired_rules thirteen = {.level = 0.95, .margin = (double)NAN, .family = 13};
    const struct paired sign = judge(PAIRED_MEAN, sleep_gained, 10, 1, &thirteen);
    c = conclude(&sign, &thirteen, 0);
    close_to(c.p_holm, 13 * 2.0 / 512, 1e-15);
    assert_true(c.verdict == VERDICT_UNDECIDED && c.needs == 0 && strstr(c.reason, "no margin"));
}

/* Ratios of steps: shown as 2^ of what is judged, ties dropped from the test, seven untied ones needed. */
static void ratios(void **state)
{
    const struct paired_rules rules = {.level = 0.95, .margin = log2(1.25), .family = 3, .ratios = true};
    double d[12] = {1, 1, 2, 2, 3, 3, INF, INF, 1, 2, 2, 0};
    (void)state;
    const struct paired p = judge(PAIRED_MEDIAN, d, 12, 2, &rules);
    const struct claim c = conclude(&p, &rules, 0);
    assert_true(p.method == PAIRED_SIGN && c.effect.estimate == 4 && c.effect.low == 2 && c.effect.high == 8);
    close_to(c.margin, 1.25, 1e-15);
    close_to(c.p_holm, 3 * 2.0 / 2048, 1e-15);
    /* 11 wins of 11: 2^11 / 12 is 170.7 >= 60. */
    assert_true(c.verdict == VERDICT_SUPPORTED && c.anytime_verdict == VERDICT_SUPPORTED);
    const struct paired six = judge(PAIRED_MEDIAN, d, 6, 0, &rules);
    const struct claim few = conclude(&six, &rules, 0);
    assert_true(few.verdict == VERDICT_UNDECIDED && few.needs >= 1 && strstr(few.reason, "7 untied people and has 6"));
    /* 7 of 7: p = 2 / 128 times 3 is below 5 %; 2^7 / 8 = 16 is no evidence of 60. */
    const struct paired seven = judge(PAIRED_MEDIAN, d, 7, 0, &rules);
    const struct claim enough = conclude(&seven, &rules, 0);
    assert_true(enough.verdict == VERDICT_SUPPORTED && enough.anytime_verdict == VERDICT_UNDECIDED);
    /* Each verdict has its own reason: that of one look would not say why the other is open. */
    assert_string_equal(enough.reason, "aside");
    assert_non_null(strstr(enough.anytime_reason, "whenever one looks does not decide yet; give more people; aside"));
    /* All infinite: no margin can be laid around the median. */
    const struct paired never =
        judge(PAIRED_MEDIAN, (const double[7]){INF, INF, INF, INF, INF, INF, INF}, 7, 7, &rules);
    assert_true(never.needs == 0 && never.effect.estimate == INF && !never.no_spread);
}

static void all_tied(void **state)
{
    const struct paired_rules rules = {.level = 0.95, .margin = log2(1.25), .family = 3, .ratios = true};
    static const double d[20] = {0};
    (void)state;
    const struct paired p = judge(PAIRED_MEDIAN, d, 20, 0, &rules), few = judge(PAIRED_MEDIAN, d, 5, 0, &rules);
    assert_true(conclude(&p, &rules, 0).verdict == VERDICT_EQUIVALENT);
    assert_true(conclude(&p, &rules, 0).anytime_verdict == VERDICT_EQUIVALENT);
    assert_true(conclude(&p, &rules, log2(1.25)).verdict == VERDICT_EQUIVALENT);
    const struct claim coarse = conclude(&p, &rules, 1);
    assert_true(coarse.verdict == VERDICT_NOT_COMPARABLE && coarse.anytime_verdict == VERDICT_NOT_COMPARABLE);
    assert_true(strstr(coarse.reason, "neighbouring values lie a ratio of 2") != NULL);
    assert_true(conclude(&few, &rules, 0).verdict == VERDICT_UNDECIDED);
}

/* A claim without numbers keeps its word; the p of the others is adjusted for the whole family. */
static void family(void **state)
{
    (void)state;
    const struct paired p = judge(PAIRED_MEAN, sleep_gained, 10, 0, &three);
    struct claim first = claim_make("x", "s", "t", "a", "b"), second = first;
    claim_conclude(&first, VERDICT_NOT_COMPARABLE, "why");
    paired_fill(&second, &p, &three);
    const struct paired_claim claims[] = {{.claim = &first}, {.claim = &second, .paired = &p, .pairs = "seeds"}};
    paired_conclude(claims, 2, &three);
    assert_true(first.verdict == VERDICT_NOT_COMPARABLE && isnan(first.p_holm));
    assert_string_equal(first.reason, "why");
    close_to(second.p_holm, 3 * p.p, 1e-15);
    assert_true(second.verdict == VERDICT_SUPPORTED && *second.reason == '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_decides),
        cmocka_unit_test(two_stages),
        cmocka_unit_test(flips_overrule_t),
        cmocka_unit_test(flip_interval_inverts_the_test),
        cmocka_unit_test(signs_decide),
        cmocka_unit_test(any_size),
        cmocka_unit_test(words),
        cmocka_unit_test(ratios),
        cmocka_unit_test(all_tied),
        cmocka_unit_test(family),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
