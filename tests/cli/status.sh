#!/usr/bin/env bash
# dlexp status: what is done, begun and missing of a call, by configuration; nothing is written.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
. "$DLEXP_SOURCE_DIR/tests/cli/changed_records.bash"
make_data data 60 40 5 4 3

# status EXPECTED ARGUMENTS...: its exit status; what it prints in out.txt and err.txt.
status() {
    local expected=$1 got
    shift
    "$DLEXP" status "$@" >out.txt 2>err.txt
    got=$?
    [[ $got -eq $expected ]] || complain "status $*: expected exit status $expected, got $got: $(cat out.txt err.txt)"
}
# says TEXT...: each stands in out.txt or err.txt, whose lines are joined.
says() {
    local text
    for text in "$@"; do
        cat out.txt err.txt | tr -s ' \n' ' ' | grep -qF -e "$text" || complain "expected '$text', got: $(cat out.txt err.txt)"
    done
}
# counted FOLDER: "norm lr runs done diverged failed" of each configuration, by summary.csv of the whole call and by the
# records that are there.
counted() {
    local norm lr id outcome
    while IFS=, read -r norm lr id outcome; do
        echo "$norm $lr $([[ -e $1/runs/${id:0:2}/$id.run ]] && echo 1 || echo 0) $outcome"
    done < <(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $1 "," $2 "," $at["run"] "," $at["outcome"] }' \
        "$1/summary.csv") |
        awk '{ key = $1 " " $2; if (!(key in runs)) order[++n] = key; runs[key]++; done[key] += $3
               diverged[key] += $3 && $4 == "diverged"; failed[key] += $3 && $4 == "failed" }
             END { for (i = 1; i <= n; i++) print order[i], runs[order[i]], done[order[i]], diverged[order[i]], failed[order[i]] }'
}
# table COLUMN...: these columns of the table in out.txt.
table() {
    awk -v wanted="$*" '/^--/ { on = 1; next } !NF { on = 0 } !on && !head { for (i = 1; i <= NF; i++) at[$i] = i; head = 1 }
        on { n = split(wanted, columns, " "); line = ""
             for (i = 1; i <= n; i++) line = line (i > 1 ? " " : "") $at[columns[i]]
             print line }' out.txt
}

net='--data data --hidden 4 --batch 20 --epochs 2 -j1 --quiet'
# The words of $net are meant to be split.
# shellcheck disable=SC2086
"$DLEXP" batchnorm $net --lr 0.01,1,1e30 --seeds 1..7 --out bn >/dev/null 2>&1 || complain "batchnorm"
before=$(ls -lR --time-style=full-iso bn)
status 0 bn
says 'runs: 42: 42 done' '0 begun, 0 missing' 'dlexp batchnorm, of bn/run.json'
[[ $(table norm lr runs done diverged failed) == "$(counted bn)" ]] ||
    complain "a complete call: expected"$'\n'"$(counted bn)"$'\n'"got"$'\n'"$(table norm lr runs done diverged failed)"
[[ $(counted bn | awk '{ d += $5; f += $6 } END { print (d > 0) (f > 0) }') == 11 ]] || complain "no run diverged, or none failed"

# ---- some are gone, one is begun
records=$(cd bn/runs && ls -- */*.run)
removed=$(awk 'NR % 3 == 1' <<<"$records")
begun=$(head -n 1 <<<"$removed")
sed -n '/^\[spec\]$/,/^\[values\]$/p' "bn/runs/$begun" | sed '$d' >spec
(cd bn/runs && rm -- $removed)
touch "bn/runs/$(printf '%032x' 5).checkpoint" "bn/runs/$(sed -n 2p <<<"$removed" | sed 's/run$/checkpoint/')"
mkdir "bn/runs/$(sed -n 3p <<<"$removed" | sed 's/run$/checkpoint/')"
{ printf 'dlexp checkpoint 1 2 6 1.000\n' && cat spec && printf '[state]\nx'; } >checkpoint
{ cat checkpoint && printf '[end %s]\n' "$(hash_of <checkpoint)"; } >"bn/runs/${begun%.run}.checkpoint"
before=$(ls -lR --time-style=full-iso bn)
status 5 bn
says 'runs: 42: 28 done' '1 begun, 13 missing' 'damaged: 2 of those missing: what was kept of them cannot be used' 'time: about' "'bn' is not complete: 14 of 42 runs are not done"
[[ $(table norm lr runs done | awk '{ print $1, $2, $3, $4 }') == "$(counted bn | cut -d' ' -f1-4)" ]] ||
    complain "an incomplete call: expected"$'\n'"$(counted bn)"$'\n'"got"$'\n'"$(cat out.txt)"
[[ $(table done begun missing | awk '{ n += $1 + $2 + $3; b += $2 } END { print n, b }') == '42 1' ]] || complain "counts that do not add up: $(cat out.txt)"
[[ $before == "$(ls -lR --time-style=full-iso bn)" ]] || complain "status wrote something"
status 5 bn --quiet
[[ ! -s out.txt ]] || complain "--quiet prints: $(cat out.txt)"
status 5 bn --json
tr -d '\t\n' <out.txt | grep -q '"kind":"status".*"complete":false,"runs_planned":42,"runs_done":28,"runs_begun":1,"runs_missing":13' ||
    complain "as JSON: $(cat out.txt)"
mv data moved
status 3 bn
status 5 bn --data moved
mv moved data

# ---- a damaged record is missing; another call's is of another call
victim=$(cd bn/runs && ls -- */*.run | head -n 1)
head -c 300 "bn/runs/$victim" >cut && cp bn/runs/"$victim" whole && cp cut "bn/runs/$victim"
status 5 bn
says '27 done' 'it was damaged; it would be set aside and computed again'
cp whole "bn/runs/$victim"
spoil "bn/runs/$victim"
status 5 bn
says '27 done' 'the checksum of its bulk is not as written' 'or once the file is removed' 'but 1 of them maybe only once'
rm "bn/runs/$victim" # as it says
cp whole "bn/runs/$victim"
# shellcheck disable=SC2086
"$DLEXP" batchnorm $net --lr 0.5 --seeds 1..2 --norm none --out other >/dev/null || complain "batchnorm"
cp -r other/runs bn
status 5 bn
says '2 records in the store that are not of this call'

