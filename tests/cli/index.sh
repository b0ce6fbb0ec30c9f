#!/usr/bin/env bash
# Stores of many runs: loaded on several threads and from the index, whatever became of the records or of the index
# meanwhile.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
make_data data 60 40 4 4 3
words=(batchnorm --data data --hidden 3 --batch 60 --epochs 2 --lr 0.1 --seeds 1..150)

# run DIR [OPTION...]
run() {
    "$DLEXP" "${words[@]}" --out "$@" >out.txt 2>err.txt || complain "$*: exit $?: $(tail -n 3 err.txt)"
}
same() {
    cmp -s reference/epochs.csv "$2/epochs.csv" && cmp -s reference/summary.csv "$2/summary.csv" || complain "$1: other tables"
}
# settle DIR: its records were written long ago, so that another change of theirs shows.
settle() {
    find "$1/runs" -name '*.run' -exec touch -d '2001-02-03 04:05:06.789' {} +
}
trained() {
    grep -c '"computed_now":.*true' "$1/run.json"
}
expect_trained() {
    [ "$(trained "$2")" -eq "$3" ] || complain "$1: expected $3 runs to be trained, got $(trained "$2")"
    same "$1" "$2"
}

run reference --jobs 1
[ "$(wc -l <reference/summary.csv)" -eq 301 ] || complain "expected 300 runs"
[ ! -e reference/runs/.index ] || complain "an index of a store that had no runs"
cp -r reference store && settle store
for jobs in 1 2 7; do
    rm -f store/runs/.index
    run store --jobs $jobs --dry-run
    [ ! -e store/runs/.index ] || complain "--dry-run wrote an index"
    run store --jobs $jobs
    expect_trained "$jobs jobs, without an index" store 0
    [ "$(grep -c '^\[run ' store/runs/.index)" -eq 300 ] || complain "$jobs jobs: $(grep -c '^\[run ' store/runs/.index) entries"
    cp store/runs/.index kept
    run store --jobs $jobs
    expect_trained "$jobs jobs, by the index" store 0
    cmp -s kept store/runs/.index || complain "$jobs jobs: entries were added twice"
done

# Removed, cut, spoilt in place, replaced by another run's.
set -- $(find store/runs -name '*.run' | sort)
rm "$1"
head -c 500 "$2" >cut && cat cut >"$2"
printf '~' | dd of="$3" bs=1 seek=300 conv=notrunc 2>/dev/null
cp "$5" "$4"
run store --jobs 2
expect_trained "four records spoilt" store 4
grep '^dlexp: note: ' err.txt | grep -o "store/runs/[^']*" >told.txt
[ "$(sort told.txt | tr '\n' ' ')" = "$2 $3 $4 " ] || complain "four records spoilt: told of $(cat told.txt)"
# In the order of the plan, which is that of summary.csv.
cut -d, -f17 store/summary.csv | tail -n +2 | while read -r id; do grep "$id" told.txt; done | cmp -s - told.txt ||
    complain "four records spoilt: told in another order: $(cat told.txt)"
run store --jobs 2
expect_trained "four records computed anew" store 0

# An index that is none, is of another store, cannot be written, or has been appended to by a process that was killed.
echo rubbish >store/runs/.index
run store
expect_trained "a spoilt index" store 0
cp kept store/runs/.index && head -c 100 kept >>store/runs/.index
run store
expect_trained "an index cut within an entry" store 0
rm -rf other && mkdir other && cp -r store/runs other/
run other
expect_trained "a copied store" other 0
rm store/runs/.index && mkdir store/runs/.index
run store
expect_trained "a directory in its place" store 0

# Tables that need the bulk do not take heads for it.
rmdir store/runs/.index
run store
run store --log-every 1
expect_trained "--log-every" store 0
[ "$(wc -l <store/steps.csv)" -eq 601 ] || complain "--log-every: $(wc -l <store/steps.csv) lines"

# Several processes fill one store and its index.
rm -rf filled && mkdir filled
for n in 1 2 3; do
    mkdir -p filled/$n filled/runs && ln -s ../runs filled/$n/runs
    "$DLEXP" "${words[@]}" --out filled/$n --jobs 2 --quiet >/dev/null 2>filled/$n.txt &
done
wait
settle filled
for n in 1 2 3; do
    "$DLEXP" "${words[@]}" --out filled/$n --jobs 2 --quiet >/dev/null 2>filled/$n.txt &
done
wait
for n in 1 2 3; do
    [ ! -s filled/$n.txt ] || complain "three processes: $(head -n 1 filled/$n.txt)"
    same "three processes" filled/$n
done

# ---- run.json tells their number, and lists no more than a thousand
grep -q '"runs_planned":.*300,' store/run.json && grep -q '"runs_done":.*300,' store/run.json || complain "run.json: other counts"
[ "$(grep -c '"computed_now"' store/run.json)" -eq 300 ] || complain "run.json: 300 runs are not listed"
words=(sgd-mean --iterations 2 --lr "$(seq -s, 0.0001 0.0001 0.11)")
run means --quiet
[ "$(grep -c '"computed_now"' means/run.json)" -eq 1000 ] || complain "run.json: $(grep -c '"computed_now"' means/run.json) of 1,100 runs are listed"
grep -q '"runs_computed_now":.*1100' means/run.json || complain "run.json: other counts of 1,100 runs"
run means --quiet
[ "$(grep -c '"computed_now"' means/run.json)" -eq 0 ] || complain "run.json: runs are listed that this call did not compute"
finish
