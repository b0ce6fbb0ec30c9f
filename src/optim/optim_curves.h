/*
 * optim_curves.h - two runs' objectives side by side: are they the same, which is lower, does the other overtake?
 */
#ifndef DLEXP_OPTIM_CURVES_H
#define DLEXP_OPTIM_CURVES_H

#include <stddef.h>
#include <stdint.h>

#include "dlexp/optim/descent.h"

/* Curves that differ by no more than this share of the largest objective so far are the same up to rounding, and in a
 * long run by OPTIM_ROUNDING_STEP an iteration: what each adds need not cancel. */
#define OPTIM_ROUNDING 1e-12
#define OPTIM_ROUNDING_STEP 4e-15

struct optim_curves {
    size_t rows;       /* iterations that both have, start included: one may overflow a step before the other */
    double difference; /* the largest, and its iteration */
    size_t at;
    double share;      /* the largest of a difference over the largest objective so far */
    int lower;         /* which is lower by more than rounding at first: 0 or 1; -1: equal all along */
    int64_t overtaken; /* first iteration at which the other is, or -1 */
    double largest;    /* objective so far */
    double step;       /* rounding that an iteration adds */
};

/* optim_curves_begin - no iteration yet; of these two runs the first one's optimizer tells what rounding adds. */
struct optim_curves optim_curves_begin(const struct descent_config *first);

/* optim_curves_add - the objectives of the next iteration. */
void optim_curves_add(struct optim_curves *curves, double first, double second);

#endif
