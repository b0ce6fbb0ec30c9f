#!/usr/bin/env bash
# dlexp batchnorm's options: what is refused and how, what a plan, a description and JSON look like, extreme networks, rates that
# diverge, directories and disks that cannot be written.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
make_data data 121 61 6 6 3

# run STATUS OPTION...: on the tiny data, unless told otherwise.
run() {
    local expected=$1 status data="--data data"
    shift
    case " $* " in *" --data "*) data= ;; esac
    "$DLEXP" batchnorm $data "$@" >out.txt 2>err.txt </dev/null
    status=$?
    [ $status -eq "$expected" ] || complain "batchnorm $*: expected exit status $expected, got $status: $(head -n 2 err.txt)"
}

# refused STATUS TEXT OPTION...: an error of one line that names `TEXT`, nothing on standard output, nothing written.
refused() {
    local expected=$1 text=$2
    shift 2
    rm -rf refused
    run "$expected" --out refused "$@"
    [ "$(wc -l <err.txt)" -eq 1 ] || complain "batchnorm $*: expected one line of error, got: $(cat err.txt)"
    grep -q '^dlexp: ' err.txt && grep -qF -e "$text" err.txt || complain "batchnorm $*: the error lacks '$text': $(cat err.txt)"
    [ ! -s out.txt ] || complain "batchnorm $*: unexpected standard output"
    [ ! -e refused ] || complain "batchnorm $*: refused, but --out was written"
}

# ---- bad numbers and lists
for lr in 0 -1 nan inf '' 0.1,,0.2 0.1, ,0.1 5x 1e999 1e-999 '0.1 0.2' 0,1 0x1 one; do
    refused 2 --lr "--lr=$lr"
done
refused 2 twice --lr 0.1,0.1
refused 2 twice --lr 0.1,0.5,1e-1
refused 2 twice --norm none,none
refused 2 twice --seeds 1,2,1
refused 2 twice --seeds 1..3,2
refused 2 --norm --norm instancenorm
refused 2 --norm --norm batchnorm --hidden none
refused 2 --activation --activation tanh --hidden none
refused 2 --norm --norm=
for seeds in 5..1 1.. ..3 1..2..3 1.5 x '' 1, 99999999999999999999 1..1000000000; do
    refused 2 --seeds "--seeds=$seeds"
done
refused 2 "the same seed" --seeds 1,4294967297
refused 2 "the same seed" --seeds=-1,4294967295
refused 2 "the same seed" --seeds=-9223372036854775808,9223372036854775807,0
run 0 --seeds=-9223372036854775808,9223372036854775807 --epochs 1 --batch 40 --norm none --out seeds
for count in 0 -1 1.5 x '' 99999999999; do
    refused 2 --epochs "--epochs=$count"
    refused 2 --batch "--batch=$count"
done
for hidden in 0 '' 16,0 16,,8 -3 1.5 65537 "$(seq -s, 64)"; do
    refused 2 --hidden "--hidden=$hidden"
done
refused 2 --jobs --jobs=-1
refused 2 --jobs --jobs=1025
refused 2 --log-every --log-every=-1
refused 2 --optimizer --optimizer newton
refused 2 --protocol --protocol unfair
refused 2 --momentum --optimizer adam --momentum 0.5
refused 2 --betas --optimizer sgd --betas 0.9,0.99
refused 2 --momentum --momentum 1.5
refused 2 --step-size --schedule constant,step --norm none
refused 2 --step-size --schedule cosine --step-size 2
refused 2 --gamma --gamma 0.5
refused 2 --lr-min --schedule step --step-size 2 --lr-min 0.001
refused 2 --out --out=
run 2 --out=
[ ! -e runs ] || complain "an empty --out: wrote to the working directory"

# ---- batch sizes: of the 121 images none may be alone under BatchNorm, and there are only 121
for batch in 1 2 40 60 120; do
    [ $((121 % batch)) -eq 1 ] || [ $batch -eq 1 ] || continue
    refused 2 "--batch $batch" --batch $batch
    refused 2 "--batch $batch" --batch $batch --norm batchnorm
    run 0 --batch $batch --norm none --epochs 1 --out batch
