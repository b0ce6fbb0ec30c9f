#include "dlexp/train/optimizer_options.h"

#include <math.h>
#include <string.h>

#include "dlexp/base/number.h"

/* beta1 and beta2 are given together. */
static const char *option_of(const struct hyperparameter *row)
{
    return strncmp(row->name, "beta", 4) == 0 ? "betas" : row->name;
}

int optimizer_options_read(const struct optimizer_options *options, const struct invocation *invocation,
                           const struct integers *optimizers, struct hyperparameters *hyper, struct error *err)
{
    *hyper = (struct hyperparameters){.momentum = options->momentum,
                                      .alpha = options->alpha,
                                      .beta1 = options->betas.values[0],
                                      .beta2 = options->betas.values[1],
                                      .eps = options->eps};
    unsigned used = 0;
    for (size_t i = 0; i < optimizers->count; i++)
        used |= optimizer_row((size_t)optimizers->values[i])->uses;
    const struct hyperparameter *row;
    for (size_t i = 0; (row = hyperparameter_row(i)) != NULL; i++) {
        const char *option = option_of(row);
        if (!(used & 1u << i) && options_given(invocation, option))
            return error_set(
                err, ERROR_USAGE,
                "--%s: expected an optimizer that uses it, got only '%s', for which it would do nothing; leave it "
                "out or choose another --optimizer",
                option, optimizer_row((size_t)optimizers->values[0])->name);
    }
    return 0;
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
                         option_of(row), number_format_real(number, value), (double)(float)value);
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

int optimizer_options_check_single(size_t optimizer, const struct reals *lrs, const struct hyperparameters *hyper,
                                   struct error *err)
{
    const struct optimizer *row = optimizer_row(optimizer);
    char number[NUMBER_TEXT_SIZE], other[NUMBER_TEXT_SIZE];
    if (check_constants(row, hyper, err) < 0)
        return -1;
    for (size_t i = 0; i < lrs->count; i++) {
        const double lr = lrs->values[i];
        if (vanishes_or_overflows(lr) || overflows_corrected(row, lr, hyper))
            return error_set(err, ERROR_USAGE, "--lr: expected a rate that single precision can hold%s, got %s",
                             vanishes_or_overflows(lr) ? "" : ", also when corrected for the bias of the first step",
                             number_format_real(number, lr));
        for (size_t j = 0; j < i; j++)
            if ((float)lr == (float)lrs->values[j])
                return error_set(err, ERROR_USAGE,
                                 "--lr: expected every rate once, got %s and %s, which are the same in single "
                                 "precision, in which networks are trained",
                                 number_format_real(other, lrs->values[j]), number_format_real(number, lr));
    }
    return 0;
}
