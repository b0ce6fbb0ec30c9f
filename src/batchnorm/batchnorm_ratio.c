/* Ratios of pairs, of which some are infinite, judged by their logarithms; see batchnorm_evidence_parts.h. */
#include <math.h>
#include <stdlib.h>

#include "batchnorm_evidence_parts.h"
#include "dlexp/statistics/order.h"

int evidence_ratios_init(struct evidence_ratios *ratios, size_t seeds, struct error *err)
{
    *ratios = (struct evidence_ratios){.logs = calloc(5 * seeds, sizeof(double))};
    if (!ratios->logs)
        return error_out_of_memory(err, "the claims");
    ratios->low = ratios->logs + seeds;
    ratios->high = ratios->low + seeds;
    ratios->first = ratios->high + seeds;
    ratios->second = ratios->first + seeds;
    return 0;
}

void evidence_ratios_free(struct evidence_ratios *ratios)
{
    free(ratios->logs);
}

void evidence_ratios_add(struct evidence_ratios *ratios, double first, double second, double ratio, double low,
                         double high)
{
    ratios->first[ratios->n] = first;
    ratios->second[ratios->n] = second;
    ratios->logs[ratios->n] = log2(ratio);
    ratios->low[ratios->n] = low;
    ratios->high[ratios->n++] = high;
}

/*
 * What is sure of an infinite number of the claim: each infinite ratio is at least its low.  upper: of one that is 0,
 * at most its high.  Values that are sorted and taken at the same places bound those of the ratios.
 */
static void sure_values(double *values, const struct evidence_ratios *ratios, bool upper)
{
    for (size_t i = 0; i < ratios->n; i++) {
        const double log = ratios->logs[i];
        values[i] = exp2(log);
        if (!upper && log == (double)INFINITY)
            values[i] = ratios->low[i];
        else if (upper && log == -(double)INFINITY)
            values[i] = ratios->high[i];
    }
    order_sort(values, ratios->n);
}

/* Replaces what is infinite (upper: 0) in the effect by what is sure of it; nan: it is what it is. */
static void bound(struct evidence_answer *answer, const double *values, double unsure)
{
    const struct measure *effect = &answer->paired.effect;
    const struct order_interval *order = &answer->paired.order;
    const size_t n = answer->paired.n;
    if (effect->estimate == unsure)
        answer->bounds.estimate = order_median(values, n);
    if (order->rank > 0 && effect->low == unsure)
        answer->bounds.low = values[order->rank - 1];
    if (order->rank > 0 && effect->high == unsure)
        answer->bounds.high = values[n - order->rank];
}

static double known(double log, double bound)
{
    return isnan(bound) ? exp2(log) : bound;
}

/* What is sure of one number is sure of those that lie beyond it; fmax and fmin leave out what is nan. */
static void order_bounds(struct evidence_answer *answer)
{
    const struct measure *effect = &answer->paired.effect;
    struct measure *bounds = &answer->bounds;
    if (effect->estimate == (double)INFINITY)
        bounds->estimate = fmax(bounds->estimate, known(effect->low, bounds->low));
    else if (effect->estimate == -(double)INFINITY)
        bounds->estimate = fmin(bounds->estimate, known(effect->high, bounds->high));
    if (effect->high == (double)INFINITY)
        bounds->high = fmax(bounds->high, known(effect->estimate, bounds->estimate));
    if (effect->low == -(double)INFINITY)
        bounds->low = fmin(bounds->low, known(effect->estimate, bounds->estimate));
}

static double median_of(double *values, size_t n)
{
    order_sort(values, n);
    return order_median(values, n);
}

int evidence_ratio_judge(struct evidence_answer *answer, const struct evidence_ratios *ratios,
                         const struct paired_rules *rules, struct error *err)
{
    if (paired_of(&answer->paired, PAIRED_MEDIAN, ratios->logs, ratios->n, ratios->failed, rules, err) < 0)
        return -1;
    paired_fill(&answer->claim, &answer->paired, rules);
    if (ratios->n == 0)
        return 0;
    double *values = calloc(ratios->n, sizeof *values);
    if (!values)
        return error_out_of_memory(err, "the claims");
    sure_values(values, ratios, false);
    bound(answer, values, (double)INFINITY);
    sure_values(values, ratios, true);
    bound(answer, values, -(double)INFINITY);
    order_bounds(answer);
    free(values);
    answer->claim.a.estimate = median_of(ratios->first, ratios->n);
    answer->claim.b.estimate = median_of(ratios->second, ratios->n);
    return 0;
}

struct measure evidence_ratios_bracket(struct evidence_ratios *ratios)
{
    struct measure bracket = measure_none();
    if (ratios->n > 0) {
        bracket.low = median_of(ratios->low, ratios->n);
        bracket.high = median_of(ratios->high, ratios->n);
    }
    return bracket;
}
