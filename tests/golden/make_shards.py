#!/usr/bin/env python3
"""Golden numbers for shards: by the formula of include/dlexp/run/shard.h, with Python's hashlib and integers.

Command, from the root of the project:

    /usr/bin/python3 tests/golden/make_shards.py

Writes shards.csv beside itself: a spec, whose lines end in | instead of newlines and whose seed stands as @; the seed, or
nothing where the experiment has none; the number of shards; the run's shard.
"""

import csv
import hashlib
from pathlib import Path

SPECS = (
    "experiment=try|format=4|net=none|lr=0.1|seed=@|",
    "experiment=try|format=4|seed=@|net=norm|lr=0.5|batch=128|",
    "experiment=try|format=4|net=none|lr=0.1|seedling=3|",
)
SEEDS = (0, 1, 2, 3, 1234, -1, -2, 2**63 - 1, -(2**63))
COUNTS = (1, 2, 6, 7, 64, 1000, 10**6)


def shard(spec, seed, count):
    kept = "".join(line for line in spec.splitlines(True) if not line.startswith("seed="))
    h = int(hashlib.sha256(kept.encode()).hexdigest()[:16], 16)
    return 1 + (h % count + seed % 2**64 % count) % count


with open(Path(__file__).parent / "shards.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(("spec", "seed", "count", "shard"))
    for text in SPECS:
        for seed in SEEDS if "@" in text else (0,):
            spec = text.replace("|", "\n").replace("@", str(seed))
            for count in COUNTS:
                out.writerow((text, seed if "@" in text else "", count, shard(spec, seed, count)))
