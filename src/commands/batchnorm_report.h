/*
 * batchnorm_report.h - what `dlexp batchnorm` says of its records: tables, the comparison with the published numbers, the answers.
 */
#ifndef DLEXP_BATCHNORM_REPORT_H
#define DLEXP_BATCHNORM_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "dlexp/csv.h"
#include "dlexp/dataset.h"
#include "dlexp/optimizer_options.h"
#include "dlexp/options.h"
#include "dlexp/runner.h"
#include "dlexp/train.h"

/* The options of the command. */
struct batchnorm_config {
    struct run_options run;
    struct reals lrs;
    struct integers norms, hidden, seeds;
    int64_t optimizer, epochs, batch, protocol, log_every, kernels;
    struct optimizer_options constants;
    const char *data;
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
    bool diverged;
    size_t epochs;             /* evaluated */
    const double **epoch;      /* epoch[k]: the record's row of epoch k + 1; columns as in EPOCH_ below */
    const char *model_sha256;  /* NULL if there is none */
};

/* Columns of a record's table `epochs`. */
enum { EPOCH_SEGMENT, EPOCH_NUMBER, EPOCH_TRAIN_LOSS, EPOCH_TRAIN_ACCURACY, EPOCH_TEST_LOSS, EPOCH_TEST_ACCURACY };

struct report {
    struct report_row *rows;   /* by norm, lr, seed */
    size_t count;
    const struct dataset *data;
    double chance_percent;     /* test accuracy of always naming the test set's largest class */
    bool published;            /* the data is that of the published numbers, and they were found */
    struct csv published_epochs, published_best;
};

int report_make(struct report *report, const struct plan *plan, const struct train_config *trains, const struct dataset *data,
                struct error *err);
void report_free(struct report *report);

/* report_write_tables - epochs.csv, summary.csv, published.csv, and steps.csv if asked (an old one is removed otherwise). */
int report_write_tables(const struct report *report, const struct batchnorm_config *config, struct error *err);

/* report_print, report_print_json - the result for a person, for a program. */
int report_print(const struct report *report, const struct batchnorm_config *config, FILE *out, struct error *err);
int report_print_json(const struct report *report, const struct batchnorm_config *config, FILE *out, struct error *err);

#endif
