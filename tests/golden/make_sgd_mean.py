#!/usr/bin/env python3
"""Golden numbers for `dlexp sgd-mean`: the trajectory a notebook with numpy's points and Python's draws would see.

Command, from the root of the project (Debian 12: apt-get install python3-numpy):

    /usr/bin/python3 tests/golden/make_sgd_mean.py

Writes beside itself: sgd_mean.csv and sgd_mean_points.csv.
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


def draw_points(seed, count):
    np.random.seed(seed)
    return np.random.uniform(0, 1, count)


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


if __name__ == "__main__":
    main()
