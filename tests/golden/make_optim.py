#!/usr/bin/env python3
"""Golden numbers for `dlexp optim`: torch.optim on functions of two variables, in float64.

Command, from the root of the project (Debian 12: apt-get install python3-torch python3-numpy):

    /usr/bin/python3 tests/golden/make_optim.py

Writes optim_trajectories.csv beside itself. With the argument `stability` it writes no file: it steps the same settings
in plain Python with hand-written gradients, as they come and with the point moved by a last bit at iteration 10, and
prints how far rounding alone moves the results. Settings where that is far are not used: RMSProp, once it circles a
minimum at about lr, is chaotic.
"""

import csv
import math
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent

ITERATIONS = 2000
STORED = sorted({*range(21), *range(50, ITERATIONS + 1, 50)})
DEFAULTS = {"lr": "0.001", "momentum": "0.9", "alpha": "0.99", "beta1": "0.9", "beta2": "0.999", "eps": "1e-08"}
OPTIMIZERS = ("gd", "momentum", "rmsprop", "adam")

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
STARTS = {
    "f1": (1.0, 1.0),
    "f2": (math.sqrt(2), 0.0),
    "quad": (C + S, C - S),
    "rosenbrock": (-1.2, 1.0),
    "beale": (1.0, 1.0),
    "himmelblau": (0.0, 0.0),
    "booth": (0.0, 0.0),
}


def quadratic_settings():
    """Non-default settings for f1, f2 and quad: (optimizer, changed parameters, start or None for the usual one)."""
    for optimizer in ("gd", "momentum", "adam"):
        yield optimizer, {"lr": "0.01"}, None
    yield "rmsprop", {"lr": "0.01"}, (-30.0, 35.0)
    yield "gd", {"lr": "0.1"}, (-2.0, 3.5)
    yield "momentum", {"momentum": "0.5"}, None
    yield "momentum", {"momentum": "0.99"}, None
    yield "rmsprop", {"alpha": "0.9"}, (-3.0, 3.5)
    yield "rmsprop", {"eps": "1e-06"}, (-2.0, 3.5)
    yield "adam", {"beta1": "0.8", "beta2": "0.99"}, None
    yield "adam", {"lr": "0.01", "eps": "1e-06"}, (-2.0, 3.5)


OTHER_SETTINGS = {
    "rosenbrock": [
        ("gd", {"lr": "0.0005"}, None), ("momentum", {"lr": "0.0001"}, None),
        ("rmsprop", {"lr": "0.0002", "alpha": "0.9"}, (0.5, -0.5)),
        ("adam", {"lr": "0.0005", "beta1": "0.8", "beta2": "0.99"}, (0.5, -0.5)),
    ],
    "beale": [
        ("gd", {"lr": "0.01"}, (2.0, 0.0)), ("momentum", {"momentum": "0.5"}, (2.0, 0.0)),
        ("rmsprop", {"eps": "1e-06"}, None), ("adam", {"lr": "0.01"}, None),
    ],
    "himmelblau": [
        ("gd", {"lr": "0.01"}, None), ("momentum", {"momentum": "0.5"}, (-1.0, -1.0)),
        ("rmsprop", {"lr": "0.0005", "alpha": "0.9"}, (-1.0, 1.0)), ("adam", {"lr": "0.01"}, (-1.0, -1.0)),
    ],
    "booth": [
        ("gd", {"lr": "0.01"}, None), ("momentum", {"lr": "0.01"}, (-5.0, 5.0)),
        ("rmsprop", {"lr": "0.01"}, None), ("adam", {"lr": "0.01", "eps": "1e-06"}, (-5.0, 5.0)),
    ],
}


def all_settings():
    for fn in FUNCTIONS:
        extra = OTHER_SETTINGS.get(fn) or quadratic_settings()
        for optimizer, changed, start in [*((name, {}, None) for name in OPTIMIZERS), *extra]:
            yield fn, optimizer, {**DEFAULTS, **changed}, start or STARTS[fn]