done
refused 2 --batch --batch 122
refused 2 --batch --batch 122 --drop-last
refused 2 "--batch 1:" --batch 1 --drop-last
refused 2 "or --drop-last" --batch 60
for again in trained stored; do
    run 0 --batch 60 --drop-last --epochs 2 --log-every 1 --out drop-last
    [ "$(wc -l <drop-last/steps.csv)" -eq $((1 + 4 * 2 * 2)) ] ||
        complain "--drop-last, $again: expected two steps in each of two epochs: $(cat drop-last/steps.csv)"
done
refused 2 --batch --batch 70000 --norm none
run 0 --batch 121 --epochs 2 --out batch # all images at once
run 0 --batch 30 --norm none --protocol notebook --epochs 1 --out batch # its last test batch holds one image
make_data alone 120 61 6 6 3
refused 2 "61 test images" --batch 30 --protocol notebook --data alone
run 0 --batch 30 --data alone --epochs 1 --out alone-fair # in eval mode one image is enough

# ---- the plan: prints, writes nothing
mkdir empty && cd empty
"$DLEXP" batchnorm --data ../data --batch 40 --norm none --seeds 1..2 --dry-run >../out.txt 2>../err.txt || complain "--dry-run failed"
"$DLEXP" batchnorm --data ../data --batch 50 --dry-run --save-best --json >../json.txt 2>/dev/null || complain "--dry-run failed"
"$DLEXP" batchnorm --data ../data --batch 50 --describe >../describe.txt 2>&1 || complain "--describe failed"
cd ..
[ -z "$(ls -A empty)" ] || complain "--dry-run or --describe wrote: $(ls -A empty)"
/usr/bin/env python3 -c 'import json, sys; json.load(sys.stdin)' <json.txt 2>/dev/null || ! command -v python3 >/dev/null ||
    complain "--dry-run --json: standard output holds something else than JSON: $(cat json.txt)"
[ ! -s err.txt ] || complain "--dry-run: unexpected standard error"
[ "$(grep -c 'to compute$' out.txt)" -eq 4 ] || complain "--dry-run: expected a line for each of 4 runs: $(cat out.txt)"
[ "$(grep -c 'Linear(in_features=36, out_features=128, bias=True)' describe.txt)" -eq 2 ] || complain "--describe: $(cat describe.txt)"
[ "$(grep -c 'BatchNorm1d(' describe.txt)" -eq 2 ] || complain "--describe: expected two BatchNorm1d"
"$DLEXP" batchnorm --describe >describe.txt || complain "--describe failed"
for text in 109386 109770 'Linear(in_features=784, out_features=128, bias=True)'; do
    grep -qE "${text//[()]/.}|$(echo "$text" | sed 's/^\([0-9]*\)\([0-9]\{3\}\)$/\1,\2/;s/[()]/./g')" describe.txt || complain "--describe lacks $text"
done

# ---- JSON alone on standard output
run 0 --batch 50 --epochs 2 --seeds 1..2 --json --out json
cp out.txt json.txt
run 0 --batch 50 --epochs 2 --seeds 1..2 --json --quiet --out json
cmp -s out.txt json.txt || complain "--json: again from the store, another text"
[ ! -s err.txt ] || complain "--json --quiet: unexpected standard error"
if command -v python3 >/dev/null; then
    for file in json.txt json/run.json; do
        python3 -c 'import json, sys; json.load(open(sys.argv[1]), parse_constant=lambda x: 1 / 0)' $file || complain "$file is not JSON"
    done
    python3 - <<'PYTHON' || complain "the JSON lacks something"
import json
result, run = json.load(open("json.txt")), json.load(open("json/run.json"))
assert [(r["norm"], r["lr"], r["runs"]) for r in result["results"]] == [
    ("none", 0.01, 2), ("none", 0.5, 2), ("batchnorm", 0.01, 2), ("batchnorm", 0.5, 2)]
for r in result["results"]:  # seeds that end alike have no interval
    final = {s["final_test_accuracy_percent"] for s in result["summary"] if (s["norm"], s["lr"]) == (r["norm"], r["lr"])}
    half_width = r["test_accuracy_percent"]["half_width_95"]
    assert half_width is None if len(final) == 1 else half_width > 0
