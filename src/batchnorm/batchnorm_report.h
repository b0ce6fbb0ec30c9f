/*
 * batchnorm_report.h - what `dlexp batchnorm` derives from its records, step by step, and the tables it writes.
 */
#ifndef DLEXP_BATCHNORM_REPORT_H
#define DLEXP_BATCHNORM_REPORT_H

#include "batchnorm_rows.h"

/* report_make - all that tables and answers are made of, once every run of the plan has its record. */
int report_make(void *batchnorm, const struct plan *plan, struct error *err);

/* report_free - all that was derived from the records: what stands in struct batchnorm from `plan` on is then as it was
 * before. */
void report_free(struct batchnorm *batchnorm);

/* report_tables - epochs.csv, summary.csv, groups.csv (means over seeds), curves.csv (what figures draw), claims.csv,
 * published.csv (where there is something to compare), steps.csv, evals.csv, layers.csv and layer_curves.csv. */
extern const struct experiment_table report_tables[];

#endif
