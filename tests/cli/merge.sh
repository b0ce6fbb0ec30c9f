#!/usr/bin/env bash
# dlexp merge: stores joined are the store of one call, and its tables are the same bytes; what is damaged or in conflict
# is left out and named; repeated, in another order, or two at once it ends the same.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
. "$DLEXP_SOURCE_DIR/tests/cli/changed_records.bash"
make_data data 60 40 5 4 3

# merge EXPECTED ARGUMENTS...: its exit status; what it prints in out.txt and err.txt.
merge() {
    local expected=$1 got
    shift
    "$DLEXP" merge "$@" >out.txt 2>err.txt
    got=$?
    [[ $got -eq $expected ]] || complain "merge $*: expected exit status $expected, got $got: $(cat out.txt err.txt)"
}
says() {
    local text
    for text in "$@"; do
        cat out.txt err.txt | tr -s ' \n' ' ' | grep -qF -e "$text" || complain "expected '$text', got: $(cat out.txt err.txt)"
    done
}
# same_store DIR [OF]: records and models are those of the reference.
same_store() {
    diff -r -x .claims -x .index -x '*.damaged*' -x '*.checkpoint' "${2:-reference}/runs" "$1/runs" >diff.txt 2>&1 || complain "$1: other records: $(head -n 3 diff.txt)"
    diff -r "${2:-reference}/models" "$1/models" >diff.txt 2>&1 || complain "$1: other models: $(head -n 3 diff.txt)"
}
listing() {
    (cd "$1" && find . -type f ! -name .claims -exec ls -li --time-style=full-iso {} +)
}

net='--data data --hidden 4 --batch 20 -j1 --quiet --lr 0.01,1 --save-best'
# call OUT OPTION...: of batchnorm.
call() {
    local epochs='--epochs 2'
    [[ " $* " != *' --epochs '* ]] || epochs=
    # The words of $net and $epochs are meant to be split.
    # shellcheck disable=SC2086
    "$DLEXP" batchnorm $net $epochs "${@:2}" --out "$1" >/dev/null 2>err.txt || complain "batchnorm: $(cat err.txt)"
}
call reference --seeds 1..7
for part in 1/3 2/3 3/3; do call "part${part%/3}" --seeds 1..7 --shard $part; done
touch "part1/runs/$(printf 'ab%030d' 1).checkpoint" part1/runs/notes.txt
before=$(listing part1; listing part2; listing part3)

# ---- together they are the whole
merge 0 all part1 part2/runs part3 --dry-run
says 'would be: 28 records of 3 stores' ': 28 new' '28 models'
[[ ! -e all ]] || complain "a dry run wrote something"
merge 0 all part1 part2/runs part3
says 'merged: 28 records of 3 stores' ': 28 new, 0 there already'
same_store all
cmp -s all/plan.json part1/plan.json || complain "plan.json did not come along"
[[ -z $(find all -name '*.checkpoint' -o -name notes.txt -o -name '*.tmp-*') ]] || complain "more than records came along: $(find all)"
[[ $before == "$(listing part1; listing part2; listing part3)" ]] || complain "the stores were not only read"
"$DLEXP" status all --quiet || complain "status of what was merged: $?"
call all --seeds 1..7
for table in reference/*.csv; do
    cmp -s "$table" "all/${table#*/}" || complain "$table is another one after the merge"
done
grep -q '"runs_computed_now":.*0' all/run.json || complain "runs were computed again"

rm part1/runs/notes.txt
# ---- again, in another order, several times the same: nothing changes
before=$(listing all)
merge 0 all part3 part1 part2 part1 --json
tr -d '\t\n' <out.txt | grep -q '"kind":"merge",.*"added":0,"same":[0-9]*,"replaced":0,"left_out":0' || complain "as JSON: $(cat out.txt)"
[[ $before == "$(listing all)" ]] || complain "a repeated merge wrote something"
merge 0 other part3/ part2 part1 part3
says "$(find part3/runs -name '*.run' | wc -l) there already"
same_store other

# ---- two at once
for round in 1 2 3; do
    rm -rf twice
    "$DLEXP" merge twice part1 part2 part3 >/dev/null 2>first.txt & first=$!
    "$DLEXP" merge twice part3 part2 part1 >/dev/null 2>second.txt & second=$!
    wait $first || complain "two at once: $(cat first.txt)"
    wait $second || complain "two at once: $(cat second.txt)"
    same_store twice
done

