/* paired.c - see paired.h. */
#include "dlexp/statistics/paired.h"

#include "dlexp/statistics/anytime.h"
#include "dlexp/statistics/binomial.h"
#include "dlexp/statistics/holm.h"
#include "dlexp/statistics/sample_size.h"
#include "dlexp/statistics/sign_flip.h"
#include "dlexp/statistics/sign_test.h"
#include "dlexp/statistics/statistics.h"
#include "dlexp/statistics/student.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EQUIVALENCE_LEVEL 0.90

/* -- numbers -- */

static double family_level(const struct paired_rules *rules)
{
    return 1 - (1 - rules->level) / (double)rules->family;
}

static struct measure student(const struct paired *p, double level)
{
    if (p->n < 2 || p->no_spread || !(p->spread > 0))
        return measure_around(p->mean, (double)NAN);
    return measure_around(p->mean, student_critical(level, p->freedom) / sqrt((double)p->n) * p->spread);
}

/*
 * Mean, deviation, t and flips, where there are such.  `scaled` are the differences divided by 2^exponent, so that
 * their squares are neither infinite nor lost.
 */
static void fill_mean(struct paired *p, const double *scaled, int exponent, const struct paired_rules *rules)
{
    const struct statistics s = statistics_of(scaled, p->n);
    p->mean = ldexp(s.mean, exponent);
    if (p->question == PAIRED_MEAN && p->n <= PAIRED_FLIPS_MOST)
        p->flip_p = sign_flip_p(scaled, p->n);
    p->t = p->t_family = measure_around(p->mean, (double)NAN);
    if (p->n < 2)
        return;
    const size_t stage = rules->first > 0 && rules->first < p->n ? rules->first : p->n;
    const double spread = statistics_of(scaled, stage).deviation;
    p->deviation = p->no_spread ? 0 : ldexp(s.deviation, exponent);
    p->spread = p->no_spread ? 0 : ldexp(spread, exponent);
    p->freedom = (double)(stage - 1);
    p->t = student(p, rules->level);
    p->t_family = student(p, family_level(rules));
    if (!p->no_spread && spread > 0)
        p->t_p = 2 * student_cdf(-fabs(s.mean) * sqrt((double)p->n) / spread, p->freedom);
}

/* Evidence.md's order: t, where it and the flips agree. */
static enum paired_method method_of(const struct paired *p, bool finite, const struct paired_rules *rules)
{
    const double level = rules->level;
    if (p->n == 0)
        return PAIRED_NONE;
    if (p->question == PAIRED_MEDIAN || p->failed > 0 || !finite || p->no_spread)
        return PAIRED_SIGN;
    if (p->n == 1)
        return PAIRED_NONE;
    if (rules->first > 0)
        return PAIRED_STAGES;
    const bool flips_differ =
        p->n >= PAIRED_LEAST && !isnan(p->flip_p) && (p->t_p <= 1 - level) != (p->flip_p <= 1 - level);
    return flips_differ ? PAIRED_SIGN_FLIP : PAIRED_T;
}

static int flip_measure(struct measure *measure, const struct paired *p, const double *scaled, int exponent,
                        double level, struct error *err)
{
    double low, high;
    if (sign_flip_interval(&low, &high, scaled, p->n, level, err) != 0)
        return -1;
    *measure = (struct measure){p->mean, ldexp(low, exponent), ldexp(high, exponent)};
    return 0;
}

static struct measure order_measure(const struct paired *p, const double *ascending, size_t rank)
{
    if (rank == 0)
        return (struct measure){p->median, (double)NAN, (double)NAN};
    return (struct measure){p->median, ascending[rank - 1], ascending[p->n - rank]};
}

static bool leaves_out_zero(const struct measure *measure)
{
    return measure->low > 0 || measure->high < 0;
}

