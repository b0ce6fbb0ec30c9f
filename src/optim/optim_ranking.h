/*
 * optim_ranking.h - which run is the fastest: on each function by itself, and among the homework's eight, which it
 * ranked together.
 */
#ifndef DLEXP_OPTIM_RANKING_H
#define DLEXP_OPTIM_RANKING_H

#include "optim_results.h"

struct cJSON;

/* optim_ranking_show - the runs on each function, and where they are there the homework's eight beside its guess. */
void optim_ranking_show(const struct optim_results *report, FILE *out);
void optim_ranking_add(struct cJSON *root, const struct optim_results *report);

#endif
