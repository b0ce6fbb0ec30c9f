/* claim.c - see claim.h. */
#include "dlexp/statistics/claim.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {[VERDICT_NOT_COMPARABLE] = "not comparable",
                                        [VERDICT_SUPPORTED] = "supported",
                                        [VERDICT_CONTRADICTED] = "contradicted",
                                        [VERDICT_EQUIVALENT] = "equivalent",
                                        [VERDICT_UNDECIDED] = "undecided"};
    return names[verdict];
}

struct measure measure_none(void)
{
    return (struct measure){(double)NAN, (double)NAN, (double)NAN};
}

struct measure measure_around(double estimate, double half_width)
{
    return (struct measure){estimate, estimate - half_width, estimate + half_width};
}

struct claim claim_make(const char *id, const char *source, const char *text, const char *first, const char *second)
{
    struct claim claim = {.id = id, .source = source, .text = text, .lr = (double)NAN, .level = (double)NAN};
    claim.a = claim.b = claim.effect = measure_none();
    claim.margin = claim.p = claim.p_holm = claim.anytime_low = claim.anytime_high = (double)NAN;
    const int a = snprintf(claim.first, sizeof claim.first, "%s", first);
    const int b = snprintf(claim.second, sizeof claim.second, "%s", second);
    assert(a >= 0 && (size_t)a < sizeof claim.first && b >= 0 && (size_t)b < sizeof claim.second);
    (void)a, (void)b;
    return claim;
}

void claim_conclude(struct claim *claim, enum verdict verdict, const char *format, ...)
{
    va_list args;
    claim->verdict = claim->anytime_verdict = verdict;
    va_start(args, format);
    const int length = vsnprintf(claim->reason, sizeof claim->reason, format, args);
    va_end(args);
    assert(length >= 0 && (size_t)length < sizeof claim->reason);
    (void)length;
    memcpy(claim->anytime_reason, claim->reason, sizeof claim->reason);
}
