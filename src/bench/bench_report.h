/*
 * bench_report.h - what was measured, for a person, for a program, and as bench.csv.
 */
#ifndef DLEXP_BENCH_REPORT_H
#define DLEXP_BENCH_REPORT_H

#include "dlexp/bench/bench.h"
#include "dlexp/train/data_options.h"

/* The options of the command. */
struct bench_config {
    struct train_config train; /* norms, hidden, batch, seed */
    struct dataset_source data;
    size_t epochs, kernels;
    double seconds;
    const char *out;
    bool quiet, json;
};

/* All that was measured. */
struct measurements {
    const struct kernels *kernels;
    const struct dataset *data;
    double load_s;
    struct bench bench;               /* empty with --epochs */
    struct bench_training *trainings; /* one a norm */
    size_t count;
    double *each; /* (count, epochs) with --epochs */
};

/* bench_report_print, bench_report_json - on standard output. */
int bench_report_print(const struct bench_config *config, const struct measurements *m, struct error *err);
int bench_report_json(const struct bench_config *config, const struct invocation *invocation,
                      const struct measurements *m, struct error *err);

/* bench_report_write - directory/bench.csv. */
int bench_report_write(const struct measurements *m, const char *directory, struct error *err);

#endif
