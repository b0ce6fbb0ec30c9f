#!/usr/bin/env bash
# The tables that dlexp batchnorm makes of many runs: groups.csv, pairs.csv, tuning.csv by a script of its own, with scipy
# also claims and everything else that is judged;
# disagreement.csv by what the runs say alone; and that none is there where there is nothing to say.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
make_data data 121 61 6 6 3

run() {
    "$DLEXP" batchnorm --data data --quiet "$@" >out.txt 2>err.txt || complain "batchnorm $*: exit status $?: $(tail -n 1 err.txt)"
}
# again CHANCE OPTION...: the tables of the call by the script.
again() {
    local chance=$1
    shift
    run --out again "$@"
    ! command -v python3 >/dev/null || python3 "$DLEXP_SOURCE_DIR/tests/cli/batchnorm_tables.py" again "$chance" || complain "tables of $*"
}
chance=34.42622950819672 # 21 of 61
# Runs that train, fail and diverge; three norms, on validation; one rate, by t.
again $chance --batch 11 --hidden 8 --epochs 4 --lr 0.01,0.1,1,1e30 --seeds 1..7
again $chance --batch 9 --hidden 8 --epochs 6 --validation 22 --norm none,batchnorm,layernorm --lr 0.01,0.1,10 --seeds 1..9
again $chance --batch 11 --hidden 16 --epochs 8 --lr 0.01 --seeds 1..12
grep -q ',"Student t, paired",' again/claims.csv || complain "no t decides: $(cat again/claims.csv)"

# ---- all that is judged, by tests/golden/make_study.py
scipy=
for python in python3 /usr/bin/python3; do
    [ -n "$scipy" ] || ! "$python" -c 'import scipy.stats' 2>/dev/null || scipy=$python
done
# judged VERDICTS OPTION...: by the script; the verdicts of the three claims.
judged() {
    local verdicts=$1
    shift
    run --out judged "$@"
    mv out.txt screen.txt
    run --out judged "$@" --json
    [ "$(grep 'each net' judged/claims.csv | cut -d, -f5 | paste -sd,)" = "$verdicts" ] || complain "$*: expected $verdicts: $(cat screen.txt)"
    [ -z "$scipy" ] || "$scipy" "$DLEXP_SOURCE_DIR/tests/golden/make_study.py" judged --answers out.txt --brief >study.csv 2>err.txt ||
        complain "$*: $(grep -E 'inf$|differs$' study.csv) $(cat err.txt)"
    rm judged/run.json # and the looks in it
}
# Infinite ratios and failing runs, with T of the first ten seeds beside that of all; brackets that overlap; Student's t.
judged supported,undecided,equivalent --batch 9 --hidden 8 --epochs 6 --validation 22 --eval-every 1 --lr 0.01,0.1,1 --seeds 1..12
judged supported,supported,supported --batch 3 --drop-last --hidden 16,8 --epochs 2 --lr 0.003,0.01 --seeds 1..13
judged 'supported,not comparable,undecided' --batch 11 --drop-last --hidden 16,8 --epochs 6 --eval-every 1 --lr 0.03,0.1 --seeds 41..48
# ---- images that every seed gets wrong: those that each one does
wrong() {
    run --out wrong --batch 11 --hidden 4 --epochs 1 --norm none --lr 0.02 --trained 35 --seeds "$1"
    tail -n +2 wrong/disagreement.csv | cut -d, -f3 | sort >"wrong.$1"
}
wrong 1 && cp wrong.1 both
for seed in 2 3; do
    wrong $seed
    comm -12 both wrong.$seed >next && mv next both
    [ "$(wc -l <wrong.$seed)" -eq "$(awk -F, 'NR == 2 { printf "%.0f", 61 * (1 - $10 / 100) }' wrong/summary.csv)" ] ||
        complain "disagreement.csv has another number of wrong images than seed $seed: $(cat wrong/disagreement.csv wrong/summary.csv)"
done
wrong 1..3
[ -s both ] && cmp -s both wrong.1..3 || complain "disagreement.csv: expected $(paste -sd' ' both), got $(cat wrong/disagreement.csv)"
[ "$(cut -d, -f1,2,5 wrong/disagreement.csv | sort -u | paste -sd' ')" = "none,0.02,3 norm,lr,runs" ] ||
    complain "disagreement.csv: $(cat wrong/disagreement.csv)"

# ---- no table where there is nothing to say, and none is left there
for table in pairs tuning disagreement; do
    : >wrong/$table.csv
done
run --out wrong --batch 11 --hidden 4 --epochs 1 --norm none --lr 1e-20 --seeds 1 --trained 99
[ "$(ls wrong/*.csv | paste -sd' ')" = "wrong/claims.csv wrong/curves.csv wrong/epochs.csv wrong/groups.csv wrong/summary.csv" ] ||
    complain "tables of one run that does not train: $(ls wrong)"

# ---- by the screen's width: other norms below, many rates, blocks
fits() {
    run --out wide --batch 11 --hidden 4 --epochs 1 "$@"
    [ -z "$(awk '{ gsub(/±/, "+") } length > 80' out.txt)" ] || complain "$*: wider than 80 columns: $(cat out.txt)"
}
fits --norm none,batchnorm,layernorm --lr 1e-3..10:13 --seeds 1..10
[ "$(grep -c '^ *lr .* trained' out.txt)" -eq 2 ] || complain "expected two tables: $(cat out.txt)"
fits --optimizer sgd,adam --lr 1e-3..1:25 --seeds 1,2
# Each has its name over its table and over its claims.
[ "$(grep -c '^ optimizer ' out.txt)" -eq 4 ] && [ "$(grep -c '^ends better: ' out.txt)" -eq 2 ] || complain "expected two blocks: $(cat out.txt)"
fits --norm layernorm --lr 0.1
fits --protocol notebook --lr 0.01,0.1 --seeds 1..10
finish
