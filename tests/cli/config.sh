#!/usr/bin/env bash
# --config FILE: a finished run.json makes the same call again, with the same tables; a file of one's own; what is refused.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
make_data data 60 30 4 4 3
printf 'x\n0.25\n-3\n17.5\n0.125\n' >points.csv

# again NAME ARGUMENTS...: the call, and in another place the call that its run.json names: the same tables and runs.
again() {
    local name=$1
    shift
    mkdir -p "$name/first" "$name/second"
    (cd "$name/first" && "$DLEXP" "$@" --out out --quiet >screen.txt 2>&1) || complain "$name: exit status $?"
    (cd "$name/second" && "$DLEXP" "$1" --config ../first/out/run.json >screen.txt 2>&1) ||
        complain "$name: exit status $? by run.json: $(cat "$name/second/screen.txt")"
    diff -r -x run.json -x .index -x .claims "$name/first" "$name/second" >"$name.diff" ||
        complain "$name: another result by run.json: $(head -n 5 "$name.diff")"
}
again fair batchnorm --data ../../data --hidden 6 --hidden none --norm none --batch 20 --epochs 1 --lr 0.05,0.5 --seeds 1..3 --layers
again notebook batchnorm --data ../../data --hidden 6 --epochs 1 --protocol notebook --lr 0.05,0.5 --seed 18446744073709551615
# By its run.json adamw still has its own default, 0.01, in place of the others' 0; and a 0 that was given stays.
again adamw batchnorm --data ../../data --hidden 6 --epochs 1 --optimizer sgd,adamw --lr 0.01
again adamw-0 batchnorm --data ../../data --hidden 6 --epochs 1 --optimizer adamw --weight-decay 0 --lr 0.01
[ "$(ls adamw/first/out/runs/*/* | wc -l)" -eq 4 ] || complain "adamw: expected 4 runs"
again mean sgd-mean --points-file ../../points.csv --trials 5 --iterations 10 --sampling shuffle,with-replacement
again optim optim --fn f1,f2 --init 1,2 --init 2,1 --betas 0.5,0.9 --iterations 20 --optimizer adam
again rotate optim --rotate 0..90:3 --iterations 20 --lr 1e-3..1e-1:3

# A file of one's own is the command line in other words, and the command line wins.
cat >own.json <<'END'
{"data": "data", "hidden": [[6], []], "norm": "none", "batch": 20, "epochs": 1,
 "lr": "0.05,0.5", "seeds": ["1..2", 3], "quiet": true, "log-every": null, "out": "elsewhere"}
END
"$DLEXP" batchnorm --config own.json --out own >own.txt 2>&1 || complain "own.json: $(cat own.txt)"
"$DLEXP" batchnorm --data data --hidden 6 --hidden none --norm none --batch 20 --epochs 1 --lr 0.05,0.5 --seeds 1..3 --quiet \
    --out typed >typed.txt
diff -r -x run.json -x .index own typed >own.diff || complain "own.json: $(head -n 5 own.diff)"
[ ! -e elsewhere ] || complain "own.json: its --out won over that of the command line"
printf '{"operand": "data", "samples": 3, "json": true, "out": "sheet"}' >data.json
PATH=/nowhere "$DLEXP" data --config data.json >data.txt 2>&1 && grep -q '"kind":.*"data"' data.txt || complain "data.json: $(cat data.txt)"

# refused MESSAGE JSON: exit status 3, and the message to its end.
refused() {
    printf '%s' "$2" >c.json
    "$DLEXP" batchnorm --config c.json >out.txt 2>err.txt
    local status=$?
    [ "$status" -eq 3 ] || complain "$2: expected exit status 3, got $status"
    [ "$(cat err.txt)" = "dlexp: c.json$1" ] || complain "$2: expected c.json$1, got: $(cat err.txt)"
}
help="see 'dlexp help batchnorm'"
refused ": unknown key 'epoch' for 'dlexp batchnorm'; did you mean 'epochs'? See 'dlexp help batchnorm'" '{"epoch": 3}'
refused ": epochs: expected a number, or a string as one would type it, got true; $help" '{"epochs": true}'
refused ": epochs: expected a number, or a string as one would type it, got an array; $help" '{"epochs": [3]}'
refused ": epochs: expected an integer from 1 to 1000000, got '0'; $help" '{"epochs": 0}'
refused ": epochs: expected an integer from 1 to 1000000, got '1.5' (not an integer); $help" '{"epochs": 1.5}'
refused ": lr: element 2 ('x'): not a number; expected a number > 0; $help" '{"lr": [0.1, "x"]}'
refused ": lr: expected a number > 0, got '' (empty); $help" '{"lr": []}'
refused ": lr: expected a number, an array of numbers, or a string as one would type it, got an object; $help" '{"lr": [{}]}'
refused ": quiet: expected true or false, got a number; $help" '{"quiet": 1}'
refused ": out: expected a string, got a number; $help" '{"out": 1}'
refused ": seeds: expected every option once, got a second value; $help" '{"seed": 1, "seeds": 2}'
refused ": seeds: expected an integer beyond 2^53 as a string, as readers of JSON round numbers, got a number; $help" \
    '{"seeds": 18446744073709551615}'
refused ": unknown key 'config' for 'dlexp batchnorm', which only the command line can give; $help" '{"config": "x"}'
refused ': expected a JSON object {"name": value}, got an array; '"$help" '[]'
refused ':2:7: expected a JSON object such as {"lr": [0.01, 0.5], "seeds": "1..10"}, got what is not JSON from here on' \
    '{"lr":
 [0.1,,0.2]}'
refused ": expected the configuration of a call of 'dlexp batchnorm', got one of 'dlexp optim'; give it to that command" \
    "$(cat optim/first/out/run.json)"
refused ': expected beside "config" the array "given", the options that the call gave, got none, as earlier versions wrote it; give the options of its "command_line" instead' \
    '{"experiment": "batchnorm", "config": {"lr": [0.1]}}'
rm c.json
"$DLEXP" batchnorm --config c.json 2>err.txt
[ $? -eq 3 ] && grep -q "'c.json'" err.txt || complain "a file that is not there: $(cat err.txt)"
finish
