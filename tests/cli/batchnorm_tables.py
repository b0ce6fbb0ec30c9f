"""groups.csv, pairs.csv and tuning.csv of dlexp batchnorm once more, from summary.csv and claims.csv alone.

    python3 batchnorm_tables.py DIR     DIR: --out of a call over seeds, in one block, whose rates and seeds all norms have

Nothing here is taken from dlexp's code.  Exit status 1 where a number differs.
"""
import csv
import itertools
import math
import sys

directory = sys.argv[1]
read = lambda name: list(csv.DictReader(open(f"{directory}/{name}.csv")))
groups, summary, claims, pairs, tuning = (read(name) for name in ("groups", "summary", "claims", "pairs", "tuning"))
split = groups[0]["selected_on"]
chance = float(sys.argv[2])
runs = {}
for row in summary:
    done = row["status"] == "completed"
    runs.setdefault((row["norm"], float(row["lr"])), []).append({
        "outcome": row["outcome"], "steps": float(row["steps_to_target"] or "inf"), "seed": int(row["seed"]),
        "selection": float(row[f"final_{split}_accuracy_percent"]) if done else chance,
        "test": float(row["final_test_accuracy_percent"]) if done else chance})
differ = 0


def same(what, expected, got):
    global differ
    got = math.nan if got in ("", None) else float(got)
    if not (expected == got or abs(expected - got) <= 1e-8 * max(1, abs(expected)) or (math.isnan(expected) and math.isnan(got))):
        differ += 1
        print(f"{what}: expected {expected:.12g}, got {got:.12g}")


def median(values):
    values = sorted(values)
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


mean = lambda values: sum(values) / len(values)


def check_accuracy(row, of, values):
    values, n = sorted(values), len(values)
    what = f"{row['norm']} {row['lr']} {of}"
    same(what + " mean", mean(values), row[of + "_mean"])
    same(what + " median", median(values), row[of + "_median"])
    same(what + " interquartile mean", mean(values[n // 4:n - n // 4]), row[of + "_interquartile_mean"])
    tail = lambda k: 2 * sum(math.comb(n, i) for i in range(k)) / 2**n  # of x_(k) .. x_(n + 1 - k)
    rank = max((k for k in range(n // 2 + 1) if tail(k) <= 0.05), default=0)
    same(what + " low", values[rank - 1] if rank else math.nan, row[of + "_median_low"])
    same(what + " high", values[n - rank] if rank else math.nan, row[of + "_median_high"])
    same(what + " level", 1 - tail(rank) if rank else math.nan, row[of + "_median_level"])


for row in groups:
    of = runs[row["norm"], float(row["lr"])]
    trained, n = sum(r["outcome"] == "trained" for r in of), len(of)
    for outcome in "trained", "collapsed", "slow", "diverged", "failed":
        same(f"{row['norm']} {row['lr']} {outcome}", sum(r["outcome"] == outcome for r in of), row["outcome_" + outcome])
    # Clopper & Pearson: each tail is 2.5 % at the ends.
    upper = lambda p: sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(trained, n + 1))
    lower = lambda p: sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(trained + 1))
    same(f"{row['norm']} {row['lr']} low", 0.025, upper(float(row["trained_low_percent"]) / 100) if trained else 0.025)
    same(f"{row['norm']} {row['lr']} high", 0.025, lower(float(row["trained_high_percent"]) / 100) if trained < n else 0.025)
    check_accuracy(row, "final_selection_percent", [r["selection"] for r in of])
    check_accuracy(row, "final_test_percent", [r["test"] for r in of])
    if row["norm"] == "none":
        continue
    d = [a["test"] - b["test"] for a, b in zip(of, runs["none", float(row["lr"])])]
    same("difference", mean(d), row["difference_to_none_mean"])
    # Where the claim at this rate is judged by t, it is the same interval.
    for claim in claims:
        if row["norm"] == "batchnorm" and claim["id"] == "better" and claim["lr"] == row["lr"] and claim["method"].startswith("Student"):
            for end in "low", "high", "level":
                same("difference " + end, float(claim[end]), row["difference_to_none_" + end])

# The claims' estimates follow from their pairs.
for claim in claims:
    of = [float(p["effect"]) for p in pairs if p["claim"] == claim["id"] and p["lr"] == claim["lr"] and p["effect"]]
    if not of or not claim["estimate"]:
        continue
    estimate = mean(of) if claim["method"].startswith(("Student", "sign flips")) else median(of)
    same(f"pairs of {claim['id']} {claim['lr']}", estimate if claim["id"] == "better" else 2**estimate, claim["estimate"])
    same(f"number of pairs of {claim['id']} {claim['lr']}", len(of), claim["n"])
for p in pairs:
    for net in "batchnorm", "none":
        run = next(r for r in runs[net, float(p["lr_" + net])] if r["seed"] == int(p["seed"]))
        if p["claim"] != "rates":
            same(f"{p['claim']} {net}", run["steps" if p["claim"] == "faster" else "test"], p[net])

# The best of b: over all b of the runs where these are few, else by Tang et al.'s weights.
for row in tuning:
    values = sorted(r["selection"] for key, of in runs.items() if key[0] == row["norm"] for r in of)
    n, b = len(values), int(row["trials"])
    best = (mean([max(c) for c in itertools.combinations(values, b)]) if b <= 2 else
            sum(math.comb(i, b - 1) * v for i, v in enumerate(values)) / math.comb(n, b))
    same(f"tuning {row['norm']} {b}", best, row["expected_best_percent"])
norms = {key[0] for key in runs}
same("rows of tuning.csv", sum(sum(len(of) for key, of in runs.items() if key[0] == n) // 2 for n in norms), len(tuning))
sys.exit(differ > 0)
