#!/usr/bin/env bash
#
# reproduce.sh - from a fresh clone to results and figures: installs what is missing, builds in build/, runs the
# experiments, draws the figures, prints the result table.  Run again, it trains only what is not there yet.
set -euo pipefail

if [[ $# -gt 0 ]]; then
    echo "usage: scripts/reproduce.sh    (no arguments; see README.md for single experiments)" >&2
    [[ $1 == -h || $1 == --help ]] && exit 0
    exit 2
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
jobs=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

bash scripts/setup.sh build plots
cmake -B build
cmake --build build --parallel "$jobs"
cmake --build build --target plots

# Everything is in the run store now: this only reads it and prints.
echo
build/dlexp batchnorm --out build/results/batchnorm --quiet
echo
echo "Tables:  $root/build/results/"
echo "Figures: $root/build/figures/ (index.html shows them all)"
