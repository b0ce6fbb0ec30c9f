/*
 * sgd_mean_report.h - what `dlexp sgd-mean` says of its records: tables, theory beside the measurement, the answers.
 */
#ifndef DLEXP_SGD_MEAN_REPORT_H
#define DLEXP_SGD_MEAN_REPORT_H

#include <stdio.h>

#include "dlexp/run/experiment.h"
#include "sgd_mean_results.h"

/* sgd_mean_tables - trajectory.csv, bands.csv, theory.csv, summary.csv, claims.csv; their context is the results. */
extern const struct experiment_table sgd_mean_tables[];

/* The result for a person, for a program. */
int sgd_mean_print_result(const void *context, FILE *out, struct error *err);
struct cJSON *sgd_mean_result_to_json(const void *context);

/* sgd_mean_add_judgement - the rules of the claims, which hang on no run, as a member. */
void sgd_mean_add_judgement(const void *context, struct cJSON *root);

#endif
