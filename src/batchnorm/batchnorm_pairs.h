/*
 * batchnorm_pairs.h - pairs.csv: the pairs of runs that the claims about BatchNorm are judged by, a row for each seed.
 *
 * First those of the claims' own numbers (lr empty), then those at each rate that both nets have.  batchnorm and none
 * are what the claim compares: steps to the target ("inf": never), the largest rate that trains (0: it did not train at
 * its net's best rate), test accuracy at the end in %; lr_batchnorm and lr_none are the rates at which, of the largest
 * rates those from which, they were taken.  effect: log2 of the ratio, or the difference in points; empty where the
 * pair is left out.  The claims' numbers follow from these rows alone.
 */
#ifndef DLEXP_BATCHNORM_PAIRS_H
#define DLEXP_BATCHNORM_PAIRS_H

#include "batchnorm_claims.h"

enum { PAIRS_KEYS = 3 };
extern const struct frame_column pairs_columns[];
void pairs_fill(const void *batchnorm, struct frame *frame);
bool pairs_wanted(const void *batchnorm);

#endif