# ---- unfinished files: of another host, and of this one's processes that are gone
host=$(uname -n | tr -c 'A-Za-z0-9.\n-' _)
space=$(stat -L -c %i /proc/self/ns/pid 2>/dev/null || echo 0)
true & gone=$!
wait $gone
touch bn/a.csv.tmp-node-7-4026531836-17-99-0 bn/runs/b.run.tmp-node-7-4026531836-17-99-1 "bn/runs/00.tmp-$host-$space-$gone-1-0" bn/mine.tmp-1
status 5 bn
says '2 files of host node-7 unfinished' '1 file unfinished, as processes of this host were killed'
[[ $(find bn -name '*.tmp-*' | wc -l) -eq 4 ]] || complain "status removed unfinished files"

# ---- plan.json comes before run.json
# shellcheck disable=SC2086
"$DLEXP" batchnorm $net --lr 0.01,1,1e30 --seeds 1..9 --out bn --dry-run --json >plan.json 2>/dev/null
cp plan.json bn/plan.json
status 5 bn
says 'of bn/plan.json' 'runs: 54: 28 done'
rm bn/plan.json

# ---- runs that are added once there are results
# shellcheck disable=SC2086
"$DLEXP" batchnorm $net --lr 0.01,1,1e30 --seeds 1..7 --refine 1 --out refined >/dev/null 2>&1 || complain "--refine"
status 0 refined
added=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at["run"] }' refined/refined.csv)
[[ -n $added ]] || complain "--refine added nothing"
says "runs: $((42 + $(wc -l <<<"$added"))):"
for id in $added; do rm "refined/runs/${id:0:2}/$id.run"; done
status 5 refined
says "42 done" "$(wc -l <<<"$added") missing"

# ---- many configurations
"$DLEXP" optim --iterations 100 --lr 1e-5..1e5:60 --fn f1 --quiet --out many >/dev/null || complain "optim"
status 0 many
says '240 configurations that are complete: 240 runs,' ' 0 failed' 'dlexp optim'
[[ $(wc -l <out.txt) -lt 8 ]] || complain "a complete call of many configurations takes $(wc -l <out.txt) lines"
diverged=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { n += $at["status"] == "diverged" } END { print n + 0 }' many/summary.csv)
[[ $diverged -gt 0 ]] || complain "no run of optim diverged"
says "($diverged diverged, 0 failed)"
rm many/runs/[0-7]*/*
left=$(find many/runs -name '*.run' | wc -l)
status 5 many
says "$((240 - left - 40)) configurations that are not complete" "$left configurations that are complete" "$left done"
"$DLEXP" sgd-mean --iterations 20 --out mean --quiet >/dev/null
status 0 mean
says 'runs: 2: 2 done'

# ---- what is no results folder
status 3 nowhere
says "'nowhere': expected plan.json or run.json"
mkdir folder && printf '{"experiment": "plot"}' >folder/run.json
status 3 folder
says 'folder/run.json: expected the name of an experiment as "experiment"' "with --out 'folder' writes it anew"
printf 'x' >folder/run.json
status 3 folder
status 2 many --data data
says "--data: expected runs of a command with this option, got 'many' with those of 'dlexp optim'"
status 2
finish
