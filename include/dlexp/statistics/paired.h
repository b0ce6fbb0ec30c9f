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

/* Of more pairs no signs are flipped (10^5 times n additions): a flipped sum is then normal, and its test is t's. */
enum { PAIRED_FLIPS_MOST = 1000 };

/* Written down before the runs. */
struct paired_rules {
    double level;  /* in (0, 1): 0.95 */
    double margin; /* in the differences' unit, above 0; nan: none */
    size_t family; /* claims that are judged together; at least 1 */
    bool ratios;   /* the differences (and the margin) are log2 of ratios: the claim's numbers are 2^ of them */
    /*
     * Of two stages (Stein 1945; sample_size.h): so many first differences, 2 or more, whose spread alone decided how
     * many there are.  t then has their deviation and degrees of freedom, and flips have no say.  0: one stage.
     */
    size_t first;
};

/* What is asked about. */
enum paired_question {
    /*
     * The mean of differences.  Student's t; where at `level` (before Holm) only t or only the sign-flip test rejects,
     * the sign-flip test decides (not below PAIRED_LEAST pairs, where it can reject nothing); where a run failed (its
     * difference is a stand-in, as chance is for an accuracy), a difference is infinite, or all are equal ("no spread
     * seen"), the median's order interval and the exact sign test.
     *
     * With t and flips it is the mean of pairs of which no run fails, as none seen has failed; with the order interval
     * it is the median of all pairs.  What is chosen covers 93.5 % and more at 95 % (paired_coverage_test.c) where the
     * two laws have similar shapes and spreads that differ by no more than half, normal or skewed, with failing runs
     * or without.  The t interval of one skewed law's mean does not: of an exponential one it covers 88 to 93 % (6 to
     * 40 pairs), and 91 to 93 % where flips may overrule it.  Ask for the median there.
     */
    PAIRED_MEAN,
    /* The median of differences of which some may be infinite, such as log2 of ratios of steps: order interval, sign
     * test. */
    PAIRED_MEDIAN,
    /* As PAIRED_MEAN, without flips: one of several lines at once, at a level that flips of few pairs cannot reach. */
    PAIRED_MEAN_BY_T
};

/* PAIRED_NONE: too few differences for any.  PAIRED_STAGES: t of two stages. */
enum paired_method { PAIRED_NONE, PAIRED_T, PAIRED_STAGES, PAIRED_SIGN_FLIP, PAIRED_SIGN };

struct paired {
    enum paired_question question;
    size_t n, failed;
    size_t wins, losses, ties;
    bool no_spread; /* of 2 or more differences, which differ by less than 1e-10 of the largest: there is no t interval
                       (decimal fractions are rounded before they come here) */
    /* nan where a difference is infinite, deviation and what follows from it also of one pair. */
    double mean, deviation;
    double spread, freedom;     /* what t is made of: the deviation and n - 1, or those of the first stage */
    struct measure t, t_family; /* at `level`; at 1 - (1 - level) / family (Bonferroni) */
    double t_p, flip_p, sign_p; /* two-sided; flip_p is nan of a median, and beyond PAIRED_FLIPS_MOST pairs too */
    double median, interquartile_mean;
    struct order_interval order; /* of the median */
    /* What decides: */
    enum paired_method method;
    struct measure effect; /* its estimate and interval: t, sign_flip_interval, or `order` */
    double level;          /* of that interval; nan: there is none */
    double p;
    struct measure equivalence; /* the same at 90 % */
    struct measure anytime;     /* at 1 - (1 - level) / family: anytime t, or the order interval that is anytime */
    bool anytime_decides;       /* that interval of a mean leaves 0 out; of a median: anytime_sign_decides */
    double margin;              /* the rules', */
    bool ratios;                /* which may differ between the claims of a family */
    size_t needs;               /* more pairs, as below; 0: not known, or, */
    bool enough;                /* with this, none */
};

/*
 * paired_of - of `n` differences, none of them nan (asserted); n may be 0.  They are not changed.  failed: runs among
 * the 2 n that did not do what was asked.  Fails only without memory.
 *
 * needs, all at the family's level 1 - (1 - level) / family: of a mean sample_size_seeds at the margin, less n.  Of a
 * median, the pairs with which the sign test has power 80 % if the differences lie around the margin as these lie
 * around their median: a pair is then won with the share of those above median - margin, taken at its one-sided lower
 * 80 % limit (Clopper & Pearson).  At least those that are missing for any verdict, without a margin just these.
 */
int paired_of(struct paired *paired, enum paired_question question, const double *differences, size_t n, size_t failed,
              const struct paired_rules *rules, struct error *err);

/* paired_method_text - for a person: "Student t, paired"; NULL of none. */
const char *paired_method_text(enum paired_method method);

/* paired_fill - effect, level, method, n, failed, margin, p, anytime interval, needs of the claim. */
void paired_fill(struct claim *claim, const struct paired *paired, const struct paired_rules *rules);

/* A claim of a family; a claim that has its verdict already (not comparable) has a NULL `paired`. */
struct paired_claim {
    struct claim *claim;
    const struct paired *paired;
    const char *unit;  /* of a difference, for sentences: "points"; NULL: none, as of a ratio */
    const char *pairs; /* what more of them are: "seeds" */
    const char *aside; /* added to the reason; NULL or "": nothing */
    double step;       /* how far apart neighbouring values lie that a difference can take; 0: as close as one likes */
};

/* No more claims are judged at once. */
enum { PAIRED_CLAIMS_MAX = 256 };

/*
 * paired_conclude - p_holm, both verdicts, the reason; the family is rules->family, of which these are `count`.
 *
 * A median of which all pairs are tied: equivalent if `step` is within the margin, else not comparable.
 * supported: p_holm <= 1 - level and the estimate above 0; contradicted: below; if the 90 % interval lies within the
 * margin the word stays and the reason adds "smaller than the margin".  equivalent: the 90 % interval, which the
 * reason tells, lies within the margin.  undecided: anything else, and always with too few pairs; the reason says how
 * many more: with too few the least number that a verdict takes, whose spread is not known yet; else `needs`, which is
 * a plan, as fewer may decide.
 *
 * The anytime verdict is taken by the same words from anytime_decides and the anytime interval.
 */
void paired_conclude(const struct paired_claim *claims, size_t count, const struct paired_rules *rules);

#endif
