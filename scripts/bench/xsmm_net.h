/*
 * xsmm_net.h - training of a multi-layer perceptron by libxsmm 1.17: its fully connected layers for the products, plain
 * loops that the compiler vectorises for the rest.
 *
 * Linear, ReLU, ..., Linear, softmax cross-entropy; SGD with momentum 0.9 at rate 0.01; one thread, float32.
 */
#ifndef XSMM_NET_H
#define XSMM_NET_H

#include <stddef.h>
#include <stdint.h>

#include <libxsmm.h>

#include "dlexp/base/error.h"
#include "dlexp/base/memory.h"

enum { XSMM_LAYERS_MAX = 32 };

/*
 * libxsmm has matrices in blocks: activations (images / block, features / block, block, block), weights alike.  These
 * are the largest wanted; each width has its largest divisor up to that, the logits one block.
 */
struct xsmm_blocks {
    size_t images, inputs, hidden;
};

struct xsmm_layer {
    size_t in, out, in_block, out_block;
    float *w, *dw, *velocity; /* (in x out), and behind it (out) for the biases */
    float *b, *db;            /* (out) */
    float *y, *dy;            /* (batch x out) */
    libxsmm_dnn_fullyconnected *handle;
    libxsmm_dnn_tensor *tensor[6];
};

struct xsmm_net {
    size_t batch, images_block, layers;
    float *x;      /* (batch x inputs) */
    void *scratch; /* libxsmm's */
    struct memory memory;
    struct xsmm_layer layer[XSMM_LAYERS_MAX];
};

/* xsmm_net_init - widths: inputs, hidden ones, classes (count of them).  xsmm_net_free after success and failure alike.
 */
int xsmm_net_init(struct xsmm_net *net, const size_t *widths, size_t count, size_t batch, struct error *err);
void xsmm_net_free(struct xsmm_net *net);

/* xsmm_net_block - lay out all matrices in such blocks; what they hold is lost. */
int xsmm_net_block(struct xsmm_net *net, struct xsmm_blocks blocks, struct error *err);

/* xsmm_net_start - initial weights and biases, uniform in +-1 / sqrt(in), as mlp_init draws them; velocities zero. */
void xsmm_net_start(struct xsmm_net *net, uint64_t seed);

/* xsmm_net_step - one step on the images `order` (batch) of those with these bytes and labels; returns their mean loss.
 */
double xsmm_net_step(struct xsmm_net *net, const uint8_t *images, const uint8_t *labels, const uint32_t *order);

#endif
