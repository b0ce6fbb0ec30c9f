#!/usr/bin/env bash
# store.sh - what stores of very many runs cost: time and memory of merging 100 of them, of their status, and of the tables.
#
#   scripts/bench/store.sh [-o FOLDER] [RUNS...]     10000 100000 1000000; each a multiple of 1000
#
# Ten runs of a tiny net are trained (2 norms, 5 rates, seed 1); the others are made from them, with other losses and
# hashes (build/tests/fill_store), spread over 100 stores by their seed, and merged.  10^6 runs take 5 GB and as many
# inodes in FOLDER, by default a new one below build/.  Prints a table; writes it to FOLDER/store.csv, too.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
dlexp=${DLEXP:-$root/build/dlexp}
fill=${DLEXP_FILL_STORE:-$root/build/tests/fill_store}
out=
case ${1:-} in
-h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
-o) out=$2; shift 2 ;;
esac
[ -x "$dlexp" ] && [ -x "$fill" ] || { echo "store.sh: expected $dlexp and $fill; build first" >&2; exit 2; }
[ -n "$out" ] || { mkdir -p "$root/build/bench"; out=$(mktemp -d "$root/build/bench/store.XXXXXX"); }
mkdir -p "$out"
cd "$out"
DLEXP_SOURCE_DIR=$root DLEXP=$dlexp . "$root/tests/cli/tiny_data.bash"
set -eu
make_data data 40 10 2 2 2
net='--data data --hidden 2 --batch 40 --epochs 1 --lr 1e-3..10:5 --quiet'

# measure NUMBER WHAT COMMAND...: a line of the table: seconds, and the most memory that it had.
echo 'runs,what,seconds,cpu_seconds,peak_mb' >store.csv
measure() {
    local runs=$1 what=$2 pid peak megabytes=0 status=0 TIMEFORMAT='%R %U %S' real user system
    shift 2
    {
        time {
            "$@" >out.txt 2>err.txt &
            pid=$!
            while kill -0 $pid 2>/dev/null; do
                peak=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' /proc/$pid/status 2>/dev/null || true)
                [ -z "$peak" ] || megabytes=$((peak / 1024))
                sleep 0.05
            done
            wait $pid || status=$?
        }
    } 2>times.txt
    read -r real user system <times.txt
    [ $status -eq 0 ] || { echo "store.sh: $what: exit status $status: $(tail -n 1 err.txt)" >&2; exit 1; }
    printf '%s,%s,%s,%s,%s\n' "$runs" "$what" "$real" "$(awk -v a="$user" -v b="$system" 'BEGIN { print a + b }')" $megabytes |
        tee -a store.csv
}

for runs in "${@:-10000 100000 1000000}"; do
    for runs in $runs; do
        seeds=$((runs / 10))
        rm -rf one all stores plan.json
        # The words of $net are meant to be split.
        # shellcheck disable=SC2086
        "$dlexp" batchnorm $net --seeds 1 --out one >/dev/null 2>&1
        for store in {00..99}; do mkdir -p "stores/$store/runs"; done
        "$fill" 'stores/%/runs' $seeds one/runs/*/*.run
        cp -r one/runs stores/01/
        # shellcheck disable=SC2086
        "$dlexp" batchnorm $net --seeds 1..$seeds --out all --dry-run --json 2>/dev/null |
            sed 's/"dry-run":\(.*\)true/"dry-run":\1false/' >stores/00/plan.json
        sync
        measure "$runs" 'merge of 100 stores' "$dlexp" merge all stores/*
        rm -rf stores
        measure "$runs" 'status' "$dlexp" status all
        # shellcheck disable=SC2086
        measure "$runs" 'tables' "$dlexp" batchnorm $net --seeds 1..$seeds --out all
        [ -s all/groups.csv ] || { echo "store.sh: no tables" >&2; exit 1; }
        # shellcheck disable=SC2086
        measure "$runs" 'tables again by the index' "$dlexp" batchnorm $net --seeds 1..$seeds --out all
        measure "$runs" 'status again by the index' "$dlexp" status all
        du -s --block-size=1M all/runs | awk -v runs="$runs" '{ print runs ",megabytes of the store," $1 ",," }' | tee -a store.csv
    done
done
# CPU time, as others may share the machine; beside it how much longer a run takes than in the smallest store.
awk -F, 'NR > 1 && $5 != "" {
    if (!($2 in least)) least[$2] = $4 / $1
    printf "| %s | %d | %.1f s | %.1f s, %.0f us a run | %.2f | %d MB |\n", $2, $1, $3, $4, 1e6 * $4 / $1, $4 / $1 / least[$2], $5
}' store.csv
