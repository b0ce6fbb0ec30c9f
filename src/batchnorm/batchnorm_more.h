/*
 * batchnorm_more.h - how many more runs, decided by results in ways that leave intervals their level.  Functions of
 * numbers alone; batchnorm_rounds.c asks them between the rounds of a call.
 */
#ifndef DLEXP_BATCHNORM_MORE_H
#define DLEXP_BATCHNORM_MORE_H

#include <stdbool.h>
#include <stddef.h>

/* More than these are refused on the command line. */
enum { MORE_FIRST = 10, MORE_SEEDS_MAX = 10000, MORE_REFINE_MAX = 12 };

/*
 * --until-width: two stages (Stein 1945; statistics/sample_size.h).  Only the deviation of the first stage decides how
 * many seeds there are, never their mean, so the interval of the mean of all covers `level` exactly for normal
 * differences.
 */
struct more_width {
    size_t first;      /* seeds of the first stage, */
    double deviation;  /* s0, of their differences */
    size_t wanted;     /* N = max(first, ceil((t_(first-1) s0 / H)^2)); 0: more than SAMPLE_SIZE_MAX */
    size_t seeds;      /* N, but at most what is allowed */
    bool capped;       /* which was less */
    double half_width; /* t_(first-1) s0 / sqrt(seeds) */
};

/* more_width_of - deviation: of the `first` >= 2 differences of the first stage, finite (asserted); half_width H > 0;
 * most >= first. */
struct more_width more_width_of(double deviation, size_t first, double half_width, double level, size_t most);

/*
 * --until-decided: seeds come one after the other, and after each the claims are judged by evidence that holds whenever
 * one looks (statistics/anytime.h); the first number of seeds at which all of them are decided is the last.  Seeds are
 * computed some at a time, but judged one by one, so that their number does not depend on how many at a time.
 */
struct more_step {
    size_t seeds; /* that there are to be, fewer than there are where too many were computed */
    bool enough;  /* no more than these; else they are to be computed, and judged */
    bool decided; /* and why: all claims are */
};

/* more_step_of - decided[i]: after first + i seeds all are, i = 0 .. seeds - first; batch >= 1 are computed at a time.
 * most >= first. */
struct more_step more_step_of(const bool *decided, size_t first, size_t seeds, size_t batch, size_t most);

/* more_batch - seeds at a time, so that `jobs` runs at a time have something to do, `runs` of them a seed. */
size_t more_batch(size_t jobs, size_t runs);

/*
 * --refine: the rate between the largest at which a run trained and the next one, at which it did not: their geometric
 * middle, of 6 significant digits (base/spaced.h).  0 where there is none: it trained at no rate (0) or at all of the
 * grid (next is infinite), or the two are neighbours.
 */
double more_middle(double trained, double next);

#endif
