"""IDX files for the peers, their options, and what every peer prints.

mnist.py DIRECTORY SIDE INK [IMAGES]: images of random pixels, this part of them not 0, to measure with.
"""
import argparse
import gzip
import json
import os
import statistics
import sys
import time

import numpy as np


def read_idx(directory, name):
    for path in (name, name + ".gz"):
        path = os.path.join(directory, path)
        if os.path.exists(path):
            break
    else:
        raise SystemExit("no file '%s' or '%s.gz' in '%s'" % (name, name, directory))
    with open(path, "rb") as file:
        data = file.read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    dims = data[3]
    shape = [int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(dims)]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dims).reshape(shape)


def load(directory):
    """Training images (N, pixels) in [0, 1] and labels, then those of the test set."""
    parts = []
    for part in ("train", "t10k"):
        images = read_idx(directory, part + "-images-idx3-ubyte")
        parts.append(images.reshape(len(images), -1).astype(np.float32) / np.float32(255))
        parts.append(read_idx(directory, part + "-labels-idx1-ubyte"))
    return parts


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", required=True, help="directory of four IDX files")
    parser.add_argument("--norm", choices=("none", "batchnorm", "layernorm"), default="none")
    parser.add_argument("--activation", choices=("relu", "sigmoid", "tanh"), default="relu")
    parser.add_argument("--optimizer", choices=("momentum", "adam", "adamw"), default="momentum")
    parser.add_argument("--weight-decay", type=float, default=0)
    parser.add_argument("--hidden", default="128,64")
    parser.add_argument("--batch", type=int, default=60)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0, help="time single steps for so long, and nothing else")
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--seed", type=int, default=1234)
    return parser


def widths(args, inputs, classes):
    return [inputs] + [int(h) for h in args.hidden.split(",")] + [classes]


def time_steps(step, args, images):
    """step(first): one of the batch from place `first` of the order on."""
    warm_up, least = 2, 5  # steps that pay for cold caches and fresh pages; steps that are measured
    times, first = [], 0
    begin = time.perf_counter()
    while len(times) < warm_up + least or time.perf_counter() - begin < args.seconds:
        start = time.perf_counter()
        step(first)
        times.append(time.perf_counter() - start)
        first = first + args.batch if first + 2 * args.batch <= images else 0
    print(json.dumps({"step_s": statistics.median(times[warm_up:])}))


def report(seconds, accuracy_percent):
    print(json.dumps({"epochs_s": seconds, "test_accuracy_percent": accuracy_percent}))


def write_random(directory, side, ink, images=2000):
    random = np.random.default_rng(1)
    os.makedirs(directory, exist_ok=True)
    for part, count in (("train", images), ("t10k", max(10, images // 10))):
        pixels = random.integers(1, 256, (count, side, side), np.uint8) * (random.random((count, side, side)) < ink)
        labels = np.arange(count) % 10
        for name, data in ("images-idx3", pixels), ("labels-idx1", labels):
            with open(os.path.join(directory, "%s-%s-ubyte" % (part, name)), "wb") as file:
                file.write(bytes((0, 0, 8, data.ndim)))
                file.write(np.array(data.shape, ">u4").tobytes())
                file.write(data.astype(np.uint8).tobytes())


if __name__ == "__main__":
    write_random(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), *map(int, sys.argv[4:]))
