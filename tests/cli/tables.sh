#!/usr/bin/env bash
# Every table that the program writes, and the name of every run, are what they were: calls that cover all commands,
# options and tables, against tests/golden/tables.sha256.
#
# tables.sh --write makes that list anew, for when a table is meant to change: git diff then shows which ones did.
set -u
[[ ${1:-} != --write ]] || cd "$(mktemp -d)" || exit 1
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
golden=$DLEXP_SOURCE_DIR/tests/golden/tables.sha256
make_data data 200 90 6 6 4
make_data wide 60 40 5 7 3
printf 'x\n0.25\n-3\n17.5\n0.125\n' >points.csv

# call NAME ARGUMENTS...: with its tables in the folder NAME.
call() {
    local name=$1
    shift
    "$DLEXP" "$@" --out "$name" --quiet >"$name.out" 2>"$name.err" ||
        complain "$name: exit status $?: $(tail -n 1 "$name.err")"
}

net='--data data --hidden 8,6 --batch 20 --epochs 3'
# The words of $net are meant to be split.
# shellcheck disable=SC2086
{
    call fair batchnorm $net --lr 0.05,0.5 --seeds 1..3 --log-every 4 --save-best
    call one-norm batchnorm $net --norm batchnorm --lr 0.1 --seeds 9
    call notebook batchnorm $net --protocol notebook --lr 0.05,0.5 --seeds 1,2 --log-every 1
    call notebook-turned batchnorm $net --protocol notebook --norm batchnorm,none --lr 0.5,0.05
    call sgd batchnorm $net --optimizer sgd --lr 0.1 --log-every 10
    call momentum batchnorm $net --optimizer momentum --momentum 0.5 --lr 0.1
    call rmsprop batchnorm $net --optimizer rmsprop --lr 0.001 --seeds 1..2
    call rmsprop-set batchnorm $net --optimizer rmsprop --alpha 0.9 --eps 1e-6 --lr 0.01
    call adam batchnorm $net --optimizer adam --lr 0.01
    call adam-set batchnorm $net --optimizer adam --betas 0.8,0.95 --eps 1e-5 --lr 0.01
    call diverging batchnorm $net --optimizer sgd --lr 1e30,0.1 --log-every 1
    call notebook-diverging batchnorm $net --protocol notebook --lr 1e30,0.1
    call deep batchnorm --data wide --hidden 7,5,3 --batch 7 --epochs 2 --lr 0.05
    call shallow batchnorm --data wide --hidden 9 --batch 60 --epochs 2 --lr 0.05 --seeds 4294967295
    call mnist batchnorm --epochs 1 --log-every 100
    call grid batchnorm --data data --epochs 2 --optimizer momentum,adam --batch 20,50 --hidden 6 --hidden none --lr 0.01..0.1:2
    call schedules batchnorm $net --schedule constant,step,cosine --step-size 2 --lr 0.1 --activation relu,tanh
    call layers batchnorm $net --norm none,layernorm --lr 0.1 --layers --columns all --drop-last
    call decay batchnorm $net --optimizer nesterov,adamw --weight-decay 0.01,0.1 --lr 0.01 --seeds 1,2

    call mean sgd-mean
    call mean-trials sgd-mean --trials 30 --lr 0.01,0.1,0.3 --iterations 50
    call mean-shuffle sgd-mean --sampling shuffle --points 7 --trials 5 --iterations 40
    call mean-points sgd-mean --points-file points.csv --start 2 --seed 5 --trials 120 --iterations 30
    call mean-diverging sgd-mean --lr 0.5,1,30 --iterations 400
    call mean-grid sgd-mean --sampling with-replacement,shuffle --start 0,3 --trials 20 --iterations 60
    call mean-published sgd-mean --points-file "$DLEXP_SOURCE_DIR/data/published/points.csv" --lr 0.01

    call optim optim
    call optim-one optim --fn f2 --optimizer adam
    call optim-rates optim --lr 1e-3,1e-2,0.5 --iterations 300
    call optim-all optim --fn f1,f2,quad,rosenbrock,beale,himmelblau,booth --lr 1e-3 --iterations 200
    call optim-quad optim --fn quad --eigen 2,0.05 --angle 20 --init 1,2 --iterations 200
    call optim-set optim --momentum 0.5 --alpha 0.9 --betas 0.5,0.9 --eps 1e-6 --iterations 100
    call optim-diverging optim --lr 1.5,1e3 --iterations 400
    call optim-rotate optim --rotate 0..90:5 --iterations 300
    call optim-rotate-rates optim --rotate 10..50:3 --lr 1e-2,1e-1 --iterations 300 --optimizer gd,momentum,adam
    call optim-grid optim --fn f1,f2,quad --angle 0,30 --momentum 0.5,0.9 --init 1,2 --init 2,1 --iterations 100
    call optim-decay optim --optimizer nesterov,adamw --weight-decay 0.1 --columns all --iterations 100
}
PATH=/nowhere "$DLEXP" data data --out data-sheet --samples 5 >/dev/null 2>&1 || complain "data: exit status $?"

# The hashes of tables and models; of the store, the names of the runs.
list() {
    find . -mindepth 2 -type f \( -name '*.csv' -o -name '*.safetensors' \) | sort | sed 's|^\./||' | xargs sha256sum
    find . -mindepth 3 -name '*.run' | sed 's|^\./||; s|/runs/.*/|/runs/|' | sort
}
list >tables.sha256
if [[ ${1:-} == --write ]]; then
    cp tables.sha256 "$golden"
    finish
fi
[[ $(wc -l <"$golden") -gt 200 ]] || complain "$golden: expected more than 200 lines"
diff "$golden" tables.sha256 >differences || {
    complain "other tables or runs than in tests/golden/tables.sha256 (<: expected, >: got)"
    cat differences
}
finish
