#!/usr/bin/env bash
# What the system can refuse, refused: in each command below, one call after the other fails, of memory, files, threads
# (tests/fault/preload.c).  Then either everything is as it always is, or the exit status tells and a message says why;
# never a crash, a hang, a block of memory lost, a damaged store; and the next call gives the same tables.
#
# Quick: some calls of each kind, spread over all.  With DLEXP_LONG=1: every one.
# faults.sh CASE [KIND N MODE]: one case alone, or one fault, with what the program says of it.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
library=${DLEXP_FAULT_LIBRARY:-}
if [[ ! -f $library ]]; then
    echo "skipped: no library that lets calls fail (Linux with glibc, built without sanitizers)"
    exit 77
fi
root=$PWD
make_data data 40 30 4 4 3
printf 'x\n0.1\n0.4\n0.7\n' >points.csv
printf '{"fn": "f1", "init": [[1, 2], [2, 1]], "lr": [0.001], "iterations": 20, "columns": "all"}' >optim.json
printf 'a,b\n1,0\n2,0\n3,0\n4,0\n5,0\n6,0\n40,0\n' >pairs.csv # sign flips decide, whose interval takes memory
mkdir torch && cp -r data torch/kmnist
made=$(date +%s)
export DLEXP_CACHE=cache # in the folder of each case
export TORCH_HOME=$root/torch
printf '0,10,20\n1,30,40\n1,50,60\n0,70,80\n' >images.csv
mkdir -p photos/a photos/b
for photo in a/1 a/2 b/1 b/2; do printf 'P2 2 1 255 %d 7\n' "${photo#*/}" >photos/$photo.pgm; done
header="{'descr': '|u1', 'fortran_order': False, 'shape': (4, 2)}"
printf '\x93NUMPY\x01\x00\x'$(printf %x ${#header})'\x00%sabcdefgh' "$header" >x.npy
header=${header/4, 2/4,}
printf '\x93NUMPY\x01\x00\x'$(printf %x ${#header})'\x00%s\x00\x01\x01\x00' "$header" >y.npy
mkdir -p ours/table
printf 'fn,i,x\na,1,0.5\na,2,0.25\nb,1,7\n' | tee ours/table/t.csv >ours/mine.csv
"$DLEXP" batchnorm --data data --hidden 4 --batch 10 --epochs 1 --lr 0.1,1e30 --seeds 1..3 --quiet -j1 --out stored >/dev/null 2>&1
"$DLEXP" batchnorm --data data --hidden 4 --batch 10 --epochs 1 --lr 0.1 --seeds 3..4 --save-best --shard 1/2 --quiet -j1 --out models >/dev/null 2>&1
# A stand-in for gnuplot: what is tested is dlexp, and the real one takes its time.
mkdir bin
cat >bin/gnuplot <<'END'
#!/bin/sh
echo '<svg width="8" height="8"><g id="gnuplot_canvas"><title>x</title></g></svg>'
case $* in *"formats = 'svg'"*) ;; *"formats = '"*) echo 'a picture of another format' ;; esac
END
chmod +x bin/gnuplot
export PATH=$root/bin:$PATH
"$DLEXP" optim --fn f1 --optimizer gd --iterations 20 -j1 --quiet --out results/optim >/dev/null 2>&1
rm results/optim/{trajectory,landscape,phases}.csv # no figure is drawn of what is left
"$DLEXP" sgd-mean --iterations 5 --trials 8 -j1 --quiet --out results/sgd-mean >/dev/null 2>&1
rm results/sgd-mean/trajectory.csv
"$DLEXP" optim --iterations 20 --optimizer gd -j1 --quiet --out tables >/dev/null || complain "optim"

net='--data ../data --hidden 4 --batch 10 --epochs 2 -j1'
# NAME STATE ARGUMENTS: the state is an empty folder, or a full one: that of the same call before, or (shorter) of one with
# less epochs, whose end is kept.
# @: what the command prints differs from call to call (it measures time), and is not compared; nor is bench.csv.
cases=(
    "batchnorm empty batchnorm $net --lr 0.1,1 --seeds 1..2 --save-best --log-every 3 --validation 6 --eval-every 2"
    "checkpoint shorter batchnorm $net --lr 0.1 --norm batchnorm --checkpoint-every 1 --keep-last"
    "batchnorm-full full batchnorm $net --lr 0.1,1 --seeds 1..6 --save-best --log-every 3"
    "batchnorm-json full batchnorm $net --lr 0.1,1 --seeds 1..6 --quiet --json"
    "tensorboard full batchnorm $net --lr 0.1 --seeds 1..2 --quiet --tensorboard out/events"
    "notebook empty batchnorm $net --lr 0.1 --protocol notebook --quiet --layers --eval-every 3"
    "layers-full full batchnorm $net --lr 0.1 --seeds 1..2 --quiet --layers"
    "rounds empty batchnorm $net --lr 0.1,1 --seeds 1..10 --until-decided --max-seeds 11 --refine 1 --quiet"
    "rounds-full full batchnorm $net --lr 0.1,1 --seeds 1..10 --until-width 30 --max-seeds 11 --refine 1 --quiet --json"
    "shard empty batchnorm $net --lr 0.1 --seeds 1..3 --shard 2/3 @"
    "shard-full full batchnorm $net --lr 0.1 --seeds 1..3 --shard 2/3 --quiet --json"
    "dry-run empty batchnorm $net --dry-run @"
    "dry-run-json full optim --iterations 20 --dry-run --json"
    "describe empty batchnorm $net --describe"
    "describe-json empty batchnorm $net --describe --json"
    "sgd-mean empty sgd-mean --iterations 20 --trials 3 -j1"
    "sgd-mean-full full sgd-mean --points-file ../points.csv --iterations 20 --trials 120 -j1"
    "sgd-mean-json full sgd-mean --points-file ../points.csv --iterations 20 --trials 120 -j1 --json"
    "optim empty optim --iterations 20 -j1"
    "optim-full full optim --iterations 20 -j1"
    "optim-json full optim --iterations 20 -j1 --json"
    "optim-twice full optim --fn f1 --optimizer gd --iterations 2000 -j1 --quiet"
    "rotate empty optim --iterations 20 --rotate 0..90:3 -j1"
    "data empty data ../data --samples 3"
    "data-json full data ../data --samples 3 --json"
    "dataset empty data --dataset kmnist --samples 3"
    "import empty data import ../images.csv --test-share 0.5"
    "import-pgm empty data import ../photos --test-share 0.5"
    "import-npy full data import ../x.npy --labels ../y.npy --test ../x.npy --test-labels ../y.npy --json"
    "bench empty bench --data ../data --hidden 4 --batch 10 --epochs 1 @"
    "plot empty plot ../tables --figure figure08_gd,rotation --format svg,pdf --force"
    "plot-full full plot ../tables --figure figure08_gd,figure12_f1 --json"
    "plot-list empty plot --list --json"
    "compare empty compare ../pairs.csv"
    "compare-json full compare ../pairs.csv --json"
    "status empty status ../stored --data ../data"
    "status-json empty status ../results/optim --json"
    "merge empty merge out ../stored ../models ../results/optim @"
    "merge-full full merge out ../stored ../models --json"
    "verify empty verify ../models --data ../data --all -j1 @"
    "verify-json empty verify ../results/optim --sample 2 --seed 1 -j1 --json"
    "check empty check ../ours/mine.csv --against ../ours/table"
    "config empty optim --config ../optim.json -j1"
    "report empty report ../results"
    "report-sheet empty report --without-answers --format latex"
    "manual empty help --man batchnorm"
    "completion empty completion zsh"
    "help empty help batchnorm"
    "version empty version"
)
# It reads whatever data sets this machine has.
[[ ${DLEXP_LONG:-} != 1 ]] || cases+=("list empty data --list")

# start FOLDER [FAULT]: the case's call in that folder.
start() {
    local fault=()
    [[ $# -eq 1 ]] || fault=(LD_PRELOAD="$library" DLEXP_FAULT="$2" DLEXP_FAULT_REPORT="../$name.report")
    (cd "$1" && timeout 60 env ${fault[@]+"${fault[@]}"} "$DLEXP" "${arguments[@]}" >../"$name.out" 2>../"$name.err")
}

# All files but those that hold times (a kept end does), the store's file of locks, which is always empty, and a checkpoint that could not be
# removed, which the next call does.
same_files() {
    diff -r -x run.json -x bench.csv -x .claims -x cache -x '*.tmp-*' -x '*.checkpoint' -x '*.last' "$name.reference" "$1" >"$name.diff" 2>&1
}

# wrong WHAT: of the fault under test.
wrong() {
    echo "FAILED: $name, $kind $n $mode: $*; faults.sh $name $kind $n $mode shows it"
    echo >>"$name.failed"
}

# inject KIND N MODE: false if there is no n-th call.
inject() {
    local kind=$1 n=$2 mode=$3 status calls fired live threads
    rm -rf "$name.work" "$name.report"
    cp -r "$name.template" "$name.work"
    start "$name.work" "$kind $n $mode"
    status=$?
    if [[ -n $shown ]]; then
        cat "$name.out" "$name.err"
        echo "exit status $status"
    fi
    if ! { read -r calls fired live threads <"$name.report"; } 2>/dev/null; then
        wrong "the program ended by itself, status $status"
        return 0
    fi
    [[ $fired -eq 1 ]] || return 1
    echo "$kind" >>"$name.injected"
    if [[ $status -eq 0 ]]; then
        # A file that ends too early is what the list of data sets tells, as it does of a damaged one.
        if [[ -z $varies && $name$kind$mode != listreadzero ]] && ! cmp -s "$name.out" "$name.reference.out"; then
            wrong "exit status 0, but another output: $(diff "$name.reference.out" "$name.out" | sed -n 2p)"
        elif ! same_files "$name.work"; then
            wrong "exit status 0, but other files: $(head -n 1 "$name.diff")"
        else
            echo "$kind $mode" >>"$name.passed"
        fi
    elif [[ $status -ne 4 ]] && ! { [[ $status -eq 3 ]] && [[ $kind$mode == readshort || $kind$mode == readzero ]]; }; then
        wrong "expected exit status 4, got $status: $(tail -n 1 "$name.err")"
    elif ! grep -q '^dlexp: ..*' "$name.err" || grep -q '(null)' "$name.err"; then
        wrong "exit status $status without a proper message: $(tail -n 1 "$name.err")"
    fi
    # glibc keeps a block for each thread that ended.
    [[ $live -le $((reference_live + threads)) ]] ||
        wrong "$live blocks of memory are left at the end, $reference_live without the fault"
    if [[ $kind != alloc ]] || ((n % 8 == 1)); then
        start "$name.work"
        status=$?
        [[ $status -eq 0 ]] || wrong "the next call: exit status $status: $(tail -n 1 "$name.err")"
        grep -q 'set aside' "$name.err" && wrong "the next call found damage: $(grep 'set aside' "$name.err")"
        same_files "$name.work" || wrong "the next call: other files: $(head -n 1 "$name.diff")"
        [[ -n $varies ]] || cmp -s "$name.out" "$name.reference.out" || wrong "the next call: another output"
        [[ -z $(find "$name.work" -name '*.tmp-*') ]] || wrong "the next call left an unfinished file there"
    fi
    return 0
}

# run_case NAME STATE ARGUMENTS [KIND N MODE]
run_case() {
    local state kind n step some count modes turn
    read -r name state arguments <<<"$1"
    varies=''
    [[ $arguments == *@ ]] && varies=1
    read -r -a arguments <<<"${arguments%@}"
    case ${arguments[0]} in
    bench) arguments+=(--out out) ;;
    help | completion | version | check | status | merge | verify) ;;
    *) arguments+=(--out out) ;;
    esac
    mkdir "$name.template" "$name.reference"
    whole=("${arguments[@]}")
    [[ $state != shorter ]] || arguments=("${arguments[@]/#2/1}")
    [[ $state == empty ]] || start "$name.template" || { echo "FAILED: $name: exit status $?"; echo >>"$name.failed"; }
    arguments=("${whole[@]}")
    cp -r "$name.template/." "$name.reference"
    start "$name.reference" 'alloc 0 fail' ||
        { echo "FAILED: $name: exit status $?: $(tail -n 1 "$name.err")"; echo >>"$name.failed"; }
    cp "$name.out" "$name.reference.out"
    read -r _ _ reference_live _ <"$name.report"
    if [[ $# -eq 4 ]]; then
        shown=1
        inject "$2" "$3" "$4" || echo "no such call"
        return
    fi
    turn=$case
    for kind in alloc open read write fsync rename link close mkdir unlink stat list thread fclose fflush spawn; do
        # In the quick form each case has every second of the others: the next one those that this one had not.
        turn=$((turn + 1))
        [[ ${DLEXP_LONG:-} == 1 || $kind == alloc || $((turn % 2)) -eq 0 ]] || continue
        # How many calls of this kind there are.
        rm -rf "$name.work"
        cp -r "$name.template" "$name.work"
        start "$name.work" "$kind 0 fail"
        read -r count _ <"$name.report"
        modes=fail
        [[ $kind == read || $kind == write ]] && modes='fail short zero'
        for mode in $modes; do
            some=$spread
            [[ $kind != alloc ]] || some=$((4 * spread)) # there are many, and each looks at itself only
            step=1
            [[ ${DLEXP_LONG:-} == 1 ]] || step=$(((count + some - 1) / some))
            [[ $step -ge 1 ]] || step=1
            # Each kind begins elsewhere, so that no call is passed over in every case.
            for ((n = 1 + (${#name} % step); n <= count + 1; n += step)); do
                inject "$kind" "$n" "$mode" || break
            done
        done
    done
}

# Files that just changed are not entered into the cache.
while [[ $(($(date +%s) - made)) -le 4 ]]; do sleep 0.2; done
shown=''
spread=${DLEXP_FAULT_SPREAD:-1} # faults of a kind in a case, in the quick form
at_once=1
[[ ${DLEXP_LONG:-} == 1 ]] && at_once=$(getconf _NPROCESSORS_ONLN)
case=0
for one in "${cases[@]}"; do
    case=$((case + 1))
    [[ $# -eq 0 || ${one%% *} == "$1" ]] || continue
    while [[ $(jobs -r | wc -l) -ge $at_once ]]; do wait -n; done
    run_case "$one" "${@:2}" &
done
wait
cat ./*.failed >all.failed 2>/dev/null
failures=$(wc -l <all.failed)
cat ./*.injected >all.injected 2>/dev/null
cat ./*.passed >all.passed 2>/dev/null
echo "$(wc -l <all.injected) faults injected: $(sort all.injected | uniq -c | awk '{ printf "%s%s %s", (NR > 1 ? ", " : ""), $1, $2 }')"
echo "$(wc -l <all.passed) passed over with the same result: $(sort all.passed | uniq -c | awk '{ printf "%s%s %s %s", (NR > 1 ? ", " : ""), $1, $2, $3 }')"
[[ $# -gt 0 || $(wc -l <all.injected) -gt 100 ]] || complain "expected more than 100 faults"
finish