# ---- what is left out: cut, renamed, of a newer format; the rest comes
mapfile -t records < <(cd part1/runs && ls -- */*.run)
cp -r part1 bad
head -c 400 "part1/runs/${records[0]}" >"bad/runs/${records[0]}"
cp "part1/runs/${records[2]}" "bad/runs/${records[1]}"
sed -i '1s/record 2/record 3/' "bad/runs/${records[3]}"
model=$(basename "$(find bad/models -name "*_${records[4]:3:8}.safetensors")")
printf x | dd of="bad/models/$model" bs=1 seek=200 conv=notrunc 2>/dev/null
merge 3 left bad part2 part3
says "the record 'bad/runs/${records[0]}': its size is not as written" "bad/runs/${records[1]}': it is of another run than its name" \
    "bad/runs/${records[3]}': expected format 2 or an earlier one, got 3" "'bad/models/$model': expected the model whose SHA-256" \
    "4 files were left out"
[[ $(find left/runs -name '*.run' | wc -l) -eq 25 ]] || complain "left out: expected 25 of 28 records, got $(find left/runs -name '*.run' | wc -l)"
merge 3 left bad --dry-run
merge 0 left part1
same_store left
cp -r part1 newer
sed -i '1s/record 2/record 3/' "newer/runs/${records[3]}"
cp -r newer newer-before
merge 3 newer part1 --dry-run
merge 3 newer part1
says "the record 'newer/runs/${records[3]}': expected format 2 or an earlier one, got 3" '1 file was left out'
diff -r newer-before/runs newer/runs || complain "a record of a newer version in the destination was touched"

# ---- other numbers of the same run
cp -r part1 lies
change "lies/runs/${records[0]}" sed 's/^segment.0.parameters=.*/segment.0.parameters=7/'
change "lies/runs/${records[1]}" awk -F, -v OFS=, '/^\[table epochs/ { row = 5 } --row == 1 { $3 = 0.125 } 1'
printf x | dd of="lies/models/$model" bs=1 seek=200 conv=notrunc 2>/dev/null
cp -r part1 truth
before=$(listing truth)
merge 3 truth lies
says "'lies/runs/${records[0]}' and 'truth/runs/${records[0]}' are of the same run and differ: value 'segment.0.parameters' is 7 and " \
    "'truth/runs/${records[1]}' are of the same run and differ: table 'epochs', row 2, train_loss is 0.125 and" '3 files were left out'
[[ $before == "$(listing truth)" ]] || complain "a conflict changed the destination"
merge 3 neither lies part1 --dry-run
says "'part1/runs/${records[0]}' and 'lies/runs/${records[0]}' are of the same run"

# ---- records of an earlier version say less, and lie flat
cp -r part1 old
to_format_1 old cat
merge 0 from-old old
[[ $(find from-old/runs/?? -name '*.run' | wc -l) -eq ${#records[@]} ]] || complain "format 1: $(cat out.txt)"
merge 0 from-old part1
says "${#records[@]} in the place of one that says less"
same_store from-old part1
before=$(listing from-old)
merge 0 from-old old
says "${#records[@]} there already"
[[ $before == "$(listing from-old)" ]] || complain "records that say less replaced others"
cp -r old flat
merge 0 flat part1
rm flat/plan.json
same_store flat part1

# ---- what is damaged in the destination is set aside
cp -r part1 hurt
head -c 400 "part1/runs/${records[0]}" >"hurt/runs/${records[0]}"
merge 0 hurt part1
says "'hurt/runs/${records[0]}'" 'set aside'
[[ $(find hurt/runs -name '*.damaged' | wc -l) -eq 1 ]] || complain "not set aside"
same_store hurt part1

# ---- ends of runs that were kept: of two the longer one; without them the call would train again
for part in 1/2 2/2; do call "kept${part%/2}" --seeds 1..3 --keep-last --shard $part; done
call kept1 --seeds 1..3 --epochs 3 --keep-last --shard 1/2
merge 0 kept kept2 kept1
says "$(find kept1 kept2 -name '*.last' | wc -l) kept ends of 2 stores into 'kept': $(find kept -name '*.last' | wc -l) new, 0 there already, 3 in the place"
call kept --seeds 1..3 --keep-last
grep -q '"runs_computed_now":.*0' kept/run.json || complain "--keep-last: runs were trained again after the merge"
mapfile -t ends < <(cd kept2/runs && ls -- */*.last)
same_ends() {
    local end
    for end in "${ends[@]}"; do cmp -s "kept2/runs/$end" "$1/runs/$end" || complain "$1: another end $end"; done
}
# In a source: one that is damaged, has the name of another, is no file; each is left out, and the rest comes.
cp -r kept2 hurt2
printf x | dd of="hurt2/runs/${ends[0]}" bs=1 seek=300 conv=notrunc 2>/dev/null
cp "kept2/runs/${ends[2]}" "hurt2/runs/${ends[1]}"
rm "hurt2/runs/${ends[3]}" && mkdir "hurt2/runs/${ends[3]}"
rm "hurt2/runs/${ends[4]}" && ln -s nowhere "hurt2/runs/${ends[4]}"
cp -r kept2 target
merge 3 target hurt2 --dry-run
merge 3 target hurt2
says "the kept end 'hurt2/runs/${ends[0]}': its checksum is not as written" "'hurt2/runs/${ends[1]}': it is of another run than its name says" \
    "'hurt2/runs/${ends[3]}': expected a file, got a directory" "'hurt2/runs/${ends[4]}': expected a file, got a symbolic link" \
    '4 files were left out' "ends: ${#ends[@]} kept ends of 1 store into 'target': 0 new, $((${#ends[@]} - 4)) there already, 4 left out"
same_ends target
# In the destination: set aside, and the source's comes.
merge 0 hurt2 kept2 --dry-run
says "'hurt2/runs/${ends[0]}': its checksum is not as written; it was damaged; it would be set aside"
merge 0 hurt2 kept2
says "'hurt2/runs/${ends[0]}': its checksum is not as written; it was damaged; set aside" ': 4 new'
same_ends hurt2
[[ $(find hurt2/runs -name '*.damaged' | wc -l) -eq 4 ]] || complain "ends: not set aside: $(find hurt2/runs -name '*.damaged')"

# ---- what is no file: named, and the rest comes
cp -r part1 kinds
rm "kinds/runs/${records[0]}" "kinds/runs/${records[1]}"
ln -s nowhere "kinds/runs/${records[0]}"
mkfifo "kinds/runs/${records[1]}"
mapfile -t models < <(cd part1/models && ls)
rm "kinds/models/${models[0]}" "kinds/models/${models[1]}" "kinds/models/${models[2]}"
mkdir "kinds/models/${models[0]}"
ln -s nowhere "kinds/models/${models[1]}"
mkfifo "kinds/models/${models[2]}"
rm kinds/plan.json && mkdir kinds/plan.json
merge 3 from-kinds kinds part2
says "'kinds/runs/${records[0]}': expected a file, got a symbolic link to 'nowhere'" "'kinds/runs/${records[1]}': expected a file" \
    "'kinds/models/${models[0]}': expected a file, got a directory" "'kinds/models/${models[1]}': expected a file, got a symbolic link" \
    "'kinds/models/${models[2]}': expected a file" "'kinds/plan.json': expected a file, got a directory" "plan.json of 'part2'" \
    '6 files were left out'
merge 0 from-kinds part1
merge 0 from-kinds part3
same_store from-kinds
rm -r "from-kinds/models/${models[0]}" && mkdir "from-kinds/models/${models[0]}"
merge 3 from-kinds part1
says "'from-kinds/models/${models[0]}': expected a file, got a directory" '1 file was left out'

# ---- plan.json: of another call, damaged in a source, damaged in the destination
"$DLEXP" optim --iterations 5 --shard 1/2 --out optim --quiet >/dev/null
merge 0 mixed part1 optim
says "note: 'optim/plan.json' is of another call than that of 'part1'"
cp -r part1 garbled && echo garbage >garbled/plan.json
merge 3 planned garbled part2
says "garbled/plan.json: expected the name of an experiment" 'got what is not JSON' "plan.json of 'part2'"
cmp -s planned/plan.json part2/plan.json || complain "the next store's plan.json did not come along"
echo garbage >planned/plan.json
merge 3 planned garbled
says 'planned/plan.json: expected the name of an experiment' '2 files were left out'
cp part1/plan.json garbled/plan.json
merge 0 planned garbled --dry-run
says "planned/plan.json: expected the name" "would be replaced by that of 'garbled'"
merge 0 planned garbled
says "planned/plan.json: expected the name" "replaced by that of 'garbled'"
cmp -s planned/plan.json part1/plan.json || complain "a plan.json that cannot be read stayed"

# ---- what is no store, and a destination that cannot be written
merge 3 x nowhere
merge 3 x data
says "'data': expected a folder of results"
merge 2 x
merge 2 part1 part2 part1
says "got 'part1' as both"
[[ ! -e x ]] || complain "a refused call made x"
printf '' >file
merge 4 file/x part1
finish
