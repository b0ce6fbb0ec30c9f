#!/usr/bin/env python3
"""Golden numbers for `dlexp optim`: torch.optim on functions of two variables, in float64.

Command, from the root of the project (Debian 12: apt-get install python3-torch python3-numpy):

    /usr/bin/python3 tests/golden/make_optim.py

Writes optim_trajectories.csv beside itself. The test compares bit for bit, so that every trajectory is fit for it:
RMSProp at a large rate circles the minimum, and there one rounding error grows until no digit is left.
"""

import csv
import math
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent

ITERATIONS = 2000
STORED = (0, 1, 2, 3, 5, 10, 20, 50, 100, 200, 350, 500, 750, 1000, 1300, 1600, 2000)
DEFAULTS = {"lr": "0.001", "momentum": "0.9", "alpha": "0.99", "beta1": "0.9", "beta2": "0.999", "eps": "1e-08", "weight_decay": "0"}
# quad: l1 u^2 + l2 v^2, u = x cos t - y sin t, v = x sin t + y cos t, with eigenvalues 1, 0.1 and t = 30 degrees;
# t = 0 gives f1, t = 45 degrees gives f2. Its start is the point with u = v = 1.
ANGLE = 30 * math.pi / 180
C, S = math.cos(ANGLE), math.sin(ANGLE)
L1, L2 = 1.0, 0.1

