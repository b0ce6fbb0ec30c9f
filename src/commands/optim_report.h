/*
 * optim_report.h - what `dlexp optim` says of its records: tables, ranking, the homework's guess and claims, part (c),
 * angles.
 */
#ifndef DLEXP_OPTIM_REPORT_H
#define DLEXP_OPTIM_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "dlexp/descent.h"
#include "dlexp/experiment.h"
#include "dlexp/optimizer_options.h"
#include "dlexp/options.h"
#include "dlexp/runner.h"

/* The options of the command. */
struct optim_config {
    struct run_options run;
    struct integers fns, optimizers; /* rows of the tables once the command has sorted them */
    struct reals lrs, init, eigen;
    double angle;
    int64_t iterations;
    const char *rotate;
    struct optimizer_options constants;
};

enum { OPTIM_THRESHOLDS = 4 };

/* One run: a row of summary.csv. */
struct optim_problem {
    const struct descent_config *descent;
    const char *fn, *optimizer;
    const double *cells; /* trajectory, as in descent.h */
    size_t rows;
    int64_t diverged;                  /* iteration, or -1 */
    int64_t reached[OPTIM_THRESHOLDS]; /* first iteration below, or -1 */
    int64_t settled[OPTIM_THRESHOLDS]; /* from which on it stays below; -1: it is not below at the end */
    bool is_quadratic;
    struct quadratic quadratic;
};

struct optim_report {
    const struct optim_config *config;
    const struct descent_config *descents; /* one a run of the plan, in its order */
    bool rotating;                         /* --rotate: quad at many angles */
    struct optim_problem *problems;        /* in the plan's order: by fn or angle, optimizer, lr */
    size_t count;
};

/* The functions below take a struct optim_report as their context, as experiment.h wants them. */
extern const struct experiment_table optim_report_tables[];
int optim_report_conclude(void *context, const struct plan *plan, struct error *err);
void optim_report_print(const void *context, FILE *out);
struct cJSON *optim_report_json(const void *context);
void optim_report_free(struct optim_report *report);

/* optim_report_optimizer - what the rule is called here: gd for sgd. */
const char *optim_report_optimizer(size_t row);

#endif
