/*
 * sgd_mean_report.h - what `dlexp sgd-mean` says of its records: tables, theory beside the measurement, the answers.
 */
#ifndef DLEXP_SGD_MEAN_REPORT_H
#define DLEXP_SGD_MEAN_REPORT_H

#include <stdio.h>

#include "sgd_mean_results.h"

/* The tables; context is the report. */
void sgd_mean_print_trajectory(const void *context, FILE *out);
void sgd_mean_print_bands(const void *context, FILE *out);
void sgd_mean_print_theory(const void *context, FILE *out);
void sgd_mean_print_summary(const void *context, FILE *out);

/* The result for a person, for a program. */
int sgd_mean_print_result(const void *context, FILE *out, struct error *err);
struct cJSON *sgd_mean_result_to_json(const void *context);

#endif