/* Effect, p and the intervals of what decides. */
static int fill_deciding(struct paired *p, const double *scaled, int exponent, const double *ascending,
                         const struct paired_rules *rules, struct error *err)
{
    const double family = family_level(rules);
    p->level = rules->level;
    if (p->method == PAIRED_NONE) {
        p->effect = p->equivalence = p->anytime = measure_around(p->mean, (double)NAN);
        p->level = (double)NAN;
        return 0;
    }
    if (p->method == PAIRED_SIGN) {
        p->p = p->sign_p;
        p->level = p->order.level;
        p->effect = order_measure(p, ascending, p->order.rank);
        p->equivalence = order_measure(p, ascending, order_rank(p->n, EQUIVALENCE_LEVEL));
        p->anytime = order_measure(p, ascending, anytime_order_rank(p->n, family));
        p->anytime_decides = anytime_sign_decides(p->wins, p->wins + p->losses, family);
        return 0;
    }
    p->anytime = measure_around(p->mean, anytime_half_width(p->n, p->deviation, family));
    p->anytime_decides = leaves_out_zero(&p->anytime);
    if (p->method == PAIRED_T || p->method == PAIRED_STAGES) {
        p->p = p->t_p;
        p->effect = p->t;
        p->equivalence = student(p, EQUIVALENCE_LEVEL);
        return 0;
    }
    p->p = p->flip_p;
    if (flip_measure(&p->effect, p, scaled, exponent, rules->level, err) != 0)
        return -1;
    return flip_measure(&p->equivalence, p, scaled, exponent, EQUIVALENCE_LEVEL, err);
}

/* Pairs in all; 0: not known. */
static size_t pairs_for_margin(const struct paired *p, const double *ascending, double level)
{
    size_t won = 0, lost = 0;
    if (isnan(p->margin))
        return 0;
    if (p->method == PAIRED_T || p->method == PAIRED_STAGES || p->method == PAIRED_SIGN_FLIP)
        return sample_size_seeds(p->margin, p->deviation, p->n, level);
    if (p->method != PAIRED_SIGN || !isfinite(p->median))
        return 0;
    for (size_t i = 0; i < p->n; i++) {
        won += (size_t)(ascending[i] - p->median > -p->margin);
        lost += (size_t)(ascending[i] - p->median < -p->margin);
    }
    /* The upper end of the mirrored share; 60 % with two sides are 80 % with one. */
    double low = 0, high;
    if (won + lost > 0)
        binomial_interval(won, won + lost, 0.6, &low, &high);
    return low > 0.5 ? sample_size_sign(low, level) : 0;
}

/* Pairs that count towards a verdict, and those that are missing before there is one. */
static size_t counted(const struct paired *p)
{
    return p->question == PAIRED_MEDIAN ? p->wins + p->losses : p->n;
}

static size_t missing(const struct paired *p)
{
    const size_t least = p->question == PAIRED_MEDIAN ? PAIRED_LEAST_UNTIED : PAIRED_LEAST;
    return counted(p) < least ? least - counted(p) : 0;
}

static void fill_needs(struct paired *p, const double *ascending, const struct paired_rules *rules)
{
    const size_t all = pairs_for_margin(p, ascending, family_level(rules)), least = missing(p);
    const size_t more = all > p->n ? all - p->n : 0;
    p->needs = more > least ? more : least;
    p->enough = all > 0 && p->needs == 0;
}

static int fill(struct paired *p, double *ascending, double *scaled, const struct paired_rules *rules,
                struct error *err)
{
    int exponent = 0;
    bool finite = true;
    if (p->n > 0) {
        order_sort(ascending, p->n);
        const double largest = fmax(fabs(ascending[0]), fabs(ascending[p->n - 1]));
        finite = isfinite(largest);
        p->no_spread = p->n > 1 && finite && ascending[p->n - 1] / 2 - ascending[0] / 2 <= 0.5e-10 * largest;
        p->median = order_median(ascending, p->n);
        p->order = order_interval_of(ascending, p->n, rules->level);
        if (finite) {
            frexp(largest, &exponent);
            for (size_t i = 0; i < p->n; i++)
                scaled[i] = ldexp(scaled[i], -exponent);
            fill_mean(p, scaled, exponent, rules);
        }
    }
    p->method = method_of(p, finite, rules);
    if (fill_deciding(p, scaled, exponent, ascending, rules, err) != 0)
        return -1;
    fill_needs(p, ascending, rules);
    for (size_t i = 0; finite && i < p->n; i++)
        ascending[i] = ldexp(ascending[i], -exponent); /* their sum may be too large for a double */
    if (p->n > 0)
        p->interquartile_mean = ldexp(order_interquartile_mean(ascending, p->n), exponent);
    return 0;
}

