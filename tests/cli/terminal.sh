#!/usr/bin/env bash
# What a person sees: no line is wider than 80 columns off a terminal, or than the terminal; the answers stand last;
# the redrawn line cuts nothing; colours; notes; hints for the words of other tools.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
make_data data 60 40 5 4 3
printf 'a,b\n1,0\n2,0\n3,0\n4,0\n5,0\n6,0\n40,\n' >pairs.csv

# Lines wider than $1 columns, but for paths, which are to be copied, and notes, which are for logs.
wide() {
    local most=$1
    shift
    sed $'s/\033\\[[0-9;]*m//g; s/\r/\\n/g' "$@" | LC_ALL=C.UTF-8 awk -v most="$most" 'length > most' |
        grep -v -e '^wrote ' -e '^/[^ ]*$' -e '^dlexp: note: '
}

# fits ARGUMENTS...: what it prints, also what only a dry run does.
fits() {
    "$DLEXP" "$@" >out.txt 2>err.txt || complain "$*: exit status $?: $(tail -n 1 err.txt)"
    local lines
    lines=$(wide 80 out.txt err.txt)
    [[ -z $lines ]] || complain "$* prints wider lines than 80:"$'\n'"$lines"
}
[[ $(printf '%081d\n%080d\n' 1 2 | wide 80 /dev/stdin | wc -l) -eq 1 ]] || complain "a wide line is not seen"

# ---- COLUMNS is respected on a pipe, too, by words and by tables
for width in 50 70 99; do
    for command in batchnorm optim data-import; do
        COLUMNS=$width "$DLEXP" help $command | wide $width /dev/stdin | grep . && complain "COLUMNS=$width help $command is wider"
    done
done
COLUMNS=50 "$DLEXP" compare pairs.csv | wide 50 /dev/stdin | grep . && complain "COLUMNS=50: the table is wider"
COLUMNS=99 "$DLEXP" help batchnorm | wide 80 /dev/stdin | grep -q . || complain "COLUMNS=99 is not used"
COLUMNS=none "$DLEXP" help batchnorm | cmp -s - <("$DLEXP" help batchnorm) || complain "COLUMNS=none is a width"

# ---- every command's help and tables
for command in $("$DLEXP" help --commands); do
    fits help "$command"
