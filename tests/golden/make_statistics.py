#!/usr/bin/env python3
"""Golden numbers for the statistics: laws, intervals and tests.

Command, from the root of the project (Debian's python3-mpmath):

    /usr/bin/python3 tests/golden/make_statistics.py

Writes statistics.csv beside itself, in about a minute.  Tails of the binomial law, tests and moments are exact fractions; the
other laws are integrals and roots of 30 digits by mpmath, from the definitions and not from the series that dlexp uses.
"""

import csv
import itertools
import math
import random
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from mpmath import mp, mpf

mp.dps = 30
rows = []


def add(function, *arguments, value, values=""):
    arguments = [repr(a) for a in arguments] + [""] * (4 - len(arguments))
    value = mpf(value.numerator) / value.denominator if isinstance(value, Fraction) else mpf(value)
    rows.append([function, *arguments, values, repr(float(value))])


# -- laws --


def student_upper(t, f):
    """P(T > t), t >= 0."""
    t, f = mpf(t), mpf(f)
    return mp.betainc(f / 2, mpf(1) / 2, 0, f / (f + t * t), regularized=True) / 2


def student_cdf(t, f):
    return student_upper(-t, f) if t < 0 else 1 - student_upper(t, f)


@lru_cache(maxsize=None)
def student_quantile(p, f):
    """By bisection and secants on the logarithm of the tail."""
    p, f = mpf(p), mpf(f)
    if p < mpf(1) / 2:
        return -student_quantile(1 - p, f)
    tail = 1 - p
    high = mpf(1)
    while student_upper(high, f) > tail:
        high *= 2
    low = mpf(0)
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if student_upper(middle, f) > tail else (low, middle)
    return mp.findroot(lambda t: mp.log(student_upper(t, f)) - mp.log(tail), (low, high), solver="illinois", tol=1e-50)


def noncentral(t, f, shift):
    """P((Z + shift) / W <= t) as an integral over W."""
    t, f, shift = mpf(t), mpf(f), mpf(shift)
    log_scale = f / 2 * mp.log(f / 2) - mp.loggamma(f / 2) + mp.log(2)
    deviation = 1 / mp.sqrt(2 * f)
    places = {max(mpf(0), 1 + k * deviation) for k in range(-14, 15, 2)} | {max(mpf(0), 1 + 40 * deviation)}
    if t:
        places |= {max(mpf(0), (shift + k) / t) for k in range(-12, 13, 4)}
    places = sorted(p for p in places if p <= 1 + 40 * deviation)

    def density(w):
        return mp.exp(log_scale + (f - 1) * mp.log(w) - f * w * w / 2) if w else mpf(0)

    return mp.quad(lambda w: density(w) * mp.ncdf(t * w - shift), places)


def chi_square_cdf(x, f):
    return mp.gammainc(mpf(f) / 2, 0, mpf(x) / 2, regularized=True)


def root(function, low, high):
    return mp.findroot(function, (mpf(low), mpf(high)), solver="illinois", tol=1e-50, maxsteps=500)


def chi_square_quantile(p, f):
    low, high = mpf(f), mpf(f)
    while chi_square_cdf(low, f) > p:
        low /= 2
    while chi_square_cdf(high, f) < p:
        high *= 2
    return root(lambda x: chi_square_cdf(x, f) - mpf(p), low, high)


def laws():
    freedoms = (1, 1.5, 2, 3, 4.75, 9, 10, 29, 99, 1000.5, 1e5, 1e6)
    for f in freedoms:
        for t in (-40.0, -3.5, -1.0, -0.01, 0.0, 0.3, 1.96, 6.0):
            add("student_cdf", t, float(f), value=student_cdf(t, f))
        for p in (1e-9, 0.025, 0.2, 0.4999, 0.5001, 0.6, 0.75, 0.95, 0.975, 0.995, 0.9995, 0.99999):
            add("student_quantile", p, float(f), value=student_quantile(p, f))
    for f in (1, 2.5, 4, 9, 19, 99, 5000):
        for t in (-2.262, 0.0, 1.0, 2.262, 12.7):
            for shift in (0.0, 0.5, 2.8, 10.0, -1.5):
                add("student_noncentral_cdf", t, float(f), shift, value=noncentral(t, f, shift))
    for f in (1, 2, 3.5, 9, 99, 1e4):
        for p in (1e-6, 0.025, 0.2, 0.5, 0.975):
            add("chi_square_quantile", p, float(f), value=chi_square_quantile(p, f))
        for share in (0.1, 0.9, 1.0, 1.01, 3.0):
            add("chi_square_cdf", share * f, float(f), value=chi_square_cdf(share * f, f))
    for p in (1e-300, 1e-12, 1e-5, 0.025, 0.07, 0.08, 0.3, 0.5, 0.8, 0.925, 0.975, 0.999999):
        add("normal_quantile", p, value=-mp.sqrt(2) * mp.erfinv(1 - 2 * mpf(p)) if p > 1e-30 else
            root(lambda z: mp.log(mp.erfc(-z / mp.sqrt(2)) / 2) - mp.log(mpf(p)), -38, -36))
    for a, b in ((0.5, 0.5), (0.5, 30), (3, 8), (40.5, 2.25), (500, 700)):
        for x in (1e-10, 0.01, 0.25, 0.5, 0.9375):
            add("beta_cdf", float(a), float(b), x, value=mp.betainc(a, b, 0, x, regularized=True))


