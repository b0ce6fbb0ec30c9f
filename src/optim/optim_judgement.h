/*
 * optim_judgement.h - the homework's guess and findings as claims, judged on each function by itself.
 *
 * A run's number is the iteration from which the objective stays below a threshold.  Each verdict is taken twice: by
 * the runs as they are, and by runs of twice their iterations.
 */
#ifndef DLEXP_OPTIM_JUDGEMENT_H
#define DLEXP_OPTIM_JUDGEMENT_H

#include "dlexp/statistics/claim.h"
#include "optim_results.h"

enum optim_relation { OPTIM_FASTER, OPTIM_EQUAL };

/* Each of `first` against each of `second`: on f1 and on f2 by themselves, or (across) the first on f1 with the second
 * on f2, which is f1 turned.  All are about the homework's setting (optim_problem_is_homework). */
struct optim_claim {
    const char *id, *source, *text;
    enum optim_relation relation;
    bool across;
    const char *first[4], *second[4];
};
enum { OPTIM_CLAIMS = 10 };
extern const struct optim_claim optim_claims[OPTIM_CLAIMS];

/* A verdict and the pair of runs that decides it. */
struct optim_outcome {
    enum verdict verdict;
    const struct optim_problem *first, *second;
    int64_t a, b;       /* the iterations from which on each stays below the threshold, or -1 */
    int64_t iterations; /* that each was given */
};

/* A claim on a function at a threshold, that there are runs for. */
struct optim_judgement {
    size_t next; /* where the walk goes on; 0 at first */
    const struct optim_claim *claim;
    const char *place; /* "f1", "f2", "f1 and f2" */
    size_t threshold;
    struct optim_outcome outcome, twice; /* by the runs as they are, and at twice the iterations */
    bool differs;                        /* the verdicts of the two */
};

/* optim_judgement_next - the next one, by claim, function, threshold; false past the last. */
bool optim_judgement_next(const struct optim_results *report, struct optim_judgement *j);

/* optim_judgement_margin - iteration counts are as fast when they differ by no more: one iteration or one percent. */
#define OPTIM_MARGIN_LEAST 1.0
#define OPTIM_MARGIN_SHARE 0.01
double optim_judgement_margin(int64_t a, int64_t b);

/* optim_judgement_equal_so_far - whether the two curves of an undecided "as fast on f1 as on f2" are equal to rounding
 * as far as they go. */
bool optim_judgement_equal_so_far(const struct optim_judgement *j);

/* optim_judgement_absent - how many claims have no judgement, as there are no runs for them. */
size_t optim_judgement_absent(const struct optim_results *report);

#endif
