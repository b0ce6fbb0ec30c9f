#!/usr/bin/env bash
# A store of 100,000 runs of 15 epochs and 150 batch losses each: the same command again answers in seconds and in
# bounded memory.  Two runs are trained; the others are made from them (tests/fill/store.c), as training would take
# hours.  2,000 runs are trained, too, so that what is made can be held against what is.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
[[ ${DLEXP_LONG:-} == 1 ]] || { echo "skipped: a long test"; exit 77; }
[[ -n ${DLEXP_FILL_STORE:-} ]] || { echo "skipped: no fill_store"; exit 77; }
make_data data 200 90 6 6 4
words=(batchnorm --data data --hidden 8,6 --batch 20 --epochs 15 --lr 0.1 --quiet)

# measure WHAT OUT SEEDS [OPTION...]: sets cpu, the seconds of all its threads together, which other processes do not
# lengthen and no number of CPUs shortens; and megabytes, its peak, where the system tells.
measure() {
    local what=$1 out=$2 seeds=$3 status pid peak
    shift 3
    TIMEFORMAT='%R %U %S'
    megabytes=0
    {
        time {
            "$DLEXP" "${words[@]}" --out "$out" --seeds "1..$seeds" "$@" >out.txt 2>err.txt &
            pid=$!
            while kill -0 $pid 2>/dev/null; do
                peak=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' /proc/$pid/status 2>/dev/null)
                [[ -z $peak ]] || megabytes=$((peak / 1024))
                sleep 0.1
            done
            wait $pid
            status=$?
        }
    } 2>times.txt
    read -r real cpu <<<"$(awk '{ print $1, $2 + $3 }' times.txt)"
    [[ $status -eq 0 ]] || complain "$what: exit status $status: $(tail -n 1 err.txt)"
    echo "$what: $real s, of CPU time $cpu s, at most $megabytes MB"
}

# within WHAT SECONDS MEGABYTES: of what was measured last.
within() {
    awk -v s="$cpu" -v most="$2" 'BEGIN { exit !(s < most) }' || complain "$1: expected less than $2 s of CPU time, got $cpu s"
    [[ $megabytes -lt $3 ]] || complain "$1: expected less than $3 MB, got $megabytes MB"
}

computed() {
    sed -n 's/.*"runs_computed_now":[^0-9]*\([0-9]*\).*/\1/p' "$1/run.json"
}

measure "2,000 runs trained" trained 1000
size=$(find trained/runs -name '*.run' -exec cat {} + | wc -c)
echo "a record: $((size / 2000)) bytes"
measure "2,000 runs again" trained 1000
within "2,000 runs again" 1 200

# store NUMBER SECONDS MEGABYTES: so many runs, the first time without an index.
store() {
    local out=store-$1 made
    measure "one seed" "$out" 1
    "$DLEXP_FILL_STORE" "$out/runs" $(($1 / 2)) "$out"/runs/*/*.run || complain "$1 runs: not made"
    sleep 4 # files that have just changed are not put in the index
    made=$(find "$out/runs" -name '*.run' -exec cat {} + | wc -c)
    awk -v made=$((made / $1)) -v trained=$((size / 2000)) 'BEGIN { exit !(made > 0.95 * trained && made < 1.05 * trained) }' ||
        complain "$1 runs: records of $((made / $1)) bytes, trained ones have $((size / 2000))"
    measure "$1 runs, without an index" "$out" $(($1 / 2))
    [[ $(computed "$out") -eq 0 ]] || complain "$1 runs: $(computed "$out") were computed"
    [[ $(wc -l <"$out/epochs.csv") -eq $(($1 * 15 + 1)) ]] || complain "$1 runs: epochs.csv has other rows"
    mv "$out/epochs.csv" first.csv
    measure "$1 runs again" "$out" $(($1 / 2))
    within "$1 runs again" "$2" "$3"
    cmp -s first.csv "$out/epochs.csv" || complain "$1 runs: by the index another epochs.csv"
    measure "$1 runs again" "$out" $(($1 / 2))
    within "$1 runs again" "$2" "$3"
    [[ $(wc -l <"$out/summary.csv") -eq $(($1 + 1)) ]] || complain "$1 runs: summary.csv has other rows"
}
store 10000 1 200
store 100000 10 1000
measure "100,000 runs with steps.csv" store-100000 50000 --log-every 10
[[ $megabytes -lt 1000 ]] || complain "with steps.csv: expected less than 1,000 MB, got $megabytes MB"
finish