# -- counts --


def binomial_lower(k, n, p):
    p = Fraction(p)
    return sum((math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1)), Fraction(0))


def half_lower(k, n):
    return Fraction(sum(math.comb(n, i) for i in range(k + 1)), 2**n)


def counts():
    for n, k, p in ((1, 0, 0.5), (5, 2, 0.3), (10, 0, 0.05), (10, 9, 0.95), (40, 3, 0.25), (200, 150, 0.5), (500, 20, 0.1)):
        add("binomial_lower", k, n, p, value=binomial_lower(k, n, p))
        add("binomial_upper", k, n, p, value=1 - (binomial_lower(k - 1, n, p) if k else 0))
    for n, k in ((1, 0), (6, 0), (10, 1), (52, 20), (53, 20), (62, 31), (100, 39), (1000, 450), (3000, 1300)):
        add("binomial_half_lower", k, n, value=half_lower(k, n))
    for k, n in ((0, 1), (1, 1), (0, 10), (1, 10), (5, 10), (9, 10), (10, 10), (3, 260), (259, 260), (57, 1000)):
        for level in (0.95, 0.99):
            tail = (1 - mpf(level)) / 2
            low = root(lambda p: mp.betainc(k, n - k + 1, 0, p, regularized=True) - tail, 0, 1) if k else 0
            high = root(lambda p: mp.betainc(k + 1, n - k, p, 1, regularized=True) - tail, 0, 1) if k < n else 1
            add("binomial_low", k, n, level, value=low)
            add("binomial_high", k, n, level, value=high)
    for wins, losses in ((0, 0), (1, 0), (3, 3), (6, 0), (0, 7), (8, 2), (60, 40), (600, 500)):
        k, n = min(wins, losses), wins + losses
        add("sign_test_p", wins, losses, value=min(Fraction(1), 2 * half_lower(k, n)))
    for n in (1, 5, 6, 8, 9, 10, 20, 53, 100, 1000):
        for level in (0.5, 0.75, 0.9, 0.95, 0.99):
            rank, ways = 0, 1  # ways: of at most `rank` heads
            while rank < n // 2 and Fraction(2 * ways, 2**n) <= 1 - Fraction(level):
                rank += 1
                ways += math.comb(n, rank)
            add("order_rank", n, level, value=rank)
            if rank:
                add("order_level", n, level, value=1 - 2 * half_lower(rank - 1, n))


# -- looks and sizes --


def power(effect, n, level):
    t, shift = student_quantile(1 - (1 - mpf(level)) / 2, n - 1), mpf(effect) * mp.sqrt(n)
    return noncentral(-t, n - 1, shift) + noncentral(-t, n - 1, -shift)


def sizes():
    for n in (1, 2, 4, 5, 6, 10, 20, 100, 1000):
        for level in (0.95, 0.95 + 0.1 / 3):
            alpha = 1 - mpf(level)
            r = mp.root((1 + n) / alpha**2, n)
            width = mp.sqrt((n - 1) * (r - 1) / (n * (1 - r / (1 + n)))) if r < 1 + n else mp.nan
            add("anytime_half_width", n, 0.7, level, value=mpf(0.7) * width)
    for wins, n in ((0, 0), (0, 1), (7, 7), (8, 8), (9, 9), (12, 13), (50, 100), (70, 100), (400, 900)):
        evidence = Fraction(2**n, (n + 1) * math.comb(n, wins))
        add("anytime_sign_log_evidence", wins, n, value=mp.log(evidence.numerator) - mp.log(evidence.denominator))
    for effect, n in ((0.0, 10), (0.5, 2), (0.5, 10), (1.0, 10), (-1.0, 10), (0.2, 200), (2.0, 4)):
        add("sample_size_power", effect, n, 0.95, value=power(effect, n, 0.95))
    for margin, deviation, seeds in ((0.2, 0.2, 10), (0.2, 0.35, 10), (0.2, 0.1, 5), (1.0, 0.1, 20), (0.2, 1.5, 6)):
        limit = mpf(deviation) * mp.sqrt((seeds - 1) / chi_square_quantile(1 - mpf(0.8), seeds - 1))
        below, enough = 1, 2
        while power(margin / limit, enough, 0.95) < 0.8:
            below, enough = enough, 2 * enough
        while enough - below > 1:
            middle = (below + enough) // 2
            below, enough = (middle, enough) if power(margin / limit, middle, 0.95) < 0.8 else (below, middle)
        mp.dps = 30
        add("sample_size_seeds", margin, deviation, seeds, 0.95, value=enough)
    for width, deviation, first in ((0.1, 0.2, 10), (0.05, 0.2, 10), (0.5, 0.2, 10), (0.01, 0.35, 12)):
        t = student_quantile(1 - (1 - mpf(0.95)) / 2, first - 1)
        add("sample_size_width", width, deviation, first, 0.95,
            value=max(first, mp.ceil((t * mpf(deviation) / mpf(width)) ** 2)))


