/*
 * sgd_mean_claims.h - is a larger rate faster at first, and does it end in a wider range?  Each rate is judged against
 * the next smaller one, trial by trial, as both saw the same draws.
 *
 * faster   At the first iteration at which theory has the larger rate at half of the start's error; where it never is,
 *          the smaller one.  Per trial the ratio of squared errors, smaller rate / larger.
 * wider    Per trial the ratio of terminal errors (mean of (y - y*)^2 over the last half), larger rate / smaller.
 *
 * A ratio's median is judged, by its order interval and the sign test (statistics/paired.h), which hold for any law:
 * squared errors are skewed.  The ratio of distances is the root of that of squared errors, and so are the ends of its
 * interval.  The two claims of a pair of rates are a family of two.
 */
#ifndef DLEXP_SGD_MEAN_CLAIMS_H
#define DLEXP_SGD_MEAN_CLAIMS_H

#include "dlexp/base/error.h"
#include "sgd_mean_results.h"

/* sgd_mean_claims_make - results->pairs, from its rows.  Draws that are missing are made. */
int sgd_mean_claims_make(struct sgd_mean_results *results, struct error *err);

/* Ratios of the mean terminal squared errors, larger rate / smaller; nan where there is none. */
struct sgd_mean_ratios {
    double measured, theory, floors;
};
struct sgd_mean_ratios sgd_mean_ratios_of(const struct sgd_mean_pair *pair);

#endif
