#!/usr/bin/env bash
# in_temp_dir.sh SCRIPT - run a test script in a fresh temporary directory, removed afterwards, and give back its exit
# code. A script named long_* is skipped (77) unless DLEXP_LONG=1.
set -euo pipefail

script=$1
if [[ $(basename "$script") == long_* && ${DLEXP_LONG:-} != 1 ]]; then
    echo "skipped: a long test, run with DLEXP_LONG=1"
    exit 77
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/dlexp-test.XXXXXX")
trap 'cd / && chmod -R u+rwX "$work" && rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$work"
unset COLUMNS # lines are as wide as they are for everybody
status=0
bash "$script" </dev/null || status=$?
exit "$status"
