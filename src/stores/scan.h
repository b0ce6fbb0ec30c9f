/*
 * scan.h - what lies in a results folder beside the runs of a plan: records of other calls, unfinished files.
 *
 * Only names are read, one folder after the other.
 */
#ifndef DLEXP_SCAN_H
#define DLEXP_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/error.h"
#include "dlexp/base/temporary.h"
#include "dlexp/run/runner.h"

/* Unfinished files of a host's processes (temporary.h). */
struct scan_host {
    char name[TEMPORARY_HOST_SIZE];
    bool here;
    size_t files;
    size_t abandoned; /* of these, by processes that are gone; of other hosts nobody can tell */
};

enum { SCAN_OTHERS = 256 };

struct scan {
    bool *filed;   /* [plan->count]: a record's file is there, whatever it holds */
    size_t others; /* records in the store that are of no run of the plan */
    struct scan_other {
        char id[STORE_ID_SIZE];
    } some[SCAN_OTHERS]; /* the first of them */
    struct scan_host *hosts;
    size_t host_count;
};

/* scan_make - of the plan's directory; scan_free after success and failure alike. */
int scan_make(struct scan *scan, const struct plan *plan, struct error *err);

/*
 * scan_check_source - ERROR_DATA, with both hashes, where records of other calls are of runs of this plan, but with
 * other data: then the call was not given the data that they were computed with.
 */
int scan_check_source(const struct scan *scan, const struct plan *plan, struct error *err);
void scan_free(struct scan *scan);

#endif
