/*
 * batchnorm_run.h - one run of `dlexp batchnorm`, as its plan (run/runner.h) calls it: computed, checked, told.
 */
#ifndef DLEXP_BATCHNORM_RUN_H
#define DLEXP_BATCHNORM_RUN_H

#include "batchnorm_rows.h"

/* The members of struct plan; its context is a struct batchnorm. */
int batchnorm_compute(const struct plan *plan, const struct run *run, const struct run_hooks *hooks,
                      struct record *record, struct error *err);
int batchnorm_check_record(const struct plan *plan, const struct run *run, struct record *record, struct error *err);
void batchnorm_describe_run(const struct plan *plan, const struct run *run, char *line, size_t size);

/* batchnorm_lacks - with --save-best a run is done when all its model files are there, with --layers when its record
 * has the measures of today, with --bits when its record has bits per test image, with --keep-last when its end is
 * kept. */
int batchnorm_lacks(bool *lacks, const struct plan *plan, const struct run *run, struct error *err);

#endif