done
fits help
net='--data data --hidden 4 --batch 20 --epochs 2 -j1'
# The words of $net are meant to be split.
# shellcheck disable=SC2086
{
    fits batchnorm $net --lr 0.1,1e30 --seeds 1..7 --out bn
    tail -n 1 out.txt | grep -q '^ ' || complain "the last line is no answer: $(tail -n 1 out.txt)"
    [[ $(grep -n '^wrote' out.txt | tail -n 1 | cut -d: -f1) -lt $(grep -n '^Test accuracy' out.txt | cut -d: -f1) ]] ||
        complain "the files are not listed before the result"
    fits batchnorm $net --lr 0.1,1 --seeds 1..3 --columns all --out bn-all
    fits batchnorm ${net/--batch 20/} --batch 10,20 --lr 0.1 --norm none,batchnorm,layernorm --activation relu,tanh --out bn-grid
    fits batchnorm $net --lr 0.1,0.5 --protocol notebook --out bn-notebook
    fits batchnorm $net --lr 0.1,1 --seeds 1..10 --until-decided --max-seeds 11 --refine 1 --out bn-rounds
    fits batchnorm $net --lr 0.1 --seeds 1..60 --out bn --dry-run
    SLURM_ARRAY_TASK_ID=11 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=16 SLURM_ARRAY_TASK_STEP=1 \
        SLURM_ARRAY_TASK_COUNT=16 fits batchnorm $net --lr 0.1 --seeds 1..60 --out bn --dry-run --shard auto
    fits batchnorm $net --lr 0.1 --seeds 1..60 --out bn-shard --shard 1/20
    fits batchnorm $net --hidden 4,4,4 --describe
    fits batchnorm --data data --epochs 1 --batch 20 --describe
    fits optim --iterations 60 --out optim
    fits optim --iterations 60 --lr 1e-3,1e-2,0.5 --columns all --out optim-all
    fits optim --iterations 60 --fn f1,f2,quad --eigen 1,0.1 --eigen 2,0.05 --angle 0,30 --momentum 0.5,0.9 --out optim-grid
    fits optim --iterations 60 --fn rosenbrock,beale,himmelblau,booth --init 1,2 --init 2,1 --out optim-valleys
    fits optim --iterations 60 --rotate 0..90:3 --out optim-rotate
    fits optim --optimizer momentum,nesterov,adamw --weight-decay 0,0.1 --iterations 40 --out optim-decay
    fits sgd-mean --out mean
    fits sgd-mean --trials 120 --lr 0.01,0.1,0.3,1 --iterations 40 --sampling with-replacement,shuffle --start 0,3 --out mean-grid
    fits sgd-mean --trials 9 --iterations 40 --columns all --out mean-all
}
fits optim --out optim-homework
tail -n 2 out.txt | grep -q 'twice the iterations' || complain "optim: the claims do not stand last: $(tail -n 2 out.txt)"
fits bench --data data --hidden 8 --batch 20 --seconds 0.05
grep -q '^\[1/3\] kernels (' err.txt || complain "bench: no sign of life on a pipe: $(cat err.txt)"
fits bench --data data --hidden 8 --batch 20 --epochs 1 --quiet
[[ ! -s err.txt ]] || complain "bench --quiet says: $(cat err.txt)"
fits status bn-grid
fits verify bn --sample 3
fits merge merged bn bn-all bn-grid
fits merge merged optim
fits status optim-grid
fits compare pairs.csv --margin 1 --family 3 -o judged
grep -q '1 failed run,' out.txt || complain "one failed run: $(cat out.txt)"

# ---- a line of each finished run on a pipe
"$DLEXP" sgd-mean --iterations 20 --out alive >/dev/null 2>err.txt
[[ $(grep -c '^\[[12]/2\] lr 0' err.txt) -eq 2 ]] || complain "sgd-mean: no sign of life of each run: $(cat err.txt)"

# ---- dry runs: of many runs a summary, and JSON
"$DLEXP" optim --lr 1e-5..1e-1:1000 --fn f1 --dry-run --out many >out.txt 2>err.txt
[[ $(wc -l <out.txt) -lt 20 ]] || complain "a dry run of 4000 runs has $(wc -l <out.txt) lines"
tr -s ' \n' ' ' <out.txt | grep -q 'and 3990 others: 0 in the store, 3990 to compute' || complain "it does not count them: $(cat out.txt)"
"$DLEXP" optim --fn f1 --optimizer gd --iterations 60 --dry-run --json --out optim >out.txt 2>err.txt
tr -d '\t\n' <out.txt | grep -q '"kind":"plan".*"runs_to_compute":0.*"done":true' || complain "a dry run as JSON: $(cat out.txt)"

# ---- --log-every: the first, every N-th and the last row, and nothing else changes
for name in thin thick; do
    [[ $name == thin ]] && every='--log-every 30' || every=
    # shellcheck disable=SC2086
    "$DLEXP" optim --iterations 100 --fn f1 --optimizer gd $every --out $name --quiet >$name.txt
    # shellcheck disable=SC2086
    "$DLEXP" sgd-mean --iterations 100 --trials 9 --lr 0.1 $every --out $name-mean --quiet >$name-mean.txt
done
[[ $(cut -d, -f4 thin/trajectory.csv | tail -n +2 | paste -sd' ') == '0 30 60 90 100' ]] || complain "--log-every of optim"
for table in trajectory theory bands; do
    [[ $(wc -l <thin-mean/$table.csv) -eq 6 ]] || complain "--log-every of sgd-mean: $table.csv"
    [[ -z $(grep -vxFf thick-mean/$table.csv thin-mean/$table.csv) ]] || complain "--log-every: other rows in $table.csv"