int paired_of(struct paired *paired, enum paired_question question, const double *differences, size_t n, size_t failed,
              const struct paired_rules *rules, struct error *err)
{
    const struct sign_test signs = sign_test_of(differences, n);
    assert(rules->level > 0 && rules->level < 1 && rules->family >= 1 && !(rules->margin <= 0));
    *paired = (struct paired){.question = question,
                              .n = n,
                              .failed = failed,
                              .wins = signs.wins,
                              .losses = signs.losses,
                              .ties = signs.ties,
                              .sign_p = signs.p,
                              .margin = rules->margin,
                              .ratios = rules->ratios};
    paired->mean = paired->deviation = paired->t_p = paired->flip_p = paired->p = (double)NAN;
    paired->median = paired->interquartile_mean = (double)NAN;
    paired->t = paired->t_family = measure_none();
    paired->order = (struct order_interval){0, (double)NAN, (double)NAN, (double)NAN};
    double *copies = malloc((2 * n + 1) * sizeof *copies); /* + 1: a NULL means that memory ran out */
    if (copies == NULL)
        return error_out_of_memory(err, "the differences of pairs");
    for (size_t i = 0; i < n; i++)
        copies[i] = copies[n + i] = differences[i];
    const int status = fill(paired, copies, copies + n, rules, err);
    free(copies);
    return status;
}

const char *paired_method_text(enum paired_method method)
{
    static const char *const texts[] = {[PAIRED_NONE] = NULL,
                                        [PAIRED_T] = "Student t, paired",
                                        [PAIRED_STAGES] = "Student t of two stages, paired",
                                        [PAIRED_SIGN_FLIP] = "sign flips, paired",
                                        [PAIRED_SIGN] = "order interval and sign test, paired"};
    return texts[method];
}

static double shown(double difference, bool ratios)
{
    return ratios ? exp2(difference) : difference;
}

void paired_fill(struct claim *claim, const struct paired *p, const struct paired_rules *rules)
{
    claim->effect = (struct measure){shown(p->effect.estimate, rules->ratios), shown(p->effect.low, rules->ratios),
                                     shown(p->effect.high, rules->ratios)};
    claim->level = p->level;
    claim->method = paired_method_text(p->method);
    claim->n = p->n;
    claim->failed = p->failed;
    claim->margin = shown(p->margin, rules->ratios);
    claim->p = p->p;
    claim->anytime_low = shown(p->anytime.low, rules->ratios);
    claim->anytime_high = shown(p->anytime.high, rules->ratios);
    claim->needs = p->needs;
    claim->enough = p->enough;
}

/* -- verdicts -- */

static bool all_tied(const struct paired *p)
{
    return p->question == PAIRED_MEDIAN && p->n >= PAIRED_LEAST && p->ties == p->n;
}

static bool is_within(const struct measure *interval, double margin)
{
    return interval->low >= -margin && interval->high <= margin; /* nan: no */
}

static enum verdict verdict_of(const struct paired_claim *c, bool decides, const struct measure *interval)
{
    const struct paired *p = c->paired;
    if (all_tied(p) && c->step > p->margin)
        return VERDICT_NOT_COMPARABLE;
    if (missing(p) > 0 && !all_tied(p))
        return VERDICT_UNDECIDED;
    if (decides && p->effect.estimate != 0)
        return p->effect.estimate > 0 ? VERDICT_SUPPORTED : VERDICT_CONTRADICTED;
    return is_within(interval, p->margin) ? VERDICT_EQUIVALENT : VERDICT_UNDECIDED;
}

/* "0.2 points", "a ratio of 1.25" */
static void name_size(char text[64], const struct paired_claim *c, double size)
{
    snprintf(text, 64, "%s%.4g%s%s", c->paired->ratios ? "a ratio of " : "", shown(size, c->paired->ratios),
             c->unit ? " " : "", c->unit ? c->unit : "");
}

/* Letters of a plural in s behind this number. */
static int singular(const char *plural, size_t count)
{
    return (int)strlen(plural) - (count == 1);
}

