#include "dlexp/train/optimizer_options.h"

#include <math.h>
#include <string.h>

#include "dlexp/base/number.h"

/* The first constant that the option sets. */
static size_t constant_of(const struct option *row)
{
    size_t i = 0;
    while (strcmp(hyperparameter_row(i)->option, row->name) != 0)
        i++;
    return i;
}

bool optimizer_option_applies(const void *optimizer, const struct option *row)
{
    return optimizer_row(*(const size_t *)optimizer)->uses >> constant_of(row) & 1;
}

double optimizer_option_initial(const void *optimizer, const struct option *row)
{
    return optimizer_initial(optimizer_row(*(const size_t *)optimizer), constant_of(row));
}

static bool vanishes_or_overflows(double value)
{
    return value != 0 && ((float)value == 0 || isinf((float)value));
}

static int check_constants(const struct optimizer *optimizer, const struct hyperparameters *hyper, struct error *err)
{
    char number[NUMBER_TEXT_SIZE];
    const struct hyperparameter *row;
    for (size_t i = 0; (row = hyperparameter_row(i)) != NULL; i++) {
        const double value = hyperparameter_value(hyper, i);
        if (!(optimizer->uses & 1u << i) ||
            (!vanishes_or_overflows(value) && (!row->high_open || (float)value < (float)row->high)))
            continue;
        return error_set(err, ERROR_USAGE,
                         "--%s: expected a number that single precision, in which networks are trained, can hold, got "
                         "%s, which becomes %g there",
                         row->option, number_format_real(number, value), (double)(float)value);
    }
    return 0;
}

/* Rates so large that the first step's constant, for Adam lr / (1 - beta1), is no number any more. */
static bool overflows_corrected(const struct optimizer *optimizer, double lr, const struct hyperparameters *hyper)
{
    double c[OPTIMIZER_CONSTANTS_MAX] = {0};
    optimizer->constants(c, lr, hyper, 1);
    return !isfinite((float)c[0]);
}

int optimizer_options_check_single(size_t optimizer, double lr, const struct hyperparameters *hyper, struct error *err)
{
    const struct optimizer *row = optimizer_row(optimizer);
    char number[NUMBER_TEXT_SIZE];
    if (check_constants(row, hyper, err) < 0)
        return -1;
    if (vanishes_or_overflows(lr) || overflows_corrected(row, lr, hyper))
        return error_set(err, ERROR_USAGE, "--lr: expected a rate that single precision can hold%s, got %s",
                         vanishes_or_overflows(lr) ? "" : ", also when corrected for the bias of the first step",
                         number_format_real(number, lr));
    return 0;
}

int optimizer_options_check_rates(const double *lrs, size_t count, struct error *err)
{
    char number[NUMBER_TEXT_SIZE], other[NUMBER_TEXT_SIZE];
    for (size_t i = 1; i < count; i++)
        if ((float)lrs[i] == (float)lrs[i - 1])
            return error_set(err, ERROR_USAGE,
                             "--lr: expected every rate once, got %s and %s, which are the same in single precision, "
                             "in which networks are trained",
                             number_format_real(other, lrs[i - 1]), number_format_real(number, lrs[i]));
    return 0;
}
