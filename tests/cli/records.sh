#!/usr/bin/env bash
#
# Records that are sealed but not what their experiment writes are set aside and computed again, never used and never
# a crash; what earlier versions wrote is still read.
. "$(dirname "${BASH_SOURCE[0]}")/tiny_data.bash"
. "$(dirname "${BASH_SOURCE[0]}")/changed_records.bash"

make_data data 100 40 8 8 4

# Without the tables that are made of what records of earlier versions lack: bits per test image, and what classes are
# taken for.
tables() {
    find "$1" -maxdepth 1 -name '*.csv' ! -name disagreement.csv ! -name 'hardest*.csv' ! -name confusion.csv | sort | xargs cat | sha256sum
}

# run OUT [OPTION...]: the command of this part of the test, which succeeds.
run() {
    "$DLEXP" "${words[@]}" --out "$@" >out.txt 2>err.txt || complain "$*: exit $?: $(tail -n 3 err.txt)"
}

# refused WHAT COMMAND...: the first record, changed thus.
refused() {
    local what="${words[0]}, $1" record
    shift
    rm -rf one && cp -R good one
    record=$(ls one/runs/*/*.run | head -n 1)
    change "$record" "$@"
    cmp -s "$record" "good/${record#one/}" && complain "$what: nothing was changed"
    run one --quiet # without an estimate of the time
    grep -q "^dlexp: note: cannot .* the record 'one/runs/.*; set aside, computing it again" err.txt || complain "$what: no note: $(cat err.txt)"
    [ "$(find one/runs -name '*.damaged' | wc -l)" -eq 1 ] || complain "$what: not set aside"
    cmp -s "$record" "good/${record#one/}" || complain "$what: not computed again"
    [ "$(tables one)" = "$(tables good)" ] || complain "$what: other tables"
}

no_rows() {
    awk -v table="$1" '/^\[/ { skip = 0 } /^\[(table|bulk) / && $2 == table { $3 = 0; print; getline; print; skip = 1; next } !skip'
}
no_table() {
    awk -v table="$1" '/^\[/ { skip = $2 == table } !skip'
}
one_row_less() {
    awk -v table="$1" '$2 == table && /^\[/ { $3--; print; if (/^\[table /) { getline; print; getline; next } next } 1'
}
# bulk_row ROW TO: another text for a row of the bulk; -: none.
bulk_row() {
    awk -v row="$1" -v to="$2" '/^\[end\]$/ { end = NR } end && NR == end + row { if (to == "-") next; sub(/.*/, to) } 1'
}
# into_head TABLE ROW: a bulk table, whose first row that is, with its rows in the head.
into_head() {
    awk -v table="$1" -v first="$2" '
        { lines[NR] = $0 }
        /^\[end\]$/ { end = NR }
        END {
            for (i = 1; i <= NR; i++) {
                split(lines[i], words, " ")
                if (words[1] == "[bulk" && words[2] == table) {
                    count = words[3]
                    sub(/bulk/, "table", lines[i])
                    print lines[i++]
                    print lines[i]
                    for (row = first; row < first + count; row++) print lines[end + row]
                } else if (i < end + first || i >= end + first + count)
                    print lines[i]
            }
        }'
}
# no_bits: the record without its last tables, two rows of bits and 16 of counts; no_confusion: without the counts alone.
no_bits() {
    no_confusion | head -n -2 | no_table bits.0
}
no_confusion() {
    head -n -16 | no_table confusion.0
}
twice() {
    awk -v table="$1" '/^\[/ { take = $1 == "[table" && $2 == table } /^\[end\]$/ { printf "%s", again; again = "" }
        { print } take { again = again $0 "\n" } END { printf "%s", again }'
}
zero() {
    sed "$1" | tr Z '\0'
}

# ---- batchnorm: the runs are in the order of their ids, so the cases fit any of them
words=(batchnorm --data data --epochs 3 --batch 50 --hidden 16 --lr 0.1 --seeds 1..2 --norm batchnorm)
run good
refused "a column renamed" sed 's/^segment,epoch,train_loss/segment,epoch,training_loss/'
refused "columns changed over" sed 's/train_loss,train_accuracy_percent/train_accuracy_percent,train_loss/'
refused "no column names" sed 's/^segment,epoch,train_loss.*/a,b,c,d,e,f/'
refused "no epochs" no_rows epochs
refused "an epoch less" one_row_less epochs
refused "no batch losses" no_rows steps.0
refused "a batch loss less" one_row_less steps.0
refused "no bits in their table" no_rows bits.0
refused "a word of bits less" one_row_less bits.0
refused "a word of bits more" sed 's/^\[bulk bits.0 2/[bulk bits.0 3/'
refused "no table of epochs" no_table epochs
refused "no table of batch losses" no_table steps.0
refused "a table twice" twice epochs
refused "a table of another name" sed 's/^\[bulk steps.0 /[bulk steps.1 /'
refused "a table too much" sed '/^\[bulk/i\
[table more 1 real]\
x\
1'
refused "losses of double precision" sed 's/^\(\[bulk steps.0 .*\) single/\1 real/'
refused "a value twice" sed 's/^segment.0.best_epoch=.*/&\
&/'
refused "a value too much" sed 's/^segment.0.lr=.*/&\
segment.1.lr=0.2/'
for value in norm lr status parameters initial_weights_sha256 best_epoch best_model_sha256; do
    refused "no $value" sed "/^segment.0.$value=/d"
    refused "another $value" sed "s/^segment.0.$value=.*/segment.0.$value=else/"