static void explain_undecided(char *text, size_t size, const struct paired_claim *c, const char *margin)
{
    const struct paired *p = c->paired;
    if (missing(p) > 0 && !all_tied(p))
        /* The least number alone: so few show too little of the spread to plan by. */
        snprintf(text, size, "a verdict needs %zu %s%s and has %zu; at least %zu more", counted(p) + missing(p),
                 p->question == PAIRED_MEDIAN ? "untied " : "", c->pairs, counted(p), missing(p));
    else if (isnan(p->margin) && p->ties == p->n)
        snprintf(text, size, "all %s are tied, and no margin says which difference matters", c->pairs);
    else if (isnan(p->margin))
        snprintf(text, size, "chance alone may have done it, and no margin says which difference matters");
    else if (p->enough)
        snprintf(text, size, "so many %s would have shown %s with a chance of 80 %%; more of them narrow the interval",
                 c->pairs, margin);
    else if (p->needs == 0)
        snprintf(text, size, "how many more %s would show %s is not known", c->pairs, margin);
    else
        snprintf(text, size, "%zu more %.*s would show %s with a chance of 80 %%; a larger effect takes fewer",
                 p->needs, singular(c->pairs, p->needs), c->pairs, margin);
}

/*
 * Why, or what is to add.  interval: by which the effect may be surely smaller than the margin, at this level; anytime:
 * the verdict is the one that holds whenever one looks, for which no number of pairs is known beforehand.
 */
static void explain(char *text, size_t size, const struct paired_claim *c, enum verdict verdict,
                    const struct measure *interval, double level, bool anytime)
{
    const struct paired *p = c->paired;
    const char *aside = c->aside != NULL ? c->aside : "";
    const bool flat = p->no_spread && p->question != PAIRED_MEDIAN;
    char why[256] = "", margin[64], step[64];
    name_size(margin, c, p->margin);
    name_size(step, c, c->step);
    if (verdict == VERDICT_NOT_COMPARABLE)
        snprintf(why, sizeof why, "all pairs are tied, and neighbouring values lie %s apart, more than the margin, %s",
                 step, margin);
    else if (verdict == VERDICT_UNDECIDED && anytime && (missing(p) == 0 || all_tied(p)))
        snprintf(why, sizeof why, "what holds whenever one looks does not decide yet; give more %s", c->pairs);
    else if (verdict == VERDICT_UNDECIDED)
        explain_undecided(why, sizeof why, c, margin);
    else if (verdict == VERDICT_EQUIVALENT) /* by an interval that is told nowhere else */
        snprintf(why, sizeof why, "surely smaller than the margin, %s (%.4g %% interval %.4g to %.4g)", margin,
                 100 * level, shown(interval->low, p->ratios), shown(interval->high, p->ratios));
    else if (is_within(interval, p->margin))
        snprintf(why, sizeof why, "smaller than the margin, %s", margin);
    snprintf(text, size, "%s%s%s%s%s", flat ? "no spread seen" : "", flat && (*why || *aside) ? "; " : "", why,
             *why && *aside ? "; " : "", aside);
}

static void conclude(const struct paired_claim *c, const struct paired_rules *rules)
{
    const struct paired *p = c->paired;
    struct claim *claim = c->claim;
    claim->verdict = verdict_of(c, claim->p_holm <= 1 - rules->level, &p->equivalence);
    explain(claim->reason, sizeof claim->reason, c, claim->verdict, &p->equivalence, EQUIVALENCE_LEVEL, false);
    claim->anytime_verdict = verdict_of(c, p->anytime_decides, &p->anytime);
    explain(claim->anytime_reason, sizeof claim->anytime_reason, c, claim->anytime_verdict, &p->anytime,
            family_level(rules), true);
}

void paired_conclude(const struct paired_claim *claims, size_t count, const struct paired_rules *rules)
{
    double p[PAIRED_CLAIMS_MAX] = {0}, holm[PAIRED_CLAIMS_MAX];
    assert(count <= PAIRED_CLAIMS_MAX && count <= rules->family);
    for (size_t i = 0; i < count; i++)
        p[i] = claims[i].paired != NULL ? claims[i].paired->p : (double)NAN;
    holm_adjust(p, holm, count, rules->family);
    for (size_t i = 0; i < count; i++) {
        claims[i].claim->p_holm = holm[i];
        if (claims[i].paired != NULL)
            conclude(&claims[i], rules);
    }
}
