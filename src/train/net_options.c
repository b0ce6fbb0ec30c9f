#include "dlexp/train/net_options.h"

int net_options_check(const struct net_options *options, struct error *err)
{
    for (size_t i = 0; i < options->norms.count; i++)
        for (size_t j = 0; j < i; j++)
            if (options->norms.values[i] == options->norms.values[j])
                return error_set(err, ERROR_USAGE, "--norm: expected every name once, got one twice");
    if (options->hidden.count >= MLP_LAYERS_MAX)
        return error_set(err, ERROR_USAGE, "--hidden: expected at most %d layers, got %zu", MLP_LAYERS_MAX - 1,
                         options->hidden.count);
    return 0;
}
