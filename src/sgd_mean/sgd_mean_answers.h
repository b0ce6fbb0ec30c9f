/*
 * sgd_mean_answers.h - is a larger rate faster at first, and does it end in a wider range?  Judged by the measured
 * errors, each rate against the next smaller one.
 */
#ifndef DLEXP_SGD_MEAN_ANSWERS_H
#define DLEXP_SGD_MEAN_ANSWERS_H

#include "dlexp/formats/frame.h"
#include "sgd_mean_results.h"

void sgd_mean_print_answers(const struct sgd_mean_results *report, FILE *out);

/* claims.csv, and the answers as JSON has them; their context is the results. */
void sgd_mean_fill_claims(const void *results, struct frame *frame);
extern const struct frame_column sgd_mean_answers_columns[];
void sgd_mean_fill_answers(const void *results, struct frame *frame);

#endif
