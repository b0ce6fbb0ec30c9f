/*
 * sgd_mean_answers.h - the claims (sgd_mean_claims.h) as sentences, as claims.csv, and as JSON has them.
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