done
refused "a parameter more" sed 's/^segment.0.parameters=.*/segment.0.parameters=1141/'
refused "diverged without a step" sed 's/status=completed/status=diverged/'
refused "a best epoch that is none" sed 's/^segment.0.best_epoch=.*/segment.0.best_epoch=4/'
refused "epochs out of order" sed 's/^0,2,/0,3,/'
refused "an accuracy above 100" sed 's/^\(0,1,.*,\)[0-9.]*$/\1101/'
refused "a byte of zero in a name" zero 's/^segment.0.best_epoch/segment.0.best_epochZ/'
refused "a byte of zero in a value" zero 's/^segment.0.norm=batchnorm/&Z/'
refused "a byte of zero in the columns" zero 's/^segment,epoch/&Z/'

# ---- a validation split, and evaluations between epochs: 77 images kept, 2 steps an epoch
words=(batchnorm --data data --epochs 3 --batch 50 --hidden 16 --lr 0.1 --seeds 1..2 --norm batchnorm --validation 23 --eval-every 1)
rm -rf good && run good
for value in test_loss test_accuracy_percent best_test_accuracy_percent; do
    refused "no $value" sed "/^segment.0.$value=/d"
    refused "another $value" sed "s/^segment.0.$value=.*/segment.0.$value=else/"
done
refused "an accuracy of the test set above 100" sed 's/^segment.0.test_accuracy_percent=.*/segment.0.test_accuracy_percent=100.5/'
refused "a loss of the test set that is infinite" sed 's/^segment.0.test_loss=.*/segment.0.test_loss=inf/'
refused "a loss of the best epoch that is infinite" sed 's/^segment.0.best_test_loss=.*/segment.0.best_test_loss=inf/'
refused "a best epoch that is none" sed 's/^segment.0.best_epoch=.*/segment.0.best_epoch=4/'
refused "validation renamed" sed 's/validation_loss/test_loss/'
refused "the test set in epochs" sed 's/validation_/test_/g'
refused "an accuracy above 100" sed 's/^\(0,1,.*,\)[0-9.]*$/\1101/'
refused "no evaluations" no_rows evals
refused "no table of evaluations" no_table evals
refused "evaluations twice" twice evals
refused "an evaluation less" one_row_less evals
refused "another step" sed 's/^0,3,\([0-9.]*,[0-9.]*\)$/0,4,\1/'
refused "another segment" sed 's/^0,3,\([0-9.]*,[0-9.]*\)$/1,3,\1/'
refused "an infinite loss of an evaluation" sed 's/^0,3,[0-9.]*,\([0-9.]*\)$/0,3,inf,\1/'
refused "an accuracy of an evaluation below 0" sed 's/^\(0,3,[0-9.]*\),[0-9.]*$/\1,-1/'
refused "other columns of evaluations" sed 's/^segment,step,loss/segment,step,cost/'
refused "evaluations in the bulk" sed 's/^\[table evals/[bulk evals/'

