#!/usr/bin/env bash
# dlexp verify: stored runs trained again; what agrees, what does not and where; nothing is written.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
. "$DLEXP_SOURCE_DIR/tests/cli/changed_records.bash"
make_data data 60 40 5 4 3
make_data other-data 60 40 5 4 2

verify() {
    local expected=$1 got
    shift
    "$DLEXP" verify "$@" >out.txt 2>err.txt
    got=$?
    [[ $got -eq $expected ]] || complain "verify $*: expected exit status $expected, got $got: $(cat out.txt err.txt)"
}
says() {
    local text
    for text in "$@"; do
        cat out.txt err.txt | tr -s ' \n' ' ' | grep -qF -e "$text" || complain "expected '$text', got: $(cat out.txt err.txt)"
    done
}

# The words of $net are meant to be split.
net='--data data --hidden 4 --batch 20 --epochs 2 -j1 --quiet --lr 0.01,1,1e30'
# shellcheck disable=SC2086
"$DLEXP" batchnorm $net --seeds 1..4 --save-best --out bn >/dev/null 2>&1 || complain "batchnorm"
before=$(find bn -exec ls -ld --time-style=full-iso {} +)
files=$(find bn/models -name '*.safetensors' | wc -l)
verify 0 bn --all
says '24 in the store' 'verified: 24 of 24 runs agree' "$files model files" 'lr 1e+30 seed 4: agrees'
# Values, and cells of tables and bulk, counted in the records themselves.
counts=$(for record in bn/runs/*/*.run; do take_apart "$record"; done | awk '
    /^\[values\]$/ { values = 1; next }
    /^\[(table|bulk) / { values = 0; rows = $3; getline; n += rows * split($0, columns, ","); next }
    /^\[/ { values = 0 }
    values { v++ }
    END { print v " values, " n " numbers" }')
says "$counts"
[[ $(grep -c ': agrees (' err.txt) -eq 24 ]] || complain "not a line for each run: $(cat err.txt)"
[[ $before == "$(find bn -exec ls -ld --time-style=full-iso {} +)" ]] || complain "verify wrote in bn"
for kernels in $("$DLEXP" help batchnorm | grep -o 'portable\|avx2\|neon' | sort -u); do
    "$DLEXP" batchnorm --data data --kernels "$kernels" --dry-run --out none >/dev/null 2>&1 || continue
    verify 0 bn --all --quiet --kernels "$kernels" --jobs 3
done

# ---- a sample: by default ten, the same by the same seed
verify 0 bn
says 'runs: 10 of 24 in the store, drawn at random' 'verified: 10 of 10 runs agree'
verify 0 bn --sample 3 --seed 7 --json
cp out.txt first.txt
verify 0 bn --sample 3 --seed 7 --json
cmp -s out.txt first.txt || complain "--seed 7 draws others the second time"
[[ $(grep -c '"id"' out.txt) -eq 3 ]] || complain "--sample 3: $(cat out.txt)"
verify 0 bn --sample 3 --seed 8 --json
cmp -s out.txt first.txt && complain "--seed 8 draws the same as --seed 7"

# ---- each kind of difference: a number, one of the bulk, a value, a model, a cut record
cp -r bn lies
mapfile -t records < <(grep -l '^segment.0.status=completed' lies/runs/*/*.run)
change "${records[0]}" awk -F, -v OFS=, '/^\[table epochs/ { row = 5 } --row == 1 { $3 = 0.125 } 1'
change "${records[1]}" awk '/^\[end\]$/ { end = NR } end && NR == end + 4 { $0 = "0.0625" } 1'
change "${records[2]}" sed 's/^segment.0.final_weights_sha256=....../segment.0.final_weights_sha256=123456/'
id=$(basename "${records[3]}" .run)
printf x | dd of="$(ls lies/models/*_"${id:0:8}".safetensors)" bs=1 seek=200 conv=notrunc 2>/dev/null
head -c 300 "${records[4]}" >cut && cp cut "${records[4]}"
verify 5 lies --all
says "table 'epochs', row 2, train_loss: stored 0.125, now" "table 'steps.0', row 4, train_loss: stored 0.0625, now" \
    "value 'segment.0.final_weights_sha256': stored 123456" "_${id:0:8}.safetensors', SHA-256: stored" \
    "$(basename "${records[4]}" .run): its record is not what was written" 'verified: 19 of 24 runs agree' \
    "'lies': expected 24 runs to agree with what is computed here, got 5 that do not"
rm "lies/models/"*_"${id:0:8}".safetensors && mkdir "lies/models/none_1_${id:0:8}.safetensors"
verify 5 lies --all
says "_${id:0:8}.safetensors', SHA-256: stored none, now another" 'verified: 19 of 24 runs agree'
verify 5 lies --all --json
[[ $(grep -c '"agrees":.*false' out.txt) -eq 5 ]] || complain "as JSON: $(cat out.txt)"

# ---- damage that shows only in the whole of a record, whichever runs are trained
cp -r bn spoilt
mapfile -t records < <(ls spoilt/runs/*/*.run)
spoil "${records[0]}"
spoil "${records[1]}"
verify 5 spoilt --sample 1
says "$(basename "${records[0]}" .run): its record is not what was written" "$(basename "${records[1]}" .run): its record is not" 'verified: 1 of 3 runs agree'

# ---- records of an earlier version are compared in what they say
cp -r bn old
to_format_1 old cat
verify 0 old --all
says 'verified: 24 of 24 runs agree' "lacking: not compared, as one side has none: table 'bits.0'"

# ---- merged stores, of which plan.json says what they are; other calls in the same store
for part in 1/2 2/2; do
    # shellcheck disable=SC2086
    "$DLEXP" batchnorm $net --seeds 1..4 --shard $part --out "part${part%/2}" >/dev/null 2>&1 || complain "--shard $part"
done
"$DLEXP" merge all part1 part2 >/dev/null 2>&1 || complain merge
# shellcheck disable=SC2086
"$DLEXP" batchnorm $net --seeds 9 --out another >/dev/null 2>&1
cp -r another/runs all
verify 0 all --all
says '24 of 24 runs agree' 'others: 6 records of other calls, not looked at:'

# ---- other experiments; runs that diverged
"$DLEXP" optim --iterations 60 --lr 1e-3,1e9 --out optim --quiet >/dev/null
"$DLEXP" sgd-mean --iterations 40 --trials 8 --lr 0.1,50 --out mean --quiet >/dev/null
verify 0 optim --all
says 'verified: 16 of 16 runs agree'
verify 0 mean --all
says 'verified: 2 of 2 runs agree'
change "$(grep -l '^status=diverged' optim/runs/*/*.run | head -n 1)" sed 's/^diverged_iteration=.*/diverged_iteration=1/'
verify 5 optim --all

# ---- what cannot be verified
verify 3 bn --data other-data
says "'bn': expected the data that its runs were computed with, of SHA-256" 'got others'
verify 3 nowhere
verify 2 optim --kernels portable
says "--kernels: expected runs of a command with this option"
verify 2 bn --all --sample 3
verify 2 bn --kernels none
rm -r bn/runs
verify 3 bn
says 'expected runs of its call in the store, got none of 24'
finish
