#!/usr/bin/env python3
"""Golden numbers for the loss: exponentials, logarithms and softmax cross-entropy of PyTorch in float32.

Command, from the root of the project (Debian 12: apt-get install python3-torch python3-numpy):

    /usr/bin/python3 tests/golden/make_loss.py

Writes exp_log.csv and cross_entropy.csv beside itself.
"""

import sys

import torch

from make_batchnorm import write

CLASSES = (1, 2, 3, 7, 8, 9, 10, 11, 15, 16, 17, 24, 31, 40)
ROWS = 3


def text(values):
    return " ".join(f"{value:.9g}" for value in values.reshape(-1).tolist())


def make_exp_log(generator):
    """The softmax of `zeros` logits 0 and one of x: a logarithm, and two exponentials whose arguments are known."""
    x = torch.cat([-87 * torch.rand(200, generator=generator), -8 * torch.rand(200, generator=generator)])
    zeros = torch.randint(1, 7, x.shape, generator=generator)
    x = torch.maximum(x, torch.tensor(-85.0))  # x - log_sum stays above -87, where dlexp's exponential ends
    log = torch.log(zeros + torch.exp(x))
    columns = (x, log, torch.exp(-log), torch.exp(x - log))
    rows = [(int(n), *map(text, values)) for n, *values in zip(zeros, *columns)]
    write("exp_log.csv", ("zeros", "x", "log_sum", "softmax_0", "softmax_x"), rows)


def make_cross_entropy(generator):
    rows = []
    for classes in CLASSES:
        logits = (4 * torch.randn(ROWS, classes, generator=generator)).requires_grad_()
        labels = torch.randint(classes, (ROWS,), generator=generator)
        torch.nn.functional.cross_entropy(logits, labels).backward()
        losses = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
        rows += [(classes, int(label), text(loss.detach()), text(z.detach()), text(dz))
                 for label, loss, z, dz in zip(labels, losses, logits, logits.grad)]
    write("cross_entropy.csv", ("classes", "label", "loss", "logits", "gradient"), rows)


def main():
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}")
    if "AVX" not in torch.__config__.show().split("CPU capability usage:")[-1].split("\n")[0]:
        sys.exit("make_loss.py: expected a CPU with AVX2: without it PyTorch takes the C library's exp and log")
    generator = torch.Generator().manual_seed(1)
    make_exp_log(generator)
    make_cross_entropy(generator)


if __name__ == "__main__":
    main()
