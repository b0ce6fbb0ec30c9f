"""The numbers of dlexp batchnorm's three claims once more, from its tables of runs alone, as reference texts define them.

    python3 claims.py DIR <JSON     DIR: --out of a call over seeds, in one block, with --eval-every; JSON: its --json, of which
                                    chance, level and the split that chooses are taken

Nothing here is taken from dlexp's code; Student's t by summing its density.  Exit status 1 where a number differs.
"""
import csv
import json
import math
import sys

directory = sys.argv[1]
result = json.load(sys.stdin)
split = result["judgement"]["selected_on"]
chance, level = result["judgement"]["blocks"][0]["chance_percent"], result["judgement"]["level"]
read = lambda name: list(csv.DictReader(open(f"{directory}/{name}.csv")))
NETS = "none", "batchnorm"
runs, looks = {}, {}
for row in read("summary"):
    if row["norm"] in NETS:
        done = row["status"] == "completed"
        runs[row["norm"], float(row["lr"]), int(row["seed"])] = (
            float(row[f"final_{split}_accuracy_percent"]) if done else chance,
            float(row["final_test_accuracy_percent"]) if done else result["chance_percent"], done)
for row in read("evals"):
    looks.setdefault((row["norm"], float(row["lr"]), int(row["seed"])), []).append((int(row["step"]), float(row["accuracy_percent"])))
rates, seeds = sorted({k[1] for k in runs}), sorted({k[2] for k in runs})
last_step = max(step for evaluations in looks.values() for step, _ in evaluations)


def median(values):
    values = sorted(values)
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


def order_rank(n):
    k = 0
    while 2 * sum(math.comb(n, i) for i in range(k + 1)) / 2**n <= 1 - level:
        k += 1
    return k


def sign_p(values):
    wins, losses = sum(v > 0 for v in values), sum(v < 0 for v in values)
    n = wins + losses
    return min(1, 2 * sum(math.comb(n, i) for i in range(min(wins, losses) + 1)) / 2**n)


def t_upper(t, freedom, steps=20000):
    """P(T > t), t >= 0: one half less the density's area up to t, by Simpson's rule."""
    density = lambda x: (1 + x * x / freedom) ** (-(freedom + 1) / 2)
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(freedom * math.pi)
    h = t / steps
    area = sum((1 if i in (0, steps) else 4 if i % 2 else 2) * density(i * h) for i in range(steps + 1)) * h / 3
    return 0.5 - scale * area


def t_critical(freedom):
    low, high = 0, 200
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if t_upper(middle, freedom, 2000) > (1 - level) / 2 else (low, middle)
    return low


best_median = max(median(runs[n, r, s][0] for s in seeds) for n in NETS for r in rates)
T = chance + 0.9 * (best_median - chance)
trained = lambda n, r, s: runs[n, r, s][2] and runs[n, r, s][0] >= T
first = {k: next((step for step, a in v if a >= T), math.inf) for k, v in looks.items()}
for key in runs:
    first.setdefault(key, math.inf)
others = lambda s: [o for o in seeds if o != s]
mean = lambda values: sum(values) / len(values)
opening = lambda n, r, s: looks[n, r, s][0][1] if looks.get((n, r, s)) else chance
fastest = {(n, s): min(rates, key=lambda r: (median(first[n, r, o] for o in others(s)),
                                             -round(mean([opening(n, r, o) for o in others(s)]), 9), r)) for n in NETS for s in seeds}
best = {(n, s): min(rates, key=lambda r: (-round(mean([runs[n, r, o][0] for o in others(s)]), 9), r)) for n in NETS for s in seeds}
own = {n: min(rates, key=lambda r: (-round(mean([runs[n, r, o][0] for o in seeds]), 9), r)) for n in NETS}


def largest(n, s):
    reached, at_end = 0, True
    for r in rates[rates.index(own[n]):]:
        if not trained(n, r, s):
            at_end = False
            break
        reached = r
    return reached, at_end


def logs(pairs):
    return [math.inf if b == 0 or a == math.inf else -math.inf if a == 0 or b == math.inf else math.log2(a / b) for a, b in pairs]


steps = [(first["none", fastest["none", s], s], first["batchnorm", fastest["batchnorm", s], s]) for s in seeds]
limits = [(largest("batchnorm", s), largest("none", s)) for s in seeds]
numbers = {"faster": logs([p for p in steps if p != (math.inf, math.inf)]),
           "rates": logs([(a[0], b[0]) for a, b in limits if not (a[1] and b[1]) and (a[0] or b[0])]),
           "better": [round(runs["batchnorm", best["batchnorm", s], s][1] - runs["none", best["none", s], s][1], 9) for s in seeds]}
failed = sum(not trained(n, best[n, s], s) for n in NETS for s in seeds)
differ = 0


def same(what, expected, got):
    global differ
    got = math.nan if got in ("", None) else float(got)
    if not (expected == got or abs(expected - got) <= 2e-8 * max(1, abs(expected)) or (math.isnan(expected) and math.isnan(got))):
        differ += 1
        print(f"{what}: expected {expected:.12g}, got {got:.12g}")


same("T", T, result["judgement"]["blocks"][0]["trained_percent"])
for row in read("claims"):
    if row["lr"]:
        continue
    values, ratio = sorted(numbers[row["id"]]), row["id"] != "better"
    n, rank = len(values), order_rank(len(values))
    shown = (lambda x: 2**x) if ratio else (lambda x: x)
    same(row["id"] + " n", n, row["n"])
    if n == 0:
        continue
    spread = math.sqrt(sum((v - mean(values)) ** 2 for v in values) / (n - 1)) if not ratio and n > 1 else 0
    if ratio or failed or spread == 0:
        same(row["id"] + " estimate", shown(median(values)), row["estimate"])
        same(row["id"] + " low", shown(values[rank - 1]) if rank else math.nan, row["low"])
        same(row["id"] + " high", shown(values[n - rank]) if rank else math.nan, row["high"])
        same(row["id"] + " p", sign_p(values), row["p"])
    elif row["method"].startswith("Student"):
        half = t_critical(n - 1) * spread / math.sqrt(n)
        same(row["id"] + " estimate", mean(values), row["estimate"])
        same(row["id"] + " low", mean(values) - half, row["low"])
        same(row["id"] + " high", mean(values) + half, row["high"])
        same(row["id"] + " p", 2 * t_upper(abs(mean(values)) * math.sqrt(n) / spread, n - 1), row["p"])
    if not ratio:
        same("better failed", failed, row["failed"])
sys.exit(differ > 0)
