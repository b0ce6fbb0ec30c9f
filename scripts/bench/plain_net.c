/* Steps of a plain net. */
#include "plain_net.h"

#include <stdlib.h>
#include <string.h>

#include "dlexp/train/trainer.h"

static const double rate = 0.01;

struct plain_net {
    struct widths hidden;
    struct train_config config;
    struct trainer trainer;
    size_t step; /* steps that were made */
};

static int begin(struct plain_net *net, const struct kernels *kernels, const struct dataset *data, size_t batch,
                 uint64_t seed, struct error *err)
{
    static const size_t no_norm = 0;
    net->config = (struct train_config){.norms = {(size_t *)&no_norm, 1},
                                        .lrs = {(double *)&rate, 1},
                                        .hidden = {net->hidden.list, net->hidden.count},
                                        .hyper = hyperparameters_initial(),
                                        .batching.batch = batch,
                                        .epochs = 1,
                                        .threads = 1};
    while (strcmp(optimizer_row(net->config.optimizer)->name, "momentum") != 0)
        net->config.optimizer++;
    if (trainer_init(&net->trainer, &net->config, data, kernels, NULL, err) < 0)
        return -1;
    random_seed(&net->trainer.random, seed);
    mlp_init(&net->trainer.net[0], &net->trainer.random);
    random_torch_permutation(seed, net->trainer.order, data->train.count);
    return 0;
}

struct plain_net *plain_net_new(const struct kernels *kernels, const struct dataset *data, const struct widths *hidden,
                                size_t batch, uint64_t seed, struct error *err)
{
    if (batch == 0 || batch > data->train.count) {
        error_set(err, ERROR_USAGE, "a batch of %zu: expected 1 to %zu images", batch, data->train.count);
        return NULL;
    }
    struct plain_net *const net = calloc(1, sizeof *net);
    if (!net) {
        error_out_of_memory(err, "a net");
        return NULL;
    }
    net->hidden = *hidden;
    if (begin(net, kernels, data, batch, seed, err) == 0)
        return net;
    free(net);
    return NULL;
}

void plain_net_free(struct plain_net *net)
{
    if (net)
        trainer_free(&net->trainer);
    free(net);
}

double plain_net_step(struct plain_net *net)
{
    const size_t batch = net->config.batching.batch, whole = net->trainer.data->train.count / batch;
    struct train_sums sums = {0};
    const size_t first = net->step++ % whole * batch;
    return (double)trainer_step(&net->trainer, &net->trainer.net[0], rate, net->step, first, batch, &sums, NULL);
}
