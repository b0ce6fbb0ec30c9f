#!/usr/bin/env python3
"""Golden numbers for the cosine: pi t / T for all 0 <= t <= T <= 1000, correctly rounded.

Command, from the root of the project:

    /usr/bin/python3 tests/golden/make_cosine.py

Writes cosine.csv beside itself, and prints how many of the doubles Python's math.cos, which is the C library's, misses.
"""

import csv
import hashlib
import math
import struct
from decimal import Decimal, getcontext
from functools import lru_cache
from pathlib import Path

T_MAX = 1000
BLOCK = 100
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899")


def series(x, first):
    """x^first / first! - x^(first + 2) / (first + 2)! + ..."""
    term = sum_ = x if first else Decimal(1)
    n, square = first, x * x
    while abs(term) > Decimal("1e-55") * abs(sum_):
        n += 2
        term = -term * square / (n * (n - 1))
        sum_ += term
    return sum_


@lru_cache(maxsize=None)
def cosine(x):
    """The double next to cos(x), from some 50 digits."""
    quarters = round(Decimal(x) / (PI / 2))
    r = Decimal(x) - quarters * PI / 2
    return float((series(r, 0), -series(r, 1), -series(r, 0))[quarters])


def main():
    getcontext().prec = 70
    rows, missed, angles = [], 0, 0
    for first in range(1, T_MAX, BLOCK):
        digest = hashlib.sha256()
        for T in range(first, first + BLOCK):
            exact = [cosine(math.pi * t / T) for t in range(T + 1)]
            missed += sum(math.cos(math.pi * t / T) != exact[t] for t in range(T + 1))
            angles += T + 1
            digest.update(struct.pack(f"<{T + 1}d", *exact))
        rows.append((first, first + BLOCK - 1, digest.hexdigest()))
    with open(Path(__file__).resolve().parent / "cosine.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("first", "last", "sha256"))
        writer.writerows(rows)
    print(f"cosine.csv: {len(rows)} rows; math.cos misses {missed} of {angles}")


if __name__ == "__main__":
    main()
