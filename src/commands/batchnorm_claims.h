/*
 * batchnorm_claims.h - whether what is said of BatchNorm holds: differences batchnorm - none over the same seeds.
 */
#ifndef DLEXP_BATCHNORM_CLAIMS_H
#define DLEXP_BATCHNORM_CLAIMS_H

#include "batchnorm_report.h"
#include "dlexp/statistics.h"

enum { REPORT_CLAIM_FASTER, REPORT_CLAIM_RATES, REPORT_CLAIM_BETTER, REPORT_CLAIMS };

/* A claim at one learning rate. */
struct report_answer {
    const char *claim;
    double lr;
    struct statistics batchnorm, none, difference; /* of the test accuracy in % */
    const char *verdict;
};

/* report_answer_claim - false if the claim says nothing at this rate, or one of the nets was not trained at it. */
bool report_answer_claim(const struct batchnorm *report, size_t claim, double lr, struct report_answer *answer);

#endif
