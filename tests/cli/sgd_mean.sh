#!/usr/bin/env bash
# `dlexp sgd-mean`: its tables, its answers, the run store, what it refuses, and its two figures from every kind of
# table.
set -euo pipefail

fail() {
    echo "sgd_mean.sh: $*" >&2
    exit 1
}

one_line() { # FILE
    tr -s ' \n' ' ' <"$1"
}

holds() { # FILE WORDS
    # Words that a line's end parts are together.
    one_line "$1" | grep -qF -- "$(tr -s ' ' <<<"$2")" || fail "expected '$2' in $1: $(cat "$1")"
}

lacks() { # FILE WORDS
    ! grep -qF -- "$2" "$1" || fail "unexpected '$2' in $1: $(cat "$1")"
}

# refused STATUS WORDS ARGUMENT...
refused() {
    local expected=$1 words=$2 status=0
    shift 2
    "$DLEXP" sgd-mean --out refused "$@" >printed 2>said || status=$?
    [ "$status" -eq "$expected" ] || fail "$*: expected exit status $expected, got $status: $(cat said)"
    holds said "$words"
    [ ! -e refused ] || fail "$*: wrote a directory"
}

# cell TABLE LR COLUMN - of the summary's row of this rate.
cell() {
    awk -F, -v lr="$2" -v name="$3" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i; if (!at) exit 1 }
        NR > 1 && $1 == lr { print $at }' "$1" || fail "no column $3 in $1"
}

# ---- defaults: the homework
"$DLEXP" sgd-mean >printed 2>said
holds printed 'y* = 0.5183629079, the mean of 100 points'
holds printed 'half of the start'
holds printed 'undecided: a verdict needs 7 untied trials and has 1; at least 6 more; it is so in this one trial, give more --trials'
"$DLEXP" sgd-mean --json --out json >json.txt 2>json.err
lacks json.txt $'"supported":\ttrue'
holds json.txt '"undecided"'
# Of the smaller rate's terminal error most is still the start's: no answer, but when there will be one.
holds printed 'not comparable: lr 0.01 has not settled, 59.4 % of its expected terminal error are still the start'
holds printed "it takes 340 iterations"
holds printed 'ratio of mean squared errors 19.32, by theory 4.487, of the floors 11'
holds printed 'ratio of their distances (its root) 4.395, by theory 2.118, of the floors 3.317'
holds said 'claims:   level 95 %, margin a ratio of 1.25, two for each pair of rates (Holm)'
holds said '2 runs at a time'
out=results/sgd-mean
[ "$(head -n 1 $out/trajectory.csv)" = lr,trial,iteration,y,objective,squared_error ] || fail "header of trajectory.csv"
[ "$(wc -l <$out/trajectory.csv)" -eq 403 ] || fail "rows of trajectory.csv"
[ "$(wc -l <$out/theory.csv)" -eq 403 ] || fail "rows of theory.csv"
[ ! -e $out/bands.csv ] || fail "bands of one trial"
# Against the golden numbers, to 1e-12.
awk -F, 'NR == FNR { if ($1 == 1234 && $2 == 100) golden[$3 "," $4] = $5; next }
    FNR > 1 { d = $4 - golden[$1 "," $3]; if (d > 1e-12 || d < -1e-12 || !(($1 "," $3) in golden)) exit 1; seen++ }
    END { exit seen != 402 }' "$DLEXP_SOURCE_DIR/tests/golden/sgd_mean.csv" $out/trajectory.csv ||
    fail "not the golden trajectory"
[ "$(cell $out/summary.csv 0.1 z_score)" = "" ] || fail "a z-score of one trial"

# ---- the store: nothing is computed twice, the tables are the same bytes
cp -r $out before
"$DLEXP" sgd-mean >printed 2>said
holds said 'nothing to compute'
"$DLEXP" sgd-mean --out again --jobs 1 --force --lr 0.1,0.01 --quiet >printed 2>said
[ ! -s said ] || fail "--quiet said: $(cat said)"
for table in trajectory theory summary; do
    cmp before/$table.csv $out/$table.csv || fail "$table.csv changed"
    cmp before/$table.csv again/$table.csv || fail "$table.csv depends on the order of the rates or the jobs"
