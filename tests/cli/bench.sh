#!/usr/bin/env bash
# `dlexp bench`: every row is there, JSON and CSV are whole, the epochs are those of dlexp batchnorm, wrong calls are refused.
# Never how long anything takes.
set -euo pipefail
# shellcheck source=tests/cli/tiny_data.bash
. "$DLEXP_SOURCE_DIR/tests/cli/tiny_data.bash"

holds() { # FILE WORDS
    grep -qF -- "$2" "$1" || complain "expected '$2' in $1: $(cat "$1")"
}
refuse() { # STATUS WORDS ARGUMENT...
    local expected=$1 words=$2 status=0
    shift 2
    "$DLEXP" bench "$@" >printed 2>said || status=$?
    [ "$status" -eq "$expected" ] || complain "bench $*: expected status $expected, got $status"
    holds said "$words"
}
# column FILE NAME: its cells, one per line.
column() {
    awk -F, -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i } NR > 1 { print $c }' "$1"
}

make_data tiny 240 60 6 5 3
tiny=(--data tiny --hidden "16,8" --batch 20)

"$DLEXP" bench "${tiny[@]}" --seconds 0.05 --out tables >printed
for words in 'FMA peak of a core' 'forward 1' 'weight gradient 1' 'forward 2' 'input gradient 3' 'sparse forward 1' \
    'sparse gradient and momentum 1' 'bias gradient' 'relu backward' 'batchnorm backward' 'softmax cross-entropy' 'update by adam' \
    '256 x 256 x 256' '1024 x 1024 x 1024' gather forward loss backward update 'dense limit' 'Before the first step' \
    'wrote tables/bench.csv'; do
    holds printed "$words"
done
[ "$(head -n 1 tables/bench.csv)" = group,name,shape,seconds,least_s,samples,gflop_s,peak_share,gb_s ] ||
    complain "the header of bench.csv: $(head -n 1 tables/bench.csv)"
awk -F, 'NF != 9 { exit 1 }' tables/bench.csv || complain "bench.csv has rows of other lengths: $(cat tables/bench.csv)"
column tables/bench.csv seconds | awk '!($1 > 0) { exit 1 }' || complain "a time in bench.csv is not above 0"
for phase in gather forward loss backward update; do
    for norm in none batchnorm; do
        grep -q "^step,$phase,$norm," tables/bench.csv || complain "no phase $phase of $norm in bench.csv"
    done
done

# Every kernel set that this machine has.
"$DLEXP" bench --kernels nothing 2>said && complain "--kernels nothing was taken"
sets=$(tr -c 'a-z0-9' '\n' <said | grep -x -e avx512 -e avx2 -e neon -e portable | sort -u)
case $sets in *portable*) ;; *) complain "no kernel sets in: $(cat said)" ;; esac
for kernels in $sets; do
    status=0
    "$DLEXP" bench "${tiny[@]}" --seconds 0.01 --norm none --kernels "$kernels" --json >facts.json 2>said || status=$?
    [ "$status" -eq 0 ] || { grep -q 'expected a CPU' said || complain "--kernels $kernels: $(cat said)"; continue; }
    holds facts.json "\"$kernels\""
    holds facts.json '"of_dense_limit"'
done

# A net whose layers skip zeros, without a norm, whose ReLU writes over its Linear's output: they are still there when
# all has been measured, else the call ends on an assertion.
"$DLEXP" bench --data tiny --hidden "256,256" --batch 40 --norm none --seconds 0.01 >printed
holds printed 'sparse forward 2'
holds printed 'sparse weight gradient 2'

# The numbers of whole epochs are those of the experiment, with the same defaults; what an optimizer does not use is refused.
refuse 2 "--betas: expected an optimizer that uses it, got none" "${tiny[@]}" --betas 0.9,0.99
for options in "--optimizer adamw --activation tanh" "--weight-decay 0.1" ""; do # the last one's are looked at below
    # shellcheck disable=SC2086
    "$DLEXP" bench "${tiny[@]}" $options --epochs 3 --seed 7 --json >facts.json
    # shellcheck disable=SC2086
    "$DLEXP" batchnorm "${tiny[@]}" $options --epochs 3 --seeds 7 --lr 0.01 --quiet --force --out run >/dev/null
    for norm in none batchnorm; do
        expected=$(awk -F, -v norm="$norm" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
            NR > 1 && $at["norm"] == norm && $at["epoch"] == 3 { print $at["test_accuracy_percent"] }' run/epochs.csv)
        got=$(awk -v norm="\"$norm\"" '$1 == "\"norm\":" { here = index($2, norm) == 1 }
            here && $1 == "\"test_accuracy_percent\":" { sub(",", "", $2); print $2 }' facts.json)
        awk -v a="$expected" -v b="$got" 'BEGIN { exit !(a != "" && b != "" && a - b < 1e-9 && b - a < 1e-9) }' ||
            complain "$norm $options: bench ended with $got %, batchnorm with $expected %"
    done
done
if command -v python3 >/dev/null; then
    python3 - <<'END' || complain "the JSON is not what it should be"
import json
d = json.load(open("facts.json"))
assert [t["norm"] for t in d["training"]] == ["none", "batchnorm"], d
assert all(len(t["epochs_s"]) == 3 and min(t["epochs_s"]) > 0 for t in d["training"]), d
assert "kernels" not in d, d
END
    "$DLEXP" bench "${tiny[@]}" --seconds 0.05 --json | python3 -c '
import json, sys
d = json.load(sys.stdin)
assert d["peak_gflop_s"] > 0 and d["first_step_s"] > 0
assert all(k["seconds"] > 0 and k["samples"] >= 1 and ("gflop_s" in k or "gb_s" in k) for k in d["kernels"])
assert {k["group"] for k in d["kernels"]} == {"net", "wide", "square"}
assert all(set(t["step"]) == {"gather", "forward", "loss", "backward", "update", "seconds", "steps"} for t in d["training"])
' || complain "the JSON of all measurements is not what it should be"
fi

# Batches of one image, which no BatchNorm can take.
"$DLEXP" bench --data tiny --hidden 1 --batch 1 --norm none --seconds 0.01 >printed
holds printed 'update by sgd'

refuse 2 "--seconds with --epochs" "${tiny[@]}" --epochs 1 --seconds 2
refuse 2 "--batch: expected at most 240" --data tiny --batch 241
refuse 2 "batches of at least 2 images" --data tiny --batch 1
refuse 2 "--seconds" --seconds 0
refuse 2 "kernels" --kernels sse
refuse 3 "nowhere" --data nowhere

if command -v gnuplot >/dev/null; then
    gnuplot -d -c "$DLEXP_SOURCE_DIR/scripts/plots/bench.gp" tables/bench.csv figure </dev/null 2>said || complain "bench.gp: $(cat said)"
    for figure in figure.svg figure.png; do
        [ -s $figure ] || complain "bench.gp did not write $figure"
    done
fi
finish