# A loss of an evaluation that is not finite: training may go on.
rm -rf one && cp -R good one
record=$(ls one/runs/*/*.run | head -n 1)
change "$record" sed 's/^0,3,[0-9.]*,\([0-9.]*\)$/0,3,nan,\1/'
cmp -s "$record" "good/${record#one/}" && complain "no loss of an evaluation: nothing was changed"
run one
grep -q 'nothing to compute' err.txt || complain "no loss of an evaluation: not read: $(cat err.txt)"
awk -F, '$4 == 3 { none += $6 == "" } END { exit none != 1 }' one/evals.csv || complain "no loss of an evaluation: $(cat one/evals.csv)"

words=(batchnorm --data data --epochs 3 --batch 50 --hidden 16 --lr 0.1 --seeds 1..2 --norm batchnorm)
rm -rf good && run good
refused "another status" sed 's/^segment.0.status=.*/segment.0.status=diverged_in_validation/'

# A version before noted no weights at the end.
rm -rf one && cp -R good one
for record in one/runs/*/*.run; do
    change "$record" sed '/final_weights_sha256/d'
done
run one
grep -q 'nothing to compute' err.txt || complain "records without final_weights_sha256 are not read: $(cat err.txt)"

# ---- the bulk: looked at when it is asked for; that it was cut shows at once
again_for() {
    grep -q "^dlexp: note: cannot read the record 'one/runs/.*: $2 not as written; it was damaged; set aside, computing it again" err.txt ||
        complain "$1: $(cat err.txt)"
    [ "$(tables one)" = "$(tables good)" ] || complain "$1: other tables"
}
rm -rf one && cp -R good one
record=$(ls one/runs/*/*.run | head -n 1)
head -c -5 "$record" >cut && cp cut "$record"
run one
again_for "bulk cut" "its size is"
plain=("${words[@]}") logged=("${words[@]}" --log-every 2)
words=("${logged[@]}")
rm -rf good && run good
[ "$(wc -l <good/steps.csv)" -eq 9 ] || complain "steps.csv: $(cat good/steps.csv)"
refused "a loss of nan" bulk_row 6 nan
refused "a loss with a zero more" bulk_row 6 '&0'
refused "a loss less in the bulk alone" bulk_row 6 -
refused "the losses in the head" into_head steps.0 1

# ---- bits per test image, 6 losses before them: 40 images, all of them right
refused "a bit less" bulk_row 7 4294967294
refused "a bit more than images" bulk_row 8 256
refused "as many bits, one behind the images" bulk_row 8 510
refused "a word that is too large" bulk_row 7 4294967296
refused "a word below 0" bulk_row 8 -1
refused "part of a bit" bulk_row 8 254.5
refused "a word of nan" bulk_row 8 nan
refused "bits of single precision" sed 's/^\(\[bulk bits.0 .*\) real/\1 single/'
refused "bits in the head" into_head bits.0 7
refused "bits of another name" sed 's/^bits$/rights/'
refused "bits of a segment that there is not" sed 's/^\[bulk bits.0 /[bulk bits.1 /'

# ---- what each of 4 classes is taken for, behind the bits: all 40 images on the diagonal, rows 9, 14, 19 and 24
refused "an image less on the diagonal" bulk_row 9 '9'
refused "an image more off it" bulk_row 10 1
refused "a count below 0" bulk_row 10 -1
refused "part of an image" bulk_row 10 0.5
refused "a count of nan" bulk_row 10 nan
refused "counts in the head" into_head confusion.0 9
refused "counts of another name" sed 's/^images$/counts/'
refused "counts of a segment that there is not" sed 's/^\[bulk confusion.0 /[bulk confusion.1 /'
words=("${plain[@]}")

# Without these tables a run is whole, until someone asks for them.
for without in no_bits no_confusion; do
    rm -rf one && cp -R good one
    for record in one/runs/*/*.run; do
        change "$record" $without
    done
    cmp -s "$record" "good/${record#one/}" && complain "$without: nothing was changed"
    run one
    grep -q 'nothing to compute' err.txt || complain "$without: not read: $(cat err.txt)"
    [ ! -e one/confusion.csv ] || complain "$without: confusion.csv of nothing"
    [ -e one/hardest.csv ] && [ $without = no_bits ] && complain "$without: hardest.csv of nothing"
    run one --bits
    tr -s ' \n' ' ' <err.txt | grep -q '2 of them again: the store has their results but not the bits per test image that --bits asks for ' || complain "$without, --bits: $(cat err.txt)"
    diff -r good/runs one/runs || complain "$without, --bits: other runs"
    [ -e one/confusion.csv ] || complain "$without, --bits: no confusion.csv"
    run one --bits
    grep -q 'nothing to compute' err.txt || complain "$without, --bits: trained for a third time: $(cat err.txt)"
done
words=("${logged[@]}")

# ---- damage to the bulk
rm -rf one && cp -R good one
record=$(ls one/runs/*/*.run | head -n 1)
spoil "$record"
cp "$record" spoilt
# Not looked at when it is loaded, but a table needs its bits: the same call computes it again.
words=("${plain[@]}")
run whole
run one
grep -q "^dlexp: note: cannot .* the record '$record': the checksum of its bulk is not as written; .*; set aside, computing it again$" err.txt ||
    complain "bulk spoilt, met late: $(cat err.txt)"