done
"$DLEXP" sgd-mean --lr 0.01,0.1,0.5 >printed 2>said
holds said '2 in the store, 1 to compute'
"$DLEXP" sgd-mean --dry-run --out dry >printed
holds printed '2 to compute'
[ ! -e dry ] || fail "--dry-run wrote"

# ---- trials: bands and the test of the theory; then, in the same place, one trial and shuffling
"$DLEXP" sgd-mean --trials 10000 --lr 0.01,0.1,0.5 --out trials >printed 2>said
holds printed '10000 trials'
holds printed 'by theory'
lacks printed 'contradicted'
lacks printed 'one trial'
[ "$(wc -l <trials/bands.csv)" -eq 604 ] || fail "rows of bands.csv"
for lr in 0.01 0.1 0.5; do
    z=$(cell trials/summary.csv $lr z_score)
    awk -v z="$z" 'BEGIN { exit !(z != "" && z > -4 && z < 4) }' || fail "lr $lr: z = $z"
    terminal=$(cell trials/summary.csv $lr terminal_error) theory=$(cell trials/summary.csv $lr expected_terminal_error)
    awk -v a="$terminal" -v b="$theory" 'BEGIN { exit !(a > 0 && a / b > 0.95 && a / b < 1.05) }' ||
        fail "lr $lr: $terminal, $theory"
done
# Trial 0 is the same however many there are.
awk -F, '$1 != 0.5' trials/trajectory.csv | cmp - before/trajectory.csv ||
    fail "trial 0 changed with the number of trials"
awk -F, 'NR > 1 && !($6 <= $7 && $7 <= $8 && $8 <= $9 && $9 <= $10) { exit 1 }' trials/bands.csv ||
    fail "quantiles out of order"
cp -r trials shuffle
"$DLEXP" sgd-mean --sampling shuffle --trials 200 --out shuffle >printed 2>said
holds printed 'floor: the level it goes to; shuffled, that at the ends of passes'
holds printed 'not comparable: lr 0.01 has not settled'
holds printed 'with its 95 % interval (Student t)'
for lr in 0.01 0.1; do
    z=$(cell shuffle/summary.csv $lr z_score)
    awk -v z="$z" 'BEGIN { exit !(z != "" && z > -4 && z < 4) }' || fail "shuffled, lr $lr: z = $z"
done
# After a pass has begun at the floor it ends there.
[ "$(wc -l <shuffle/theory.csv)" -eq 403 ] || fail "rows of theory.csv of shuffled draws"
awk -F, '$1 == 0.1 && $2 == 200 { seen = $3 / $5 > 1 - 1e-9 && $3 / $5 < 1 + 1e-9 } END { exit !seen }' shuffle/theory.csv ||
    fail "the floor of shuffled draws"
"$DLEXP" sgd-mean --sampling shuffle --out shuffle >printed 2>said
[ ! -e shuffle/bands.csv ] || fail "an older bands.csv stayed"

# ---- "ends wider" is judged once the rates have settled, and not an iteration before
for sampling in with-replacement shuffle; do
    "$DLEXP" sgd-mean --sampling $sampling --trials 200 --lr 0.001,0.01 --iterations 400 --out early >printed 2>said
    holds printed 'not comparable: lr 0.001 has not settled'
    lacks printed 'contradicted'
    takes=$(one_line printed | grep -o 'it takes *[0-9]* *iterations' | tr -dc 0-9)
    [ "$takes" -gt 400 ] || fail "$sampling: it takes '$takes' iterations: $(cat printed)"
    "$DLEXP" sgd-mean --sampling $sampling --lr 0.001,0.01 --iterations $((takes - 1)) --out early >printed 2>said
    holds printed "not comparable: lr 0.001 has not settled, 5"
    holds printed "it takes $takes iterations"
    [ "$(cell early/summary.csv 0.001 settled)" = no ] || fail "$sampling: settled before"
    "$DLEXP" sgd-mean --sampling $sampling --lr 0.001,0.01 --iterations "$takes" --trials 100 --out early >printed 2>said
    lacks printed 'not comparable'
    [ "$(grep -c 'lr 0.01 against 0.001: supported$' printed)" -eq 2 ] || fail "$sampling, settled: $(cat printed)"
    transient=$(cell early/summary.csv 0.001 transient)
    awk -v t="$transient" 'BEGIN { exit !(t > 0.049 && t < 0.05) }' || fail "$sampling: transient $transient"
    [ "$(cell early/summary.csv 0.001 settled)" = yes ] || fail "$sampling: not settled"
