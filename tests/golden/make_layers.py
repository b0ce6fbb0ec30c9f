#!/usr/bin/env python3
"""Golden numbers for `dlexp batchnorm --layers`: what goes in and out of each hidden layer's activation, norms of its
weights and of their last gradient, from PyTorch's nets, its hooks and its gradients.

Command, from the root of the project (Debian 12: apt-get install python3-torch python3-numpy):

    /usr/bin/python3 tests/golden/make_layers.py

Writes layers.csv beside itself.
"""

import os
import sys

from make_batchnorm import BLAS, PINNED, TRAIN_SEED, check_blas, environment, load, number, write

# OpenBLAS reads its settings when torch is loaded.
if __name__ == "__main__" and PINNED not in os.environ:
    os.execve(sys.executable, [sys.executable, *sys.argv], environment(BLAS))

import numpy as np
import torch
from torch import nn

from make_variants import ACTIVATIONS, loader, make_net, make_optimizer, options, train_epoch

IMAGES, EPOCHS = 1000, 2
CASES = (({}, "none", "0.01"), ({}, "none", "0.5"), ({}, "batchnorm", "0.5"),
         ({"activation": "tanh"}, "none", "0.01"))


def hidden_layers(net, images):
    """(Linear, input and output of its activation) of each hidden layer, in eval mode."""
    seen = []
    layers = list(net)
    activations = [m for m in layers if isinstance(m, tuple(ACTIVATIONS.values()))]
    hooks = [m.register_forward_hook(lambda module, x, y: seen.append((x[0].numpy().astype(np.float64),
                                                                       y.numpy().astype(np.float64))))
             for m in activations]
    net.eval()
    with torch.no_grad():
        net(images)
    for hook in hooks:
        hook.remove()
    return zip([m for m in layers if isinstance(m, nn.Linear)], *zip(*seen))


def measures(linear, x, y, relu):
    dead = number(100 * (y == 0).all(axis=0).mean()) if relu else ""
    return (number(x.mean()), number(x.std()), number(y.mean()), number(y.std()), dead,
            number(np.linalg.norm(linear.weight.detach().numpy().astype(np.float64))),
            number(np.linalg.norm(linear.weight.grad.numpy().astype(np.float64))))


def run(case, norm, lr, train_set, test_images):
    """A row for each layer of each epoch."""
    torch.manual_seed(TRAIN_SEED)
    net = make_net(case, norm)
    optimizer = make_optimizer(case, net, lr)
    train_loader, test_loader = loader(case, len(train_set[0]), True), loader(case, len(test_images), False)
    for epoch in range(1, EPOCHS + 1):
        net.train()
        train_epoch(net, optimizer, train_loader, *train_set)
        for layer, (linear, x, y) in enumerate(hidden_layers(net, test_images[:IMAGES]), 1):
            yield (options(case), norm, lr, TRAIN_SEED, epoch, layer,
                   *measures(linear, x, y, case.get("activation", "relu") == "relu"))
        iter(test_loader)  # draws its base seed, as a test does


def main():
    torch.set_num_threads(1)
    check_blas("variant_made_with.csv")
    train_set, (test_images, _) = load("train"), load("t10k")
    rows = []
    for case in CASES:
        for row in run(*case, train_set, test_images):
            rows.append(row)
            print(*row, flush=True)
    write("layers.csv", ("options", "norm", "lr", "seed", "epoch", "layer", "input_mean", "input_std", "output_mean",
                         "output_std", "dead_percent", "weight_norm", "gradient_norm"), rows)


if __name__ == "__main__":
    main()
