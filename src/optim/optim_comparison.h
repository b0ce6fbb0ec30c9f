/*
 * optim_comparison.h - part (c) of the homework: is an optimizer the same on f1 and on f2, which is f1 turned?
 */
#ifndef DLEXP_OPTIM_COMPARISON_H
#define DLEXP_OPTIM_COMPARISON_H

#include "optim_results.h"

struct cJSON;

/* optim_comparison_exists - whether any optimizer ran on both; optim_comparison_print - comparison.csv. */
bool optim_comparison_exists(const void *context);
void optim_comparison_print(const void *context, FILE *out);
int optim_comparison_show(const struct optim_results *report, FILE *out, struct error *err);
void optim_comparison_add(struct cJSON *root, const struct optim_results *report);

#endif
