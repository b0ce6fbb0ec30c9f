/*
 * optim_rotation.h - --rotate: does it matter to an optimizer at which angle the axes of a quadratic lie?
 */
#ifndef DLEXP_OPTIM_ROTATION_H
#define DLEXP_OPTIM_ROTATION_H

#include "optim_results.h"

struct cJSON;

/* optim_rotation_columns, optim_rotation_fill - rotation.csv. */
extern const struct frame_column optim_rotation_columns[];
void optim_rotation_fill(const void *context, struct frame *frame);
int optim_rotation_show(const struct optim_results *report, FILE *out, struct error *err);
void optim_rotation_add(struct cJSON *root, const struct optim_results *report);

#endif
