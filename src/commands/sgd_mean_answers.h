/*
 * sgd_mean_answers.h - is a larger rate faster at first, and does it end in a wider range?  Judged by the measured
 * errors, each rate against the next smaller one.
 */
#ifndef DLEXP_SGD_MEAN_ANSWERS_H
#define DLEXP_SGD_MEAN_ANSWERS_H

#include "sgd_mean_report.h"

/*
 * Fewer trials give no verdict, interval or z-score: squared errors are skewed, and a t interval of few of them misses
 * more often than it says.  A 95 % one covers 83 % at 5 trials, 91 % at 30, from 93 % on at 100 (simulated, at the
 * worst a single iteration's error near the floor).
 */
enum { SGD_MEAN_TRIALS = 100 };

void sgd_mean_print_answers(const struct sgd_mean_report *report, FILE *out);
void sgd_mean_add_answers(struct cJSON *root, const struct sgd_mean_report *report);

#endif
