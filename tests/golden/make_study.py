#!/usr/bin/env python3
"""A study of BatchNorm judged once more: every number of its tables, from its runs, by another program.

Command, from the root of the project (Debian's python3-scipy, which brings python3-numpy):

    build/dlexp batchnorm ... --out DIR --json > answers.json
    /usr/bin/python3 tests/golden/make_study.py DIR [--answers answers.json] [--data DATA] [--brief] > study.csv

Reads what was measured: epochs.csv, evals.csv, of summary.csv how runs ended, of run.json the options, and from
DIR/runs which test images each run gets right.  From these follow T, outcomes, steps to the target, each seed's rates,
the three claims and those at each rate, groups, pairs, tuning curves and the images that all runs get wrong.  They are
compared with claims.csv, groups.csv, pairs.csv, tuning.csv, disagreement.csv, summary.csv and, with --answers, with
the program's JSON.  Written as CSV: where, number, ours, theirs, difference.  Exit status 1 where a word differs, or a
number by more than 2e-8 of its size (tables round to 9 digits).  --brief: of the long tables one line per column, with
how many rows were compared and the largest difference.

For studies of both nets over rates and seeds, every other setting fixed, in the fair protocol, without --refine.
Nothing here is taken from the program: scipy has the laws, the rest is counted.
"""

import argparse
import copy
import csv
import gzip
import json
import math
import struct
import sys
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import numpy as np
from scipy import stats

NETS = ("batchnorm", "none")
INF = math.inf
MISSING = None


# ---------------------------------------------------------------- laws and order


