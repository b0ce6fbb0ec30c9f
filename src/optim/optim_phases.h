/*
 * optim_phases.h - runs on quadratics: their rates before and after the steep direction has decayed.
 */
#ifndef DLEXP_OPTIM_PHASES_H
#define DLEXP_OPTIM_PHASES_H

#include "optim_results.h"

/* optim_phases_exist - whether any run is on a quadratic; optim_phases_columns, optim_phases_fill - phases.csv. */
bool optim_phases_exist(const void *context);
extern const struct frame_column optim_phases_columns[];
void optim_phases_fill(const void *context, struct frame *frame);
int optim_phases_show(const struct optim_results *report, FILE *out, struct error *err);

/* optim_phases_show_rate_error - by how much the measured rates differ from their predictions, over all runs, and
 * whether some could not be measured. */
void optim_phases_show_rate_error(const struct optim_results *report, FILE *out);

#endif
