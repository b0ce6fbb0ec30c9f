/*
 * optim_report.h - what `dlexp optim` says of its records.
 *
 * Each subject has a file with its tables, what a person reads of it, and its JSON: optim_ranking, optim_claims (the
 * homework's guess and claims), optim_comparison (f1 against f2), optim_phases (rates), optim_rotation (--rotate).
 */
#ifndef DLEXP_OPTIM_REPORT_H
#define DLEXP_OPTIM_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "dlexp/experiment.h"
#include "dlexp/optimizer_options.h"
#include "dlexp/options.h"
#include "dlexp/runner.h"
#include "optim_problem.h"

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

struct optim_report {
    const struct optim_config *config;
    const struct descent_config *descents; /* one per run of the plan, in its order */
    bool rotating;                         /* --rotate: quad at many angles */
    struct optim_problem *problems;        /* in the plan's order: by fn or angle, optimizer, lr */
    size_t count;
};

/* The functions below take a struct optim_report as their context, as experiment.h wants them. */
extern const struct experiment_table optim_report_tables[];
int optim_report_conclude(void *context, const struct plan *plan, struct error *err);
int optim_report_print(const void *context, FILE *out, struct error *err);
struct cJSON *optim_report_json(const void *context);
void optim_report_free(struct optim_report *report);

/* optim_report_find - the run, or NULL. */
const struct optim_problem *optim_report_find(const struct optim_report *report, const char *fn, const char *optimizer,
                                              double lr);

#endif
