#!/usr/bin/env python3
"""Golden numbers for `dlexp sgd-mean`: the trajectory a notebook with numpy's points and Python's draws would see.

Command, from the root of the project (Debian 12: apt-get install python3-numpy):

    /usr/bin/python3 tests/golden/make_sgd_mean.py

Writes beside itself: sgd_mean.csv, sgd_mean_points.csv, sgd_mean_trials.csv (further trials, shuffled passes) and
sgd_mean_bands.csv (mean, standard error and quantiles over trials).
"""

import csv
import random
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent

CASES = ((1234, 100), (0, 100), (1, 100), (99, 100), (5, 37))
POINT_CASES = ((1234, 100), (5, 37))
RATES = ("0.01", "0.1")
ITERATIONS = 200
# (sampling, seed, trial, points, iterations)
TRIAL_CASES = (
    ("with-replacement", 1234, 3, 100, 200),
    ("with-replacement", 4294967295, 1, 100, 40),
    ("with-replacement", 7, 9999, 37, 40),
    ("shuffle", 1234, 0, 100, 250),
    ("shuffle", 1234, 3, 100, 40),
    ("shuffle", 5, 17, 37, 120),
    ("shuffle", 8, 2, 1, 5),
)
# (sampling, seed, points, trials, iterations)
BAND_CASES = (("with-replacement", 1234, 100, 37, 30), ("shuffle", 5, 37, 20, 40))
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def draw_points(seed, count):
    np.random.seed(seed)
    return np.random.uniform(0, 1, count)


def draw_indices(sampling, seed, trial, count, iterations):
    """The points' indices of iterations 1, 2, ... of a trial."""
    random.seed(seed + trial * 2**32)
    if sampling == "with-replacement":
        return [random.choice(range(count)) for _ in range(iterations)]
    indices = []
    while len(indices) < iterations:
        order = list(range(count))
        random.shuffle(order)
        indices += order
    return indices[:iterations]


def descend(x, lr, indices):
    y = [0.0]
    for index in indices:
        y.append(y[-1] - lr * 2 * (y[-1] - x[index]))
    return np.array(y)


def write(name, header, rows):
    with open(HERE / name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    print(f"{name}: {len(rows)} rows")


def main():
    print(f"numpy {np.__version__}")
    rows = []
    for seed, count in CASES:
        x = draw_points(seed, count)
        for lr in RATES:
            random.seed(seed)
            y = 0.0
            for iteration in range(ITERATIONS + 1):
                if iteration:
                    y = y - float(lr) * 2 * (y - random.choice(list(x)))
                rows.append((seed, count, lr, iteration, f"{y:.17g}", f"{np.mean((y - x) ** 2):.17g}"))
    write("sgd_mean.csv", ("seed", "points", "lr", "iteration", "y", "objective"), rows)
    points = [(seed, count, index, f"{x:.17g}")
              for seed, count in POINT_CASES for index, x in enumerate(draw_points(seed, count))]
    write("sgd_mean_points.csv", ("seed", "n", "index", "x"), points)
    rows = []
    for sampling, seed, trial, count, iterations in TRIAL_CASES:
        x = draw_points(seed, count)
        indices = draw_indices(sampling, seed, trial, count, iterations)
        for lr in RATES:
            rows += [(sampling, seed, trial, count, lr, iteration, f"{y:.17g}", f"{np.mean((y - x) ** 2):.17g}")
                     for iteration, y in enumerate(descend(x, float(lr), indices))]
    write("sgd_mean_trials.csv", ("sampling", "seed", "trial", "points", "lr", "iteration", "y", "objective"), rows)
    rows = []
    for sampling, seed, count, trials, iterations in BAND_CASES:
        x = draw_points(seed, count)
        for lr in RATES:
            paths = [descend(x, float(lr), draw_indices(sampling, seed, trial, count, iterations))
                     for trial in range(trials)]
            errors = (np.array(paths) - np.mean(x)) ** 2
            last_half = errors[:, iterations // 2 + 1:].mean(axis=1)
            terminal = (np.mean(last_half), np.std(last_half, ddof=1) / trials**0.5)
            for iteration in range(iterations + 1):
                at = errors[:, iteration]
                numbers = (np.mean(at), np.std(at, ddof=1) / trials**0.5, *np.quantile(at, QUANTILES), *terminal)
                rows.append((sampling, seed, count, trials, iterations, lr, iteration, *(f"{n:.17g}" for n in numbers)))
    header = ("sampling", "seed", "points", "trials", "iterations", "lr", "iteration", "mean", "standard_error",
              "q5", "q25", "q50", "q75", "q95", "terminal_error", "terminal_standard_error")
    write("sgd_mean_bands.csv", header, rows)


if __name__ == "__main__":
    main()