for key in ("version", "revision", "command_line", "config", "data", "models", "host", "runs", "elapsed_seconds"):
    assert key in run, key
for key in ("cpu", "compiler", "kernels"):
    assert run["host"][key], key
assert len(run["runs"]) == 8 and all("seconds" in r for r in run["runs"])
assert run["config"]["seeds"] == [1, 2] and run["config"]["batch"] == 50
PYTHON
fi
run 0 --batch 50 --epochs 2 --seeds 1..2 --quiet --out json
[ -s out.txt ] && [ ! -s err.txt ] || complain "--quiet: expected the result and nothing else"
"$DLEXP" batchnorm --data data --batch 50 --epochs 2 --out json --quiet >/dev/full 2>err.txt
[ $? -eq 4 ] || [ ! -e /dev/full ] || complain "standard output is full: expected exit status 4"

# ---- rates that diverge are results, and the others go on
run 0 --batch 50 --epochs 3 --norm none --lr 0.01,1e30 --log-every 1 --save-best --out diverged
awk -F, 'NR == 2 && $4 == "completed" && $5 == "" && $6 == 3 { good++ }
    NR == 3 && $4 == "diverged" && $5 >= 1 && $5 <= 9 && $6 == "" && $7 == "" && $12 == "" { good++ }
    END { exit !(NR == 3 && good == 2) }' diverged/summary.csv || complain "diverged: $(cat diverged/summary.csv)"