def median(values):
    v = sorted(values)
    return v[len(v) // 2] if len(v) % 2 else (v[len(v) // 2 - 1] + v[len(v) // 2]) / 2


def middle_half(values):
    drop = len(values) // 4
    v = sorted(values)
    return sum(v[drop : len(v) - drop]) / (len(v) - 2 * drop)


def half_tail(k, n):
    """P(Bin(n, 1/2) <= k)."""
    return Fraction(sum(math.comb(n, i) for i in range(k + 1)), 2**n)


def order_interval(values, level):
    """(low, high, exact level) of the median; all missing where no rank reaches the level."""
    v, n = sorted(values), len(values)
    ranks = [k for k in range(1, n // 2 + 1) if 2 * half_tail(k - 1, n) <= Fraction(1 - level).limit_denominator(10**9)]
    if not ranks:
        return MISSING, MISSING, MISSING
    k = max(ranks)
    return v[k - 1], v[n - k], float(1 - 2 * half_tail(k - 1, n))


def sign_p(wins, losses):
    n = wins + losses
    return 1.0 if n == 0 else float(min(Fraction(1), 2 * half_tail(min(wins, losses), n)))


def t_critical(level, freedom):
    """Two-sided; scipy's quantile is good to 9 digits only, its tail to more: a step of Newton's."""
    t = stats.t.isf((1 - level) / 2, freedom)
    return t + (stats.t.sf(t, freedom) - (1 - level) / 2) / stats.t.pdf(t, freedom)


def t_half(values, level):
    n = len(values)
    return t_critical(level, n - 1) * np.std(values, ddof=1) / math.sqrt(n)


def t_p(values):
    n = len(values)
    return float(2 * stats.t.sf(abs(np.mean(values)) / (np.std(values, ddof=1) / math.sqrt(n)), n - 1))


def flips_p(d):
    """Exact, up to 20 pairs."""
    sums = np.zeros(1)
    for x in d:
        sums = np.concatenate([sums + x, sums - x])
    return float(np.mean(np.abs(sums) >= abs(sum(d)) - 1e-10 * sum(map(abs, d))))


def flips_interval(d, level):
    """The centres that the test does not reject, by bisection of the test; missing where it can reject none."""
    mean, ends = float(np.mean(d)), []
    if 2.0 ** (1 - len(d)) > 1 - level:
        return MISSING, MISSING
    for side in (-1, 1):
        inside, outside = 0.0, 2 * (max(d) - min(d))
        for _ in range(55):
            middle = (inside + outside) / 2
            kept = flips_p([x - mean - side * middle for x in d]) > 1 - level
            inside, outside = (middle, outside) if kept else (inside, middle)
        ends.append(mean + side * inside)
    return tuple(ends)


def t_anytime_half(values, level):
    n, g, alpha = len(values), 1, 1 - level
    if n < 2:
        return MISSING
    r = ((1 + n * g) / alpha**2) ** (1 / n)
    if r >= 1 + n * g:
        return MISSING
    return np.std(values, ddof=1) * math.sqrt((n - 1) * (r - 1) / (n * (1 - r / (1 + n * g))))


def sign_anytime(wins, n, level):
    return n > 0 and Fraction(2**n, (n + 1) * math.comb(n, wins)) >= 1 / (1 - level)


def order_anytime(values, level):
    v, n = sorted(values), len(values)
    ranks = [k for k in range(1, n // 2 + 1) if sign_anytime(k - 1, n, level)]
    return (v[max(ranks) - 1], v[n - max(ranks)]) if ranks else (MISSING, MISSING)


def clopper_pearson(k, n, level):
    a = (1 - level) / 2
    return (stats.beta.ppf(a, k, n - k + 1) if k else 0.0, stats.beta.ppf(1 - a, k + 1, n - k) if k < n else 1.0)


def holm(ps, family):
    """p by name, missing ones count in the family only."""
    adjusted, worst = {}, 0.0
    for below, (name, p) in enumerate(sorted(((n, p) for n, p in ps.items() if p is not MISSING), key=lambda x: x[1])):
        worst = max(worst, min(1.0, (family - below) * p))
        adjusted[name] = worst
    return adjusted


def needed_by_t(margin, deviation, n, level):
    """Least number with power 80 % at the margin, the deviation at its upper 80 % limit."""
    s = deviation * math.sqrt((n - 1) / stats.chi2.ppf(0.2, n - 1))

    def power(m):
        """P(|T| > c), T = (Z + shift) / U, U^2 a chi-square over its degrees of freedom: by trapezoids over U."""
        c, shift, f = t_critical(level, m - 1), margin / s * math.sqrt(m), m - 1
        u = np.linspace(*np.sqrt(stats.chi2.ppf((1e-15, 1 - 1e-15), f) / f), 4001)
        density = 2 * f * u * stats.chi2.pdf(f * u * u, f)
        return np.trapz(density * (stats.norm.cdf(shift - c * u) + stats.norm.cdf(-shift - c * u)), u)

    low, high = 1, 2
    while power(high) < 0.8:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(middle) >= 0.8 else (middle, high)
    return high


def sign_power(share, n, level):
    """Power of the exact two-sided sign test at each of the numbers n of pairs, one of which is won with `share`."""
    k = stats.binom.ppf((1 - level) / 2, n, 0.5)  # the most losses with which it rejects, or one more
    k -= 2 * stats.binom.cdf(k, n, 0.5) > (1 - level) * (1 + 1e-12)
    return np.where(k < 0, 0.0, stats.binom.cdf(k, n, 1 - share) + stats.binom.sf(n - k - 1, n, 1 - share))


def needed_by_signs(margin, values, level):
    """Least number of pairs with power 80 %, where one is won with the share of the differences above median - margin,
    at its lower one-sided 80 % limit."""
    above = sum(x > median(values) - margin for x in values)
    share = stats.beta.ppf(0.2, above, len(values) - above + 1) if above else 0.0
    if share <= 0.5:
        return MISSING
    for start in range(1, 10**6, 1000):
        n = np.arange(start, start + 1000)
        enough = sign_power(share, n, level) >= 0.8
        if enough.any():
            return int(n[np.argmax(enough)])
    return MISSING


def crossed(d, level):
    """Interval of the mean of d[seed, image] for new seeds on new images."""
    n, m = d.shape
    rows, columns, grand = d.mean(1), d.mean(0), d.mean()
    s2_seeds, s2_images = rows.var(ddof=1), columns.var(ddof=1)
    s2_rest = float(((d - rows[:, None] - columns[None, :] + grand) ** 2).sum()) / ((n - 1) * (m - 1))
    terms = ((s2_seeds / n, n - 1), (s2_images / m, m - 1), (-s2_rest / (n * m), (n - 1) * (m - 1)))
    variance = sum(t for t, _ in terms)
    if variance <= s2_seeds / n:
        variance, freedom = s2_seeds / n, n - 1
    else:
        freedom = max(variance**2 / sum(t * t / f for t, f in terms), min(n, m) - 1)
    if variance == 0:
        return MISSING, MISSING, freedom
    half = t_critical(level, freedom) * math.sqrt(variance)
    return 100 * (grand - half), 100 * (grand + half), freedom


# ---------------------------------------------------------------- what was measured


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    return MISSING if text in ("", None) else float(text)


def bits_of(path, images):
    """Test images that the stored run gets right; None: it did not note them."""
    head, bulk = path.read_bytes().split(b"\n[end ", 1)
    rows = bulk.split(b"\n")[1:]
    at = 0
    for line in head.split(b"\n"):
        if line.startswith(b"[bulk "):
            name, count = line[6:].split()[:2]
            if name == b"bits.0":
                words = np.array([int(float(x)) for x in rows[at : at + int(count)]], dtype="<u4")
                return np.unpackbits(words.view(np.uint8), bitorder="little")[:images].astype(np.int8)
            at += int(count)
    return None


def read_labels(folder, name):
    path = next(p for p in (folder / name, folder / (name + ".gz")) if p.exists())
    raw = (gzip.open(path) if path.suffix == ".gz" else open(path, "rb")).read()
    assert struct.unpack(">I", raw[:4])[0] == 2049, path
    return np.frombuffer(raw[8:], np.uint8)


class Run:
    """One net, rate and seed; `curve`: (step, accuracy on the split that selects), in order of steps."""

    def __init__(self, row, epochs, evals, split, steps_per_epoch):
        self.net, self.lr, self.seed = row["norm"], float(row["lr"]), int(row["seed"])
        self.row, self.epochs = row, epochs
        self.diverged = row["status"] != "completed"
        marks = {int(e["epoch"]) * steps_per_epoch: number(e[split + "_accuracy_percent"]) for e in epochs}
        marks |= {int(e["step"]): number(e["accuracy_percent"]) for e in evals}
        self.curve = sorted((s, a) for s, a in marks.items() if a is not MISSING)

    def steps_to(self, target):
        return next((s for s, a in self.curve if a >= target), INF)

    def is_coarse(self, ratio):
        """The evaluation before that of `steps` lies further back than the ratio."""
        before = max([s for s, _ in self.curve if s < self.steps], default=0)
        return self.steps > ratio * before and self.steps - before > 1


class Study:
    def __init__(self, folder, data):
        told = json.loads((folder / "run.json").read_text())
        config = told["config"]
        first = lambda x: x[0] if isinstance(x, list) else x
        self.folder, self.level, held_out = folder, config["level"], config["validation"]
        self.margin, self.ratio_margin = config["margin"], config["ratio-margin"]
        self.split = "validation" if held_out else "test"
        files = {part: Path(told["data"][part + "_labels"]["path"]) for part in ("train", "test")}
        labels = {part: read_labels(data or p.parent, p.name.removesuffix(".gz")) for part, p in files.items()}
        chance = lambda part: 100 * float(np.bincount(part).max()) / len(part)
        self.test_labels = labels["test"]
        self.test_chance = chance(labels["test"])
        self.chance = chance(labels["train"][-held_out:]) if held_out else self.test_chance
        trained_on, batch = len(labels["train"]) - held_out, first(config["batch"])
        self.read(trained_on // batch if config["drop-last"] else -(-trained_on // batch))
        self.asked_trained, self.asked_target = config["trained"], config["target"]
        self.judge_outcomes(self.seeds)

    def read(self, steps_per_epoch):
        def by_run(name):
            path, rows = self.folder / name, defaultdict(list)
            for row in table(path) if path.exists() else []:
                rows[row["norm"], float(row["lr"]), int(row["seed"])].append(row)
            return rows

        epochs, evals, self.runs = by_run("epochs.csv"), by_run("evals.csv"), {}
        for key, (row,) in by_run("summary.csv").items():
            self.runs[key] = Run(row, epochs[key], evals[key], self.split, steps_per_epoch)
        self.rates = sorted({lr for _, lr, _ in self.runs})
        self.seeds = list(dict.fromkeys(seed for _, _, seed in self.runs))
        for run in self.runs.values():
            last = lambda split: number(run.epochs[-1][split + "_accuracy_percent"])
            run.chosen_by = self.chance if run.diverged else last(self.split)
            run.final = self.test_chance if run.diverged else last("test")

    def judge_outcomes(self, seeds):
        """T by these seeds, then the outcome of every run."""
        self.best_median = max(median([r.chosen_by for r in g if r.seed in seeds]) for g in self.groups().values())
        self.trains = self.best_median >= self.chance + 0.1 * (100 - self.chance) or bool(self.asked_trained)
        self.T = self.asked_trained or (self.chance + 0.9 * (self.best_median - self.chance) if self.trains else INF)
        self.target = self.asked_target or self.T
        for run in self.runs.values():
            run.trained = self.trains and not run.diverged and run.chosen_by >= self.T
            run.steps = run.steps_to(self.target)
        for run in self.runs.values():
            run.outcome = self.outcome(run)

    def outcome(self, run):
        if run.trained:
            return "trained"
        if run.diverged:
            return "diverged"
        if self.trains and any(a >= self.T for _, a in run.curve):
            return "collapsed"
        loss = [number(e["train_loss"]) for e in run.epochs]
        larger = any(self.runs[run.net, lr, s].trained for lr in self.rates if lr > run.lr for s in self.seeds)
        if len(loss) > 1 and loss[-1] < 0.99 * loss[-2] and larger:
            return "slow"
        return "failed"

    def groups(self):
        groups = defaultdict(list)
        for run in self.runs.values():
            groups[run.net, run.lr].append(run)
        return groups

    # ------------------------------------------------------------ rates that seeds choose

    def best(self, net, seeds):
        """Argmax of the mean on the split that selects; ties: the smaller rate."""
        mean = lambda lr: round(sum(self.runs[net, lr, s].chosen_by for s in seeds) / len(seeds), 10)
        return max(self.rates, key=lambda lr: (mean(lr), -lr))

    def fastest(self, net, seeds):
        """Smallest median of steps; ties: the higher mean accuracy at the first evaluation, then the smaller rate."""
        runs = lambda lr: [self.runs[net, lr, s] for s in seeds]
        early = lambda lr: round(sum(r.curve[0][1] if r.curve else self.chance for r in runs(lr)) / len(seeds), 10)
        return min(self.rates, key=lambda lr: (median([r.steps for r in runs(lr)]), -early(lr), lr))

    def others(self, choose):
        """(run with, run without) of each seed, at the rates that the others choose; one alone chooses for itself."""
        rest = lambda seed: [s for s in self.seeds if s != seed] or self.seeds
        return [tuple(self.runs[net, choose(net, rest(s)), s] for net in NETS) for s in self.seeds]

    def before(self, choose):
        """The same at the rates that the seeds before it choose; the first three only choose."""
        return [tuple(self.runs[net, choose(net, self.seeds[:i]), s] for net in NETS)
                for i, s in enumerate(self.seeds) if i >= 3]

    def at(self, lr):
        return [tuple(self.runs[net, lr, s] for net in NETS) for s in self.seeds]

    # ------------------------------------------------------------ the largest rate that trains

    def largest(self, net, seed, best):
        largest = 0.0
        for lr in self.rates[self.rates.index(best) :]:
            if not self.runs[net, lr, seed].trained:
                break
            largest = lr
        return largest

    def usable(self, net):
        """(decades of rates whose mean is within a point of the best one's, is the grid's end among them)."""
        means = [sum(self.runs[net, lr, s].chosen_by for s in self.seeds) / len(self.seeds) for lr in self.rates]
        best = means.index(max(means))
        good = [m >= max(means) - 1 for m in means]
        low = high = best
        while low > 0 and good[low - 1]:
            low -= 1
        while high + 1 < len(means) and good[high + 1]:
            high += 1
        return math.log10(self.rates[high] / self.rates[low]), low == 0 or high == len(means) - 1


# ---------------------------------------------------------------- judging


def spread_of(d):
    return len(d) > 1 and max(d) - min(d) > 1e-10 * max(map(abs, d))


def log_ratio(above, below):
    if above == below:
        return 0.0
    if above == INF or below == 0:
        return INF
    return -INF if below == INF or above == 0 else math.log2(above / below)


class Judged:
    """Differences of pairs, above 0 in the claim's favour: one of a family of `family` claims or, `common`, one of so
    many rates' lines, all of whose numbers are at 1 - alpha / family."""

    def __init__(self, of_median, differences, failed, level, margin, family, common):
        self.d, self.n, self.failed, self.margin = differences, len(differences), failed, margin
        self.of_median, self.common = of_median, common
        self.each = 1 - (1 - level) / family
        self.asked = self.each if common else level
        self.wins, self.losses = sum(x > 0 for x in self.d), sum(x < 0 for x in self.d)
        self.sign_p = sign_p(self.wins, self.losses)
        self.by_order = of_median or failed > 0 or (self.n > 1 and not spread_of(self.d))
        self.counted, self.least = (self.wins + self.losses, 7) if of_median else (self.n, 6)
        self.estimate = self.low = self.high = self.low90 = self.high90 = self.level = self.p = MISSING
        self.method, needed, self.settled, self.all_tied = "", MISSING, not self.n, False
        if self.n and self.by_order:
            needed = self.judge_by_order()
        elif self.n > 1:
            needed = self.judge_by_t()
        elif self.n:
            self.estimate = self.d[0]
        more = max(0 if needed is MISSING else needed - self.n, self.least - self.counted)
        self.needs = more if more > 0 or needed is not MISSING else MISSING

    def judge_by_order(self):
        self.method = "order interval and sign test, paired"
        self.estimate, self.p = median(self.d), self.sign_p
        self.low, self.high, self.level = order_interval(self.d, self.asked)
        self.low90, self.high90, _ = order_interval(self.d, 0.9)
        return needed_by_signs(self.margin, self.d, self.each) if math.isfinite(self.estimate) else MISSING

    def judge_by_t(self):
        self.method, self.level = "Student t, paired", self.asked
        self.estimate, self.p = float(np.mean(self.d)), t_p(self.d)
        around = lambda half: (self.estimate - half, self.estimate + half)
        self.low, self.high = around(t_half(self.d, self.asked))
        self.low90, self.high90 = around(t_half(self.d, 0.9))
        if not self.common and self.n >= 6:
            flips = flips_p(self.d)
            if (self.p <= 1 - self.asked) != (flips <= 1 - self.asked):
                self.method, self.p = "sign flips, paired", flips
                self.low, self.high = flips_interval(self.d, self.asked)
                self.low90, self.high90 = flips_interval(self.d, 0.9)
        return needed_by_t(self.margin, float(np.std(self.d, ddof=1)), self.n, self.each)

    def conclude(self, p_holm):
        """The word of one look; of a settled claim "not comparable", and it has no adjusted p."""
        self.p_holm = MISSING if self.settled else p_holm
        if self.settled or self.all_tied == "apart":
            self.verdict = "not comparable"
        else:
            sure = p_holm is not MISSING and p_holm <= 1 - self.asked
            self.verdict = self.word(sure, self.estimate, self.low90, self.high90)

    def word(self, sure, side, low, high):
        if self.counted < self.least and not self.all_tied:
            return "undecided"
        if sure and side != 0:
            return "supported" if side > 0 else "contradicted"
        return "equivalent" if low is not MISSING and -self.margin <= low and high <= self.margin else "undecided"

    def conclude_any_time(self, other):
        """The interval that holds whenever one looks, and its word, by the pairs `other`."""
        if other.by_order:
            self.anytime_low, self.anytime_high = order_anytime(other.d, self.each)
            sure = sign_anytime(other.wins, other.wins + other.losses, self.each)
        else:
            half = t_anytime_half(other.d, self.each)
            self.anytime_low = MISSING if half is MISSING else other.estimate - half
            self.anytime_high = MISSING if half is MISSING else other.estimate + half
            sure = half is not MISSING and (self.anytime_low > 0 or self.anytime_high < 0)
        self.anytime_verdict = other.word(sure, other.estimate, self.anytime_low, self.anytime_high)
        if self.verdict == "not comparable":
            self.anytime_verdict = self.verdict
        elif other.settled:
            self.anytime_verdict = "undecided"
        elif other.all_tied == "apart":
            self.anytime_verdict = "not comparable"
        if self.p is MISSING:
            self.anytime_verdict = ""


class Claims:
    """The three claims, and those at each rate; `lines`: (claim, rate or None) -> what claims.csv should say.

    early: the study by T of its first ten seeds, for the numbers that hold whenever one looks.
    """

    def __init__(self, study, early):
        self.study, self.early, self.lines = study, early, {}
        own = {"faster": self.faster(None), "rates": self.larger(), "better": self.better(None)}
        adjusted = holm({name: MISSING if judged.settled else judged.p for name, (judged, _) in own.items()}, 3)
        for name, (judged, before) in own.items():
            judged.conclude(adjusted.get(name, MISSING))
            judged.conclude_any_time(before)
            self.lines[name, None] = judged
        for lr in study.rates:
            for name, judge in (("faster", self.faster), ("better", self.better)):
                judged, _ = judge(lr)
                judged.conclude(judged.p)  # by itself, at its own level
                judged.conclude_any_time(judged)
                self.lines[name, lr] = judged

    def judge(self, name, lr, of_median, differences, failed):
        study, common = self.study, lr is not None
        margin = study.margin if name == "better" else math.log2(study.ratio_margin)
        judged = Judged(of_median, differences, failed, study.level, margin, len(study.rates) if common else 3, common)
        judged.ratios = name != "better"
        return judged

    def faster(self, lr):
        study, early = self.study, self.early
        pairs = study.at(lr) if lr else study.others(study.fastest)
        return self.judge_faster(lr, pairs), MISSING if lr else self.judge_faster(lr, early.before(early.fastest))

    def judge_faster(self, lr, pairs):
        pairs = [(a, b) for a, b in pairs if min(a.steps, b.steps) < INF]
        failed = sum(not run.trained for pair in pairs for run in pair)
        judged = self.judge("faster", lr, True, [log_ratio(b.steps, a.steps) for a, b in pairs], failed)
        both = [pair for pair in pairs if max(run.steps for run in pair) < INF]
        coarse = sum(any(run.is_coarse(self.study.ratio_margin) for run in pair) for pair in both)
        judged.settled |= 2 * coarse >= judged.n  # the median hangs on them
        judged.all_tied = judged.n >= 6 and judged.counted == 0 and "near"
        judged.pairs, judged.numbers = pairs, [(a.steps, b.steps) for a, b in pairs]
        judged.sides = [median(side) for side in zip(*judged.numbers)] or [MISSING, MISSING]
        return judged

    def better(self, lr):
        study, early = self.study, self.early
        pairs = study.at(lr) if lr else study.others(study.best)
        return self.judge_better(lr, pairs), MISSING if lr else self.judge_better(lr, early.before(early.best))

    def judge_better(self, lr, pairs):
        failed = sum(not run.trained for pair in pairs for run in pair)
        judged = self.judge("better", lr, False, [round(a.final - b.final, 10) for a, b in pairs], failed)
        judged.settled |= failed == 2 * judged.n
        judged.pairs, judged.numbers = pairs, [(a.final, b.final) for a, b in pairs]
        judged.sides = [float(np.mean(side)) for side in zip(*judged.numbers)] or [MISSING, MISSING]
        return judged

    def larger(self):
        study, early = self.study, self.early
        own = {net: study.best(net, study.seeds) for net in NETS}
        earlier = lambda net, i: early.best(net, early.seeds[:i])
        pairs = [(s, own, *(study.largest(net, s, own[net]) for net in NETS)) for s in study.seeds]
        before = [(s, {net: earlier(net, i) for net in NETS}, *(early.largest(net, s, earlier(net, i)) for net in NETS))
                  for i, s in enumerate(early.seeds) if i >= 3]
        return self.judge_larger(pairs), self.judge_larger(before)

    def judge_larger(self, pairs):
        """pairs: (seed, each net's best rate, L with, L without)."""
        study = self.study
        above = dict(zip(study.rates, study.rates[1:] + [INF]))
        end = lambda limit, best: above[limit] if limit else best  # where the net surely does not train
        found = [(s, best, (a, end(a, best["batchnorm"])), (b, end(b, best["none"]))) for s, best, a, b in pairs]
        kept = [pair for pair in found if self.is_certain(*pair[2:])]
        limits = [(a, b) for _, _, (a, _), (b, _) in kept]
        judged = self.judge("rates", None, True, [log_ratio(*pair) for pair in limits], sum(p.count(0) for p in limits))
        if judged.n >= 6 and judged.counted == 0:
            apart = max(a_end / a for _, _, (a, a_end), _ in kept) > study.ratio_margin * (1 + 1e-5)
            judged.all_tied = "apart" if apart else "near"
        judged.pairs = [tuple(study.runs[net, best[net], s] for net in NETS) for s, best, _, _ in kept]
        judged.numbers = limits
        judged.sides = [median(side) for side in zip(*limits)] or [MISSING, MISSING]
        judged.bracket = (
            (median([a / b_end for _, _, (a, _), (_, b_end) in kept]),
             median([a_end / b if b else INF for _, _, (_, a_end), (b, _) in kept]))
            if kept else (MISSING, MISSING)
        )
        return judged

    @staticmethod
    def is_certain(with_, without):
        """Which of the two ends further up, or that both end in the same step of the grid."""
        (a, a_end), (b, b_end) = with_, without
        if a == b:
            return a > 0 and a_end < INF
        return a >= b_end if a > b else b >= a_end


# ---------------------------------------------------------------- comparing


class Comparison:
    def __init__(self, brief):
        self.brief, self.rows, self.wrong, self.summed = brief, [], 0, {}

    def number(self, where, name, ours, theirs, each=True):
        if isinstance(theirs, str):
            theirs = number(theirs)
        ours = MISSING if ours is MISSING else float(ours)
        if ours is MISSING or theirs is MISSING or INF in (abs(ours), abs(theirs)):
            difference = 0.0 if ours == theirs else INF
        else:
            difference = abs(ours - theirs)
        wrong = difference > 2e-8 * abs(ours or 0) + 1e-10
        self.add(where, name, ours, theirs, difference, wrong, each)

    def word(self, where, name, ours, theirs, each=True):
        self.add(where, name, ours, theirs, "" if ours == theirs else "differs", ours != theirs, each)

    def add(self, where, name, ours, theirs, difference, wrong, each):
        self.wrong += wrong
        show = lambda x: "" if x is MISSING else f"{x:.9g}" if isinstance(x, float) else x
        if each or wrong or not self.brief:
            self.rows.append((where, name, show(ours), show(theirs), self.size(difference)))
        if not each:
            file = where.split(" ")[0]
            count, largest = self.summed.get((file, name), (0, 0.0))
            largest = max(largest, difference) if isinstance(difference, float) else difference if wrong else largest
            self.summed[file, name] = count + 1, largest

    def write(self, out):
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("where", "number", "ours", "theirs", "difference"))
        writer.writerows(self.rows)
        for (file, name), (count, largest) in self.summed.items() if self.brief else ():
            writer.writerow((f"{file} {count} rows", name, "", "", self.size(largest)))
        return self.wrong

    @staticmethod
    def size(difference):
        return f"{difference:.1e}" if isinstance(difference, float) else difference


def finite_only(x):
    """Neither JSON nor summary.csv has an infinity."""
    return MISSING if x is MISSING or math.isinf(x) else x


def two_to(x):
    return MISSING if x is MISSING else INF if x == INF else 2.0**x


def compare_claims(study, claims, to):
    rows = table(study.folder / "claims.csv")
    to.number("claims.csv", "rows", len(claims.lines), len(rows))
    for row in rows:
        lr = number(row["lr"])
        judged = claims.lines[row["id"], lr]
        where = f"claims.csv {row['id']} {'' if lr is None else 'lr ' + row['lr']}".rstrip()
        shown = two_to if judged.ratios else lambda x: x
        to.word(where, "verdict", judged.verdict, row["verdict"])
        to.number(where, "first_estimate", judged.sides[0], row["first_estimate"])
        to.number(where, "second_estimate", judged.sides[1], row["second_estimate"])
        for name in ("estimate", "low", "high", "anytime_low", "anytime_high"):
            to.number(where, name, shown(getattr(judged, name)), row[name])
        for name in ("level", "n", "failed", "p", "p_holm", "needs"):
            to.number(where, name, getattr(judged, name), row[name])
        to.word(where, "method", judged.method, row["method"])
        to.word(where, "anytime_verdict", judged.anytime_verdict, row["anytime_verdict"])


def compare_pairs(study, claims, to):
    rows = defaultdict(list)
    for row in table(study.folder / "pairs.csv"):
        rows[row["claim"], number(row["lr"])].append(row)
    for key, judged in claims.lines.items():
        theirs = {int(r["seed"]): r for r in rows[key]}
        seeds = [a.seed for a, _ in judged.pairs]
        counted = [s for s, r in theirs.items() if r["effect"] != ""]
        to.word(f"pairs.csv {key[0]} {key[1]}", "seeds", sorted(seeds), sorted(counted), False)
        for seed, pair, numbers, d in zip(seeds, judged.pairs, judged.numbers, judged.d):
            row, where = theirs[seed], f"pairs.csv {key[0]} {key[1]} seed {seed}"
            to.number(where, "lr_batchnorm", pair[0].lr, row["lr_batchnorm"], False)
            to.number(where, "lr_none", pair[1].lr, row["lr_none"], False)
            to.number(where, "batchnorm", numbers[0], row["batchnorm"], False)
            to.number(where, "none", numbers[1], row["none"], False)
            to.number(where, "effect", d, row["effect"], False)


def compare_runs(study, to):
    for (net, lr, seed), run in study.runs.items():
        where = f"summary.csv {net} lr {lr:g} seed {seed}"
        if not run.diverged:
            to.number(where, "final accuracy, test", run.final, run.row["final_test_accuracy_percent"], False)
            selected = run.row[f"final_{study.split}_accuracy_percent"]
            to.number(where, "final accuracy, where it is selected", run.chosen_by, selected, False)
        to.word(where, "outcome", run.outcome, run.row["outcome"], False)
        to.number(where, "steps_to_target", finite_only(run.steps), run.row["steps_to_target"], False)


def compare_groups(study, to):
    groups = study.groups()
    for row in table(study.folder / "groups.csv"):
        net, lr = row["norm"], float(row["lr"])
        runs = groups[net, lr]
        where = f"groups.csv {net} lr {lr:g}"
        say = lambda name, ours: to.number(where, name, ours, row[name], False)
        say("runs", len(runs))
        say("diverged", sum(r.diverged for r in runs))
        for outcome in ("trained", "collapsed", "slow", "diverged", "failed"):
            say("outcome_" + outcome, sum(r.outcome == outcome for r in runs))
        k = sum(r.trained for r in runs)
        low, high = clopper_pearson(k, len(runs), study.level)
        say("trained_percent", 100 * k / len(runs))
        say("trained_low_percent", 100 * low)
        say("trained_high_percent", 100 * high)
        ended = [r for r in runs if not r.diverged]
        first = study.split + "_accuracy_percent"
        old = {
            "train_loss": [number(r.epochs[-1]["train_loss"]) for r in ended],
            "train_accuracy_percent": [number(r.epochs[-1]["train_accuracy_percent"]) for r in ended],
            "epoch_1_" + first: [number(r.epochs[0][first]) for r in ended],
            "test_accuracy_percent": [r.final for r in ended],
            "best_test_accuracy_percent": [number(r.row["best_test_accuracy_percent"]) for r in ended],
        }
        for name, values in old.items():
            say(name + "_runs", len(values))
            say(name + "_mean", np.mean(values) if values else MISSING)
            say(name + "_half_width_95", t_half(values, 0.95) if len(values) > 1 and spread_of(values) else MISSING)
        for name, values in (("selection", [r.chosen_by for r in runs]), ("test", [r.final for r in runs])):
            name = f"final_{name}_percent_"
            low, high, level = order_interval(values, study.level)
            say(name + "mean", np.mean(values))
            say(name + "half_width", t_half(values, study.level) if spread_of(values) else MISSING)
            say(name + "median", median(values))
            say(name + "median_low", low)
            say(name + "median_high", high)
            say(name + "median_level", level)
            say(name + "interquartile_mean", middle_half(values))
        if net == "batchnorm":
            d = [round(a.final - b.final, 10) for a, b in study.at(lr)]
            level = 1 - (1 - study.level) / len(study.rates)
            half = t_half(d, level) if spread_of(d) else MISSING
            say("difference_to_none_n", len(d))
            say("difference_to_none_mean", np.mean(d))
            say("difference_to_none_low", MISSING if half is MISSING else np.mean(d) - half)
            say("difference_to_none_high", MISSING if half is MISSING else np.mean(d) + half)
            say("difference_to_none_level", MISSING if half is MISSING else level)


def compare_tuning(study, to):
    for row in table(study.folder / "tuning.csv"):
        v = sorted(r.chosen_by for r in study.runs.values() if r.net == row["norm"])
        b, total = int(row["trials"]), math.comb(len(v), int(row["trials"]))
        ours = sum(float(Fraction(math.comb(i, b - 1), total)) * x for i, x in enumerate(v))
        where = f"tuning.csv {row['norm']} {b} trials"
        to.number(where, "expected_best_percent", ours, row["expected_best_percent"], False)
        to.number(where, "runs", len(v), row["runs"], False)


def stored_bits(study, run):
    return bits_of(study.folder / "runs" / run.row["run"][:2] / (run.row["run"] + ".run"), len(study.test_labels))


def compare_bits(study, claims, answers, to):
    theirs = defaultdict(list)
    path = study.folder / "disagreement.csv"
    for row in table(path) if path.exists() else []:
        theirs[row["norm"]].append((int(row["image"]), int(row["label"]), int(row["runs"])))
    for net in NETS:
        runs = [study.runs[net, study.best(net, study.seeds), s] for s in study.seeds]
        right = [stored_bits(study, r) for r in runs if r.trained]
        right = [b for b in right if b is not None]
        images = np.flatnonzero(np.sum(right, 0) == 0) if right else []
        wrong = [(int(i), int(study.test_labels[i]), len(right)) for i in images]
        to.number(f"disagreement.csv {net}", "images", len(wrong), len(theirs[net]))
        to.word(f"disagreement.csv {net}", "all of them", wrong == theirs[net], True)
    better = claims.lines["better", None]
    bits = [(stored_bits(study, a), stored_bits(study, b)) for a, b in better.pairs]
    lacking = sum(b is None for pair in bits for b in pair)
    for (a, b), pair in zip(bits, better.pairs):
        for have, run in zip((a, b), pair):
            if have is not None:
                to.number(f"runs {run.row['run']}", "images right, %", 100 * have.mean(), run.final, False)
    if answers and len(bits) > 1 and not lacking and not better.failed:
        low, high, freedom = crossed(np.array([a - b for a, b in bits]), study.level)
        answer = answers["better"]["new_images"]
        to.number("answers better", "new images: low", low, answer["low"])
        to.number("answers better", "new images: high", high, answer["high"])
        to.number("answers better", "new images: degrees of freedom", freedom, answer["freedom"])


def compare_answers(study, claims, answers, to):
    for name, answer in answers.items():
        judged, where = claims.lines[name, None], "answers " + name
        finite = bool(judged.d) and all(map(math.isfinite, judged.d))
        t = finite and spread_of(judged.d)
        to.number(where, "best_median_percent", study.best_median, answer["best_median_percent"])
        to.number(where, "trained_percent", finite_only(study.T), answer["trained_percent"])
        to.number(where, "target_percent", finite_only(study.target), answer["target_percent"])
        to.number(where, "mean", np.mean(judged.d) if finite else MISSING, answer["mean"])
        to.number(where, "median", finite_only(median(judged.d)) if judged.d else MISSING, answer["median"])
        middle = finite_only(middle_half(judged.d)) if judged.d else MISSING
        to.number(where, "interquartile_mean", middle, answer["interquartile_mean"])
        to.number(where, "wins", judged.wins, answer["wins"])
        to.number(where, "losses", judged.losses, answer["losses"])
        to.number(where, "ties", judged.n - judged.wins - judged.losses, answer["ties"])
        half = t_half(judged.d, study.level) if t else 0
        to.number(where, "t_low", np.mean(judged.d) - half if t else MISSING, answer["t_low"])
        to.number(where, "t_high", np.mean(judged.d) + half if t else MISSING, answer["t_high"])
        to.number(where, "t_p", t_p(judged.d) if t else MISSING, answer["t_p"])
        to.number(where, "sign_p", judged.sign_p, answer["sign_p"])
        if name == "rates":
            to.number(where, "bracket: low", judged.bracket[0], answer["bracket"]["low"])
            to.number(where, "bracket: high", finite_only(judged.bracket[1]), answer["bracket"]["high"])
        if name == "better":
            to.number(where, "sign_flip_p", flips_p(judged.d), answer["sign_flip_p"])
            for net in NETS:
                decades, at_least = study.usable(net)
                to.number(where, f"usable decades, {net}", decades, answer["usable_decades"][net])
                to.word(where, f"usable decades at least, {net}", at_least, answer["usable_decades"][net + "_at_least"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--answers", type=Path, help="what the same call printed with --json")
    parser.add_argument("--data", type=Path, help="folder of the data's labels, if not where run.json says")
    parser.add_argument("--brief", action="store_true", help="one line per column of the long tables")
    options = parser.parse_args()
    study = Study(options.folder, options.data)
    early = copy.deepcopy(study)
    early.judge_outcomes(study.seeds[:10])
    claims, to = Claims(study, early), Comparison(options.brief)
    answers = {a["id"]: a for a in json.loads(options.answers.read_text())["answers"]} if options.answers else {}
    compare_answers(study, claims, answers, to)
    compare_claims(study, claims, to)
    compare_runs(study, to)
    compare_pairs(study, claims, to)
    compare_groups(study, to)
    compare_tuning(study, to)
    compare_bits(study, claims, answers, to)
    wrong = to.write(sys.stdout)
    print(f"{len(to.rows)} lines, {wrong} differ", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
