"""runs.csv of compare.sh (case,peer,round,seconds,test_accuracy_percent) to a table on stdout and the CSV named second.

The ratio is that of a peer's time to dlexp's in the same round: its median, lowest and highest over the rounds.
"""
import csv
import statistics
import sys

runs, order = {}, []
with open(sys.argv[1], newline="") as file:
    for row in csv.DictReader(file):
        key = row["case"], row["peer"]
        if key not in runs:
            runs[key] = {}
            order.append(key)
        accuracy = float(row["test_accuracy_percent"]) if row["test_accuracy_percent"] else None
        runs[key][row["round"]] = float(row["seconds"]), accuracy

header = ["case", "peer", "rounds", "median_s", "least_s", "ratio", "ratio_low", "ratio_high", "test_accuracy_percent"]
cases = list(dict.fromkeys(case for case, _ in order))
rows = []
for case in cases:
    base = runs[next(key for key in order if key[0] == case)]  # the first peer of a case is dlexp
    for key in (key for key in order if key[0] == case):
        times = [seconds for seconds, _ in runs[key].values()]
        ratios = [runs[key][r][0] / base[r][0] for r in runs[key] if r in base]
        accuracies = [accuracy for _, accuracy in runs[key].values() if accuracy is not None]
        rows.append(
            [case, key[1], len(times), "%.6g" % statistics.median(times), "%.6g" % min(times)]
            + (["%.4g" % f(ratios) for f in (statistics.median, min, max)] if ratios else ["", "", ""])
            + ["%.2f" % statistics.median(accuracies) if accuracies else ""]
        )
with open(sys.argv[2], "w", newline="") as file:
    csv.writer(file, lineterminator="\n").writerows([header] + rows)

titles = ["case", "peer", "rounds", "median s", "least s", "ratio", "low", "high", "test %"]
width = [max(len(str(row[i])) for row in [titles] + rows) for i in range(len(titles))]
for row in [titles, ["-" * w for w in width]] + rows:
    print("  ".join(str(c).ljust(w) if i < 2 else str(c).rjust(w) for i, (c, w) in enumerate(zip(row, width))).rstrip())