grep -q 'lr 1e+30 .*: diverged at step' err.txt || complain "diverged: no line about it"
[ "$(ls diverged/models | wc -l)" -eq 1 ] || complain "diverged: a model of a run that has no epoch"
grep -i 'nan\|inf' diverged/epochs.csv && complain "diverged: nan in epochs.csv"
mkdir before && cp diverged/*.csv before/
run 0 --batch 50 --epochs 3 --norm none --lr 0.01,1e30 --log-every 1 --save-best --out diverged --json
for file in epochs.csv summary.csv steps.csv; do
    cmp -s before/$file diverged/$file || complain "diverged: $file is another from the store"
done
grep -q '"diverged":.*1' out.txt || complain "diverged: the JSON does not count it"
[ "$(grep -c '"computed_now":.*true' diverged/run.json)" -eq 0 ] || complain "diverged: trained again"
run 0 --batch 50 --epochs 2 --lr 1e30,1e35 --norm none --out all-diverged
run 0 --batch 50 --epochs 2 --lr 1e30,0.01 --protocol notebook --out notebook

# ---- extreme networks
for options in "--hidden 1" "--hidden 16,16,16,16,16,16" "--hidden $(printf '2,%.0s' $(seq 62))2" "--hidden 300" "--batch 2 --hidden 3" \
    "--protocol notebook --hidden 1"; do
    rm -rf extreme
    case $options in *--batch*) norm=none ;; *) norm=none,batchnorm options="$options --batch 50" ;; esac
    run 0 $options --norm $norm --epochs 1 --save-best --out extreme
    awk -F, 'NR > 1 && $4 != "completed" { exit 1 } END { exit NR < 3 }' extreme/summary.csv || complain "$options: $(cat extreme/summary.csv)"
done
make_data one 30 10 1 1 1
refused 3 "2 or more classes" --data one --batch 30

# ---- directories that cannot be written: known before anything is trained
: >file
refused_out() {
    run 4 --batch 50 --epochs 100000 --out "$1" # would train for minutes
    [ "$(grep '^dlexp: ' err.txt | grep -vc '^dlexp: note: the tables in')" -eq 1 ] && grep -qF "$2" err.txt || complain "--out $1: $(tail -n 1 err.txt)"
    [ ! -s out.txt ] || complain "--out $1: unexpected standard output"
}
refused_out file file
refused_out file/below file
refused_out /dev/null /dev/null
[ ! -d /proc/self ] || refused_out /proc/results /proc/results
mkdir readonly && chmod a-w readonly
[ "$(id -u)" -eq 0 ] || refused_out readonly/results readonly
mkdir -p in-the-way && : >in-the-way/runs
refused_out in-the-way in-the-way/runs

# A limit on the size of files shows as an error too, and what was stored stays.
run 0 --batch 50 --epochs 1 --out limited
(failures=0; ulimit -f 1; run 4 --batch 10 --norm none --epochs 3000 --out limited; exit $failures) || complain "ulimit -f: see above"
grep -q 'File too large\|free space' err.txt || complain "ulimit -f: $(tail -n 1 err.txt)"
run 0 --batch 50 --epochs 1 --out limited
[ "$(grep -c '"computed_now":.*true' limited/run.json)" -eq 0 ] || complain "ulimit -f: runs were lost"

# ---- found by users
refused 2 "single precision" --lr 1e-60
refused 2 "single precision" --lr 1e39

# One directory, one experiment: tables of two would stand together as if they belonged so.
"$DLEXP" sgd-mean --quiet --out other >/dev/null || complain "sgd-mean failed"
cp -r other other.before
run 2 --epochs 1 --norm none --lr 0.01 --hidden 4 --batch 50 --out other
grep -q "sgd-mean" err.txt || complain "another experiment's directory: $(cat err.txt)"
diff -r other other.before >/dev/null || complain "another experiment's directory was changed"

# ---- every claim has its line: a verdict, or why there is none and what to do
# sentences: out.txt with each paragraph in one line.  answer CLAIM TEXT: the claim's holds TEXT.
sentences() {
    sed -e ':a' -e N -e '$!ba' -e 's/\n   *\([^ ]\)/ \1/g' out.txt
}
answer() {
    sentences | grep "^$1: " | grep -qF -e "$2" || complain "'$1' lacks '$2': $(cat out.txt)"
}
claims='converges faster|permits larger rates|ends better'
run 0 --epochs 1 --lr 1e-20 --hidden 4 --batch 50 --seeds 1,2 --out neither
answer 'converges faster' 'not comparable: no net learns, so that there is no target'
answer 'permits larger rates' 'not comparable: no net learns at any of these rates'
answer 'ends better' 'not comparable: neither net trains'
grep -q 'no run counts as trained: the best median, 40.98 %, is too near to chance, 34.43 %' <(sentences) || complain "T: $(cat out.txt)"
run 0 --epochs 1 --hidden 4 --batch 50 --norm batchnorm --out one-norm
for claim in 'converges faster' 'permits larger rates' 'ends better'; do
    answer "$claim" 'not comparable: the net without BatchNorm was not trained; give --norm none,batchnorm'
done
# Both nets learn these classes at every rate, at once with BatchNorm; one seed, five and eight of them.
for seeds in 1 1..5 1..8; do
    run 0 --epochs 15 --hidden 16 --batch 11 --lr 0.01,0.02 --seeds $seeds --out claims
    [ "$(grep -cE "^($claims): " out.txt)" -eq 3 ] || complain "expected three answers: $(cat out.txt)"
    [ "$(awk 'length > 82' out.txt)" = "" ] || complain "wider than 80 columns (of which ± takes 2 bytes): $(cat out.txt)"
    answer 'permits larger rates' 'not comparable: both nets train up to the largest rate; give larger ones'
    answer 'converges faster' 'where the target is met; give --eval-every '
    case $seeds in
    1..8) answer 'ends better' 'chosen on test by the other seeds.' ;;
    1..5) answer 'ends better' 'undecided: ' && answer 'ends better' 'a verdict needs 6 seeds and has 5' ;;
    1) answer 'ends better' 'no interval yet' && answer 'ends better' 'the one seed itself, which is optimistic' ;;
    esac
    [ "$seeds" = 1..8 ] || ! grep -q ': supported' out.txt || complain "$seeds: a verdict by too few seeds: $(cat out.txt)"
done
[ "$(cut -d, -f10 claims/claims.csv | paste -sd' ')" = "id faster faster faster rates better better better" ] ||
    complain "claims.csv: $(cat claims/claims.csv)"
# A small rate: the target is met late, so that epochs are near enough; judgement is by options, and changes no run.
slow() {
    run 0 --epochs 30 --hidden 16 --batch 11 --lr 0.0005,0.001 --seeds 1..8 --out slow "$@"
}
slow
answer 'converges faster' 'supported. To 93.44 % test accuracy the net without BatchNorm takes 5.03 times as many steps'
answer 'converges faster' '(99.22 % interval 3.37 to > 6, order interval and sign test, paired; p 0.023 under Holm; 8 pairs that decide, 3 failed runs among them)'
cp slow/epochs.csv epochs.csv
slow --level 0.99 --trained 60 --target 80 --margin 90 --ratio-margin 100 --json
cmp -s slow/epochs.csv epochs.csv || complain "options of judgement changed runs"
grep -q ', [1-9][0-9]* to train' err.txt && complain "options of judgement train again: $(cat err.txt)"
if command -v python3 >/dev/null; then
    python3 - <<'PYTHON' || complain "the JSON of claims: $(cat out.txt)"
import csv, json
result, run = json.load(open("out.txt")), json.load(open("slow/run.json"))
assert run["judgement"] == result["judgement"] and run["config"]["level"] == 0.99
assert {k: v for k, v in run["judgement"].items() if k not in ("blocks", "family")} == {
    "level": 0.99, "margin_points": 90, "margin_ratio": 100, "selected_on": "test", "trained_percent": 60, "target_percent": 80}
assert run["judgement"]["blocks"][0]["trained_percent"] == 60
answers = {a["id"]: a for a in result["answers"]}
assert list(answers) == ["faster", "rates", "better"]
assert all(a["sentence"].startswith((a["verdict"] + ": ", a["verdict"] + ". ")) for a in answers.values())
# T: chance 21 / 61, B = 100; the final accuracies are those of summary.csv.
better, final = answers["better"], {}
for row in csv.DictReader(open("slow/summary.csv")):
    final[row["norm"], float(row["lr"]), int(row["seed"])] = float(row["final_test_accuracy_percent"])
best = lambda norm, s: max((0.0005, 0.001), key=lambda lr: sum(final[norm, lr, o] for o in range(1, 9) if o != s))
d = [final["batchnorm", best("batchnorm", s), s] - final["none", best("none", s), s] for s in range(1, 9)]
assert abs(better["mean"] - sum(d) / 8) < 1e-9 and better["wins"] == sum(x > 1e-9 for x in d)
claims = [c for c in result["claims"] if c["lr"] is None]
assert [c["at"] for c in claims] == ["each net at its own fastest rate", "from each net's own best rate up", "each net at its own best rate"]
PYTHON
fi
# Every number again by a script of its own: with failed runs, on validation; Student's t; on test.
again() {
    run 0 --eval-every 1 --json --out again "$@"
    ! command -v python3 >/dev/null || python3 "$DLEXP_SOURCE_DIR/tests/cli/claims.py" again <out.txt || complain "claims of $*"
}
again --batch 9 --hidden 8 --epochs 12 --validation 22 --lr 0.001,0.01,0.1,1,10,100 --seeds 1..9
again --batch 11 --hidden 8 --epochs 5 --lr 0.01,0.02 --seeds 1..12
again --batch 11 --hidden 16 --epochs 8 --lr 0.02 --seeds 1..12
grep -q '"Student t, paired"' out.txt || complain "no t decides"
refused 2 --level --level 0.3
refused 2 --ratio-margin --ratio-margin 1
refused 2 --margin --margin 0
refused 2 --trained --trained 101
# Percent, above what a net reaches that names one class for all images.
refused 2 'expected more than chance' --target 2 --batch 11
refused 2 'of the test images that are of the largest class, got 0.9; give percent: 90, or leave it out' --trained 0.9 --batch 11
refused 2 'of the validation images that are of the largest class, got 0.97; give percent: 97, or leave it out' --target 0.97 --validation 20 --batch 11
run 0 --epochs 15 --hidden 16 --batch 11 --lr 0.01,0.02 --seeds 1..6 --out claims
# The interval is shown and explained, and what was chosen on the test set says so.
answer 'ends better' ' interval '
grep -q '^±: half width of the interval.*seed by seed' <(sentences) || complain "± is not explained: $(cat out.txt)"
grep -q '^rates are chosen on the test set; --validation N' out.txt || complain "rates: where they were chosen is not said: $(cat out.txt)"
"$DLEXP" help batchnorm | tr -s ' \n' ' ' >help.txt
for text in 'models, which are then optimistic' 'with the same seed' 'without --validation on the test set'; do
    grep -qF "$text" help.txt || complain "the help lacks '$text'"
done
# Runs that diverged count, and that is said.
run 0 --epochs 2 --hidden 4 --batch 50 --lr 1e30 --seeds 1..6 --out lost
grep -q '^\*: [0-9]* of 12 runs diverged and count as chance' out.txt && grep -q '0/6\*' out.txt && answer 'ends better' 'not comparable: neither net trains' ||
    complain "diverged runs are not told: $(cat out.txt)"

# ---- the notebook's accuracies are means over epochs 1..k, and are headed so
run 0 --epochs 3 --hidden 16 --batch 11 --protocol notebook --lr 0.01,0.1 --seeds 1..3 --out means
grep -q '^norm .*  test %: epoch 1  mean of epochs 1..3  best mean of epochs 1..k$' out.txt && grep -q 'of the last epoch alone' out.txt ||
    complain "notebook: the columns are not headed as what they are: $(cat out.txt)"
grep -q 'converges faster,0.1,.*the nets come to this rate already trained' means/claims.csv ||
    complain "notebook: nets that come trained: $(cat out.txt)"
grep -q 'the 11 batches of an epoch here this is not the mean' <(sentences) || complain "notebook: the loss is not explained: $(cat out.txt)"
tr -s ' \n' ' ' <err.txt | grep -q 'loss sum / 1000 .*, mean test .* of epochs 1..3' || complain "notebook: the progress: $(cat err.txt)"
run 0 --epochs 3 --hidden 16 --batch 11 --protocol notebook --lr 0.01,0.1 --seeds 1..3 --out means --json
if command -v python3 >/dev/null; then
    python3 - <<'PYTHON' || complain "notebook: the JSON: $(cat out.txt)"
import csv, json
result, run = json.load(open("out.txt")), json.load(open("means/run.json"))
assert result["protocol"] == "notebook" and result["notes"] == run["notes"]
A = {(r["norm"], float(r["lr"]), int(r["seed"]), int(r["epoch"])): float(r["test_accuracy_percent"])
     for r in csv.DictReader(open("means/epochs.csv"))}
mean = lambda values: sum(values) / 3
own = lambda norm, lr, s: 3 * A[norm, lr, s, 3] - 2 * A[norm, lr, s, 2]
near = lambda a, b: abs(a - b) < 1e-9
for row in result["results"]:
    key = row["norm"], row["lr"]
    assert "test_accuracy_percent" not in row
    assert near(row["mean_over_epochs_test_accuracy_percent"]["mean"], mean([A[(*key, s, 3)] for s in (1, 2, 3)]))
    assert near(row["last_epoch_test_accuracy_percent"]["mean"], mean([own(*key, s) for s in (1, 2, 3)]))
better = [c for c in result["claims"] if c["id"] == "better" and c["lr"] is not None]
assert [c["lr"] for c in better] == [0.01, 0.1]
for c in better:
    assert near(c["first_estimate"] - c["second_estimate"], mean([own("batchnorm", c["lr"], s) - own("none", c["lr"], s) for s in (1, 2, 3)]))
PYTHON
fi

# ---- the homework's numbers stand beside runs that are the homework's but for the seed
[ ! -e claims/published.csv ] || complain "published.csv beside data that is not the homework's"
if [ -e "$DLEXP_SOURCE_DIR/data/mnist" ]; then
    on_mnist() {
        run 0 --data "$DLEXP_SOURCE_DIR/data/mnist" --epochs 1 --out published "$@"
    }
    on_mnist --norm none --lr 0.01,0.02
    grep -q '^norm.*published' out.txt && complain "--epochs 1: the best of 15 epochs stands beside it"
    [ "$(cut -d, -f1-4 published/published.csv | tail -n +2)" = none,0.01,1,1 ] ||
        complain "--epochs 1: expected the first epoch in published.csv: $(cat published/published.csv)"
    on_mnist --protocol notebook
    [ "$(cut -d, -f1-4 published/published.csv | tail -n +2)" = "$(printf 'none,0.01,1,1\nbatchnorm,0.01,1,1')" ] ||
        complain "notebook, --epochs 1: at 0.5 the weights have another past: $(cat published/published.csv)"
    # Where a published number stands among the seeds: from epochs.csv again, by sd = sqrt(sum (x - mean)^2 / (n - 1)).
    run 0 --data "$DLEXP_SOURCE_DIR/data/mnist" --protocol notebook --epochs 1 --seeds 1..3 --out seeds
    awk -F, '
        function column(name,   i) { for (i = 1; i <= NF; i++) if ($i == name) return i; print "no column", name; exit 1 }
        function close_to(a, b) { return (a - b) ^ 2 <= (1e-6 * (b < 0 ? -b : b)) ^ 2 + 1e-24 }
        FNR == 1 && NR == 1 { x = column("test_accuracy_percent"); next }
        FNR == 1 { of = column("published_test_accuracy_percent"); at = column("test_accuracy_seeds_mean"); next }
        NR == FNR { if ($2 == 0.01 && $4 == 1) { value[$1, ++n[$1]] = $x } next }
        {
            sum = squares = below = 0
            for (i = 1; i <= n[$1]; i++) { sum += value[$1, i]; below += value[$1, i] < $of ? 1 : value[$1, i] == $of ? 0.5 : 0 }
            mean = sum / n[$1]
            for (i = 1; i <= n[$1]; i++) squares += (value[$1, i] - mean) ^ 2
            sd = sqrt(squares / (n[$1] - 1))
            good += n[$1] == 3 && close_to($at, mean) && close_to($(at + 1), sd) && close_to($(at + 4), ($of - mean) / sd) &&
                close_to($(at + 5), 100 * below / n[$1])
        }
        END { exit good != 2 }' seeds/epochs.csv seeds/published.csv ||
        complain "published.csv: its place among the seeds is not that of epochs.csv: $(cat seeds/published.csv)"
    cp published/published.csv .
    for other in "--lr 0.01 --batch 120" "--lr 0.01 --hidden 128,32" "--lr 0.01 --momentum 0.8" "--lr 0.01 --optimizer sgd" \
        "--lr 0.02" "--lr 0.01 --protocol notebook"; do
        cp published.csv published/
        on_mnist --norm none $other
        [ ! -e published/published.csv ] || complain "$other: published.csv, though this is not the homework"
        grep -q 'published\(:\|.csv\|$\)' out.txt && complain "$other: 'published' is spoken of: $(cat out.txt)"
    done
fi

# --save-best after a run without it says why it trains again, and changes no table.
run 0 --epochs 1 --lr 0.1 --norm none --hidden 4 --batch 50 --out later
cp later/summary.csv before.csv
run 0 --epochs 1 --lr 0.1 --norm none --hidden 4 --batch 50 --out later --save-best
tr -s ' \n' ' ' <err.txt | grep -q '1 of them again: .*--save-best' || complain "--save-best later: $(cat err.txt)"
cmp -s later/summary.csv before.csv || complain "--save-best later changed summary.csv"
grep -q '^models/.*chosen on the test set itself' <(sentences) || complain "--save-best: where it was chosen is not said: $(cat out.txt)"

# A full disk and a read-only one.
mkdir disk
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=256k tmpfs disk 2>/dev/null; then
    trap 'umount disk 2>/dev/null' EXIT
    refused_out disk disk
    run 0 --batch 50 --epochs 1 --norm none --lr 0.01 --hidden 4 --out disk
    dd if=/dev/zero of=disk/filler bs=1k count=500 2>/dev/null
    run 4 --batch 50 --epochs 2 --norm none --lr 0.01 --hidden 4 --out disk
    grep -q disk err.txt || complain "full disk: $(cat err.txt)"
    rm disk/filler
    run 0 --batch 50 --epochs 1 --norm none --lr 0.01 --hidden 4 --out disk
    [ "$(grep -c '"computed_now":.*true' disk/run.json)" -eq 0 ] || complain "full disk: a run was lost"
    if mount -o remount,ro disk 2>/dev/null; then
        refused_out disk disk
    fi
else
    echo "note: cannot mount a small disk, a full one is not tested here"
fi
finish
