#!/usr/bin/env bash
# The JSON of every command, and run.json, is as data/schema/dlexp-1.schema.json says.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
schema=$DLEXP_SOURCE_DIR/data/schema/dlexp-1.schema.json
make_data data 60 30 4 4 3
printf 'a,b\n1,0\n2,0\n3,1\n4,0\n5,1\n6,1\n7,7\n' >pairs.csv

if ! command -v gnuplot >/dev/null; then
    echo "skipped: no gnuplot, without which 'dlexp plot' draws nothing"
    exit 77
fi

# call NAME ARGUMENTS...: its JSON to NAME.json.
call() {
    local name=$1
    shift
    "$DLEXP" "$@" --json >"$name.json" 2>"$name.err" || complain "$name: exit status $?: $(tail -n 1 "$name.err")"
    head -n 3 "$name.json" | tr -d '\t\n' | grep -q '^{"format":"dlexp-1","kind":"[a-z-]*",' ||
        complain "$name: begins otherwise: $(head -n 3 "$name.json")"
}
net='--data data --hidden 4 --batch 20 --epochs 1 --quiet'
# The words of $net are meant to be split.
# shellcheck disable=SC2086
{
    call fair batchnorm $net --lr 0.1,1e30 --seeds 1..7 --refine 1 --validation 10 --eval-every 1 --out fair
    call notebook batchnorm $net --protocol notebook --lr 0.1 --seeds 18446744073709551615 --layers --out notebook
    call plan batchnorm $net --lr 0.1,0.2 --dry-run
    call networks batchnorm $net --describe
    call mean sgd-mean --trials 5 --iterations 30 --lr 0.1,0.2,3 --out mean --quiet
    call single sgd-mean --iterations 30 --out single --quiet
    call optim optim --iterations 2000 --lr 1e-3,1e3 --fn f1,f2,booth --out optim --quiet
    call plan batchnorm $net --lr 0.1 --seeds 1..3 --out planned --dry-run
    call plan-shard batchnorm $net --lr 0.1 --seeds 1..3 --out sharded --dry-run --shard 2/3
    call shard batchnorm $net --lr 0.1 --seeds 1..3 --out sharded --shard 2/3
    call plan-optim optim --iterations 30 --out planned --dry-run
    call networks batchnorm $net --describe
    call rotate optim --rotate 0..90:3 --iterations 30 --out rotate --quiet
}
call bench bench --data data --hidden 4 --batch 20 --seconds 0.01
call epochs bench --data data --hidden 4 --batch 20 --epochs 1
call compare compare pairs.csv --margin 1
call data data data --samples 3 --out sheet
call datasets data --list
printf '0,10,20\n1,30,40\n1,50,60\n0,70,80\n' >images.csv
call import data import images.csv --out imported --test-share 0.5
call figures plot --list
call check check mean/summary.csv --against mean
call plot plot mean --out drawn
call status status fair
call verify verify notebook
call merge merge merged fair notebook
"$DLEXP" sgd-mean --iterations 30 --out single --quiet --config single/run.json >/dev/null || complain "a run.json that is read"

for python in /usr/bin/python3 python3; do # the same as scripts/setup.sh looks for
    if "$python" -c 'import jsonschema' 2>/dev/null; then
        "$python" "$DLEXP_SOURCE_DIR/tests/cli/schema.py" "$schema" ./*.json ./*/run.json sharded/plan.json imported/import.json ||
            complain "documents that are not as the schema says"
        finish
    fi
done
echo "skipped: no python3 with jsonschema (Debian: python3-jsonschema)"
exit 77
