#!/usr/bin/env python3
"""Golden numbers for `dlexp compare`: pairs of numbers, and what is to be said of them.

Command, from the root of the project (Debian's python3-mpmath):

    /usr/bin/python3 tests/golden/make_compare.py

Writes compare_pairs.csv (the cases' pairs, all of them in two columns each) and compare.csv (case, id, estimate, low, high,
level, p, as the rows of the table that compare prints as JSON) beside itself.  Flips and binomial tails are counted in exact
fractions, t's law is mpmath's incomplete beta function, its quantile a root of that.
"""

import csv
import itertools
import math
import random
from fractions import Fraction
from pathlib import Path

from mpmath import mp, mpf

mp.dps = 30
FAMILY = 3


def t_tail(t, f):
    return mp.betainc(mpf(f) / 2, mpf(1) / 2, 0, f / (f + t * t), regularized=True)  # two-sided


def t_critical(level, f):
    return mp.findroot(lambda t: mp.log(t_tail(t, f)) - mp.log(1 - level), (mpf(1), mpf(20)), solver="anderson", tol=1e-40)


def half_tail(k, n):
    return Fraction(sum(math.comb(n, i) for i in range(k + 1)), 2**n)


def order_rank(n, level):
    return max([0] + [k for k in range(1, n // 2 + 1) if 2 * half_tail(k - 1, n) <= 1 - level])


def sign_p(wins, losses):
    return min(Fraction(1), 2 * half_tail(min(wins, losses), wins + losses))


def flips_p(d):
    seen = abs(sum(d))
    hits = sum(abs(sum(s * x for s, x in zip(signs, d))) >= seen for signs in itertools.product((1, -1), repeat=len(d)))
    return Fraction(hits, 2 ** len(d))


def flips_interval(d, level):
    """By bisection of the test itself, in exact fractions until the last step."""
    mean, ends = sum(d) / len(d), []
    for side in (-1, 1):
        inside, outside = Fraction(0), max(d) - min(d)
        for _ in range(60):
            middle = (inside + outside) / 2
            if flips_p([x - mean - side * middle for x in d]) > 1 - level:
                inside = middle
            else:
                outside = middle
        ends.append(mean + side * inside)
    return ends


def anytime(n, s, level):
    alpha = 1 - mpf(level.numerator) / level.denominator
    r = ((1 + n) / alpha**2) ** (mpf(1) / n)
    return s * mp.sqrt((n - 1) * (r - 1) / (n * (1 - r / (1 + n)))) if r < 1 + n else None


def anytime_rank(n, alpha):
    return max([0] + [k for k in range(1, n // 2 + 1) if Fraction(2**n, (n + 1) * math.comb(n, k - 1)) >= 1 / alpha])


def real(x):
    return mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else x


def judge(name, d, failed, rows):
    """d: fractions, None for +infinity (which sorts last)."""
    level, n, family = Fraction(95, 100), len(d), 1 - Fraction(5, 100) / FAMILY
    ascending = sorted(math.inf if x is None else x for x in d)

    def add(row, estimate=None, low=None, high=None, at=None, p=None):
        rows.append([name, row] + ["" if x is None else repr(float(real(x))) for x in (estimate, low, high, at, p)])

    def order(rank):
        return (ascending[rank - 1], ascending[n - rank]) if rank else (None, None)

    middle = (ascending[(n - 1) // 2], ascending[n // 2])
    median = math.inf if math.inf in middle else sum(middle) / 2
    kept = ascending[n // 4 : n - n // 4]
    wins, losses = sum(x > 0 for x in ascending), sum(x < 0 for x in ascending)
    rank = order_rank(n, level)
    signs = failed > 0
    mean = s = p = flip = None
    if not signs:
        mean = sum(d) / n
        s = mp.sqrt(real(sum((x - mean) ** 2 for x in d) / (n - 1)))
        p = t_tail(real(mean) * mp.sqrt(n) / s, n - 1)
        flip = flips_p(d)
        for row, at in (("t", level), ("t_family", family)):
            half = t_critical(real(at), n - 1) * s / mp.sqrt(n)
            add(row, mean, real(mean) - half, real(mean) + half, at, p if row == "t" else None)
    else:
        add("t")
        add("t_family")
    by_flips = not signs and (p <= 0.05) != (flip <= 1 - level)
    low, high = flips_interval(d, level) if by_flips else (None, None)
    add("sign_flip", mean, low, high, level if by_flips else None, flip)
    add("order", median, *order(rank), 1 - 2 * half_tail(rank - 1, n))
    add("interquartile", math.inf if math.inf in kept else sum(kept) / len(kept))
    add("sign", Fraction(wins, wins + losses), None, None, None, sign_p(wins, losses))
    if signs:
        add("equivalence", median, *order(order_rank(n, Fraction(9, 10))), Fraction(9, 10))
        k = anytime_rank(n, Fraction(5, 100) / FAMILY)
        add("anytime", median, *order(k), family if k else None)
    else:
        half = t_critical(mpf(9) / 10, n - 1) * s / mp.sqrt(n)
        ends = flips_interval(d, Fraction(9, 10)) if by_flips else (real(mean) - half, real(mean) + half)
        add("equivalence", mean, *ends, Fraction(9, 10))
        half = anytime(n, s, family)
        add("anytime", mean, real(mean) - half, real(mean) + half, family)


random.seed(11)
cases = {
    # Student 1908: sleep gained with two drugs.
    "sleep": list(zip("1.9 0.8 1.1 0.1 -0.1 4.4 5.5 1.6 4.6 3.4".split(), "0.7 -1.6 -0.2 -1.2 -0.1 3.4 3.7 0.8 0 2.0".split())),
    "far": [(x, "0") for x in "1 2 3 4 5 6 40".split()],  # t and flips disagree
    "failing": [(f"{97 + random.gauss(0, 0.3):.2f}", f"{96.8 + random.gauss(0, 0.3):.2f}") for _ in range(14)],
}
cases["failing"][3] = (cases["failing"][3][0], "nan")
cases["failing"][8] = (cases["failing"][8][0], "")
here = Path(__file__).parent
rows = []
with open(here / "compare_pairs.csv", "w", newline="") as out:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["case", "a", "b"])
    for name, pairs in cases.items():
        writer.writerows([name, a, b] for a, b in pairs)
        missing = [b in ("nan", "") for _, b in pairs]
        judge(name, [None if m else Fraction(a) - Fraction(b) for (a, b), m in zip(pairs, missing)], sum(missing), rows)
with open(here / "compare.csv", "w", newline="") as out:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["case", "id", "estimate", "low", "high", "level", "p"])
    writer.writerows(rows)