def run_torch(fn, optimizer, setting, start):
    """Points and objectives of all iterations, the start included; gradients by autograd."""
    p = {name: float(value) for name, value in setting.items()}
    x, y = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in start)
    make = {
        "gd": lambda: torch.optim.SGD([x, y], lr=p["lr"]),
        "momentum": lambda: torch.optim.SGD([x, y], lr=p["lr"], momentum=p["momentum"]),
        "rmsprop": lambda: torch.optim.RMSprop([x, y], lr=p["lr"], alpha=p["alpha"], eps=p["eps"]),
        "adam": lambda: torch.optim.Adam([x, y], lr=p["lr"], betas=(p["beta1"], p["beta2"]), eps=p["eps"]),
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


def gradient(fn, x, y):
    if fn == "f1":
        return 2 * x, 0.2 * y
    if fn == "f2":
        return (x - y) + 0.1 * (x + y), -(x - y) + 0.1 * (x + y)
    if fn == "quad":
        u, v = x * C - y * S, x * S + y * C
        return 2 * L1 * u * C + 2 * L2 * v * S, -2 * L1 * u * S + 2 * L2 * v * C
    if fn == "rosenbrock":
        return -2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)
    if fn == "beale":
        a, b, c = 1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y
        return (2 * (a * (y - 1) + b * (y * y - 1) + c * (y * y * y - 1)),
                2 * x * (a + 2 * b * y + 3 * c * y * y))
    if fn == "himmelblau":
        a, b = x * x + y - 11, x + y * y - 7
        return 4 * x * a + 2 * b, 2 * a + 4 * y * b
    a, b = x + 2 * y - 7, 2 * x + y - 5
    return 2 * a + 4 * b, 4 * a + 2 * b


def run_plain(fn, optimizer, setting, start, nudge):
    p = {name: float(value) for name, value in setting.items()}
    at, first, second = list(start), [0.0, 0.0], [0.0, 0.0]
    points = []
    for t in range(1, ITERATIONS + 2):
        if nudge and t == 11:
            at = [math.nextafter(at[0], math.inf), math.nextafter(at[1], -math.inf)]
        points.append((*at, FUNCTIONS[fn](*at)))
        for i, g in enumerate(gradient(fn, *at)):
            if optimizer == "gd":
                at[i] -= p["lr"] * g
            elif optimizer == "momentum":
                first[i] = p["momentum"] * first[i] + g
                at[i] -= p["lr"] * first[i]
            elif optimizer == "rmsprop":
                second[i] = p["alpha"] * second[i] + (1 - p["alpha"]) * g * g
                at[i] -= p["lr"] * g / (math.sqrt(second[i]) + p["eps"])
            else:
                first[i] = p["beta1"] * first[i] + (1 - p["beta1"]) * g
                second[i] = p["beta2"] * second[i] + (1 - p["beta2"]) * g * g
                scale = math.sqrt(second[i]) / math.sqrt(1 - p["beta2"] ** t) + p["eps"]
                at[i] -= p["lr"] / (1 - p["beta1"] ** t) * first[i] / scale
    return points


def show_stability():
    worst = 0.0
    for fn, optimizer, setting, start in all_settings():
        expected = run_torch(fn, optimizer, setting, start)
        relative = absolute = share = 0.0
        for nudge in (False, True):
            points = run_plain(fn, optimizer, setting, start, nudge)
            for k in STORED:
                for a, b in zip(expected[k], points[k]):
                    difference = abs(a - b)
                    absolute = max(absolute, difference)
                    relative = max(relative, difference / abs(a)) if a else relative
                    share = max(share, difference / (1e-12 * abs(a) + 1e-13))
        worst = max(worst, share)
        changed = {k: v for k, v in setting.items() if v != DEFAULTS[k]}
        x, y, f = expected[ITERATIONS]
        print(f"{fn:10} {optimizer:8} relative {relative:7.2g} absolute {absolute:7.2g} of tolerance {share:7.2g}  "
              f"{changed} from ({start[0]:.3g}, {start[1]:.3g}) to ({x:.3g}, {y:.3g}), f {f:.3g}", flush=True)
    print(f"worst share of the tolerance 1e-12 |a| + 1e-13: {worst:.2g}")


def main(arguments):
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}")
    if arguments == ["stability"]:
        return show_stability()
    if arguments:
        sys.exit(f"unknown argument: {' '.join(arguments)}")
    rows = []
    for fn, optimizer, setting, start in all_settings():
        points = run_torch(fn, optimizer, setting, start)
        key = (fn, optimizer, *setting.values(), *(f"{v:.17g}" for v in start))
        rows += [(*key, k, *(f"{v:.17g}" for v in points[k])) for k in STORED]
    name = "optim_trajectories.csv"
    with open(HERE / name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("fn", "optimizer", *DEFAULTS, "init_x", "init_y", "iteration", "x", "y", "objective"))
        writer.writerows(rows)
    print(f"{name}: {len(rows)} rows")


if __name__ == "__main__":
    main(sys.argv[1:])
