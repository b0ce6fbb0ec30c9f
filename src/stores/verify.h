/*
 * verify.h - trains stored runs again and compares what comes out with what is stored.
 *
 * A run's bytes are the same on every machine, with every kernel set and number of threads.  So whoever has the data
 * can look whether a store, published or merged, is what it says: every value, number and weight hash of a record, and
 * the bytes of its model files.  Nothing is written.
 */
#ifndef DLEXP_VERIFY_H
#define DLEXP_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dlexp/base/error.h"
#include "dlexp/run/task.h"
#include "scan.h"
#include "verify_pool.h"

/* How many are trained: all, so many, or by VERIFY_FEW as many as VERIFY_S seconds allow. */
enum { VERIFY_FEW = 10, VERIFY_S = 60 };

struct verify_wanted {
    bool all;
    size_t sample; /* 0: by VERIFY_FEW and VERIFY_S */
    uint64_t seed; /* which ones */
    bool quiet;
};

struct verify {
    const struct run_task_call *call;
    struct verify_wanted wanted;
    struct scan scan;
    struct verified *runs; /* in the plan's order: the sample, and all that are damaged */
    size_t count;
    size_t stored;  /* runs of the plan that have a record */
    double seconds; /* that the sample takes by the estimate; nan: nobody knows */
    size_t agree, values, numbers, models;
};

/*
 * verify_run - choose, train and compare.  ERROR_DATA: no run of the call is stored, or (scan_check_source) the data
 * are others.  128 + n after a signal.  0 also where something differs.  verify_free after success and failure alike.
 *
 * begin: told once it is known what will be done.
 */
int verify_run(struct verify *verify, const struct run_task_call *call, const struct verify_wanted *wanted,
               void (*begin)(const struct verify *verify), struct error *err);
void verify_free(struct verify *verify);

/* verify_differs - "table 'epochs', row 3, test_loss: stored 0.5, now 0.25", or what else is wrong. */
enum { VERIFY_TEXT = 2048 };
const char *verify_differs(char text[VERIFY_TEXT], const struct verified *run);

#endif
