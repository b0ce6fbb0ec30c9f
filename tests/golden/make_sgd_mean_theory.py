#!/usr/bin/env python3
"""Golden numbers for the theory of `dlexp sgd-mean`, by other ways than its recurrences.

Command, from the root of the project (Debian 12: apt-get install python3-numpy):

    /usr/bin/python3 tests/golden/make_sgd_mean_theory.py

Writes beside itself:

sgd_mean_theory.csv   E (y_t - y*)^2.  y_t - y* = a^t (start - y*) + sum_i w_i x_i with the weight w_i of draw i, so the
                      expectation is its square and w' C w with the covariance matrix C of the draws.  For few points
                      ("paths") it is the mean over every order of every pass instead, and nothing is known but the update.
sgd_mean_freedom.csv  2 (E A)^2 / Var A of the terminal error A, which is a quadratic form c + g' x + x' Q x of independent
                      centred draws: Var A = m2 g'g + 2 m3 sum g_i Q_ii + (m4 - 3 m2^2) sum Q_ii^2 + 2 m2^2 sum Q_ij^2.
"""

import csv
import itertools
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent

# (sampling, seed, points, start, iterations)
CASES = (
    ("with-replacement", 1234, 100, 0.0, 250),
    ("shuffle", 1234, 100, 0.0, 250),
    ("shuffle", 5, 37, -0.25, 120),
    ("shuffle", 7, 1, 2.0, 5),
)
RATES = ("0.0001", "0.01", "0.1", "0.5", "0.9", "1.2")
# (seed, points, start, passes)
PATHS = ((11, 4, 0.0, 3), (12, 5, 3.0, 2))
# (seed, points, start, iterations)
FREEDOM_CASES = ((1234, 100, 0.0, 200), (1234, 100, 0.5, 19), (5, 37, 3.0, 41))
FREEDOM_RATES = ("0.0001", "0.01", "0.1", "0.5", "0.9", "0.999")


def draw_points(seed, count):
    np.random.seed(seed)
    return np.random.uniform(0, 1, count)


def covariance(sampling, x, iterations):
    """Of the draws 1 .. iterations."""
    variance, n = np.mean((x - np.mean(x)) ** 2), len(x)
    matrix = np.eye(iterations) * variance
    if sampling == "shuffle" and n > 1:
        passes = np.arange(iterations) // n
        same = passes[:, None] == passes[None, :]
        matrix = matrix - (same & ~np.eye(iterations, dtype=bool)) * variance / (n - 1)
    return matrix


def weights(lr, t):
    """Of the draws 1 .. t in y_t."""
    return 2 * lr * (1 - 2 * lr) ** np.arange(t - 1, -1, -1.0)


def by_covariance(sampling, x, start, lr, iterations):
    matrix, offset = covariance(sampling, x, iterations), start - np.mean(x)
    for t in range(iterations + 1):
        w = weights(lr, t)
        yield ((1 - 2 * lr) ** t * offset) ** 2 + w @ matrix[:t, :t] @ w


def by_paths(x, start, lr, passes):
    orders = [np.array(order) for order in itertools.permutations(x)]
    paths = [np.concatenate(path) for path in itertools.product(orders, repeat=passes)]
    draws = np.array(paths)
    y = np.full(len(draws), start)
    yield np.mean((y - np.mean(x)) ** 2)
    for t in range(draws.shape[1]):
        y = y - 2 * lr * (y - draws[:, t])
        yield np.mean((y - np.mean(x)) ** 2)


def freedom(x, start, lr, iterations):
    d, first = x - np.mean(x), iterations // 2 + 1
    m2, m3, m4 = (np.mean(d**k) for k in (2, 3, 4))
    count = iterations - first + 1
    w = np.zeros((count, iterations))
    for row, t in enumerate(range(first, iterations + 1)):
        w[row, :t] = weights(lr, t)
    b = (1 - 2 * lr) ** np.arange(first, iterations + 1.0) * (start - np.mean(x))
    g, q = 2 * w.T @ b / count, w.T @ w / count
    mean = np.mean(b**2) + m2 * np.trace(q)
    diagonal = np.diag(q)
    variance = m2 * g @ g + 2 * m3 * g @ diagonal + (m4 - 3 * m2**2) * diagonal @ diagonal + 2 * m2**2 * np.sum(q * q)
    return 2 * mean**2 / variance


def write(name, header, rows):
    with open(HERE / name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    print(f"{name}: {len(rows)} rows")


def main():
    print(f"numpy {np.__version__}")
    rows = []
    for sampling, seed, count, start, iterations in CASES:
        x = draw_points(seed, count)
        for lr in RATES:
            rows += [("covariance", sampling, seed, count, start, lr, t, f"{e:.17g}")
                     for t, e in enumerate(by_covariance(sampling, x, start, float(lr), iterations))
                     if t < 3 or t % 13 == 0 or t % count in (0, 1, count - 1)]
    for seed, count, start, passes in PATHS:
        x = draw_points(seed, count)
        for lr in RATES:
            rows += [("paths", "shuffle", seed, count, start, lr, t, f"{e:.17g}")
                     for t, e in enumerate(by_paths(x, start, float(lr), passes))]
    header = ("by", "sampling", "seed", "points", "start", "lr", "iteration", "expected_squared_error")
    write("sgd_mean_theory.csv", header, rows)
    rows = []
    for seed, count, start, iterations in FREEDOM_CASES:
        x = draw_points(seed, count)
        rows += [(seed, count, start, iterations, lr, f"{freedom(x, start, float(lr), iterations):.17g}")
                 for lr in FREEDOM_RATES]
    write("sgd_mean_freedom.csv", ("seed", "points", "start", "iterations", "lr", "freedom"), rows)


if __name__ == "__main__":
    main()
