#include "dlexp/train/optimizer_options.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "dlexp/base/number.h"

static_assert(offsetof(struct hyperparameters, beta2) == offsetof(struct hyperparameters, beta1) + sizeof(double),
              "--betas fills in both");

bool optimizer_options_used(size_t optimizer, const struct option *row)
{
    const struct hyperparameter *constant;
    for (size_t i = 0; (constant = hyperparameter_row(i)) != NULL; i++)
        if (strcmp(constant->option, row->name) == 0)
            return optimizer_row(optimizer)->uses >> i & 1;
    return false;
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
        if (!(optimizer->uses & 1u << i) || (!vanishes_or_overflows(value) && (row->high >= 1 || (float)value < 1)))
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
