/*
 * batchnorm_evidence.h - the three claims about BatchNorm, judged by two nets on a grid of learning rates and seeds.
 *
 * Nothing here knows a record, a file or a screen.
 *
 *     grid, rules -> T, target                    what counts as trained (batchnorm_outcome.c)
 *                 -> outcome of each run
 *                 -> per seed: steps to the target   (a) converges faster      (batchnorm_faster.c)
 *                              largest rate          (b) permits larger rates  (batchnorm_larger.c)
 *                              final test accuracy   (c) ends better           (batchnorm_better.c)
 *                 -> three claims, one number each, under Holm; beside them a line for each rate that both nets have
 *
 * A net's rate is chosen without the seed that is tested at it (batchnorm_choice.c).  Whatever the grid, there are
 * three claims, and each has a verdict or says why there is none.
 */
#ifndef DLEXP_BATCHNORM_EVIDENCE_H
#define DLEXP_BATCHNORM_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlexp/base/error.h"
#include "dlexp/base/number.h"
#include "dlexp/statistics/claim.h"
#include "dlexp/statistics/crossed.h"
#include "dlexp/statistics/paired.h"

/* ---- what is judged ---- */

enum evidence_net { EVIDENCE_NONE, EVIDENCE_BATCHNORM, EVIDENCE_NETS };

/* The accuracy, in %, on the split that chooses (validation, else test) after so many training steps. */
struct evidence_evaluation {
    uint64_t step;
    double accuracy;
};

struct evidence_run {
    bool present;           /* false: there is no such run */
    bool diverged;          /* a loss was not finite; its final accuracies are then chance, whatever stands here */
    double selection, test; /* accuracy at the end, %, on the split that chooses and on the test set */
    double losses[2];       /* mean training loss of the last epoch but one, and of the last; nan: there is none */
    const struct evidence_evaluation *evaluations; /* in order */
    size_t evaluation_count;
    uint64_t steps; /* of training, in all */
    size_t row;     /* the caller's */
};

struct evidence_rate {
    double lr;
    bool refined; /* not of the grid, but between two of its rates for some seeds: it counts for claim (b) alone */
    bool carried; /* the nets came to it already trained: it says nothing of claim (a) */
};

struct evidence_grid {
    const struct evidence_rate *rates; /* ascending */
    size_t rate_count, seeds;
    const struct evidence_run *runs[EVIDENCE_NETS]; /* [rate * seeds + seed]; NULL: the net was not trained */
};

/* How a seed's rate is chosen. */
enum evidence_choice {
    EVIDENCE_BY_OTHERS, /* by all other seeds; one seed alone chooses for itself */
    EVIDENCE_BY_EARLIER /* by the seeds before it, of which the first EVIDENCE_CHOOSERS only choose: then whoever looks
                           and adds seeds changes no pair that was there */
};
enum { EVIDENCE_CHOOSERS = 3, EVIDENCE_FIRST_SEEDS = 10 };

/* Written down before the runs. */
struct evidence_rules {
    double level;                         /* of intervals and verdicts: 0.95 */
    double ratio_margin;                  /* of (a) and (b): 1.25 */
    double points_margin;                 /* of (c): 0.2 */
    double trained;                       /* T in %; nan: as evidence_make says */
    double target;                        /* of (a), in %; nan: T */
    double chance_selection, chance_test; /* share of the largest class, % */
    bool validated;                       /* the split that chooses is a validation split */
    size_t first; /* of two stages: (c)'s rates are chosen by the first so many seeds, and its interval is theirs
                     (paired.h); 0 */
};

/* ---- what follows ---- */

/* trained: at T or above at the end.  diverged: a loss was not finite.  collapsed: was at T at some evaluation.  slow:
 * the training loss of the last epoch still fell by more than 1 %, and the same net trains at a larger rate of the
 * grid.  failed: none of these. */
enum evidence_outcome {
    EVIDENCE_MISSING, /* there is no such run */
    EVIDENCE_TRAINED,
    EVIDENCE_COLLAPSED,
    EVIDENCE_SLOW,
    EVIDENCE_DIVERGED,
    EVIDENCE_FAILED,
    EVIDENCE_OUTCOMES
};
const char *evidence_outcome_name(enum evidence_outcome outcome);

/* What is noted of a run. */
struct evidence_verdict {
    enum evidence_outcome outcome;
    double steps;  /* S: of the first evaluation at the target or above; infinite: none */
    double before; /* of the evaluation before that; 0: it is the first */
};

/* (b): where a net's rates end for one seed. */
struct evidence_limit {
    double largest; /* L; 0: it did not train at the net's best rate */
    double next;    /* the rate above at which it did not train; infinite: there is none in the grid */
};

/* Whether two of them are a pair of (b); else why not: no run of either trained at its net's best rate, both trained up
 * to the largest rate, their brackets (which were refined to different widths) overlap. */
enum evidence_limits { EVIDENCE_COMPARED, EVIDENCE_NEITHER, EVIDENCE_BEYOND, EVIDENCE_OVERLAP };
enum evidence_limits evidence_limits_compare(const struct evidence_limit *a, const struct evidence_limit *b);

/* A claim's number beside what the claim holds; of a ratio none / batchnorm (a) or batchnorm / none (b), or a
 * difference (c). */
