/*
 * hyperparameters.h - the constants that an optimizer may have beside the learning rate: one table.
 *
 * To add one: a row here, and what it does in src/kernels/rules.h.
 */
#ifndef DLEXP_HYPERPARAMETERS_H
#define DLEXP_HYPERPARAMETERS_H

#include <math.h>

/*
 * The rows, in the order of a run's spec.  ONE: an option with one constant; its name in records, the option, PyTorch's
 * default (of those that have none of their own, rules.h), whether it is quiet, for one that came after runs were
 * stored: its default is not in the spec; help; bounds, as members of struct hyperparameter and struct option alike.
 * TWO: an option with two.  `context` goes before all that.
 */
#define HYPERPARAMETERS(ONE, TWO, context)                                                                             \
    ONE(context, momentum, "momentum", 0.9, false, "decay of the sum of gradients", .high = 1, .high_open = true),     \
        ONE(context, alpha, "alpha", 0.99, false, "decay of the mean square", .high = 1, .high_open = true),           \
        TWO(context, beta1, beta2, "betas", 0.9, 0.999, false, "decays of the mean gradient and of the mean square",   \
            .high = 1, .high_open = true),                                                                             \
        ONE(context, weight_decay, "weight-decay", 0, true,                                                            \
            "decay D of the weights w: D w is added to their gradient; an optimizer with a default of its own takes "  \
            "lr D w off them instead",                                                                                 \
            .high = INFINITY),                                                                                         \
        ONE(context, eps, "eps", 1e-8, false, "added to the root mean square", .low_open = true, .high = 1)

/* Their values in a run. */
#define HYPERPARAMETER_ONE_(context, name, ...) name
#define HYPERPARAMETER_TWO_(context, first, second, ...) first, second
struct hyperparameters {
    double HYPERPARAMETERS(HYPERPARAMETER_ONE_, HYPERPARAMETER_TWO_, );
};

#endif