# -- lists of integers --


def sign_flip(d):
    least = abs(sum(d))
    sums = {0: 1}
    for x in d:
        after = {}
        for s, ways in sums.items():
            for sign in (-1, 1):
                after[s + sign * x] = after.get(s + sign * x, 0) + ways
        sums = after
    return Fraction(sum(ways for s, ways in sums.items() if abs(s) >= least), 2 ** len(d))


def sign_flip_sampled(d, flips=100000):
    generator, hits = random.Random(1), 0
    for _ in range(flips):
        bits, words = 0, (len(d) + 31) // 32
        for word in range(words):
            bits |= generator.getrandbits(32) << 32 * word
        total = sum(-x if bits >> i & 1 else x for i, x in enumerate(d))
        hits += abs(total) >= abs(sum(d))
    return Fraction(1 + hits, 1 + flips)


def crossed(d):
    """The definitions, cell by cell."""
    n, m = len(d), len(d[0])
    grand = Fraction(sum(map(sum, d)), n * m)
    row = [Fraction(sum(r), m) for r in d]
    column = [Fraction(sum(d[s][i] for s in range(n)), n) for i in range(m)]
    seeds = sum((r - grand) ** 2 for r in row) / (n - 1)
    images = sum((c - grand) ** 2 for c in column) / (m - 1)
    residual = sum((d[s][i] - row[s] - column[i] + grand) ** 2 for s in range(n) for i in range(m)) / ((n - 1) * (m - 1))
    a, b, c = seeds / n, images / m, residual / (n * m)
    variance, freedom = a, Fraction(n - 1)
    if b > c:
        variance = a + b - c
        freedom = variance**2 / (a**2 / (n - 1) + b**2 / (m - 1) + c**2 / ((n - 1) * (m - 1)))
        freedom = max(freedom, Fraction(min(n - 1, m - 1)))
    return grand, seeds, images, residual, variance, freedom


def lists():
    generator = random.Random(3)
    for n in (1, 2, 3, 6, 7, 10, 19, 20):
        for spread in (3, 60):
            d = [generator.randint(-spread // 2, spread) for _ in range(n)]
            add("sign_flip_p", value=sign_flip(d), values=" ".join(map(str, d)))
    for n in (21, 32, 33, 70):
        d = [generator.randint(-20, 30) for _ in range(n)]
        add("sign_flip_p", value=sign_flip_sampled(d), values=" ".join(map(str, d)))
    names = ("mean", "s2_seeds", "s2_images", "s2_residual", "variance", "freedom")
    for n, m, kind in ((2, 2, 0), (3, 70, 0), (10, 131, 1), (10, 64, 0), (5, 200, 1), (4, 9, 2)):
        shift = [generator.random() for _ in range(m)]  # kind 1: images differ, 2: none does
        d = [[0 if kind == 2 else (generator.random() < 0.4 + 0.5 * shift[i] * kind) - (generator.random() < 0.3)
              for i in range(m)] for s in range(n)]
        if kind == 2:
            d[1] = [1, 1, 1, 1, 1, -1, 0, 0, 0]
        text = " ".join("".join("-0+"[x + 1] for x in row) for row in d)
        for name, value in zip(names, crossed(d)):
            add("crossed_" + name, n, m, value=value, values=text)
    for n in (1, 2, 7, 12):
        v = sorted(generator.randint(0, 50) for _ in range(n))
        for b in sorted({1, 2, n // 2, n} - {0}):
            if b <= n:
                best = [max(chosen) for chosen in itertools.combinations(v, b)]
                add("best_of", b, value=Fraction(sum(best), len(best)), values=" ".join(map(str, v)))


laws()
counts()
sizes()
lists()
with open(Path(__file__).with_name("statistics.csv"), "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["function", "a", "b", "c", "d", "values", "value"])
    writer.writerows(rows)
print(f"{len(rows)} numbers")
