/*
 * sgd_mean_answers.h - is a larger rate faster at first, and does it end in a wider range?  Judged by the measured
 * errors, each rate against the next smaller one.
 */
#ifndef DLEXP_SGD_MEAN_ANSWERS_H
#define DLEXP_SGD_MEAN_ANSWERS_H

#include "sgd_mean_results.h"

void sgd_mean_print_answers(const struct sgd_mean_results *report, FILE *out);
void sgd_mean_add_answers(struct cJSON *root, const struct sgd_mean_results *report);

#endif
