/*
 * compare.h - pairs of numbers that were measured elsewhere, read and judged.
 *
 * A difference is the advantage of a: a - b where larger is better, b - a where smaller is.
 */
#ifndef DLEXP_COMPARE_H
#define DLEXP_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "dlexp/base/error.h"
#include "dlexp/formats/csv.h"
#include "dlexp/statistics/claim.h"
#include "dlexp/statistics/paired.h"

struct compare_config {
    const char *file;
    const char *pair;        /* two names of columns, "a,b" */
    const char *differences; /* one of them; NULL: a pair is asked for */
    size_t better;           /* of compare_better_name */
    size_t about;            /* an enum paired_question */
    double level, margin;    /* margin 0: none */
    size_t family;
    const char *out; /* NULL: nothing is written */
    bool quiet, json;
    size_t color; /* enum screen_color */
};

/* compare_better_name: larger, smaller; compare_about_name: mean, median (for option.h). */
bool compare_better_name(size_t index, const char **name);
bool compare_about_name(size_t index, const char **name);

struct comparison {
    const struct compare_config *config;
    struct csv csv;
    char first[48], second[48]; /* what a and b are called, cut where that is long */
    char measured[128];         /* "a - b, larger is better" */
    double *differences;
    size_t n, failed;               /* pairs judged; failed runs, those of pairs left out among them */
    size_t both_failed;             /* pairs left out */
    double mean_first, mean_second; /* nan: of differences, or where a run failed */
    struct paired_rules rules;
    struct paired judged;
    struct claim claim;
};

/*
 * compare_read - the file's pairs; compare_judge - judged.
 *
 * A run that failed has no value (an empty cell, nan, NA, in any case of letters) or is infinite on the worse side, as
 * steps to a target that was never reached.  It is worse than any finite one: its pair is an infinite difference; a
 * pair of two is left out and counted.  Of differences, inf and -inf are a failed b and a failed a.  Refused as
 * ERROR_DATA with line and column: other texts, values infinitely good, a missing difference, one that is too large for
 * a double.  compare_free after success and failure alike.
 */
int compare_read(struct comparison *comparison, const struct compare_config *config, struct error *err);
int compare_judge(struct comparison *comparison, struct error *err);
void compare_free(struct comparison *comparison);

#endif