cmp -s "$record" "good/${record#one/}" || complain "bulk spoilt, met late: not computed again: $(cat err.txt)"
[ "$(find one/runs -name '*.damaged' | wc -l)" -eq 1 ] || complain "bulk spoilt, met late: not set aside"
grep -q '"runs_computed_now":.*1' one/run.json || complain "bulk spoilt, met late: run.json does not count it"
for table in whole/*.csv; do cmp -s "$table" "one/${table#*/}" || complain "bulk spoilt, met late: another ${table#*/}"; done
rm "${record%.run}.damaged"
cp spoilt "$record"
words=("${logged[@]}")
run one
again_for "bulk spoilt, asked for" "the checksum of its bulk is"

# ---- format 1, all in one folder
rm -rf one && cp -R good one
to_format_1 one cat
run one
grep -q 'nothing to compute' err.txt || complain "format 1: not read: $(cat err.txt)"
[ "$(tables one)" = "$(tables good)" ] || complain "format 1: other tables"
run one --force
[ "$(ls one/runs)" = "$(ls good/runs)" ] || complain "format 1: it does not give way to new records: $(ls one/runs)"
rm -rf one && cp -R good one
to_format_1 one sed '$s/.*/nan/'
words=("${plain[@]}")
run one
[ "$(find one/runs -name '*.damaged' | wc -l)" -eq 2 ] || complain "format 1: a loss of nan passes"

# ---- a model file whose layout is of an earlier version
words+=(--save-best)
rm -rf good && run good
record=$(ls good/runs/*/*.run | head -n 1)
cp -R good older
change "older/${record#good/}" sed 's/^segment.0.best_model_sha256=..../segment.0.best_model_sha256=0000/'
run older
grep -q '1 of them again: the store has their results but not the models' err.txt || complain "an older model: not trained again: $(cat err.txt)"
diff -r good/models older/models && diff -r good/runs older/runs || complain "an older model: other models or records"
run older
grep -q 'nothing to compute' err.txt || complain "an older model: trained for a third time"

# ---- the test loss alone overflows: one step an epoch, whose update is far too large
words=(batchnorm --data data --epochs 3 --batch 100 --hidden 16 --lr 0.1,1e30 --norm none)
rm -rf good && run good
grep -q 'lr 1e+30 .*: diverged at test of epoch 1$' err.txt || complain "in test: $(cat err.txt)"
grep -q '^ *1e+30  *25.00  *0/1\*$' out.txt || complain "in test: $(cat out.txt)"
awk -F, 'NR > 1 { status[$2] = $4 "," $5 "," $6 } END { exit !(status["0.1"] == "completed,,3" && status["1e+30"] == "diverged_in_test,,") }' good/summary.csv ||
    complain "in test: $(cat good/summary.csv)"
head -n 1 good/summary.csv | grep -q '^norm,lr,seed,status,diverged_step,final_epoch,' || complain "in test: other columns"
before=$(tables good)
to_format_1 good sed 's/^segment.0.status=diverged_in_test/segment.0.status=diverged\
segment.0.diverged_step=1/'
grep -q '^segment.0.diverged_step=1' good/runs/*.run || complain "in test, by an earlier version: none to be read"
run good
grep -q 'nothing to compute' err.txt || complain "in test, by an earlier version: not read: $(cat err.txt)"
[ "$(tables good)" = "$before" ] || complain "in test, by an earlier version: other tables"

# ---- sgd-mean, optim
words=(sgd-mean --lr 0.1 --trials 5 --iterations 20)
rm -rf good && run good
refused "a column renamed" sed 's/^y,objective/y,goal/'
refused "bands renamed" sed 's/^mean,standard_error/mean,error/'
for table in trajectory bands; do
    refused "no rows of $table" no_rows $table
    refused "a row less of $table" one_row_less $table
    refused "no $table" no_table $table
    refused "$table twice" twice $table
done
for value in status terminal_error terminal_standard_error; do
    refused "no $value" sed "/^$value=/d"
    refused "another $value" sed "s/^$value=.*/$value=else/"
done
refused "diverged without an iteration" sed 's/^status=.*/status=diverged/'
refused "a value too much" sed 's/^status=.*/&\
more=1/'

words=(optim --fn f1 --lr 0.1 --iterations 20 --optimizer gd)
rm -rf good && run good
refused "a column renamed" sed 's/^x,y,objective/x,z,objective/'
refused "no rows" no_rows trajectory
refused "a row less" one_row_less trajectory
refused "no table" no_table trajectory
refused "the table twice" twice trajectory
refused "no status" sed '/^status=/d'
refused "another status" sed 's/^status=.*/status=finished/'
refused "diverged without an iteration" sed 's/^status=.*/status=diverged/'
refused "a number that is none" sed '$s/,[^,]*$/,nan/'
refused "a number written otherwise" sed '$s/$/0/'
finish
