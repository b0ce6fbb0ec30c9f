#!/usr/bin/env bash
# `dlexp check`: a table of ours agrees with itself, as it is and rounded to any number of places; what is changed is named.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
"$DLEXP" optim --iterations 30 -q >/dev/null || complain "optim"
"$DLEXP" sgd-mean --iterations 30 --trials 3 -q >/dev/null || complain "sgd-mean"
table=results/optim/trajectory.csv # fn,optimizer,lr,iteration,x,y,objective

# check STATUS 'WORDS' ARGUMENTS...
check() {
    "$DLEXP" check "${@:3}" >out.txt 2>err.txt
    status=$?
    [ $status -eq "$1" ] || complain "${*:3}: exit status $status instead of $1: $(cat err.txt)"
    cat out.txt err.txt | tr -s ' \n' ' ' | grep -qF -e "$2" || complain "${*:3}: expected '$2', got $(cat out.txt err.txt)"
}
rows=$(($(wc -l <$table) - 1))
for file in results/*/*.csv; do
    check 0 'agrees' "$file" --against "$file"
done
cp $table mine.csv
check 0 "'mine.csv' agrees: $rows rows, 3 columns" mine.csv
check 0 "our table: $table" mine.csv

# Fewer columns in another order, other rows, other spellings of a key; a column that is not ours.
awk -F, 'NR == 1 { print "objective,note,iteration,optimizer,lr,fn"; next } NR % 2 { printf "%s,n,%s,%s,%e,%s\n", $7, $4, $2, $3, $1 }' $table >some.csv
check 0 'compared: objective not ours, not compared: note' some.csv
check 0 'rows of ours not in the file' some.csv

# ---- rounding: to d places it agrees, and one unit of the last place away it does not
for places in 0 1 3 6; do
    awk -F, -v OFS=, -v d=$places 'NR > 1 { for (i = 5; i <= 7; i++) $i = sprintf("%.*f", d, $i) } { print }' $table >rounded.csv
    check 0 agrees rounded.csv
    awk -F, -v OFS=, -v d=$places 'NR == 9 { $5 = sprintf("%.*f", d, $5 + 10 ^ -d) } { print }' rounded.csv >off.csv
    check 5 "differs from '$table' in 1 of $rows rows, first in line 9" off.csv
done
awk -F, -v OFS=, 'NR > 1 { $6 = sprintf("%.2e", $6) } { print }' $table >rounded.csv
check 0 agrees rounded.csv
awk -F, -v OFS=, 'NR > 1 { $7 *= 1.001; $7 = sprintf("%.12g", $7) } { print }' $table >share.csv
check 5 "first in line 2" share.csv
check 0 agrees share.csv --relative 0.0011
check 5 "first in line 2" share.csv --relative 0.0009

# ---- what is named: line, row, column, both numbers
sed '3s/,[^,]*$/,77.5/' $table >wrong.csv
check 5 "3 fn f1, optimizer gd, lr 0.001, iteration 1 objective" wrong.csv
check 5 ' 77.5 ' wrong.csv
"$DLEXP" check wrong.csv --json >wrong.json 2>/dev/null
[ "$(sed -n 's/^\t*"ours":\t"\(.*\)",/\1/p' wrong.json)" = "$(sed -n '3s/.*,//p' $table)" ] || complain "ours: $(cat wrong.json)"
sed '3s/,1,/,100,/' $table >row.csv
check 5 'no such row of ours' row.csv
sed '2,$s/,[^,]*$/,9/' $table >all.csv
check 5 "in $rows of $rows rows, first in line 2" all.csv --show 2
[ "$(grep -cE '^ *[0-9]+ .* objective' out.txt)" -eq 2 ] || complain "--show 2: $(cat out.txt)"

# ---- what cannot be compared
cut -d, -f1-3,5- $table >keyless.csv
check 3 "expected the column 'iteration'" keyless.csv
cut -d, -f1-4 $table >bare.csv
check 3 'expected a column of results' bare.csv --against $table
printf 'a,b\n1,2\n' >other.csv
check 3 "expected a table in 'results' with columns of it" other.csv
check 3 'run the command whose table it is' other.csv

# ---- ours is not there: whose table it is
run='run it with the settings that the file was made with'
check 3 "'nowhere' is no folder; expected one that a command wrote its tables to, or one that holds such folders, as results after 'dlexp optim'; 'dlexp optim' writes trajectory.csv with 7 of its 7 columns: $run" mine.csv --against nowhere
printf 'norm,lr,seed,epoch,test_accuracy_percent\nnone,0.01,1,1,90\n' >epochs.csv
check 3 "'dlexp batchnorm' writes epochs.csv with 5 of its 5 columns: $run" epochs.csv --table epochs.csv
cp epochs.csv mine-too.csv
check 3 "'dlexp batchnorm' writes epochs.csv with 5 of its 5 columns: $run" mine-too.csv --against nowhere
# Each table is known for whose it is, those of one name too, by its columns and settings.
for kind in optim sgd-mean; do
    for file in results/$kind/*.csv; do
        grep -q '^source,' "$file" && continue # claims.csv has the same columns everywhere
        check 3 "'dlexp $kind' writes ${file##*/} with" "$file" --against nowhere
    done
done
check 5 "ours lacks 8 of them: 'dlexp optim' writes summary.csv with" results/optim/summary.csv --against results/sgd-mean
printf 'norm,lr,runs,test_accuracy_percent_mean\nnone,0.01,1,90\n' >means.csv
check 3 "'dlexp batchnorm' writes groups.csv with 4 of its 4 columns" means.csv --table none.csv

# ---- a name in other capitals
sed 's/^f1,gd/f1,GD/' $table >capitals.csv
check 5 "ours lacks 31 of them: the case of letters counts, in line 2 the optimizer is 'GD', ours is 'gd'" capitals.csv

# ---- semicolons, and decimal commas between them
sed 's/,/;/g; s/\./,/g' $table >semicolons.csv
check 0 agrees semicolons.csv
sed 's/^f1,gd,0.001/f1,gd,0.5/' $table >rates.csv
check 5 "ours lacks 31 of them: 'dlexp optim' writes trajectory.csv with 7 of its 7 columns: $run" rates.csv
check 3 'is no folder' mine.csv --against nothing
cp -r results/optim results/again
check 3 "got 'results/again/trajectory.csv' and 'results/optim/trajectory.csv'" mine.csv
check 0 agrees mine.csv --against results/again
finish
