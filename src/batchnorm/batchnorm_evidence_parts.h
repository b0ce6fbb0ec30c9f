/* batchnorm_evidence_parts.h - the steps of evidence_make (batchnorm_evidence.h), a file each; nobody else calls
 * them but the table of the pairs.
 */
#ifndef DLEXP_BATCHNORM_EVIDENCE_PARTS_H
#define DLEXP_BATCHNORM_EVIDENCE_PARTS_H

#include "batchnorm_evidence.h"

/* ---- batchnorm_outcome.c ---- */

/* The run, NULL where there is none; what is noted of it. */
const struct evidence_run *evidence_run_at(const struct evidence *evidence, enum evidence_net net, size_t rate,
                                           size_t seed);
const struct evidence_verdict *evidence_verdict_at(const struct evidence *evidence, enum evidence_net net, size_t rate,
                                                   size_t seed);

/* Final accuracies as they count: chance where the run diverged. */
double evidence_selection(const struct evidence *evidence, const struct evidence_run *run);
double evidence_test(const struct evidence *evidence, const struct evidence_run *run);

/* A difference of accuracies, which are decimal fractions: 98.1 - 97.9 is 0.2.  (batchnorm_better.c) */
double evidence_points(double points);

/* B, T and target by the first `seeds` seeds; scratch[grid.seeds].  Then each run's outcome and steps. */
void evidence_find_thresholds(struct evidence *evidence, size_t seeds, double *scratch);
void evidence_find_outcomes(struct evidence *evidence);

/* ---- batchnorm_choice.c ---- */

/* What is chosen by: the smallest median of steps to the target, of equals the highest mean accuracy at the first
 * evaluation; or the highest mean final accuracy.  Of equals the smaller rate. */
enum evidence_criterion { EVIDENCE_BY_STEPS, EVIDENCE_BY_ACCURACY };

/* chosen[seed], EVIDENCE_NO_RATE where nobody could choose. */
int evidence_choose(size_t *chosen, const struct evidence *evidence, enum evidence_net net,
                    enum evidence_criterion criterion, enum evidence_choice choice, struct error *err);

/* The rate of highest mean final accuracy over all seeds; that mean, nan where the net has no runs at the rate. */
size_t evidence_best_rate(const struct evidence *evidence, enum evidence_net net);
double evidence_mean_selection(const struct evidence *evidence, enum evidence_net net, size_t rate);

/* ---- batchnorm_ratio.c ---- */

/* log2 of a ratio of each pair, the numbers of batchnorm and none that it is of, and between which ratios it surely
 * lies, which need only say something where it is infinite or 0. */
struct evidence_ratios {
    double *logs, *low, *high, *first, *second; /* [seeds] */
    size_t n, failed;
};
int evidence_ratios_init(struct evidence_ratios *ratios, size_t seeds, struct error *err);
void evidence_ratios_free(struct evidence_ratios *ratios);
void evidence_ratios_add(struct evidence_ratios *ratios, double first, double second, double ratio, double low,
                         double high);

/* The claim's numbers, by the median. */
int evidence_ratio_judge(struct evidence_answer *answer, const struct evidence_ratios *ratios,
                         const struct paired_rules *rules, struct error *err);

/* evidence_ratios_bracket - of the median: its ends are medians of the pairs' low and high, which are put into another
 * order. */
struct measure evidence_ratios_bracket(struct evidence_ratios *ratios);

/* ---- the claims ---- */

/*
 * Each fills an answer, whose claim has been made, and settles it where no numbers can: not comparable.
 *
 * chosen[net][seed]: the rate at which each net is tested.  rules: of level and family.
 */
int evidence_faster(struct evidence_answer *answer, const struct evidence *evidence,
                    size_t *const chosen[EVIDENCE_NETS], const struct paired_rules *rules, struct error *err);
int evidence_larger(struct evidence_answer *answer, const struct evidence *evidence, const struct paired_rules *rules,
                    struct error *err);
int evidence_better(struct evidence_answer *answer, const struct evidence *evidence,
                    size_t *const chosen[EVIDENCE_NETS], const struct paired_rules *rules, struct error *err);

/* evidence_find_limits - where each net's rates end, from the best one of all seeds (from[net] NULL) or the one that
 * was chosen for the seed; and the usable width. */
void evidence_find_limits(struct evidence *evidence, enum evidence_net net, const size_t *from);
void evidence_find_width(struct evidence *evidence, enum evidence_net net);

/* The verdict that no numbers can give. */
void evidence_settle(struct evidence_answer *answer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* evidence_add_aside - one more thing to add to the reason; what does not fit is left out. */
void evidence_add_aside(struct evidence_answer *answer, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
