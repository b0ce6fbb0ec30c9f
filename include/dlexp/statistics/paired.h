/*
 * paired.h - what differences of pairs say of a claim: the one judge of all experiments.
 *
 * A difference is first - second, so that above 0 the claim's side wins.  A pair that shares all its random draws (the
 * same seed) has less spread than two groups.
 *
 *   paired_of         the numbers of one claim, and which of them decide
 *   paired_fill       into the claim
 *   paired_conclude   the verdicts of a family of claims, under Holm
 */
#ifndef DLEXP_PAIRED_H
#define DLEXP_PAIRED_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/error.h"
#include "dlexp/statistics/claim.h"
#include "dlexp/statistics/order.h"

/* With fewer pairs, of a median with fewer untied ones, nothing is decided. */
enum { PAIRED_LEAST = 6, PAIRED_LEAST_UNTIED = 7 };

/* Written down before the runs. */
struct paired_rules {
    double level;  /* in (0, 1): 0.95 */
    double margin; /* in the differences' unit, above 0; nan: none */
    size_t family; /* claims that are judged together; at least 1 */
};

/* What is asked about. */
enum paired_question {
    /*
     * The mean of finite differences.  Student's t; where at `level` (before Holm) only t or only the sign-flip test
     * rejects, the sign-flip test decides; where a run failed (its difference is a stand-in, as chance is for an
     * accuracy), the median's order interval and the exact sign test decide.
     */
    PAIRED_MEAN,
    /* The median of differences of which some may be infinite, such as log2 of ratios of steps: order interval, sign
     * test. */
    PAIRED_MEDIAN
};

enum paired_method { PAIRED_NONE, PAIRED_T, PAIRED_SIGN_FLIP, PAIRED_SIGN };

struct paired {
    enum paired_question question;
    size_t n, failed;
    size_t wins, losses, ties;
    /* nan where a difference is infinite, deviation and what follows from it also of one pair. */
    double mean, deviation;
    struct measure t, t_family; /* at `level`; at 1 - (1 - level) / family (Bonferroni) */
    struct measure equivalence; /* the 90 % interval: t, or the order interval where that decides */
    double t_p, flip_p, sign_p; /* two-sided */
    double median, interquartile_mean;
    struct order_interval order; /* of the median */
    double anytime_half_width;   /* of the mean at 1 - (1 - level) / family; nan: none yet */
    bool anytime_decides;        /* by the evidence that decides: that interval leaves 0 out, or the sign test's
                                    (anytime.h) at this level */
    size_t needs;                /* more pairs, see claim.h; 0: not known */
    bool no_spread;              /* all differences are equal: there is no t interval */
    /* What decides: */
    enum paired_method method;
    struct measure effect; /* its estimate and interval */
    double level;          /* of that interval */
    double p;
};

/*
 * paired_of - of `n` differences, none of them nan (asserted); n may be 0.  They are not changed.  failed: runs among
 * the 2 n that did not do what was asked.  Fails only without memory.
 */
int paired_of(struct paired *paired, enum paired_question question, const double *differences, size_t n, size_t failed,
              const struct paired_rules *rules, struct error *err);

/* paired_method_text - for a person: "Student t, paired". */
const char *paired_method_text(enum paired_method method);

/* paired_fill - effect, level, method, n, failed, margin, p, anytime interval, needs of the claim. */
void paired_fill(struct claim *claim, const struct paired *paired, const struct paired_rules *rules);

/* A claim of a family; a claim that has its verdict already (not comparable) has a NULL `paired`. */
struct paired_claim {
    struct claim *claim;
    const struct paired *paired;
    const char *unit;  /* of a difference, for sentences: "points" */
    const char *pairs; /* what more of them are: "seeds" */
    const char *aside; /* added to the reason; "" */
};

/*
 * paired_conclude - p_holm, both verdicts, the reason; the family is rules->family, of which these are `count`.
 *
 * supported: p_holm <= 1 - level and the estimate above 0; contradicted: below; if the 90 % interval lies within the
 * margin the word stays and the reason adds "smaller than the margin".  equivalent: the 90 % interval lies within the
 * margin.  undecided: anything else, and always with too few pairs; the reason says how many more.
 */
void paired_conclude(const struct paired_claim *claims, size_t count, const struct paired_rules *rules);

#endif
