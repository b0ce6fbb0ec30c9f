#include "dlexp/optimizer_options.h"

#include <string.h>

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
        /* beta1 and beta2 are given together. */
        const char *option = strncmp(row->name, "beta", 4) == 0 ? "betas" : row->name;
        if (!(used & 1u << i) && options_given(invocation, option))
            return error_set(
                err, ERROR_USAGE,
                "--%s: expected an optimizer that uses it, got only '%s', for which it would do nothing; leave it "
                "out or choose another --optimizer",
                option, optimizer_row((size_t)optimizers->values[0])->name);
    }
    return 0;
}
