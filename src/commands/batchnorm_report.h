/*
 * batchnorm_report.h - what `dlexp batchnorm` says of its records: tables, the comparison with the published numbers,
 * the answers.
 */
#ifndef DLEXP_BATCHNORM_REPORT_H
#define DLEXP_BATCHNORM_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "dlexp/csv.h"
#include "dlexp/dataset.h"
#include "dlexp/experiment.h"
#include "dlexp/net_options.h"
#include "dlexp/optimizer_options.h"
#include "dlexp/options.h"
#include "dlexp/runner.h"
#include "dlexp/train.h"
#include "dlexp/train_record.h"

/* The options of the command. */
struct batchnorm_config {
    struct run_options run;
    struct reals lrs;
    struct net_options net;
    struct integers seeds;
    int64_t optimizer, epochs, protocol, log_every, kernels, threads;
    struct optimizer_options constants;
    bool save_best, describe;
};

/* One (norm, lr, seed): a row of summary.csv. */
struct report_row {
    const struct run *run;
    size_t segment;
    enum mlp_norm norm;
    const char *norm_name;
    double lr;
    int64_t seed;
    bool diverged; /* as `ending` says */
    struct train_ending ending;
    size_t epochs;            /* evaluated */
    const double **epoch;     /* epoch[k]: the record's row of epoch k + 1; columns as in EPOCH_ below */
    const char *model_sha256; /* NULL if there is none */
};

/* Columns of a record's table `epochs`. */
enum { EPOCH_SEGMENT, EPOCH_NUMBER, EPOCH_TRAIN_LOSS, EPOCH_TRAIN_ACCURACY, EPOCH_TEST_LOSS, EPOCH_TEST_ACCURACY };

/* All that the command works with: the context of its experiment (experiment.h). */
struct batchnorm {
    const struct batchnorm_config *config;
    struct dataset data;
    const struct kernels *kernels;
    struct train_config *trains; /* one a run of the plan, in its order */
    char *models;                /* DIR/models */

    /* The rest is derived from the records by report_make. */
    struct report_row *rows; /* by norm, lr, seed */
    size_t count;
    double chance_percent; /* test accuracy of always naming the test set's largest class */
    bool published;        /* the data is that of the published numbers, and they were found */
    struct csv published_epochs, published_best;
};

/* report_make - the rows of all tables, once every run of the plan has its record. */
int report_make(void *batchnorm, const struct plan *plan, struct error *err);
void report_free(struct batchnorm *batchnorm);

/* report_tables - epochs.csv, summary.csv, published.csv, steps.csv. */
extern const struct experiment_table report_tables[];

/* report_print, report_to_json - the result for a person, for a program. */
int report_print(const void *batchnorm, FILE *out, struct error *err);
struct cJSON *report_to_json(const void *batchnorm);

#endif
