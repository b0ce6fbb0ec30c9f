#!/usr/bin/env bash
#
# reproduce.sh - from a fresh clone to results and figures: installs what is missing, builds in build/, runs the
# experiments, draws the figures, and ends with the verdicts on the three claims about BatchNorm.  It takes
# some minutes; run again, it trains only what is not there yet.
set -euo pipefail

long="Takes four to six minutes on two free cores: the build, the experiments, the
figures. Packages that are to be installed come on top. Run again, it does only
what is missing."

if [[ $# -gt 0 ]]; then
    printf 'usage: scripts/reproduce.sh    (no arguments; see README.md for single experiments)\n%s\n' "$long" >&2
    [[ $1 == -h || $1 == --help ]] && exit 0
    exit 2
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
jobs=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

echo "$long"
bash scripts/setup.sh build plots
cmake -B build
cmake --build build --parallel "$jobs"
echo
echo "Now the experiments and their figures.  Each says first how long it takes."
echo
cmake --build build --target plots

echo
echo "Tables:  $root/results/ (where dlexp, called here, finds the runs again)"
echo "Figures: $root/results/figures/"
echo
echo "Does BatchNorm do what is said of it?  The short study: one epoch, nine learning rates, ten seeds."
echo
# Its runs are in the run store now: this only reads them and judges.
cmake --build build --target verdict

echo
echo "The page of questions, answers, figures and tables: $root/results/figures/index.html"