struct evidence_answer {
    struct claim claim;
    struct paired paired;   /* of log2 of ratios, or of differences in points */
    struct measure bounds;  /* the effect where it is infinite: what is sure at least (at most, where it is 0) */
    struct measure bracket; /* (b): between which ratios the estimate lies, by the steps of the grid */
    size_t never;           /* pairs left out: both never at the target, or trained at no rate from the best up */
    size_t beyond;          /* (b): pairs left out: both trained up to the largest rate */
    size_t uncertain;       /* (b): pairs left out: brackets that overlap */
    size_t coarse;          /* (a): pairs whose evaluations lie further apart than the margin */
    double every;           /* (a): steps between evaluations that would do; nan: these do */
    /* (c), seeds x images: measure_none() until evidence_new_images has been called. */
    struct measure new_images;
    double new_images_freedom;
    size_t lacking;  /* runs without bits */
    bool settled;    /* not comparable: no numbers can give the verdict */
    double step;     /* of paired_claim: log2 of the ratio of neighbouring rates, where all pairs are tied */
    char aside[200]; /* added to the reason */
};

struct evidence_line {
    size_t rate;
    struct evidence_answer answer;
};

enum evidence_claim { EVIDENCE_FASTER, EVIDENCE_LARGER, EVIDENCE_BETTER, EVIDENCE_CLAIMS };

struct evidence {
    struct evidence_grid grid;
    struct evidence_rules rules;
    double best_median; /* B; nan: there are no runs */
    double trained;     /* T; infinite: no run counts as trained */
    double target;      /* of (a); the same */
    char trained_text[NUMBER_TEXT_SIZE], target_text[NUMBER_TEXT_SIZE];
    struct evidence_verdict *verdicts[EVIDENCE_NETS]; /* [rate * seeds + seed] */
    size_t best_rate[EVIDENCE_NETS]; /* of highest mean final accuracy, of equals the smaller; EVIDENCE_NO_RATE */
    size_t *fastest[EVIDENCE_NETS], *best[EVIDENCE_NETS]; /* [seed]: chosen for it; EVIDENCE_NO_RATE */
    struct evidence_limit *limits[EVIDENCE_NETS];         /* [seed] */
    double width[EVIDENCE_NETS];    /* usable: decades from the first to the last rate around the best whose mean is
                                       within 1 point of it; nan */
    bool width_open[EVIDENCE_NETS]; /* that reaches an end of the grid, so it is this at least */
    struct evidence_answer answers[EVIDENCE_CLAIMS];
    struct evidence_line *lines[EVIDENCE_CLAIMS]; /* at each rate that both nets have; of (b) none */
    size_t line_count[EVIDENCE_CLAIMS];
};
#define EVIDENCE_NO_RATE SIZE_MAX

/*
 * evidence_make - all of it; the grid's arrays must live as long, and *evidence stay where it is.  Fails only without
 * memory; call evidence_free after success and failure alike.
 *
 * T is chance + 0.9 (B - chance), B the highest median over seeds of any net and rate; if B < chance + 0.1 (100 -
 * chance), no run counts as trained.  The anytime numbers of the claims are those of pairs chosen by
 * EVIDENCE_BY_EARLIER, with T of the first EVIDENCE_FIRST_SEEDS seeds.  Time grows as the runs times the logarithm of
 * the seeds.
 */
int evidence_make(struct evidence *evidence, const struct evidence_grid *grid, const struct evidence_rules *rules,
                  struct error *err);
void evidence_free(struct evidence *evidence);

/* evidence_anytime_verdicts - the anytime verdicts of evidence_make alone, in a small part of its time: for whoever
 * asks after each seed. */
int evidence_anytime_verdicts(enum verdict verdicts[EVIDENCE_CLAIMS], const struct evidence_grid *grid,
                              const struct evidence_rules *rules, struct error *err);

/*
 * Of any run by the T and target that are there, also of a net that no claim speaks of.  evidence_trains - whether it
 * trained; evidence_judge - what is noted of it; larger_trains: some run of its net trains at a larger rate.
 */
bool evidence_trains(const struct evidence *evidence, const struct evidence_run *run);
struct evidence_verdict evidence_judge(const struct evidence *evidence, const struct evidence_run *run,
                                       bool larger_trains);

/* evidence_better_run - the run of a seed at the rate that was chosen for it by (c); NULL: there is none. */
const struct evidence_run *evidence_better_run(const struct evidence *evidence, enum evidence_net net, size_t seed);

/*
 * evidence_pairs - the seeds that (c) compares, into seeds[grid.seeds]; returns how many.
 *
 * evidence_new_images - (c)'s interval on new images, of the bits (statistics/crossed.h) of these pairs in this order.
 */
size_t evidence_pairs(const struct evidence *evidence, size_t *seeds);
void evidence_new_images(struct evidence *evidence, const uint8_t *const *batchnorm, const uint8_t *const *none,
                         size_t pairs, size_t images);

/*
 * evidence_sentence - the claim in words: verdict, estimate, interval with level and method, n, failed runs, p, where,
 * and the reason.  evidence_line_text - the same of one rate, shorter.  evidence_rules_text - what counts as trained.
 *
 * Malloc'ed, without a line's end; NULL without memory (batchnorm_sentences.c).
 */
char *evidence_sentence(const struct evidence *evidence, enum evidence_claim about, bool anytime);
char *evidence_line_text(const struct evidence *evidence, enum evidence_claim about, const struct evidence_line *line);
char *evidence_rules_text(const struct evidence *evidence);

#endif
