#!/usr/bin/env python3
"""Golden numbers for `dlexp sgd-mean`: the trajectory a notebook with numpy's points and Python's draws would see.

Command, from the root of the project (Debian 12: apt-get install python3-numpy):

    /usr/bin/python3 tests/golden/make_sgd_mean.py

Writes beside itself: sgd_mean.csv, sgd_mean_points.csv, sgd_mean_trials.csv (further trials, shuffled passes),
sgd_mean_bands.csv (mean, standard error and quantiles over trials) and sgd_mean_claims.csv (the medians of the ratios of
two rates' squared errors, trial by trial, with their order intervals and sign tests).
"""

import csv
import math
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
# (sampling, seed, points, trials, iterations), smaller and larger rate
CLAIM_CASES = (("with-replacement", 1234, 100, 20, 400), ("shuffle", 5, 37, 25, 500))
CLAIM_RATES = (0.01, 0.1)


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


def expected_half(sampling, x, lr):
    """The first iteration of the first pass with half of the start's error, from the covariance of the draws."""
    n, variance, start = len(x), np.var(x), np.mean(x) ** 2
    for t in range(1, n + 1):
        w = 2 * lr * (1 - 2 * lr) ** np.arange(t)
        noise = variance * np.sum(w**2)
        if sampling == "shuffle":
            noise -= variance / (n - 1) * (np.sum(w) ** 2 - np.sum(w**2))
        if (1 - 2 * lr) ** (2 * t) * start + noise <= start / 2:
            return t
    raise ValueError("not within a pass")


def judge(ratios):
    """Median, its order interval at 95 % and two-sided p of the sign test."""
    n, ordered = len(ratios), np.sort(ratios)

    def below(k):
        return sum(math.comb(n, i) for i in range(k + 1)) / 2**n

    rank = max(k for k in range(1, n) if 2 * below(k - 1) <= 0.05)
    wins = int(np.sum(ratios > 1))
    median = math.sqrt(ordered[(n - 1) // 2] * ordered[n // 2])
    return median, ordered[rank - 1], ordered[n - rank], 1 - 2 * below(rank - 1), min(1, 2 * below(min(wins, n - wins)))


def judge_rates(sampling, seed, count, trials, iterations):
    """Faster and wider, each with where it is judged."""
    x, (small, large) = draw_points(seed, count), CLAIM_RATES
    draws = [draw_indices(sampling, seed, trial, count, iterations) for trial in range(trials)]
    errors = {lr: (np.array([descend(x, lr, indices) for indices in draws]) - np.mean(x)) ** 2 for lr in CLAIM_RATES}
    at = expected_half(sampling, x, large)
    terminal = {lr: errors[lr][:, iterations // 2 + 1:].mean(axis=1) for lr in CLAIM_RATES}
    yield "faster", at, judge(errors[small][:, at] / errors[large][:, at])
    yield "wider", "", judge(terminal[large] / terminal[small])


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
    rows = [(*case, claim, at, *(f"{n:.17g}" for n in numbers))
            for case in CLAIM_CASES for claim, at, numbers in judge_rates(*case)]
    header = ("sampling", "seed", "points", "trials", "iterations", "claim", "iteration", "median_ratio", "low", "high",
              "level", "p")
    write("sgd_mean_claims.csv", header, rows)


if __name__ == "__main__":
    main()