FUNCTIONS = {
    "f1": lambda x, y: x**2 + 0.1 * y**2,
    "f2": lambda x, y: (x - y) ** 2 / 2 + 0.1 * (x + y) ** 2 / 2,
    "quad": lambda x, y: L1 * (x * C - y * S) ** 2 + L2 * (x * S + y * C) ** 2,
    "rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    "beale": lambda x, y: (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2,
    "himmelblau": lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    "booth": lambda x, y: (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2,
}
# The usual start and two others; a large and a small learning rate for gd and momentum.
STARTS = {
    "f1": ((1.0, 1.0), (-2.0, 3.5), (-30.0, 35.0)),
    "f2": ((math.sqrt(2), 0.0), (-2.0, 3.5), (-30.0, 35.0)),
    "quad": ((C + S, C - S), (-2.0, 3.5), (-30.0, 35.0)),
    "rosenbrock": ((-1.2, 1.0), (0.5, -0.5), (1.75, 1.25)),
    "beale": ((1.0, 1.0), (2.0, 0.0), (-0.25, 1.5)),
    "himmelblau": ((0.0, 0.0), (-1.0, -1.0), (-4.5, 3.75)),
    "booth": ((0.0, 0.0), (-5.0, 5.0), (3.3, -0.7)),
}
RATES = {
    "f1": ("0.1", "0.01"),
    "f2": ("0.1", "0.01"),
    "quad": ("0.1", "0.01"),
    "rosenbrock": ("0.0005", "0.0001"),
    "beale": ("0.005", "0.002"),
    "himmelblau": ("0.01", "0.002"),
    "booth": ("0.05", "0.01"),
}
FEWER = ("f2", "rosenbrock", "himmelblau")  # have the later optimizers, too


def settings(fn):
    """(optimizer, what is not PyTorch's default, start)"""
    (usual, near, far), (large, small) = STARTS[fn], RATES[fn]
    yield "gd", {}, usual
    yield "gd", {"lr": large}, usual
    yield "gd", {"lr": large}, near
    yield "gd", {"lr": small}, far
    yield "momentum", {}, usual
    yield "momentum", {"lr": small}, near
    yield "momentum", {"lr": small, "momentum": "0.5"}, far
    yield "momentum", {"momentum": "0.99", "lr": "0.0001"}, usual
    yield "rmsprop", {}, usual
    yield "rmsprop", {"lr": "0.01"}, far
    yield "rmsprop", {"lr": "0.1"}, near
    yield "rmsprop", {"lr": "0.5", "alpha": "0.9"}, usual
    yield "rmsprop", {"alpha": "0.9"}, near
    yield "rmsprop", {"lr": "0.0002", "alpha": "0.5", "eps": "0.0001"}, far
    yield "rmsprop", {"lr": "0.03", "alpha": "0.95", "eps": "1e-06"}, usual
    yield "adam", {}, usual
    yield "adam", {"lr": "0.01"}, usual
    yield "adam", {"lr": "0.1"}, far
    yield "adam", {"lr": "0.5"}, near
    yield "adam", {"beta1": "0.8", "beta2": "0.99"}, near
    yield "adam", {"lr": "0.03", "beta1": "0.5", "beta2": "0.9", "eps": "1e-06"}, far
    yield "adam", {"lr": "0.01", "beta1": "0.95", "beta2": "0.9995", "eps": "0.0001"}, usual
    yield "adam", {"lr": "0.005", "beta1": "0"}, near
    if fn not in FEWER:
        return
    yield "nesterov", {}, usual
    yield "nesterov", {"lr": small}, near
    yield "nesterov", {"lr": small, "momentum": "0.5"}, far
    yield "gd", {"lr": small, "weight_decay": "0.0005"}, near
    yield "momentum", {"lr": small, "weight_decay": "0.03"}, usual
    yield "nesterov", {"lr": small, "weight_decay": "0.0005"}, far
    yield "rmsprop", {"lr": "0.01", "weight_decay": "0.1"}, near
    yield "adam", {"lr": "0.01", "weight_decay": "0.0005"}, far
    yield "adamw", {"weight_decay": "0.01"}, usual
    yield "adamw", {"lr": "0.1", "weight_decay": "0.3"}, far
    yield "adamw", {"lr": "0.01"}, near


def all_settings():
    for fn in FUNCTIONS:
        for optimizer, changed, start in settings(fn):
            yield fn, optimizer, {**DEFAULTS, **changed}, start


def run_torch(fn, optimizer, setting, start):
    """Points and objectives of all iterations, the start included; gradients by autograd."""
    p = {name: float(value) for name, value in setting.items()}
    x, y = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in start)
    decay = {"weight_decay": p["weight_decay"]}
    make = {
        "gd": lambda: torch.optim.SGD([x, y], lr=p["lr"], **decay),
        "momentum": lambda: torch.optim.SGD([x, y], lr=p["lr"], momentum=p["momentum"], **decay),
        "nesterov": lambda: torch.optim.SGD([x, y], lr=p["lr"], momentum=p["momentum"], nesterov=True, **decay),
        "rmsprop": lambda: torch.optim.RMSprop([x, y], lr=p["lr"], alpha=p["alpha"], eps=p["eps"], **decay),
        "adam": lambda: torch.optim.Adam([x, y], lr=p["lr"], betas=(p["beta1"], p["beta2"]), eps=p["eps"], **decay),
        "adamw": lambda: torch.optim.AdamW([x, y], lr=p["lr"], betas=(p["beta1"], p["beta2"]), eps=p["eps"], **decay),
    }
    stepper = make[optimizer]()
    points = []
    for _ in range(ITERATIONS + 1):
        objective = FUNCTIONS[fn](x, y)
        points.append((x.item(), y.item(), objective.item()))
        stepper.zero_grad()
        objective.backward()
        stepper.step()
    return points


def main():
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}")
    if "AVX" not in torch.__config__.show().split("CPU capability usage:")[-1].split("\n")[0]:
        sys.exit("no AVX2/AVX-512 kernels: add_ and addcmul_ round twice here")
    rows = []
    for fn, optimizer, setting, start in all_settings():
        points = run_torch(fn, optimizer, setting, start)
        if not all(math.isfinite(v) for point in points for v in point):
            sys.exit(f"{fn} {optimizer} {setting} diverges")
        key = (fn, optimizer, *setting.values(), *(f"{v:.17g}" for v in start))
        rows += [(*key, k, *(f"{v:.17g}" for v in points[k])) for k in STORED]
    name = "optim_trajectories.csv"
    with open(HERE / name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("fn", "optimizer", *DEFAULTS, "init_x", "init_y", "iteration", "x", "y", "objective"))
        writer.writerows(rows)
    print(f"{name}: {len(rows)} rows")


if __name__ == "__main__":
    main()
