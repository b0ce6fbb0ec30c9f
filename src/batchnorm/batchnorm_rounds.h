/*
 * batchnorm_rounds.h - the rounds of `dlexp batchnorm`: the runs that are added to its plan once there are results
 * (run/experiment.h), by the rules of batchnorm_more.h.
 *
 *     the grid -> --until-width or --until-decided: further seeds, the next integers, at all norms and rates
 *              -> then --refine: a run at a rate of its own for each net and seed, K times; they count for claim (b)
 * only
 *
 * What is asked of the results is asked of the grid's runs alone, so a rate that was refined adds no seed.
 */
#ifndef DLEXP_BATCHNORM_ROUNDS_H
#define DLEXP_BATCHNORM_ROUNDS_H

#include "batchnorm_rows.h"

/* rounds_wanted - whether any of these options was given.  rounds_option - the first of them, "--refine". */
bool rounds_wanted(const struct batchnorm_config *config);
const char *rounds_option(const struct batchnorm_config *config);

/* rounds_check - ERROR_USAGE where they do not go together, or with this plan. */
int rounds_check(const struct batchnorm *batchnorm, const struct invocation *invocation, struct error *err);

/* rounds_print_rules - in the plan: what may follow. */
void rounds_print_rules(const struct batchnorm *batchnorm, FILE *out);

/* rounds_more - struct experiment's `more`; what it found in the end stands in batchnorm->found, until rounds_free. */
int rounds_more(void *batchnorm, struct plan *plan, bool *changed, char why[EXPERIMENT_WHY], struct error *err);
void rounds_free(struct batchnorm *batchnorm);

#endif
