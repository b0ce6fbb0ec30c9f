/*
 * plain_net.h - dlexp's training as the peers in C do it: a net without a norm, momentum 0.9 at rate 0.01, one thread.
 */
#ifndef PLAIN_NET_H
#define PLAIN_NET_H

#include <stddef.h>
#include <stdint.h>

#include "dlexp/base/error.h"
#include "dlexp/data/dataset.h"
#include "dlexp/kernels/kernels.h"

enum { PLAIN_NET_HIDDEN_MAX = 32 };

/* Widths of the hidden layers, in order. */
struct widths {
    int64_t list[PLAIN_NET_HIDDEN_MAX];
    size_t count;
};

struct plain_net;

/* plain_net_new - weights and the order of the images are drawn from the seed; the data is the caller's and stays.
 * NULL: ERROR_USAGE for a batch that the data lacks, ERROR_MEMORY.  plain_net_free takes NULL too. */
struct plain_net *plain_net_new(const struct kernels *kernels, const struct dataset *data, const struct widths *hidden,
                                size_t batch, uint64_t seed, struct error *err);
void plain_net_free(struct plain_net *net);

/* plain_net_step - one step on the next whole batch of the order, which begins again at its end; the batch's mean
 * loss. */
double plain_net_step(struct plain_net *net);

#endif
