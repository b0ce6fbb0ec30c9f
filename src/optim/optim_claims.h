/*
 * optim_claims.h - whether the homework's guess and claims hold: on each function by itself, by the iteration from
 * which the objective stays below a threshold; and whether they would in twice the iterations.
 */
#ifndef DLEXP_OPTIM_CLAIMS_H
#define DLEXP_OPTIM_CLAIMS_H

#include "optim_results.h"

struct cJSON;

/* optim_claims_exist - whether the runs that a claim is about are there; optim_claims_fill - claims.csv. */
bool optim_claims_exist(const void *context);
void optim_claims_fill(const void *context, struct frame *frame);

/* optim_claims_show - the verdicts on each function and what decides them; where its runs are not there, that. */
void optim_claims_show(const struct optim_results *report, FILE *out);
void optim_claims_add(struct cJSON *root, const struct optim_results *report);

/* The claims as sentences, one for each function, which has the thresholds one behind the other. */
extern const struct frame_column optim_answers_columns[];
void optim_answers_fill(const void *context, struct frame *frame);

#endif
