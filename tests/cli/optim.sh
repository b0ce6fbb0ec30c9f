#!/usr/bin/env bash
# dlexp optim: its tables, answers and figures, what it refuses, and what it makes of runs that diverge.
set -u
DLEXP=${DLEXP:?the dlexp binary}
failures=0

complain() {
    echo "FAILED: $*"
    sed 's/^/    stdout: /' out.txt | head -n 5
    sed 's/^/    stderr: /' err.txt | head -n 5
    failures=$((failures + 1))
}

# run STATUS WORD...: dlexp optim, its exit status; the outputs are kept in out.txt and err.txt.
run() {
    local expected=$1 status
    shift
    "$DLEXP" optim "$@" >out.txt 2>err.txt </dev/null
    status=$?
    [ "$status" -eq "$expected" ] || complain "dlexp optim $*: expected exit status $expected, got $status"
}

# holds FILE TEXT...: the file has each of these as a part of a line.
holds() {
    local file=$1 text
    shift
    # Words that a line's end parts are together.
    for text in "$@"; do
        tr -s ' \n' ' ' <"$file" | grep -qF -e "$(tr -s ' ' <<<"$text")" || complain "$file lacks: $text"
    done
}

# cells FILE COLUMN KEY...: that column of the rows that start with the key's words, separated by commas.
cells() {
    local file=$1 column=$2 key
    shift 2
    key=$(IFS=,; echo "$*")
    awk -F, -v column="$column" -v key="$key," 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        index($0 ",", key) == 1 { print $at[column] }' "$file"
}

# is EXPECTED GOT WHAT
is() {
    [ "$1" = "$2" ] || complain "$3: expected '$1', got '$2'"
}

# ---- the homework
run 0 --out a
for file in trajectory summary phases comparison claims landscape minima cuts; do
    [ -s a/$file.csv ] || complain "a/$file.csv is missing"
    holds out.txt "wrote a/$file.csv"
done
[ ! -e a/rotation.csv ] || complain "rotation.csv without --rotate"
is 16009 "$(wc -l <a/trajectory.csv)" "lines of trajectory.csv"
is 1,1,1.1 "$(sed -n 's/^f1,adam,0.001,0,//p' a/trajectory.csv)" "start of f1"
is 1.4142135623730951,0 "$(sed -n 's/^f2,gd,0.001,0,//p' a/trajectory.csv | cut -d, -f1,2)" "start of f2"
for fn in f1,0 f2,45; do
    is 1139 "$(cells a/summary.csv iterations_to_1e-3 $fn momentum)" "momentum on $fn"
    is 879 "$(cells a/summary.csv iterations_to_1e-1 $fn gd)" "gd on $fn"
    is "" "$(cells a/summary.csv iterations_to_1e-3 $fn gd)" "gd on $fn to 1e-3"
done
is "1116 1603" "$(cells a/summary.csv iterations_to_1e-3 f1 0 rmsprop) $(cells a/summary.csv iterations_to_1e-3 f2 45 rmsprop)" rmsprop
is equal,equal,different,different "$(tail -n +2 a/comparison.csv | cut -d, -f6 | paste -sd,)" "curves on f1 and f2"
# verdicts CLAIM PLACE: by threshold; the homework's claims are judged on each function by itself.
verdicts() {
    awk -F, -v claim="$1" -v place="$2" '$2 == claim && $6 ~ place "$" { print $5 }' a/claims.csv | paste -sd,
}
is supported,supported,contradicted,contradicted "$(verdicts "momentum is the fastest" f1)" "momentum is the fastest on f1"
is supported,supported,supported,contradicted "$(verdicts "momentum is the fastest" f2)" "momentum is the fastest on f2"
is 64 "$(sed 1d a/claims.csv | grep -c ',"\?one run each, deterministic"\?,1,0,')" "claims: 6 on each function, 4 on both, at 4 thresholds"
# Ranked and judged on each function by itself, the homework's guess beside its runs.
is "Ranking on f1;Ranking on f2" "$(grep -o '^Ranking on f[12]' out.txt | paste -sd';')" rankings
is "  1e-3   rmsprop 1116 > momentum 1139 > adam 1885;  1e-3   momentum 1139 > rmsprop 1603" "$(grep '^  1e-3 ' out.txt | paste -sd';')" "rankings to 1e-3"
is 2 "$(grep -cx '  guess  momentum > rmsprop = adam > gd' out.txt)" "guesses"
for fn in f1 f2; do
    is 6 "$(grep -cE "^    $fn   1e-1 (supported|contradicted|undecided)" out.txt)" "claims judged on $fn"