done
# A rate near 1 forgets its start as slowly.
"$DLEXP" sgd-mean --lr 0.1,0.999 --trials 100 --start 30 --out near_one >printed 2>said
holds printed 'not comparable: lr 0.999 has not settled'

# ---- the claims are the golden ones: medians of ratios, trial by trial, with order intervals and sign tests
# number JSON ID KEY - of the claim.
number() {
    awk -v id="$2" -v key="\"$3\":" '$1 == "\"id\":" { at = $2 == "\"" id "\"," } at && $1 == key { sub(/,$/, "", $2); print $2; exit }' "$1"
}
while IFS=, read -r sampling seed points trials iterations claim iteration median low high level p; do
    [ "$sampling" != sampling ] || continue
    "$DLEXP" sgd-mean --sampling "$sampling" --seed "$seed" --points "$points" --trials "$trials" \
        --iterations "$iterations" --json --out golden >golden.json 2>said
    for pair in "estimate $median" "low $low" "high $high" "level $level" "p $p"; do
        got=$(number golden.json "$claim" "${pair% *}")
        awk -v a="$got" -v b="${pair#* }" 'BEGIN { exit !(b > 0 && a / b > 1 - 1e-8 && a / b < 1 + 1e-8) }' ||
            fail "$sampling, $claim, $pair: got '$got'"
    done
    [ "$claim" = wider ] || grep -q "\"at\":.*\"iteration $iteration (by theory" golden.json || fail "$sampling: not at $iteration"
done <"$DLEXP_SOURCE_DIR/tests/golden/sgd_mean_claims.csv"

# ---- each verdict, and what decides it
"$DLEXP" sgd-mean --lr 0.1,0.101 --trials 100 --out alike >printed 2>said
holds printed 'ends wider, lr 0.101 against 0.1: supported: smaller than the margin, a ratio of 1.25'
"$DLEXP" sgd-mean --lr 0.1,0.12 --trials 6 --out few >printed 2>said
[ "$(one_line printed | grep -o 'undecided: a verdict needs 7 untied trials and has 6' | wc -l)" -eq 2 ] || fail "few: $(cat printed)"
# The first step of these two goes a tenth short of a point and a tenth too far: by theory much alike.
"$DLEXP" sgd-mean --lr 0.45,0.55 --trials 9 --out few >printed 2>said
one_line printed | grep -Eq 'faster at first, [^:]*: undecided: [0-9]+ more trials would show a ratio of 1.25 with a chance of 80 %; a larger effect takes fewer at'  || fail "few: $(cat printed)"
"$DLEXP" sgd-mean --lr 0.499,0.501 --trials 30 --out few >printed 2>said
holds printed 'faster at first, lr 0.501 against 0.499: equivalent: surely smaller than the margin, a ratio of 1.25'
# The rules of judgement are no settings of a run.
"$DLEXP" sgd-mean --lr 0.499,0.501 --trials 30 --margin 1.001 --level 0.9 --out few >printed 2>said
holds said 'nothing to compute'
holds said 'level 90 %, margin a ratio of 1.001'
holds printed '90 % interval (chi-square'
holds printed 'faster at first, lr 0.501 against 0.499: undecided'
# Far past 1/2 a larger rate is the slower one.
"$DLEXP" sgd-mean --lr 0.5,0.8 --trials 30 --start 4 --out slower >printed 2>said
holds printed 'faster at first, lr 0.8 against 0.5: contradicted'
"$DLEXP" sgd-mean --lr 0.01,0.1 --trials 7 --iterations 400 --out few --json >printed 2>said
[ "$(grep -c '"outcome":.*"supported"' printed)" -eq 2 ] || fail "7 trials: $(cat printed)"
holds printed '"median_ratio_of_squared_errors":'
holds printed '"median_ratio_of_distances":'
holds printed '"ratio_of_mean_squared_errors":'
holds printed '"transient":'
holds printed '"settled":'
# Intervals that would not cover are not there.
"$DLEXP" sgd-mean --trials 199 --sampling shuffle --out bare >printed 2>said
holds printed 'of 199 trials; its interval takes 200'
[ "$(cell bare/summary.csv 0.1 terminal_error_low)" = "" ] || fail "an interval of 199 shuffled trials"
"$DLEXP" sgd-mean --trials 2 --out bare >printed 2>said
[ "$(cell bare/summary.csv 0.1 terminal_error_low)" != "" ] || fail "no interval of 2 trials"
"$DLEXP" sgd-mean --trials 2 --iterations 18 --out bare >printed 2>said
[ "$(cell bare/summary.csv 0.1 terminal_error_low)" = "" ] || fail "an interval of 9 iterations"

