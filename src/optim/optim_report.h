/*
 * optim_report.h - what `dlexp optim` says of its records.
 *
 * Each subject has a file with its tables, what a person reads of it, and its JSON: optim_ranking, optim_claims (the
 * homework's guess and claims), optim_comparison (f1 against f2), optim_phases (rates), optim_rotation (--rotate).
 */
#ifndef DLEXP_OPTIM_REPORT_H
#define DLEXP_OPTIM_REPORT_H

#include <stdio.h>

#include "dlexp/run/experiment.h"
#include "optim_results.h"

/* The functions below take a struct optim_results as their context, as experiment.h wants them. */
extern const struct experiment_table optim_report_tables[];
int optim_report_conclude(void *context, const struct plan *plan, struct error *err);
int optim_report_print(const void *context, FILE *out, struct error *err);
struct cJSON *optim_report_json(const void *context);

/* optim_add_judgement - the rules of the claims, which hang on no run, as a member. */
void optim_add_judgement(const void *context, struct cJSON *root);

#endif