done
holds out.txt "  finding: momentum is the fastest" "1e-3 contradicted: 1139, rmsprop 1116;" "1e-3 supported: 1139, rmsprop 1603;"
is "" "$(sed -n '/^The runs/,/^The same/p' out.txt | grep -E '^.{81}')" "lines of more than 80 columns down to the claims"
# Equal curves do not leave open whether they are equal.
is 1 "$(grep -cx '    both 1e-1 supported: 879, 879; 1e-2 undecided: curves equal so far;' out.txt)" "gd on f1 and f2"
holds out.txt "curves equal so far: neither is below, but they are equal to rounding as far as they go"
holds a/claims.csv "guess,Adam is as fast on f1 as on f2,0.001,1e-6,undecided,adam f1,,adam f2,"
holds a/claims.csv ",gd-f1-f2,iteration from which f stays below the threshold," "the curves are equal to rounding as far as they go"
# The same words in every table.
is supported,supported,supported,supported "$(tail -n +2 a/comparison.csv | sed 's/"[^"]*"//' | cut -d, -f10 | paste -sd,)" "findings"
grep -qE 'holds|fails|cannot tell' out.txt a/*.csv && complain "a word that is no verdict's"
# Cuts through the minimum: f1 = x^2 + 0.1 y^2, f2 the same along both.
for cut in f1,x,1 f1,y,0.1 f2,x,0.55 f2,y,0.55; do
    awk -F, -v cut="$cut" 'BEGIN { split(cut, want, ",") }
        $1 == want[1] && $2 == want[2] { n++; d = $4 - want[3] * $3 * $3; if (d * d > 1e-14) bad++ }
        END { exit !(n == 61 && bad == 0) }' a/cuts.csv || complain "the cut $cut"
done
# Measured rates are the predicted ones.
awk -F, 'NR > 1 && $11 != "" { n++; d = $11 - $14; e = $12 - $15; if (d * d > 1e-18 || e * e > 1e-18) bad++ }
    END { exit !(n == 8 && bad == 0) }' a/phases.csv || complain "rates in a/phases.csv"
mv a first
run 0 --out a --jobs 1 --lr 0.001 --fn f2,f1 --optimizer adam,rmsprop,momentum,sgd
for file in first/*.csv; do
    cmp -s "$file" a/"$(basename "$file")" || complain "$(basename "$file") depends on jobs or on the order of lists"
done
run 0 --out a
holds err.txt "8 in the store, 0 to compute"

# The iterations that the shorter run does not reach.
run 0 --out long --iterations 12000 --quiet
is "11512 11512 1885 3892" "$(echo "$(cells long/summary.csv iterations_to_1e-3 f1 0 gd)" "$(cells long/summary.csv iterations_to_1e-3 f2 45 gd)" \
    "$(cells long/summary.csv iterations_to_1e-3 f1 0 adam)" "$(cells long/summary.csv iterations_to_1e-3 f2 45 adam)")" "iterations to 1e-3"
[ ! -s err.txt ] || complain "--quiet is not quiet"

# ---- no verdict hangs on where the runs stop: it is what a call with twice the iterations says
run 0 --out longer --iterations 4000 --quiet
if command -v python3 >/dev/null; then
    python3 -c 'import csv
read = lambda path: {(r["id"], r["at"], r["threshold"]): r for r in csv.DictReader(open(path))}
short, longer = read("a/claims.csv"), read("longer/claims.csv")
assert short.keys() == longer.keys() and len(short) == 64
for key, row in short.items():
    twice = row["reason"].partition("in twice the iterations, 4000: ")[2]
    assert (twice.split(" (")[0] if twice else row["verdict"]) == longer[key]["verdict"], key' || complain "verdicts in twice the iterations"
fi
[ "$(grep -c 'in twice the iterations, 4000: ' a/claims.csv)" -ge 6 ] || complain "verdicts that hang on where the runs stop"
grep -q '^guess,RMSProp is faster on f1 than on f2,0.001,1e-6,supported,.*4000: contradicted (rmsprop [0-9]*, rmsprop [0-9]*)' a/claims.csv ||
    complain "rmsprop on f1 and f2 in twice the iterations"
run 0 --out a --quiet
holds out.txt "[in 4000: contradicted]" "the run length decides"

# ---- how runs end
run 0 --fn f1 --optimizer gd,rmsprop --lr 1,0.1 --iterations 6000 --out cycles --quiet
is "limit_cycle,2,1" "$(cells cycles/summary.csv ending f1 0 gd 1),$(cells cycles/summary.csv ending_period f1 0 gd 1),$(cells cycles/summary.csv ending_height f1 0 gd 1)" "gd at lr 1"
is "limit_cycle,2,0.00275" "$(cells cycles/summary.csv ending f1 0 rmsprop 0.1),$(cells cycles/summary.csv ending_period f1 0 rmsprop 0.1),$(printf %.3g "$(cells cycles/summary.csv ending_height f1 0 rmsprop 0.1)")" "rmsprop at lr 0.1: 1.1 lr^2 / 4"
is converging "$(cells cycles/summary.csv ending f1 0 gd 0.1)" "gd at lr 0.1"
is "" "$(cells cycles/summary.csv ending_period f1 0 gd 0.1)" "period of what converges"
holds out.txt "rmsprop lr 0.1 on f1 ends in a limit cycle of period 2, with f - f* at 0.00275"

# ---- angles
run 0 --rotate 0..90:7 --out turned --quiet
is 29 "$(wc -l <turned/rotation.csv)" "lines of rotation.csv"
[ ! -e turned/trajectory.csv ] || complain "trajectory.csv with --rotate"
for optimizer in gd momentum; do
    is 1 "$(grep ",$optimizer," turned/rotation.csv | cut -d, -f5-8 | sort -u | wc -l)" "$optimizer at different angles"
done
for optimizer in rmsprop adam; do
    [ "$(grep ",$optimizer," turned/rotation.csv | cut -d, -f5 | sort -u | wc -l)" -gt 3 ] || complain "$optimizer does not depend on the angle"
done
is 2 "$(grep -c 'no, equal to rounding$' out.txt)" "optimizers that do not depend on the angle"
is 2 "$(grep -c ' yes$' out.txt)" "optimizers that depend on the angle"
is 0,15,30,45,60,75,90 "$(grep ,gd, turned/rotation.csv | cut -d, -f1 | paste -sd,)" angles

# ---- a touch is not an arrival: marked, not ranked, and no claim holds by it
run 0 --fn f1 --lr 10,0.001 --optimizer rmsprop,momentum --out touched --quiet
is 4 "$(cells touched/summary.csv iterations_to_1e-6 f1 0 rmsprop 10)" "first iteration below"
is "" "$(cells touched/summary.csv stays_below_from_1e-6 f1 0 rmsprop 10)" "rmsprop that went up again"
is 1312 "$(cells touched/summary.csv stays_below_from_1e-6 f1 0 rmsprop 0.001)" "rmsprop that stayed"
grep -qE '^rmsprop +10 .* \(3\) +\(3\) +\(3\) +\(4\) +[a-z_]+$' out.txt || complain "the touches are not marked"
holds out.txt "  (N): first below at N, but above again; alone: and not below at the end"
is "  1e-6   rmsprop lr 0.001 1312" "$(grep '^  1e-6 ' out.txt)" "ranking"
# Of its claims none is about these two optimizers on f1 alone: no verdict, and no claims.csv.
holds out.txt "What the homework guessed and found is not judged" "10 of 10 claims are about runs that are not here"
[ ! -e touched/claims.csv ] || complain "claims of runs that are not the homework's"
# A swing: below, above again, below for good.
run 0 --fn f1 --lr 0.1 --optimizer momentum --iterations 300 --out swing --quiet
reached=$(cells swing/summary.csv iterations_to_1e-3 f1 0 momentum) settled=$(cells swing/summary.csv stays_below_from_1e-3 f1 0 momentum)
[ "${settled:-0}" -gt "${reached:-0}" ] || complain "momentum at lr 0.1: below at '$reached', for good from '$settled'"
grep -qE "^f1 +momentum +0.1 .* $settled \($reached\) " out.txt || complain "the swing is not marked"
is "$(awk -F, '$1 == "f1" { b = $7 < 1e-3; n += NR > 2 && b != before; before = b } END { print n }' swing/trajectory.csv)" \
    "$(cells swing/summary.csv crossings_of_1e-3 f1 0 momentum)" "crossings of 1e-3"
run 0 --fn f1 --lr 0.1,0.2 --optimizer momentum --iterations 300 --out swings --quiet
grep -qE "^  1e-3   momentum lr 0.[12] [0-9]+ \([0-9]+\) > momentum lr 0.[12] [0-9]+ \([0-9]+\)$" out.txt || complain "touches in the ranking"
is "$(tail -n +2 swings/summary.csv | awk -F, '{ print $17 }' | sort -n | head -n 1)" "$(sed -n 's/^  1e-3   momentum lr 0.[12] \([0-9]*\) .*/\1/p' out.txt)" "the fastest stays below first"
run 0 --rotate 0..90:2 --lr 10 --optimizer rmsprop --out touched_turned --quiet
grep -q '^angle,.*,iterations_to_1e-6,stays_below_from_1e-1,' touched_turned/rotation.csv || complain "header of rotation.csv"
grep -qE '^rmsprop +10 +- ' out.txt || complain "a touch counts at an angle"

# ---- runs that diverge; the others go on
run 0 --fn f1,booth --lr 0.01,1.1 --optimizer gd --out diverged --quiet
is "completed,diverged,completed,diverged" "$(tail -n +2 diverged/summary.csv | cut -d, -f5 | paste -sd,)" status
is 1947 "$(cells diverged/summary.csv diverged_iteration f1 0 gd 1.1)" "iteration of divergence"
holds out.txt "diverged at iteration 1947"
run 0 --init 1e200,0 --out nowhere --quiet
is 8 "$(grep -c ,diverged,0, nowhere/summary.csv)" "runs that start beyond the finite numbers"
! grep -qi -e nan -e inf diverged/*.csv nowhere/*.csv || complain "a table holds a number that is not finite"

# gd and momentum turn with f1, whatever the rate: their curves are the same as far as both have them, relative to what
# they have grown to. f2 overflows a step before f1, and the rounding of a run that grows grows with it.
run 0 --lr 1.1,2,12,1e10 --optimizer gd,momentum --out grown
is equal,,,'"",' "$(tail -n +2 grown/comparison.csv | cut -d, -f6-10 | sort -u)" "curves that diverge, without a finding of the homework"
is 8 "$(grep -c 'equal to rounding  neither ' out.txt)" "curves that are the same"
[ ! -e grown/claims.csv ] || complain "claims at other rates"
# rates_agree FILE: measured as predicted, to 1e-9 of the rate (and half a unit of the nine digits printed).
rates_agree() {
    awk -F, 'NR > 1 { for (i = 11; i <= 12; i++) if ($i != "") { n++; d = $i - $(i + 3); if (d * d > 4e-18 * $i * $i) bad++ } }
        END { exit !(n > 0 && bad == 0) }' "$1" || complain "rates in $1"
}
rates_agree grown/phases.csv
is 1.4 "$(cells grown/phases.csv measured_rate_1 f2 45 gd 12 2)" "gd's flat rate at lr 12"
is 2e+09 "$(printf %.0e "$(cells grown/phases.csv measured_rate_1 f2 45 gd 10000000000 2)")" "gd's flat rate at lr 1e10"
is "" "$(cells grown/phases.csv measured_rate_2 f2 45 momentum 10000000000 2)" "a rate of which the run shows nothing"
holds out.txt "is left out"
run 0 --rotate 0..90:5 --lr 1.1,2,12,1e10 --optimizer gd,momentum --out grown_turned --quiet
is 8 "$(grep -c ' no, equal to rounding$' out.txt)" "rates at which no angle matters"
rates_agree grown_turned/phases.csv
# Curves that have but their start in common say nothing.
run 0 --lr 1e200 --optimizer gd --out gone --quiet
is ,,,'"",' "$(tail -n +2 gone/comparison.csv | cut -d, -f6-10)" "curves of one point"
run 0 --rotate 0..90:2 --lr 1e200 --optimizer gd --out gone_turned --quiet
grep -q ' undecided$' out.txt || complain "the angle matters to a single point"

# ---- the homework's guess and findings are about its own setting, whatever runs beside
is_judged() { # NUMBER WORD...: so many claims have a row in claims.csv, and are the same as in the homework's
    local number=$1
    shift
    run 0 --out judged --quiet "$@"
    is "$number" "$(cut -d, -f2 judged/claims.csv 2>/dev/null | sed 1d | sort -u | wc -l)" "claims judged with $*"
    if [ "$number" -lt 10 ]; then holds out.txt "$((10 - number)) of 10 claims"; fi
    [ "$number" -eq 0 ] || [ "$(comm -13 <(sort first/claims.csv) <(sort judged/claims.csv) | wc -l)" -eq 0 ] ||
        complain "other verdicts with $*"
}
is_judged 10 --lr 0.001,5 --fn f1,f2,beale
cmp -s first/claims.csv judged/claims.csv || complain "claims.csv depends on other runs"
is_judged 0 --lr 0.01
[ ! -e judged/claims.csv ] || complain "an older claims.csv stayed"
is "" "$(cut -d, -f9-10 judged/comparison.csv | sed '1d;s/"",//')" "findings at lr 0.01"
is_judged 0 --iterations 1999 --optimizer gd
is_judged 0 --init 0,0 --optimizer gd
is_judged 6 --momentum 0.8 # gd's, rmsprop's and adam's own
is_judged 5 --betas 0.9,0.99
is_judged 1 --optimizer gd
is_judged 3 --optimizer gd,momentum # of which is no "the fastest"
is_judged 10 --optimizer gd,momentum,nesterov,rmsprop,adam
run 0 --optimizer gd,momentum,nesterov,adam --out judged --quiet
! grep -q "homework's eight runs" out.txt || complain "nesterov is not one of the homework's optimizers"
holds out.txt 'fitted to the runs of gd, momentum and nesterov;' 'as of gd, momentum and nesterov, turns with it' 'adam scales x and y'
# The figures know every optimizer: it has a colour of its own, and a title.
for name in $("$DLEXP" help optim | tr -s '\n ' ' ' | sed 's/.*name of gd (known: \([^;]*\); .*/\1/; s/, sgd$//; s/,//g'); do
    grep -q "^optimizers_known = .* $name " "$DLEXP_SOURCE_DIR/scripts/plots/runs.gp" || complain "runs.gp lacks $name"
done
# Weight decay at an optimizer's own default is the run without the option.
run 0 --optimizer adam,adamw --fn f1 --iterations 20 --out decayed
run 0 --optimizer adam,adamw --fn f1 --iterations 20 --weight-decay 0,0.01 --out decayed
tr -s ' \n' ' ' <err.txt | grep -q ' 2 in the store, 2 to compute' || complain "weight decay at its default is another run"
is 4 "$(tail -n +2 decayed/summary.csv | cut -d, -f3- | sort -u | wc -l)" "runs with several weight decays"
run 0 --fn f2 --out judged --quiet
is 6 "$(grep -c '^    f2   1e-1 ' out.txt)" "claims judged on f2 alone"
run 0 --fn rosenbrock,beale --iterations 600 --out judged --quiet
is "  1e-1   momentum 122;  1e-1   momentum 95" "$(grep '^  1e-1 ' out.txt | paste -sd';')" "rankings of rosenbrock and beale"
# Every rate in full.
run 0 --fn f1 --optimizer gd --lr 0.12345678,0.12345679 --iterations 50 --out judged --quiet
grep -qE 'gd lr 0.12345678 [0-9]+ = gd lr 0.12345679 [0-9]+$' out.txt || complain "rates that differ in the eighth digit"

# ---- one function, one optimizer, one iteration; JSON
run 0 --fn f2 --optimizer adam --iterations 1 --out one --quiet
is 3 "$(wc -l <one/trajectory.csv)" "lines of trajectory.csv"
[ ! -e one/comparison.csv ] || complain "a comparison of one function"
run 0 --fn beale --out beale --quiet
! grep -q homework out.txt || complain "the homework said nothing of beale"
[ ! -e beale/phases.csv ] && [ ! -e beale/claims.csv ] || complain "phases or claims of beale"
run 0 --fn f1,f2,quad --angle 30 --json --out json
holds out.txt '"experiment":' '"claims":' '"comparison":' '"phases":' '"measured":' 'json/trajectory.csv'
if command -v python3 >/dev/null; then
    python3 -c 'import json; r = json.load(open("out.txt")); assert len(r["results"]) == 12, r
assert [c["at"] for c in r["claims"][:12]] == 4 * ["f1 and f2"] + 4 * ["f1"] + 4 * ["f2"] and r["claims_without_their_runs"] == 0
assert [c["curves_equal_so_far"] for c in r["claims"][44:48]] == [False, True, True, True]
assert r["claims"][3]["twice"]["verdict"] == "supported" and [d["stays_below_from"] for d in r["claims"][3]["twice"]["decided_by"]] == [2832, 2832]
assert [x["of"] for x in r["rankings"][::4]] == ["f1", "f2", "quad"]
assert r["rankings"][0]["fastest_first"][0]["stays_below_from"] == 83' || complain "--json"
fi
run 0 --dry-run --out never
[ ! -e never ] || complain "--dry-run wrote something"

# ---- refused: PART-OF-THE-MESSAGE WORD...
refused() {
    local part=$1
    shift
    run 2 --out never "$@"
    [ "$(wc -l <err.txt)" -eq 1 ] || complain "dlexp optim $*: expected one line"
    holds err.txt "$part"
    [ ! -s out.txt ] && [ ! -e never ] || complain "dlexp optim $*: did something"
}
refused "--fn: unknown name 'f3'; known: f1, f2, quad, rosenbrock, beale, himmelblau, booth" --fn f3
refused "--optimizer: unknown name 'newton'; known: gd, momentum, nesterov, rmsprop, adam, adamw, sgd" --optimizer newton
refused "expected every name once, got 'gd' twice" --optimizer gd,sgd
refused "expected every name once, got 'f1' twice" --fn f1,f1
refused "expected every number once" --lr 0.1,1e-1
for lr in 0 -1 nan inf x; do refused "--lr: expected a number > 0, got '$lr'" --lr $lr; done
refused "--iterations: expected an integer from 1 to 1000000, got '0'" --iterations 0
refused "--init: expected exactly 2 values, separated by commas, got 1 ('1')" --init 1
refused "--init: expected exactly 2 values, separated by commas, got 3" --init 1,2,3
refused "--eigen: expected exactly 2 values" --fn quad --eigen 1
refused "--eigen: element 2 ('0'): expected a number > 0" --fn quad --eigen 1,0
refused "--angle: expected 'quad' among the functions" --angle 30
refused "--eigen: expected 'quad' among the functions" --eigen 1,2 --fn f1
refused "--momentum: expected an optimizer that uses it" --momentum 0.5 --optimizer gd
for angles in 0..90 0:90:3 a..b:3 0..90:x 0..nan:3 ..:3 :0..9; do refused "or a range such as 0..90:19" --rotate $angles; done
for angles in 90..0:3 0..90:1 0..90:-3 0..0:2 0..1:9999; do refused "N from 2 to" --rotate $angles; done
for option in '--fn quad' '--angle 3' '--init 1,2'; do
    # shellcheck disable=SC2086
    refused "expected no --rotate beside it" --rotate 0..90:3 $option
done

# ---- figures
if command -v gnuplot >/dev/null; then
    plots=${DLEXP_SOURCE_DIR:?}/scripts/plots
    # draw SCRIPT ARGUMENT...: must succeed silently and write its pictures, the PNG of a script's first only (figures.sh).
    drawn=' '
    draw() {
        local script=$1 table=$2 svg_only=()
        shift 2
        [ -n "${DLEXP_LONG:-}" ] || [[ $drawn != *" $script "* ]] || svg_only=(-e 'formats = "svg"')
        drawn+="$script "
        rm -f figure.svg figure.png
        gnuplot -d ${svg_only[@]+"${svg_only[@]}"} -c "$plots/$script.gp" "$table" figure "$@" </dev/null >out.txt 2>err.txt || complain "$script on $table $*"
        [ ! -s out.txt ] && [ ! -s err.txt ] || complain "$script on $table $* said something"
        tail -c 20 figure.svg | grep -q '</svg>' || complain "$script on $table $*: figure.svg is not whole"
        [ ${#svg_only[@]} -gt 0 ] || is PNG "$(head -c 4 figure.png | tail -c 3)" "$script on $table $*: figure.png"
    }
    # Landscapes take a second each: with DLEXP_LONG=1 those of the homework's functions and rosenbrock are not the only ones.
    draw_long() {
        [ -z "${DLEXP_LONG:-}" ] || draw "$@"
    }
    run 0 --out short --iterations 200 --quiet # gnuplot takes seconds for 2000 iterations
    draw objective short/trajectory.csv optimizer=momentum
    draw objective short/trajectory.csv fn=f2
    draw objective one/trajectory.csv fn=f2
    draw objective diverged/trajectory.csv
    draw objective short/trajectory.csv lr=1e-3
    draw objective touched/trajectory.csv
    draw rotation touched_turned/rotation.csv
    head -n 1 a/trajectory.csv >bare.csv
    mkdir bare && cp a/landscape.csv a/minima.csv a/summary.csv bare && cp bare.csv bare/trajectory.csv
    draw objective bare.csv
    draw_long contours bare/trajectory.csv
    head -n 1 turned/rotation.csv >bare_rotation.csv
    draw rotation bare_rotation.csv
    draw objective bare.csv fn=f1
    run 0 --fn f1 --init 0,0 --iterations 20 --out still --quiet # its objective is 0 all along
    draw objective still/trajectory.csv
    # Each function has panels of its own, and every axis the same kind of number.
    run 0 --lr 0.01 --out steep --iterations 200 --quiet
    draw objective steep/trajectory.csv
    holds figure.svg "f1, linear axis" "f2, logarithmic axis" "10⁻³" "what lies below it is not drawn there"
    ! grep -q '>1e-0' figure.svg || complain "mixed numbers on an axis"
    run 0 --fn rosenbrock --out curved --quiet --iterations 50
    is 10202 "$(wc -l <curved/landscape.csv)" "rows of the finer landscape"
    draw contours curved/trajectory.csv
    run 0 --lr 0.001,0.002,0.003,0.004,0.005,0.006 --iterations 5 --out crowd --quiet
    # refuse STATUS PART-OF-THE-MESSAGE ARGUMENT...: objective.gp must end with it, 3 where the table is well.
    refuse() {
        local expected=$1 part=$2 status=0
        shift 2
        rm -f figure.svg
        gnuplot -d -c "$plots/objective.gp" "$@" </dev/null >out.txt 2>err.txt || status=$?
        is "$expected" "$status" "status of objective.gp $*"
        holds err.txt "$part"
        [ ! -e figure.svg ] || complain "objective.gp $* drew something"
    }
    refuse 1 "it has no row with fn=f9; its column fn holds f1 f2" short/trajectory.csv figure fn=f9
    refuse 1 "it has no row with lr=blue; its column lr holds 0.001" short/trajectory.csv figure lr=blue
    refuse 1 "it has no row with lr=2; its column lr holds 0.001" short/trajectory.csv figure lr=2
    refuse 3 "expected at most 12 curves on one function, and 5 of one optimizer, got 24 and 6; pick some: optimizer=NAME (gd momentum" \
        crowd/trajectory.csv figure
    draw objective crowd/trajectory.csv lr=0.002
    "$DLEXP" plot crowd --figure objective,contours --out drawn >out.txt 2>err.txt || complain "a crowd is no failure of plot: $(cat err.txt)"
    [ ! -e drawn/objective.svg ] && [ -s drawn/contours.svg ] || complain "plot of a crowd: $(ls drawn)"
    draw objective nowhere/trajectory.csv
    draw contours short/trajectory.csv
    draw_long contours diverged/trajectory.csv
    draw_long contours beale/trajectory.csv
    draw contours nowhere/trajectory.csv
    draw curvature a/landscape.csv
    draw_long curvature beale/landscape.csv
    draw rotation turned/rotation.csv
    if gnuplot -d -c "$plots/objective.gp" short/trajectory.csv figure colour=blue </dev/null >out.txt 2>err.txt; then complain "colour=blue"; fi
    holds err.txt "expected fn=NAME, optimizer=NAME or lr=NUMBER, got 'colour=blue'"
fi

[ "$failures" -eq 0 ] || { echo "$failures checks failed"; exit 1; }
echo "all checks passed"
