/* optim_curves.c - see optim_curves.h. */
#include "optim_curves.h"

#include <math.h>

/* Momentum repeats what an iteration's rounding adds, mu^n as much after n more: 1 / (1 - mu) in all. */
static double momentum_of(const struct descent_config *descent)
{
    double r[2] = {0};
    const struct optimizer *optimizer = optimizer_row(descent->optimizer);
    if (optimizer->recurrence)
        optimizer->recurrence(r, descent->lr, &descent->hyper, 0);
    return -r[1];
}

struct optim_curves optim_curves_begin(const struct descent_config *first)
{
    return (struct optim_curves){
        .lower = -1, .overtaken = -1, .step = OPTIM_ROUNDING_STEP / fmax(1 - momentum_of(first), OPTIM_ROUNDING_STEP)};
}

void optim_curves_add(struct optim_curves *curves, double first, double second)
{
    const size_t k = curves->rows++;
    const double difference = fabs(first - second), larger = fabs(first) > fabs(second) ? fabs(first) : fabs(second);
    if (larger > curves->largest)
        curves->largest = larger;
    if (difference > curves->difference) {
        curves->difference = difference;
        curves->at = k;
    }
    if (difference > 0 && difference / curves->largest > curves->share)
        curves->share = difference / curves->largest;
    if (difference <= (OPTIM_ROUNDING + curves->step * (double)k) * curves->largest)
        return;
    const int lower = first < second ? 0 : 1;
    if (curves->lower < 0)
        curves->lower = lower;
    else if (curves->overtaken < 0 && lower != curves->lower)
        curves->overtaken = (int64_t)k;
}