# ---- what does not hold is not claimed
"$DLEXP" sgd-mean --iterations 3 --lr 0.001,0.002 --out short >printed 2>said
holds printed "not comparable: by theory lr 0.002 has half of the start's squared error after 87 iterations; give them, --iterations is 3"
"$DLEXP" sgd-mean --iterations 87 --lr 0.001,0.002 --trials 100 --out short >printed 2>said
lacks printed 'by theory lr 0.002 has half'
holds printed 'at iteration 87 (by theory lr 0.002 is at half of the start'
"$DLEXP" sgd-mean --iterations 3 --lr 0.001,0.002 --out short >printed 2>said
"$DLEXP" sgd-mean --lr 0.1 --out single >printed 2>said
holds printed 'not comparable: one rate: nothing to compare'
[ "$(grep -c 'not comparable' single/claims.csv)" -eq 2 ] || fail "claims of one rate: $(cat single/claims.csv)"
"$DLEXP" sgd-mean --points 1 --trials 200 --out point >printed 2>said
holds printed 'the mean of 1 point '
holds printed 'not comparable: equal points make no noise, every error goes to 0'
[ "$(cell point/summary.csv 0.1 z_score)" = "" ] || fail "a z-score without noise"
"$DLEXP" sgd-mean --lr 0.1,1,3 --iterations 1000 --trials 3 --out diverged >printed 2>said
holds printed 'diverged at iteration 2'
holds printed 'undecided: a verdict needs 7 untied trials and has 3; at least 4 more; at lr 1 the expected error never falls (|1 - 2 lr| = 1)'
holds printed 'not comparable: at neither rate does the expected error ever fall'
holds printed 'not comparable: lr 1 does not settle (|1 - 2 lr| = 1), no range to compare'
holds printed 'lr 1 has no floor'
[ "$(cell diverged/summary.csv 3 status)" = diverged ] || fail "status of lr 3"
[ "$(cell diverged/summary.csv 3 terminal_error)" = "" ] || fail "a terminal error of lr 3"
[ "$(cell diverged/summary.csv 1 stationary_error)" = "" ] || fail "a stationary level of lr 1"
! grep -qiE 'nan|inf' diverged/*.csv || fail "a number that is none: $(grep -iE 'nan|inf' diverged/*.csv)"
"$DLEXP" sgd-mean --lr 0.9,0.97,0.99 --trials 1000 --out neither >printed 2>said
holds printed "not comparable: the floor of lr 0.9 is not below half of the start's squared error"
# The larger rate has the same floor too high, the smaller one not: the larger never gets there.
"$DLEXP" sgd-mean --lr 0.1,0.9 --trials 100 --out never >printed 2>said
holds printed 'after - against 2 iterations'
holds printed 'faster at first, lr 0.9 against 0.1: contradicted'
holds printed 'at iteration 2 (by theory lr 0.1 is at half'
"$DLEXP" sgd-mean --lr 0.1,1.5 --trials 40 --out growing >printed 2>said
holds printed 'contradicted: at lr 1.5 the expected error never falls (|1 - 2 lr| > 1)'
holds printed 'not comparable: lr 1.5 diverges (|1 - 2 lr| > 1), no range to compare'
lacks printed 'supported'
lacks printed 'ratio of'
# The same words where the run is long enough to overflow.
"$DLEXP" sgd-mean --lr 0.1,3 --iterations 2000 --out overflown >printed 2>said
holds printed 'diverged at iteration'
holds printed 'at lr 3 the expected error never falls'
holds printed 'not comparable: lr 3 diverges (|1 - 2 lr| > 1), no range to compare'
"$DLEXP" sgd-mean --lr 0.1,1 --out walking >printed 2>said
holds printed 'not comparable: lr 1 does not settle (|1 - 2 lr| = 1), no range to compare'
printf '0.5\n' >half.txt
"$DLEXP" sgd-mean --points-file half.txt --start 0.5 --out zero >printed 2>said
holds printed 'not comparable: the start is y*, there is no error to lose'
lacks printed 'supported'
"$DLEXP" sgd-mean --lr 0.01,0.0100001 --iterations 1000 --out close >printed 2>said
[ "$(one_line printed | grep -o 'undecided: a verdict needs 7 untied trials' | wc -l)" -eq 2 ] || fail "a verdict of one trial: $(cat printed)"
lacks printed 'supported'
"$DLEXP" sgd-mean --start 1e200 --out gone >printed 2>said
holds printed 'diverged at iteration 0'
holds printed 'not comparable: lr 0.01 diverged at iteration 0'
"$DLEXP" sgd-mean --start 1e200 --lr 0.1 --out gone >printed 2>said
"$DLEXP" sgd-mean --lr 1e-12,1e-9 --out tiny >printed 2>said
holds printed 'it takes 1.4e+13 iterations'
"$DLEXP" sgd-mean --iterations 1 --out one_step >/dev/null 2>said

# ---- points from a file; the points decide the run, not where they come from
points=$DLEXP_SOURCE_DIR/data/published/points.csv
"$DLEXP" sgd-mean --points-file "$points" --out published --json >printed.json 2>said
holds printed.json '"y_star"'
holds printed.json '"verdict"'
sed 1d "$points" >plain.txt
"$DLEXP" sgd-mean --points-file plain.txt --out published >printed 2>said
holds said 'nothing to compute'

# ---- refused
printf '0.5\nhalf\n' >text.txt
printf '0.5\nnan\n' >nan.txt
: >empty.txt
printf 'a,b\n1,2\n' >columns.csv
refused 3 "cannot read 'text.txt', line 2: expected a finite number, got 'half'" --points-file text.txt
refused 3 "cannot read 'nan.txt', line 2: expected a finite number, got 'nan' (not finite)" --points-file nan.txt
refused 3 'expected at least one number, got none' --points-file empty.txt
refused 3 "expected one column, or one named 'x', got 2 columns" --points-file columns.csv
refused 3 "no_such.txt" --points-file no_such.txt
refused 2 'expected one of them, got both' --points-file plain.txt --points 5
for wrong in '--margin 1' '--level 1' '--level 0.4' '--lr 0' '--lr -0.1' '--lr 0.1,nan' '--lr ,' '--iterations 0' '--trials 0' '--points 0' '--seed -1' \
    '--seed 4294967296' '--start inf' '--sampling replacement' '--iterations 1.5'; do
    # shellcheck disable=SC2086
    refused 2 "${wrong%% *}" $wrong
done
refused 2 'expected every number once, got 0.1 twice' --lr 0.1,0.01,0.1
refused 2 'expected at most 268435456 draws in all' --trials 1000000 --iterations 1000

# ---- figures
if command -v gnuplot >/dev/null; then
    mkdir "it's a folder"
    cp trials/*.csv "it's a folder"
    for script in sgd_error sgd_objective; do
        file=$DLEXP_SOURCE_DIR/scripts/plots/$script.gp
        pictures=() # both of the first folder, then the SVG alone (figures.sh)
        for folder in before trials shuffle single point diverged zero gone one_step short neither growing walking "it's a folder"; do
            rm -f figure.svg figure.png
            said=$(gnuplot -d ${pictures[@]+"${pictures[@]}"} -c "$file" "$folder" figure </dev/null 2>&1) || fail "$script of $folder: $said"
            [ -z "$said" ] || fail "$script of $folder said: $said"
            tail -c 20 figure.svg | grep -q '</svg>' || fail "$script of $folder: figure.svg is not whole"
            [ ${#pictures[@]} -gt 0 ] || [ "$(head -c 4 figure.png | tail -c 3)" = PNG ] || fail "$script of $folder: figure.png is no PNG"
            [ -n "${DLEXP_LONG:-}" ] || pictures=(-e 'formats = "svg"')
        done
        ! said=$(gnuplot -d -c "$file" no_such figure </dev/null 2>&1) || fail "$script: no error"
        [[ $said == *"missing, unreadable or empty"* ]] || fail "$script said: $said"
        ! said=$(gnuplot -d -c "$file" before </dev/null 2>&1) || fail "$script: no error"
        [[ $said == *"usage:"*"RESULTS_DIR"* ]] || fail "$script said: $said"
    done
fi
echo "sgd-mean: all as expected"
