#!/usr/bin/env bash
# Runs that are added once there are results: --until-decided, --until-width, --refine.  However many at a time, whatever
# was interrupted, whatever the store has: the same runs and tables; and looks at verdicts are kept.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
make_data data 500 200 8 8 4
tiny='batchnorm --data data --batch 20'
# shellcheck disable=SC2206
decided=($tiny --epochs 6 --lr 0.03,0.3,3 --hidden 16,8,8,8)
# shellcheck disable=SC2206
wide=($tiny --epochs 2 --lr 0.01..10:5 --hidden 16,8)
python=$(command -v python3) || python=

# run NAME ARGUMENTS...: into the folder NAME; the result in NAME.out, the rest in NAME.err.
run() {
    local name=$1
    shift
    "$DLEXP" "$@" --out "$name" >"$name.out" 2>"$name.err" || complain "$name: exit status $?: $(tail -n 1 "$name.err")"
}

# same A B [FILE...]: their tables.
same() {
    local a=$1 b=$2 file
    shift 2
    [[ $# -gt 0 ]] || set -- epochs summary groups curves claims refined
    for file; do
        [[ ! -e $a/$file.csv && ! -e $b/$file.csv ]] || cmp -s "$a/$file.csv" "$b/$file.csv" ||
            complain "$b: $file.csv is not that of $a"
    done
}

records() {
    find "$1/runs" -name '*.run' | wc -l
}

seeds() {
    cut -d, -f3 "$1/summary.csv" | tail -n +2 | sort -nu | tail -n 1
}

# undecided DIR: claims of claims.csv, each net at its own rate, that more looks leave undecided.
undecided() {
    grep own "$1/claims.csv" | grep -c ',undecided,[0-9]*$'
}

# ---- --until-decided: stops at the first number of seeds at which all three claims are, by claims.csv of these seeds
run one "${decided[@]}" --seeds 1..10 --until-decided -j1
stop=$(seeds one)
[[ $stop -gt 12 && $stop -lt 40 ]] || complain "until decided: expected 13 to 39 seeds, got $stop"
for ((n = 10; n <= stop; n++)); do
    run direct "${decided[@]}" --seeds 1..$n --quiet
    left=$(undecided direct)
    [[ $((left == 0)) -eq $((n == stop)) ]] || complain "$n seeds: $left claims undecided, and it stopped after $stop"
done
same direct one
grep -q 'round 2: ' one.err || complain "until decided: no second round is told"
grep -q "after these the claims are decided" one.out || complain "until decided: the result does not say so"
grep -q '"decided":.*true' one/run.json || complain "until decided: run.json does not say so"

# Some at a time: more in the store, the same tables.
for jobs in 2 40; do
    run jobs-$jobs "${decided[@]}" --seeds 1..10 --until-decided -j$jobs
    same one jobs-$jobs
done
[[ $(records jobs-40) -gt $(records one) ]] || complain "40 jobs: expected seeds beyond the last in the store"
# A store that has more, and one that has some of it.
run more "${decided[@]}" --seeds 5..30 --quiet
run more "${decided[@]}" --seeds 1..10 --until-decided --quiet
same one more

# Killed, and the same command again.
for signal in INT KILL; do
    for wait in 0.05 0.1 0.2; do
        # On a fast machine a call may come to its end: that one is a look, and nothing is left to stop.
        if (timeout -s $signal $wait "$DLEXP" "${decided[@]}" --seeds 1..10 --until-decided -j1 --out $signal --quiet) >/dev/null 2>&1; then
            break
        fi
        [[ ! -e $signal/run.json ]] || ! grep -q '"looks"' $signal/run.json || complain "$signal: an interrupted call is a look"
    done
    run $signal "${decided[@]}" --seeds 1..10 --until-decided --quiet
    same one $signal
done

# As many as are allowed.
run capped "${wide[@]}" --seeds 1..10 --until-decided --max-seeds 12
[[ $(seeds capped) -eq 12 ]] || complain "--max-seeds 12: got $(seeds capped)"
grep -q 'no more are allowed (--max-seeds)' capped.out || complain "--max-seeds: the result does not say so"

# ---- --until-width: the number of seeds follows from the first ones; no run fails
# shellcheck disable=SC2206
calm=($tiny --epochs 2 --lr 0.02,0.03 --hidden 16 --trained 40)
run width "${calm[@]}" --seeds 1..10 --until-width 5 --max-seeds 70
run width-2 "${calm[@]}" --seeds 1..10 --until-width 5 --max-seeds 70 -j2 --quiet
same width width-2
run width-direct "${calm[@]}" --seeds 1..$(seeds width) --quiet
# At once they are of one stage: only the claim that it is about is judged otherwise.
same width-direct width epochs summary groups curves
if [[ -n $python ]]; then
    "$python" - width <<'PYTHON' || complain "--until-width: other seeds than by hand"
import csv, json, math, statistics, sys
rows = list(csv.DictReader(open(sys.argv[1] + "/summary.csv")))
test = {(r["norm"], float(r["lr"]), int(r["seed"])): float(r["final_test_accuracy_percent"]) for r in rows}
rates = sorted({lr for _, lr, _ in test})
seeds = sorted({s for *_, s in test})
def best(norm, by):  # of highest mean; of equals the smaller
    return max(rates, key=lambda lr: (round(sum(test[norm, lr, s] for s in by) / len(by), 6), -lr))
first = range(1, 11)
def difference(s):
    by = [o for o in first if o != s]
    return test["batchnorm", best("batchnorm", by), s] - test["none", best("none", by), s]
d = [difference(s) for s in first]
s0 = statistics.stdev(d)
n = max(10, math.ceil((2.2621571628 * s0 / 5) ** 2))
assert 10 < n < 70 and seeds == list(range(1, n + 1)), (n, seeds)
until = json.load(open(sys.argv[1] + "/run.json"))["until"]
block = until["blocks"][0]
assert block["seeds_needed"] == n == until["seeds"] and not block["capped"]
assert abs(block["first_deviation_points"] - s0) < 1e-9
assert abs(block["half_width_points"] - 2.2621571628 * s0 / math.sqrt(n)) < 1e-6
mean, half = statistics.mean(difference(s) for s in seeds), 2.2621571628 * s0 / math.sqrt(n)
assert abs(block["mean_points"] - mean) < 1e-9
claim = next(r for r in csv.DictReader(open(sys.argv[1] + "/claims.csv")) if r["id"] == "better" and r["at"].startswith("each"))
assert claim["method"] == "Student t of two stages, paired" and int(claim["n"]) == n and not int(claim["failed"])
assert max(abs(float(claim[k]) - v) for k, v in (("estimate", mean), ("low", mean - half), ("high", mean + half))) < 1e-6
assert (abs(mean) > half) == (float(claim["p"]) < 0.05)
PYTHON
fi

# ---- --refine: brackets by bisection; the tables of the grid are what they are without
run plain "${wide[@]}" --seeds 1..3 --quiet
run refined "${wide[@]}" --seeds 1..3 --refine 3 -j1
run refined-2 "${wide[@]}" --seeds 1..3 --refine 3 -j3 --quiet
same refined refined-2
same plain refined epochs summary groups curves
[[ $(grep -c 'round' refined.err) -ge 3 ]] || complain "--refine 3: expected three more rounds"
if [[ -n $python ]]; then
    "$python" - refined data/t10k-labels-idx1-ubyte <<'PYTHON' || complain "--refine: other rates than by hand"
import collections, csv, decimal, statistics, sys
read = lambda name: list(csv.DictReader(open(f"{sys.argv[1]}/{name}.csv")))
def cells(rows):
    return {(r["norm"], int(r["seed"]), float(r["lr"])): 25.0 if r["status"] != "completed" else
            float(r["final_test_accuracy_percent"]) for r in rows}
grid, refined = cells(read("summary")), cells(read("refined"))
labels = open(sys.argv[2], "rb").read()[8:]
chance = 100 * max(collections.Counter(labels).values()) / len(labels)
rates, seeds = sorted({k[2] for k in grid}), sorted({k[1] for k in grid})
norms = ["none", "batchnorm"]
column = lambda norm, lr: [grid[norm, s, lr] for s in seeds]
highest = max(statistics.median(column(norm, lr)) for norm in norms for lr in rates)
trained = chance + 0.9 * (highest - chance)
expected = set()
for norm in norms:
    best = max(rates, key=lambda lr: (round(statistics.mean(column(norm, lr)), 6), -lr))
    for s in seeds:
        low, high = 0, None
        for lr in rates[rates.index(best):]:
            if grid[norm, s, lr] < trained:
                high = lr
                break
            low = lr
        for _ in range(3):
            if not low or not high:
                break
            middle = (decimal.Decimal(repr(low)) * decimal.Decimal(repr(high))).sqrt()
            middle = float(f"{middle:.6g}")
            expected.add((norm, s, middle))
            if refined[norm, s, middle] >= trained:
                low = middle
            else:
                high = middle
assert len(expected) >= 9 and expected == set(refined), expected ^ set(refined)
PYTHON
fi
# A run between two rates is what it is when its rate is asked for.
IFS=, read -r norm lr seed _ < <(sed -n 2p refined/refined.csv)
# shellcheck disable=SC2086
run asked $tiny --epochs 2 --hidden 16,8 --norm "$norm" --lr "$lr" --seeds "$seed" --quiet
cmp -s <(sed -n 2p asked/summary.csv) <(sed -n 2p refined/refined.csv) || complain "--refine: a run is another than by itself"
run refined "${wide[@]}" --seeds 1..3 --quiet
[[ ! -e refined/refined.csv ]] || complain "without --refine: refined.csv stays"
same plain refined
# Both: seeds first, as if nothing were refined.
run both "${decided[@]}" --seeds 1..10 --until-decided --refine 1 --quiet
same one both epochs summary groups curves

# ---- looks
# holds NAME WORDS: what the last call says of its interval.
# A paragraph's further lines are indented.
holds() {
    sed -e ':a' -e N -e '$!ba' -e 's/\n    \([^ ]\)/ \1/g' "$1.out" | grep -q "which interval holds: that of $2" || complain "$1: expected '$2', got: $(grep 'which interval' "$1.out")"
}
run look "${wide[@]}" --seeds 1..4 --quiet
! grep -q '"looks"' look/run.json || complain "four seeds: no verdict, and yet a look"
run look "${wide[@]}" --seeds 1..8 --quiet
holds look 'one look'
run look "${wide[@]}" --seeds 1..12 --quiet
holds look 'any number of looks (anytime), as seeds were added after a look at seeds 1..8 on '
grep -q 'under Holm' look.out && complain "looks: a p for one look beside an anytime verdict: $(cat look.out)"
run fresh "${wide[@]}" --seeds 1..12 --quiet
holds fresh 'one look'
same look fresh
# Each with what it judged by.
"$DLEXP" "${wide[@]}" --seeds 1..12 --level 0.9 --out look --quiet >/dev/null 2>&1
[[ $(tr -d '\t ' <look/run.json | grep -c '^"level":0.95,') -eq 2 && $(tr -d '\t ' <look/run.json | grep -c '^"level":0.9,') -eq 3 ]] ||
    complain "looks: expected two at 0.95 and one at 0.9: $(grep '"level"' look/run.json)"
"$DLEXP" "${wide[@]}" --seeds 1..13 --out look --dry-run >/dev/null 2>&1
[[ $(grep -c '"rule"' look/run.json) -eq 3 ]] || complain "looks: expected three, got $(grep -c '"rule"' look/run.json)"
run look "${wide[@]}" --seeds 1..12 --until-decided --max-seeds 13 --json
grep -q '"interval":.*"anytime"' look.out || complain "until decided: JSON does not say which interval holds"
# Seeds that came because of what the first showed were added, also when they are asked for at once.
run after "${decided[@]}" --seeds 1..10 --until-decided --quiet
run after "${decided[@]}" --seeds 1..$stop --quiet
holds after 'any number of looks (anytime), as seeds were added after a look at seeds 1..10 on '
run after "${decided[@]}" --seeds 1..10 --until-decided --quiet
same one after
rm look/run.json
run look "${wide[@]}" --seeds 1..12 --quiet
holds look 'one look'
# Seeds that were added by hand are no first stage of two.
run stage "${wide[@]}" --seeds 1..10 --quiet
run stage "${wide[@]}" --seeds 1..10 --until-width 15 --max-seeds 14 --quiet
holds stage 'one look'
run stage "${wide[@]}" --seeds 1..12 --until-width 15 --max-seeds 14 --quiet
holds stage 'any number of looks (anytime), as seeds were added after a look at seeds 1..10 on '
# The verdict on the screen is that which holds.
run shown "${decided[@]}" --seeds 1..10 --quiet
grep -q '^ends better: supported' shown.out || complain "ten seeds: expected 'supported': $(grep 'ends better' shown.out)"
run shown "${decided[@]}" --seeds 1..11 --quiet
grep -q '^ends better: undecided' shown.out || complain "eleven seeds, after a look: expected 'undecided': $(grep 'ends better' shown.out)"

# ---- a dry run goes as far as the store has the runs, and says what may follow
"$DLEXP" "${decided[@]}" --seeds 1..10 --until-decided --refine 2 --out none --dry-run >out.txt 2>&1 || complain "dry run: exit status $?"
# A run's line is one of at most 40; of more of them the first 10, and how many others there are.
one_line() { tr -s ' \n' ' ' <out.txt; }
stored() { echo $(($(grep -c 'in the store$' out.txt) + $(one_line | grep -o 'others: [0-9]* in' | tr -dc '0-9\n' | paste -sd+ | sed 's/^$/0/'))); }
one_line | grep -q 'then: more.*until the three claims are decided, at most 100' || complain "dry run: no word of seeds that may follow"
grep -q 'then:.*2 times' out.txt || complain "dry run: no word of refined rates that may follow"
[[ ! -e none ]] || complain "dry run: wrote something"
"$DLEXP" "${decided[@]}" --seeds 1..10 --until-decided --out one --dry-run >out.txt 2>&1
[[ $(stored) -eq $(records one) ]] || complain "dry run of what is done: $(stored) runs, and the store has $(records one)"

# ---- what does not go together
refused() {
    local words=$1
    shift
    "$DLEXP" "${wide[@]}" "$@" --out none >out.txt 2>err.txt
    [[ $? -eq 2 ]] || complain "$*: expected exit status 2"
    grep -q -- "$words" err.txt || complain "$*: expected '$words', got: $(cat err.txt)"
}
refused 'expected 10 --seeds or more' --until-decided
refused 'expected one rule' --until-decided --seeds 1..10 --until-width 1
refused 'expected no --force' --until-width 1 --seeds 1..10 --force
refused 'got --protocol notebook' --refine 1 --protocol notebook
refused 'got --protocol notebook' --until-decided --protocol notebook
refused 'expected the norms none and batchnorm' --refine 1 --norm none
refused 'expected the norms none and batchnorm' --until-decided --norm none,layernorm
refused 'max-seeds: expected --until-width or --until-decided' --max-seeds 20
refused 'max-seeds: expected 10 or more' --until-width 1 --seeds 1..10 --max-seeds 9
refused 'low 32 bits' --until-width 1 --seeds 9223372036854775798..9223372036854775807
refused 'low 32 bits' --until-decided --seeds 1..9,4294967290
[[ ! -e none ]] || complain "what is refused wrote something"
finish
