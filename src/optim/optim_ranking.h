/*
 * optim_ranking.h - which run is the fastest: on each function by itself, by the iteration from which the objective
 * stays below a threshold.
 */
#ifndef DLEXP_OPTIM_RANKING_H
#define DLEXP_OPTIM_RANKING_H

#include "optim_results.h"

struct cJSON;

/* optim_ranking_show - the runs on each function, and the homework's guess beside its own runs. */
void optim_ranking_show(const struct optim_results *report, FILE *out);
void optim_ranking_add(struct cJSON *root, const struct optim_results *report);

#endif