done
for table in summary claims; do
    cmp -s thin-mean/$table.csv thick-mean/$table.csv || complain "--log-every changes sgd-mean's $table.csv"
done
cmp -s thin/summary.csv thick/summary.csv || complain "--log-every changes optim's summary.csv"
cmp -s <(grep -v '^wrote' thin.txt) <(grep -v '^wrote' thick.txt) || complain "--log-every changes what optim says"

# ---- tables that are replaced are told, and those that only grow are not
"$DLEXP" optim --fn f1 --optimizer gd --iterations 20 --lr 0.1 --out again >/dev/null 2>&1
"$DLEXP" optim --fn f1 --optimizer gd --iterations 20 --lr 0.1,0.2 --out again >/dev/null 2>err.txt
! grep -q 'note:' err.txt || complain "more rates are told to replace something: $(cat err.txt)"
"$DLEXP" optim --fn f1 --optimizer gd --iterations 20 --lr 0.3 --out again >/dev/null 2>err.txt
grep -q "^dlexp: note: the tables in 'again' were those of 'dlexp optim .*--lr 0.1,0.2 .*another --lr.*--out another folder" err.txt ||
    complain "tables of other rates are replaced without a word: $(cat err.txt)"
# noted WORDS ARGUMENTS...: such a note, of the folder other; "": none.
noted() {
    "$DLEXP" "${@:2}" --out other >/dev/null 2>err.txt || complain "${*:2}: $(cat err.txt)"
    if [[ -z $1 ]]; then
        ! grep -q note: err.txt || complain "${*:2}: $(cat err.txt)"
    else
        grep -q "^dlexp: note: the tables in 'other' were .*, $1, and are replaced" err.txt || complain "${*:2}: no '$1': $(cat err.txt)"
    fi
}
# shellcheck disable=SC2086
{
    make_data others 60 40 5 4 2
    cp -r data same
    plain=${net#--data data}
    noted '' batchnorm --data data $plain --lr 0.1 --seeds 1..3
    noted '' batchnorm --data same $plain --lr 0.1 --seeds 1..3 # the same data elsewhere
    noted 'with another --data' batchnorm --data others $plain --lr 0.1 --seeds 1..3
    noted 'with another --batch and another --data' batchnorm --data data ${plain/--batch 20/--batch 15} --lr 0.1 --seeds 1..3
    noted 'with another --batch and another --transpose' batchnorm --data data $plain --transpose --lr 0.1 --seeds 1..3
    noted '' batchnorm --data data $plain --transpose --lr 0.1 --seeds 1..3 --margin 1 --level 0.9 --columns all
    noted '' batchnorm --data data $plain --transpose --lr 0.1 --seeds 1..3 --refine 1
    noted '' batchnorm --data data $plain --transpose --lr 0.1 --seeds 1..3 --refine 1
    noted 'with another --data' batchnorm --data others $plain --transpose --lr 0.1 --seeds 1..3 --refine 1
    rm -r others && cp -r data others
    noted 'of other data' batchnorm --data others $plain --transpose --lr 0.1 --seeds 1..3 --refine 1
    rm -r other
    noted '' sgd-mean --iterations 20
    noted 'with another --points' sgd-mean --iterations 20 --points 50
    printf '0.5\n0.25\n' >two.csv
    noted 'with another --points and another --points-file' sgd-mean --iterations 20 --points-file two.csv
    rm -r other
    noted '' optim --iterations 20 --rotate 0..90:3
    noted 'with another --rotate' optim --iterations 20 --rotate 0..80:3
    rm -r other
}
"$DLEXP" optim --fn f1 --optimizer gd --iterations 20 --lr 0.1 --out again --quiet >/dev/null 2>err.txt
[[ ! -s err.txt ]] || complain "--quiet: $(cat err.txt)"

# ---- more threads than CPUs
# shellcheck disable=SC2086
"$DLEXP" batchnorm ${net% -j1} --lr 0.1 --jobs 2 --threads 200 --dry-run --out crowd | tr -s ' \n' ' ' >out.txt
grep -q 'note: 2 runs of 200 threads each on' out.txt || complain "400 threads are not told: $(cat out.txt)"

# ---- colours: on a terminal, or when asked for
escape=$'\033['
"$DLEXP" compare pairs.csv | grep -qF "$escape" && complain "colours on a pipe"
"$DLEXP" compare pairs.csv --color always | grep -qF "${escape}1;32msupported${escape}0m" || complain "--color always: none"
"$DLEXP" optim --color always --json --out optim-homework 2>/dev/null | grep -qF "$escape" && complain "colours in JSON"
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
    # on_terminal COLUMNS COMMAND: what a terminal of that width is sent.
    on_terminal() {
        local shell_words="stty cols $1 && $DLEXP ${*:2}"
        env -u COLUMNS -u NO_COLOR TERM="${TERM_WANTED:-xterm}" script -qec "$shell_words" /dev/null </dev/null
    }
    on_terminal 80 compare pairs.csv | grep -qF "$escape" || complain "no colours on a terminal"
    TERM_WANTED=dumb on_terminal 80 compare pairs.csv | grep -qF "$escape" && complain "colours with TERM=dumb"
    NO_COLOR=1 TERM=xterm script -qec "$DLEXP compare pairs.csv" /dev/null </dev/null | grep -qF "$escape" && complain "NO_COLOR"
    on_terminal 80 compare pairs.csv --color never | grep -qF "$escape" && complain "--color never"
    for width in 60 200; do
        for words in help 'help batchnorm' 'optim --quiet --out optim-homework' 'compare pairs.csv'; do
            # shellcheck disable=SC2086
            lines=$(on_terminal $width $words | wide $width /dev/stdin)
            [[ -z $lines ]] || complain "$words on $width columns is wider:"$'\n'"$lines"
        done
    done
    COLUMNS=50 TERM=xterm script -qec "$DLEXP help optim" /dev/null </dev/null | wide 50 /dev/stdin | grep . &&
        complain "COLUMNS=50 is not respected"
    # The redrawn line begins with the run, and every number in it is whole: an epoch of two, a loss, an accuracy.
    for width in 40 80; do
        # shellcheck disable=SC2086
        on_terminal $width batchnorm --data data --hidden 256,256 --batch 1 --epochs 40 -j1 --lr 0.01 --norm none \
            --out live-$width | tr '\r' '\n' | grep -E '^none.* %' | sed 's/ *$//' >live.txt
        [[ -s live.txt ]] || complain "no live line on $width columns"
        lines=$(grep -vE '^none lr 0.01 seed 1234 +[0-9]+ %(  [^ ].*left)?(  epoch [0-9]+/40(, loss [0-9]+\.[0-9]{4}(, test [0-9]+\.[0-9]{2} %)?)?)?(  \[[#-]+\])?$' live.txt)
        [[ -z $lines ]] || complain "live lines that are cut on $width columns:"$'\n'"$lines"
        [[ -z $(wide $((width - 1)) live.txt) ]] || complain "a live line is wider than $width columns"
    done
else
    echo "no 'script' that makes a terminal: the tests on one are left out"
fi

# ---- words of other tools: hint EXPECTED COMMAND...
hint() {
    local expected=$1
    shift
    "$DLEXP" "$@" >out.txt 2>err.txt
    [[ $? -eq 2 ]] || complain "$*: expected to be refused"
    grep -qF -e "$expected" err.txt || complain "$*: expected '$expected', got $(cat err.txt)"
}
while read -r word meant; do
    hint "; did you mean '--$meant'?" batchnorm "--$word" 1
    hint "; did you mean '--$meant'?" batchnorm "--${word//-/_}" 1
done <<'WORDS'
learning-rate lr
batch-size batch
n-epochs epochs
num-epochs epochs
wd weight-decay
log-interval log-every
save-model save-best
workers jobs
num-workers jobs
lr-scheduler schedule
output-dir out
logdir tensorboard
weight_decay weight-decay
Weight-Decay weight-decay
WORDS
for word in no-cuda cuda device gpu; do
    hint "it runs on the CPU alone" batchnorm --$word 1
done
hint "there is none: a network is dense layers" batchnorm --dropout 0.5
hint "write --norm batchnorm" batchnorm --batch-norm
hint "'dlexp optim --optimizer momentum' has it" sgd-mean --momentum 0.9
hint "it takes one --seed; --trials repeats" sgd-mean --seeds 1..3
hint "nothing is random here" optim --seeds 1..3
hint "did you mean '--iterations'?" optim --epochs 3
hint "expected an optimizer that uses it" batchnorm --optimizer adam --momentum 0.9
hint "write --color never" compare pairs.csv --no-color
for slip in 'norm bn batchnorm' 'norm BatchNorm batchnorm' 'norm None none' 'optimizer Adam adam' 'optimizer SGD sgd' \
    'activation ReLU relu' 'schedule none constant' 'optimizer nag nesterov'; do
    read -r option value meant <<<"$slip"
    hint "did you mean '$meant'?" batchnorm "--$option" "$value"
done
hint "'--hidden none' is softmax regression" batchnorm --activation none
hint "did you mean '1..10'?" batchnorm --seeds 1-10
hint "did you mean '128,64'?" batchnorm --hidden 128-64
# A command is never told that it has what it was refused, and those that are told have it.
for command in $("$DLEXP" help --commands); do
    [[ $command != data-import ]] || command='data import'
    for option in weight-decay momentum hidden fn trials shard figure against family label sample; do
        # shellcheck disable=SC2086
        words=$("$DLEXP" $command --$option 2>&1 | grep -o "; 'dlexp .*' ha[sv]e* it")
        [[ $words != *"'dlexp $command'"* ]] || complain "$command --$option: $words"
        while read -r other; do
            # shellcheck disable=SC2086
            [[ -z $other ]] || "$DLEXP" $other --help | grep -q -e "--$option\b" || complain "dlexp $other has no --$option"
        done < <(grep -o "'dlexp [a-z -]*'" <<<"$words" | sed "s/'dlexp \([a-z -]*\)'/\1/; s/ --.*//")
    done
done
hint "; 'dlexp batchnorm', 'dlexp bench' and 'dlexp optim' have it" compare pairs.csv --weight-decay 0.1
hint "; 'dlexp plot' has it" compare pairs.csv --figure x
hint "--seeds 1..10 makes ten runs" batchnorm --trials 10
for slip in 'optim start init' 'optim x0 init' 'sgd-mean init start' 'check rtol relative' 'check tolerance relative' \
    'sgd-mean logdir out'; do
    read -r command option meant <<<"$slip"
    hint "did you mean '--$meant'?" "$command" "--$option" 1
done
hint "did you mean 'figure05_test_accuracy'?" plot --figure figure5
hint "commas separate values; did you mean '0.01,0.5'?" batchnorm --lr '0.01;0.5'
hint "commas separate values; did you mean '0.01,0.5'?" sgd-mean --lr '0,01;0,5'
hint "commas separate values; did you mean '1,2'?" batchnorm --seeds '1;2'
for slip in 'lr 0,01 0.01' 'lr 0,5 0.5' 'weight-decay 0,01 0.01' 'margin 0,2 0.2' 'betas 0,9,0,999 0.9,0.999'; do
    read -r option value meant <<<"$slip"
    hint "a decimal has a point; did you mean '$meant'?" batchnorm "--$option" "$value"
done
"$DLEXP" sgd-mean --start 0,3 --dry-run >/dev/null 2>&1 || complain "a list of whole numbers is refused"
finish
